"""The figures of the evaluation are those of the reference, by every pair of rows, to 1e-9."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from evaluation_histories import AS_OF, CONFIG, told, with_quotes
from histories import Build
from parity import MartRow, Project, ServerProject, project_root
from reference_evaluation import Mart, Settings, evaluate
from reference_scorer import COLUMNS

from tools import postgres, spark

# one worker: the figures by every pair take a minute
figures = pytest.mark.xdist_group("figures")

WINDOWS = (1, 30, 90)
# between the past as-ofs of one outcome, and exactly at one of another
SAID_FIRST, SAID_NEXT = datetime(2026, 3, 4, 12), datetime(2026, 4, 8)
KEYS = {
    "score_performance": ("outcome", "score_name", "population", "window_days"),
    "band_performance": ("outcome", "score_name", "band"),
    "rule_evidence": ("outcome", "rule_id"),
    "rule_what_ifs": ("outcome", "rule_id", "change"),
    "capacity_thresholds": ("outcome", "score_name", "calls"),
    "said_performance": ("outcome", "score_name", "band"),
    "half_life_performance": ("outcome", "score_name", "half_life_days"),
}
# the reference seeks the best among its windows alone
OF_ALL_WINDOWS = {"difference_to_best", "difference_se", "is_as_good_as_best"}

Marts = Mapping[str, Mart]
Server = postgres.Server | spark.Cluster


def evaluated(project: Project, *, was_built_before: bool = True) -> tuple[Marts, Marts]:
    """The marts by dbt, and those of the reference, of one told history."""
    tables = with_quotes(told(1, 400))
    build = Build(AS_OF, website_tracking=True, require_consent=True, config=CONFIG)
    # what earlier builds said, under bands of then
    renamed = [
        row | {"band": "blazing"} if row["band"] == "hot" else row for row in CONFIG["score_bands"]
    ]
    earlier = [
        replace(build, as_of=as_of, config=CONFIG | {"score_bands": bands})
        for as_of, bands in ((SAID_FIRST, renamed), (SAID_NEXT, CONFIG["score_bands"]))
    ]
    columns = {table: COLUMNS[table] for table in tables}
    rows = {
        table: [{name: row.get(name) for name in columns[table]} for row in tables[table]]
        for table in tables
    }
    project.empty()
    builds = (*earlier, build) if was_built_before else (build,)
    told_by = [project.marts(one, rows, columns) for one in builds]
    said, handed_off = told_by[-1]["score_history"], told_by[-1]["sales_handoffs"]
    project.evaluate(build, {"evaluation_as_ofs": 6})
    by_dbt = {mart: by_key(mart, found) for mart, found in project.read(KEYS).items()}
    settings = Settings(evaluation_as_ofs=6)
    return by_dbt, evaluate(rows, CONFIG, AS_OF, settings, WINDOWS, said, handed_off)


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Marts, Marts]:
    return evaluated(Project(project_root(), tmp_path_factory.mktemp("evaluation")))


def by_key(mart: str, rows: list[MartRow]) -> Mart:
    found = {tuple(row[name] for name in KEYS[mart]): row for row in rows}
    assert len(found) == len(rows)
    return found


def is_same(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)
    return bool(one == other)


def differing(mart: str, by_dbt: Mart, by_reference: Mart) -> list[str]:
    if mart == "score_performance":
        by_dbt = {key: row for key, row in by_dbt.items() if key[-1] in WINDOWS}
    assert by_dbt.keys() == by_reference.keys()
    return [
        f"{mart} {key}: {column} {by_dbt[key].get(column)}, not {value}"
        for key, row in by_reference.items()
        for column, value in row.items()
        if column not in OF_ALL_WINDOWS and not is_same(by_dbt[key].get(column), value)
    ]


@figures
@pytest.mark.parametrize("mart", KEYS)
def test_figures_are_those_of_the_reference(both: tuple[Marts, Marts], mart: str) -> None:
    by_dbt, by_reference = both[0][mart], both[1][mart]
    columns = {column for row in by_reference.values() for column in row}
    told = {column for row in by_reference.values() for column in row if row[column] is not None}
    assert columns - OF_ALL_WINDOWS <= told  # there is something to compare
    found = differing(mart, by_dbt, by_reference)
    assert not found, "\n".join([f"{len(found)} differ", *found[:20]])


def differing_on(folder: Path, server: Server, *, was_built_before: bool = True) -> list[str]:
    project = ServerProject(project_root(), folder, server)
    by_dbt, by_reference = evaluated(project, was_built_before=was_built_before)
    return [one for mart in KEYS for one in differing(mart, by_dbt[mart], by_reference[mart])]


@figures
@pytest.mark.long
def test_figures_are_the_same_on_postgresql(
    tmp_path: Path, postgres_server: postgres.Server
) -> None:
    found = differing_on(tmp_path, postgres_server)
    assert not found, "\n".join([f"{len(found)} differ", *found[:20]])


@pytest.mark.long
@pytest.mark.xdist_group("spark")
def test_figures_are_the_same_on_spark(tmp_path: Path, spark_cluster: spark.Cluster) -> None:
    """After one build: each takes minutes there, however small."""
    found = differing_on(tmp_path, spark_cluster, was_built_before=False)
    assert not found, "\n".join([f"{len(found)} differ", *found[:20]])


@figures
def test_lift_without_those_handed_off_is_another_one(both: tuple[Marts, Marts]) -> None:
    rows = both[0]["band_performance"].values()
    assert any(row["lift_not_handed_off"] != row["lift"] for row in rows)


@figures
def test_a_change_that_mends_a_mistake_is_suggested(both: tuple[Marts, Marts]) -> None:
    suggested = {key for key, row in both[0]["rule_what_ifs"].items() if row["is_suggested"]}
    assert ("purchase", "quote", "points x 0") in suggested
    assert {rule for _, rule, _ in suggested} == {"quote"}
