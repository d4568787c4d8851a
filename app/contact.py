"""One person: why the score is what it is.

Source: the marts, for one contact; merged ones stand under the contact they were merged into.
"""

from __future__ import annotations

from typing import Literal

import pandas as pd
import streamlit as st

from app.bands import window_of
from app.choices import choose_score, choose_window
from app.contact_charts import days_chart, named_rules, past_chart, windows_chart
from app.phones import link
from app.published import as_of, plain, query
from app.times import as_day, as_text, local, time_column, zone
from contact_scoring import questions

EVENTS_SHOWN = 500
FOUND_SHOWN = 8

# exact ones first, then names that begin with the text, or have a word that does
FOUND = """
    select
        contact_id,
        coalesce(full_name, email_address, contact_id) as name,
        company_name,
        email_address,
        contact_id = $named or email_address = $search as is_exact
    from marts.contact_scores
    where
        score_name = $score_name
        and (
            contains(lower(full_name), $search)
            or contains(email_address, $search)
            or contact_id = $named
        )
    order by
        is_exact desc,
        starts_with(lower(full_name), $search) desc,
        contains(lower(full_name), ' ' || $search) desc,
        name,
        contact_id
    limit $shown
"""

# what the disqualified would have, too
BY_WINDOW = """
    select window_days, sum(points)::double as points
    from marts.score_drivers
    where contact_id = $contact and score_name = $score_name
    group by window_days
    order by window_days
"""

# days are those of the reader's zone
BY_DAY = """
    select
        timezone($zone, timezone('UTC', occurred_at))::date as day,
        rule_id,
        sum(points)::double as points
    from marts.points_ledger
    where contact_id = $contact and score_name = $score_name and earns
    group by day, rule_id
    order by day, rule_id
"""

LISTS = """
    select
        coalesce(list_name, list_id) as list,
        score,
        score_rank
    from marts.contact_list_scores
    where contact_id = $contact and score_name = $score_name and window_days = $window
    order by list_name, list_id
"""

# an account has a row for each window; to look for all of them takes several times as long
ACCOUNT = """
    select
        accounts.account_id,
        coalesce(accounts.account_name, accounts.account_id) as account_name
    from marts.contact_scores as scores
    inner join marts.account_scores as accounts
        on scores.account_id = accounts.account_id and scores.score_name = accounts.score_name
    where
        scores.contact_id = $contact
        and scores.score_name = $score_name
        and accounts.window_days = 30
"""

TIME = time_column()
SIGNED = st.column_config.NumberColumn(format="%+.2f")
NUMBER = st.column_config.NumberColumn(format="localized")
# what people read in place of the columns' names, in this order
DISQUALIFICATION_LABELS = {
    "event_type": "Event",
    "occurrences": "Times",
    "disqualified_at": "Since",
    "last_event_id": "Last event",
    "forfeited_score_90d": "Held back (90 days)",
}
# tables begin with what a small screen has room for
DRIVER_LABELS = {
    "description": "What for",
    "points": "Points",
    "times_earned": "Times",
    "points_before_cap": "Before the cap",
    "points_lost_to_cap": "Lost to the cap",
    "rule_id": "Rule",
}
CAUSES = {
    "by_new": "New events",
    "by_late": "Late events",
    "by_expired": "Too old now",
    "by_decayed": "Faded",
    "by_owners": "Other person",
    "by_rules": "Edited rules",
}
CHANGE_LABELS = {"description": "What for", "change": "Change", **CAUSES, "rule_id": "Rule"}
FIT_LABELS = {
    "description": "What for",
    "points": "Points",
    "matched_value": "Matched value",
    "rule_id": "Rule",
}
EVENT_LABELS = {
    "occurred_at": "When",
    "event_type": "Event",
    "points": "Points",
    "counted": "Counted",
    "what": "What",
    "rule_id": "Rule",
    "event_id": "Event id",
}
HISTORY_LABELS = {
    "valid_from": "From",
    "score_30d": "Score of 30 days",
    "band": "Band",
    "status": "Status",
    "valid_to": "To",
}
HANDOFF_LABELS = {
    "handed_off_at": "When",
    "band": "To band",
    "previous_band": "From band",
    "score": "Score",
    "owner": "Owner",
}
LIST_LABELS = {"list": "List", "score": "Score", "score_rank": "Rank in it"}

