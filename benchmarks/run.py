"""The benchmark: everything side by side in one run, medians in one table.

python benchmarks/run.py --events 20000000 --runs 3
python benchmarks/run.py --events 20000000 --five-years
python benchmarks/run.py --events 100000000 --memory
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import data
import postgres
import reads
import report
from measure import Measure, python, tell, timed
from project import Project
from windows import all_windows, one_window, stored_bytes

from engines.postgres import server

HERE = Path(__file__).parent
BEFORE = data.AS_OF - data.TICK
YEAR = 365
MEMORY_LIMITS = {"3GB (the default)": {}, "2GB": {"CONTACT_SCORING_MEMORY_LIMIT": "2GB"}}


class Bench:
    """The cases of one run, each a function that prepares, runs and measures."""

    def __init__(self, options: argparse.Namespace, stack: ExitStack) -> None:
        self.options = options
        self.stack = stack
        self.work = options.data / "work"
        self.work.mkdir(parents=True, exist_ok=True)
        self.raw = data.make(options.data, data.Size(options.events, YEAR))
        self.project = Project(self.work / "year", self.raw)
        self.ticked = self.work / "ticked"
        data.link(self.raw, self.ticked, with_tick=True)
        self.read_times: dict[str, float] = {}

    def cases(self) -> dict[str, Callable[[], Measure]]:
        cases = {
            "limit": self.limit,
            "full refresh": self.full_refresh,
            "tick": self.project_tick,
            "empty tick": lambda: self.project.tick(data.AS_OF, with_events=False),
            "tick: weight changed": lambda: self.project.tick(
                data.AS_OF, edit=("page_view", "points", "2")
            ),
            "tick: filter changed": lambda: self.project.tick(
                data.AS_OF, edit=("pricing_view", "match_value", "https://www.example.com/products")
            ),
            "tick: 5 years": self.tick_five_years,
            "dense": self.dense,
            "polars": self.polars,
            "view": self.view,
            "counter": self.counter,
            "90 windows": lambda: all_windows(self.project, self.work),
            "30-day table": lambda: one_window(self.project, self.work),
            "demo": self.demo,
            "one model": self.one_model,
        }
        if not self.options.five_years:
            del cases["tick: 5 years"]
        chosen = self.options.only or list(cases)
        unknown = set(chosen) - set(cases)
        if unknown:
            sys.exit(f"unknown: {', '.join(sorted(unknown))}. Known: {', '.join(cases)}")
        return {name: case for name, case in cases.items() if name in chosen}

    def prepare(self, names: list[str]) -> None:
        """What is not timed: the state before a tick, a server with its rows, parsed projects."""
        self.project.build_and_keep(BEFORE)
        tell("project built once, kept for the ticks")
        if "tick: 5 years" in names:
            size = data.Size(self.options.events * 5, YEAR * 5)
            self.long_project = Project(
                self.work / "five-years", data.make(self.options.data, size)
            )
            self.long_project.build_and_keep(BEFORE)
            tell("project with 5 years of history built once, kept for the ticks")
        if {"view", "counter"} & set(names):
            self.server = self.stack.enter_context(server(postgres.SETTINGS)).dsn
            postgres.load(self.server, self.raw, self.work / "postgres.csv")
            tell("PostgreSQL loaded")
        for name in ("demo", "one model"):
            if name in names:
                self.cases()[name]()
                tell(f"{name}: run once, so that it is parsed")

    def limit(self) -> Measure:
        ran = python(
            HERE / "limit.py", self.raw, self.project.config, BEFORE, self.work / "limit.duckdb"
        )
        return ran.measure(sql_seconds=float(ran.output))

    def full_refresh(self) -> Measure:
        return self.project.full_refresh(BEFORE)

    def project_tick(self) -> Measure:
        measure = self.project.tick(data.AS_OF)
        self.read_times = reads.median_milliseconds(self.project.database, self.options.reads)
        return measure

    def tick_five_years(self) -> Measure:
        return self.long_project.tick(data.AS_OF)

    def dense(self) -> Measure:
        # another as-of has dbt parse anew; the project's ticks pay for that, too
        self.plain_dbt("dense", "compile", raw_files=str(self.ticked), as_of=str(BEFORE))
        return self.plain_dbt("dense", "run", raw_files=str(self.ticked), as_of=str(data.AS_OF))

    def one_model(self) -> Measure:
        return self.plain_dbt("one_model", "build")

    def plain_dbt(self, name: str, command: str, **variables: str) -> Measure:
        database = self.work / f"{name}.duckdb"
        target = self.work / f"{name}-target"
        return Project.dbt(
            HERE / name, command, target, variables, {f"{name.upper()}_DB": str(database)}
        )

    def polars(self) -> Measure:
        result = self.work / "polars.parquet"
        return python(HERE / "polars_scores.py", self.ticked, data.AS_OF, result).measure()

    def view(self) -> Measure:
        measure = timed(
            lambda: postgres.tick_of_view(
                self.server, self.raw, self.work / "postgres.csv", data.AS_OF
            )
        )
        postgres.undo_tick(self.server, BEFORE)
        return measure

    def counter(self) -> Measure:
        actors = postgres.actors_of_tick(self.raw)
        measure = timed(lambda: postgres.tick_of_counter(self.server, actors))
        postgres.undo_tick(self.server, BEFORE)
        return measure

    def demo(self) -> Measure:
        return self.project.demo()

    def run(self) -> report.Results:
        cases = self.cases()
        self.prepare(list(cases))
        measures: dict[str, list[Measure]] = defaultdict(list)
        for number in range(1, self.options.runs + 1):
            for name, case in cases.items():
                measures[name].append(case())
                tell(f"run {number} of {self.options.runs}: {name}: {measures[name][-1]}")
        results = report.Results(self.options.events, self.options.runs, measures, self.read_times)
        self.project.restore()
        if "limit" in cases:
            results.difference = self.project.difference(self.work / "limit.duckdb")
            tell(f"rows in which the limit and the project differ: {results.difference}")
        results.bytes_stored = stored_bytes(self.project, self.work)
        tell(f"bytes stored: {results.bytes_stored}")
        return results

    def run_memory(self) -> dict[str, Measure]:
        peaks = {}
        for limit, environment in MEMORY_LIMITS.items():
            peaks[limit] = self.project.full_refresh(BEFORE, environment)
            tell(f"full refresh, memory limit {limit}: {peaks[limit]}")
        return peaks


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, default=20_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument(
        "--only", type=lambda text: text.split(","), help="cases, with commas between"
    )
    parser.add_argument(
        "--five-years", action="store_true", help="a tick on 5 times the history, too"
    )
    parser.add_argument("--memory", action="store_true", help="only the peak of full refreshes")
    parser.add_argument("--reads", type=int, default=50, help="how often each read is made")
    parser.add_argument("--data", type=Path, default=HERE.parent / "warehouse" / "benchmarks")
    parser.add_argument("--output", type=Path, help="the results; in the data folder if left out")
    options = parser.parse_args()
    options.data = options.data.resolve()
    output = options.output or options.data / "results.md"
    with ExitStack() as stack:
        bench = Bench(options, stack)
        if options.memory:
            text = report.memory(options.events, bench.run_memory())
        else:
            text = report.table(bench.run())
    output.write_text(text)
    print(text)
    tell(f"written to {output}")


if __name__ == "__main__":
    main()
