"""A script that keeps to the project's rules for engagements: scores by window, with polars.

It reads all of the history each time, for it keeps nothing. An id is one engagement, its first
copy; an open or a click of a message counts once; what the provider flagged as a machine's is left
out; a merged contact's points go to the last of the chain.

Left out: user agents and bursts of clicks that give machines away, consent, disqualification,
deletions, former addresses, visitors known by what they clicked or typed, merges in a circle,
filters, decay and caps of rules, drivers, tests. Each open, click and page view is a point.

python benchmarks/polars_scores.py RAW AS_OF RESULT.parquet 30 90
"""

from __future__ import annotations

import sys
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl

LONGEST = timedelta(days=90)
EMAIL = {"email_address": "actor"}
WEB = {"visitor_id": "actor"}
COLUMNS = ["event_id", "event_type", "actor", "occurred_at", "received_at"]


def first_of_each(rows: pl.LazyFrame, *keys: str) -> pl.LazyFrame:
    """The first row of each key, of rows that are in order."""
    return rows.unique(keys, keep="first", maintain_order=True)


def engagements(raw: Path) -> pl.LazyFrame:
    """Each open, click and page view once, over all history."""
    email = (
        pl.scan_parquet(raw / "email_events" / "*.parquet")
        .filter(pl.col("event_type").is_in(["email_open", "email_click"]) & ~pl.col("is_machine"))
        .rename(EMAIL)
        .select(*COLUMNS, "message_id", "link_url")
        .sort("received_at", "event_id")
    )
    web = (
        pl.scan_parquet(raw / "web_events" / "*.parquet")
        .filter(pl.col("event_type") == "page_view")
        .rename(WEB)
        .select(COLUMNS)
        .sort("received_at")
    )
    copies_dropped = first_of_each(email, "event_id")
    kinds = [
        first_of_each(copies_dropped, "actor", "event_type", "message_id", "link_url"),
        first_of_each(web, "event_id"),
    ]
    return pl.concat(kind.select("actor", "occurred_at") for kind in kinds)


def owners(raw: Path) -> pl.DataFrame:
    """Whose an address or a visitor is: the contact that is left after all merges."""
    contacts = pl.read_parquet(raw / "contacts.parquet")
    merges = contacts.join(
        contacts, left_on="merged_into_contact_id", right_on="contact_id", how="semi"
    ).select("contact_id", target="merged_into_contact_id")
    reached = contacts.select("contact_id", survivor="contact_id")
    moves = True
    while moves:
        step = reached.join(merges, left_on="survivor", right_on="contact_id", how="left")
        moves = step["target"].count() > 0
        reached = step.select("contact_id", survivor=pl.coalesce("target", "survivor"))
    visitors = pl.read_parquet(raw / "identities.parquet").filter(
        pl.col("identity_type") == "visitor"
    )
    actors = [
        contacts.select("contact_id", actor="email_address"),
        visitors.select("contact_id", actor="identity_value"),
    ]
    return pl.concat(actors).join(reached, on="contact_id").select("actor", contact_id="survivor")


def scores(raw: Path, as_of: datetime, windows: list[int]) -> pl.DataFrame:
    """One row a contact and window."""
    age = (as_of - pl.col("occurred_at")).dt.total_microseconds() - 1
    daily = (
        engagements(raw)
        .filter(pl.col("occurred_at").is_between(as_of - LONGEST, as_of, closed="left"))
        .join(owners(raw).lazy(), on="actor")
        .group_by("contact_id", age_days=age // 86_400_000_000 + 1)
        .agg(times=pl.len())
        .collect()
    )
    return pl.concat(
        daily.filter(pl.col("age_days") <= days)
        .group_by("contact_id")
        .agg(score=pl.col("times").sum())
        .with_columns(window_days=pl.lit(days))
        for days in windows
    )


if __name__ == "__main__":
    folder, instant, result, *days = sys.argv[1:]
    table = scores(Path(folder), datetime.fromisoformat(instant), [int(number) for number in days])
    table.write_parquet(result)
