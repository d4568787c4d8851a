"""The same models on a real Spark cluster: the demo's marts are equal, row for row."""

import os
import signal
from pathlib import Path
from threading import Timer

import pytest
from conftest import Project
from parity import MART_KEYS, rows_of_mart
from test_postgres import EARLIER, NO_TESTS, Marts, comparable, marts_of_duckdb

from engines import spark

pytestmark = pytest.mark.xdist_group("spark")

BUILD = ("build", "--target", "spark", "--target-path", "target/spark", "--exclude", "tag:demo")
NO_UNIT_TESTS = ("--exclude-resource-type", "unit_test")
RAW = "raw_demo"
DEMO_AS_OF = "2026-11-16 00:00:00"


@pytest.fixture
def cluster(spark_cluster: spark.Cluster) -> spark.Cluster:
    """The cluster, with the demo's raw tables and nothing else."""
    spark_cluster.empty()
    spark_cluster.load(spark.ROOT / "seeds" / "demo", RAW)
    return spark_cluster


def build(project: Project, cluster: spark.Cluster, *arguments: str, **variables: object) -> str:
    given = {"raw_schema": RAW, "as_of": DEMO_AS_OF} | variables
    done = project.dbt(*BUILD, *arguments, env=cluster.environment, **given)
    assert done.returncode == 0, done.stdout
    return done.stdout


def marts_of(cluster: spark.Cluster) -> Marts:
    with cluster.cursor() as cursor:
        return {mart: comparable(rows_of_mart(cursor, mart)) for mart in MART_KEYS}


def kill_executor(worker: int) -> None:
    """The worker starts another one."""
    for executor in Path(f"/proc/{worker}/task/{worker}/children").read_text().split():
        os.kill(int(executor), signal.SIGKILL)


def test_a_tick_on_a_cluster_that_loses_a_worker_is_the_same(
    project: Project, cluster: spark.Cluster
) -> None:
    """The demo in two builds, with all tests of the data."""
    project.score(as_of=EARLIER)
    project.score()
    build(project, cluster, *NO_TESTS, as_of=EARLIER)

    lost, other = (cluster.processes[f"worker {number}"] for number in (1, 2))
    faults = [Timer(30, kill_executor, [other.pid]), Timer(60, lost.kill)]
    for fault in faults:
        fault.start()
    build(project, cluster, *NO_UNIT_TESTS)
    assert [fault.finished.is_set() for fault in faults] == [True, True]
    assert lost.poll() is not None
    assert marts_of(cluster) == marts_of_duckdb(project)


EXTENSIONS = "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions"


@pytest.mark.usefixtures("spark_cluster")
def test_a_cluster_whose_views_keep_their_first_text_is_refused(project: Project) -> None:
    with spark.cluster(workers=1, settings={"spark.sql.extensions": EXTENSIONS}) as cluster:
        done = project.dbt(*BUILD, *NO_TESTS, env=cluster.environment, raw_schema="default")
    assert done.returncode != 0
    assert "Start the Thrift server without IcebergSparkSessionExtensions" in done.stdout


@pytest.mark.parametrize(
    ("setting", "variables", "message"),
    [
        ({"CONTACT_SCORING_SPARK_PORT": "1"}, {"raw_schema": RAW}, "Could not connect"),
        ({}, {"raw_schema": "nowhere"}, "There is no raw table in the schema nowhere"),
        ({}, {"raw_files": "raw"}, "raw_files reads files on DuckDB only"),
    ],
)
def test_what_cannot_be_reached_is_named(
    project: Project,
    cluster: spark.Cluster,
    setting: dict[str, str],
    variables: dict[str, str],
    message: str,
) -> None:
    done = project.dbt(*BUILD, *NO_TESTS, env=cluster.environment | setting, **variables)
    assert done.returncode != 0
    assert message in done.stdout
