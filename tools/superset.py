"""A throw-away Apache Superset on the published marts, for a try-out and for the tests.

    python -m tools.superset [port]

It listens on the loopback only, with a password of its own, in the environment .venv-superset.
What is made in it is gone with it.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from contact_scoring.publishing import DATABASE, current_generation, published_path
from tools import try_out

ROOT = Path(__file__).parent.parent
PROGRAMS = ROOT / ".venv-superset" / "bin"
PORT = 8088
USER = "admin"
SECONDS_TO_START = 180
MIGRATE = ("db", "upgrade")
MAKE_ADMIN = (
    *("fab", "create-admin", "--username", USER, "--firstname", "Throw-away"),
    *("--lastname", "admin", "--email", "admin@localhost"),
)
INIT = ("init",)
# nobody changes the published file, nor reads another file of this machine through SQL Lab
ENGINE_PARAMETERS = {
    "connect_args": {"read_only": True, "config": {"enable_external_access": False}}
}
# the columns of the chart, as its readers call them
LABELS = {
    "score_rank": "Rank",
    "full_name": "Contact",
    "company_name": "Company",
    "band": "Band",
    "score": "Score",
    "last_engaged_at": "Last engaged",
}
CHART_TITLE = "Top contacts, last 30 days"


@dataclass(frozen=True)
class Server:
    """Where it is, and how to get in."""

    port: int
    password: str

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def is_up(self) -> bool:
        with suppress(requests.RequestException):
            return requests.get(f"{self.address}/health", timeout=5).ok
        return False


@dataclass(frozen=True)
class Made:
    """The ids of what was made in it."""

    database: int
    dataset: int
    chart: int


class Client:
    """Its REST API, logged in. RuntimeError with its answer where it refuses."""

    def __init__(self, server: Server) -> None:
        self.address = f"{server.address}/api/v1"
        self.session = requests.Session()
        self.session.headers["Referer"] = server.address
        who = {"username": USER, "password": server.password, "provider": "db", "refresh": False}
        token = self.call("POST", "security/login", who)["access_token"]
        self.session.headers["Authorization"] = f"Bearer {token}"
        self.session.headers["X-CSRFToken"] = self.call("GET", "security/csrf_token/")["result"]

    def call(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.session.request(method, f"{self.address}/{path}", json=body, timeout=120)
        if not answer.ok:
            raise RuntimeError(
                f"Superset refused {method} {path}: {answer.status_code} {answer.text}"
            )
        return answer.json()

    def connect(self, file: Path) -> int:
        """Make the connection to a DuckDB file; its id."""
        database = {
            "database_name": "Contact scoring",
            "sqlalchemy_uri": f"duckdb:///{file}",
            "extra": json.dumps({"engine_params": ENGINE_PARAMETERS}),
            "expose_in_sqllab": True,
        }
        return int(self.call("POST", "database/", database)["id"])

    def add_dataset(self, database: int, table: str) -> int:
        """Make a data set of a mart; its id."""
        dataset = {"database": database, "schema": "marts", "table_name": table}
        made = int(self.call("POST", "dataset/", dataset)["id"])
        described = {
            "description": "One row per score name, window of 1 to 90 days and contact. "
            "Always filter on window_days.",
            # as_of is one instant in all rows: a time range of it would show all or nothing
            "main_dttm_col": "last_engaged_at",
            "columns": [
                {
                    "id": column["id"],
                    "column_name": column["column_name"],
                    "verbose_name": LABELS.get(column["column_name"]),
                }
                for column in self.call("GET", f"dataset/{made}")["result"]["columns"]
            ],
        }
        self.call("PUT", f"dataset/{made}", described)
        return made

    def add_chart(self, dataset: int) -> int:
        """Make the chart of the contacts with the highest scores; its id."""
        chart = {
            "slice_name": CHART_TITLE,
            "viz_type": "table",
            "datasource_id": dataset,
            "datasource_type": "table",
            "params": json.dumps(chart_settings(dataset)),
        }
        return int(self.call("POST", "chart/", chart)["id"])

    def query(self, dataset: int, **query: Any) -> list[dict[str, Any]]:
        """The rows that a chart would draw, by the way that its data go."""
        asked = {
            "datasource": {"id": dataset, "type": "table"},
            "queries": [query],
            "result_format": "json",
            "result_type": "full",
        }
        rows: list[dict[str, Any]] = self.call("POST", "chart/data", asked)["result"][0]["data"]
        return rows


def chart_settings(dataset: int) -> dict[str, Any]:
    """What the page of a chart would save."""
    return {
        "datasource": f"{dataset}__table",
        "viz_type": "table",
        "query_mode": "raw",
        "all_columns": list(LABELS),
        "order_by_cols": ['["score", false]', '["full_name", true]'],
        "row_limit": 20,
        "server_page_length": 20,
        "time_range": "No filter",
        "table_timestamp_format": "%Y-%m-%d %H:%M",
        "show_cell_bars": True,
        "color_pn": True,
        "column_config": {
            "score_rank": {"showCellBars": False},
            "score": {"d3NumberFormat": ".2f"},
        },
        "adhoc_filters": [is_equal("score_name", "engagement"), is_equal("window_days", 30)],
    }


def is_equal(column: str, value: Any) -> dict[str, Any]:
    """A filter of a chart."""
    return {
        "expressionType": "SIMPLE",
        "clause": "WHERE",
        "subject": column,
        "operator": "==",
        "comparator": value,
    }


def published_file() -> Path:
    """The published database, by the link that leads to the newest. Exits where there is none."""
    if not current_generation():
        sys.exit(f"Nothing is published in {published_path()}. Run `make build` first.")
    return published_path() / "current" / DATABASE


def port_of(arguments: list[str]) -> int:
    """The port that was asked for. Exits where it is none."""
    given = arguments[0] if arguments else str(PORT)
    if not (given.isascii() and given.isdigit() and 0 < int(given) < 65536):
        sys.exit(f"SUPERSET_PORT is {given!r}: a port is a number from 1 to 65535.")
    return int(given)


def check(port: int) -> None:
    """Exit with what to do where it cannot start."""
    if not (PROGRAMS / "superset").exists():
        sys.exit("Superset is not installed: `make superset` does that.")
    with socket.socket() as probe:
        # as the server does: a port that was in use a moment ago is free
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            sys.exit(f"The port {port} is in use. Name another: make superset SUPERSET_PORT=8089")


@contextmanager
def server(port: int, folder: Path) -> Iterator[Server]:
    """Start a new one, whose own database is in a folder; stop it and remove the folder."""
    check(port)
    shutil.rmtree(folder, ignore_errors=True)  # of one that was killed
    folder.mkdir(parents=True, mode=0o700)
    started = Server(port, secrets.token_urlsafe(12))
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("SUPERSET_", "FLASK_", "GUNICORN_", "PYTHON"))
    } | {
        "SUPERSET_HOME": str(folder),
        "SUPERSET_CONFIG_PATH": str(ROOT / "tools" / "superset_config.py"),
        "SUPERSET_SECRET_KEY": secrets.token_hex(32),
        "FLASK_APP": "superset",
        # an argument would stand in the list of processes
        "FLASK_FAB_CREATE_ADMIN_PASSWORD": started.password,
    }
    log = folder / "log"
    try:
        for step in (MIGRATE, MAKE_ADMIN, INIT):
            call(step, folder, environment, log)
        with log.open("ab") as output:
            process = subprocess.Popen(  # noqa: S603
                [
                    *(str(PROGRAMS / "gunicorn"), "--bind", f"127.0.0.1:{port}"),
                    *("--worker-class", "gthread", "--threads", "8", "--timeout", "120"),
                    *("--log-level", "warning", "--no-control-socket"),
                    "superset.app:create_app()",
                ],
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # its workers go with it, and Ctrl-C is ours
            )
        try:
            wait_for(started, process, log)
            yield started
        finally:
            stop(process)
    finally:
        shutil.rmtree(folder)


def call(step: tuple[str, ...], folder: Path, environment: dict[str, str], log: Path) -> None:
    """Run a command of Superset. Exits with the end of the log where it fails."""
    with log.open("ab") as output:
        done = subprocess.run(  # noqa: S603
            [str(PROGRAMS / "superset"), *step],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if done.returncode:
        sys.exit(f"`superset {' '.join(step[:2])}` failed:\n{end_of(log)}")


def wait_for(started: Server, process: subprocess.Popen[bytes], log: Path) -> None:
    """Until it answers. Exits with the end of the log where it ends before that."""
    deadline = time.monotonic() + SECONDS_TO_START
    while not started.is_up():
        if process.poll() is not None or time.monotonic() > deadline:
            sys.exit(f"Superset did not start:\n{end_of(log)}")
        time.sleep(0.3)


def end_of(log: Path) -> str:
    return "\n".join(log.read_text("utf-8", "replace").splitlines()[-20:])


def stop(process: subprocess.Popen[bytes]) -> None:
    """End the server and its workers, which would wait for open pages."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        process.wait(5)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def fill(started: Server, file: Path) -> Made:
    """Make the connection, the data set and the chart."""
    client = Client(started)
    database = client.connect(file)
    dataset = client.add_dataset(database, "active_contacts")
    return Made(database, dataset, client.add_chart(dataset))


def main() -> None:
    """Start it, make a chart in it, say where to look; wait."""
    try_out.clean_up_when_stopped()
    port = port_of(sys.argv[1:])
    file = published_file()
    print("Superset starts; that takes half a minute.", flush=True)
    try:
        # the port is one server's, and so is a folder of its name
        with server(port, ROOT / "warehouse" / "superset" / str(port)) as started:
            made = fill(started, file)
            print(
                f"\n{CHART_TITLE}: {started.address}/explore/?slice_id={made.chart}\n"
                f"User {USER}, password {started.password}. Superset, and what you make in it, "
                "is gone with Ctrl-C.",
                flush=True,
            )
            signal.pause()
    except KeyboardInterrupt:
        print()
    except RuntimeError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
