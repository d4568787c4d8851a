"""Mailchimp's tables as Fivetran leaves them: what becomes of each row, and the scores."""

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

pytestmark = pytest.mark.xdist_group("mailchimp")


@pytest.fixture(scope="module")
def mailchimp(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = connected(tmp_path_factory.mktemp("mailchimp") / "a project", "mailchimp")
    project.build(*NO_UNIT_TESTS, connectors=["mailchimp"], as_of=AS_OF)
    return project


def test_mailchimp_scores_an_address_once_on_whatever_lists(mailchimp: Project):
    # Ada: an open, two links clicked within a second, and a click in an automation
    # who came back, or left one list of two, is scored
    assert scores(mailchimp) == {"ada": 4, "ben": 1, "back": 1, "byapi": 1, "other": 1}


def test_mailchimp_disqualifies_who_left_all_lists_bounced_or_complained(mailchimp: Project):
    assert disqualified(mailchimp) == {
        ("bounced", "email_hard_bounce"),
        ("both", "email_unsubscribe"),
        ("byhand", "email_unsubscribe"),
        ("cleaned", "email_hard_bounce"),
        ("late", "email_unsubscribe"),
        ("out", "email_unsubscribe"),
        ("spam", "email_spam_complaint"),
    }
    soft = mailchimp.query(
        "select contact_id from connectors.united_email_events "
        "where event_type = 'email_soft_bounce' order by 1"
    )
    assert soft == [("ada",), ("ben",)]


def test_who_comes_back_to_mailchimp_is_resubscribed_from_then_on(mailchimp: Project):
    # by a new opt-in, by a change of the status alone, and to another list than the one left
    found = mailchimp.query(
        "select contact_id, cast(occurred_at as text) from connectors.united_email_events "
        "where event_type = 'email_resubscribe' order by 1"
    )
    assert found == [
        ("back", "2026-05-15 08:00:00"),
        ("byapi", "2026-05-18 12:00:00"),
        ("other", "2026-05-12 12:00:00"),
    ]


def test_two_mailchimp_events_that_agree_in_all_are_one(mailchimp: Project):
    found = mailchimp.query(
        "select event_type, count(*), count(distinct event_id) "
        "from connectors.united_email_events "
        "where contact_id = 'ada' and event_type in ('email_open', 'email_click') "
        "and occurred_at < timestamp '2026-05-21' group by 1 order by 1"
    )
    assert found == [("email_click", 2, 2), ("email_open", 2, 1)]


def test_a_type_that_mailchimp_is_not_known_for_is_rejected_by_its_own_name(mailchimp: Project):
    assert {(event_type, reason) for _, event_type, reason in rejected(mailchimp)} == {
        ("hibernating", "unknown_event_type"),
        ("hologram", "unknown_event_type"),
        ("email_open", "invalid_occurred_at"),
    }


def test_a_mailchimp_contact_is_made_of_all_of_its_lists(mailchimp: Project):
    found = mailchimp.query(
        "select email_address, full_name, company_name, phone from marts.contact_scores "
        "where contact_id = 'ada'"
    )
    assert found == [("ada@alpha.example", "Ada Park", "Alpha", "+46 1 234")]
    people = mailchimp.query("select count(*) from marts.contact_scores")
    assert people == [(15,)]


def test_mailchimp_lists_keep_present_members(mailchimp: Project):
    members = mailchimp.query(
        "select distinct list_name, contact_id from marts.contact_list_scores order by 1, 2"
    )
    assert members == [
        ("Customers", "ada"),
        *(("Newsletter", name) for name in ("ada", "back", "bounced", "byapi", "late")),
        *(("Product news", name) for name in ("ada", "ben", "other", "spam")),
    ]


def test_every_mailchimp_row_is_a_raw_row_or_left_out_by_a_rule(mailchimp: Project):
    assert counts(mailchimp, "mailchimp") == {
        "member": {"source_rows": 21, "raw_rows": 21},
        "list": {"source_rows": 3, "raw_rows": 3},
        "segment": {"source_rows": 1, "raw_rows": 1},
        "segment_member": {"source_rows": 2, "raw_rows": 2},
        "status of member": {"source_rows": 21, "raw_rows": 6, "status_without_an_event": 15},
        "unsubscribe": {"source_rows": 9, "raw_rows": 7, "still_on_another_list": 2},
        "campaign_recipient": {"source_rows": 5, "raw_rows": 3, "sending_time_unknown": 2},
        "campaign_recipient_activity": {"source_rows": 17, "raw_rows": 17},
        "automation_recipient_activity": {"source_rows": 1, "raw_rows": 1},
    }


def test_columns_and_tables_that_a_mailchimp_lacks_are_null(
    tmp_path_factory: pytest.TempPathFactory,
):
    bare = copy_project(tmp_path_factory.mktemp("bare"))
    file = FIXTURES / "mailchimp" / "member.csv"
    with duckdb.connect(str(bare.database)) as connection:
        connection.execute("create schema fivetran_mailchimp")
        connection.execute(
            "create table fivetran_mailchimp.people as select id, email_address, list_id "
            f"from read_csv('{file}', header = true)"
        )
    named = {
        "mailchimp_schema": "fivetran_mailchimp",
        "mailchimp_identifiers": {"member": "people"},
    }
    variables = {"connectors": ["mailchimp"], **named}
    bare.build(*NO_UNIT_TESTS, "-s", "path:models/connectors", **variables)
    assert bare.query(
        "select count(*), count(email_address), count(full_name), count(updated_at) "
        "from connectors.united_contacts"
    ) == [(21, 21, 0, 0)]
    assert bare.query(
        "select count(*), count(added_at), count(removed_at) "
        "from connectors.united_list_memberships"
    ) == [(21, 0, 0)]
    for table in ("email_events", "lists"):
        assert bare.query(f"select * from connectors.united_{table}") == [], table


def test_postgres_reads_mailchimp_as_duckdb_does(
    mailchimp: Project, postgres_server: postgres.Server
):
    tables = ["contacts", "email_events", "lists", "list_memberships"]
    assert_same_on(mailchimp, postgres_server, ["mailchimp"], tables)
