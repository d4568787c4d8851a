"""Imported by the process that the tests' dbt is forked from: what a first call makes and keeps.

Readers and writers of its own files, schemas of its settings, parsed macros: 1.6 of the 9 CPU
seconds that a build of the demo takes.
"""

import gc
import tempfile
from pathlib import Path

from dbt.cli.main import dbtRunner

ROOT = str(Path(__file__).resolve().parent.parent)

with tempfile.TemporaryDirectory() as folder:
    # the static parser begins threads, which a forked process waits for and does not have
    quick = ("parse", "--no-static-parser", "--log-level", "none", "--log-path", folder)
    dbtRunner().invoke(
        [*quick, "--target-path", folder, "--project-dir", ROOT, "--profiles-dir", ROOT]
    )
gc.freeze()
