"""The tables in which rules are edited: what a column is for, and what may be chosen in it."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st
import yaml

from app.published import query
from contact_scoring import config_checks, config_drafts, config_files

TITLES = {
    "scoring_rules": "Rules",
    "scoring_rule_conditions": "Further conditions",
    "score_bands": "Bands",
    "fit_rules": "Fit",
    "lead_grades": "Grades",
    "disqualification_rules": "Disqualification",
    "machine_user_agents": "Machines",
}
# what a rule is worth stands beside its name; all others follow
FIRST = ("points", "max_points", "half_life_days", "min_times", "expires_after_days")
TRUE_OR_FALSE = ["true", "false"]
FIELDS = ["link_url", "page_url", "campaign_id", "detail"]
FIT_OPERATORS = ["is_known", "is_unknown", "at_least", "at_most"]
EVENT_TYPES = "select distinct event_type from marts.points_ledger order by event_type"


@st.cache_resource(show_spinner=False)
def descriptions() -> dict[str, dict[str, str]]:
    """What each column of each file is for, as the reference has it."""
    described = yaml.safe_load((config_files.FOLDER / "_config.yml").read_text("utf-8"))
    return {
        seed["name"]: {column["name"]: column["description"] for column in seed["columns"]}
        for seed in described["seeds"]
    }


@st.cache_resource(show_spinner=False)
def known() -> dict[str, list[str]]:
    """What the checks know: operators and event types."""
    macros = config_checks.Project().macros
    events = [*macros["event_types"]("email_events"), *macros["event_types"]("web_events")]
    return {"operators": macros["match_operators"](), "event_types": events}


def choices(seed: str, more_event_types: list[str]) -> dict[str, list[str]]:
    """What may be chosen in the columns of a file, where it is known."""
    read = list(query(EVENT_TYPES)["event_type"].dropna())
    operators = known()["operators"]
    return {
        "event_type": [*known()["event_types"], *read, *more_event_types],
        "match_field": FIELDS,
        "match_operator": [*operators, *(FIT_OPERATORS if seed == "fit_rules" else ())],
        "counts_repeats": TRUE_OR_FALSE,
        "is_sales_ready": TRUE_OR_FALSE,
        "applies_to": ["current_address", "contact"],
    }


def table_of(text: str) -> pd.DataFrame:
    """The rows of a file, cells as they are written."""
    cells = pd.DataFrame(
        config_drafts.rows(text), columns=config_drafts.header(text), dtype="string"
    )
    return cells.mask(cells == "")


def column_config(seed: str, table: pd.DataFrame, more_event_types: list[str]) -> dict[str, Any]:
    """Columns of text: the checks say what is wrong in them, in the words of the build."""
    options, described = choices(seed, more_event_types), descriptions()[seed]
    config = {}
    for place, column in enumerate(table.columns):
        common: dict[str, Any] = {"help": described.get(column), "pinned": place == 0}
        if column in options:
            # what a file holds may be kept, even where it is a mistake
            listed = dict.fromkeys([*options[column], *table[column].dropna()])
            config[column] = st.column_config.SelectboxColumn(options=list(listed), **common)
        else:
            config[column] = st.column_config.TextColumn(**common)
    return config


def edit_table(
    seed: str, table: pd.DataFrame, key: str, more_event_types: list[str]
) -> list[tuple[str, ...]]:
    """A table to edit; the cells of its rows as they are then."""
    first = [table.columns[0], *(column for column in FIRST if column in table.columns)]
    edited = st.data_editor(
        table,
        key=key,
        num_rows="dynamic",
        height="content",
        placeholder="",
        alt=f"{TITLES[seed]}, to edit",
        column_order=list(dict.fromkeys([*first, *table.columns])),
        column_config=column_config(seed, table, more_event_types),
    )
    rows = edited.astype(object).where(edited.notna(), "")
    return [tuple(map(str, cells)) for cells in rows.itertuples(index=False)]
