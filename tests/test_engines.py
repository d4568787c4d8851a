"""One SQL for every engine: what differs is in macros/engines, one file for each."""

import re
from pathlib import Path

import pytest
import sqlglot
from conftest import ROOT, Project

MACROS = ROOT / "macros" / "engines"
ENGINES = r"duckdb|postgres|spark|iceberg|\bhive|snowflake|bigquery|databricks|redshift"


def test_engines_are_named_in_their_own_files_alone():
    named = {
        path.relative_to(ROOT).as_posix(): found
        for folder in ("models", "on_request", "at_home", "macros")
        for path in (ROOT / folder).rglob("*.*")
        if path.parent != MACROS
        and (found := re.findall(rf"{ENGINES}|\bdefault__", path.read_text("utf-8"), re.I))
    }
    assert not named


@pytest.mark.parametrize("path", sorted(MACROS.iterdir()), ids=lambda path: path.stem)
def test_a_file_holds_the_macros_of_one_engine(path: Path):
    macros = re.findall(r"{%-? macro (\w+)\(", path.read_text("utf-8"))
    assert macros
    assert [name for name in macros if not name.startswith(f"{path.stem}__")] == []


def compiled_models(project: Project) -> list[Path]:
    folder = project.path / "target" / "compiled" / "contact_scoring" / "models"
    # those of unit tests are in folders named like the file that holds them
    found = [path for path in folder.rglob("*.sql") if ".yml" not in str(path)]
    assert len(found) > 50
    return found


@pytest.mark.parametrize("dialect", ["snowflake", "databricks", "redshift", "bigquery"])
def test_what_the_models_say_can_be_said_elsewhere(demo: Project, dialect: str):
    """Nobody ran it there: a parser takes the compiled SQL over and reads what it wrote."""
    # BigQuery has no `nulls last` within a window, and would rank what is missing first
    ignored = {"unsupported_level": sqlglot.ErrorLevel.IGNORE} if dialect == "bigquery" else {}
    options = {"unsupported_level": sqlglot.ErrorLevel.RAISE} | ignored
    for path in compiled_models(demo):
        # the type of a key is DuckDB's own, and a dispatched macro
        text = path.read_text("utf-8").replace("as ubigint)", "as bigint)")
        written = sqlglot.transpile(text, "duckdb", dialect, **options)
        for statement in written:
            assert sqlglot.parse_one(statement, read=dialect), path
