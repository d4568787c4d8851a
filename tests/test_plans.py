"""How DuckDB joins: nothing may compare every row of a large table with every row of another.

It does where a left join has a condition on its left side alone, and says nothing: the demo is as
quick as ever, and two million events take for ever.
"""

from pathlib import Path

import duckdb
from conftest import Project

# against the bands, the fit rules, or the patterns of machines: a handful
FEW_ROWS = {
    "assert_both_bands_give_the_grade",
    "band_forecast",
    "band_rows",
    "contact_grades",
    "fit_matches",
    "fit_standings",
    "contact_standings",
    "contact_scores",
    "history_builds",
    "machine_user_agents_seen",
    "repeats",
}


def joins_of_all_with_all(project: Project) -> set[str]:
    """The compiled models and tests whose plan holds such a join."""
    compiled = project.path / "target" / "compiled" / "contact_scoring"
    files = [*compiled.glob("models/*/*.sql"), *compiled.glob("tests/claims/*.sql")]
    assert len(files) > 50
    with duckdb.connect(str(project.database), read_only=True) as connection:
        return {file.stem for file in files if "BLOCKWISE_NL_JOIN" in plan(connection, file)}


def plan(connection: duckdb.DuckDBPyConnection, file: Path) -> str:
    return connection.execute(f"explain {file.read_text(encoding='utf-8')}").fetchone()[1]


def test_no_join_compares_all_rows_with_all(demo: Project):
    assert joins_of_all_with_all(demo) <= FEW_ROWS
