"""Check the rules, build and test with dbt, publish, and print the result: `contact-scoring build`.

Of dbt's log people see what is being built, warnings, and what failed; `verbose` shows all of it.
Exits non-zero at the first step that fails, with what to mend in its last lines.
"""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from textwrap import dedent
from typing import Any

import yaml
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from contact_scoring import config_checks, publishing, recovery, summary
from contact_scoring.dbt_program import dbt_command, dbt_environment
from contact_scoring.tables import console, printable
from contact_scoring.warehouse import PROJECT_ROOT

STARTED = "LogStartLine"
# of a run that came to its end, said again in its summary, with more to it
SAID_AGAIN = (
    "LogTestResult",
    "LogModelResult",
    "LogSeedResult",
    "LogHookEndLine",
    "LogSkipBecauseError",
)
# the frame around a message, and where dbt came from when it failed
FRAME = re.compile(
    r"\s*(> (in|called by) |compiled code at |Encountered an error:|Completed with "
    r"|Compilation Error in (operation|model) |Failure in model (raw_tables|config_errors) )"
)


def build(arguments: Sequence[str], verbose: bool = False) -> None:
    """Build with dbt, where `arguments` go, and publish what passed its tests."""
    config_checks.check()
    refuse_time_to_come(arguments)
    for line in recovery.prepare():
        print(line, flush=True)
    command = ["build", "--exclude-resource-type", "unit_test", *arguments]
    failed = run(command) if verbose else run_with_progress(command)
    if failed:
        raise SystemExit(failed)
    publishing.main()
    summary.main()


def refuse_time_to_come(arguments: Sequence[str]) -> None:
    """Exit if as_of has not come yet: what the history says then would bar all builds until then.

    A text that is no time, or no YAML, is for dbt to name.
    """
    given = os.environ.get("CONTACT_SCORING_AS_OF")
    with suppress(ValueError, IndexError, AttributeError, yaml.YAMLError):
        if "--vars" in arguments:
            variables = yaml.safe_load(arguments[list(arguments).index("--vars") + 1])
            given = variables.get("as_of") or given
    with suppress(ValueError):
        as_of = datetime.fromisoformat(str(given)).replace(tzinfo=UTC)
        if as_of > datetime.now(UTC):
            raise SystemExit(
                f"as_of: {as_of:%Y-%m-%d %H:%M} UTC has not come yet. Leave as_of out, or give one "
                "that has passed. Nothing was built."
            )


@contextmanager
def dbt(arguments: Sequence[str], **options: Any) -> Iterator[subprocess.Popen[str]]:
    """A call of dbt, until it has ended.

    Ctrl-C reaches it, too. It may take a while to stop, and has the database open until then.
    """
    place: dict[str, Any] = {"cwd": PROJECT_ROOT, "env": dbt_environment()}
    process = subprocess.Popen(  # noqa: S603
        dbt_command(*arguments),
        encoding="utf-8",
        errors="replace",
        **(place | options),
    )
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        yield process
    except SystemExit:
        process.terminate()
        raise
    finally:
        signal.signal(signal.SIGTERM, before)
        # what it still has to say must have somewhere to go, or it does not end
        process.communicate()


def run(arguments: Sequence[str]) -> int:
    """Run dbt as dbt is; its exit code."""
    with dbt(arguments) as process:
        return process.wait()


def run_with_progress(arguments: Sequence[str]) -> int:
    """Run dbt behind a progress bar; its exit code, after what failed was said."""
    columns = [
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    ]
    errors: list[str] = []
    out, began = console(), time.monotonic()
    if not sys.stdout.isatty():
        print("dbt builds and tests ...", flush=True)
    with (
        Progress(
            *columns, console=out, transient=True, disable=not sys.stdout.isatty()
        ) as progress,
        dbt(["--log-format", "json", *arguments], stdout=subprocess.PIPE) as process,
    ):
        task = progress.add_task("Reading the project", total=None)

        def advance(index: int, total: int, what: str) -> None:
            progress.update(task, description=what, completed=index - 1, total=total)

        for level, message in heard(process.stdout or (), advance):
            if level == "error":
                errors.append(message)
            else:
                progress.print(message, soft_wrap=True)
    code = process.returncode
    if code < 0:
        errors.append(
            f"dbt was stopped by signal {-code}. If nobody did that, it was short of memory: set "
            "CONTACT_SCORING_MEMORY_LIMIT, 2GB say."
        )
    if code:
        out.print(
            "The build failed. Nothing was published; what was published before is still served.",
            *errors,
            sep="\n",
            soft_wrap=True,
        )
    else:
        out.print(f"dbt built and tested in {time.monotonic() - began:.0f} s")
    return code


def heard(
    lines: Iterable[str], advance: Callable[[int, int, str], None]
) -> Iterator[tuple[str, str]]:
    """What dbt's log says to people: warnings and errors, each of a node once."""
    said = set()
    for line in lines:
        try:
            event = json.loads(line)
            info, data = event["info"], event["data"]
            name, level, message = info["name"], info["level"], without_frame(info["msg"])
        except (ValueError, TypeError, KeyError):
            # no event of dbt's: a library's own words
            yield "warn", printable(line.rstrip())
            continue
        if name == STARTED:
            # such as "sql table model marts.contact_scores"
            advance(data["index"], data["total"], data["description"].split(" ")[-1])
        if level not in ("warn", "error") or name in SAID_AGAIN:
            continue
        about = data.get("node_info", {}).get("unique_id"), message
        if message and about not in said:
            said.add(about)
            yield level, message


def without_frame(message: str) -> str:
    """A message of dbt's in the lines that say something."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", message)
    lines = [printable(line.rstrip().expandtabs()) for line in plain.splitlines()]
    return dedent("\n".join(line for line in lines if line.strip() and not FRAME.match(line)))
