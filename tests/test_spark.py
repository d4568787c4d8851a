"""The same models on a real Spark cluster: the demo's marts are equal, row for row."""

import os
import signal
from pathlib import Path
from threading import Timer

import pytest
from conftest import NO_TESTS, NO_UNIT_TESTS, Project
from marts import marts_of, marts_of_duckdb

from tools import spark

pytestmark = pytest.mark.xdist_group("spark")

BUILD = (
    "build",
    "--target",
    "spark",
    "--target-path",
    "target/spark",
    "--exclude",
    "tag:demo",
)


@pytest.fixture
def cluster(spark_cluster: spark.Cluster) -> spark.Cluster:
    """The cluster, with nothing in it."""
    spark_cluster.empty()
    return spark_cluster


# minutes each; CI has the random histories on Spark, which build all models there
by_test_engines = pytest.mark.skipif(
    not os.environ.get("TEST_ENGINES"), reason="`make test-engines` runs it"
)


def build(project: Project, cluster: spark.Cluster, *arguments: str, **variables: object) -> None:
    done = project.dbt(*BUILD, *arguments, env=cluster.environment, **variables)
    assert done.returncode == 0, done.stdout


def kill_executor(worker: int) -> None:
    """The worker starts another one."""
    for executor in Path(f"/proc/{worker}/task/{worker}/children").read_text().split():
        os.kill(int(executor), signal.SIGKILL)


@by_test_engines
def test_a_stopped_build_and_a_lost_worker_change_nothing(
    project: Project, spark_cluster: spark.Cluster
) -> None:
    """The demo's build is stopped, then run to its end with all data tests."""
    project.score()
    # one of its own: the other tests keep both of their workers
    with spark.cluster() as cluster:
        raw = spark.load_demo(cluster)
        # between the tables that remember what was said: one has this build's rows, one has not
        with project.failing_at("score_history"):
            stopped = project.dbt(*BUILD, *NO_TESTS, env=cluster.environment, **raw)
        assert stopped.returncode != 0
        assert "OK created sql incremental model points.history_builds" in stopped.stdout

        lost, other = (cluster.processes[f"worker {number}"] for number in (1, 2))
        faults = [Timer(10, kill_executor, [other.pid]), Timer(25, lost.kill)]
        for fault in faults:
            fault.start()
        build(project, cluster, *NO_UNIT_TESTS, **raw)
        assert [fault.finished.is_set() for fault in faults] == [True, True]
        assert lost.poll() is not None
        with cluster.cursor() as cursor:
            assert marts_of(cursor) == marts_of_duckdb(project)


EXTENSIONS = "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions"


@by_test_engines
@pytest.mark.usefixtures("spark_cluster")
def test_a_cluster_whose_views_keep_their_first_text_is_refused(project: Project) -> None:
    with spark.cluster(workers=1, settings={"spark.sql.extensions": EXTENSIONS}) as cluster:
        done = project.dbt(*BUILD, *NO_TESTS, env=cluster.environment, raw_schema="default")
    assert done.returncode != 0
    assert "Start the Thrift server without IcebergSparkSessionExtensions" in done.stdout


@pytest.mark.parametrize(
    ("setting", "variables", "message"),
    [
        ({"CONTACT_SCORING_SPARK_PORT": "1"}, {"raw_schema": "crm"}, "Could not connect"),
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
