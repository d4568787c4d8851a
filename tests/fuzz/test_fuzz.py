"""A sample of the bad and odd inputs of every kind: each is right, or refused with one line.

FUZZ (14) and FUZZ_SEED (1) say how many and which; `make fuzz` tries a thousand.
"""

from __future__ import annotations

import os

import pytest
from fuzz import Fuzzed, run
from fuzz_cases import SHARES, Case, Input, cases, with_column
from parity import project_root


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Fuzzed:
    return Fuzzed(project_root(), tmp_path_factory.mktemp("fuzz"))


def test_every_input_is_right_or_refused_with_one_line(fuzzed: Fuzzed) -> None:
    chosen = cases(int(os.environ.get("FUZZ", "14")), int(os.environ.get("FUZZ_SEED", "1")))
    assert {case.kind for case in chosen} == set(SHARES)
    summary, other = run(fuzzed, chosen)
    assert not other, "\n".join([summary, *(f"{name}: {wrong}" for name, wrong in other.items())])


@pytest.mark.long
def test_what_is_neither_is_told_by_name(fuzzed: Fuzzed) -> None:
    """A refusal of a harmless change, one that names another table, and a wrong score."""

    def no_column(given: Input) -> None:
        given.files["lists"] = {"lists.csv": b"list\n1\n"}

    def lost_event(given: Input) -> None:
        given.files["activities"] = {
            "activities.csv": b"event_id,event_type,occurred_at,contact_id\n"
        }

    wrong = [
        Case("form: harmless", lambda given: with_column("note")(given, "lists"), ("lists",)),
        Case("file: of another table", no_column, ("consents",)),
        Case("form: an event gone", lost_event, concerns="activities"),
        Case("form: nothing", lambda _: None, concerns="nothing"),
    ]
    summary, other = run(fuzzed, wrong)
    assert summary == "4 tried: 1 right, 0 refused with one line, 3 other"
    assert list(other) == ["form: an event gone", "form: harmless", "file: of another table"]
    assert other["form: harmless"] == "built, and should have been refused"
    assert other["file: of another table"].startswith("the message does not say consents: ")
    assert " by the reference" in other["form: an event gone"]
