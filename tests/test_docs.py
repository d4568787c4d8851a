"""What dbt's own pages tell of the project: descriptions, exposures and metrics."""

import copy
import csv
import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from conftest import EVALUATION, Project
from parity import MART_KEYS

pytestmark = pytest.mark.xdist_group("docs")

Json = dict[str, Any]
READERS = {
    "scoring_app": set(MART_KEYS),
    "handoffs_to_sales": {"sales_handoffs", "contact_scores"},
}


@dataclass
class Docs:
    """What `dbt docs generate` wrote."""

    project: Project
    folder: Path
    manifest: Json
    catalog: Json


@pytest.fixture(scope="module")
def docs(demo: Project, tmp_path_factory: pytest.TempPathFactory) -> Docs:
    """The pages of the demo, made in a copy of it."""
    project = Project(tmp_path_factory.mktemp("docs") / "demo")
    shutil.copytree(demo.path, project.path)
    folder = project.path / "target" / "docs"
    evaluated = project.dbt("build", "--select", "tag:evaluation", env=EVALUATION)
    assert evaluated.returncode == 0, evaluated.stdout
    done = project.dbt("docs", "generate", "--target-path", str(folder), env=EVALUATION)
    assert done.returncode == 0, done.stdout
    manifest, catalog = (
        json.loads((folder / f"{name}.json").read_text("utf-8")) for name in ("manifest", "catalog")
    )
    assert not catalog["errors"]
    return Docs(project, folder, manifest, catalog)


def is_public(node: Json) -> bool:
    """Whether people read it, or write it: a mart, or a seed with rules."""
    return (node["resource_type"], node["fqn"][1]) in (("model", "marts"), ("seed", "config"))


def missing(manifest: Json, catalog: Json) -> Iterator[str]:
    """What has no description, and what is described but is not there."""
    for unique_id, node in manifest["nodes"].items():
        if node["resource_type"] not in ("model", "seed"):
            continue
        name = f"{node['resource_type']} {node['name']}"
        if not node["description"].startswith("One row "):
            yield f"{name}: no description that begins with what one row is"
        described = {
            column for column, told in node["columns"].items() if told["description"].strip()
        }
        if node["config"]["materialized"] == "ephemeral":
            continue
        if unique_id not in catalog["nodes"]:
            yield f"{name}: not in the catalog"
            continue
        there = set(catalog["nodes"][unique_id]["columns"])
        if is_public(node):
            for column in sorted(there - described):
                yield f"{name}: column {column} has no description"
        for column in sorted(set(node["columns"]) - there):
            yield f"{name}: column {column} is told of, and is not there"
    yield from missing_metadata(manifest)


def missing_metadata(manifest: Json) -> Iterator[str]:
    """The same for exposures, metrics and what metrics are made of."""
    for kind in ("exposures", "metrics", "semantic_models"):
        for unique_id, told in manifest[kind].items():
            parts = [
                part for of in ("dimensions", "measures", "entities") for part in told.get(of, [])
            ]
            for one in (told, *parts):
                if not (one["description"] or "").strip():
                    name = unique_id if one is told else f"{unique_id}.{one['name']}"
                    yield f"{name}: no description"


def test_everything_public_is_described(docs: Docs):
    found = list(missing(docs.manifest, docs.catalog))
    assert not found, "\n".join(found)
    marts = {node["alias"] for node in docs.manifest["nodes"].values() if is_mart(node)}
    assert marts == set(MART_KEYS)


def is_mart(node: Json) -> bool:
    return node["resource_type"] == "model" and node["fqn"][1] == "marts"


