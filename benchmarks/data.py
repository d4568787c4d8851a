"""Raw tables of any size, made up: the same size gives the same rows.

Skewed like life: few contacts with many events, some of them machines' or of nobody; addresses that
bounce, redelivered and late rows, scanners that click every link of a message, visitors who land
from a message or type an address, merges, deleted contacts. The events stand in Parquet files in
the order in which they came in, as a loader would have left them.

    python benchmarks/data.py FOLDER --events 1000000
"""

from __future__ import annotations

import argparse
import os
import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import duckdb
from measure import tell

EVENTS_PER_CONTACT = 40
ROWS_PER_FILE = 2_000_000
AS_OF = datetime(2026, 7, 1)
TICK = timedelta(hours=12)
TICK_FILE = "tick"
# Rows are numbered backwards from here: of two sizes with the same rate of events, the longer
# history ends in exactly the rows that the shorter one is made of.
LAST_NUMBER = 4_000_000_000

MACROS = """
    -- a number from 0 up to 1 that depends on a number and a name, and on nothing else
    create or replace macro dice(number, name) as (hash(number, name) % 1000000007) / 1000000007.0;
    create or replace macro address(contact) as 'contact' || contact || '@example.com';
    create or replace macro former_address(contact) as 'former' || contact || '@example.com';
    create or replace macro has_moved(contact) as dice(contact, 'moved') < 0.02;
    create or replace macro week(instant) as epoch_us(instant) // (7 * 86400000000);
    -- nobody empties the mailbox for months, then somebody does
    create or replace macro is_full(contact, instant) as
        dice(contact, 'full') < 0.01 and week(instant) % 26 < 20;
"""

# half of what is done is done by a sixth of the contacts; the keenest do 33 times what is usual
ROWS = """
    with numbered as (
        select
            row_number,
            -- one row in forty is an earlier one, delivered again
            case
                when dice(row_number, 'again') < 0.025
                then row_number - 1 - cast(999 * dice(row_number, 'which') as bigint)
                else row_number
            end as event_number
        from range({first}, {last}) as numbers (row_number)
    ),

    -- four events in a row may belong together: a scanner's clicks, or a click and where it led
    grouped as (
        select
            *,
            event_number // 4 as group_number,
            event_number % 4 as place,
            dice(event_number // 4, 'group') < 0.001 as is_burst,
            dice(event_number // 4, 'group') between 0.001 and 0.02
            and event_number % 4 < 2 as is_landing
        from numbered
    ),

    named as (
        select
            *,
            case when is_burst or is_landing then -group_number else event_number end as deed,
            case
                when is_burst or (is_landing and place = 0) then 0.6
                when is_landing then 0.8
                else dice(event_number, 'kind')
            end as kind
        from grouped
    ),

    events as (
        select
            *,
            cast(
                floor({contacts} * (power(0.1 + dice(deed, 'contact'), 3) - 0.001) / 1.331)
                as bigint
            ) as contact,
            timestamp '{ends}' - to_microseconds(
                cast(({last_number} - row_number) * {microseconds_per_event} as bigint)
            ) as received_at,
            timestamp '{ends}' - to_microseconds(
                cast(
                    ({last_number} - case when is_burst then 4 * group_number else event_number end)
                    * {microseconds_per_event} as bigint
                )
            )
            + to_seconds(case when is_burst then place else 0 end)
            - to_seconds(cast(300 * dice(deed, 'delay') as bigint))
            -- one in two hundred comes in late, by up to three days less an hour
            - to_seconds(
                case
                    when dice(deed, 'late') < 0.005
                    then cast(71 * 3600 * dice(deed, 'how late') as bigint)
                    else 0
                end
            ) as occurred_at
        from named
    )
"""

