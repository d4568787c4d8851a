"""Tools' tables as their loaders leave them: what becomes of each row, and the scores."""

from pathlib import Path

import duckdb
import pytest
from conftest import CLASSIC_RULES, NO_TESTS, NO_UNIT_TESTS, ROOT, Project, copy_project

from tools import postgres

pytestmark = pytest.mark.xdist_group("connectors")

AS_OF = "2026-06-01 00:00:00"
FIXTURES = ROOT / "tests" / "connectors"
RULES = CLASSIC_RULES + "form,,form_submission,,,,10,,,,,,,\n"


def load(project: Project, connector: str) -> None:
    """Load a connector's tables into a schema of its name, as a loader does."""
    with duckdb.connect(str(project.database)) as connection:
        connection.execute(f"create schema if not exists {connector}")
        for file in sorted((FIXTURES / connector).glob("*.csv")):
            table = f"{connector}.{file.stem}"
            connection.execute(f"create table {table} as from read_csv('{file}', header = true)")


def connected(folder: Path, *connectors: str) -> Project:
    folder.mkdir(exist_ok=True)
    project = copy_project(folder)
    project.write_config("scoring_rules", RULES)
    for connector in connectors:
        load(project, connector)
    return project


@pytest.fixture(scope="module")
def hubspot(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = connected(tmp_path_factory.mktemp("hubspot") / "a project", "hubspot")
    project.build(*NO_UNIT_TESTS, connectors=["hubspot"], as_of=AS_OF)
    return project


def counts(project: Project, connector: str) -> dict[str, dict[str, int]]:
    """By source table: what was counted, and how many rows."""
    found: dict[str, dict[str, int]] = {}
    for table, counted, rows in project.query(
        f"select * from connectors.{connector}_reconciliation"
    ):
        found.setdefault(table, {})[counted] = rows
    return found


def scores(project: Project) -> dict[str, int]:
    rows = project.query(
        "select contact_id, score from marts.active_contacts where window_days = 30"
    )
    return {contact: int(score) for contact, score in rows}


def rejected(project: Project) -> set[tuple]:
    return set(project.query("select event_id, event_type, reason from marts.rejected_events"))


def disqualified(project: Project) -> set[tuple]:
    return set(project.query("select contact_id, event_type from marts.disqualified_contacts"))


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
        ({"connectors": "hubspot"}, "connectors: 'hubspot' is no list, as [hubspot] is."),
        ({"connectors": ["hubspt"]}, "connectors: there is no connector 'hubspt'. There are: "),
        ({"connectors": ["hubspot", "hubspot"]}, "connectors: hubspot is named twice."),
        ({"connectors": []}, "connectors is set, but empty."),
        ({"raw_schema": "crm"}, "raw_schema and connectors are both set."),
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


def test_sendgrid_events_with_a_column_per_key_read_as_json_does(sendgrid: Project, bare: Project):
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


def rows_of_united(raw_table: str) -> str:
    """A query of a united raw table that reads the same on each engine."""
    columns = {"email_events": "event_id, event_type, occurred_at, received_at, is_machine"}
    return f"select {columns.get(raw_table, '*')} from connectors.united_{raw_table}"


def test_postgres_reads_them_as_duckdb_does(sendgrid: Project, postgres_server: postgres.Server):
    """There all columns are text: a loader may choose the types."""
    postgres_server.empty()
    connectors = ["hubspot", "sendgrid"]
    for connector in connectors:
        postgres_server.load(FIXTURES / connector, connector)
    arguments = ("build", *NO_UNIT_TESTS, "-s", "path:models/connectors")
    target = ("--target", "postgres", "--target-path", "target/postgres")
    env = postgres_server.environment
    done = sendgrid.dbt(*arguments, *target, env=env, connectors=connectors, as_of=AS_OF)
    assert done.returncode == 0, done.stdout
    with postgres_server.cursor() as cursor:
        for table in ("contacts", "identities", "email_events", "activities", "attributes"):
            cursor.execute(rows_of_united(table))
            theirs = sorted(map(tuple, cursor.fetchall()), key=repr)
            assert theirs == sorted(sendgrid.query(rows_of_united(table)), key=repr), table
