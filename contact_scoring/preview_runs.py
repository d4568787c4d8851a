"""Previews of drafts, run in the background for the page *Try a change*.

Each is `contact-scoring preview` in a process of its own. What it finds names people, so it is kept
in memory only, until the scores that it compares with are replaced.
"""

from __future__ import annotations

import atexit
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from contact_scoring import config_drafts
from contact_scoring.warehouse import NO_DOWNLOADS, PROJECT_ROOT, database_path

TABLES = ("changes", "remarks", "bands", "rules", "moves", "drivers")
UNEXPECTED = "The preview ended without a result. Try again."


@dataclass
class Run:
    """A preview of a draft: how far it is, then what it found, or why it found nothing."""

    draft: config_drafts.Draft
    window: int
    generation: object  # what was published when it began
    step: int = 0
    steps: int = 0
    is_running: bool = True
    message: str = ""
    found: duckdb.DuckDBPyConnection | None = None
    process: subprocess.Popen[str] | None = field(default=None, repr=False)

    def work(self) -> None:
        """Run the preview to its end."""
        try:
            beside = database_path().parent
            beside.mkdir(parents=True, exist_ok=True)
            # it takes away what it finds there of one that was killed
            with tempfile.TemporaryDirectory(prefix="preview-found-", dir=beside) as folder:
                self.preview(Path(folder))
        except (OSError, duckdb.Error) as error:
            self.message = f"The preview did not end: {error}"
        finally:
            self.is_running = False

    def preview(self, folder: Path) -> None:
        rules, found = folder / "rules", folder / "found.duckdb"
        config_drafts.write_files(self.draft, rules)
        command = [sys.executable, "-m", "contact_scoring", "preview"]
        command += ["--window", str(self.window), "--rules", str(rules), "--found", str(found)]
        with subprocess.Popen(  # noqa: S603
            command,
            cwd=PROJECT_ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        ) as self.process:
            for line in self.process.stdout or ():
                self.hear(line.strip())
            said = self.process.stderr.read() if self.process.stderr else ""
        if self.process.returncode:
            self.message = said.strip() or UNEXPECTED
        elif found.exists():
            self.found = in_memory(found)

    def hear(self, line: str) -> None:
        step, of, steps = line.partition(" of ")
        if of and step.isdecimal() and steps.isdecimal():
            self.step, self.steps = int(step), int(steps)
        else:
            self.message = line

    def stop(self) -> None:
        if self.process and self.is_running:
            self.process.terminate()


def in_memory(file: Path) -> duckdb.DuckDBPyConnection:
    """What was found, in a database without a file."""
    connection = duckdb.connect(config=NO_DOWNLOADS)
    path = str(file).replace("'", "''")
    connection.execute(f"attach '{path}' as found (read_only)")
    for table in TABLES:
        connection.execute(f"create table {table} as select * from found.{table}")
    connection.execute("detach found")
    return connection


RUNS: dict[str | None, Run] = {}
STARTING = threading.Lock()


def start(draft: config_drafts.Draft, window: int, generation: object) -> Run:
    """Begin to preview a draft; one of several at a time."""
    run = Run(draft, window, generation)
    with STARTING:
        if any(other.is_running for other in RUNS.values()):
            run.is_running = False
            run.message = "Another preview is at work. Try again when it is done."
        else:
            threading.Thread(target=run.work, daemon=True).start()
        RUNS[draft.id] = run
    return run


def of(draft: config_drafts.Draft, generation: object) -> Run | None:
    """The preview of a draft, while what it compares with is what is published."""
    with STARTING:
        for draft_id, run in list(RUNS.items()):
            if run.generation != generation and not run.is_running:
                # of a contact deleted since, nothing is kept
                del RUNS[draft_id]
        return RUNS.get(draft.id)


@atexit.register
def stop_all() -> None:
    for run in RUNS.values():
        run.stop()
