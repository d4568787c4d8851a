"""The same models on an emulator of Snowflake: the demo's marts are equal, row for row.

docs/scaling.md says what that does not show of the real one.
"""

import os
from pathlib import Path

import pytest
from conftest import EARLIER, NO_TESTS, ROOT, Project
from connected import AS_OF, FIXTURES, assert_same_on, connected
from marts import marts_of, marts_of_duckdb

from tools import snowflake

pytestmark = pytest.mark.xdist_group("snowflake")

DEMO_AS_OF = "2026-11-16 00:00:00"
TARGET = ("--target", "snowflake", "--target-path", "target/snowflake")


@pytest.fixture
def emulator(snowflake_emulator: snowflake.Emulator) -> snowflake.Emulator:
    """The emulator, with nothing in it but the demo's raw tables."""
    snowflake_emulator.empty()
    snowflake_emulator.load(ROOT / "seeds" / "demo", "crm")
    return snowflake_emulator


@pytest.mark.skipif(not os.environ.get("TEST_ENGINES"), reason="`make test-engines` runs it")
def test_two_ticks_of_the_demo_are_the_same(project: Project, emulator: snowflake.Emulator) -> None:
    """The second goes on from what the first left."""
    for as_of in (EARLIER, DEMO_AS_OF):
        project.score(as_of=as_of)
        own = {"raw_schema": "crm", "as_of": as_of}
        what = (*TARGET, *NO_TESTS, "--exclude", "tag:demo")
        done = project.dbt("build", *what, env=emulator.environment, **own)
        assert done.returncode == 0, done.stdout
        with emulator.cursor() as cursor:
            assert marts_of(cursor) == marts_of_duckdb(project), as_of


@pytest.mark.skipif(not os.environ.get("TEST_ENGINES"), reason="`make test-engines` runs it")
def test_all_connectors_fill_the_same_raw_tables(
    tmp_path: Path, emulator: snowflake.Emulator
) -> None:
    connectors = sorted(folder.name for folder in FIXTURES.iterdir())
    project = connected(tmp_path / "a project", *connectors)
    project.build(*NO_TESTS, "-s", "path:models/connectors", connectors=connectors, as_of=AS_OF)
    united = sorted((ROOT / "models" / "connectors").glob("united_*.sql"))
    tables = [path.stem.removeprefix("united_") for path in united]
    assert_same_on(project, emulator, connectors, tables)
