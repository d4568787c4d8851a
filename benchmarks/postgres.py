"""Ways to keep scores in PostgreSQL, and how the rows get there.

What people write first, in the schema `first`: a materialized view that is refreshed after the new
events were inserted, and the counter that the classic marketing suites keep, a number on the
contact's row that every event adds to.

What keeps to the project's rules for engagements, in the schema `comparable`: a table of events
whose primary key keeps later copies of an id out, and a materialized view that counts an open or a
click of a message once, leaves out what the provider flagged as a machine's, and follows merges.
It leaves out: user agents and bursts of clicks that give machines away, consent, disqualification,
deletions, former addresses, visitors known by what they clicked or typed, filters, decay and caps
of rules, drivers, tests. Each open, click and page view is a point.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import duckdb
import psutil
import psycopg

# of a server that has lasting rows in it, but for what a crash would cost
SETTINGS = {
    "shared_buffers": "1GB",
    "work_mem": "256MB",
    "maintenance_work_mem": "512MB",
    "max_wal_size": "8GB",
    "jit": "off",
}

COLUMNS = """
    event_id text,
    event_type text,
    actor text,
    message_id text,
    link_url text,
    occurred_at timestamp,
    received_at timestamp,
    is_machine boolean
"""

# what every event table has in common
EVENTS = """
    select
        event_id,
        event_type,
        email_address as actor,
        message_id,
        link_url,
        occurred_at,
        received_at,
        is_machine
    from read_parquet('{raw}/email_events/{files}')
    union all
    select event_id, event_type, visitor_id, null, null, occurred_at, received_at, false
    from read_parquet('{raw}/web_events/{files}')
"""

ACTORS = """
    select email_address as actor, contact_id from read_parquet('{raw}/contacts.parquet')
    union all
    select identity_value, contact_id from read_parquet('{raw}/identities.parquet')
    where identity_type = 'visitor'
"""

# `now` is a row, so that a refresh can be for another instant
FIRST_TABLES = f"""
    create schema first;
    set search_path to first;
    create table events ({COLUMNS});
    create table actors (actor text, contact_id text);
    create table contacts (contact_id text primary key, points integer not null default 0);
    create table now (as_of timestamp);
"""

FIRST_ROWS = {
    "events": EVENTS,
    "actors": ACTORS,
    "contacts": "select contact_id, 0 as points from read_parquet('{raw}/contacts.parquet')",
}

FIRST_VIEW = """
    create index on events (occurred_at);
    create unique index on actors (actor);
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

COMPARABLE_TABLES = f"""
    create schema comparable;
    set search_path to comparable;
    create table events ({COLUMNS});
    create table actors (actor text, contact_id text);
    create table contacts (contact_id text, merged_into_contact_id text);
    create table now (as_of timestamp);
"""

COMPARABLE_ROWS = {
    "events": f"""
        select * from ({EVENTS})
        qualify row_number() over (partition by event_id order by received_at) = 1
    """,
    "actors": ACTORS,
    "contacts": """
        select contact_id, merged_into_contact_id from read_parquet('{raw}/contacts.parquet')
    """,
}

COMPARABLE_INDEXES = """
    alter table events add primary key (event_id);
    alter table actors add primary key (actor);
    alter table contacts add primary key (contact_id);
    create index on events (occurred_at);
"""

# a view of some windows: their numbers are filled in
COMPARABLE_VIEW = """
    create materialized view {name} as
    with recursive merges as (
        select merged.contact_id, targets.contact_id as target
        from contacts as merged
        inner join contacts as targets on merged.merged_into_contact_id = targets.contact_id
    ),
    chains as (
        select contact_id, target as reached from merges
        union
        select chains.contact_id, merges.target
        from chains
        inner join merges on chains.reached = merges.contact_id
    ),
    ends as (
        select contact_id, reached from chains
        where reached not in (select contact_id from merges)
    ),
    owners as (
        select actor, coalesce(reached, contact_id) as contact_id
        from actors
        left join ends using (contact_id)
    ),
    handled as (
        select distinct on (actor, event_type, message_id, link_url) actor, occurred_at
        from events
        where event_type in ('email_open', 'email_click') and not is_machine
        order by actor, event_type, message_id, link_url, received_at, event_id
    ),
    engagements as (
        select actor, occurred_at from handled
        union all
        select actor, occurred_at from events where event_type = 'page_view'
    ),
    daily as (
        select
            contact_id,
            -- 1 for the last 24 hours
            extract(day from as_of - interval '1 microsecond' - occurred_at) + 1 as age_days,
            count(*) as times
        from engagements
        inner join owners using (actor)
        cross join now
        where occurred_at >= as_of - interval '90 days' and occurred_at < as_of
        group by 1, 2
    )
    select contact_id, window_days, sum(times) as score
    from daily
    inner join (select unnest('{{{windows}}}'::integer[]) as window_days) as windows
        on age_days <= window_days
    group by contact_id, window_days
    with no data;
"""

