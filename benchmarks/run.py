"""The benchmark: everything side by side in one run, medians in one table.

python benchmarks/run.py --events 20000000 --runs 3
python benchmarks/run.py --events 20000000 --five-years
python benchmarks/run.py --events 100000000 --memory
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

import data
import duckdb
import postgres
import reads
import report
from dense import Dense
from measure import Measure, python, tell, timed
from project import ROOT, Project, dbt, rows_that_differ
from windows import all_windows, one_window, stored_bytes

from tools.postgres import server

HERE = Path(__file__).parent
CONFIG = ROOT / "seeds" / "config"
BEFORE = data.AS_OF - data.TICK
YEAR = 365
WINDOWS = (30, 90)
ALL_WINDOWS = range(1, 91)
SCORES = """
    select contact_id, cast(window_days as integer) as window_days, cast(score as bigint) as score
    from {table}
    where window_days in (30, 90)
"""
MEMORY_LIMITS = {"3GB (the default)": {}, "2GB": {"CONTACT_SCORING_MEMORY_LIMIT": "2GB"}}


@dataclass(frozen=True)
class Case:
    """What is measured, and what has to be there first, which is not."""

    run: Callable[[], Measure]
    needs: tuple[Callable[[], object], ...] = ()


class Bench:
    """The cases of one run; what they need is made once, and only for those that run."""

    def __init__(self, options: argparse.Namespace, stack: ExitStack) -> None:
        self.options = options
        self.stack = stack
        self.work = options.data / "builds"
        self.work.mkdir(parents=True, exist_ok=True)
        self.scratch = self.work / "postgres.csv"
        self.limit_database = self.work / "limit.duckdb"
        self.long_limit_database = self.work / "limit-five-years.duckdb"
        # scores of cases that should agree, for windows that all of them have
        self.scores: dict[str, Path] = {}
        self.read_times: dict[str, float] = {}

    def cases(self) -> dict[str, Case]:
        """All cases of this run, in the order in which they take turns."""
        cases = {
            **self.cases_of_project(),
            **self.cases_of_dense(),
            **self.cases_of_polars(),
            **self.cases_of_postgres(),
        }
        usual = [name for name in cases if self.options.five_years or "5 years" not in name]
        chosen = self.options.only or usual
        if unknown := set(chosen) - set(cases):
            sys.exit(f"unknown: {', '.join(sorted(unknown))}. Known: {', '.join(cases)}")
        return {name: case for name, case in cases.items() if name in chosen}

    def cases_of_project(self) -> dict[str, Case]:
        weight = ("page_view", "points", "2")
        filter_ = ("pricing_view", "match_value", "https://www.example.com/products")
        built = (self.build,)
        return {
            "limit": Case(lambda: self.limit(self.raw, self.limit_database)),
            "full refresh": Case(lambda: self.project.full_refresh(BEFORE), (self.parse,)),
            "tick": Case(self.tick, built),
            "tick: no fit": Case(lambda: self.project.tick_without_fit(data.AS_OF), built),
            "empty tick": Case(lambda: self.project.tick(data.AS_OF, with_events=False), built),
            "tick: weight changed": Case(lambda: self.project.tick(data.AS_OF, edit=weight), built),
            "tick: filter changed": Case(
                lambda: self.project.tick(data.AS_OF, edit=filter_), built
            ),
            "evaluation": Case(lambda: self.project.evaluation(BEFORE), built),
            "limit: 5 years": Case(lambda: self.limit(self.long_raw, self.long_limit_database)),
            "tick: 5 years": Case(lambda: self.long_project.tick(data.AS_OF), (self.build_long,)),
            "90 windows": Case(lambda: all_windows(self.project, self.work), built),
            "90-day table": Case(lambda: one_window(self.project, self.work), built),
            "demo": Case(self.project_demo, (self.project_demo,)),
            "one model": Case(self.one_model, (self.one_model,)),
        }

    def cases_of_dense(self) -> dict[str, Case]:
        tables = {
            "dense": "dense_table",
            "dense: running sum": "dense_table_by_running_sum",
            "dense: first": "dense_scores",
        }
        return {
            name: Case(partial(self.dense_tick, name, table), (self.build_dense,))
            for name, table in tables.items()
        }

    def cases_of_polars(self) -> dict[str, Case]:
        windows = {"polars": WINDOWS, "polars: 90 windows": ALL_WINDOWS}
        return {
            **{name: Case(partial(self.polars, name, days)) for name, days in windows.items()},
            "polars: first": Case(self.first_polars),
        }

    def cases_of_postgres(self) -> dict[str, Case]:
        views = {"view": "scores", "view: 90 windows": "scores_of_all_windows"}
        first = (self.load_first,)
        return {
            **{
                name: Case(partial(self.view, name, view), (self.load_comparable,))
                for name, view in views.items()
            },
            "view: first": Case(self.first_view, first),
            "counter: first": Case(self.counter, first),
        }

    # what cases need

    @cached_property
    def raw(self) -> Path:
        return data.make(self.options.data, data.Size(self.options.events, YEAR))

    @cached_property
    def long_raw(self) -> Path:
        return data.make(self.options.data, data.Size(self.options.events * 5, YEAR * 5))

    @cached_property
    def ticked(self) -> Path:
        """The raw tables with the events of the last 12 hours."""
        folder = self.work / "ticked"
        data.link(self.raw, folder, with_tick=True)
        return folder

    @cached_property
    def project(self) -> Project:
        return Project(self.work / "year", self.raw)

    @cached_property
    def long_project(self) -> Project:
        return Project(self.work / "five-years", self.long_raw)

    @cached_property
    def dense(self) -> Dense:
        return Dense(self.work / "dense", self.raw)

    @cached_property
    def server(self) -> str:
        return self.stack.enter_context(server(postgres.SETTINGS)).dsn

    def build(self) -> None:
        self.project.build_and_keep(BEFORE)
        tell("project built once, kept for the ticks")

    def build_long(self) -> None:
        self.long_project.build_and_keep(BEFORE)
        tell("project with 5 years of history built once, kept for the ticks")

    def parse(self) -> None:
        self.project.parse_and_keep(BEFORE)

    def build_dense(self) -> None:
        self.dense.build_and_keep(BEFORE)
        tell("dense table's engagements read once, kept for its ticks")

    def load_first(self) -> None:
        postgres.load_first(self.server, self.raw, self.scratch)
        tell("PostgreSQL: loaded for what people write first")

    def load_comparable(self) -> None:
        postgres.load_comparable(self.server, self.raw, self.scratch)
        tell("PostgreSQL: loaded for the comparable views")

    # the cases

    def limit(self, raw: Path, database: Path) -> Measure:
        ran = python(HERE / "limit.py", raw, CONFIG, BEFORE, database)
        sql_seconds, sql_cpu_seconds = map(float, ran.output.split())
        return ran.measure(sql_seconds, sql_cpu_seconds)

    def tick(self) -> Measure:
        measure = self.project.tick(data.AS_OF)
        self.read_times = reads.median_milliseconds(self.project.database, self.options.reads)
        return measure

    def project_demo(self) -> Measure:
        return self.project.demo()

    def one_model(self) -> Measure:
        environment = {"ONE_MODEL_DB": str(self.work / "one_model.duckdb")}
        return dbt(HERE / "one_model", "build", self.work / "one_model-target", {}, environment)

    def dense_tick(self, name: str, table: str) -> Measure:
        measure = self.dense.tick(table, data.AS_OF)
        if name != "dense: first":
            with duckdb.connect(str(self.dense.database), read_only=True) as connection:
                self.keep_scores(name, connection, table)
        return measure

    def polars(self, name: str, windows: Iterable[int]) -> Measure:
        result = self.work / "polars.parquet"
        ran = python(HERE / "polars_scores.py", self.ticked, data.AS_OF, result, *windows)
        with duckdb.connect() as connection:
            self.keep_scores(name, connection, f"'{result}'")
        return ran.measure()

    def first_polars(self) -> Measure:
        result = self.work / "polars-first.parquet"
        return python(HERE / "polars_first.py", self.ticked, data.AS_OF, result).measure()

    def view(self, name: str, view: str) -> Measure:
        measure = self.in_postgres(
            lambda: postgres.tick_of_view(self.server, self.raw, self.scratch, data.AS_OF, view)
        )
        query = SCORES.format(table=f"comparable.{view}")
        postgres.copy_out(self.server, query, self.scratch)
        with duckdb.connect() as connection:
            self.keep_scores(name, connection, f"read_csv('{self.scratch}')")
        postgres.undo_tick(self.server, "comparable", BEFORE)
        return measure

    def first_view(self) -> Measure:
        measure = self.in_postgres(
            lambda: postgres.tick_of_first_view(self.server, self.raw, self.scratch, data.AS_OF)
        )
        postgres.undo_tick(self.server, "first", BEFORE)
        return measure

    def counter(self) -> Measure:
        actors = postgres.actors_of_tick(self.raw)
        measure = self.in_postgres(lambda: postgres.tick_of_counter(self.server, actors))
        postgres.undo_count(self.server)
        return measure

    def in_postgres(self, work: Callable[[], object]) -> Measure:
        return timed(work, postgres.process(self.server))

    # the run

    def run(self) -> report.Results:
        cases = self.cases()
        for need in dict.fromkeys(need for case in cases.values() for need in case.needs):
            need()
        measures: dict[str, list[Measure]] = defaultdict(list)
        for number in range(1, self.options.runs + 1):
            for name, case in cases.items():
                measures[name].append(case.run())
                tell(f"run {number} of {self.options.runs}: {name}: {measures[name][-1]}")
        results = report.Results(self.options.events, self.options.runs, measures, self.read_times)
        results.differences = self.differences(set(cases))
        tell(f"rows that differ: {results.differences}")
        if "90 windows" in cases:
            results.bytes_stored = stored_bytes(self.project, self.work)
            tell(f"bytes stored: {results.bytes_stored}")
        return results

    def differences(self, names: set[str]) -> dict[str, int]:
        """How many rows differ between cases whose results should be the same."""
        found = {}
        if {"limit", "tick"} <= names:
            found["limit, project"] = self.project.difference(self.limit_database)
        if {"limit: 5 years", "tick: 5 years"} <= names:
            difference = self.long_project.difference(self.long_limit_database)
            found["limit, project, 5 years"] = difference
        first, *others = self.scores or [""]
        for other in others:
            queries = [f"from '{self.scores[name]}'" for name in (first, other)]
            with duckdb.connect() as connection:
                found[f"{first}, {other}"] = rows_that_differ(connection, *queries)
        return found

    def keep_scores(self, name: str, connection: duckdb.DuckDBPyConnection, table: str) -> None:
        self.scores[name] = self.work / f"scores of {name.replace(':', '')}.parquet"
        query = SCORES.format(table=table)
        connection.execute(f"copy ({query}) to '{self.scores[name]}' (format parquet)")

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
        "--five-years", action="store_true", help="the limit and a tick on 5 years of history, too"
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
