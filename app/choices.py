"""What a person chooses on more than one page; it stays in the address from page to page."""

import streamlit as st

from app.published import query

SCORE_NAMES = """
    select distinct score_name
    from marts.contact_scores
    order by score_name <> 'engagement', score_name
"""


DEFAULT_WINDOW = 30  # days


def choose_window() -> int:
    """The window in days, 1 to 90."""
    return st.slider(
        "Window in days",
        min_value=1,
        max_value=90,
        value=DEFAULT_WINDOW,
        key="window",
        bind="query-params",
        help="Points earned in so many days before the scores' instant.",
    )


def choose_score() -> str:
    """The score name; the page ends with a sentence where there is none."""
    names = list(query(SCORE_NAMES)["score_name"])
    if not names:
        st.info(
            "Nobody is scored yet: the raw table `contacts` has no contact that is not deleted."
        )
        st.stop()
    return str(st.selectbox("Score", names, key="score", bind="query-params"))
