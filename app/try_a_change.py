"""Try a change: edit the rules in a draft, see whom that would move, and save them.

Source: seeds/config, drafts of it, and previews against the last build. What is published is read
for the event types that there are. Nothing is written to seeds/config before somebody saves.
"""

from __future__ import annotations

from collections import Counter

import streamlit as st

from app import access
from app.preview_shown import show_found
from app.published import plain, shown_generation
from app.rule_tables import TITLES, edit_table, table_of
from contact_scoring import config_drafts, preview_runs
from contact_scoring.config_checks import Mistake
from contact_scoring.config_drafts import Draft

HOW_TO = """
- **An event is worth more or less**: write its rule's `points`.
- **An event counts once at most**: write the same number into `points` and `max_points`, and leave
  `half_life_days` empty.
- **Three within a week are worth 10**: `points` 10, `max_points` 10, `min_times` 3,
  `expires_after_days` 7.
- **A rule ends, or a new one begins**: write `valid_to` or `valid_from`, such as 2026-12-01.
- **A new rule**: fill in the empty row below the table. **Remove one**: mark it on its left, and
  press the bin.

Point at the name of a column to read what it does.
"""


def new_draft() -> Draft:
    """A draft of the rules as they stand; the page ends where they cannot be read."""
    try:
        return config_drafts.begin()
    except SystemExit as stopped:
        st.error(str(stopped))
        st.stop()


def edit_from(draft: Draft) -> None:
    """Begin to edit what a draft holds: the tables stay the same until they are made anew."""
    st.session_state.draft = draft
    st.session_state.tables = {seed: table_of(draft.edited[seed]) for seed in TITLES}
    st.session_state.tables_made = st.session_state.get("tables_made", 0) + 1


def table_key(seed: str) -> str:
    return f"{seed} {st.session_state.tables_made}"


def open_draft() -> None:
    """Go on with the draft that the page's address names, or with this session's, or begin one."""
    asked = st.query_params.get("draft")
    draft: Draft | None = st.session_state.get("draft")
    if draft and table_key("scoring_rules") not in st.session_state:
        # Streamlit forgets what was edited in a table while another page is shown
        edit_from(draft)
    if asked and (draft is None or draft.id != asked):
        draft = config_drafts.load(asked)
        if draft is None:
            st.warning("There is no such draft any more. This is a new one.")
            del st.query_params["draft"]
        else:
            edit_from(draft)
    if draft is None or not draft.id:
        # others may have saved since
        newest = new_draft()
        if draft is None or newest.began != draft.began:
            edit_from(newest)
    if st.session_state.draft.id:
        st.query_params["draft"] = st.session_state.draft.id


def add_event_type() -> None:
    """Let an event type be chosen that nobody had; the tables are made anew for it."""
    if name := st.session_state.more_event_type.strip():
        st.session_state.setdefault("more_event_types", []).append(name)
        edit_from(st.session_state.draft)
    st.session_state.more_event_type = ""


def edit() -> dict[str, st.delta_generator.DeltaGenerator]:
    """The tables; what is edited goes into the draft. A place for mistakes below each."""
    draft: Draft = st.session_state.draft
    more = st.session_state.get("more_event_types", [])
    edited, places = {}, {}
    for tab, seed in zip(st.tabs(list(TITLES.values())), TITLES, strict=True):
        with tab:
            table = st.session_state.tables[seed]
            rows = edit_table(seed, table, table_key(seed), more)
            edited[seed] = config_drafts.with_rows(draft.began[seed], rows)
            places[seed] = st.container()
            if seed == "scoring_rules":
                st.text_input(
                    "An event type that is not in the list",
                    key="more_event_type",
                    on_change=add_event_type,
                )
    if edited != draft.edited:
        keep(Draft(draft.began, edited, draft.id, draft.revision))
    return places


def keep(draft: Draft) -> None:
    try:
        st.session_state.draft = config_drafts.store(draft)
    except config_drafts.EditedElsewhere:
        st.toast("This draft was edited in another window, too. Your last change is not in it.")
        edit_from(config_drafts.load(str(draft.id)) or new_draft())
        st.rerun()
    except OSError as error:
        st.error(f"The draft cannot be kept: {error.strerror}. A reload would lose it.")
        st.session_state.draft = draft
        return
    st.query_params["draft"] = st.session_state.draft.id


def show_mistakes(places: dict[str, st.delta_generator.DeltaGenerator]) -> list[Mistake]:
    """What a build would refuse, below the table that it is in."""
    mistakes = config_drafts.mistakes(st.session_state.draft)
    for mistake in mistakes:
        rows = ", ".join(str(row + 1) for row in mistake.rows)
        cells = [f"row {rows}"] if rows else []
        cells += [f"`{column}`" for column in mistake.columns]
        where = f"**{', '.join(cells)}** – " if cells else ""
        place = places.get(mistake.seed, st)
        place.markdown(f":red[:material/error:] {where}{plain(mistake.message)}")
    if mistakes:
        found = Counter(TITLES.get(mistake.seed, mistake.seed) for mistake in mistakes)
        st.error(
            "A build would refuse these rules: "
            + ", ".join(f"{number} in {title}" for title, number in found.items())
            + ". The line below the table says what to mend.",
            icon=":material/error:",
        )
    return mistakes


