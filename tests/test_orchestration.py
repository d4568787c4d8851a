"""The Dagster definitions: assets, checks and the schedule."""

import subprocess
import sys
import textwrap
from pathlib import Path

from conftest import Project, copy_project

from tools import postgres

# Dagster loads the dbt project that it stands in, so it runs in a copy, in a process of its own.
CHECK = """
    import json
    import os
    import subprocess
    import sys
    from datetime import UTC, datetime, timedelta
    from http.server import BaseHTTPRequestHandler, HTTPServer
    from pathlib import Path
    from threading import Thread

    import dagster as dg
    import duckdb

    from orchestration.definitions import (
        Refresh,
        alert,
        contact_scoring,
        defs,
        every_12_hours,
        every_week,
        prepare_database,
    )
    from contact_scoring import alerts
    from contact_scoring.publishing import Generation, current_generation
    from contact_scoring.warehouse import database_path

    assert every_12_hours.cron_schedule == "0 */12 * * *"
    assert every_12_hours.execution_timezone == "UTC"
    assert every_12_hours.default_status == dg.DefaultScheduleStatus.RUNNING

    tick = datetime(2026, 11, 16, 12, tzinfo=UTC)
    request = every_12_hours(dg.build_schedule_context(scheduled_execution_time=tick))
    assert request.run_key == "2026-11-16 12:00:00"

    # on Sundays, not when a tick begins; it waits for one that is under way, as the tick for it
    assert (every_week.cron_schedule, every_week.execution_timezone) == ("0 3 * * 0", "UTC")
    assert every_week.default_status == dg.DefaultScheduleStatus.RUNNING
    instance_settings = Path("orchestration/dagster.yaml").read_text()
    assert "max_concurrent_runs: 1" in instance_settings

    marts = {key.path[-1] for key in contact_scoring.keys if key.path[0] == "marts"}
    assert {"active_contacts", "contact_scores", "score_drivers"} <= marts
    checks = {key.name for key in contact_scoring.check_keys}
    assert "assert_no_disqualified_contact_is_active" in checks

    # those who run it, and the webhook that is told of hand-offs, which fails at first
    told, answers = {"/alert": [], "/handoffs": []}, {"/alert": 200, "/handoffs": 500}

    class Webhook(BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            told[self.path].append(body)
            self.send_response(answers[self.path])
            self.end_headers()

        def log_message(self, *arguments):
            pass

    webhook = HTTPServer(("127.0.0.1", 0), Webhook)
    Thread(target=webhook.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{webhook.server_port}"
    os.environ["CONTACT_SCORING_ALERT_URL"] = f"{address}/alert"
    os.environ["CONTACT_SCORING_HANDOFF_WEBHOOK"] = f"{address}/handoffs"
    alerts.RETRIES.default_service_wait = 0

    job = defs.resolve_job_def("refresh_scores")
    run = job.execute_in_process(run_config=request.run_config)
    assert run.success
    (sent,) = run.asset_materializations_for_node("handoffs_sent")
    waiting = sent.metadata["waiting"].value
    assert waiting.startswith("Hand-offs that wait for CONTACT_SCORING_HANDOFF_WEBHOOK: ")
    assert told["/alert"] == [{"text": waiting}]
    evaluations = run.get_asset_check_evaluations()
    assert all(evaluation.passed for evaluation in evaluations)
    assert {evaluation.check_name for evaluation in evaluations} == checks
    assert not any(name.startswith("assert_demo") for name in checks)

    # dbt was told by the environment, of its own process alone, for which it parses nothing again
    assert "CONTACT_SCORING_AS_OF" not in os.environ
    (results,) = Path("target").glob("contact_scoring-*/run_results.json")
    assert json.loads(results.read_text())["args"]["vars"] == {}

    (published,) = run.asset_materializations_for_node("published_generation")
    assert published.metadata["as_of"].value == request.tags["as_of"]
    policies = {spec.key.path[-1]: spec.freshness_policy for spec in contact_scoring.specs}
    an_hour = dg.FreshnessPolicy.cron("0 1,13 * * *", lower_bound_delta=timedelta(hours=1))
    assert {mart for mart, policy in policies.items() if policy == an_hour} == marts

    # once a week it is evaluated, and published with the scores of the same tick
    weekly = defs.resolve_job_def(every_week.job_name)
    assert weekly.execute_in_process().success
    evaluation = current_generation().evaluation
    assert str(evaluation.as_of) == request.tags["as_of"]
    assert "score_performance" in evaluation.marts
    assert "CONTACT_SCORING_EVALUATION" not in os.environ
    assert not marts & set(evaluation.marts)

    # the same tick once more: the same rows, with the evaluation that there is
    def rows(generation):
        files = {path.parent.name: path for path in generation.path.glob("parquet/*/rows.parquet")}
        assert len(files) == len(marts) + len(evaluation.marts)
        return {
            mart: sorted(duckdb.read_parquet(str(file)).fetchall(), key=repr)
            for mart, file in files.items()
        }

    once = current_generation()
    told["/handoffs"].clear()
    answers["/handoffs"] = 200
    assert job.execute_in_process(run_config=request.run_config).success
    twice = current_generation()
    # what waited is sent after the next publication
    keys = [one["idempotency_key"] for body in told["/handoffs"] for one in body["handoffs"]]
    assert len(set(keys)) == len(keys) == twice.manifest["marts"]["sales_handoffs"]["rows"] > 0
    told["/handoffs"].clear()
    assert twice != once
    assert rows(twice) == rows(once)

    # an instant that has passed: beside what is current
    earlier = dg.RunConfig(ops={"contact_scoring": {"config": {"as_of": "2026-11-16 00:00:00"}}})
    replayed = job.execute_in_process(run_config=earlier)
    (replay,) = replayed.asset_materializations_for_node("published_generation")
    assert "/replays/2026-11-16T0000Z-" in replay.metadata["path"].value
    assert current_generation() == twice
    # of an earlier instant than the evaluation's
    assert Generation(Path(replay.metadata["path"].value)).evaluation is None

    # an instant of the project's own would win over the environment
    settings = Path("dbt_project.yml")
    text = settings.read_text()
    assert text.count("  # as_of: ") == 1
    assert Refresh(as_of="2026-11-16 12:00:00").arguments == []
    settings.write_text(text.replace("  # as_of: ", "  as_of: "))
    given = ["--vars", '{"as_of": "2026-11-16 12:00:00"}']
    assert Refresh(as_of="2026-11-16 12:00:00").arguments == given
    settings.write_text(text)

    # somebody has the database open: that passes, so the run comes back
    hold = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print(flush=True); input()"
    held = [sys.executable, "-c", hold, str(database_path())]
    with subprocess.Popen(held, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        holder.stdout.readline()
        try:
            prepare_database(dg.build_asset_context())
        except dg.RetryRequested as retry:
            assert (retry.max_retries, retry.seconds_to_wait) == (60, 60)
        else:
            raise AssertionError("it went on")
        holder.communicate(b"done")

    # a test that fails: what was published stays, and somebody is told, in words that name nobody
    told["/alert"].clear()
    before = current_generation()
    with dg.DagsterInstance.ephemeral() as instance:
        later = datetime(2026, 11, 17, tzinfo=UTC)
        request = every_12_hours(dg.build_schedule_context(scheduled_execution_time=later))
        Path("tests/claims/assert_no_disqualified_contact_is_active.sql").write_text("select 1")
        run = job.execute_in_process(
            run_config=request.run_config, instance=instance, raise_on_error=False
        )
        assert not run.success
        failed = [check for check in run.get_asset_check_evaluations() if not check.passed]
        assert [check.check_name for check in failed] == [
            "assert_no_disqualified_contact_is_active"
        ]
        assert not run.asset_materializations_for_node("published_generation")
        # nor is what failed evaluated
        evaluated = weekly.execute_in_process(instance=instance, raise_on_error=False)
        assert not evaluated.success
        for failure in (run, evaluated):
            context = dg.build_run_status_sensor_context(
                "alert", failure.get_run_failure_event(), instance, failure.dagster_run
            )
            alert(context.for_run_failure())
    assert current_generation() == before
    last = "The last good ones are still published."
    assert told["/handoffs"] == []
    assert told["/alert"] == [
        {
            "text": "Contact scores for 2026-11-17 00:00:00 were not refreshed: "
            f"run {run.run_id} failed. {last}"
        },
        {"text": f"Contact scores were not evaluated: run {evaluated.run_id} failed. {last}"},
    ]
"""


