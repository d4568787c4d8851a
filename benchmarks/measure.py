"""Run a command and say how long it took and how much memory it held at most."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

STARTED = time.perf_counter()


def tell(line: str) -> None:
    """Show how far it is."""
    print(f"{time.perf_counter() - STARTED:7.0f} s  {line}", flush=True)


@dataclass(frozen=True)
class Measure:
    """One run of one case."""

    seconds: float
    sql_seconds: float | None = None
    peak_mib: float | None = None

    def __str__(self) -> str:
        parts = [f"{self.seconds:.2f} s"]
        if self.sql_seconds is not None:
            parts.append(f"SQL {self.sql_seconds:.2f} s")
        if self.peak_mib is not None:
            parts.append(f"peak {self.peak_mib:.0f} MiB")
        return ", ".join(parts)


@dataclass(frozen=True)
class Ran:
    """A command that ended well."""

    seconds: float
    peak_mib: float
    output: str

    def measure(self, sql_seconds: float | None = None) -> Measure:
        return Measure(self.seconds, sql_seconds, self.peak_mib)


def run(
    command: list[str], folder: Path | None = None, environment: dict[str, str] | None = None
) -> Ran:
    """Run a command to its end; what it prints is shown only where it fails."""
    with tempfile.TemporaryDirectory() as scratch:
        used = Path(scratch) / "used.json"
        # Linux counts what a process held before it became the command as the command's own, so
        # it is started by a small one, not by this, which may have held gigabytes
        ended = subprocess.run(
            [sys.executable, __file__, str(used), *command],
            cwd=folder,
            env={**os.environ, **(environment or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if ended.returncode:
            sys.exit(f"{ended.stdout}\nfailed: {' '.join(command)}")
        return Ran(**json.loads(used.read_text()), output=ended.stdout)


def launch(used: Path, command: list[str]) -> int:
    """Start a command, write down what it used, give its exit code."""
    started = time.perf_counter()
    process = subprocess.Popen(command)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    used.write_text(json.dumps({"seconds": seconds, "peak_mib": usage.ru_maxrss / 1024}))
    return os.waitstatus_to_exitcode(status)


def python(script: Path, *arguments: object) -> Ran:
    return run([sys.executable, str(script), *map(str, arguments)])


def timed(work: Callable[[], object]) -> Measure:
    """Time what runs in this process, all of it SQL."""
    started = time.perf_counter()
    work()
    seconds = time.perf_counter() - started
    return Measure(seconds, seconds)


if __name__ == "__main__":
    sys.exit(launch(Path(sys.argv[1]), sys.argv[2:]))