def show_changes() -> None:
    st.header("Your changes")
    draft: Draft = st.session_state.draft
    for file in config_drafts.conflicts(draft):
        st.error(
            f"`{file}` changed since this draft began, so this draft cannot be saved. Discard it, "
            "and make your changes again."
        )
    if not draft.changed:
        st.caption("None yet. Write into a table above.")
        return
    for file, rule, change in config_drafts.changes(draft):
        st.markdown(f"- {plain(file)}, **{plain(rule)}**: {plain(change)}")
    with st.expander("As git shows it"):
        st.code(config_drafts.diff(draft), language="diff")
    st.button("Discard this draft", on_click=discard, icon=":material/delete:")


def discard() -> None:
    config_drafts.discard(st.session_state.draft)
    leave_draft()


def leave_draft() -> None:
    del st.session_state.draft
    st.query_params.clear()


def begin_preview() -> None:
    window = int(st.session_state.preview_window)
    preview_runs.start(st.session_state.draft, window, shown_generation())


@st.fragment(run_every="1s")
def show_progress(run: preview_runs.Run) -> None:
    if not run.is_running:
        st.rerun()
    share = run.step / run.steps if run.steps else 0.0
    steps = f"Scoring with your rules, step {run.step} of {run.steps}"
    st.progress(share, text=steps if run.steps else "Reading the project")
    st.button("Stop", on_click=run.stop)


def show_preview(mistakes: list[Mistake]) -> None:
    st.header("Preview")
    draft: Draft = st.session_state.draft
    run = preview_runs.of(draft, shown_generation())
    is_running = run is not None and run.is_running
    st.caption(
        "Scores all contacts with your rules, beside a copy of the last build, and compares. That "
        "takes about as long as a build; nobody's score changes by it."
    )
    st.number_input(
        "Points over so many days",
        min_value=1,
        max_value=90,
        value=30,
        key="preview_window",
        help="Bands always go by the window_days of their score.",
    )
    st.button(
        "Preview" if run is None or run.found else "Try again",
        type="primary",
        disabled=bool(mistakes) or is_running,
        on_click=begin_preview,
        icon=":material/play_arrow:",
    )
    if run is None:
        return
    if run.is_running:
        show_progress(run)
        return
    if run.message:
        st.warning(plain(run.message))
    if run.found:
        if run.draft.edited != draft.edited:
            st.warning("You have edited the rules since this preview. Preview again to see both.")
        show_found(run.found)


def show_save(mistakes: list[Mistake]) -> None:
    st.header("Save")
    draft: Draft = st.session_state.draft
    if not config_drafts.may_be_saved() or not access.may_save():
        st.caption(
            (
                "Only editors save rules."
                if config_drafts.may_be_saved()
                else "Saving is switched off here (`CONTACT_SCORING_RULES_EDITABLE`)."
            )
            + " Download the edited files, and give them to whoever runs the scores: they are "
            "unpacked in the project's folder, and committed."
        )
        st.download_button(
            "Download the edited files",
            config_drafts.zipped(draft),
            file_name="edited-rules.zip",
            disabled=not draft.changed or bool(mistakes),
            on_click="ignore",
            icon=":material/download:",
        )
        return
    who = access.address() or st.text_input("Your name", key="who")
    why = st.text_input("Why do the rules change?", key="why")
    st.caption(
        "Writes the files in `seeds/config`, and a line about it in `CHANGES.md`. The next build "
        "scores with them: the one of the next tick, or `make build`."
    )
    if st.button(
        "Save",
        type="primary",
        disabled=not draft.changed or bool(mistakes),
        icon=":material/save:",
    ):
        try:
            config_drafts.save(draft, who, why)
        except config_drafts.NotSaved as error:
            st.error(f"Not saved. {error}")
            return
        leave_draft()
        st.session_state.saved = f"Saved: {', '.join(f'{seed}.csv' for seed in draft.changed)}."
        st.rerun()


def show_page() -> None:
    st.title("Try a change")
    st.markdown(
        "Edit the rules, and preview whom that would move. Nothing changes for anybody until the "
        "rules are saved and the next build scores with them. Your draft is kept: the page's "
        "address leads back to it."
    )
    if saved := st.session_state.pop("saved", None):
        st.success(f"{saved} The next build scores with these rules.")
    with st.expander("How do I …?"):
        st.markdown(HOW_TO)
    open_draft()
    mistakes = show_mistakes(edit())
    show_changes()
    show_preview(mistakes)
    show_save(mistakes)


show_page()
