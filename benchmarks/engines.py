"""The same full refresh on every engine: how long it takes, and whether the scores are the same.

python benchmarks/engines.py --events 20000000
python benchmarks/engines.py --events 20000000 --only 'DuckDB;Spark, 2 workers'
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

import data
import duckdb
from measure import Measure
from project import ROOT, Project

sys.path.insert(0, str(ROOT))

import psycopg2

from engines import postgres, spark

BUILD = "build --target {} --exclude tag:demo --exclude-resource-type unit_test"
SCORES = """
    select score_name, window_days, contact_id, score
    from marts.active_contacts
    where window_days in (1, 7, 30, 90)
"""
# a server that is kept for this: its data may be lost with a crash
POSTGRES = postgres.THROW_AWAY | {"shared_buffers": "2GB", "work_mem": "256MB"}
POSTGRES |= {"maintenance_work_mem": "1GB", "max_wal_size": "16GB"}
STARTED = time.perf_counter()


def tell(line: str) -> None:
    print(f"{time.perf_counter() - STARTED:7.0f} s  {line}", flush=True)


class Bench:
    """One full refresh an engine, of the same raw tables; what it leaves is a file of scores."""

    def __init__(self, folder: Path, events: int) -> None:
        raw = folder / f"{events}-events-365-days"
        data.write(raw, data.Size(events), tell)
        self.work = folder / "engines"
        self.project = Project(self.work, raw)
        data.link(raw, self.project.raw_files, with_tick=False)
        self.engines: dict[str, Callable[[Path], Measure]] = {
            "DuckDB": self.on_duckdb,
            "PostgreSQL": self.on_postgres,
            "Spark, 2 workers": lambda scores: self.on_spark(scores, workers=2),
            "Spark, 1 worker": lambda scores: self.on_spark(scores, workers=1),
        }

    def tables(self) -> dict[str, Path]:
        """Raw tables and where their Parquet is: a file, or a folder of files."""
        return {path.stem: path for path in self.project.raw_files.iterdir()}

    def build(self, engine: str, environment: dict[str, str]) -> Measure:
        """What the time of loading the raw tables is no part of."""
        variables = {"raw_schema": "crm", "as_of": str(data.AS_OF - data.TICK)}
        command, target = BUILD.format(engine), self.work / f"target-{engine}"
        return Project.dbt(self.project.source, command, target, variables, environment)

    def on_duckdb(self, scores: Path) -> Measure:
        measure = self.project.full_refresh(data.AS_OF - data.TICK)
        with duckdb.connect(str(self.project.database), read_only=True) as connection:
            connection.execute(f"copy ({SCORES}) to '{scores}' (format parquet)")
        return measure

    def on_postgres(self, scores: Path) -> Measure:
        with postgres.server(POSTGRES) as server, psycopg2.connect(server.dsn) as connection:
            with connection.cursor() as cursor:
                cursor.execute("create schema crm")
                for table, path in self.tables().items():
                    self.load(cursor, table, path)
            connection.commit()
            connection.autocommit = True
            connection.cursor().execute("vacuum analyze")
            tell("PostgreSQL: loaded")
            measure = self.build("postgres", server.environment)
            with scores.with_suffix(".csv").open("wb") as file, connection.cursor() as cursor:
                cursor.copy_expert(f"copy ({SCORES}) to stdout (format csv, header)", file)
            duckdb.read_csv(str(file.name)).to_parquet(str(scores))
        return measure

    def load(self, cursor: psycopg2.extensions.cursor, table: str, path: Path) -> None:
        files = f"{path}/*.parquet" if path.is_dir() else str(path)
        rows, csv = duckdb.read_parquet(files), self.work / "rows.csv"
        names = {"VARCHAR": "text"}
        columns = zip(rows.columns, map(str, rows.types), strict=True)
        definition = ", ".join(f"{column} {names.get(type_, type_)}" for column, type_ in columns)
        cursor.execute(f"create table crm.{table} ({definition})")
        rows.to_csv(str(csv), header=True)
        with csv.open("rb") as file:
            cursor.copy_expert(f"copy crm.{table} from stdin (format csv, header)", file)
        csv.unlink()

    def on_spark(self, scores: Path, workers: int) -> Measure:
        parts = {"spark.sql.shuffle.partitions": "16"}
        with spark.cluster(workers, memory="4g", settings=parts) as cluster:
            with cluster.cursor() as cursor:
                cursor.execute("create database crm")
                for table, path in self.tables().items():
                    cursor.execute(f"create table crm.{table} using parquet location '{path}'")
            measure = self.build("spark", cluster.environment)
            with cluster.cursor() as cursor:
                folder = scores.with_suffix("")
                cursor.execute(f"insert overwrite directory '{folder}' using parquet {SCORES}")
            duckdb.read_parquet(f"{folder}/*.parquet").to_parquet(str(scores))
        return measure


def differing(left: Path, right: Path) -> int:
    """Rows of one and not of the other, points to the hundredth."""
    sides = [
        f"(select score_name, window_days, contact_id, cast(score as decimal(18, 2)) from '{path}')"
        for path in (left, right)
    ]
    return duckdb.sql(f"""
        select (select count(*) from (from {sides[0]} except all from {sides[1]}))
            + (select count(*) from (from {sides[1]} except all from {sides[0]}))
    """).fetchone()[0]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--events", type=int, default=20_000_000)
    options.add_argument("--data", type=Path, default=ROOT / "warehouse" / "benchmarks")
    options.add_argument("--only", help="engines, with a semicolon between them")
    given = options.parse_args()
    bench = Bench(given.data, given.events)
    print("| engine | whole command | SQL | to DuckDB's SQL | rows that differ |")
    print("| --- | --- | --- | --- | --- |")
    first: tuple[Measure, Path] | None = None
    for engine, run in bench.engines.items():
        if given.only and engine not in given.only.split(";"):
            continue
        scores = bench.work / f"{engine.replace(', ', '-').replace(' ', '-')}.parquet"
        measure = run(scores)
        first = first or (measure, scores)
        ratio = measure.sql_seconds / first[0].sql_seconds
        print(
            f"| {engine} | {measure.seconds:.1f} s | {measure.sql_seconds:.1f} s "
            f"| {ratio:.1f} | {differing(scores, first[1])} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
