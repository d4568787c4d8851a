"""The same full refresh on every engine: how long it takes, and whether the scores are the same.

PYTHONPATH=. python benchmarks/by_engine.py --events 20000000
PYTHONPATH=. python benchmarks/by_engine.py --events 20000000 --only 'DuckDB;Spark, 2 workers'
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import data
import duckdb
import psycopg
from measure import Measure, tell
from postgres import copy_in, settle
from project import BUILD, ROOT, Project, dbt, instant, rows_that_differ

from tools import postgres, spark

AS_OF = data.AS_OF - data.TICK
SCORES = """
    select score_name, window_days, contact_id, score
    from marts.active_contacts
    where window_days in (1, 7, 30, 90)
"""
# a server that is kept for this: its data may be lost with a crash
POSTGRES = postgres.THROW_AWAY | {"shared_buffers": "2GB", "work_mem": "256MB"}
POSTGRES |= {"maintenance_work_mem": "1GB", "max_wal_size": "16GB"}
# workers with statements of minutes, whose code is worth compiling well, long methods included;
# what is called a few thousand times is not
COMPILER = (
    "-XX:-DontCompileHugeMethods -XX:Tier4InvocationThreshold=25000 "
    "-XX:Tier4MinInvocationThreshold=3000 -XX:Tier4CompileThreshold=60000 "
    "-XX:Tier4BackEdgeThreshold=200000"
)
SPARK = {
    "spark.executor.extraJavaOptions": (
        f"{spark.COLLECTOR} -XX:+UseTransparentHugePages {COMPILER}"
    ),
    "spark.sql.shuffle.partitions": "16",
    # three tasks are no work for two cores
    "spark.sql.adaptive.coalescePartitions.minPartitionNum": "8",
    "spark.sql.autoBroadcastJoinThreshold": "64m",
    # a side that fits in memory is hashed, or both would be sorted
    "spark.sql.adaptive.maxShuffledHashJoinLocalMapThreshold": "64m",
    "spark.sql.iceberg.compression-codec": "snappy",
    # times without a zone are read as `timestamp`, in the session's zone, which is UTC
    "spark.sql.parquet.inferTimestampNTZ.enabled": "false",
}
# small statements fill the cores while a large one's last task runs
STATEMENTS_AT_A_TIME = {"CONTACT_SCORING_SPARK_THREADS": "4"}


class Bench:
    """One full refresh an engine, of the same raw tables; what it leaves is a file of scores."""

    def __init__(self, folder: Path, events: int) -> None:
        raw = data.make(folder, data.Size(events, days=365))
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
        command, target = f"{BUILD} --target {engine}", self.work / f"target-{engine}"
        variables, told = instant(AS_OF)
        variables = {"raw_schema": "crm", **variables}
        return dbt(self.project.source, command, target, variables, {**environment, **told})

    def on_duckdb(self, scores: Path) -> Measure:
        measure = self.project.full_refresh(AS_OF)
        with duckdb.connect(str(self.project.database), read_only=True) as connection:
            connection.execute(f"copy ({SCORES}) to '{scores}' (format parquet)")
        return measure

    def on_postgres(self, scores: Path) -> Measure:
        scratch = self.work / "rows.csv"
        with postgres.server(POSTGRES) as server:
            with psycopg.connect(server.dsn) as connection:
                connection.execute("create schema crm")
                for table, path in self.tables().items():
                    files = f"{path}/*.parquet" if path.is_dir() else str(path)
                    rows = duckdb.read_parquet(files)
                    columns = zip(rows.columns, map(str, rows.types), strict=True)
                    definition = ", ".join(f"{name} {kind}" for name, kind in columns)
                    connection.execute(f"create table crm.{table} ({definition})")
                    copy_in(connection, f"crm.{table}", f"from read_parquet('{files}')", scratch)
            settle(server.dsn)
            tell("PostgreSQL: loaded")
            measure = self.build("postgres", server.environment)
            copy = f"copy ({SCORES}) to stdout (format csv, header)"
            with (
                psycopg.connect(server.dsn) as connection,
                connection.cursor() as cursor,
                cursor.copy(copy) as source,
            ):
                scratch.write_bytes(b"".join(source))
        duckdb.read_csv(str(scratch)).to_parquet(str(scores))
        scratch.unlink()
        return measure

    def on_spark(self, scores: Path, workers: int) -> Measure:
        with spark.cluster(workers, memory="6g", settings=SPARK) as cluster:
            with cluster.cursor() as cursor:
                cursor.execute("create database crm")
                for table, path in self.tables().items():
                    cursor.execute(f"create table crm.{table} using parquet location '{path}'")
            measure = self.build("spark", cluster.environment | STATEMENTS_AT_A_TIME)
            with cluster.cursor() as cursor:
                folder = scores.with_suffix("")
                cursor.execute(f"insert overwrite directory '{folder}' using parquet {SCORES}")
            duckdb.read_parquet(f"{folder}/*.parquet").to_parquet(str(scores))
        return measure


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--events", type=int, default=20_000_000)
    options.add_argument("--data", type=Path, default=ROOT / "warehouse" / "benchmarks")
    options.add_argument("--only", help="engines, with a semicolon between them")
    given = options.parse_args()
    bench = Bench(given.data.resolve(), given.events)
    print("| engine | whole command | SQL | to the first one's SQL | rows that differ |")
    print("| --- | --- | --- | --- | --- |")
    first: tuple[Measure, Path] | None = None
    for engine, run in bench.engines.items():
        if given.only and engine not in given.only.split(";"):
            continue
        scores = bench.work / f"{engine.replace(', ', '-').replace(' ', '-')}.parquet"
        measure = run(scores)
        first = first or (measure, scores)
        ratio = measure.sql_seconds / first[0].sql_seconds
        columns = "score_name, window_days, contact_id, cast(score as decimal(18, 2))"
        queries = [f"select {columns} from '{file}'" for file in (first[1], scores)]
        with duckdb.connect() as connection:
            different = rows_that_differ(connection, *queries)
        print(
            f"| {engine} | {measure.seconds:.1f} s | {measure.sql_seconds:.1f} s "
            f"| {ratio:.1f} | {different} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
