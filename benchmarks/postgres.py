"""Two ways to keep scores in PostgreSQL, and how the rows get there.

The materialized view is refreshed after the new events were inserted; the counter is what the
classic marketing suites keep: a number on the contact's row, which every event adds to.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import duckdb
import psycopg

# of a server that has lasting rows in it, but for what a crash would cost
SETTINGS = {
    "shared_buffers": "1GB",
    "work_mem": "256MB",
    "maintenance_work_mem": "512MB",
    "max_wal_size": "8GB",
    "jit": "off",
}

TABLES = """
    create table events (
        event_id text,
        event_type text,
        actor text,
        occurred_at timestamp,
        received_at timestamp,
        is_machine boolean
    );
    create table actors (actor text, contact_id text);
    create table contacts (contact_id text primary key, points integer not null default 0);
"""

INDEXES = """
    create index on events (occurred_at);
    create unique index on actors (actor);
    analyze;
"""

# what every event table has in common
EVENTS = """
    select event_id, event_type, email_address as actor, occurred_at, received_at, is_machine
    from read_parquet('{raw}/email_events/{files}')
    union all
    select event_id, event_type, visitor_id, occurred_at, received_at, false
    from read_parquet('{raw}/web_events/{files}')
"""

ACTORS = """
    select email_address as actor, contact_id from read_parquet('{raw}/contacts.parquet')
    union all
    select identity_value, contact_id from read_parquet('{raw}/identities.parquet')
    where identity_type = 'visitor'
"""

CONTACTS = "select contact_id, 0 as points from read_parquet('{raw}/contacts.parquet')"

# `now` is a row, so that a refresh can be for another instant
VIEW = """
    create table now (as_of timestamp);
    create materialized view scores as
    with first_copies as (
        select distinct on (event_id) event_id, actor
        from events, now
        where
            event_type in ('email_open', 'email_click', 'page_view')
            and not is_machine
            and occurred_at >= as_of - interval '30 days'
            and occurred_at < as_of
        order by event_id, received_at
    )
    select contact_id, count(*) as score
    from first_copies
    inner join actors using (actor)
    group by contact_id
    with no data;
"""

COUNT = """
    update contacts set points = points + 1
    where contact_id = (select contact_id from actors where actor = %s)
"""

COUNTED = "event_type in ('email_open', 'email_click', 'page_view') and not is_machine"


def copy_in(connection: psycopg.Connection, table: str, query: str, scratch: Path) -> None:
    """Copy the rows of a query on Parquet files into a table, by way of a CSV file."""
    duckdb.sql(f"copy ({query}) to '{scratch}' (format csv, header false)")
    with (
        scratch.open("rb") as file,
        connection.cursor() as cursor,
        cursor.copy(f"copy {table} from stdin (format csv)") as target,
    ):
        while block := file.read(1 << 20):
            target.write(block)
    scratch.unlink()


def settle(address: str) -> None:
    """Do what a server that has been up for a while has done."""
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("vacuum analyze")
        connection.execute("checkpoint")


def load(address: str, raw: Path, scratch: Path) -> None:
    """Load everything but the last 12 hours, and make the view that has no rows yet."""
    with psycopg.connect(address) as connection:
        connection.execute(TABLES)
        copy_in(connection, "events", EVENTS.format(raw=raw, files="*.parquet"), scratch)
        copy_in(connection, "actors", ACTORS.format(raw=raw), scratch)
        copy_in(connection, "contacts", CONTACTS.format(raw=raw), scratch)
        connection.execute(INDEXES)
        connection.execute(VIEW)
    settle(address)


def tick_of_view(address: str, raw: Path, scratch: Path, as_of: datetime) -> None:
    """Insert the new events and refresh the view."""
    with psycopg.connect(address) as connection:
        copy_in(connection, "events", EVENTS.format(raw=raw, files="tick"), scratch)
        connection.execute("truncate now")
        connection.execute("insert into now values (%s)", [as_of])
        connection.execute("refresh materialized view scores")


def actors_of_tick(raw: Path) -> list[tuple[str]]:
    events = EVENTS.format(raw=raw, files="tick")
    return duckdb.sql(f"select actor from ({events}) where {COUNTED}").fetchall()


def tick_of_counter(address: str, actors: list[tuple[str]]) -> None:
    """Add a point for each new event, as it would have come in."""
    with psycopg.connect(address, autocommit=True) as connection:
        for actor in actors:
            connection.execute(COUNT, actor)


def undo_tick(address: str, before: datetime) -> None:
    """Leave the tables as they were before the last 12 hours came in."""
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("delete from events where received_at >= %s", [before])
        connection.execute("update contacts set points = 0 where points <> 0")
    settle(address)
