"""A team's own dbt project that installs this one and maps its models to the raw tables."""

import json
import shutil
import subprocess
from pathlib import Path

import duckdb
import pytest
from conftest import ROOT
from forked_dbt import call_dbt

pytestmark = pytest.mark.xdist_group("host")

AS_OF = "2026-06-01 00:00:00"
# one click each, at 7 points; the address of P2 bounced
SCORES = {"P1": 7, "P3": 7}


class Host:
    """A copy of the project in tests/host, in a folder of its own."""

    def __init__(self, path: Path) -> None:
        self.path = path
        shutil.copytree(ROOT / "examples" / "host", path)
        (path / "packages.yml").write_text(json.dumps({"packages": [{"local": str(ROOT)}]}))
        assert self.dbt("deps").returncode == 0
        self.built = self.dbt("build", "--show-all-deprecations")

    def dbt(self, *arguments: str, **variables: object) -> subprocess.CompletedProcess[str]:
        given = ["--vars", json.dumps({"as_of": AS_OF} | variables)]
        environment = {"PATH": "/usr/bin:/bin", "HOME": str(self.path)}
        return call_dbt(["--no-use-colors", *arguments, *given], self.path, environment)

    def query(self, sql: str) -> list[tuple]:
        with duckdb.connect(str(self.path / "acme.duckdb"), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def scores(self) -> dict[str, int]:
        return {
            contact: int(score)
            for contact, score in self.query("select contact_id, score from acme_reports.my_report")
        }


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Host:
    return Host(tmp_path_factory.mktemp("host") / "acme")


def test_a_host_is_built_without_a_warning(host: Host):
    assert host.built.returncode == 0, host.built.stdout
    assert "WARN=0 ERROR=0 SKIP=0" in host.built.stdout
    assert "eprecat" not in host.built.stdout
    assert "WARNING" not in host.built.stdout


def test_its_own_rules_score_its_own_models(host: Host):
    assert host.scores() == SCORES


def test_only_its_own_schema_names_are_used(host: Host):
    used = host.query("select distinct schema_name from duckdb_tables()")
    assert not [schema for (schema,) in used if not schema.startswith("acme_")]


def test_without_a_rule_of_its_own_schemas_are_named_as_dbt_does(host: Host):
    rule = host.path / "macros" / "generate_schema_name.sql"
    text = rule.read_text("utf-8")
    rule.unlink()
    try:
        assert host.dbt("parse", "--target-path", "target/no_rule").returncode == 0
    finally:
        rule.write_text(text, "utf-8")
    manifest = json.loads((host.path / "target" / "no_rule" / "manifest.json").read_text("utf-8"))
    named = {node["name"]: node["schema"] for node in manifest["nodes"].values()}
    assert named["contact_scores"] == "analytics_marts"
    assert named["crm_contacts"] == "analytics_crm"


def test_demo_unit_tests_exposures_and_metrics_stay_at_home(host: Host):
    manifest = json.loads((host.path / "target" / "manifest.json").read_text("utf-8"))
    assert not [node for node in manifest["nodes"].values() if "demo" in node["fqn"]]
    for kind in ("unit_tests", "exposures", "metrics", "semantic_models"):
        assert not manifest[kind], kind
    # nor are they parsed, or a host would wait for it: what is off is off by a variable
    off = [node["original_file_path"] for nodes in manifest["disabled"].values() for node in nodes]
    assert {path.partition("/")[0] for path in off} <= {"models", "seeds"}


def test_a_second_build_reads_what_came_in_since(host: Host):
    done = host.dbt("build", "-s", "+my_report", further_clicks=1)
    assert done.returncode == 0, done.stdout
    assert host.scores() == SCORES | {"P3": 14}


def test_a_failing_test_of_its_own_is_its_own_business(host: Host):
    done = host.dbt("build", forbidden_name="Person 1")
    assert done.returncode == 1
    failed = "Failure in test assert_nobody_has_a_forbidden_name"
    assert failed in done.stdout
    # dbt skips what reads crm_contacts, as for any failed test
    assert "ERROR=1" in done.stdout


def test_nothing_is_checked_when_something_else_is_built(host: Host):
    done = host.dbt("build", "-s", "crm_contacts", as_of="no time", address_column="mail")
    assert done.returncode == 0, done.stdout


def test_a_mapping_without_a_column_stops_the_build_in_one_message(host: Host):
    before = host.query("select * from acme_marts.contact_scores")
    done = host.dbt("build", address_column="mail")
    assert done.returncode == 1
    message = (
        "The raw table contacts in raw_models has no column email_address. "
        "It must have contact_id, email_address."
    )
    assert message in done.stdout
    assert "ERROR=1" in done.stdout
    assert host.query("select * from acme_marts.contact_scores") == before


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"raw_models": None}, "No raw table is named."),
        (
            {"raw_models": {"contact": "crm_contacts"}},
            "there is no raw table 'contact'.",
        ),
        ({"raw_models": {"contacts": "crm"}}, "depends on a node named 'crm'"),
        ({"own_rules": "yes"}, "own_rules: 'yes' is neither true nor false."),
        ({"raw_schema": "crm"}, "raw_schema and raw_models are both set."),
    ],
)
def test_a_wrong_variable_is_named(host: Host, variables: dict[str, object], message: str):
    done = host.dbt("build", "-s", "raw_tables", **variables)
    assert done.returncode != 0
    assert message in done.stdout


