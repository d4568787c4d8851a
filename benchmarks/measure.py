"""Run a command and say how long it took, on how much CPU, and how much memory it held at most."""

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

import psutil

STARTED = time.perf_counter()


def tell(line: str) -> None:
    """Show how far it is."""
    print(f"{time.perf_counter() - STARTED:7.0f} s  {line}", flush=True)


@dataclass(frozen=True)
class Measure:
    """One run of one case. CPU seconds are user and system, of all processes and threads."""

    seconds: float
    cpu_seconds: float
    sql_seconds: float | None = None
    sql_cpu_seconds: float | None = None
    peak_mib: float | None = None

    def __str__(self) -> str:
        parts = [f"{self.seconds:.2f} s", f"CPU {self.cpu_seconds:.2f} s"]
        if self.sql_seconds is not None:
            parts.append(f"SQL {self.sql_seconds:.2f} s")
        if self.sql_cpu_seconds is not None:
            parts.append(f"CPU of the SQL {self.sql_cpu_seconds:.2f} s")
        if self.peak_mib is not None:
            parts.append(f"peak {self.peak_mib:.0f} MiB")
        return ", ".join(parts)


@dataclass(frozen=True)
class Ran:
    """A command that ended well."""

    seconds: float
    cpu_seconds: float
    peak_mib: float
    output: str

    def measure(
        self, sql_seconds: float | None = None, sql_cpu_seconds: float | None = None
    ) -> Measure:
        return Measure(self.seconds, self.cpu_seconds, sql_seconds, sql_cpu_seconds, self.peak_mib)


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
    # what the command's own children used is counted, too, if it waited for them
    _, status, usage = os.wait4(process.pid, 0)
    figures = {
        "seconds": time.perf_counter() - started,
        "cpu_seconds": usage.ru_utime + usage.ru_stime,
        "peak_mib": usage.ru_maxrss / 1024,
    }
    used.write_text(json.dumps(figures))
    return os.waitstatus_to_exitcode(status)


def python(script: Path, *arguments: object) -> Ran:
    return run([sys.executable, str(script), *map(str, arguments)])


def timed(work: Callable[[], object], server: psutil.Process | None = None) -> Measure:
    """Time what runs in this process, and in a server that it asks; all of it is SQL."""
    started, cpu_before = time.perf_counter(), cpu_seconds(server)
    work()
    seconds, cpu = time.perf_counter() - started, cpu_seconds(server) - cpu_before
    return Measure(seconds, cpu, seconds, cpu)


def cpu_seconds(server: psutil.Process | None) -> float:
    """The CPU seconds so far of this process and of a server's processes."""
    return time.process_time() + (server_cpu_seconds(server) if server else 0)


def server_cpu_seconds(server: psutil.Process) -> float:
    """What a server and its processes have used, those that ended too."""
    while True:
        children = server.children()
        try:
            # user and system, each of the process itself and of children that ended
            used = sum(sum(process.cpu_times()[:4]) for process in [server, *children])
        except psutil.NoSuchProcess:
            continue
        # one that ended in between would be missed, or be counted twice
        if server.children() == children:
            return used


if __name__ == "__main__":
    sys.exit(launch(Path(sys.argv[1]), sys.argv[2:]))
