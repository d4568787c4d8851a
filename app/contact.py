"""One person: why the score is what it is.

Source: the marts, for one contact; merged ones stand under the contact they were merged into.
"""

from __future__ import annotations

import altair as alt
import pandas as pd
import streamlit as st

from app.choices import choose_score, choose_window
from app.published import as_of, as_text, plain, query

EVENTS_SHOWN = 500

PEOPLE = """
    select distinct contact_id, email_address, full_name, company_name, owner, phone
    from marts.contact_scores
    where contact_id = $named or email_address = lower(trim($named))
    order by contact_id <> $named, contact_id
"""

STANDING = """
    select scores.status, scores.band, scores.last_engaged_at, active.score, active.score_rank
    from marts.contact_scores as scores
    left join marts.active_contacts as active
        on
            scores.contact_id = active.contact_id
            and scores.score_name = active.score_name
            and active.window_days = $window
    where scores.contact_id = $contact and scores.score_name = $score_name
"""

DISQUALIFICATIONS = """
    select
        event_type as "Event",
        occurrences as "Times",
        disqualified_at as "Since",
        last_event_id as "Last event",
        forfeited_score_90d as "Held back (90 days)"
    from marts.disqualified_contacts
    where contact_id = $contact
    order by disqualified_at, event_type
"""

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

DRIVERS = """
    select
        drivers.rule_id as "Rule",
        rules.description as "What for",
        drivers.times_earned as "Times",
        drivers.points + drivers.points_lost_to_cap as "Before the cap",
        drivers.points_lost_to_cap as "Lost to the cap",
        drivers.points as "Points"
    from marts.score_drivers as drivers
    left join config.scoring_rules as rules on drivers.rule_id = rules.rule_id
    where
        drivers.contact_id = $contact and drivers.score_name = $score_name
        and drivers.window_days = $window
    order by drivers.points desc, drivers.rule_id
"""

EVENTS = """
    select
        occurred_at as "When",
        event_type as "Event",
        coalesce(page_url, link_url, detail, message_id) as "What",
        rule_id as "Rule",
        points::double as "Points",
        case unearned_reason
            when 'machine' then 'no: a machine (' || machine_reason || ')'
            when 'repeat' then 'no: a repeat'
            when 'expired' then 'no: expired'
            when 'no_consent' then 'no: without consent'
            else $counted
        end as "Counted",
        event_id as "Event id"
    from marts.points_ledger
    where
        contact_id = $contact and score_name = $score_name
        and occurred_at >= $as_of::timestamp - to_days($window)
    order by occurred_at desc, event_id, rule_id
    limit $shown
"""

HISTORY = """
    select
        valid_from as "From",
        valid_to as "To",
        status as "Status",
        band as "Band",
        score_30d as "Score of 30 days"
    from marts.score_history
    where contact_id = $contact and score_name = $score_name and valid_from <= $as_of
    order by valid_from desc
"""

HANDOFFS = """
    select
        handed_off_at as "When",
        band as "To band",
        previous_band as "From band",
        score as "Score",
        owner as "Owner"
    from marts.sales_handoffs
    where contact_id = $contact and score_name = $score_name and handed_off_at <= $as_of
    order by handed_off_at desc
"""

LISTS = """
    select
        coalesce(list_name, list_id) as "List",
        score as "Score",
        score_rank as "Rank in it"
    from marts.contact_list_scores
    where contact_id = $contact and score_name = $score_name and window_days = $window
    order by list_name, list_id
"""

TIME = st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm")
NUMBER = st.column_config.NumberColumn(format="localized")
COLUMNS = {
    **dict.fromkeys(("When", "Since", "From", "To"), TIME),
    **dict.fromkeys(("Points", "Before the cap", "Lost to the cap", "Score"), NUMBER),
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
    found = query(PEOPLE, named=named.strip())
    if found.empty:
        st.warning(
            "No contact has this id, or this as its current address. One that was merged stands "
            "under the contact it was merged into; one that was deleted is nowhere."
        )
        st.stop()
    if len(found) > 1 and found["contact_id"].iloc[0] != named.strip():
        ids = ", ".join(map(plain, found["contact_id"]))
        st.warning(f"{len(found)} contacts have this address: {ids}. Name one of them by its id.")
        st.stop()
    return found.iloc[0].where(found.iloc[0].notna(), None)


def table(rows: pd.DataFrame, title: str, height: int | str = "auto") -> None:
    st.dataframe(
        rows, hide_index=True, placeholder="–", alt=title, height=height, column_config=COLUMNS
    )


def show_standing(standing: pd.Series, window: int, points: float) -> None:
    score, rank, status, band, last = st.columns(5)
    disqualified = standing["status"] == "disqualified"
    score.metric(f"Score, {window} days", number(0 if disqualified else points), border=True)
    known_rank = pd.notna(standing["score_rank"])
    rank.metric("Rank", f"{standing['score_rank']:,.0f}" if known_rank else "–", border=True)
    status.metric("Status", standing["status"], border=True)
    band.metric("Band", standing["band"] if pd.notna(standing["band"]) else "–", border=True)
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
    table(drivers, "The drivers of the score")
    total = number(drivers["Points"].sum())
    if disqualified:
        st.caption(f"They would add up to {total}. The contact is disqualified: the score is 0.")
    else:
        st.caption(f"They add up to the score: {total}.")


def show_timeline(of_score: dict[str, object], window: int, disqualified: bool) -> None:
    st.subheader("What happened, and what counted")
    events = query(
        EVENTS,
        **of_score,
        window=window,
        as_of=as_of(),
        shown=EVENTS_SHOWN,
        counted="held back: disqualified" if disqualified else "yes",
    )
    if events.empty:
        st.caption(f"No event of these {window} days matches a rule of this score.")
        return
    table(events, "Engagements in the window that match a rule, the newest first", 400)
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
    standing = query(STANDING, **of_score, window=window).iloc[0]
    disqualified = standing["status"] == "disqualified"
    drivers = query(DRIVERS, **of_score, window=window)
    if disqualified:
        st.error(
            "Disqualified: the score is 0 in every window, whatever was earned. Not to be called."
        )
        evidence = query(DISQUALIFICATIONS, contact=contact["contact_id"])
        table(evidence, "What disqualified the contact")
    show_standing(standing, window, standing["score"] if pd.notna(standing["score"]) else 0)
    by_window, by_day = query(BY_WINDOW, **of_score), query(BY_DAY, **of_score)
    if not by_window.empty:
        left, right = st.columns(2)
        with left:
            show_curve(by_window, window)
        with right:
            show_days(by_day)
    show_drivers(drivers, disqualified)
    show_timeline(of_score, window, disqualified)

    left, right = st.columns(2)
    with left:
        st.subheader("Status and band over time")
        table(query(HISTORY, **of_score, as_of=as_of()), "Spans between builds")
    with right:
        st.subheader("Lists")
        lists = query(LISTS, **of_score, window=window)
        if lists.empty:
            st.caption("In none.")
        else:
            table(lists, "The lists that the contact is in")
        st.subheader("Handed to sales")
        handoffs = query(HANDOFFS, **of_score, as_of=as_of())
        if handoffs.empty:
            st.caption(f"Not under this score up to {as_text(as_of())}.")
        else:
            table(handoffs, "Hand-offs to sales")


show_page()
