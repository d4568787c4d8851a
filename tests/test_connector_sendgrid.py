"""SendGrid's events as a collector leaves them: what becomes of each row, and the scores."""

from pathlib import Path

import duckdb
import pytest
from conftest import NO_UNIT_TESTS, Project, copy_project
from connected import (
    AS_OF,
    FIXTURES,
    assert_same_on_postgres,
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


def test_postgres_reads_sendgrid_as_duckdb_does(
    sendgrid: Project, postgres_server: postgres.Server
):
    assert_same_on_postgres(sendgrid, postgres_server, ["hubspot", "sendgrid"], ["email_events"])
