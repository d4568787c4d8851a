"""Salesforce's tables as Fivetran leaves them: what becomes of each row, and the scores."""

from pathlib import Path

import duckdb
import pytest
from conftest import NO_TESTS, NO_UNIT_TESTS, ROOT, Project, copy_project
from connected import (
    AS_OF,
    FIXTURES,
    RULES,
    assert_same_on,
    connected,
    counts,
    disqualified,
    rejected,
    scores,
)

from tools import postgres

pytestmark = pytest.mark.xdist_group("salesforce")

POINTS = {
    "sales_email": 1,
    "campaign_response": 2,
    "meeting_booked": 4,
    "call_logged": 8,
    "meeting_attended": 16,
    "task_completed": 32,
    "product_demo": 64,
}
NAMED = {
    "salesforce_activity_types": {"Demo": "product_demo"},
    "salesforce_attributes": ["number_of_employees", "industry"],
}


@pytest.fixture(scope="module")
def salesforce(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = connected(tmp_path_factory.mktemp("salesforce") / "a project", "salesforce")
    activities = "".join(f"{name},,{name},,,,{points},,,,,,,\n" for name, points in POINTS.items())
    project.write_config("scoring_rules", RULES + activities)
    project.build(*NO_UNIT_TESTS, connectors=["salesforce"], as_of=AS_OF, **NAMED)
    return project


def test_salesforce_scores_contacts_and_leads_for_what_was_done_with_them(salesforce: Project):
    # Ada: a call, an e-mail, a meeting, two bookings and a response
    # Ben: a call and a response of his own, a task of his lead, a meeting of a merged contact
    # Lea, a lead: a demo and a meeting at a fair of her own, an e-mail of a merged lead
    assert scores(salesforce) == {
        "003A": 8 + 1 + 16 + 2 * 4 + 2,
        "003B": 8 + 2 + 32 + 16,
        "00Q2": 64 + 16 + 1,
    }


def test_salesforce_disqualifies_whom_it_says_to_leave_alone(salesforce: Project):
    assert disqualified(salesforce) == {
        ("003E", "email_hard_bounce"),
        ("003G", "email_unsubscribe"),
        ("003I", "email_hard_bounce"),
        ("00Q5", "email_unsubscribe"),
    }


def test_a_salesforce_bounce_is_soft_if_its_status_code_says_so(salesforce: Project):
    soft = salesforce.query(
        "select contact_id, email_address from connectors.united_email_events "
        "where event_type = 'email_soft_bounce' order by 1"
    )
    assert soft == [("003F", "full@delta.example"), ("00Q5", "later@delta.example")]


def test_a_salesforce_opt_out_that_never_was_is_not_taken_back(salesforce: Project):
    back = salesforce.query(
        "select event_id, contact_id from connectors.united_email_events "
        "where event_type = 'email_resubscribe'"
    )
    assert back == [("017C", "003H")]


def test_a_type_of_activity_that_nobody_named_is_rejected_by_salesforces_name(salesforce: Project):
    assert rejected(salesforce) == {
        ("00T6", "Séance", "unknown_event_type"),
        ("00U6", "Standup", "unknown_event_type"),
    }


def test_who_is_deleted_in_salesforce_is_erased_and_who_was_merged_or_converted_is_not(
    salesforce: Project,
):
    assert salesforce.query(
        "select contact_id, merged_into_contact_id from connectors.united_contacts "
        "where merged_into_contact_id is not null order by 1"
    ) == [("003C", "003B"), ("00Q1", "003B"), ("00Q3", "00Q2")]
    people = salesforce.query("select contact_id from marts.contact_scores order by 1")
    assert [contact for (contact,) in people] == [
        *("003A", "003B", "003E", "003F", "003G", "003H", "003I", "003J", "00Q2", "00Q5")
    ]
    assert salesforce.query(
        "select source, erased from marts.scoring_status where erased > 0 order by 1"
    ) == [("activities", 1), ("email_events", 1)]


def test_salesforce_contacts_have_account_owner_and_times(salesforce: Project):
    found = salesforce.query(
        "select full_name, company_name, job_title, country, phone, owner, account_id "
        "from connectors.united_contacts where contact_id in ('003A', '003B', '00Q2') "
        "order by contact_id"
    )
    assert found == [
        ("Ada Park", "Alpha AB", "CTO", "Sweden", "+46 1 234", "Maya Lind", "001A"),
        # a queue owns him, and is no user
        ("Ben", "Beta", None, "SE", None, "00GQ", "001B"),
        # in history mode: the newest version
        ("Lea Lind", "Epsilon", "Head of Sales", "DK", "+46 2 345", "nils@seller.example", None),
    ]
    assert salesforce.query(
        "select cast(created_at as text), cast(updated_at as text) "
        "from connectors.united_contacts where contact_id = '003A'"
    ) == [("2026-01-10 08:00:00", "2026-05-30 09:00:00")]


def test_an_address_that_a_contact_gave_up_in_salesforce_is_still_theirs(salesforce: Project):
    assert salesforce.query(
        "select identity_type, identity_value, contact_id from connectors.united_identities"
    ) == [("email", "ada@old.example", "003A")]


def test_an_attribute_that_contacts_lack_is_that_of_their_account(salesforce: Project):
    found = salesforce.query(
        "select contact_id, attribute_name, attribute_value from connectors.united_attributes "
        "where contact_id in ('003A', '00Q2') order by 1, 2"
    )
    assert found == [
        ("003A", "industry", "Machinery"),
        ("003A", "lead_source", "Web"),
        ("003A", "number_of_employees", "250"),
        ("00Q2", "lead_source", "Web"),
        ("00Q2", "number_of_employees", "40"),
    ]


def test_salesforce_campaigns_keep_present_members(salesforce: Project):
    members = salesforce.query(
        "select distinct list_name, contact_id from marts.contact_list_scores order by 1, 2"
    )
    assert members == [("Spring webinar", contact) for contact in ("003A", "003B", "00Q2")]


def test_a_salesforce_meeting_counts_when_it_is_booked_and_again_when_it_was_held(
    salesforce: Project,
):
    meetings = salesforce.query(
        "select event_id, event_type, cast(occurred_at as text), detail "
        "from connectors.united_activities where event_id like '00U%' order by 1"
    )
    assert meetings == [
        ("00U1", "meeting_attended", "2026-05-25 09:00:00", "Pricing talk"),
        ("00U1 booked", "meeting_booked", "2026-05-20 08:00:00", "Pricing talk"),
        ("00U2 booked", "meeting_booked", "2026-05-28 08:00:00", "Second talk"),
        ("00U3", "call_logged", "2026-05-26 09:00:00", "Planned call"),
        ("00U6", "Standup", "2026-05-25 09:00:00", "On our feet"),
        ("00U7", "meeting_attended", "2026-05-25 00:00:00", "Met at the fair"),
    ]


def test_the_rules_of_the_demo_match_activities_of_salesforce(salesforce: Project):
    rules = (ROOT / "seeds" / "config" / "scoring_rules.csv").read_text("utf-8")
    types = {line.split(",")[2] for line in rules.splitlines()[1:]}
    ours = salesforce.query("select distinct event_type from connectors.united_activities")
    assert types & {name for (name,) in ours} == {
        *("call_logged", "meeting_attended", "meeting_booked")
    }


def test_every_salesforce_row_is_a_raw_row_or_left_out_by_a_rule(salesforce: Project):
    no_meeting = {"deleted": 1, "copy_for_an_invitee": 1, "names_no_person": 1}
    assert counts(salesforce, "salesforce") == {
        "contact": {"source_rows": 10, "raw_rows": 10},
        "lead": {"source_rows": 7, "raw_rows": 6, "earlier_version": 1},
        "contact (bounces)": {"source_rows": 10, "raw_rows": 4, "not_bounced": 6},
        "lead (bounces)": {
            "source_rows": 7,
            "raw_rows": 1,
            "not_bounced": 5,
            "earlier_version": 1,
        },
        "contact_history": {
            "source_rows": 7,
            "raw_rows": 3,
            "identities": 1,
            "first_address": 1,
            "opt_out_unchanged": 1,
            "other_field": 1,
        },
        "lead_history": {"source_rows": 2, "raw_rows": 1, "other_field": 1},
        "task": {
            "source_rows": 11,
            "raw_rows": 8,
            "deleted": 1,
            "not_completed": 1,
            "names_no_person": 1,
        },
        "event (held)": {"source_rows": 8, "raw_rows": 4, "not_held_yet": 1} | no_meeting,
        "event (booked)": {
            "source_rows": 8,
            "raw_rows": 2,
            "no_meeting": 2,
            "entered_afterwards": 1,
        }
        | no_meeting,
        "campaign": {"source_rows": 2, "raw_rows": 2},
        "campaign_member": {"source_rows": 7, "raw_rows": 6, "names_no_person": 1},
        "campaign_member (responses)": {
            "source_rows": 7,
            "raw_rows": 2,
            "deleted": 2,
            "no_response": 2,
            "names_no_person": 1,
        },
    }


def test_columns_and_tables_that_a_salesforce_lacks_are_null(tmp_path: Path):
    bare = copy_project(tmp_path)
    with duckdb.connect(str(bare.database)) as connection:
        connection.execute("create schema crm")
        for table, columns in {"people": "id, email", "task": "id, who_id, is_closed"}.items():
            file = FIXTURES / "salesforce" / f"{'contact' if table == 'people' else table}.csv"
            connection.execute(
                f"create table crm.{table} as select {columns} "
                f"from read_csv('{file}', header = true)"
            )
    named = {"salesforce_schema": "crm", "salesforce_identifiers": {"contact": "people"}}
    chosen = (*NO_TESTS, "-s", "path:models/connectors")
    bare.build(*chosen, connectors=["salesforce"], as_of=AS_OF, **named)
    assert bare.query(
        "select count(*), count(email_address), count(owner), count(deleted_at), count(updated_at) "
        "from connectors.united_contacts"
    ) == [(10, 9, 0, 0, 0)]
    assert bare.query(
        "select event_type, count(*), count(occurred_at), count(detail) "
        "from connectors.united_activities group by 1"
    ) == [("task_completed", 8, 0, 0)]
    for table in ("email_events", "identities", "lists", "list_memberships", "attributes"):
        assert bare.query(f"select * from connectors.united_{table}") == [], table


def test_postgres_reads_salesforce_as_duckdb_does(
    salesforce: Project, postgres_server: postgres.Server
):
    tables = ["contacts", "identities", "email_events", "activities", "lists", "list_memberships"]
    assert_same_on(salesforce, postgres_server, ["salesforce"], [*tables, "attributes"], **NAMED)
