"""Tries bad and odd inputs: each has to come out right, or be refused with one line.

    PYTHONPATH=tests/fuzz:tests/reference:. python tests/fuzz/fuzz.py --cases 1000 --seed 1

What a user's `make build` does with them: the checks of the rules, then dbt with its tests. Cases
that should come out right share a build where they concern different things; where that is not as
the reference scorer has it, or is refused, its halves are tried, and so on to single cases.
"""

from __future__ import annotations

import argparse
import re
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import duckdb
from fuzz_cases import AS_OF, PRIVATE, Case, Input, base, cases, plain
from parity import (
    MART_KEYS,
    Build,
    Erasures,
    Memory,
    Project,
    differences_in,
    message_of,
    project_root,
    reference_marts,
)

from contact_scoring import config_checks, config_files

ROWS_IN_A_BUILD = 100
TOLD = ("info", "warn", "error")
# what dbt says around a message, and what stands above or below the mistakes in it
FRAME = re.compile(
    r"(Compilation Error|Encountered an error:|> (in|called by) |The rules in seeds/config |"
    r"Load what is missing, or accept it for one build)"
)
# what no user should have to read
INTERNAL = re.compile(r"Traceback|\w Error\b|Exception\b|\bLINE \d|\bat 0x")


class Refused(Exception):  # noqa: N818
    """The build was refused, with a message."""


class Fuzzed(Project):
    """A copy of the project to try inputs on."""

    def try_input(self, given: Input) -> list[str]:
        """Build it; what was said of it. Raises Refused, with the message, where it is refused."""
        self.empty()
        self._write(given)
        config = self.folder / "seeds" / "config"
        with patch.object(config_files, "FOLDER", config):
            try:
                config_checks.check()
            except SystemExit as stopped:
                raise Refused(str(stopped)) from None
            except Exception as error:
                raise Refused(f"Traceback: {error!r}") from error
        return self._build(given)

    def _write(self, given: Input) -> None:
        inputs = self.folder / "inputs"
        for gone in (inputs, self.folder / "exports", self.folder / "seeds" / "config"):
            shutil.rmtree(gone, ignore_errors=True)
        shutil.copytree(project_root() / "seeds" / "config", self.folder / "seeds" / "config")
        for table in given.tables:
            files = given.files.get(table, {f"{table}.csv": plain(given, table)})
            for name, content in files.items():
                path = inputs / given.folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
        for seed in given.config:
            path = self.folder / "seeds" / "config" / f"{seed}.csv"
            content = given.config_files.get(seed, plain(given, seed))
            if content is None:
                path.unlink()
            else:
                path.write_bytes(content)

    def _build(self, given: Input) -> list[str]:
        folder = f"inputs/{given.folder}"
        raw_files = str(self.folder / folder) if given.is_absolute else folder
        variables = {"as_of": AS_OF, "raw_files": raw_files} | given.variables
        what = ["--exclude-resource-type", "unit_test"]
        what += ["--exclude", "tag:demo", "tag:demo_story"]
        said: list[str] = []

        def hear(event: Any) -> None:
            if event.info.level in TOLD:
                said.append(event.info.msg)

        parsed_as = None if given.variables else "without variables"
        built = self.dbt_build(variables, what, parsed_as, [hear])
        if built.success:
            return said
        text = message_of(built)
        if any(PRIVATE in line.lower() for line in said):
            text += "\n".join(["", "dbt also said:", *said])
        raise Refused(text)

    def is_unscored(self) -> bool:
        database = Path(self.environment["CONTACT_SCORING_DB"])
        marts = "select 1 from information_schema.tables where table_schema = 'marts'"
        if not database.exists():
            return True
        with duckdb.connect(str(database), read_only=True) as connection:
            return not connection.execute(marts).fetchall()


# Judging ------------------------------------------------------------------------------------


def mistakes_in(message: str) -> list[str]:
    """The lines of a message that say what is wrong."""
    lines = [line.strip() for line in message.splitlines()]
    return [line for line in lines if line and not FRAME.match(line)]