def test_the_schedule_scores_for_its_tick_and_tests_become_checks(tmp_path: Path):
    project = copy_project(tmp_path)
    earlier = tmp_path / "target" / "contact_scoring-0000000-0000000"
    earlier.mkdir(parents=True)
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(CHECK)],
        cwd=tmp_path,
        env=project.environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-5000:]
    (artifacts,) = (tmp_path / "target").glob("contact_scoring-*")
    assert artifacts != earlier
    as_of = project.query("select distinct as_of::text from marts.contact_scores")
    assert as_of == [("2026-11-17 00:00:00",)]


def instance_in(home: Path, project: Project, **env: str) -> subprocess.CompletedProcess[str]:
    """Configure an instance as the services do, and have Dagster tell of it."""
    environment = {"DAGSTER_HOME": str(home)} | env
    done = project.run("orchestration.instance", env=environment)
    if done.returncode:
        return done
    return project.run("dagster", "instance", "info", env=environment)


def test_runs_are_kept_in_sqlite_or_in_the_postgresql_that_is_named(
    project: Project, postgres_server: postgres.Server, tmp_path: Path
):
    in_files = instance_in(tmp_path / "home", project)
    assert in_files.returncode == 0, in_files.stdout
    assert "SqliteRunStorage" in in_files.stdout

    login = f"{postgres.USER}:{postgres_server.password}"
    url = f"postgresql://{login}@127.0.0.1:{postgres_server.port}/{postgres.DATABASE}"
    named = {"DBT_ENV_SECRET_DAGSTER_POSTGRES_URL": url}
    in_postgres = instance_in(tmp_path / "home", project, **named)
    assert in_postgres.returncode == 0, in_postgres.stdout
    assert "SqliteRunStorage" not in in_postgres.stdout
    with postgres_server.cursor() as cursor:
        cursor.execute("select count(*) from runs")
        assert cursor.fetchall() == [(0,)]
    assert postgres_server.password not in (tmp_path / "home" / "dagster.yaml").read_text()

    nowhere = project.run("orchestration.instance", env={"DAGSTER_HOME": "relative"})
    assert nowhere.returncode != 0
    assert nowhere.stdout == "DAGSTER_HOME is no absolute path: where may Dagster keep runs?\n"
