"""The project's marts are those of the reference, on random histories and on every saved case.

PARITY_HISTORIES (100), PARITY_SEED (1) and PARITY_SIZE (50, histories in one build) say how many
and which: the same numbers always make the same histories. Every second batch of that size goes
through a sequence of PARITY_BUILDS (3) builds over one database.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from histories import batch
from parity import (
    CASES,
    Case,
    Difference,
    Project,
    ServerProject,
    differences,
    project_root,
)

from tools import postgres, snowflake, spark

HISTORIES = int(os.environ.get("PARITY_HISTORIES", "100"))
SEED = int(os.environ.get("PARITY_SEED", "1"))
SIZE = int(os.environ.get("PARITY_SIZE", "50"))
BUILDS = int(os.environ.get("PARITY_BUILDS", "3"))
STARTS = range(SEED, SEED + HISTORIES, SIZE)
# groups that are not captured, a function's other form, a clause, and a backslash that is not twice
REFUSED_BY_SNOWFLAKE = re.compile(r"\(\?|\btrim\(both\b|\bfilter \(where\b|\\[dswbDSWB]", re.I)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return Project(project_root(), tmp_path_factory.mktemp("parity"))


@pytest.fixture(scope="module")
def on_postgres(
    tmp_path_factory: pytest.TempPathFactory, postgres_server: postgres.Server
) -> Project:
    return ServerProject(project_root(), tmp_path_factory.mktemp("postgres"), postgres_server)


@pytest.fixture(scope="module")
def on_spark(tmp_path_factory: pytest.TempPathFactory, spark_cluster: spark.Cluster) -> Project:
    return ServerProject(project_root(), tmp_path_factory.mktemp("spark"), spark_cluster)


@pytest.fixture(scope="module")
def on_snowflake(
    tmp_path_factory: pytest.TempPathFactory, snowflake_emulator: snowflake.Emulator
) -> Project:
    return ServerProject(project_root(), tmp_path_factory.mktemp("snowflake"), snowflake_emulator)


def size_from(start: int) -> int:
    return min(SIZE, SEED + HISTORIES - start)


def told(found: list[Difference]) -> str:
    lines = [f"history {difference.history}: {difference}" for difference in found[:20]]
    return "\n".join([f"{len(found)} differences", *lines])


@pytest.mark.parametrize("start", STARTS[::2])
def test_random_histories(project: Project, start: int) -> None:
    """parity.py with `--seed START --histories SIZE --size SIZE --save NAME` makes a case."""
    found = differences(project, *batch(start, size_from(start)))
    assert not found, told(found)


@pytest.mark.parametrize("start", STARTS[1::2])
def test_random_sequences_of_builds(project: Project, start: int) -> None:
    """The same with `--builds`."""
    found = differences(project, *batch(start, size_from(start), builds=BUILDS))
    assert not found, told(found)


@pytest.mark.parametrize("start", STARTS[1::2])
def test_random_sequences_of_builds_on_postgresql(on_postgres: Project, start: int) -> None:
    """The same with `--engine postgres`."""
    found = differences(on_postgres, *batch(start, size_from(start), builds=min(BUILDS, 3)))
    assert not found, told(found)


@pytest.mark.xdist_group("spark")
@pytest.mark.parametrize("start", STARTS[1::2])
def test_random_sequences_of_builds_on_spark(on_spark: Project, start: int) -> None:
    """The same with `--engine spark`, and fewer builds: one takes minutes there, however small."""
    found = differences(on_spark, *batch(start, size_from(start), builds=max(BUILDS // 3, 1)))
    assert not found, told(found)


@pytest.mark.xdist_group("snowflake")
@pytest.mark.parametrize("start", STARTS[1::2])
def test_random_sequences_of_builds_on_an_emulated_snowflake(
    on_snowflake: Project, start: int
) -> None:
    """The same with `--engine snowflake`; and what it takes, and Snowflake refuses, is not said."""
    found = differences(on_snowflake, *batch(start, size_from(start), builds=max(BUILDS // 3, 1)))
    assert not found, told(found)
    compiled = (on_snowflake.folder / "target" / "compiled").rglob("*.sql")
    texts = {path: path.read_text("utf-8") for path in compiled}
    assert sum("regexp_like(" in text for text in texts.values()) > 5
    refused = {path: REFUSED_BY_SNOWFLAKE.findall(text) for path, text in texts.items()}
    assert {path: of_path for path, of_path in refused.items() if of_path} == {}


@pytest.mark.parametrize("path", sorted(CASES.glob("*.json")), ids=lambda path: path.stem)
def test_cases(project: Project, path: Path) -> None:
    case = Case.load(path)
    found = differences(project, case.builds, case.histories)
    assert not found, f"{case.why}\n{told(found)}"
