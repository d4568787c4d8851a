"""What holds for every connector: columns that a sync leaves out, and mistakes in variables."""

from pathlib import Path

import duckdb
import pytest
from conftest import NO_TESTS, NO_UNIT_TESTS, ROOT, Project, copy_project
from connected import AS_OF, FIXTURES, connected

pytestmark = pytest.mark.xdist_group("hubspot")


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """HubSpot with two tables only, and those with few columns."""
    project = copy_project(tmp_path_factory.mktemp("bare"))
    with duckdb.connect(str(project.database)) as connection:
        connection.execute("create schema fivetran_hubspot")
        for table, columns in {
            "people": "id, property_email, property_createdate",
            "email_event": "id, type, created, recipient",
        }.items():
            file = FIXTURES / "hubspot" / f"{'contact' if table == 'people' else table}.csv"
            connection.execute(
                f"create table fivetran_hubspot.{table} as select {columns} "
                f"from read_csv('{file}', header = true)"
            )
    return project


BARE = {
    "connectors": ["hubspot"],
    "hubspot_schema": "fivetran_hubspot",
    "hubspot_identifiers": {"contact": "people"},
}


def test_columns_and_tables_that_a_hubspot_lacks_are_null(bare: Project):
    bare.build(*NO_TESTS, "-s", "path:models/connectors", **BARE)
    assert bare.query(
        "select count(*), count(email_address), count(owner), count(deleted_at), count(updated_at) "
        "from connectors.united_contacts"
    ) == [(12, 11, 0, 0, 0)]
    assert bare.query(
        "select count(*), count(received_at), count_if(is_machine), count(message_id) "
        "from connectors.united_email_events where event_type = 'email_open'"
    ) == [(2, 0, 0, 0)]
    for table in ("activities", "identities", "lists", "list_memberships", "attributes"):
        assert bare.query(f"select * from connectors.united_{table}") == [], table


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"hubspot_identifiers": {}}, "connectors: hubspot needs the table contact, and there is"),
        (
            {"hubspot_identifiers": {"contact": "email_event", "email_event": "people"}},
            "has no column type, created, recipient. hubspot needs id, type, created, recipient.",
        ),
        (
            {"hubspot_identifiers": {"contacts": "people"}},
            "hubspot_identifiers: the connector reads no table 'contacts'. It reads: contact, ",
        ),
        (
            {"hubspot_identifiers": {"contact": "people", "email_event": "email_evnt"}},
            "connectors: hubspot needs the table email_event, and there is no",
        ),
        ({"connectors": "hubspot"}, "connectors: 'hubspot' is no list, as [hubspot] is."),
        ({"connectors": ["hubspt"]}, "connectors: there is no connector 'hubspt'. There are: "),
        ({"connectors": ["hubspot", "hubspot"]}, "connectors: hubspot is named twice."),
        ({"connectors": []}, "connectors is set, but empty."),
        ({"raw_schema": "crm"}, "raw_schema and connectors are both set."),
        (
            {"salesforce_activity_types": ["Demo"]},
            "salesforce_activity_types does not say what types of tasks and events are, as {Demo:",
        ),
        ({"hubspot_shema": "crm"}, "There is no variable 'hubspot_shema'."),
    ],
)
def test_a_mistake_about_connectors_is_named(bare: Project, variables: dict, message: str):
    done = bare.dbt("build", *NO_TESTS, "-s", "path:models/connectors", **BARE | variables)
    assert done.returncode != 0
    assert message in done.stdout, done.stdout


def test_without_connectors_none_of_their_models_is_there():
    done = Project(ROOT).dbt("ls", "-q", "-s", "path:models/connectors", "source:hubspot")
    assert done.stdout.strip() == "" or "does not match any enabled nodes" in done.stdout


def test_a_person_in_several_tools_is_the_contact_of_the_one_named_first(tmp_path: Path):
    connectors = ["segment", "hubspot", "mailchimp", "sendgrid"]
    project = connected(tmp_path / "a project", *connectors)
    views = ("-s", "path:models/connectors")
    project.build(*NO_UNIT_TESTS, *views, connectors=connectors, as_of=AS_OF)
    found = project.query(
        "select distinct contact_id, merged_into_contact_id from connectors.united_contacts "
        "where merged_into_contact_id is not null order by 1"
    )
    assert found == [
        ("101", "u1"),
        ("102", "u2"),
        ("103", "102"),  # by HubSpot itself
        ("105", "102"),  # and not u6, who has the same address
        ("ada", "u1"),  # and not 101, which is merged as well
        ("back", "111"),
        ("ben", "u2"),
        ("bounced", "108"),
        ("out", "107"),
        ("pending", "103"),  # an address that Ben had
        ("spam", "113"),
    ]
    # one deleted in HubSpot takes nobody else along
    deleted = project.query(
        "select contact_id, deleted_at is not null from connectors.united_contacts "
        "where email_address = 'gone@gamma.example' order by 1"
    )
    assert deleted == [("106", True), ("archived", False)]
