"""dbt, called as a person calls it, but from a process that has it imported already.

Importing it takes more than a second of the four that a small build takes, and the tests build
hundreds of times.
"""

from __future__ import annotations

import atexit
import gc
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload([__name__, "dbt.task.build", "dbt.adapters.duckdb.impl", "warm_dbt"])


def call_dbt(
    arguments: Sequence[str], cwd: Path, env: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run dbt to its end; its output, both streams, is in `stdout`."""
    with tempfile.NamedTemporaryFile() as output:
        process = FORKS.Process(target=run_dbt, args=(arguments, str(cwd), dict(env), output.name))
        process.start()
        process.join()
        said = Path(output.name).read_text("utf-8")
    return subprocess.CompletedProcess(["dbt", *arguments], process.exitcode or 0, said)


def run_dbt(arguments: Sequence[str], cwd: str, env: Mapping[str, str], output: str) -> None:
    """In the forked process: become a dbt that was started there, with this environment."""
    from dbt.cli.main import cli

    # it lives for one build, which takes a tenth less without
    gc.disable()
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    time.tzset()
    file = os.open(output, os.O_WRONLY | os.O_APPEND)
    os.dup2(file, 1)
    os.dup2(file, 2)
    sys.argv = ["dbt", *arguments]
    if "PARSED_ALIKE" in env:
        take_as_parsed(env["PARSED_ALIKE"])
    try:
        cli()
    finally:
        # a forked process ends without them, and dbt-duckdb closes its database in one
        atexit._run_exitfuncs()


def take_as_parsed(alike: str) -> None:
    """Let dbt go on from what it parsed in another folder, where that comes out alike.

    It would parse all again for another path of the database, and for any other variable. It still
    looks at every file's checksum.
    """
    from dbt.contracts.files import FileHash
    from dbt.parser.manifest import ManifestLoader, ManifestStateCheck

    check = ManifestLoader.build_manifest_state_check

    def check_but_alike(loader: ManifestLoader) -> ManifestStateCheck:
        found = check(loader)
        found.vars_hash = found.profile_hash = FileHash.from_contents(alike)
        return found

    ManifestLoader.build_manifest_state_check = check_but_alike
