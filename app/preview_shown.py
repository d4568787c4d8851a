"""What a preview found: who moves, which bands they leave and enter, what rules match, one contact.

Source: the tables of a preview, by contact_scoring/preview_found.py.
"""

from __future__ import annotations

from typing import Any

import duckdb
import pandas as pd
import streamlit as st

from app.published import plain
from contact_scoring.preview_found import MOST_MOVED

SHOWN = 200  # contacts, of which as many can be compared

SCORES = """
    select
        score_name as "Score",
        count(*) filter (where score_change > 0) as "Rise",
        count(*) filter (where score_change < 0) as "Fall",
        count(*) filter (where band_before is distinct from band_after) as "Other band",
        count(*) filter (where grade_before is distinct from grade_after) as "Other grade",
        count(*) filter (where becomes_ready) as "New sales-ready",
        count(*) filter (where ceases_ready) as "No longer sales-ready",
        count(*) filter (where status_before is distinct from status_after) as "Other status"
    from moves
    group by score_name
    order by score_name <> 'engagement', score_name
"""

BANDS = """
    select
        score_name as "Score",
        band as "Band",
        contacts_before as "Contacts now",
        entering as "In",
        leaving as "Out",
        contacts_after as "Contacts then"
    from bands
    where score_name in (select score_name from moves)
    order by score_name <> 'engagement', score_name, min_score desc nulls last
"""

MOVES = """
    select
        contact_id,
        name as "Contact",
        company_name as "Company",
        score_name as "Score",
        score_before::double as "Points now",
        score_after::double as "Points then",
        score_change::double as "Change",
        band_before as "Band now",
        band_after as "Band then",
        grade_before as "Grade now",
        grade_after as "Grade then",
        rank_before as "Rank now",
        rank_after as "Rank then",
        status_before as "Status now",
        status_after as "Status then"
    from moves
    where {condition}
    order by {most_moved}
    limit $shown
"""

RULES = """
    select
        rule_id as "Rule",
        events_before as "Events now",
        events_after as "Events then",
        earning_before as "Earn now",
        earning_after as "Earn then",
        contacts_before as "Contacts now",
        contacts_after as "Contacts then",
        points_before as "Points now",
        points_after as "Points then"
    from rules
"""

ONE = """
    select * from moves
    where contact_id = $contact_id
    order by score_name <> 'engagement', score_name
"""

DRIVERS = """
    select
        score_name as "Score",
        rule_id as "Rule",
        times_before as "Times now",
        times_after as "Times then",
        points_before as "Points now",
        points_after as "Points then"
    from drivers
    where contact_id = $contact_id
    order by
        score_name <> 'engagement',
        score_name,
        abs(coalesce(points_after, 0) - coalesce(points_before, 0)) desc,
        rule_id
"""


def query(found: duckdb.DuckDBPyConnection, sql: str, **parameters: object) -> pd.DataFrame:
    with found.cursor() as cursor:
        return cursor.execute(sql, parameters).df()


def numbers(table: pd.DataFrame) -> dict[str, Any]:
    """How the numbers of a table are written."""
    columns = table.select_dtypes("number").columns
    return {column: st.column_config.NumberColumn(format="localized") for column in columns}


def show_table(table: pd.DataFrame, title: str) -> None:
    st.dataframe(
        table,
        hide_index=True,
        placeholder="–",
        alt=title,
        column_config=numbers(table),
    )


def show_found(found: duckdb.DuckDBPyConnection) -> None:
    for (remark,) in query(found, "from remarks").itertuples(index=False):
        st.markdown(f"- {plain(remark)}")
    scores = query(found, SCORES)
    if scores.empty:
        st.info("No contact's score, band, grade or status would change.")
    else:
        st.markdown("**How many contacts move**")
        show_table(scores, "Contacts that move, by score")
        bands = query(found, BANDS)
        st.markdown("**In and out of each band**")
        show_table(bands, "Contacts in and out of each band")
        show_moves(found, bands)
    st.markdown("**What each rule matches, in the last 90 days**")
    show_table(query(found, RULES), "Events matched by each rule, now and then")


def show_moves(found: duckdb.DuckDBPyConnection, bands: pd.DataFrame) -> None:
    st.markdown("**Who moves**")
    conditions = {
        "Everybody": "true",
        "Becomes sales-ready": "becomes_ready",
        "No longer sales-ready": "ceases_ready",
    }
    places: dict[str, dict[str, object]] = {}
    for score_name, band in bands[["Score", "Band"]].itertuples(index=False):
        for name, side, other in (("Into", "after", "before"), ("Out of", "before", "after")):
            group = f"{name} {band} of {score_name}"
            conditions[group] = (
                f"band_{side} = $band and band_{other} is distinct from $band "
                "and score_name = $score_name"
            )
            places[group] = {"band": band, "score_name": score_name}
    group = st.selectbox("Show", list(conditions), key="moves_shown")
    moves = query(
        found,
        MOVES.format(condition=conditions[group], most_moved=MOST_MOVED),
        shown=SHOWN,
        **places.get(group, {}),
    )
    show_table(moves.drop(columns="contact_id"), "Who moves")
    if len(moves) == SHOWN:
        st.caption(f"The first {SHOWN}, those first who change their band or grade.")
    labels = dict(zip(moves["contact_id"], moves["Contact"], strict=True))
    chosen = st.selectbox(
        "Compare one contact",
        list(labels),
        index=None,
        placeholder="Name",
        format_func=lambda contact: f"{labels[contact]} ({contact})",
    )
    if chosen:
        show_contact(found, chosen)


def show_contact(found: duckdb.DuckDBPyConnection, contact_id: str) -> None:
    """One contact now and then, in each score in which something changes."""
    for move in query(found, ONE, contact_id=contact_id).itertuples(index=False):
        for column, (what, now, then) in zip(
            st.columns(3),
            (
                (f"Points, {move.score_name}", move.score_before, move.score_after),
                ("Band", move.band_before, move.band_after),
                ("Grade", move.grade_before, move.grade_after),
            ),
            strict=True,
        ):
            column.metric(what, f"{worded(now)} → {worded(then)}", border=True)
    drivers = query(found, DRIVERS, contact_id=contact_id)
    show_table(drivers, "What the contact's points are made of, now and then")


def worded(value: Any) -> str:
    if value is None or pd.isna(value):
        return "–"
    return f"{value:g}" if isinstance(value, float) else plain(str(value))
