"""Calls to Segment as it loads them: what becomes of each row, and the scores."""

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

pytestmark = pytest.mark.xdist_group("segment")

OWN_TYPES = {"demo_requested": "form_submission", "unsubscribed": "email_unsubscribe"}


@pytest.fixture(scope="module")
def segment(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = connected(tmp_path_factory.mktemp("segment") / "a project", "segment")
    project.write_config("scoring_rules", RULES + "trial,,trial_started,,,,5,,,,,,,\n")
    project.build(
        *NO_UNIT_TESTS, connectors=["segment"], segment_event_types=OWN_TYPES, as_of=AS_OF
    )
    return project


def test_segment_scores_people_in_all_of_their_browsers(segment: Project):
    # Ada: a page before she was identified and one on her phone, two forms and a trial
    # Ben refused in the end: as a visitor he earns nothing, a trial and a page by a server count
    # Olof: a form that a server sent; nobody asked his browser for consent
    # Dina: a page on a tablet that is Eli's by now. Eli: two pages
    assert scores(segment) == {"u1": 27, "u2": 6, "u3": 10, "u4": 1, "u5": 2}
    assert segment.query(
        "select event_id from engagement.engagements where machine_reason is not null"
    ) == [("p5",)]


def test_a_segment_event_may_disqualify_if_it_is_named(segment: Project):
    assert disqualified(segment) == {("u6", "email_unsubscribe")}


def test_what_segment_says_of_nobody_is_rejected_by_its_own_name(segment: Project):
    assert rejected(segment) == {
        ("p8", "page_view", "missing_actor"),
        ("s2", "screen_view", "unknown_event_type"),
        ("t2", "product_viewed", "unknown_event_type"),
        ("t8", "_2fa_enabled", "unknown_event_type"),
        ("t11", "trial_started", "invalid_occurred_at"),
    }


def test_a_segment_contact_has_the_newest_of_each_trait(segment: Project):
    found = segment.query(
        "select contact_id, email_address, full_name, company_name, account_id, job_title, "
        "country, phone, cast(created_at as text), cast(updated_at as text) "
        "from connectors.united_contacts where contact_id in ('u1', 'u2') order by 1"
    )
    assert found == [
        (
            *("u1", "Ada@Alpha.example", "Ada Park", "Alpha", "9001", "CTO", "Sweden", "+46 1 234"),
            *("2026-05-10 08:00:00", "2026-05-20 08:00:00"),
        ),
        (
            *("u2", "ben@beta.example", "Ben Berg", None, None, None, None, None),
            *("2026-05-11 08:00:00", "2026-05-11 08:00:00"),
        ),
    ]


def test_segment_calls_link_visitors_and_addresses(segment: Project):
    found = segment.query(
        "select identity_type, identity_value, contact_id, cast(linked_at as text) "
        "from connectors.united_identities where contact_id in ('u1', 'u3') order by 4, 1"
    )
    assert found == [
        ("email", "ada@old.example", "u1", "2026-05-10 08:00:00"),
        ("visitor", "a1", "u1", "2026-05-10 08:00:00"),
        ("email", "olof@delta.example", "u3", "2026-05-12 08:00:00"),
        ("visitor", "a6", "u3", "2026-05-12 09:00:00"),
        ("email", "Ada@Alpha.example", "u1", "2026-05-20 08:00:00"),
        ("visitor", "a2", "u1", "2026-05-20 08:00:00"),
    ]


def test_segment_consents_are_the_changes_of_what_calls_say(segment: Project):
    found = segment.query(
        "select visitor_id, is_granted, cast(decided_at as text) "
        "from connectors.united_consents where visitor_id in ('a1', 'a3', 'a6') order by 1, 3"
    )
    assert found == [
        ("a1", True, "2026-05-10 07:00:00"),
        ("a3", True, "2026-05-20 09:00:00"),
        ("a3", False, "2026-05-21 09:00:00"),
    ]


def test_an_event_of_an_identified_person_is_an_activity(segment: Project):
    assert segment.query(
        "select event_id, event_type, contact_id, detail from connectors.united_activities "
        "where event_id in ('p12', 's1', 't4', 't6') order by 1"
    ) == [
        ("p12", "page_view", "u2", "Invoice"),
        ("s1", "screen_view", "u2", "Start"),
        ("t4", "trial_started", "u1", "Trial Started"),
        ("t6", "form_submission", "u3", "Form Submitted"),
    ]


def test_every_segment_row_is_a_raw_row_or_left_out_by_a_rule(segment: Project):
    assert counts(segment, "segment") == {
        "identifies": {"source_rows": 9, "contacts": 8, "without_user_id": 1},
        "pages": {"source_rows": 13, "web_events": 12, "activities": 1},
        "screens": {"source_rows": 2, "web_events": 1, "activities": 1},
        "tracks": {"source_rows": 11, "web_events": 3, "activities": 7, "tracking_refused": 1},
    }


@pytest.fixture(scope="module")
def rudderstack(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """RudderStack: a table under another name, traits in the context, few columns and tables."""
    project = copy_project(tmp_path_factory.mktemp("rudderstack"))
    with duckdb.connect(str(project.database)) as connection:
        connection.execute("create schema rudder")
        for table, columns in {
            "identifies": "user_id, anonymous_id, timestamp, email as context_traits_email",
            "page_views": "id, anonymous_id, timestamp, url, context_user_agent",
        }.items():
            file = FIXTURES / "segment" / f"{'pages' if table == 'page_views' else table}.csv"
            connection.execute(
                f"create table rudder.{table} as select {columns} "
                f"from read_csv('{file}', header = true)"
            )
    named = {"segment_schema": "rudder", "segment_identifiers": {"pages": "page_views"}}
    variables = {"connectors": ["segment"], **named}
    project.build(*NO_UNIT_TESTS, "-s", "path:models/connectors", **variables)
    return project


def test_columns_and_tables_that_segment_lacks_are_null(rudderstack: Project):
    assert rudderstack.query(
        "select count(*), count(email_address), count(full_name) from connectors.united_contacts"
    ) == [(6, 6, 0)]
    assert rudderstack.query(
        "select count(*), count(occurred_at), count(page_url), count(received_at), "
        "count(email_address) from connectors.united_web_events"
    ) == [(13, 12, 12, 0, 0)]
    for table in ("activities", "consents"):
        assert rudderstack.query(f"select * from connectors.united_{table}") == [], table


def test_postgres_reads_segment_as_duckdb_does(segment: Project, postgres_server: postgres.Server):
    tables = ["contacts", "identities", "web_events", "activities", "consents"]
    assert_same_on(segment, postgres_server, ["segment"], tables, segment_event_types=OWN_TYPES)


def test_a_category_of_consent_that_no_table_has_is_named(segment: Project):
    """Without it nobody's page views would count, and nobody would know why."""
    misspelt = {"connectors": ["segment"], "segment_consent_category": "analitycs"}
    done = segment.dbt("build", *NO_TESTS, "-s", "path:models/connectors/segment", **misspelt)
    assert done.returncode != 0
    assert (
        "segment_consent_category: neither pages, screens nor tracks has the column "
        "context_consent_category_preferences_analitycs."
    ) in done.stdout, done.stdout
