"""Marketo's tables as Fivetran leaves them: what becomes of each row, and the scores."""

import duckdb
import pytest
from conftest import NO_TESTS, NO_UNIT_TESTS, Project, copy_project
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

pytestmark = pytest.mark.xdist_group("marketo")

POINTS = {"link_click": 100, "program_success": 1000}
NAMED = {"marketo_attributes": ["number_of_employees"]}


@pytest.fixture(scope="module")
def marketo(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = connected(tmp_path_factory.mktemp("marketo") / "a project", "marketo")
    activities = "".join(f"{name},,{name},,,,{points},,,,,,,\n" for name, points in POINTS.items())
    project.write_config("scoring_rules", RULES + activities)
    project.build(*NO_UNIT_TESTS, connectors=["marketo"], as_of=AS_OF, **NAMED)
    return project


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Marketo with few tables and few columns, and without website tracking."""
    project = copy_project(tmp_path_factory.mktemp("bare"))
    with duckdb.connect(str(project.database)) as connection:
        connection.execute("create schema fivetran_marketo")
        for table, columns in {
            "people": "id, email",
            "activity_email_bounced": "id, lead_id, activity_date",
            "activity_unsubscribe_email": "id, lead_id, activity_date",
            "activity_visit_webpage": "id, lead_id",
            "activity_fill_out_form": "id, lead_id",
        }.items():
            file = FIXTURES / "marketo" / f"{'lead' if table == 'people' else table}.csv"
            connection.execute(
                f"create table fivetran_marketo.{table} as select {columns} "
                f"from read_csv('{file}', header = true)"
            )
    project.build(
        *NO_TESTS,
        *("-s", "path:models/connectors"),
        connectors=["marketo"],
        as_of=AS_OF,
        website_tracking=False,
        marketo_schema="fivetran_marketo",
        marketo_identifiers={"lead": "people"},
    )
    return project


def test_marketo_scores_leads_for_their_activities(marketo: Project):
    # Ada: two opens (one more is of a message that she had opened), a click, a form, a page,
    # and a page of a lead that was merged into her
    # Ben: a click of a merged lead, a link on a page and a success in a program
    assert scores(marketo) == {"1001": 2 + 1 + 10 + 2, "1002": 1 + 100 + 1000}


def test_marketo_disqualifies_whom_it_says_to_leave_alone(marketo: Project):
    # not who left some subscriptions only, who came back, or whose bounced address is an old one
    assert disqualified(marketo) == {
        ("1007", "email_hard_bounce"),
        ("1010", "email_unsubscribe"),
        ("1013", "email_unsubscribe"),
        ("1014", "email_unsubscribe"),
    }


def test_a_marketo_bounce_is_hard_only_in_the_category_of_invalid_addresses(marketo: Project):
    assert marketo.query(
        "select event_id, event_type from connectors.united_email_events "
        "where event_id like 'email_bounced%' order by 1"
    ) == [
        ("email_bounced 1", "email_hard_bounce"),
        ("email_bounced 2", "email_hard_bounce"),
        ("email_bounced 3", "email_soft_bounce"),
        ("email_bounced 4", "email_hard_bounce"),
        ("email_bounced_soft 1", "email_soft_bounce"),
    ]


def test_a_result_of_sending_that_marketo_is_not_known_for_is_rejected_by_its_own_name(
    marketo: Project,
):
    assert rejected(marketo) == {("send_email 3", "failed", "unknown_event_type")}


def test_who_is_deleted_in_marketo_is_erased_and_who_was_merged_is_not(marketo: Project):
    assert marketo.query(
        "select contact_id, merged_into_contact_id from connectors.united_contacts "
        "where merged_into_contact_id is not null order by 1"
    ) == [("1003", "1002"), ("1004", "1002"), ("1005", "1001")]
    people = marketo.query("select contact_id from marts.contact_scores order by 1")
    assert [int(contact) for (contact,) in people] == [1001, 1002, *range(1007, 1015)]
    # also the bounce of an address that she had before
    assert marketo.query("select source, erased from marts.scoring_status where erased > 0") == [
        ("email_events", 2)
    ]


def test_what_marketo_takes_for_a_bot_is_a_machines(marketo: Project):
    assert marketo.query(
        "select event_id, machine_reason from engagement.engagements "
        "where machine_reason is not null order by 1"
    ) == [("click_email 4", "flagged"), ("open_email 1", "flagged")]


def test_marketo_contacts_have_company_phone_and_times(marketo: Project):
    assert marketo.query(
        "select full_name, company_name, job_title, country, phone, account_id, "
        "cast(updated_at as text) from connectors.united_contacts "
        "where contact_id in ('1001', '1002') order by contact_id"
    ) == [
        ("Ada Park", "Alpha", "CTO", "Sweden", "+46 1 234", "001A", "2026-05-30 09:00:00"),
        ("Ben", "Beta", None, "DK", "+45 1 234", None, "2026-05-30 09:00:00"),
    ]
    assert marketo.query(
        "select contact_id, attribute_name, attribute_value from connectors.united_attributes "
        "order by 2"
    ) == [("1001", "lead_source", "Web"), ("1001", "number_of_employees", "250")]


def test_addresses_of_bounces_and_of_changes_are_the_leads(marketo: Project):
    assert marketo.query(
        "select identity_value, contact_id, cast(linked_at as text) "
        "from connectors.united_identities where contact_id in ('1001', '1008') order by 1"
    ) == [
        ("ada@older.example", "1001", None),
        ("old@delta.example", "1008", "2026-05-20 10:01:00"),
    ]


def test_marketo_lists_and_programs_keep_present_members(marketo: Project):
    members = marketo.query(
        "select distinct list_id, list_name, contact_id from marts.contact_list_scores order by 1"
    )
    assert members == [
        ("list 21", "Newsletter", "1001"),
        ("program 21", "Spring webinar", "1002"),
    ]


def test_marketo_pages_and_forms_are_activities_with_their_address_or_name(marketo: Project):
    assert marketo.query(
        "select event_type, contact_id, detail from connectors.united_activities order by event_id"
    ) == [
        ("program_success", "1002", "Spring webinar"),
        ("link_click", "1002", "https://www.seller.example/manual.pdf"),
        ("form_submission", "1001", "Ask for a demo"),
        ("page_view", "1001", "https://www.seller.example/demo"),
        ("page_view", "1005", "www.seller.example/"),
    ]


def test_every_marketo_row_is_a_raw_row_or_left_out_by_a_rule(marketo: Project):
    found = counts(marketo, "marketo")
    with_rules = {table: rows for table, rows in found.items() if len(rows) > 2}
    assert with_rules == {
        "activity_send_email": {"source_rows": 4, "raw_rows": 3, "never_sent": 1},
        "activity_unsubscribe_email": {"source_rows": 3, "raw_rows": 2, "still_subscribed": 1},
        "activity_change_data_value": {
            "source_rows": 7,
            "raw_rows": 3,
            "identities": 1,
            "first_address": 1,
            "opt_out_unchanged": 1,
            "other_field": 1,
        },
        "activity_change_status_in_progression": {
            "source_rows": 2,
            "raw_rows": 1,
            "no_success": 1,
        },
    }
    assert {table: rows["source_rows"] for table, rows in found.items()} == {
        file.stem: marketo.query(f"select count(*) from marketo.{file.stem}")[0][0]
        for file in (FIXTURES / "marketo").glob("*.csv")
        if file.stem not in {"activity_delete_lead", "activity_merge_leads", "merged_lead"}
    }


def test_columns_and_tables_that_a_marketo_lacks_are_null(bare: Project):
    assert bare.query(
        "select count(*), count(email_address), count(account_id), count(deleted_at), "
        "count(updated_at) from connectors.united_contacts"
    ) == [(15, 14, 0, 0, 0)]
    # nothing says which bounces are hard, or who is still subscribed
    assert bare.query(
        "select event_type, count(*), count(email_address), count(received_at), count(message_id), "
        "count_if(is_machine) from connectors.united_email_events group by 1 order by 1"
    ) == [("email_soft_bounce", 4, 0, 0, 0, 0), ("email_unsubscribe", 3, 0, 0, 0, 0)]
    for table in ("identities", "lists", "list_memberships", "attributes"):
        assert bare.query(f"select * from connectors.united_{table}") == [], table


def test_without_website_tracking_no_page_of_marketo_is_read(bare: Project):
    assert bare.query("select event_type from connectors.united_activities") == [
        ("form_submission",)
    ]
    assert counts(bare, "marketo")["activity_visit_webpage"] == {
        "source_rows": 2,
        "website_tracking_is_off": 2,
    }


def test_postgres_reads_marketo_as_duckdb_does(marketo: Project, postgres_server: postgres.Server):
    tables = ["contacts", "identities", "email_events", "activities", "lists", "list_memberships"]
    assert_same_on(marketo, postgres_server, ["marketo"], [*tables, "attributes"], **NAMED)
