"""Whether the scores can be trusted today: how old, from what, and what the last build changed.

Source: marts.scoring_status, marts.rejected_events, marts.score_history and the manifest.
"""

from __future__ import annotations

import streamlit as st

from app.choices import DEFAULT_WINDOW
from app.published import age, next_update, query, shown_generation
from app.times import in_utc, time_column, without_zone, zone_at
from contact_scoring import questions

ROWS = """
    select
        source as "Raw table",
        rows_read as "Rows read",
        engagements as "Engagements",
        duplicates as "Duplicates",
        rejected as "Rejected",
        erased as "Erased",
        newest_received_at as "Newest received"
    from marts.scoring_status
    order by source
"""

REJECTED = """
    select reason as "Reason", source as "Raw table", count(*) as "Rows"
    from marts.rejected_events
    group by reason, source
    order by "Rows" desc, reason, source
"""

# a contact's span that ends where another begins is a move; one that only begins is a new contact
MOVES = """
    with newest as (
        select * from marts.score_history where valid_from = $as_of
    ),

    ended as (
        select * from marts.score_history where valid_to = $as_of
    ),

    moves as (
        select
            coalesce(newest.score_name, ended.score_name) as score_name,
            newest.band as entered,
            ended.band as left_behind
        from newest
        full join ended
            on newest.contact_id = ended.contact_id and newest.score_name = ended.score_name
        where newest.band is distinct from ended.band
    )

    select
        bands.score_name as "Score",
        bands.band as "Band",
        count(*) filter (where moves.entered = bands.band) as "Entered",
        count(*) filter (where moves.left_behind = bands.band) as "Left"
    from config.score_bands as bands
    left join moves on bands.score_name = moves.score_name
    -- those of fit have no window, and no history
    where bands.window_days is not null
    group by bands.score_name, bands.band, bands.min_score
    order by bands.score_name, bands.min_score desc
"""

STATUSES = f"""
    with in_list as (
        select score_name, count(*) as contacts
        from marts.active_contacts
        where window_days = {DEFAULT_WINDOW}
        group by score_name
    )

    select
        scores.score_name as "Score",
        count(*) filter (where scores.status = 'active') as "Active",
        coalesce(any_value(in_list.contacts), 0) as "Of these in {DEFAULT_WINDOW} days",
        count(*) filter (where scores.status = 'inactive') as "Inactive",
        count(*) filter (where scores.status = 'disqualified') as "Disqualified"
    from marts.contact_scores as scores
    left join in_list on scores.score_name = in_list.score_name
    group by scores.score_name
    order by scores.score_name
"""

HANDOFFS = "select count(*) as handoffs from marts.sales_handoffs where handed_off_at = $as_of"

RULES = {
    "Newest received": time_column(),
    **dict.fromkeys(
        ("Rows read", "Engagements", "Duplicates", "Rejected", "Erased", "Rows"),
        st.column_config.NumberColumn(format="localized"),
    ),
}


def show_moves(as_of: object) -> None:
    st.header("Who moved")
    if query(questions.BUILDS)["builds"].iloc[0] < 2:
        st.caption("This is the first one: there is nothing to compare it with yet.")
        return
    (handoffs,) = query(HANDOFFS, as_of=as_of)["handoffs"]
    st.dataframe(query(MOVES, as_of=as_of), hide_index=True, alt="Bands entered and left")
    st.caption(f"Contacts that came into a band, or left it. New hand-offs to sales: {handoffs:,}.")


def show_page() -> None:
    st.title("Status")
    generation = shown_generation()
    manifest = generation.manifest
    figures = {"Scores of": generation.as_of}
    if not generation.is_demo:
        figures["Next update"] = next_update(generation)
    with st.container(border=True, horizontal=True, gap="medium"):
        for label, time in figures.items():
            st.metric(
                f"{label} ({zone_at(time)})",
                without_zone(time),
                width="content",
                help=in_utc(time),
            )
        st.metric("Age", age(generation), width="content")

    st.header("Contacts")
    st.dataframe(query(STATUSES), hide_index=True, alt="Contacts by score and status")
    st.caption(
        "Active is who earned a point in the last 90 days. The page Active contacts shows fewer: "
        f"who earned one in the window chosen there, which is {DEFAULT_WINDOW} days at first, and "
        "has the minimum score."
    )
    show_moves(generation.as_of)

    st.header("Rows")
    st.dataframe(query(ROWS), hide_index=True, alt="Rows by raw table", column_config=RULES)
    st.caption("Rows read = engagements + duplicates + rejected + erased, tested at each build.")
    st.header("Rejected rows")
    rejected = query(REJECTED)
    if rejected.empty:
        st.caption("None: every row that was read could count.")
    else:
        st.dataframe(rejected, hide_index=True, alt="Rejected rows by reason")
        st.caption("Each of them, with its fields, is in `marts.rejected_events`.")

    st.header("Where it comes from")
    st.code(
        f"published {manifest['published_at']}\n"
        f"project   {manifest['git_revision'] or 'outside a clone'}\n"
        f"rules     {manifest['rules'][:12]}\n"
        f"file      {generation.database}",
        language=None,
        wrap_lines=True,
    )


show_page()
