"""`contact-scoring evaluate` on the demo, and what becomes of it as later builds are published."""

import csv
import io
import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
from conftest import EVALUATION, Project
from test_publishing import assert_whole, publish

from contact_scoring.evaluation import print_summary
from tools import postgres

# the evaluation takes a while, so one worker has it
pytestmark = pytest.mark.xdist_group("evaluate")

AS_OF, LATER = "2026-11-16 00:00:00", "2026-11-16 12:00:00"
MARTS = [
    "band_performance", "capacity_thresholds", "evaluated_outcomes", "half_life_performance",
    "rule_evidence", "rule_what_ifs", "said_performance", "score_performance",
]  # fmt: skip
# of tables; all else of an event could name somebody who is deleted later
HARMLESS = {
    "outcome", "population", "panel", "score_name", "band", "counts_for",
    "source", "event_type", "applies_to", "cleared_by", "change",
}  # fmt: skip


@dataclass
class Evaluated(Project):
    """A project whose last build was evaluated."""

    said: str = ""

    @property
    def current(self) -> Path:
        return (self.path / "published" / "current").resolve()

    @property
    def manifest(self) -> dict:
        return json.loads((self.current / "manifest.json").read_text("utf-8"))

    def change(self, *statements: str) -> None:
        """Change the build's database."""
        with duckdb.connect(str(self.database)) as connection:
            for statement in statements:
                connection.execute(statement)

    def build_again(self, **changes: object) -> None:
        """Have the last build be another one, which nobody evaluated."""
        self.change(
            "drop table points.tested_evaluation",
            *(f"drop table marts.{mart}" for mart in MARTS),
            *(f"update points.tested_build set {name} = '{to}'" for name, to in changes.items()),
        )


@pytest.fixture(scope="module")
def evaluated(evaluated_demo: tuple[Project, str]) -> Evaluated:
    """A copy of the demo. Not to be changed."""
    project, said = evaluated_demo
    return Evaluated(project.path, said)


@pytest.fixture
def project(evaluated: Evaluated, tmp_path: Path) -> Evaluated:
    """Another copy, which may be changed."""
    shutil.copytree(evaluated.path, tmp_path / "demo", symlinks=True)
    return Evaluated(tmp_path / "demo")


def rows(file: Path, relation: str) -> list[tuple]:
    with duckdb.connect(str(file), read_only=True) as connection:
        return connection.execute(f"select * from {relation} order by all").fetchall()


def test_it_says_what_the_scores_predict_and_where_nothing_can_be_said(
    evaluated: Evaluated,
) -> None:
    for line in (
        "meeting: of 100 pairs, the one with the outcome had the higher engagement in 62;",
        "meeting: rules that make the score predict better: email_click",
        "meeting: rules left out of the score, as they could match the outcome itself: "
        "meeting_booked",
        f"Published for 2026-11-16 00:00 UTC: {evaluated.path}/published/current/contact_scoring.",
    ):
        assert line in evaluated.said
    texts = evaluated.query(
        "select column_name from duckdb_columns() as columns "
        "inner join duckdb_tables() as tables using (schema_name, table_name) "
        "where schema_name = 'evaluation' and data_type = 'VARCHAR'"
    )
    assert texts
    assert {name for (name,) in texts} <= HARMLESS


def test_it_says_what_is_missing_for_figures(
    project: Evaluated, capsys: pytest.CaptureFixture[str]
) -> None:
    project.change(
        "update marts.score_performance set auc = null, auc_low = null, auc_high = null, "
        "contacts_with_outcome = 9 where outcome = 'meeting'",
        "update evaluation.outcome_as_ofs set past_as_of = '2026-01-05' "
        "where outcome = 'trial' and as_of_number <= 20",
    )
    with duckdb.connect(str(project.database), read_only=True) as connection:
        print_summary(connection)
    said = capsys.readouterr().out
    assert (
        "meeting: nothing can be said of engagement: 9 contacts had the outcome, and figures need "
        "20 with it and 20 without."
    ) in said
    assert (
        "trial: 20 of 26 past as-ofs are before the first event, of 2026-02-10: everybody has 0 "
        "points there. Set evaluation_as_ofs lower."
    ) in said


def test_its_marts_are_published_in_full_and_nothing_else_of_it(evaluated: Evaluated) -> None:
    manifest = assert_whole(evaluated.current)
    assert manifest["evaluation"] == {"as_of": AS_OF, "marts": MARTS}
    for mart in MARTS:
        built = rows(evaluated.database, f"marts.{mart}")
        assert built
        assert_published(evaluated, mart, built)
    windows = {row[3] for row in rows(evaluated.database, "marts.score_performance")}
    assert windows == set(range(1, 91))
    published = evaluated.current / "contact_scoring.duckdb"
    assert not [row for row in rows(published, "duckdb_tables()") if "evaluation" in row]


def assert_published(project: Evaluated, mart: str, expected: list[tuple], as_of=AS_OF) -> None:
    """It is in the current generation's database and file, each with its as-of."""
    database = project.current / "contact_scoring.duckdb"
    file = project.current / "parquet" / mart / "rows.parquet"
    assert rows(database, f"marts.{mart}") == expected
    assert rows(database, f"read_parquet('{file}')") == expected
    assert project.manifest["marts"][mart]["rows"] == len(expected)
    ((comment,),) = rows(
        database,
        f"(select comment from duckdb_tables() where table_name = '{mart}')",
    )
    assert comment == f"as of {as_of} UTC"
    ((said,),) = rows(
        database,
        f"(select value::varchar from parquet_kv_metadata('{file}') where key = 'as_of')",
    )
    assert said == as_of


