"""Dagster: the dbt project as assets, its tests as checks, published every 12 hours.

Once a week the scores are held against what happened, which is published with them.
"""

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import yaml
from dagster._utils import run_with_concurrent_update_guard
from dagster_dbt import DagsterDbtTranslator, DbtCliResource, DbtProject, dbt_assets

from contact_scoring import evaluation
from contact_scoring.alerts import NotSentError, send
from contact_scoring.dbt_program import dbt_command, in_environment
from contact_scoring.freshness import TICK, grace
from contact_scoring.handoffs import HandoffsError, deliver
from contact_scoring.publishing import InUseError, NotPublishedError, publish
from contact_scoring.recovery import prepare
from contact_scoring.warehouse import DatabaseInUse

PROJECT_ROOT = Path(__file__).resolve().parent.parent
MINUTE = timedelta(minutes=1)

project = DbtProject(project_dir=PROJECT_ROOT, profiles_dir=PROJECT_ROOT)
dbt_of_this_environment = DbtCliResource(project_dir=project, dbt_executable=dbt_command()[0])


def parse() -> None:
    """Write the manifest that the assets are made from."""
    dbt_of_this_environment.cli(["parse", "--quiet"], target_path=project.target_path).wait()


# project.prepare_if_dev() would call the first dbt, or dbt Fusion, that the PATH names. Outside
# `dagster dev` nothing else would parse a fresh clone.
if project.preparer.using_dagster_dev() or not project.manifest_path.exists():
    run_with_concurrent_update_guard(project.manifest_path, parse)


def of_the_last_tick() -> dg.FreshnessPolicy:
    """Built between the last tick and the end of its grace; when that is over, it has failed."""
    minutes = min(max(grace(), MINUTE), TICK - MINUTE) // MINUTE
    hour, minute = divmod(minutes, 60)
    return dg.FreshnessPolicy.cron(
        f"{minute} {hour},{hour + 12} * * *", lower_bound_delta=minutes * MINUTE
    )


class AsLayers(DagsterDbtTranslator):
    """A group for each schema; marts that the last tick did not build show as failed."""

    def get_asset_spec(
        self, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None
    ) -> dg.AssetSpec:
        spec = super().get_asset_spec(manifest, unique_id, project)
        layer = spec.key.path[0]
        return spec.replace_attributes(
            group_name=layer, freshness_policy=of_the_last_tick() if layer == "marts" else None
        )


class Refresh(dg.Config):
    """What one refresh is for."""

    as_of: str | None = None
    """The instant the scores are true for, such as `2026-11-22 12:00:00` (UTC); by default the
    last 12 h boundary that has passed. One before the published scores' is a replay: it is
    published beside them, in a folder of its own."""

    accept_raw_tables: bool = False
    """Build though half of a raw table is gone, or a feed is silent."""

    @property
    def arguments(self) -> list[str]:
        """What dbt is given of it as variables: nothing where nothing was asked for."""
        given = {
            # by the environment, but for a project that names an as-of of its own, which wins there
            "as_of": self.as_of if has_an_as_of() else None,
            "accept_raw_tables": self.accept_raw_tables,
        }
        variables = {name: value for name, value in given.items() if value}
        return ["--vars", json.dumps(variables)] if variables else []


def has_an_as_of() -> bool:
    """Whether dbt_project.yml names one, at which the scores would stand still."""
    settings = yaml.safe_load((PROJECT_ROOT / "dbt_project.yml").read_text("utf-8"))
    named = settings.get("vars") or {}
    return "as_of" in named | (named.get(settings["name"]) or {})


# the demo's story is told for one instant, not for each tick
@dbt_assets(
    manifest=project.manifest_path,
    # dbt 2 is asked for the selection, and that needs the project; dbt 1 needs only the manifest
    project=project,
    exclude="tag:demo_story",
    dagster_dbt_translator=AsLayers(),
)
def contact_scoring(
    context: dg.AssetExecutionContext, dbt: DbtCliResource, config: Refresh
) -> Iterator[object]:
    """Build every seed and model, and run every data test."""
    prepare_database(context)
    # dbt's artifacts have a folder for each run; one of an earlier run may name, in an error,
    # a contact that was deleted since
    for artifacts in (PROJECT_ROOT / "target").glob(f"{context.op.name}-*"):
        shutil.rmtree(artifacts)
    arguments = ["build", "--exclude-resource-type", "unit_test", *config.arguments]
    # it starts dbt with the environment of this process, and takes none of its own
    with in_environment(CONTACT_SCORING_AS_OF=config.as_of):
        invocation = dbt.cli(arguments, context=context)
    yield from invocation.stream()


