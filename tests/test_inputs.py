"""The three inputs of a team's own events, and what people see when one is wrong."""

import json
import re
import shutil
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from conftest import CLASSIC_RULES, NO_TESTS, Project, copy_project, long, write_csv

AS_OF = "2026-06-01 00:00:00"
# the mark of UTF-8, each byte as a character of Latin-1
BOM = "\u00ef\u00bb\u00bf"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Project:
    folder = tmp_path_factory.mktemp("classic") / "a project"
    folder.mkdir()
    project = copy_project(folder)
    project.write_config("scoring_rules", CLASSIC_RULES)
    return project


@pytest.fixture
def classic(shared: Project) -> Project:
    """A project with the three classic rules, one point each, and nothing built.

    One folder for all tests: dbt parses a project anew wherever it stands.
    """
    shutil.rmtree(shared.path / "exports", ignore_errors=True)
    shutil.rmtree(shared.path / "logs", ignore_errors=True)
    shared.database.unlink(missing_ok=True)
    return shared


@pytest.fixture
def raw(classic: Project) -> Path:
    """The smallest input there is: one contact and one event."""
    folder = classic.path / "exports"
    write_csv(folder, "contacts", [{"contact_id": "1", "email_address": "ann@x.example"}])
    write_csv(folder, "email_events", [email("e1", "2026-05-31 10:00:00", "ann@x.example")])
    return folder


def email(event_id: str, occurred_at: str, address: str, **more: str) -> dict[str, str]:
    return {
        "event_id": event_id,
        "event_type": "email_open",
        "occurred_at": occurred_at,
        "email_address": address,
    } | more


def scores(project: Project, window_days: int = 30) -> dict[str, int]:
    rows = project.query(
        "select contact_id, score from marts.active_contacts where window_days = ?", window_days
    )
    return {contact: int(score) for contact, score in rows}


def status(project: Project) -> dict[str, tuple]:
    rows = project.query(
        "select source, rows_read, engagements, duplicates, rejected from marts.scoring_status"
    )
    return {row[0]: row[1:] for row in rows}


def test_a_messy_csv_export_builds_and_counts_right(classic: Project):
    folder = classic.path / "exports"
    contacts = [
        {"Contact_ID": "00123", "EMAIL_ADDRESS": " Ann.Lee@X.Example ", "full_name": "Lee, Ann"},
        {
            "Contact_ID": "12345678901",
            "EMAIL_ADDRESS": "bob@x.example",
            "full_name": 'Bob "B" O\'Dea',
        },
        {"Contact_ID": "3", "EMAIL_ADDRESS": "", "full_name": "two\nlines"},
    ]
    write_csv(folder, "contacts", contacts)
    events = [
        # 02:00+02:00 is midnight of 2 May in UTC, the first instant of the 30-day window
        email("e1", "2026-05-02T02:00:00+02:00", "ANN.LEE@x.example", link_url="https://x/?a=1,2"),
        email("e2", "2026-05-02T01:59:59+02:00", "ann.lee@x.example", link_url="   "),
        email("e3", "2026-05-31T23:59:59.999Z", "bob@x.example", received_at=""),
        email("e3", "2026-05-31T23:59:59.999Z", "bob@x.example", received_at=""),
        email("e4", "yesterday", "bob@x.example", internal_note="an extra column"),
        email("", "2026-05-31", "bob@x.example"),
    ]
    write_csv(folder, "email_events", events)
    (folder / "web_events.csv").write_text("")  # not even a header
    write_csv(folder, "activities", [], ["event_id", "event_type", "occurred_at", "contact_id"])
    classic.score(raw_files="exports", as_of=AS_OF)
    assert scores(classic) == {"00123": 1, "12345678901": 1}
    assert scores(classic, 31) == {"00123": 2, "12345678901": 1}
    assert status(classic) == {
        "email_events": (6, 3, 1, 2),
        "web_events": (0, 0, 0, 0),
        "activities": (0, 0, 0, 0),
    }
    people = classic.query(
        "select contact_id, email_address, full_name from marts.contact_scores order by contact_id"
    )
    assert people == [
        ("00123", "ann.lee@x.example", "Lee, Ann"),
        ("12345678901", "bob@x.example", 'Bob "B" O\'Dea'),
        ("3", None, "two\nlines"),
    ]
    rejected = classic.query(
        "select reason, occurred_at from marts.rejected_events order by reason"
    )
    assert rejected == [("invalid_occurred_at", "yesterday"), ("missing_event_id", "2026-05-31")]