def wrong_with_refusal(message: str, case: Case) -> str:
    """What is wrong with a refusal; empty where it is the one line that it should be."""
    lines = mistakes_in(message)
    if PRIVATE in message.lower():
        return f"the message names somebody: {message}"
    if INTERNAL.search("\n".join(lines)):
        return f"the message is the engine's own: {message}"
    if len(lines) != case.lines:
        return f"{len(lines)} lines in place of {case.lines}: {message}"
    absent = [word for word in case.refused if word not in message]
    return f"the message does not say {', '.join(absent)}: {message}" if absent else ""


def wrong_with_marts(project: Fuzzed, given: Input, said: Sequence[str]) -> str:
    """Where the marts are not those of the reference; empty where they are."""
    if told := [line for line in said if PRIVATE in line.lower()]:
        return f"somebody is named: {told[0]}"
    as_of = datetime.fromisoformat(AS_OF)
    build = Build(as_of, website_tracking=True, require_consent=True, config=given.config)
    expected = reference_marts(build, given.tables, Memory(), Erasures())
    marts = project.read()
    for mart in MART_KEYS:
        for difference in differences_in(0, mart, marts[mart], expected[mart]):
            return str(difference)
    return ""


def wrong_with_right(project: Fuzzed, together: Sequence[Case]) -> dict[Case, str]:
    """The cases that should come out right and do not, each with what it gets."""
    given = base()
    for case in sorted(together, key=lambda one: bool(one.concerns)):
        case.change(given)
    try:
        wrong = wrong_with_marts(project, given, project.try_input(given))
    except Refused as refused:
        wrong = f"refused: {refused}"
    if not wrong or len(together) == 1:
        return {together[0]: wrong} if wrong else {}
    middle = len(together) // 2
    halves = together[:middle], together[middle:]
    found = {k: v for half in halves for k, v in wrong_with_right(project, half).items()}
    return found or {together[0]: f"only together with {len(together) - 1} others: {wrong}"}


def wrong_with_refused(project: Fuzzed, case: Case) -> str:
    given = base()
    case.change(given)
    try:
        project.try_input(given)
    except Refused as refused:
        wrong = wrong_with_refusal(str(refused), case)
        return wrong or ("" if project.is_unscored() else "refused, but the marts were built")
    return "built, and should have been refused"


def batches(right: Sequence[Case]) -> Iterator[list[Case]]:
    """The cases that should come out right, as many in one build as concern different things."""
    rows = [case for case in right if not case.concerns]
    yield from (rows[at : at + ROWS_IN_A_BUILD] for at in range(0, len(rows), ROWS_IN_A_BUILD))
    left = [case for case in right if case.concerns]
    while left:
        batch: dict[str, Case] = {}
        for case in left:
            batch.setdefault(case.concerns, case)
        yield list(batch.values())
        left = [case for case in left if case not in batch.values()]


def run(project: Fuzzed, chosen: Sequence[Case], told: bool = False) -> tuple[str, dict[str, str]]:
    """Tries the cases: the line that sums it up, and what the other ones got, by name."""
    right = [case for case in chosen if not case.refused]
    refused = [case for case in chosen if case.refused]
    other: dict[Case, str] = {}
    began, done = time.monotonic(), 0
    for batch in [*batches(right), *([case] for case in refused)]:
        if batch[0].refused:
            wrong = wrong_with_refused(project, batch[0])
            found = {batch[0]: wrong} if wrong else {}
        else:
            found = wrong_with_right(project, batch)
        other |= found
        done += len(batch)
        if told:
            for case, wrong in found.items():
                print(f"{case.name}\n  {wrong}", flush=True)
            if done // 100 > (done - len(batch)) // 100:
                print(f"({done} tried in {time.monotonic() - began:.0f} s)", flush=True)
    numbers = [len([case for case in kind if case not in other]) for kind in (right, refused)]
    summary = (
        f"{len(chosen)} tried: {numbers[0]} right, {numbers[1]} refused with one line, "
        f"{len(other)} other"
    )
    return summary, {case.name: wrong for case, wrong in other.items()}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--cases", type=int, default=1000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--only", default="", help="those whose name has this text")
    given = options.parse_args()
    chosen = [case for case in cases(given.cases, given.seed) if given.only in case.name]
    with tempfile.TemporaryDirectory() as folder:
        summary, other = run(Fuzzed(project_root(), Path(folder)), chosen, told=True)
    print(summary, *other, sep="\n")
    raise SystemExit(bool(other))


if __name__ == "__main__":
    main()
