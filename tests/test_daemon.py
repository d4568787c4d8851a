"""The real Dagster daemon, on the instance that the repository configures."""

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import TypeVar

import dagster as dg
import psutil
import pytest
from conftest import NO_UNIT_TESTS, REMEMBERING, Project, copy_project

DAEMON = str(Path(sys.executable).with_name("dagster-daemon"))
FIVE_DAYS = 5 * 24 * 3600
SUCCESS = dg.DagsterRunStatus.SUCCESS
FAILURE = dg.DagsterRunStatus.FAILURE

Found = TypeVar("Found")


@pytest.fixture
def home(project: Project) -> Path:
    """The instance, but that it looks more often whether a worker is there; input of today."""
    move_to_today(project)
    folder = project.path / ".dagster_home"
    folder.mkdir()
    text = (project.path / "orchestration" / "dagster.yaml").read_text("utf-8")
    assert "poll_interval_seconds: 60" in text
    text = text.replace("poll_interval_seconds: 60", "poll_interval_seconds: 2")
    (folder / "dagster.yaml").write_text(text, "utf-8")
    return folder


@contextmanager
def daemon(project: Project, home: Path, **env: str) -> Iterator[None]:
    """The daemon, with the code server that it starts."""
    with (home / "daemon.log").open("a") as log:
        process = subprocess.Popen(
            [DAEMON, "run", "-m", "orchestration.definitions"],
            cwd=project.path,
            env=project.environment | {"DAGSTER_HOME": str(home)} | env,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            yield
        finally:
            process.terminate()
            process.wait(60)


@contextmanager
def webhook(told: list[str]) -> Iterator[str]:
    """An address that takes what the alert says."""

    class Webhook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.append(json.loads(self.rfile.read(int(self.headers["Content-Length"])))["text"])
            self.send_response(200)
            self.end_headers()

    with HTTPServer(("127.0.0.1", 0), Webhook) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def wait_for(what: Callable[[], Found | None], seconds: float = 400) -> Found:
    """What is not there at once. With an end, for a test that fails must come to one, too."""
    deadline = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.2)
    return found


def tick_before(seconds: float) -> str:
    """The tick that was the last one so long ago."""
    moment = datetime.fromtimestamp(time.time() - seconds, UTC)
    return f"{moment:%Y-%m-%d} {moment.hour // 12 * 12:02}:00:00"


def move_to_today(project: Project) -> None:
    """Move the demo's quarter on, as somebody's own input, until it ends today."""
    later = datetime.now(UTC).date() - date(2026, 11, 16)
    moved = project.path / "exports"
    moved.mkdir()
    for file in (project.path / "seeds" / "demo").glob("*.csv"):
        text = re.sub(
            r"\b(20\d\d-\d\d-\d\d)T",
            lambda found: f"{date.fromisoformat(found[1]) + later}T",
            file.read_text("utf-8"),
        )
        (moved / file.name).write_text(text, "utf-8")
    settings = project.path / "dbt_project.yml"
    text = settings.read_text("utf-8")
    assert "  # raw_files: exports " in text
    settings.write_text(text.replace("  # raw_files: exports ", "  raw_files: exports "), "utf-8")


def schedule_state(instance: dg.DagsterInstance) -> object | None:
    states = instance.all_instigator_state()
    return next((state for state in states if state.name == "every_12_hours"), None)


def has_looked_for_failures(instance: dg.DagsterInstance) -> bool:
    """Whether the alert has begun: of what failed before its first look it knows nothing."""
    states = instance.all_instigator_state()
    return any(state.name == "alert" and state.instigator_data.cursor for state in states)


def building_dbt(project: Project) -> psutil.Process | None:
    """The dbt that a run has started, once it is past its parsing and has the database open."""
    for process in psutil.process_iter():
        try:
            if (
                {"build", "--exclude-resource-type"} <= set(process.cmdline())
                and process.cwd() == str(project.path)
                and any(Path(file.path) == project.database for file in process.open_files())
            ):
                return process
        except psutil.Error:
            continue
    return None


@pytest.mark.long
def test_after_five_days_down_one_run_catches_up_though_its_worker_is_killed(
    project: Project, home: Path, tmp_path: Path
) -> None:
    """The worker goes while its dbt builds: the run is ended, and started once more."""
    with dg.DagsterInstance.from_config(str(home)) as instance:
        with daemon(project, home):
            state = wait_for(lambda: schedule_state(instance))
            wait_for(lambda: has_looked_for_failures(instance))
        long_ago = time.time() - FIVE_DAYS
        data = state.instigator_data._replace(
            start_timestamp=long_ago, last_iteration_timestamp=long_ago
        )
        instance.update_instigator_state(state.with_data(data))
        assert instance.get_runs() == []

        # as it was left: scored for the last tick but nine, and published
        assert not project.dbt("build", *NO_UNIT_TESTS, as_of=tick_before(FIVE_DAYS)).returncode
        assert not project.command("publish").returncode
        told: list[str] = []
        with webhook(told) as url, daemon(project, home, CONTACT_SCORING_ALERT_URL=url):
            dbt = wait_for(lambda: building_dbt(project))
            (first,) = instance.get_runs()
            # of the step, and of the run; above them is the code server
            for worker in dbt.parents()[:2]:
                worker.kill()
            assert dbt.is_running()
            wait_for(lambda: instance.get_run_by_id(first.run_id).is_finished)
            wait_for(lambda: [run for run in instance.get_runs() if run.parent_run_id])
            wait_for(lambda: all(run.is_finished for run in instance.get_runs()))
            wait_for(lambda: told)

        runs = sorted(instance.get_runs(), key=lambda run: run.parent_run_id is not None)
        assert [run.status for run in runs] == [FAILURE, SUCCESS]
        as_of, as_of_again = (run.tags["as_of"] for run in runs)
        assert as_of == as_of_again
        assert len(told) == 1
        assert first.run_id in told[0]
        # the last tick, and none of those before
        age = datetime.now(UTC) - datetime.fromisoformat(as_of).replace(tzinfo=UTC)
        assert timedelta(0) < age < timedelta(hours=12, minutes=20)

    generation = (project.path / "published" / "current").resolve(strict=True)
    assert json.loads((generation / "manifest.json").read_text("utf-8"))["as_of"] == as_of
    clean = copy_project(tmp_path / "clean")
    move_to_today(clean)
    clean.score(as_of=as_of)
    marts, of_one_build = project.marts(), clean.marts()
    assert len(of_one_build["active_contacts"]) > 1000
    # they remember what was said five days before
    for remembers in REMEMBERING:
        del marts[remembers], of_one_build[remembers]
    assert marts == of_one_build