def test_what_is_missing_is_named(docs: Docs):
    manifest, catalog = copy.deepcopy(docs.manifest), copy.deepcopy(docs.catalog)
    nodes = manifest["nodes"]
    scores, actors = "model.contact_scoring.contact_scores", "model.contact_scoring.actors"
    nodes[scores]["columns"]["band"]["description"] = " "
    nodes[scores]["columns"]["gone"] = {"description": "A column that was dropped."}
    nodes[actors]["description"] = ""
    catalog["nodes"][scores]["columns"]["new"] = {}
    del nodes["seed.contact_scoring.score_bands"]["columns"]["min_score"]
    del catalog["nodes"]["model.contact_scoring.sales_handoffs"]
    manifest["metrics"]["metric.contact_scoring.total_score"]["description"] = ""
    manifest["semantic_models"]["semantic_model.contact_scoring.contact_scores"]["measures"][0][
        "description"
    ] = None
    named = set(missing(manifest, catalog)) - set(missing(docs.manifest, docs.catalog))
    assert named == {
        "model contact_scores: column band has no description",
        "model contact_scores: column new has no description",
        "model contact_scores: column gone is told of, and is not there",
        "model actors: no description that begins with what one row is",
        "seed score_bands: column min_score has no description",
        "model sales_handoffs: not in the catalog",
        "metric.contact_scoring.total_score: no description",
        "semantic_model.contact_scoring.contact_scores.contacts: no description",
    }


def test_exposures_say_who_reads_what(docs: Docs):
    read = {
        exposure["name"]: {docs.manifest["nodes"][node]["alias"] for node in nodes}
        for exposure in docs.manifest["exposures"].values()
        for nodes in [exposure["depends_on"]["nodes"]]
    }
    assert read == READERS


def test_the_pages_name_no_person(docs: Docs):
    """They are made of what the project says of its tables, not of their rows."""
    with (docs.project.path / "seeds" / "demo" / "contacts.csv").open(encoding="utf-8") as file:
        people = {
            text.casefold()
            for contact in csv.DictReader(file)
            for text in (contact["email_address"], contact["full_name"], contact["phone"])
            if len(text.strip()) > 5
        }
    # a test of the demo's story names an address, and the pages show the text of every test
    stories = [path.read_text("utf-8") for path in (docs.project.path / "tests" / "demo").iterdir()]
    people = {person for person in people if person not in "".join(stories).casefold()}
    assert len(people) > 400
    files = [path for path in docs.folder.rglob("*") if path.is_file()]
    assert len(files) > 60
    for file in files:
        text = file.read_text("utf-8", errors="ignore").casefold()
        assert not any(person in text for person in people), file.name


# Metrics ------------------------------------------------------------------------------------

AGGREGATIONS = {"count_distinct": "count(distinct {})", "sum": "sum({})"}
DIMENSION = re.compile(r"\{\{\s*Dimension\('\w+?__(\w+)'\)\s*\}\}")
# the same numbers from other tables, or worked out anew
INDEPENDENT = {
    "contacts": """
        select count(distinct contact_id)
        from engagement.present_contacts
    """,
    "active_contacts": """
        select count(distinct contact_id)
        from marts.active_contacts
        where window_days = 90 and score_name in {scores}
    """,
    "sales_ready_contacts": """
        with bands as (
            select score_name, window_days::int as days, min(min_score::decimal) as least
            from config.score_bands
            where is_sales_ready = 'true'
            group by all
        )
        select count(distinct contact_id)
        from (
            select contact_id, score_name
            from marts.active_contacts
            inner join bands using (score_name)
            where window_days = days and score >= least
            and score_name not in (select score_name from config.lead_grades)
            union all
            select contact_id, score_name
            from marts.lead_grades
            inner join config.lead_grades as graded using (grade, score_name)
            where graded.is_sales_ready = 'true'
        )
        where score_name in {scores}
    """,
    "graded_contacts": """
        select count(distinct contact_id)
        from marts.fit_scores
        where 'engagement' in {scores}
    """,
    "active_accounts": """
        select count(distinct account_id)
        from marts.active_contacts
        inner join marts.contact_scores using (contact_id, score_name)
        where window_days = 30 and score_name in {scores}
    """,
    "disqualified_contacts": """
        select count(distinct contact_id)
        from marts.disqualified_contacts
    """,
    "total_score": """
        select sum(points)
        from marts.score_drivers
        where window_days = 30 and not is_disqualified and score_name in {scores}
    """,
    "disqualification_rate": """
        select count(distinct gone.contact_id) / count(distinct everybody.contact_id)
        from engagement.present_contacts as everybody
        left join marts.disqualified_contacts as gone using (contact_id)
    """,
}