# of a hundred rows 62 are of e-mail, 33 of the web, 5 of a CRM
EMAIL_EVENTS = """
    select
        'e' || event_number as event_id,
        case
            when kind < 0.25 then 'email_sent'
            when kind < 0.45 and is_full(contact, occurred_at) then 'email_soft_bounce'
            when kind < 0.45 then 'email_delivered'
            when kind < 0.57 then 'email_open'
            when kind < 0.61 then 'email_click'
            when kind < 0.613 then 'email_soft_bounce'
            when kind < 0.6145 then 'email_hard_bounce'
            when kind < 0.6160 then 'email_unsubscribe'
            when kind < 0.6163 then 'email_spam_complaint'
            when kind < 0.6168 then 'email_resubscribe'
            else 'email_reply'
        end as event_type,
        occurred_at,
        case
            when has_moved(contact) and dice(event_number, 'former') < 0.3
            then former_address(contact)
            else address(contact)
        end as email_address,
        received_at,
        -- a message a week and contact: opened again, it repeats
        'm' || contact || '-' || week(occurred_at) as message_id,
        'week-' || week(occurred_at) as campaign_id,
        case
            when kind >= 0.57 and kind < 0.61
            then 'https://www.example.com/' || ['pricing', 'docs/start', 'blog/news', 'demo'][
                1 + case
                    when is_burst then place
                    else cast(floor(4 * dice(event_number, 'link')) as bigint)
                end
            ]
        end as link_url,
        case
            when dice(event_number, 'agent') < 0.02 then 'Mozilla/5.0 (compatible; bingbot/2.0)'
            else 'Mozilla/5.0 (X11; Linux x86_64) Firefox/' || (100 + event_number % 40)
        end as user_agent,
        dice(event_number, 'machine') < 0.01 as is_machine
    from events
    where kind < 0.62
"""

WEB_EVENTS = """
    select
        'w' || event_number as event_id,
        case when kind < 0.94 then 'page_view' else 'form_submission' end as event_type,
        occurred_at,
        -- one visitor in three is nobody until a landing or an address tells
        case
            when dice(event_number, 'stranger') < 0.3 then 's' || contact
            else 'v' || contact
        end as visitor_id,
        received_at,
        'https://www.example.com/' || [
            '', 'pricing', 'docs/start', 'docs/api', 'blog/news', 'products', 'careers', 'demo'
        ][1 + cast(floor(8 * dice(event_number, 'page')) as bigint)] as page_url,
        case when is_landing then 'e' || (event_number - 1) end as email_click_event_id,
        case
            when kind >= 0.945 and dice(event_number, 'typed') < 0.5 then address(contact)
        end as email_address,
        case
            when dice(event_number, 'agent') < 0.01 then 'Mozilla/5.0 (compatible; AhrefsBot/7.0)'
            else 'Mozilla/5.0 (X11; Linux x86_64) Firefox/' || (100 + event_number % 40)
        end as user_agent
    from events
    where kind >= 0.62 and kind < 0.95
"""

ACTIVITIES = """
    select
        'a' || event_number as event_id,
        ['meeting_booked', 'meeting_attended', 'call_logged', 'trial_started', 'deal_lost'][
            1 + cast(floor(5 * dice(event_number, 'type')) as bigint)
        ] as event_type,
        occurred_at,
        'c' || contact as contact_id,
        received_at,
        case when dice(event_number, 'topic') < 0.3 then 'spoke of the budget' end as detail
    from events
    where kind >= 0.95
"""

EVENT_TABLES = {
    "email_events": EMAIL_EVENTS,
    "web_events": WEB_EVENTS,
    "activities": ACTIVITIES,
}

