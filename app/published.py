"""The published scores, as the pages read them: read-only, and following what is published."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime

import duckdb
import pandas as pd
import streamlit as st

from app.times import as_text
from contact_scoring.freshness import TICK, grace, is_stale
from contact_scoring.publishing import Generation, current_generation, published_path
from contact_scoring.warehouse import NO_DOWNLOADS, Settings

SETTINGS: Settings = NO_DOWNLOADS | {
    "memory_limit": os.environ.get("CONTACT_SCORING_MEMORY_LIMIT", "3GB"),
    # beside a published file nothing is written
    "temp_directory": "",
}


@st.cache_resource(max_entries=2, show_spinner=False)
def opened(database: str) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(database, read_only=True, config=SETTINGS)


def follow() -> None:
    """Let this run of a page show what is published now."""
    generation, before = current_generation(), st.session_state.get("generation")
    if before not in (None, generation):
        # of a contact deleted since, nothing is kept
        fetched.clear()
        if generation:
            st.toast(f"New scores: {as_text(generation.as_of)}", icon=":material/update:")
    st.session_state.generation = generation


def readable_generation() -> Generation:
    """What this run shows; where there is nothing to show, a sentence, and the run ends."""
    if st.session_state.generation is None:
        st.title("Nothing is published yet")
        st.info(
            f"There is no generation in `{published_path()}`. `make build` scores the contacts "
            "and publishes; this page shows them as soon as it has."
        )
        st.stop()
    generation = shown_generation()
    try:
        query("select change from marts.score_changes limit 0")
    except (duckdb.CatalogException, duckdb.BinderException):
        st.title("The published scores are of an earlier version")
        st.info("They were published before these pages were made. `make build` publishes anew.")
        st.stop()
    except duckdb.Error:
        st.title("The published scores cannot be read")
        st.error(
            f"`{generation.database}` is damaged, or this user may not read it. `make build` "
            "publishes anew."
        )
        st.stop()
    return generation


def query(sql: str, **parameters: object) -> pd.DataFrame:
    """Rows of the generation that this run of the page shows."""
    return fetched(str(shown_generation().database), sql, parameters)


@st.cache_data(max_entries=500, ttl="1h", show_spinner=False)
def fetched(database: str, sql: str, parameters: dict[str, object]) -> pd.DataFrame:
    with opened(database).cursor() as cursor:
        return cursor.execute(sql, parameters).df()


def shown_generation() -> Generation:
    """What readable_generation has found to show."""
    generation: Generation = st.session_state.generation
    return generation


def as_of() -> datetime:
    return shown_generation().as_of


def plain(text: str) -> str:
    """Text of a CRM where Markdown is read: it formats nothing there, and loads no picture."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", text)


def age(generation: Generation) -> str:
    """How long ago its as-of was, as people say it."""
    hours = (datetime.now(UTC) - generation.as_of.replace(tzinfo=UTC)).total_seconds() / 3600
    if abs(hours) < 48:
        return f"{hours:.0f} hours"
    return f"{hours / 24:.0f} days"


def next_update(generation: Generation) -> datetime:
    """When the next tick is, from now on if scores were missed."""
    missed = (datetime.now(UTC).replace(tzinfo=None) - generation.as_of) // TICK
    return generation.as_of + (max(missed, 0) + 1) * TICK


def say_if_stale(generation: Generation) -> None:
    """A notice to the reader where another tick should have replaced these scores by now."""
    now = datetime.now(UTC)
    if not is_stale(generation, now):
        return
    if generation.is_demo:
        st.warning(
            f"An example, as of {as_text(generation.as_of)}. It is not updated.",
            icon=":material/schedule:",
        )
        return
    st.warning(
        f"These scores are {age(generation)} old, and what happened since does not count yet. The "
        f"next update is due at {as_text(next_update(generation))}. Tell whoever runs the scores.",
        icon=":material/schedule:",
    )
    with st.expander("For whoever runs them"):
        st.markdown(
            f"Newer scores were due by {as_text(generation.as_of + TICK + grace())}. "
            "`make check-freshness` and Dagster say what is wrong."
        )