def value_of(docs: Docs, metric: str, condition: str) -> Decimal | float:
    """A metric of the demo, by its definition in the manifest."""
    told = docs.manifest["metrics"][f"metric.contact_scoring.{metric}"]
    parts = told["type_params"]
    filters = conditions(told["filter"])
    if told["type"] == "ratio":
        ends = [
            value_of(
                docs,
                parts[end]["name"],
                " and ".join([condition, *filters, *conditions(parts[end]["filter"])]),
            )
            for end in ("numerator", "denominator")
        ]
        return ends[0] / ends[1]
    assert told["type"] == "simple"
    model, measure = measure_of(docs, parts["measure"]["name"])
    filters = [condition, *filters, *conditions(parts["measure"]["filter"])]
    aggregate = AGGREGATIONS[measure["agg"]].format(measure["expr"] or measure["name"])
    relation = f"{model['node_relation']['schema_name']}.{model['node_relation']['alias']}"
    sql = f"select {aggregate} from {relation} where {' and '.join(filters)}"
    ((value,),) = docs.project.query(sql)
    return value


def conditions(filters: Json | None) -> list[str]:
    """The filters of a metric as SQL; its dimensions are columns of the same name."""
    found = filters["where_filters"] if filters else []
    templates = [one["where_sql_template"] for one in found]
    return [f"({DIMENSION.sub(lambda named: named[1], template)})" for template in templates]


def measure_of(docs: Docs, name: str) -> tuple[Json, Json]:
    """A measure, and the semantic model that it is of."""
    ((model, measure),) = [
        (model, measure)
        for model in docs.manifest["semantic_models"].values()
        for measure in model["measures"]
        if measure["name"] == name
    ]
    return model, measure


@pytest.mark.parametrize(
    "scores", [("engagement",), ("buying_intent",), ("engagement", "buying_intent")]
)
def test_metrics_say_what_the_marts_say(docs: Docs, scores: tuple[str, ...]):
    names = ", ".join(f"'{name}'" for name in scores)
    by_definition, by_marts = {}, {}
    for metric, sql in INDEPENDENT.items():
        ((by_marts[metric],),) = docs.project.query(sql.format(scores=f"({names})"))
        by_definition[metric] = value_of(docs, metric, f"score_name in ({names})")
    # the other score is not graded
    assert all(by_marts.values()) or scores == ("buying_intent",)
    assert by_definition == by_marts


def test_every_metric_is_known(docs: Docs):
    metrics = {metric["name"] for metric in docs.manifest["metrics"].values()}
    assert metrics == set(INDEPENDENT)
    models = docs.manifest["semantic_models"]
    model = models["semantic_model.contact_scoring.contact_scores"]
    dimensions = {one["name"] for one in model["dimensions"]}
    assert {"as_of", "score_name", "status", "band", "owner"} <= dimensions
    columns = docs.catalog["nodes"]["model.contact_scoring.contact_scores"]["columns"]
    assert all(one["name"] in columns and not one["expr"] for one in model["dimensions"])
    assert model["defaults"]["agg_time_dimension"] == "as_of"
    ((spine),) = [node for node in docs.manifest["nodes"].values() if node.get("time_spine")]
    assert spine["name"] == "time_spine"


def test_the_time_spine_has_every_day_that_the_marts_tell_of(docs: Docs):
    found = docs.project.query("""
        with ledger as (
            select min(occurred_at)::date as first_day, max(as_of)::date as last_day
            from marts.points_ledger
        )
        select
            count(*),
            count(distinct date_day),
            min(date_day) <= min(first_day),
            max(date_day) = min(last_day)
        from points.time_spine
        cross join ledger
    """)
    assert found == [(91, 91, True, True)]
