"""Instants as the reader's clock shows them. All that is stored is in UTC, without a zone."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st
from streamlit.column_config import DatetimeColumn
from streamlit.elements.lib.column_types import ColumnConfig

FORMAT = "%Y-%m-%d %H:%M"


def zone() -> tzinfo:
    """The zone that the reader's browser says it is in; UTC where it says none that is known."""
    try:
        return ZoneInfo(st.context.timezone or "UTC")
    except (KeyError, ValueError, OSError):
        return UTC


def local(time: datetime) -> datetime:
    """An instant in the reader's zone."""
    return time.replace(tzinfo=UTC).astimezone(zone())


def as_text(time: datetime) -> str:
    """An instant in the reader's zone, which is named."""
    return f"{without_zone(time)} {zone_at(time)}"


def without_zone(time: datetime) -> str:
    """The same where its zone is said elsewhere."""
    return f"{local(time):{FORMAT}}"


def zone_at(time: datetime) -> str:
    """What the reader's zone is called at an instant, summer or winter."""
    name = f"{local(time):%Z}"
    # of many zones the name is an offset
    return name if name[:1].isalpha() else f"UTC{name}"


def as_day(time: datetime | None) -> str | None:
    """The day of an instant in the reader's zone."""
    return None if pd.isna(time) else f"{local(time):%Y-%m-%d}"


def in_utc(time: datetime) -> str:
    return f"{time:{FORMAT}} UTC"


def time_column(help: str = "", newest: datetime | None = None) -> ColumnConfig:
    """A column of instants, which says in its heading's hover what zone they are in.

    A cell has no hover of its own: the newest instant stands for all of them, in UTC as well.
    """
    said = f"{help}. In " if help else "In "
    said += "UTC." if zone() == UTC else f"the time of {zone()}."
    if not pd.isna(newest):
        said += f" The newest: {as_text(newest)}, which is {in_utc(newest)}."
    return DatetimeColumn(format="YYYY-MM-DD HH:mm", timezone=str(zone()), help=said)