COMPARABLE_VIEWS = {"scores": (30, 90), "scores_of_all_windows": range(1, 91)}

COUNT = """
    update first.contacts set points = points + 1
    where contact_id = (select contact_id from first.actors where actor = %s)
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


def process(address: str) -> psutil.Process:
    """The server's first process, which starts all others."""
    with psycopg.connect(address) as connection:
        (backend,) = connection.execute("select pg_backend_pid()").fetchone()
        return psutil.Process(psutil.Process(backend).ppid())


def load_first(address: str, raw: Path, scratch: Path) -> None:
    """Load everything but the last 12 hours, and make the view, which has no rows yet."""
    with psycopg.connect(address) as connection:
        connection.execute(FIRST_TABLES)
        for table, query in FIRST_ROWS.items():
            copy_in(connection, table, query.format(raw=raw, files="*.parquet"), scratch)
        connection.execute(FIRST_VIEW)
    settle(address)


def load_comparable(address: str, raw: Path, scratch: Path) -> None:
    """Load the first copies of everything but the last 12 hours, and make the views."""
    with psycopg.connect(address) as connection:
        connection.execute(COMPARABLE_TABLES)
        for table, query in COMPARABLE_ROWS.items():
            copy_in(connection, table, query.format(raw=raw, files="*.parquet"), scratch)
        connection.execute(COMPARABLE_INDEXES)
        for name, windows in COMPARABLE_VIEWS.items():
            numbers = ",".join(map(str, windows))
            connection.execute(COMPARABLE_VIEW.format(name=name, windows=numbers))
    settle(address)


def tick_of_first_view(address: str, raw: Path, scratch: Path, as_of: datetime) -> None:
    """Insert the new events and refresh the view."""
    with psycopg.connect(address) as connection:
        connection.execute("set search_path to first")
        copy_in(connection, "events", EVENTS.format(raw=raw, files="tick"), scratch)
        refresh(connection, "scores", as_of)


def tick_of_view(address: str, raw: Path, scratch: Path, as_of: datetime, view: str) -> None:
    """Insert the new events that are no copies, and refresh the view."""
    with psycopg.connect(address) as connection:
        connection.execute("set search_path to comparable")
        connection.execute("create temp table new_events (like events)")
        copy_in(connection, "new_events", EVENTS.format(raw=raw, files="tick"), scratch)
        connection.execute("""
            insert into events select * from new_events order by received_at
            on conflict (event_id) do nothing
        """)
        refresh(connection, view, as_of)


def refresh(connection: psycopg.Connection, view: str, as_of: datetime) -> None:
    connection.execute("truncate now")
    connection.execute("insert into now values (%s)", [as_of])
    connection.execute(f"refresh materialized view {view}")


def actors_of_tick(raw: Path) -> list[tuple[str]]:
    events = EVENTS.format(raw=raw, files="tick")
    return duckdb.sql(f"select actor from ({events}) where {COUNTED}").fetchall()


def tick_of_counter(address: str, actors: list[tuple[str]]) -> None:
    """Add a point for each new event, as it would have come in."""
    with psycopg.connect(address, autocommit=True) as connection:
        for actor in actors:
            connection.execute(COUNT, actor)


def undo_tick(address: str, schema: str, before: datetime) -> None:
    """Leave the events as they were before the last 12 hours came in."""
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"delete from {schema}.events where received_at >= %s", [before])
    settle(address)


def undo_count(address: str) -> None:
    """Leave the counter as it was."""
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("update first.contacts set points = 0 where points <> 0")
    settle(address)


def copy_out(address: str, query: str, path: Path) -> None:
    """Write the rows of a query into a CSV file, with a header."""
    with (
        psycopg.connect(address) as connection,
        connection.cursor() as cursor,
        cursor.copy(f"copy ({query}) to stdout (format csv, header)") as source,
    ):
        path.write_bytes(b"".join(source))