def test_parquet_with_time_zones_in_a_folder_of_files(classic: Project):
    folder = classic.path / "lake"
    (folder / "email_events" / "day=2026-05-02").mkdir(parents=True)
    (folder / "email_events" / "day=2026-05-01").mkdir(parents=True)
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'America/New_York'")
        connection.execute(
            f"copy (select 1::bigint as contact_id, 'ann@x.example' as email_address, "
            f"timestamptz '2026-01-01 00:00:00+00' as updated_at) to '{folder}/contacts.parquet'"
        )
        for day, event, time in [
            ("2026-05-02", 1, "timestamptz '2026-05-02 02:00:00+02'"),
            ("2026-05-01", 2, "timestamptz '2026-05-02 01:59:59+02'"),
        ]:
            columns = (
                f"{event} as event_id, 'email_open' as event_type, {time} as occurred_at, "
                "'ann@x.example' as email_address, false as is_machine"
            )
            file = folder / "email_events" / f"day={day}" / "part.parquet"
            connection.execute(f"copy (select {columns}) to '{file}'")
    classic.score(raw_files=str(folder), as_of=AS_OF)
    assert scores(classic) == {"1": 1}
    assert scores(classic, 31) == {"1": 2}


def test_raw_schema_reads_tables_and_views_and_writes_to_neither(classic: Project):
    with duckdb.connect(str(classic.database)) as connection:
        connection.execute("create schema crm")
        connection.execute("create table crm.contacts (contact_id int, email_address text)")
        connection.execute("insert into crm.contacts values (7, 'ann@x.example')")
        connection.execute(
            "create view crm.email_events as select 'e1' as event_id, 'email_open' as event_type, "
            "date '2026-05-31' as occurred_at, 'ann@x.example' as email_address, "
            "'2026-05-31' as received_at"
        )
    classic.score(raw_schema="crm", as_of=AS_OF)
    assert scores(classic) == {"7": 1}
    fresh = classic.dbt("source", "freshness", "-s", "source:raw.email_events", raw_schema="crm")
    assert "WARN freshness of raw.email_events" in fresh.stdout
    lineage = classic.dbt("ls", "-q", "-s", "source:raw.email_events+1", raw_schema="crm")
    assert "contact_scoring.staging.stg_email_events" in lineage.stdout.split()
    assert classic.query(
        "select table_name from information_schema.tables where table_schema = 'crm'"
    )