COLUMNS = {
    **dict.fromkeys(("When", "Since", "From", "To"), TIME),
    **dict.fromkeys(("Points", "Before the cap", "Lost to the cap", "Score"), NUMBER),
    **dict.fromkeys(("Change", *CAUSES.values()), SIGNED),
}


def open_found(contact_id: str) -> None:
    st.query_params["contact"] = contact_id
    st.session_state.find = ""


def offer_found(named: str, score_name: str) -> None:
    """Those whose name, address or id somebody is typing; an id or an address opens at once."""
    found = query(
        FOUND,
        named=named,
        search=named.lower(),
        score_name=score_name,
        shown=FOUND_SHOWN + 1,
    )
    if found["is_exact"].sum() == 1:
        st.query_params["contact"] = found["contact_id"].iloc[0]
        return
    if found.empty:
        st.warning(
            "No contact has this in its name or its current address, or as its id. One that was "
            "merged stands under the contact it was merged into; one that was deleted is nowhere."
        )
    place = st.container(gap="xsmall")
    for contact in found.head(FOUND_SHOWN).to_dict("records"):
        said = [contact[part] for part in ("name", "company_name", "email_address", "contact_id")]
        place.button(
            # somebody without a name is called by another of these
            " · ".join(plain(part) for part in dict.fromkeys(said) if pd.notna(part)),
            key=f"found {contact['contact_id']}",
            on_click=open_found,
            args=(contact["contact_id"],),
        )
    if len(found) > FOUND_SHOWN:
        st.caption("There are more. Type some more of the name.")


def find_contact(typed: str, score_name: str) -> pd.Series:
    """The contact that is opened; the page ends with a sentence where none is.

    What is typed stays out of the address, which names the contact by its id alone.
    """
    if typed:
        offer_found(typed, score_name)
    named = st.query_params.get("contact", "").strip()
    if not named:
        if not typed:
            st.info("Find a contact by name, or open one from the page Active contacts.")
        st.stop()
    found = query(questions.PEOPLE, named=named)
    if len(found) != 1:
        st.warning(
            "No contact has the id in this page's address. Find it by its name."
            if found.empty
            else "Several contacts have this address. Find the one you mean by its name."
        )
        st.stop()
    contact = found.iloc[0].where(found.iloc[0].notna(), None)
    if named != contact["contact_id"]:
        # a link may name somebody by e-mail address: it is not to stay
        st.query_params["contact"] = contact["contact_id"]
    return contact


def table(
    rows: pd.DataFrame,
    title: str,
    labels: dict[str, str],
    height: int | Literal["auto", "content"] = "auto",
) -> None:
    if "description" in labels:
        rows = rows.assign(description=rows["description"].fillna(rows["rule_id"]))
    st.dataframe(
        rows[list(labels)].rename(columns=labels),
        hide_index=True,
        placeholder="–",
        alt=title,
        height=height,
        column_config=COLUMNS,
    )


def show_links(contact: pd.Series, of_score: dict[str, object]) -> None:
    """What leads from here to the phone, and to the account."""
    account = query(ACCOUNT, **of_score)
    with st.container(horizontal=True, vertical_alignment="center"):
        if contact["phone"]:
            st.link_button(plain(contact["phone"]), link(contact["phone"]), icon=":material/call:")
        if not account.empty:
            st.page_link(
                "accounts.py",
                label=f"Account: {plain(account['account_name'].iloc[0])}",
                icon=":material/apartment:",
                query_params={"account": account["account_id"].iloc[0]},
            )


