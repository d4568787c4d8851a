"""The causes in `score_changes` are those that brute force finds, one ingredient at a time.

test_parity.py holds the changes themselves against the reference, in every sequence of builds. Here
each history has one kind of news at a time, so that hardly any row has two causes: the project then
takes the first, and brute force sees both. Histories with deleted contacts are left out, for brute
force does not know that an erasure is final.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import duckdb
import pytest
from histories import History, Tables, batch, unite
from parity import REQUIRED_COLUMNS, MartRow, Project, project_root, rows_of_mart
from reference_changes import CAUSES, Input, causes
from reference_scorer import ACTOR_COLUMNS

# the sums are in every build of test_parity.py
pytestmark = pytest.mark.long

SEED, SIZE = 34, 60
OWNERS = ("contacts", "identities", "consents")
COLUMNS = ("score_name", "contact_id", "rule_id", *CAUSES, "change", "points", "preceding_as_of")


def news(history: History, kind: str) -> Tables:
    """What comes in after a history's first build, of one kind."""
    tables = {"owners": OWNERS, "rows": ACTOR_COLUMNS}.get(kind, ())
    later: dict[str, list[dict[str, str | None]]] = {}
    for arriving in history[1:]:
        for table, rows in arriving.items():
            if table in tables:
                later.setdefault(table, []).extend(rows)
    return later


def is_anybody_deleted(history: History) -> bool:
    return any(row.get("deleted_at") for one in history for row in one.get("contacts", []))


def inputs() -> Iterator[Input]:
    """A build; one after half of the histories had news of a kind each; one after rules changed."""
    builds, histories = batch(SEED, SIZE, builds=6)
    histories = [history for history in histories if not is_anybody_deleted(history)]
    kinds = ("owners", "rows")
    raw = unite([[history[0], news(history, kinds[n % 2])] for n, history in enumerate(histories)])
    edited = replace(builds[0], config=builds[-1].config, machine_click_seconds=2)
    told = [builds[0], builds[0], edited]
    for number, (build, tables) in enumerate(zip(told, [*raw, raw[-1]], strict=True)):
        as_of = builds[0].as_of + number * timedelta(hours=36)
        yield Input(replace(build, as_of=as_of, full_refresh=False), tables)


def score_changes(project: Project) -> list[MartRow]:
    with duckdb.connect(project.environment["CONTACT_SCORING_DB"], read_only=True) as connection:
        return rows_of_mart(connection, "score_changes")


def listed(rows: list[MartRow]) -> list[tuple[object, ...]]:
    return sorted(tuple(row[column] for column in COLUMNS) for row in rows)


def moved(rows: list[MartRow]) -> set[str]:
    return {cause for cause in CAUSES if any(row[cause] for row in rows)}


@pytest.fixture(scope="module")
def sequence(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Input, list[MartRow]]]:
    """Each build's input, and what it says has changed."""
    project = Project(project_root(), tmp_path_factory.mktemp("changes"))
    project.empty()
    told = list(inputs())
    columns = {
        table: dict.fromkeys((*REQUIRED_COLUMNS[table], *(name for row in rows for name in row)))
        for table, rows in told[-1].raw.items()
    }
    found = []
    for one in told:
        project.marts(one.build, one.raw, columns)
        found.append((one, score_changes(project)))
    return found


def test_a_first_build_compares_nothing(sequence: list[tuple[Input, list[MartRow]]]) -> None:
    assert sequence[0][1] == []


def test_causes_are_those_of_brute_force(sequence: list[tuple[Input, list[MartRow]]]) -> None:
    (first, _), (second, by_news), (third, by_rules) = sequence
    assert moved(by_news) == {*CAUSES} - {"by_rules"}
    assert listed(by_news) == listed(list(causes(first, second)))
    assert "by_rules" in moved(by_rules) <= {*CAUSES} - {"by_owners", "by_late"}
    assert listed(by_rules) == listed(list(causes(second, third)))