def test_a_generated_case_gives_the_totals_that_were_counted_apart(classic: Project):
    """One view per contact, day and place in the day, so that each window's totals are sums."""
    folder = classic.path / "exports"
    contacts = range(1, 8)
    write_csv(
        folder,
        "contacts",
        [{"contact_id": f"c{n}", "email_address": f"c{n}@x.example"} for n in contacts],
    )
    write_csv(
        folder,
        "identities",
        [
            {"identity_type": "visitor", "identity_value": f"v{n}", "contact_id": f"c{n}"}
            for n in contacts
        ],
    )
    write_csv(
        folder,
        "consents",
        [
            {"visitor_id": f"v{n}", "is_granted": "TRUE", "decided_at": "2026-01-01"}
            for n in contacts
        ],
    )
    # days before as-of -> contact -> how many views, of which one exactly so long before
    views = {
        day: {f"c{n}": n * (1 + day % 3) for n in contacts if day % n == 0} for day in range(95)
    }
    as_of = datetime.fromisoformat(AS_OF)
    web_events = [
        {
            "event_id": f"{contact}-{day}-{view}",
            "event_type": "page_view",
            "occurred_at": (as_of - timedelta(days=day, seconds=-min(view, 1))).isoformat(),
            "visitor_id": contact.replace("c", "v"),
        }
        for day, counts in views.items()
        for contact, count in counts.items()
        for view in range(count)
    ]
    write_csv(folder, "web_events", web_events)
    unsubscribe = email("u1", "2026-05-20", "c3@x.example", event_type="email_unsubscribe")
    later = email("u2", AS_OF, "c4@x.example", event_type="email_unsubscribe")
    write_csv(folder, "email_events", [unsubscribe, later])
    classic.score(raw_files="exports", as_of=AS_OF)
    for window in (1, 7, 30, 89, 90):
        expected: Counter[str] = Counter()
        # what is N days old is in the window of N days; what is at or after as-of is in none
        for day in range(1, window + 1):
            expected.update(views[day])
        drivers = classic.query(
            "select contact_id, points from marts.score_drivers where window_days = ?", window
        )
        assert dict(drivers) == expected
        assert scores(classic, window) == {c: n for c, n in expected.items() if c != "c3"}
    disqualified = classic.query(
        "select contact_id, last_event_id from marts.disqualified_contacts"
    )
    assert disqualified == [("c3", "u1")]


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"raw_files": "nowhere"}, "There is no raw table in the folder {project}/nowhere"),
        ({"raw_files": "exports", "raw_schema": "crm"}, "raw_files and raw_schema are both set"),
        ({"raw_schema": "crm"}, "There is no raw table in the schema crm"),
        ({"raw_database": "lake"}, "raw_database is set without raw_schema"),
        ({"raw_files": ""}, "raw_files is set, but empty"),
        ({"raw_schema": None}, "raw_schema is set, but empty"),
        ({"demo_as_of": "2026-11-15 07:00:00"}, "'2026-11-15 07:00:00' is off the 12 h grid"),
        ({"raw_file": "exports"}, "There is no variable 'raw_file'. There are: as_of,"),
        ({"as_of": "2026-06-01 06:00:00"}, "'2026-06-01 06:00:00' is off the 12 h grid"),
        ({"as_of": "2026-06-01T12:00:01"}, "is off the 12 h grid"),
        ({"as_of": "2026-06-31"}, "as_of: '2026-06-31' is not a time"),
        ({"as_of": "tomorrow"}, "as_of: 'tomorrow' is not a time"),
        ({"as_of": "2026-06-01 00:00:00+02:00"}, "is not a time. Write it in UTC"),
        ({"require_consent": "false"}, "require_consent: 'false' is neither true nor false"),
        ({"is_example": "no"}, "is_example: 'no' is neither true nor false"),
        ({"late_load_days": "three"}, "late_load_days: 'three' is no number of days"),
        ({"late_load_days": -1}, "late_load_days: '-1' is no number of days"),
        (
            {"late_load_days": 999999},
            "late_load_days: '999999' is no number of days from 0 to 3650",
        ),
        ({"accept_raw_tables": "yes"}, "accept_raw_tables: 'yes' is neither true nor false"),
        (
            {"evaluation_as_ofs": 0},
            "evaluation_as_ofs: '0' is no whole number from 1 to 366",
        ),
        (
            {"evaluation_contacts": "all"},
            "evaluation_contacts: 'all' is no whole number from 1 to 100000000",
        ),
        ({"max_silence_hours": 24}, "max_silence_hours: '24' does not name event tables"),
        (
            {"max_silence_hours": {"emails": 24}},
            "max_silence_hours: there is no event table 'emails'",
        ),
        (
            {"max_silence_hours": {"email_events": 0.5}},
            "max_silence_hours: '0.5' of email_events is no whole number of hours",
        ),
    ],
)
def test_a_wrong_variable_is_one_clear_error(
    classic: Project, raw: Path, variables: dict, message: str
):
    done = classic.dbt("build", "--vars", json.dumps(variables))
    assert done.returncode != 0
    assert message.format(project=classic.path) in done.stdout
    assert done.stdout.count("Compilation Error") == 1
    assert classic.is_unscored()


@pytest.mark.parametrize(
    ("table", "text", "message"),
    [
        ("contacts", None, "The raw table contacts is missing, or empty without a header,"),
        ("contacts", "", "The raw table contacts is missing, or empty without a header,"),
        (
            "contacts",
            "contact_id,mail\n1,a\n",
            "contacts in the folder {raw} has no column email_address",
        ),
        ("email_events", None, "None of the raw tables email_events, web_events, activities is in"),
        ("consents", "visitor_id\nv1\n", "consents in the folder {raw} has no column is_granted"),
    ],
)
def test_a_raw_table_that_cannot_be_right_is_one_clear_error(
    classic: Project, raw: Path, table: str, text: str | None, message: str
):
    file = raw / f"{table}.csv"
    file.unlink(missing_ok=True)
    if text is not None:
        file.write_text(text)
    done = classic.dbt("build", raw_files="exports", as_of=AS_OF)
    assert done.returncode != 0
    assert message.format(raw=raw) in done.stdout
    assert classic.is_unscored()


@pytest.mark.parametrize("flag", [["--empty"], ["--sample", "3 days"]])
def test_a_score_of_some_of_the_rows_is_refused(classic: Project, raw: Path, flag: list[str]):
    done = classic.dbt("build", *flag, raw_files="exports", as_of=AS_OF)
    assert done.returncode != 0
    assert f"{flag[0]} is of no use here: a score is of all of the rows." in done.stdout
    assert classic.is_unscored()


HEADERS = {
    "contacts": "contact_id,email_address\n",
    "email_events": "event_id,event_type,occurred_at,email_address\n",
}