# one contact in two hundred was merged into another, some of those into a third; visitors of two in
# three are known; one contact in a thousand was deleted long before the newest events
PEOPLE = {
    "contacts": """
        select
            'c' || contact as contact_id,
            address(contact) as email_address,
            'Contact ' || contact as full_name,
            'Company ' || contact // 5 as company_name,
            ['Buyer', 'Head of Quality', 'Plant Manager', 'Student'][1 + contact % 4] as job_title,
            ['Sweden', 'Germany', 'Australia'][1 + contact % 3] as country,
            '+1 555 ' || contact as phone,
            'Owner ' || contact % 50 as owner,
            timestamp '2020-01-01' + to_minutes(contact) as updated_at,
            case
                when dice(contact, 'merged') < 0.0065 and contact % 2 = 1 then 'c' || contact - 1
                when dice(contact, 'merged') < 0.0065 and contact % 4 = 2 then 'c' || contact - 2
            end as merged_into_contact_id,
            case when dice(contact, 'deleted') < 0.001 then timestamp '2021-01-01' end as deleted_at
        from range({contacts}) as numbers (contact)
    """,
    "identities": """
        select
            'visitor' as identity_type,
            'v' || contact as identity_value,
            'c' || contact as contact_id,
            timestamp '2020-01-01' as linked_at
        from range({contacts}) as numbers (contact)
        where dice(contact, 'known') < 0.67
        union all
        select
            'email' as identity_type,
            former_address(contact) as identity_value,
            'c' || contact as contact_id,
            timestamp '2020-01-01' as linked_at
        from range({contacts}) as numbers (contact)
        where has_moved(contact)
    """,
    "consents": """
        select
            prefix || contact as visitor_id,
            dice(contact, 'consent') < 0.9 as is_granted,
            timestamp '2020-01-01' as decided_at
        from range({contacts}) as numbers (contact)
        cross join (values ('v'), ('s')) as kinds (prefix)
    """,
    "attributes": """
        select
            'c' || contact as contact_id,
            'employees' as attribute_name,
            cast(10 * (contact // 5 % 100) as varchar) as attribute_value,
            timestamp '2020-01-01' as updated_at
        from range({contacts}) as numbers (contact)
    """,
    "lists": """
        select 'l' || list as list_id, 'List ' || list as list_name from range(20) as numbers (list)
    """,
    "list_memberships": """
        select 'l' || list as list_id, 'c' || contact as contact_id
        from range({contacts}) as numbers (contact)
        cross join range(20) as lists (list)
        where dice(contact, 'list' || list) < 0.05
    """,
}


@dataclass(frozen=True)
class Size:
    """How much there is of everything, up to `AS_OF`."""

    events: int
    days: int = 365

    @property
    def contacts(self) -> int:
        """As many for five years of events as for one, at the same rate."""
        return max(100, round(self.events / self.days * 365 / EVENTS_PER_CONTACT))

    @property
    def events_per_tick(self) -> int:
        return self.events * TICK // timedelta(days=self.days)

    @property
    def microseconds_per_event(self) -> float:
        return timedelta(days=self.days) / timedelta(microseconds=1) / self.events


def make(folder: Path, size: Size) -> Path:
    """Write all raw tables into a folder in there, unless they are there already; give it.

    The events of the last 12 hours stand apart, in a file that readers of `*.parquet` do not see.
    """
    folder = folder / f"{size.events}-events-{size.days}-days"
    if (folder / "done").exists():
        return folder
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    with duckdb.connect() as connection:
        connection.execute("set preserve_insertion_order = false")
        connection.execute(MACROS)
        for table, query in PEOPLE.items():
            copy(connection, query.format(contacts=size.contacts), folder / f"{table}.parquet")
        before_tick = size.events - size.events_per_tick
        bounds = [*range(0, before_tick, ROWS_PER_FILE), before_tick]
        for number, (first, last) in enumerate(pairwise(bounds)):
            write_events(connection, folder, size, first, last, f"{number:05}.parquet")
            tell(f"data: {last:,} of {size.events:,} events written")
        write_events(connection, folder, size, before_tick, size.events, TICK_FILE)
    (folder / "done").touch()
    return folder


def write_events(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    size: Size,
    first: int,
    last: int,
    name: str,
) -> None:
    offset = LAST_NUMBER - size.events
    rows = ROWS.format(
        first=offset + first,
        last=offset + last,
        last_number=LAST_NUMBER,
        contacts=size.contacts,
        ends=AS_OF,
        microseconds_per_event=size.microseconds_per_event,
    )
    for table, query in EVENT_TABLES.items():
        (folder / table).mkdir(exist_ok=True)
        copy(connection, rows + query, folder / table / name)


def copy(connection: duckdb.DuckDBPyConnection, query: str, path: Path) -> None:
    connection.execute(f"copy ({query}) to '{path}' (format parquet)")


def link(raw: Path, folder: Path, *, with_tick: bool) -> None:
    """Make a folder of the same files, with or without the events of the last 12 hours."""
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    for table in PEOPLE:
        os.link(raw / f"{table}.parquet", folder / f"{table}.parquet")
    for table in EVENT_TABLES:
        (folder / table).mkdir()
        for file in (raw / table).glob("*.parquet"):
            os.link(file, folder / table / file.name)
        if with_tick:
            os.link(raw / table / TICK_FILE, folder / table / "99999.parquet")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--days", type=int, default=365)
    options = parser.parse_args()
    make(options.folder, Size(options.events, options.days))
