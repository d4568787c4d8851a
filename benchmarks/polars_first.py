"""The script people write first: one 30-day table of scores from the Parquet files, with polars.

Copies of an id within the 30 days are dropped. Nothing else is looked at: an open that repeats
counts again, a merged contact stays by itself.

python benchmarks/polars_first.py RAW AS_OF RESULT.parquet
"""

from __future__ import annotations

import sys
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl

WINDOW = timedelta(days=30)


def scores(raw: Path, as_of: datetime) -> pl.LazyFrame:
    contacts = pl.scan_parquet(raw / "contacts.parquet")
    identities = pl.scan_parquet(raw / "identities.parquet")
    email = (
        pl.scan_parquet(raw / "email_events" / "*.parquet")
        .filter(pl.col("event_type").is_in(["email_open", "email_click"]) & ~pl.col("is_machine"))
        .join(contacts, on="email_address")
    )
    web = (
        pl.scan_parquet(raw / "web_events" / "*.parquet")
        .filter(pl.col("event_type") == "page_view")
        .join(identities, left_on="visitor_id", right_on="identity_value")
    )
    columns = ["event_id", "contact_id", "occurred_at"]
    return (
        pl.concat([email.select(columns), web.select(columns)])
        .filter(pl.col("occurred_at").is_between(as_of - WINDOW, as_of, closed="left"))
        .unique("event_id")
        .group_by("contact_id")
        .agg(score=pl.len())
    )


if __name__ == "__main__":
    folder, instant, result = sys.argv[1:]
    scores(Path(folder), datetime.fromisoformat(instant)).sink_parquet(result)