BESIDE = {"raw_models": {"contacts": "crm_contacts"}, "connectors": ["sendgrid"]}
BOTH = BESIDE | {"raw_models": {"contacts": "crm_contacts", "email_events": "crm_email_events"}}


@pytest.fixture(scope="module")
def beside(host: Host) -> Host:
    """The contacts of its own model, and the events of SendGrid's webhook."""
    click = {"event": "click", "email": "person1@acme.example", "url": "'007'"}
    click |= {"timestamp": 1779962400, "sg_event_id": "s1"}  # 2026-05-28 10:00
    with duckdb.connect(str(host.path / "acme.duckdb")) as connection:
        connection.execute("create schema sendgrid")
        connection.execute("create table sendgrid.event (payload json)")
        connection.execute("insert into sendgrid.event values ($1)", [json.dumps(click)])
    done = host.dbt("build", "--full-refresh", "-s", "+my_report", **BESIDE)
    assert done.returncode == 0, done.stdout
    return host


def test_a_connector_stands_beside_its_own_models(beside: Host):
    assert beside.scores() == {"P1": 7}


def test_a_webhook_without_contacts_says_where_they_may_come_from(beside: Host):
    no_contacts = BESIDE | {"raw_models": {"activities": "crm_email_events"}}
    done = beside.dbt("build", "-s", "raw_tables", **no_contacts)
    assert done.returncode == 1
    message = "Add a connector that fills it, or name a model of yours by raw_models."
    assert message in done.stdout


def test_a_table_of_both_is_united(beside: Host):
    done = beside.dbt("build", "-s", "+my_report", **BOTH)
    assert done.returncode == 0, done.stdout
    # a model calls the column EVENT_ID
    (rows,) = beside.query("select count(event_id) from acme_connectors.united_email_events")
    assert rows == (5,)
    assert beside.scores() == SCORES | {"P1": 14}


def test_a_model_without_a_column_is_named_before_it_is_united(beside: Host):
    swapped = {"contacts": "crm_contacts", "email_events": "crm_contacts"}
    done = beside.dbt("build", "-s", "united_email_events", **BESIDE | {"raw_models": swapped})
    assert done.returncode == 1
    message = "The raw table email_events in raw_models has no column event_id, event_type, occur"
    assert message in done.stdout


def test_a_loader_may_have_named_the_tables(host: Host):
    project = host.path / "dbt_project.yml"
    named = "raw_identifiers: {contacts: crm_contacts, email_events: CRM_EMAIL_EVENTS}"
    given = project.read_text("utf-8")
    models = "raw_models: {contacts: crm_contacts, email_events: crm_email_events}"
    assert models in given
    project.write_text(given.replace(models, f"raw_schema: acme_crm\n    {named}"), "utf-8")
    assert host.dbt("run", "-s", "crm_contacts", "crm_email_events").returncode == 0
    done = host.dbt("build", "-s", "+contact_scores")
    assert done.returncode == 0, done.stdout
    manifest = json.loads((host.path / "target" / "manifest.json").read_text("utf-8"))
    read = manifest["nodes"]["model.contact_scoring.stg_contacts"]["depends_on"]["nodes"]
    assert "source.contact_scoring.raw.contacts" in read
    source = manifest["sources"]["source.contact_scoring.raw.contacts"]
    assert (source["schema"], source["identifier"]) == ("acme_crm", "crm_contacts")
