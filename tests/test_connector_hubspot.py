"""HubSpot's tables as Fivetran leaves them: what becomes of each row, and the scores."""

import duckdb
import pytest
from conftest import NO_UNIT_TESTS, Project
from connected import (
    AS_OF,
    assert_same_on,
    connected,
    counts,
    disqualified,
    rejected,
    scores,
)

from tools import postgres

pytestmark = pytest.mark.xdist_group("hubspot")


@pytest.fixture(scope="module")
def hubspot(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = connected(tmp_path_factory.mktemp("hubspot") / "a project", "hubspot")
    project.build(*NO_UNIT_TESTS, connectors=["hubspot"], as_of=AS_OF)
    return project


def test_hubspot_scores_contacts_under_all_of_their_addresses(hubspot: Project):
    # Ada: an open, two clicks (one under an old address) and a form
    # Ben: a click and a form of contacts that were merged into him
    assert scores(hubspot) == {"101": 13, "102": 11}


def test_hubspot_disqualifies_whom_it_says_to_leave_alone(hubspot: Project):
    assert disqualified(hubspot) == {
        ("107", "email_unsubscribe"),
        ("108", "email_hard_bounce"),
        ("110", "email_unsubscribe"),
        ("113", "email_spam_complaint"),
    }
    soft = hubspot.query(
        "select event_id from connectors.united_email_events "
        "where event_type = 'email_soft_bounce' order by 1"
    )
    assert soft == [("b2",), ("b3",)]


def test_a_type_that_hubspot_is_not_known_for_is_rejected_by_its_own_name(hubspot: Project):
    assert rejected(hubspot) == {
        ("n1", "HOLOGRAM", "unknown_event_type"),
        ("u5", "STATUSCHANGE", "unknown_event_type"),
    }


def test_a_contact_deleted_in_hubspot_is_erased_and_a_merged_one_is_not(hubspot: Project):
    people = hubspot.query("select contact_id from marts.contact_scores order by contact_id")
    assert [contact for (contact,) in people] == [
        *("101", "102", "107", "108", "109", "110", "111", "112", "113")
    ]
    erased = hubspot.query("select erased from marts.scoring_status where source = 'email_events'")
    assert erased == [(1,)]
    with duckdb.connect(str(hubspot.database), read_only=True) as connection:
        tables = connection.execute(
            "select schema_name || '.' || table_name from duckdb_tables() "
            "where schema_name <> 'hubspot'"
        ).fetchall()
        for (table,) in tables:
            found = connection.execute(
                f"select count(*) from {table} as t where t::varchar like '%gone@gamma%'"
            ).fetchone()
            assert found == (0,), table


def test_hubspot_contacts_have_owner_company_and_times(hubspot: Project):
    assert hubspot.query(
        "select full_name, owner, account_id, phone, job_title, cast(updated_at as text) "
        "from connectors.united_contacts where contact_id = '101'"
    ) == [("Ada Park", "Maya Lind", "9001", "+46 1 234", "CTO", "2026-05-30 09:00:00")]
    # the owner of a contact may be one who is not loaded
    assert hubspot.query(
        "select full_name, owner from connectors.united_contacts where contact_id = '102'"
    ) == [("Ben", "8")]
    # 105 was merged into 103, which was merged into 102: both name it, and only one counts
    assert hubspot.query(
        "select contact_id, merged_into_contact_id from connectors.united_contacts "
        "where merged_into_contact_id is not null order by 1"
    ) == [("103", "102"), ("105", "102")]


def test_an_open_that_hubspot_filters_out_of_its_reports_is_a_machines(hubspot: Project):
    assert hubspot.query(
        "select event_id from connectors.united_email_events where is_machine"
    ) == [("o2",)]


def test_hubspot_lists_keep_present_members(hubspot: Project):
    members = hubspot.query(
        "select distinct list_name, contact_id from marts.contact_list_scores order by 1"
    )
    assert members == [("Newsletter", "101")]


def test_a_hubspot_form_is_an_activity_with_the_name_of_the_form(hubspot: Project):
    assert hubspot.query(
        "select event_id, event_type, contact_id, detail from connectors.united_activities "
        "order by 1"
    ) == [
        ("conv-1", "form_submission", "101", "Ask for a demo"),
        ("conv-2", "form_submission", "103", "Newsletter"),
    ]


def test_every_hubspot_row_is_a_raw_row_or_left_out_by_a_rule(hubspot: Project):
    assert counts(hubspot, "hubspot") == {
        "contact": {"source_rows": 12, "raw_rows": 12},
        "contact_list": {"source_rows": 2, "raw_rows": 2},
        "contact_list_member": {"source_rows": 3, "raw_rows": 3},
        "contact_form_submission": {"source_rows": 2, "raw_rows": 2},
        "email_event": {
            "source_rows": 26,
            "raw_rows": 19,
            "processed_before_it_is_sent": 1,
            "never_sent": 2,
            "printed_or_forwarded": 2,
            "bounce_taken_back": 1,
            "change_of_one_subscription": 1,
        },
        "contact_property_history": {
            "source_rows": 5,
            "raw_rows": 1,
            "opt_out_unchanged": 2,
            "other_property": 2,
        },
    }


def test_postgres_reads_hubspot_as_duckdb_does(hubspot: Project, postgres_server: postgres.Server):
    tables = ["contacts", "identities", "email_events", "activities", "attributes"]
    assert_same_on(hubspot, postgres_server, ["hubspot"], tables)