@pytest.mark.parametrize(
    ("table", "rows", "message"),
    [
        ("contacts", "", "The raw table contacts in the folder {raw} has no row."),
        ("contacts", " ,ann@x.example\n,\n", "{raw} has no row with a contact_id."),
        ("email_events", "", "None of the raw tables email_events, web_events, activities in"),
    ],
    ids=("no contact", "no id", "no event"),
)
def test_a_required_table_without_rows_is_refused(
    classic: Project, raw: Path, table: str, rows: str, message: str
):
    (raw / f"{table}.csv").write_text(HEADERS[table] + rows)
    done = classic.dbt("build", raw_files="exports", as_of=AS_OF)
    assert done.returncode != 0
    assert message.format(raw=raw) in done.stdout
    assert "Load what is missing, or accept it for one build" in done.stdout
    assert classic.is_unscored()


@pytest.mark.long
def test_a_table_that_lost_half_of_its_rows_is_refused_until_it_is_accepted(
    classic: Project, raw: Path
):
    """It is missing, has a header only, or is half of what it was: the last scores stand."""
    people = [f"{number}@x.example" for number in range(4)]
    visitor = {"identity_type": "visitor"}
    call = {"event_type": "call", "occurred_at": "2026-05-31"}
    rows = {
        "contacts": [{"contact_id": who, "email_address": who} for who in people],
        "email_events": [email(who, "2026-05-31", who) for who in people],
        "identities": [visitor | {"identity_value": who, "contact_id": who} for who in people],
        # one of the event tables is enough to score by
        "activities": [call | {"event_id": who, "contact_id": who} for who in people],
        "lists": [{"list_id": "one"}, {"list_id": "another"}],
    }
    for name in rows:
        write_csv(raw, name, rows[name])
    variables = {"raw_files": "exports", "as_of": AS_OF}
    classic.score(**variables)
    before = classic.marts()

    for table, rows_left in (("contacts", 2), ("email_events", None), ("email_events", 0)):
        if rows_left is None:
            (raw / f"{table}.csv").unlink()
        else:
            write_csv(raw, table, rows[table][:rows_left], columns=rows[table][0])
        done = classic.dbt("build", *NO_TESTS, **variables)
        assert done.returncode != 0
        has = f"{table} in the folder {raw} has {rows_left} row(s), and had 4 at the last"
        if rows_left is None:
            has = f"{table} in the folder {raw} is not there, or empty without a header, and had 4"
        assert has in done.stdout
        assert "Nothing was scored; the last scores stand." in done.stdout
        assert classic.marts() == before
        write_csv(raw, table, rows[table])

    write_csv(raw, "identities", rows["identities"][:2])
    classic.score(**variables, accept_raw_tables=True)
    # what was accepted is what the next build goes by; a list that was given up is no loss
    write_csv(raw, "lists", [{"list_id": "one"}])
    classic.score(**variables)


@pytest.mark.long
def test_a_feed_that_is_silent_for_longer_than_it_may_be_is_refused(classic: Project, raw: Path):
    """Rows of a time to come do not count for it, nor when others came in."""
    events = [
        email("e1", "2026-05-29", "ann@x.example", received_at="2026-05-31 00:00:00"),
        email("e2", "2026-06-02", "ann@x.example", received_at="2026-06-02 00:00:00"),
    ]
    write_csv(raw, "email_events", events)
    variables = {"raw_files": "exports", "as_of": AS_OF}
    classic.score(**variables, max_silence_hours={"email_events": 24})

    too_short = {"email_events": 23, "activities": 99}
    done = classic.dbt("build", **variables, max_silence_hours=too_short)
    assert done.returncode != 0
    assert (
        f"Nothing came into the raw table email_events in the folder {raw} in the 23 hours before "
        "2026-06-01 00:00:00; the last row is of 2026-05-31 00:00:00."
    ) in done.stdout
    assert "2026-06-01 00:00:00; the last row is of no time that can be read." in done.stdout
    classic.score(**variables, max_silence_hours=too_short, accept_raw_tables=True)


def test_a_table_that_is_there_twice_is_an_error(classic: Project, raw: Path):
    with duckdb.connect() as connection:
        connection.execute(f"copy (select 1 as contact_id) to '{raw}/contacts.parquet'")
    done = classic.dbt("build", raw_files="exports", as_of=AS_OF)
    assert done.returncode != 0
    assert "the table contacts is there twice" in done.stdout