def prepare_database(context: dg.AssetExecutionContext) -> None:
    """Come back later where another build, or a reader, has the database open: that passes.

    The lock is DuckDB's own, on the file, and the dbt process holds it: one whose Dagster worker
    was killed goes on undisturbed, and is waited for.
    """
    try:
        for line in prepare():
            context.log.warning(line)
    except DatabaseInUse as error:
        context.log.warning(str(error))
        raise dg.RetryRequested(max_retries=60, seconds_to_wait=60) from None
    except SystemExit as error:
        raise dg.Failure(str(error), allow_retries=False) from None


MARTS = [spec.key for spec in contact_scoring.specs if spec.freshness_policy]


@dg.asset(name="evaluation", deps=MARTS, group_name="evaluation")
def evaluation_of_the_last_build(context: dg.AssetExecutionContext) -> None:
    """Whether the scores of the last build predict the outcomes, as `make evaluate` says it."""
    prepare_database(context)
    try:
        last_build = Refresh(as_of=evaluation.as_of_last_build())
        evaluation.build_and_test(last_build.arguments, verbose=True)
    except SystemExit as error:
        # dbt's own words are in the run's output
        raise dg.Failure(f"It was not evaluated: {error}", allow_retries=False) from None


@dg.asset(
    deps=[*MARTS, evaluation_of_the_last_build],
    group_name="published",
    freshness_policy=of_the_last_tick(),
)
def published_generation() -> dg.MaterializeResult[None]:
    """The marts as people and BI tools read them, replaced in one step after a build passed."""
    try:
        generation = publish()
    except InUseError as error:
        raise dg.RetryRequested(max_retries=60, seconds_to_wait=60) from error
    except NotPublishedError as error:
        raise dg.Failure(str(error), allow_retries=False) from None
    manifest = generation.manifest
    return dg.MaterializeResult(
        metadata={
            "as_of": manifest["as_of"],
            "path": dg.MetadataValue.path(str(generation.path)),
            "contact_scores": manifest["marts"]["contact_scores"]["rows"],
        }
    )


@dg.asset(deps=[published_generation], group_name="published")
def handoffs_sent(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
    """New hand-offs, with those who call. What an address does not take waits for the next tick.

    The scores are out by then, so the run does not fail by it: whoever gets alerts is told.
    """
    sent, waiting = 0, []
    try:
        delivery = deliver()
        sent, waiting = delivery.sent, delivery.waiting
    except HandoffsError as error:
        waiting = [f"Hand-offs wait: {error}"]
    for said in waiting:
        context.log.warning(said)
        try:
            tell(said)
        except NotSentError as error:
            context.log.warning(str(error))
    return dg.MaterializeResult(metadata={"sent": sent, "waiting": "\n".join(waiting) or "none"})


refresh_job = dg.define_asset_job(
    "refresh_scores",
    selection=dg.AssetSelection.assets(contact_scoring, published_generation, handoffs_sent),
)

evaluation_job = dg.define_asset_job(
    "evaluate_scores",
    selection=dg.AssetSelection.assets(evaluation_of_the_last_build, published_generation),
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


# away from the ticks; a run waits until the one before it has ended
every_week = dg.ScheduleDefinition(
    name="every_week",
    job=evaluation_job,
    cron_schedule="0 3 * * 0",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Evaluate the scores of the last build on Sundays at 03:00 UTC.",
)


@dg.run_failure_sensor(default_status=dg.DefaultSensorStatus.RUNNING)
def alert(context: dg.RunFailureSensorContext) -> None:
    """Tell the log, and the addresses of CONTACT_SCORING_ALERT_URL where there are any."""
    run = context.dagster_run
    run_config: Any = run.run_config
    given = run_config.get("ops", {}).get(contact_scoring.op.name, {}).get("config", {})
    as_of = given.get("as_of") or "the last tick"
    failed = f"Contact scores for {as_of} were not refreshed"
    if run.job_name == evaluation_job.name:
        failed = "Contact scores were not evaluated"
    # not what failed in words: an error may name a person
    text = f"{failed}: run {run.run_id} failed. The last good ones are still published."
    context.log.error(text)
    # Dagster tells of a run once, so an address that did not take it fails the sensor
    tell(text)


def tell(text: str) -> None:
    """Tell the addresses of CONTACT_SCORING_ALERT_URL, where there are any."""
    if addresses := os.environ.get("CONTACT_SCORING_ALERT_URL"):
        send(text, addresses)


defs = dg.Definitions(
    assets=[contact_scoring, evaluation_of_the_last_build, published_generation, handoffs_sent],
    jobs=[refresh_job, evaluation_job],
    schedules=[every_12_hours, every_week],
    sensors=[alert],
    resources={"dbt": dbt_of_this_environment},
)
