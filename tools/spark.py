"""A throw-away Spark cluster, for a try-out and for the tests: `python -m tools.spark`.

A standalone master, its workers and a Thrift server on the loopback, with Iceberg as the catalog's
table format and Derby as its store, out of the packages of tools/spark-requirements.lock and a
Java runtime. It lets everybody in who reaches the loopback, and leaves nothing behind.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar

import duckdb
import yaml

from tools import try_out

ROOT = Path(__file__).parent.parent
SECONDS_TO_START = 180
DEMO = "demo_csv"
# Nearly every statement is new code to a JVM and runs for a second: at a million events half of the
# CPU went into compiling it well. The code cache is left as large as it is without.
COLLECTOR = "-XX:+UseParallelGC"
SHORT_STATEMENTS = f"{COLLECTOR} -XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=240m"
# a session that is not given UTC, which is what times are in, shows it by hours
JAVA_OPTIONS = f"{SHORT_STATEMENTS} -Duser.timezone=Asia/Kolkata"


@dataclass(frozen=True)
class Cluster:
    """Where a cluster is, and its processes: `master`, `worker 1`, …, `thrift`."""

    folder: Path
    port: int
    web_port: int
    target: ClassVar[str] = "spark"
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """What profiles.yml reads."""
        return {
            "CONTACT_SCORING_SPARK_HOST": "127.0.0.1",
            "CONTACT_SCORING_SPARK_PORT": str(self.port),
        }

    @contextlib.contextmanager
    def cursor(self) -> Iterator[Any]:
        """A client's cursor. Times that it returns are in UTC."""
        from pyhive import hive

        utc = {"set:hivevar:spark.sql.session.timeZone": "UTC"}
        with contextlib.closing(hive.connect("127.0.0.1", self.port, configuration=utc)) as session:
            yield session.cursor()

    def load(self, files: Path, schema: str) -> None:
        """Make a schema of the CSV files of a folder: tables of text, over Parquet."""
        raw = self.folder / "raw" / schema
        shutil.rmtree(raw, ignore_errors=True)
        with self.cursor() as cursor, duckdb.connect() as connection:
            cursor.execute(f"drop database if exists {schema} cascade")
            cursor.execute(f"create database {schema}")
            for file in sorted(files.glob("*.csv")):
                (raw / file.stem).mkdir(parents=True)
                rows = connection.read_csv(
                    str(file), all_varchar=True, header=True, delimiter=",", quotechar='"'
                )
                rows.to_parquet(str(raw / file.stem / "rows.parquet"))
                cursor.execute(
                    f"create table {schema}.{file.stem} using parquet location '{raw / file.stem}'"
                )

    def empty(self) -> None:
        """Drop every schema but the default one."""
        with self.cursor() as cursor:
            cursor.execute("show databases")
            for (schema,) in cursor.fetchall():
                if schema != "default":
                    drop(cursor, schema)

    def is_up(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
            return True
        return False


def drop(cursor: Any, schema: str) -> None:
    """Drop a schema. Views first: the catalog takes them for tables that it cannot drop."""
    cursor.execute(f"show views in {schema}")
    for view in cursor.fetchall():
        cursor.execute(f"drop view if exists {schema}.{view[1]}")
    cursor.execute(f"drop database {schema} cascade")


def package(name: str) -> Path:
    """The folder of a package. FileNotFoundError, with what to install, where it is not."""
    found = find_spec(name)
    if not found or not found.origin:
        raise FileNotFoundError(f"{name}: pip install -r tools/spark-requirements.lock")
    return Path(found.origin).parent


def missing() -> str | None:
    """What to install before a cluster can start, in one line."""
    if not shutil.which("java"):
        return "java: install a Java 17 runtime (Debian: openjdk-17-jre-headless)"
    try:
        package("pyspark"), iceberg_jar(), package("pyhive")
    except FileNotFoundError as error:
        return str(error)
    return None


def iceberg_jar() -> str:
    jars = package("snowpark_connect_deps_iceberg") / "jars"
    return str(next(jars.glob("iceberg-spark-runtime-3.5_2.12-*.jar")))


def catalog(folder: Path) -> dict[str, str]:
    """What makes the session's catalog one of Iceberg tables, with plain views beside them.

    Without Iceberg's SQL extensions, whose views in a Hive catalog keep the text they had first:
    Spark 3.5 merges, updates and deletes by itself.
    """
    return {
        "spark.driver.extraClassPath": iceberg_jar(),
        "spark.executor.extraClassPath": iceberg_jar(),
        "spark.sql.catalog.spark_catalog": "org.apache.iceberg.spark.SparkSessionCatalog",
        "spark.sql.catalog.spark_catalog.type": "hive",
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.hadoop.javax.jdo.option.ConnectionURL": (
            f"jdbc:derby:;databaseName={folder / 'metastore'};create=true"
        ),
        # Derby has no tables for locks, and this Thrift server is the only one that writes
        "spark.hadoop.iceberg.engine.hive.lock-enabled": "false",
        # a table may be replaced by one with other columns
        "spark.hadoop.hive.metastore.disallow.incompatible.col.type.changes": "false",
    }