def test_a_line_that_cannot_be_read_is_named_and_not_shown(classic: Project, raw: Path):
    with (raw / "email_events.csv").open("a") as file:
        file.writelines(f"x{n},email_open,2026-05-31,ann@x.example\n" for n in range(30_000))
        file.write("y,email_open,2026-05-31,secret@x.example,one too many\n")
    done = classic.dbt("build", raw_files="exports", as_of=AS_OF)
    assert done.returncode != 0
    assert f"{raw}/email_events.csv has 1 line(s) that cannot be read" in done.stdout
    assert "the first is line 30003 (too many columns)" in done.stdout
    assert "secret" not in done.stdout


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (
            "contacts.csv",
            "contact_id,email_address,full_name\n1,ann@x.example,Ann\n2,secret@x.example,Él\n",
            "has 1 line(s) that cannot be read as CSV in UTF-8; the first is line 3 (invalid enc",
        ),
        (
            "contacts.csv",
            'contact_id,email_address,full_name\n1,secret@x.example,"A" B\n2,b@x.example,B\n',
            "has 1 line(s) that cannot be read as CSV in UTF-8; the first is line 2 (unquoted v",
        ),
        (
            "contacts.csv",
            f"contact_id,email_address\n1,secret@x.example{'x' * 3_000_000}\n",
            "has 1 line(s) that cannot be read as CSV in UTF-8; the first is line 2 (line size",
        ),
        (
            "contacts.csv",
            "\ncontact_id,email_address\n1,secret@x.example\n",
            "has no header that can be read in its first line",
        ),
        (
            "contacts.csv",
            "contact_id,email_address\n1,secret@x.example\ncontact_id,email_address\n2,b\n",
            "holds its header 2 times",
        ),
        (
            "contacts.csv",
            BOM
            + '"contact_id",email_address\n1,secret@x.example\n'
            + BOM
            + '"contact_id",email_address\n2,b\n',
            "holds its header 2 times",
        ),
        (
            "contacts.csv",
            "ÿþ" + "\0".join("contact_id,email_address\n1,secret@x.example\n") + "\0",
            'is in UTF-16, or broken: it holds zero bytes. Save it as "CSV UTF-8"',
        ),
        (
            "contacts.csv",
            "contact_id;email_address\n1;secret@x.example\n",
            "is separated by semicolons. Export it with commas.",
        ),
        (
            "email_events/2.csv",
            "event_id\tevent_type\toccurred_at\temail_address\n"
            "e9\temail_open\t2026-05-31\tsecret@x.example\n",
            "is separated by tabs. Export it with commas.",
        ),
        (
            "email_events/2.csv",
            "e9,email_open,2026-05-31,secret@x.example\n",
            "has no column event_id in its first line",
        ),
        (
            "contacts.csv",
            "contact_id,email_address\r\n1,secret@x.example\r\n2,b\n",
            "has lines that end in different ways. Export it with line ends of one kind.",
        ),
        (
            "contacts.csv",
            "PK\3\4\n\0\r\b secret@x.example\n",
            "is no text: its first line holds control characters",
        ),
        (
            "web_events.csv.gz",
            "event_id,event_type,occurred_at,visitor_id\n",
            "is not read. Name it web_events.csv or web_events.parquet",
        ),
    ],
    ids=(
        *("latin-1", "quotes", "long", "blank", "header twice", "files joined", "UTF-16"),
        *("semicolons", "tabs in a folder", "no header in a folder"),
        *("line ends", "a workbook", "gz"),
    ),
)
def test_a_file_that_is_not_what_it_should_be_is_named_and_not_shown(
    classic: Project, raw: Path, name: str, content: str, message: str
):
    if "/" in name:
        (raw / "email_events").mkdir()
        (raw / "email_events.csv").rename(raw / "email_events" / "1.csv")
    (raw / name).write_bytes(content.encode("latin-1"))
    done = classic.dbt("build", raw_files="exports", as_of=AS_OF)
    assert done.returncode != 0
    assert f"{raw}/{name} {message}" in done.stdout
    assert "secret" not in done.stdout
    assert classic.is_unscored()


EVENTS = (
    "select 'e' || range as event_id, 'email_open' as event_type, "
    "timestamp '2026-05-31' as occurred_at, 'secret@x.example' as email_address from range(1000)"
)


