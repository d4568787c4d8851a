"""One person: why the score is what it is.

Source: the marts, for one contact; merged ones stand under the contact they were merged into.
"""

from __future__ import annotations

from typing import Literal

import altair as alt
import pandas as pd
import streamlit as st

from app.choices import choose_score, choose_window
from app.published import as_of, as_text, plain, query
from contact_scoring import questions

EVENTS_SHOWN = 500

# what the disqualified would have, too
BY_WINDOW = """
    select window_days, sum(points)::double as points
    from marts.score_drivers
    where contact_id = $contact and score_name = $score_name
    group by window_days
    order by window_days
"""

BY_DAY = """
    select occurred_at::date as day, rule_id, sum(points)::double as points
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

ACCOUNT = """
    select distinct
        accounts.account_id,
        coalesce(accounts.account_name, accounts.account_id) as account_name
    from marts.contact_scores as scores
    inner join marts.account_scores as accounts
        on scores.account_id = accounts.account_id and scores.score_name = accounts.score_name
    where scores.contact_id = $contact and scores.score_name = $score_name
"""

TIME = st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm")
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
DRIVER_LABELS = {
    "rule_id": "Rule",
    "description": "What for",
    "times_earned": "Times",
    "points_before_cap": "Before the cap",
    "points_lost_to_cap": "Lost to the cap",
    "points": "Points",
}
CHANGE_LABELS = {
    "rule_id": "Rule",
    "description": "What for",
    "by_new": "New events",
    "by_late": "Late events",
    "by_expired": "Too old now",
    "by_decayed": "Faded",
    "by_owners": "Other person",
    "by_rules": "Edited rules",
    "change": "Change",
}
FIT_LABELS = {
    "rule_id": "Rule",
    "description": "What for",
    "matched_value": "Matched value",
    "points": "Points",
}
EVENT_LABELS = {
    "occurred_at": "When",
    "event_type": "Event",
    "what": "What",
    "rule_id": "Rule",
    "points": "Points",
    "counted": "Counted",
    "event_id": "Event id",
}
HISTORY_LABELS = {
    "valid_from": "From",
    "valid_to": "To",
    "status": "Status",
    "band": "Band",
    "score_30d": "Score of 30 days",
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
    **dict.fromkeys(list(CHANGE_LABELS.values())[2:], SIGNED),
}


def find_contact() -> pd.Series:
    """The contact that is named by id or address; the page ends with a sentence where none is."""
    named = st.text_input(
        "Contact", key="contact", bind="query-params", placeholder="Contact id or e-mail address"
    )
    if not named or not named.strip():
        st.info(
            "Name a contact by id or e-mail address, or open one from the page Active contacts."
        )
        st.stop()
    found = query(questions.PEOPLE, named=named.strip())
    if found.empty:
        st.warning(
            "No contact has this id, or this as its current address. One that was merged stands "
            "under the contact it was merged into; one that was deleted is nowhere."
        )
        st.stop()
    if len(found) > 1:
        ids = ", ".join(map(plain, found["contact_id"]))
        st.warning(f"{len(found)} contacts have this address: {ids}. Name one of them by its id.")
        st.stop()
    return found.iloc[0].where(found.iloc[0].notna(), None)


def table(
    rows: pd.DataFrame,
    title: str,
    labels: dict[str, str],
    height: int | Literal["auto"] = "auto",
) -> None:
    st.dataframe(
        rows[list(labels)].rename(columns=labels),
        hide_index=True,
        placeholder="–",
        alt=title,
        height=height,
        column_config=COLUMNS,
    )


def show_account(of_score: dict[str, object]) -> None:
    account = query(ACCOUNT, **of_score)
    if not account.empty:
        st.page_link(
            "accounts.py",
            label=f"Account: {plain(account['account_name'].iloc[0])}",
            icon=":material/apartment:",
            query_params={"account": account["account_id"].iloc[0]},
        )


def show_standing(standing: pd.Series, grades: pd.DataFrame, window: int, points: float) -> None:
    # a date is longer than the rest
    score, rank, status, band, *graded, last = st.columns([2] * (4 + len(grades)) + [3])
    disqualified = standing["status"] == "disqualified"
    score.metric(f"Score, {window} days", number(0 if disqualified else points), border=True)
    known_rank = pd.notna(standing["score_rank"])
    rank.metric("Rank", f"{standing['score_rank']:,.0f}" if known_rank else "–", border=True)
    status.metric("Status", standing["status"], border=True)
    band.metric("Band", standing["band"] if pd.notna(standing["band"]) else "–", border=True)
    by = ["Grade"] if len(grades) == 1 else "Grade by " + grades["fit_score_name"]
    for place, label, grade in zip(graded, by, grades["grade"], strict=True):
        place.metric(label, grade, border=True)
    engaged = standing["last_engaged_at"]
    last.metric("Last engaged", f"{engaged:%Y-%m-%d}" if pd.notna(engaged) else "–", border=True)


def show_curve(by_window: pd.DataFrame, window: int) -> None:
    st.subheader("Score by window")
    curve = (
        alt.Chart(by_window)
        .mark_line(interpolate="step-after")
        .encode(
            x=alt.X("window_days:Q", title="window in days", scale=alt.Scale(domain=[1, 90])),
            y=alt.Y("points:Q", title="points"),
            tooltip=[alt.Tooltip("window_days", title="days"), alt.Tooltip("points")],
        )
    )
    chosen = alt.Chart(pd.DataFrame({"window_days": [window]})).mark_rule(strokeDash=[4, 4])
    st.altair_chart(
        curve + chosen.encode(x="window_days:Q"),
        height=260,
        alt="The score over each window from 1 to 90 days; a dashed line marks the chosen one",
    )


def show_days(by_day: pd.DataFrame) -> None:
    st.subheader("Points by day")
    days = pd.Timestamp(as_of()).normalize() - pd.to_timedelta([90, 0], unit="D")
    bars = (
        alt.Chart(by_day)
        .mark_bar()
        .encode(
            x=alt.X("day:T", title=None, scale=alt.Scale(domain=[str(day) for day in days])),
            y=alt.Y("points:Q", title="points"),
            color=alt.Color("rule_id:N", title=None, legend=alt.Legend(orient="bottom")),
            tooltip=["day:T", "rule_id", "points"],
        )
    )
    st.altair_chart(bars, height=260, alt="Points earned on each of the last 90 days, by rule")


def number(value: float) -> str:
    return f"{value:,.2f}".rstrip("0").rstrip(".")


def show_drivers(drivers: pd.DataFrame, disqualified: bool) -> None:
    st.subheader("What the score is made of")
    if drivers.empty:
        st.caption("No rule was earned in this window.")
        return
    table(drivers, "The drivers of the score", DRIVER_LABELS)
    say_sum(drivers, disqualified)


def say_sum(drivers: pd.DataFrame, disqualified: bool) -> None:
    total = number(drivers["points"].sum())
    if disqualified:
        st.caption(f"They would add up to {total}. The contact is disqualified: the score is 0.")
    else:
        st.caption(f"They add up to the score: {total}.")


def show_changes(of_score: dict[str, object]) -> None:
    """Why the score is not what it was in the scores before, by the causes that there are."""
    st.subheader("Why it changed")
    changes = query(questions.CHANGES, **of_score)
    if changes.empty:
        st.caption("Nothing changed since the scores before, or there were none to compare with.")
        return
    causes = [cause for cause in CHANGE_LABELS if cause.startswith("by_") and changes[cause].any()]
    shown = ["rule_id", "description", *causes, "change"]
    title = "What changed since the scores before"
    table(changes, title, {column: CHANGE_LABELS[column] for column in shown})
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
    st.subheader("Fit")
    for name, points, fit_band in scores.itertuples(index=False):
        score, band, *_ = st.columns(5)
        score.metric(f"Score, {name}", number(points), border=True)
        band.metric("Fit band", fit_band if pd.notna(fit_band) else "–", border=True)
        drivers = query(questions.FIT_DRIVERS, contact=contact_id, score_name=name)
        if drivers.empty:
            st.caption("No fit rule matches the contact.")
        else:
            table(drivers, f"The drivers of {name}", FIT_LABELS)
            say_sum(drivers, disqualified)


def show_timeline(of_score: dict[str, object], window: int, disqualified: bool) -> None:
    st.subheader("What happened, and what counted")
    events = query(
        f"{questions.EVENTS} limit $shown", **of_score, window=window, shown=EVENTS_SHOWN
    )
    if events.empty:
        st.caption(f"No event of these {window} days matches a rule of this score.")
        return
    if disqualified:
        events = events.replace({"counted": {"yes": "held back: disqualified"}})
    title = "Engagements in the window that match a rule, the newest first"
    table(events, title, EVENT_LABELS, 400)
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
        contact = find_contact()

    name = contact["full_name"] or contact["email_address"] or contact["contact_id"]
    st.header(plain(name))
    described = [contact[part] for part in ("company_name", "email_address", "phone")]
    described += [f"owner: {contact['owner']}" if contact["owner"] else None]
    st.text(" · ".join([part for part in [*described, contact["contact_id"]] if part]))

    of_score = {"contact": contact["contact_id"], "score_name": score_name}
    show_account(of_score)
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
    points = standing["score"] if pd.notna(standing["score"]) else 0
    show_standing(standing, grades, window, points)
    by_window, by_day = query(BY_WINDOW, **of_score), query(BY_DAY, **of_score)
    if not by_window.empty:
        left, right = st.columns(2)
        with left:
            show_curve(by_window, window)
        with right:
            show_days(by_day)
    show_drivers(drivers, disqualified)
    show_changes(of_score)
    show_fit(contact["contact_id"], disqualified)
    show_timeline(of_score, window, disqualified)

    left, right = st.columns(2)
    with left:
        st.subheader("Status and band over time")
        table(
            query(questions.HISTORY, **of_score, as_of=as_of()),
            "Spans between builds",
            HISTORY_LABELS,
        )
    with right:
        st.subheader("Lists")
        lists = query(LISTS, **of_score, window=window)
        if lists.empty:
            st.caption("In none.")
        else:
            table(lists, "The lists that the contact is in", LIST_LABELS)
        st.subheader("Handed to sales")
        handoffs = query(questions.HANDOFFS, **of_score, as_of=as_of())
        if handoffs.empty:
            st.caption(f"Not under this score up to {as_text(as_of())}.")
        else:
            graded = {"grade": "Grade"} if handoffs["grade"].notna().any() else {}
            table(handoffs, "Hand-offs to sales", HANDOFF_LABELS | graded)


show_page()