def show_standing(
    standing: pd.Series, grades: pd.DataFrame, window: int, of_bands: int, by_window: pd.DataFrame
) -> None:
    """The figures, of which the band goes by a window of its own."""
    disqualified = standing["status"] == "disqualified"
    points = by_window.set_index("window_days")["points"]
    by = ["Grade"] if len(grades) == 1 else "Grade by " + grades["fit_score_name"]
    figures = {
        f"Score, {window} days": number(0 if disqualified else points.get(window, 0)),
        "Rank": f"{standing['score_rank']:,.0f}" if pd.notna(standing["score_rank"]) else None,
        "Status": standing["status"],
        f"Band, by {of_bands} days": standing["band"],
        **dict(zip(by, grades["grade"], strict=True)),
        "Last engaged": as_day(standing["last_engaged_at"]),
    }
    with st.container(border=True, horizontal=True, gap="medium"):
        for label, figure in figures.items():
            st.metric(label, figure if pd.notna(figure) else "–", width="content")
    if window != of_bands and not disqualified:
        st.caption(
            f"The band goes by the score of {of_bands} days, whatever window you look at: "
            f"{number(points.get(of_bands, 0))}."
        )


def show_charts(
    by_window: pd.DataFrame, by_day: pd.DataFrame, drivers: pd.DataFrame, window: int
) -> None:
    left, right = st.columns(2)
    with left:
        st.header("Score by window")
        st.altair_chart(
            windows_chart(by_window, window),
            height=260,
            alt="The score over each window from 1 to 90 days; a dashed line marks the chosen one",
        )
    with right:
        st.header("Points by day")
        rules = named_rules(by_day)
        st.altair_chart(
            days_chart(by_day, rules, local(as_of()).date()),
            # two rules a line of the legend
            height=220 + 22 * -(-rules.nunique() // 2),
            alt="Points earned on each of the last 90 days, by rule",
        )
        say_caps(drivers, window)


def show_past(of_score: dict[str, object]) -> None:
    """The score of 30 days, status and band, as they were said from build to build."""
    st.header("Score over time")
    spans = query(questions.HISTORY, **of_score, as_of=as_of())
    if len(spans) < 2:
        table(spans, "Spans between builds", HISTORY_LABELS)
        return
    picture, words = st.columns(2)
    with words:
        table(spans, "Spans between builds", HISTORY_LABELS)
    picture.altair_chart(
        past_chart(spans, as_of()),
        height=260,
        alt="The score of 30 days from build to build, the newest on the right",
    )


def number(value: float) -> str:
    return f"{value:,.2f}".rstrip("0").rstrip(".")


def show_drivers(drivers: pd.DataFrame, disqualified: bool) -> None:
    st.header("What the score is made of")
    if drivers.empty:
        st.caption("No rule was earned in this window.")
        return
    table(drivers, "The drivers of the score", DRIVER_LABELS)
    say_sum(drivers, disqualified)


def say_caps(drivers: pd.DataFrame, window: int) -> None:
    """What caps took away of points that stand here one by one."""
    lost = drivers[drivers["points_lost_to_cap"] != 0]
    if lost.empty:
        return
    by_rule = ", ".join(
        f"{plain(rule)} {number(points)}"
        for rule, points in zip(lost["rule_id"], lost["points_lost_to_cap"], strict=True)
    )
    st.caption(f"Before caps. Of these points caps took away, in the {window} days: {by_rule}.")


def say_sum(drivers: pd.DataFrame, disqualified: bool) -> None:
    total = number(drivers["points"].sum())
    if disqualified:
        st.caption(f"They would add up to {total}. The contact is disqualified: the score is 0.")
    else:
        st.caption(f"They add up to the score: {total}.")


def show_changes(of_score: dict[str, object]) -> None:
    """Why the score is not what it was in the scores before, by the causes that there are."""
    st.header("Why it changed")
    changes = query(questions.CHANGES, **of_score)
    if changes.empty:
        is_first = query(questions.BUILDS)["builds"].iloc[0] < 2
        st.caption(
            "These are the first scores: there are none to compare them with."
            if is_first
            else "Nothing changed since the scores before."
        )
        return
    absent = {cause for cause in CAUSES if not changes[cause].any()}
    shown = {column: label for column, label in CHANGE_LABELS.items() if column not in absent}
    table(changes, "What changed since the scores before", shown)
    since = as_text(changes["preceding_as_of"].iloc[0])
    st.caption(
        f"{changes['change'].sum():+,.2f} points since {since}, in the window of the bands, "
        "whether or not the contact is disqualified."
    )


def show_fit(contact_id: str, disqualified: bool) -> None:
    """How well the contact suits, by each fit score; nothing where no rule rates it."""
    scores = query(questions.FIT, contact=contact_id)
    if scores.empty:
        return
    st.header("Fit")
    for name, points, fit_band in scores.itertuples(index=False):
        with st.container(border=True, horizontal=True, gap="medium"):
            st.metric(f"Score, {name}", number(points), width="content")
            st.metric("Fit band", fit_band if pd.notna(fit_band) else "–", width="content")
        drivers = query(questions.FIT_DRIVERS, contact=contact_id, score_name=name)
        if drivers.empty:
            st.caption("No fit rule matches the contact.")
        else:
            table(drivers, f"The drivers of {name}", FIT_LABELS)
            say_sum(drivers, disqualified)


def show_timeline(
    of_score: dict[str, object], window: int, disqualified: bool, drivers: pd.DataFrame
) -> None:
    st.header("What happened, and what counted")
    events = query(
        f"{questions.EVENTS} limit $shown", **of_score, window=window, shown=EVENTS_SHOWN
    )
    if events.empty:
        st.caption(f"No event of these {window} days matches a rule of this score.")
        return
    if disqualified:
        events = events.replace({"counted": {"yes": "held back: disqualified"}})
    title = "Engagements in the window that match a rule, the newest first"
    table(events, title, EVENT_LABELS, 400 if len(events) > 10 else "content")
    say_caps(drivers, window)
    if len(events) == EVENTS_SHOWN:
        st.caption(f"The newest {EVENTS_SHOWN}; all of them are in `marts.points_ledger`.")
    st.caption(
        "An engagement stands here once for each rule it matched. A web visit without consent is "
        "nobody's, and stands with no person."
    )


def show_page() -> None:
    st.title("Contact")
    named, chosen_score, chosen_window = st.columns([2, 1, 2])
    with chosen_score:
        score_name = choose_score()
    with chosen_window:
        window = choose_window()
    with named:
        typed = st.text_input(
            "Find a contact",
            key="find",
            type="search",
            live="300ms",
            placeholder="Name, e-mail address or contact id",
        )
    contact = find_contact((typed or "").strip(), score_name)

    name = contact["full_name"] or contact["email_address"] or contact["contact_id"]
    st.header(plain(name))
    described = [contact[part] for part in ("company_name", "email_address")]
    described += [f"owner: {contact['owner']}" if contact["owner"] else None]
    st.text(" · ".join([part for part in [*described, contact["contact_id"]] if part]))

    of_score = {"contact": contact["contact_id"], "score_name": score_name}
    show_links(contact, of_score)
    grades = query(questions.GRADES, **of_score)
    standings = query(questions.STANDINGS, contact=contact["contact_id"], window=window)
    standing = standings[standings["score_name"] == score_name].iloc[0]
    disqualified = standing["status"] == "disqualified"
    drivers = query(questions.DRIVERS, **of_score, window=window)
    if disqualified:
        st.error(
            "Disqualified: the score is 0 in every window, whatever was earned. Not to be called."
        )
        evidence = query(questions.DISQUALIFICATIONS, contact=contact["contact_id"])
        table(evidence, "What disqualified the contact", DISQUALIFICATION_LABELS)
    by_window = query(BY_WINDOW, **of_score)
    by_day = query(BY_DAY, **of_score, zone=str(zone()))
    show_standing(standing, grades, window, window_of(score_name), by_window)
    if not by_window.empty:
        show_charts(by_window, by_day, drivers, window)
    show_drivers(drivers, disqualified)
    show_changes(of_score)
    show_past(of_score)
    show_fit(contact["contact_id"], disqualified)
    show_timeline(of_score, window, disqualified, drivers)

    left, right = st.columns(2)
    with left:
        st.header("Lists")
        lists = query(LISTS, **of_score, window=window)
        if lists.empty:
            st.caption("In none.")
        else:
            table(lists, "The lists that the contact is in", LIST_LABELS)
    with right:
        st.header("Handed to sales")
        handoffs = query(questions.HANDOFFS, **of_score, as_of=as_of())
        if handoffs.empty:
            st.caption(f"Not under this score up to {as_text(as_of())}.")
        else:
            graded = {"grade": "Grade"} if handoffs["grade"].notna().any() else {}
            table(handoffs, "Hand-offs to sales", HANDOFF_LABELS | graded)


show_page()
