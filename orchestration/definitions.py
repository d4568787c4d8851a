"""Dagster: the dbt project as assets, its tests as asset checks, refreshed every 12 hours."""

import json
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
from dagster_dbt import DbtCliResource, DbtProject, dbt_assets

PROJECT_ROOT = Path(__file__).resolve().parent.parent

# the dbt of this environment, even where the environment is not activated
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])

project = DbtProject(project_dir=PROJECT_ROOT, profiles_dir=PROJECT_ROOT)
project.prepare_if_dev()
if not project.manifest_path.exists():
    # outside `dagster dev` nothing else would parse a fresh clone
    project.preparer.prepare(project)


class Refresh(dg.Config):
    """What one refresh is for."""

    as_of: str | None = None
    """The instant the scores are true for, such as `2026-11-22 12:00:00` (UTC); by default the
    last 12 h boundary that has passed."""


# the demo's story is told for one instant, not for each tick
@dbt_assets(manifest=project.manifest_path, exclude="tag:demo_story")
def contact_scoring(
    context: dg.AssetExecutionContext, dbt: DbtCliResource, config: Refresh
) -> Iterator[object]:
    """Build every seed and model, and run every data test."""
    # dbt's artifacts have a folder for each run; one of an earlier run may name, in an error,
    # a contact that was deleted since
    for artifacts in (PROJECT_ROOT / "target").glob(f"{context.op.name}-*"):
        shutil.rmtree(artifacts)
    arguments = ["build", "--exclude-resource-type", "unit_test"]
    if config.as_of:
        arguments += ["--vars", json.dumps({"as_of": config.as_of})]
    yield from dbt.cli(arguments, context=context).stream()


refresh_job = dg.define_asset_job(
    "refresh_scores", selection=dg.AssetSelection.assets(contact_scoring)
)


@dg.schedule(
    job=refresh_job,
    cron_schedule="0 */12 * * *",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.RUNNING,
)
def every_12_hours(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
    """Refresh the scores at 00:00 and 12:00 UTC, for the instant of the tick."""
    as_of = f"{context.scheduled_execution_time:%Y-%m-%d %H:%M:%S}"
    return dg.RunRequest(
        run_key=as_of,
        run_config=dg.RunConfig(ops={contact_scoring.op.name: Refresh(as_of=as_of)}),
        tags={"as_of": as_of},
    )


defs = dg.Definitions(
    assets=[contact_scoring],
    jobs=[refresh_job],
    schedules=[every_12_hours],
    resources={"dbt": DbtCliResource(project_dir=project)},
)
