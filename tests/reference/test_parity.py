"""The project's marts are those of the reference, on random histories and on every saved case.

PARITY_HISTORIES (100), PARITY_SEED (1) and PARITY_SIZE (50, histories in one build) say how many
and which: the same numbers always make the same histories.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from histories import batch
from parity import CASES, Case, Difference, Project, differences, project_root

HISTORIES = int(os.environ.get("PARITY_HISTORIES", "100"))
SEED = int(os.environ.get("PARITY_SEED", "1"))
SIZE = int(os.environ.get("PARITY_SIZE", "50"))


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return Project(project_root(), tmp_path_factory.mktemp("parity"))


def told(found: list[Difference]) -> str:
    lines = [f"history {difference.history}: {difference}" for difference in found[:20]]
    return "\n".join([f"{len(found)} differences", *lines])


def test_every_mart_is_judged(project: Project) -> None:
    if project.lacking:
        pytest.skip(f"the project lacks {', '.join(sorted(project.lacking))}")


@pytest.mark.parametrize("start", range(SEED, SEED + HISTORIES, SIZE))
def test_random_histories(project: Project, start: int) -> None:
    """`python parity.py --seed START --histories SIZE --save NAME` makes a case of one."""
    known, histories = batch(start, min(SIZE, SEED + HISTORIES - start))
    found = differences(project, known, histories)
    assert not found, told(found)


@pytest.mark.parametrize("path", sorted(CASES.glob("*.json")), ids=lambda path: path.stem)
def test_cases(project: Project, path: Path) -> None:
    case = Case.load(path)
    found = differences(project, case.settings, case.histories)
    assert not found, f"{case.why}\n{told(found)}"
