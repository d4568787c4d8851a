"""SendGrid's events as a collector leaves them: what becomes of each row, and the scores."""

import gzip
from pathlib import Path

import duckdb
import pytest
from conftest import NO_UNIT_TESTS, Project, copy_project
from connected import (
    AS_OF,
    FIXTURES,
    assert_same_on,
    connected,
    counts,
    disqualified,
    rejected,
    scores,
)

from tools import postgres

pytestmark = pytest.mark.xdist_group("sendgrid")


@pytest.fixture(scope="module")
def sendgrid(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """SendGrid's events beside HubSpot's contacts."""
    folder = tmp_path_factory.mktemp("sendgrid") / "a project"
    project = connected(folder, "hubspot", "sendgrid")
    project.build(*NO_UNIT_TESTS, connectors=["hubspot", "sendgrid"], as_of=AS_OF)
    return project


def test_sendgrid_events_score_the_contacts_of_another_tool(sendgrid: Project):
    # on top of HubSpot's 13: an open that is no machine's, and a click that was delivered twice
    assert scores(sendgrid)["101"] == 15
    assert sendgrid.query(
        "select event_id, machine_reason from engagement.engagements "
        "where event_id in ('sg-3', 'sg-4') order by 1"
    ) == [("sg-3", "flagged"), ("sg-4", None)]


def test_a_sendgrid_bounce_is_hard_and_a_block_and_a_group_are_no_end(sendgrid: Project):
    # Ada was blocked, and left a group
    found = {row for row in disqualified(sendgrid) if row[0] in {"101", "102", "109", "111"}}
    assert found == {
        ("102", "email_hard_bounce"),
        ("109", "email_unsubscribe"),
        ("111", "email_spam_complaint"),
    }


def test_a_sendgrid_event_that_cannot_be_read_is_rejected(sendgrid: Project):
    found = {row for row in rejected(sendgrid) if row[0] is None or row[0].startswith("sg-")}
    assert found == {
        ("sg-15", "telepathy", "unknown_event_type"),
        (None, "email_open", "missing_event_id"),
        ("sg-16", "email_open", "invalid_occurred_at"),
    }


def test_every_sendgrid_row_is_a_raw_row_or_left_out_by_a_rule(sendgrid: Project):
    assert counts(sendgrid, "sendgrid") == {
        "event": {
            "source_rows": 18,
            "raw_rows": 14,
            "never_sent": 1,
            "change_of_one_group": 2,
            "about_the_account": 1,
        }
    }


EVENTS = "select * from connectors.sendgrid_email_events order by event_id, received_at"


def test_sendgrid_events_with_a_column_per_key_read_as_json_does(sendgrid: Project, tmp_path: Path):
    bare = copy_project(tmp_path)
    keys = "email, event, timestamp, sg_event_id, sg_message_id, type, url, useragent"
    keys += ", sg_machine_open, marketing_campaign_id"  # and no singlesend_id
    read = ", ".join(f"payload ->> '{key.strip()}' as {key}" for key in keys.split(","))
    file = FIXTURES / "sendgrid" / "event.csv"
    with duckdb.connect(str(bare.database)) as connection:
        connection.execute("create schema webhooks")
        connection.execute(
            f"create table webhooks.events as select {read}, received_at "
            f"from read_csv('{file}', header = true)"
        )
    named = {"sendgrid_schema": "webhooks", "sendgrid_identifiers": {"event": "events"}}
    variables = {"connectors": ["sendgrid"], **named}
    bare.build(*NO_UNIT_TESTS, "-s", "path:models/connectors", **variables)
    assert bare.query(EVENTS) == sendgrid.query(EVENTS)


def posts(folder: Path) -> None:
    """The events of the fixture in files, as collectors write them."""
    file = FIXTURES / "sendgrid" / "event.csv"
    rows = duckdb.sql(f"select payload from read_csv('{file}', header = true)").fetchall()
    events = [payload for (payload,) in rows]
    (folder / "2026").mkdir(parents=True)
    (folder / "2026" / "one.json").write_text(events[0], "utf-8")
    (folder / "list.json").write_text("[\n" + ",\n".join(events[1:5]) + "\n]", "utf-8")
    (folder / "lines.jsonl").write_text("\n".join(events[5:8]) + "\n", "utf-8")
    # a post per line, and each is a list
    lines = f"[{','.join(events[8:10])}]\n[]\n[{','.join(events[10:])}]\n"
    (folder / "posts.jsonl.gz").write_bytes(gzip.compress(lines.encode()))


@pytest.fixture(scope="module")
def in_files(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = copy_project(tmp_path_factory.mktemp("posts"))
    posts(project.path / "exports" / "it's [new]")
    return project


FILES = {"connectors": ["sendgrid"], "sendgrid_files": "exports/it's [new]"}
MODELS = (*NO_UNIT_TESTS, "-s", "path:models/connectors")


def test_sendgrid_events_in_files_read_as_a_table_does(sendgrid: Project, in_files: Project):
    in_files.build(*MODELS, **FILES)
    # files tell of no time of receipt
    query = "select * exclude (received_at) from connectors.sendgrid_email_events order by all"
    assert in_files.query(query) == sendgrid.query(query)
    assert counts(in_files, "sendgrid") == counts(sendgrid, "sendgrid")


@pytest.mark.parametrize(
    ("name", "written", "message"),
    [
        ("cut.jsonl", b'{"email": "ada@x.example", "ev', 'Malformed JSON in file "{file}"'),
        ("plain.json.gz", b"{}", "Input is not a GZIP stream: {file}"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(
    in_files: Project, name: str, written: bytes, message: str
):
    file = in_files.path / "exports" / "broken" / name
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(written)
    done = in_files.dbt("build", *MODELS, **FILES | {"sendgrid_files": "exports/broken"})
    file.unlink()
    assert done.returncode == 1
    assert message.format(file=file) in done.stdout
    assert "ada@" not in done.stdout


def test_a_folder_without_files_is_named(in_files: Project):
    done = in_files.dbt("build", *MODELS, **FILES | {"sendgrid_files": "exports/none"})
    assert done.returncode == 1
    message = "sendgrid_files: there is no .json or .jsonl file in the folder "
    assert f"{message}{in_files.path / 'exports' / 'none'}." in done.stdout


def test_postgres_reads_sendgrid_as_duckdb_does(
    sendgrid: Project, postgres_server: postgres.Server
):
    assert_same_on(sendgrid, postgres_server, ["hubspot", "sendgrid"], ["email_events"])