def test_a_build_that_was_not_evaluated_keeps_the_last_one(project: Evaluated) -> None:
    expected = {mart: rows(project.database, f"marts.{mart}") for mart in MARTS}
    project.build_again(as_of=LATER)
    for _ in range(2):
        publish(project)
        manifest = assert_whole(project.current)
        assert manifest["as_of"] == LATER
        assert manifest["evaluation"] == {"as_of": AS_OF, "marts": MARTS}
        for mart in MARTS:
            assert_published(project, mart, expected[mart])

    # a replay of an instant at which it could not be known
    project.change("update points.tested_build set as_of = '2026-11-09 12:00:00'")
    publish(project)
    (replay,) = (project.path / "published" / "replays").iterdir()
    assert assert_whole(replay)["evaluation"] is None
    assert project.manifest["evaluation"]["as_of"] == AS_OF


@pytest.mark.parametrize(
    ("was_demo", "is_demo", "read_from", "is_kept"),
    [
        (True, True, "the demo", True),
        (True, True, "the folder exports (an example)", False),
        (True, False, "the folder exports", False),
        # it is still somebody's own, as their history is
        (False, False, "the folder exports", True),
    ],
)
def test_it_goes_with_what_is_forgotten(
    project: Evaluated, was_demo: bool, is_demo: bool, read_from: str, is_kept: bool
) -> None:
    # a time that has come, whatever the demo's is
    project.change(
        f"update points.tested_build set is_demo = {was_demo}, as_of = '2026-01-01 00:00:00'"
    )
    shutil.rmtree(project.path / "published")
    publish(project)
    assert project.manifest["evaluation"]
    project.build_again(as_of="2026-01-02 00:00:00", is_demo=is_demo)
    project.change(f"update staging.raw_row_counts set read_from = '{read_from}'")
    publish(project)
    assert bool(project.manifest["evaluation"]) == is_kept
    assert set(MARTS).issubset(project.manifest["marts"]) == is_kept
    assert_whole(project.current)


def test_one_that_is_damaged_keeps_no_build_from_being_published(project: Evaluated) -> None:
    project.build_again(as_of=LATER)
    file = project.current / "parquet" / "rule_evidence" / "rows.parquet"
    file.chmod(0o644)
    file.write_bytes(file.read_bytes()[:-1])
    said = publish(project)
    assert said.startswith(f"The last evaluation is lost, evaluate again: {file} was changed\n")
    assert assert_whole(project.current)["evaluation"] is None


def test_a_part_of_one_is_not_published(project: Evaluated) -> None:
    before = rows(project.database, "marts.rule_evidence")
    part = ["--select", "rule_evidence", "--target-path", "target/evaluation"]
    done = project.dbt("build", *part, env=EVALUATION, as_of=AS_OF)
    assert done.returncode == 0, done.stdout
    project.change("delete from marts.rule_evidence")
    publish(project)
    assert_published(project, "rule_evidence", before)


def test_as_csv_all_windows_of_it_are_written_or_one(evaluated: Evaluated) -> None:
    for window, expected in ((None, list(range(1, 91))), (14, [14])):
        given = ["--window", str(window)] if window else []
        done = evaluated.command("csv", "score_performance", *given)
        assert done.returncode == 0, done.stdout
        found = list(csv.DictReader(io.StringIO(done.stdout)))
        assert sorted({int(row["window_days"]) for row in found}) == expected


def test_postgresql_has_its_tables_until_it_is_forgotten(
    project: Evaluated, postgres_server: postgres.Server
) -> None:
    postgres_server.empty()
    expected = rows(project.database, "marts.score_performance")
    project.build_again(as_of=LATER)
    publish(project)
    done = project.command("publish-postgres", env=postgres_server.environment)
    assert done.returncode == 0, done.stdout
    assert "no evaluation" not in done.stdout
    comment = "select obj_description('published.{}'::regclass, 'pg_class')"
    with postgres_server.cursor() as cursor:
        cursor.execute("select * from published.score_performance")
        assert sorted(cursor.fetchall(), key=repr) == sorted(expected, key=repr)
        for mart, as_of in (("score_performance", AS_OF), ("contact_scores", LATER)):
            cursor.execute(comment.format(mart))
            assert cursor.fetchone()[0].endswith(f"as of {as_of} UTC")

    project.change("update staging.raw_row_counts set read_from = 'the folder x (an example)'")
    publish(project)
    done = project.command("publish-postgres", env=postgres_server.environment)
    assert done.stdout.endswith("There is no evaluation yet: `make evaluate` adds its tables.\n")
    with postgres_server.cursor() as cursor:
        cursor.execute("select to_regclass('published.score_performance')::text")
        assert cursor.fetchone() == (None,)
    postgres_server.empty()


def test_a_build_that_failed_is_not_evaluated(project: Evaluated) -> None:
    project.change("drop table points.tested_build")
    done = project.command("evaluate")
    assert done.returncode == 1
    assert done.stdout.startswith("The last build is not published: it did not come to its end")


def test_without_a_build_there_is_nothing_to_evaluate(project: Evaluated) -> None:
    project.database.unlink()
    done = project.command("evaluate")
    assert done.returncode != 0
    assert "make build" in done.stdout
