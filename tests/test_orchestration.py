"""The Dagster definitions: assets, checks and the schedule."""

import subprocess
import sys
import textwrap
from pathlib import Path

from conftest import Project, copy_project

# Dagster loads the dbt project that it stands in, so it runs in a copy, in a process of its own.
CHECK = """
    from datetime import UTC, datetime

    import dagster as dg

    from orchestration.definitions import contact_scoring, defs, every_12_hours

    assert every_12_hours.cron_schedule == "0 */12 * * *"
    assert every_12_hours.execution_timezone == "UTC"
    assert every_12_hours.default_status == dg.DefaultScheduleStatus.RUNNING

    tick = datetime(2026, 11, 16, 12, tzinfo=UTC)
    request = every_12_hours(dg.build_schedule_context(scheduled_execution_time=tick))
    assert request.run_key == "2026-11-16 12:00:00"

    marts = {key.path[-1] for key in contact_scoring.keys if key.path[0] == "marts"}
    assert {"active_contacts", "contact_scores", "score_drivers"} <= marts
    checks = {key.name for key in contact_scoring.check_keys}
    assert "assert_no_disqualified_contact_is_active" in checks

    job = defs.resolve_job_def("refresh_scores")
    run = job.execute_in_process(run_config=request.run_config)
    assert run.success
    evaluations = run.get_asset_check_evaluations()
    assert all(evaluation.passed for evaluation in evaluations)
    assert {evaluation.check_name for evaluation in evaluations} == checks
    assert not any(name.startswith("assert_demo") for name in checks)

    (published,) = run.asset_materializations_for_node("published_generation")
    assert published.metadata["as_of"].value == request.tags["as_of"]
    fresh = {spec.key.path[-1] for spec in contact_scoring.specs if spec.freshness_policy}
    assert fresh == marts
"""


def test_the_schedule_scores_for_its_tick_and_tests_become_checks(tmp_path: Path):
    project: Project = copy_project(tmp_path)
    earlier = tmp_path / "target" / "contact_scoring-0000000-0000000"
    earlier.mkdir(parents=True)
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(CHECK)],
        cwd=tmp_path,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-5000:]
    (artifacts,) = (tmp_path / "target").glob("contact_scoring-*")
    assert artifacts != earlier
    assert (artifacts / "run_results.json").exists()
    as_of = project.query("select distinct as_of::text from marts.contact_scores")
    assert as_of == [("2026-11-16 12:00:00",)]
