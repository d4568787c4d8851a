"""`contact-scoring evaluate` on the demo."""

import duckdb
from conftest import Project

# of tables; all else of an event could name somebody who is deleted later
HARMLESS = {
    "outcome", "population", "score_name", "band", "counts_for",
    "source", "event_type", "applies_to", "cleared_by",
}  # fmt: skip


def test_it_says_what_the_scores_predict_and_where_nothing_can_be_said(demo: Project) -> None:
    done = demo.command("evaluate")
    assert done.returncode == 0, done.stdout
    for line in (
        "meeting: nothing can be said of engagement: 9 contacts had the outcome, and figures",
        "trial: of 100 pairs, the one with the outcome had the higher engagement in 55;",
        "meeting: is the outcome: meeting_booked",
    ):
        assert line in done.stdout
    with duckdb.connect(str(demo.database), read_only=True) as connection:
        texts = connection.sql(
            "select column_name from duckdb_columns() as columns "
            "inner join duckdb_tables() as tables using (schema_name, table_name) "
            "where schema_name = 'evaluation' and data_type = 'VARCHAR'"
        ).fetchall()
    assert texts
    assert {name for (name,) in texts} <= HARMLESS


def test_without_a_build_there_is_nothing_to_evaluate(project: Project) -> None:
    done = project.command("evaluate")
    assert done.returncode != 0
    assert "make build" in done.stdout