@pytest.mark.parametrize("how", ["empty", "cut", "zeroed", "in a folder", "a list of times"])
def test_a_parquet_file_that_cannot_be_read_is_one_line(classic: Project, raw: Path, how: str):
    """It names the raw table; DuckDB's own error names a line of its SQL."""
    (raw / "email_events.csv").unlink()
    file = raw / "email_events.parquet"
    if how == "in a folder":
        (raw / "email_events").mkdir()
        duckdb.execute(f"copy ({EVENTS}) to '{raw}/email_events/1.parquet'")
        file = raw / "email_events" / "2.parquet"
    query = EVENTS
    if how == "a list of times":
        query = EVENTS.replace("timestamp '2026-05-31'", "[timestamp '2026-05-31']")
    duckdb.execute(f"copy ({query}) to '{file}'")
    content = file.read_bytes()
    broken = {"empty": b"", "zeroed": bytes(len(content)), "a list of times": content}
    file.write_bytes(broken.get(how, content[: len(content) // 2]))
    done = classic.dbt("build", raw_files="exports", as_of=AS_OF)
    assert done.returncode != 0
    message = (
        f"The raw table email_events in the folder {raw} has a column occurred_at of type "
        "TIMESTAMP[]. It must be a timestamp, a date or a text"
        if how == "a list of times"
        else f"raw_files: {file} of the raw table email_events is no whole Parquet file."
    )
    assert message in done.stdout
    assert done.stdout.count("Error") == 1
    assert "secret" not in done.stdout
    assert classic.is_unscored()


def test_ids_that_became_floats_and_nested_columns_are_read(classic: Project):
    """pandas writes whole numbers as floats where one of them is missing."""
    folder = classic.path / "exports"
    folder.mkdir()
    with duckdb.connect() as connection:
        for table, query in {
            "contacts": "select * from (values "
            "(1, 2.0::double, 'a@x.example', ['1', '2'], '2026-05-31 10:00:00 UTC'), "
            "(2, null, 'b@x.example', [], null)) as rows "
            "(contact_id, merged_into_contact_id, email_address, phone, deleted_at)",
            "activities": "select 'e1' as event_id, 'call' as event_type, "
            "date '2026-05-31' as occurred_at, 1.0::double as contact_id, "
            "{'note': 'hello'} as detail",
        }.items():
            connection.execute(f"copy ({query}) to '{folder}/{table}.parquet'")
    rule = "note,,call,detail,contains,hello,3,,,,,,,\n"
    classic.write_config("scoring_rules", CLASSIC_RULES + rule)
    done = classic.dbt(
        *("build", "--exclude-resource-type", "unit_test"), raw_files="exports", as_of=AS_OF
    )
    classic.write_config("scoring_rules", CLASSIC_RULES)
    assert done.returncode == 0, done.stdout
    assert scores(classic) == {"2": 3}
    # BigQuery writes ` UTC`
    assert "cannot be read as a time" not in done.stdout


def test_times_that_cannot_be_read_are_warned_about_and_others_are_not(classic: Project, raw: Path):
    """Of every raw table; in CSV as text, in Parquet by what a timestamp can hold beside times."""
    contact = {"contact_id": "1", "email_address": "ann@x.example"}
    odd = ["12/20/2025", "yesterday", "1793872920000000", "2025-12-20 10:00:00 UTC", "", " "]
    write_csv(raw, "contacts", [contact | {"updated_at": value} for value in odd])
    for table, row, column in [
        ("identities", {"identity_type": "visitor", "contact_id": "1"}, "linked_at"),
        ("consents", {"visitor_id": "v1", "is_granted": "true"}, "decided_at"),
        ("list_memberships", {"list_id": "l1", "contact_id": "1"}, "removed_at"),
    ]:
        identity = {"identity_value": "v1"} if table == "identities" else {}
        write_csv(raw, table, [row | identity | {column: value} for value in odd])
    (raw / "email_events.csv").unlink()
    (raw / "web_events").mkdir()
    with duckdb.connect() as connection:
        connection.execute(
            "copy (select 'e' || row_number() over () as event_id, 'email_open' as event_type, "
            "'ann@x.example' as email_address, timestamp '2026-05-31 10:00:00' as occurred_at, "
            "received_at::timestamp as received_at from (values ('infinity'), (null), "
            f"('2026-05-31 10:00:00')) as t (received_at)) to '{raw}/email_events.parquet'"
        )
    done = classic.dbt(
        "build", "--exclude-resource-type", "unit_test", raw_files="exports", as_of=AS_OF
    )
    assert done.returncode == 0, done.stdout
    assert re.findall(r"(\w+[.]\w+): (\d+) row\(s\) hold something that cannot", done.stdout) == [
        ("consents.decided_at", "3"),
        ("contacts.updated_at", "3"),
        ("email_events.received_at", "1"),
        ("identities.linked_at", "3"),
        ("list_memberships.removed_at", "3"),
    ]
    assert "12/20/2025" not in done.stdout
    assert scores(classic) == {"1": 3}


@pytest.mark.parametrize(
    ("table", "column", "value", "message"),
    [
        long("contacts", "contact_id", "1234567890123456::bigint", None),
        ("contacts", "contact_id", "1234567890123456::double", None),
        long("contacts", "contact_id", "9007199254740991::double", None),
        ("contacts", "contact_id", "9007199254740993::double", "contact_id of type DOUBLE"),
        ("contacts", "contact_id", "1234567890123456789::double", "contact_id of type DOUBLE"),
        ("contacts", "contact_id", "-1234567890123456789::double", "contact_id of type DOUBLE"),
        long("contacts", "contact_id", "16777215::float", None),
        ("contacts", "contact_id", "16777217::float", "contact_id of type FLOAT"),
        ("activities", "event_id", "1e300::double", "event_id of type DOUBLE"),
    ],
)
def test_ids_that_are_floats_are_read_whole_or_refused(
    classic: Project, raw: Path, table: str, column: str, value: str, message: str | None
):
    """The contact's id as a float in one table, and as text in the other."""
    for file in raw.glob("*.csv"):
        file.unlink()
    contact = value if column == "contact_id" else "'1'"
    event = value if column == "event_id" else "'e1'"
    other = f"'{contact.strip(chr(39)).partition('::')[0]}'"
    with duckdb.connect() as connection:
        connection.execute(
            f"copy (select {contact} as contact_id, 'ann@x.example' as email_address) "
            f"to '{raw}/contacts.parquet'"
        )
        connection.execute(
            f"copy (select {event} as event_id, 'note' as event_type, {other} as contact_id, "
            f"date '2026-05-31' as occurred_at) to '{raw}/activities.parquet'"
        )
    classic.write_config("scoring_rules", CLASSIC_RULES + "note,,note,,,,3,,,,,,,\n")
    done = classic.dbt("build", *NO_TESTS, raw_files="exports", as_of=AS_OF)
    classic.write_config("scoring_rules", CLASSIC_RULES)
    if message is None:
        assert done.returncode == 0, done.stdout
        assert scores(classic) == {value.partition("::")[0]: 3}
    else:
        assert f"The raw table {table} in the folder {raw} has a column {message}" in done.stdout
        assert done.returncode != 0
        assert classic.is_unscored()


def test_raw_schema_takes_names_in_any_case(classic: Project):
    with duckdb.connect(str(classic.database)) as connection:
        connection.execute('create schema "CRM"')
        connection.execute('create table "CRM"."CONTACTS" (contact_id int, email_address text)')
        connection.execute('insert into "CRM"."CONTACTS" values (7, \'ann@x.example\')')
        connection.execute(
            'create table "CRM"."Activities" as select 1 as event_id, \'call\' as event_type, '
            "date '2026-05-31' as occurred_at, 7 as contact_id"
        )
    classic.score(raw_schema="crm", as_of=AS_OF)
    assert classic.query("select contact_id from marts.contact_scores") == [("7",)]
    assert classic.query(
        "select engagements from marts.scoring_status where source = 'activities'"
    ) == [(1,)]


def test_a_database_called_as_a_schema_is_an_error(classic: Project, tmp_path: Path):
    done = classic.dbt("build", env={"CONTACT_SCORING_DB": str(tmp_path / "marts.duckdb")})
    assert done.returncode != 0
    assert "The database is called marts, as a schema in it is" in done.stdout


def test_a_build_that_spills_to_disk_goes_on(project: Project):
    """dbt opens a connection for each model, and the second would have set the folder again."""
    models = project.path / "models" / "staging"
    sort = "select hash(range) as a, repeat('x', 100) as b from range(5000000) order by a"
    (models / "large.sql").write_text("{{ config(materialized='table') }} " + sort)
    (models / "later.sql").write_text("select count(*) as n from {{ ref('large') }}")
    done = project.dbt("run", "-s", "large+", env={"CONTACT_SCORING_MEMORY_LIMIT": "300MB"})
    assert done.returncode == 0, done.stdout


def test_dbt_compiles_before_anything_is_built(classic: Project):
    done = classic.dbt("compile")
    assert done.returncode == 0, done.stdout


def test_a_folder_whose_name_looks_like_a_pattern_is_that_folder(classic: Project):
    """And a text of several lines in a file whose lines end as those of Windows do."""
    folder = classic.path / "exports" / "[2026] all* \\ what?"
    (folder / "contacts" / "x").mkdir(parents=True)
    text = 'contact_id,email_address,full_name\r\n1,ann@x.example,"two\nlines"\r\n'
    (folder / "contacts" / "x" / "1.csv").write_bytes(text.encode())
    write_csv(folder, "email_events", [email("e1", "2026-05-31", "ann@x.example")])
    write_csv(classic.path / "exports" / "2 all \\ what1", "lists", [{"list_id": "another's"}])
    classic.score(raw_files=str(folder), as_of=AS_OF)
    assert scores(classic) == {"1": 1}
    assert classic.query("select full_name from marts.contact_scores") == [("two\nlines",)]


def test_a_line_that_looks_like_a_comment_is_a_row(classic: Project, raw: Path):
    with (raw / "email_events.csv").open("a") as file:
        file.write("#e2,email_open,2026-05-31,ann@x.example\n")
    classic.score(raw_files="exports", as_of=AS_OF)
    assert scores(classic) == {"1": 2}


def test_a_merge_loop_names_its_contacts_and_leaves_the_last_scores(classic: Project, raw: Path):
    classic.score(raw_files="exports", as_of=AS_OF)
    before = classic.mart("contact_scores")
    contacts = [
        {"contact_id": "a", "email_address": "a@x.example", "merged_into_contact_id": "b"},
        {"contact_id": "b", "email_address": "b@x.example", "merged_into_contact_id": "c"},
        {"contact_id": "c", "email_address": "c@x.example", "merged_into_contact_id": "b"},
        {"contact_id": "self", "email_address": "s@x.example", "merged_into_contact_id": "self"},
        {"contact_id": "d", "email_address": "d@x.example"},
    ]
    write_csv(raw, "contacts", contacts)
    done = classic.dbt("build", raw_files="exports", as_of=AS_OF)
    assert done.returncode != 0
    assert "Contacts are merged in a loop: b, c. Mend merged_into_contact_id" in done.stdout
    assert classic.mart("contact_scores") == before


def test_a_contact_without_an_address_scores_by_what_names_it(classic: Project, raw: Path):
    contacts = [
        {"contact_id": "1", "email_address": "ann@x.example"},
        {"contact_id": "2", "email_address": " "},
        {"contact_id": "3", "email_address": ""},
    ]
    write_csv(raw, "contacts", contacts)
    events = [
        email("e1", "2026-05-31 10:00:00", "ann@x.example"),
        email("e2", "2026-05-31 10:00:00", " "),
    ]
    write_csv(raw, "email_events", events)
    calls = [{"event_id": "a1", "event_type": "call", "occurred_at": "2026-05-31"}]
    write_csv(raw, "activities", [calls[0] | {"contact_id": "2"}])
    classic.write_config("scoring_rules", CLASSIC_RULES + "call,,call,,,,4,,,,,,,\n")
    classic.score(raw_files="exports", as_of=AS_OF)
    classic.write_config("scoring_rules", CLASSIC_RULES)
    rows = classic.query(
        "select contact_id, email_address, status, score_30d::int "
        "from marts.contact_scores order by contact_id"
    )
    assert rows == [
        ("1", "ann@x.example", "active", 1),
        ("2", None, "active", 4),
        ("3", None, "inactive", 0),
    ]
    # an event without an address is nobody's, not theirs
    assert classic.query("select event_id, reason from marts.rejected_events") == [
        ("e2", "missing_actor")
    ]


@pytest.mark.long
def test_without_website_tracking_no_web_event_is_read(classic: Project, raw: Path):
    view = {"event_id": "w1", "event_type": "page_view", "occurred_at": "2026-05-31"}
    write_csv(raw, "web_events", [view | {"visitor_id": "v"}])
    identity = {"identity_type": "visitor", "identity_value": "v", "contact_id": "1"}
    write_csv(raw, "identities", [identity])
    variables = {"raw_files": "exports", "as_of": AS_OF, "require_consent": False}
    classic.score(**variables)
    assert scores(classic) == {"1": 2}
    classic.score(**variables, website_tracking=False)
    assert scores(classic) == {"1": 1}
    assert status(classic)["web_events"] == (0, 0, 0, 0)


@pytest.mark.long
def test_the_demo_is_forgotten_once_other_input_is_built(classic: Project, raw: Path):
    """Its as-of is newer than that of many a try-out, which would pass for a replay."""
    spans = "select contact_id, valid_from::text, valid_to::text from marts.score_history"
    classic.score()
    assert len(classic.query(spans)) > 100
    classic.score(raw_files="exports", as_of=AS_OF)
    assert classic.query(spans) == [("1", AS_OF, None)]
    # nor does a look at the demo harm the history, whatever is built after it
    classic.score()
    classic.score(raw_files="exports", as_of=AS_OF)
    builds = "select as_of::text, count(*) from points.history_builds group by as_of"
    assert classic.query(builds) == [(AS_OF, 1)]
    classic.score()
    classic.score(raw_files="exports", as_of="2026-12-01 00:00:00")
    assert sorted(classic.query(spans)) == [
        ("1", AS_OF, "2026-12-01 00:00:00"),
        ("1", "2026-12-01 00:00:00", None),
    ]


def test_the_last_boundary_is_the_default_as_of(classic: Project, raw: Path):
    classic.score(raw_files="exports")
    ((as_of, age),) = classic.query(
        "select as_of, (now() at time zone 'UTC') - as_of from marts.scoring_status limit 1"
    )
    assert (as_of.hour, as_of.minute, as_of.second, as_of.microsecond) in {
        (0, 0, 0, 0),
        (12, 0, 0, 0),
    }
    assert 0 <= age.total_seconds() < 12 * 3600 + 600