@contextlib.contextmanager
def cluster(
    workers: int = 2, memory: str = "2g", settings: Mapping[str, str] | None = None
) -> Iterator[Cluster]:
    """Start a master, workers of one core, and a Thrift server; stop them, remove all files."""
    if needed := missing():
        raise FileNotFoundError(needed)
    home = package("pyspark")
    folder = Path(tempfile.mkdtemp(prefix="contact-scoring-spark-"))
    started = Cluster(folder, try_out.free_port(), try_out.free_port())
    master = f"spark://127.0.0.1:{try_out.free_port()}"
    environment = os.environ | {
        "SPARK_HOME": str(home),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_LOCAL_DIRS": str(folder / "local"),
    }

    def start(name: str, program: str, *arguments: str) -> None:
        with (folder / f"{name}.log").open("wb") as log:
            started.processes[name] = subprocess.Popen(  # noqa: S603
                [str(home / "bin" / program), *arguments],
                cwd=folder,
                env=environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # their children go with them
            )

    try:
        start(
            *("master", "spark-class", "org.apache.spark.deploy.master.Master"),
            *("--host", "127.0.0.1", "--port", master.rpartition(":")[2]),
            *("--webui-port", str(try_out.free_port())),
        )
        for number in range(1, workers + 1):
            start(
                *(f"worker {number}", "spark-class", "org.apache.spark.deploy.worker.Worker"),
                *("--host", "127.0.0.1", "--cores", "1", "--memory", memory),
                *("--webui-port", "0", "--work-dir", str(folder / f"work{number}"), master),
            )
        options = {
            **catalog(folder),
            "spark.hadoop.hive.server2.thrift.bind.host": "127.0.0.1",
            "spark.hadoop.hive.server2.thrift.port": str(started.port),
            # a thread makes a client of the metastore of its own, a second's work, and the server
            # has a new one for each of its first 100 statements: a third of the demo's build
            "spark.hadoop.hive.server2.async.exec.threads": "4",
            "spark.ui.port": str(started.web_port),
            "spark.driver.memory": "2g",
            "spark.executor.memory": memory,
            "spark.executor.cores": "1",
            "spark.driver.extraJavaOptions": f"-Dderby.system.home={folder} {JAVA_OPTIONS}",
            "spark.executor.extraJavaOptions": JAVA_OPTIONS,
            # 200 is for a hundred times the cores
            "spark.sql.shuffle.partitions": str(2 * workers),
            **(settings or {}),
        }
        start(
            *("thrift", "spark-submit", "--master", master),
            *(part for name, value in options.items() for part in ("--conf", f"{name}={value}")),
            *("--class", "org.apache.spark.sql.hive.thriftserver.HiveThriftServer2"),
            "spark-internal",
        )
        wait_for(started)
        yield started
    finally:
        for process in started.processes.values():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        shutil.rmtree(folder)


def wait_for(started: Cluster) -> None:
    """Until clients are let in. Exits with the end of a log where a process ends before that."""
    deadline = time.monotonic() + SECONDS_TO_START
    while not started.is_up():
        ended = [name for name, process in started.processes.items() if process.poll() is not None]
        if ended or time.monotonic() > deadline:
            name = ended[0] if ended else "thrift"
            log = (started.folder / f"{name}.log").read_text("utf-8", "replace")
            sys.exit(f"Spark's {name} did not start:\n" + "\n".join(log.splitlines()[-20:]))
        time.sleep(0.5)


def load_demo(started: Cluster) -> dict[str, str]:
    """Load the demo's tables; give what scores them at the instant their story is told for."""
    started.load(ROOT / "seeds" / "demo", DEMO)
    project = yaml.safe_load((ROOT / "dbt_project.yml").read_text("utf-8"))
    return {"raw_schema": DEMO, "as_of": project["vars"]["demo_as_of"]}


def main() -> None:
    """Build into a new cluster, the demo unless told otherwise; say how to get in; wait."""
    try_out.clean_up_when_stopped()
    with cluster() as started:
        web_page = f"What it does: http://127.0.0.1:{started.web_port}"
        print(f"Spark is up. {web_page}", flush=True)
        variables = load_demo(started)
        given = sys.argv[1:] or ["--vars", yaml.safe_dump(variables)]
        try_out.build("spark", started.environment, ["--exclude", "tag:demo", *given])
        again = "dbt build --target spark --exclude tag:demo "
        again += "--exclude-resource-type unit_test"
        try_out.wait("Spark", started.environment, [again, web_page])


if __name__ == "__main__":
    main()
