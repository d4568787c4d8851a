"""The dense table in plain dbt, in `dense/`: built from any state any number of times."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

from data import link
from measure import Measure
from project import dbt

SOURCE = Path(__file__).with_name("dense")


class Dense:
    """A dbt project with one table that people write first and two that do comparable work."""

    def __init__(self, folder: Path, raw: Path) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        self.raw = raw
        self.raw_files = folder / "raw"
        self.target = folder / "target"
        self.database = folder / "dense.duckdb"
        self.kept_target = folder / "kept-target"
        self.kept_database = folder / "kept.duckdb"

    def build_and_keep(self, before: datetime) -> None:
        """Read all history but the last 12 hours; keep the state that every tick begins with."""
        link(self.raw, self.raw_files, with_tick=False)
        self.run("engagements", before)
        shutil.copytree(self.target, self.kept_target)
        shutil.copy(self.database, self.kept_database)

    def tick(self, table: str, as_of: datetime) -> Measure:
        """Go on from the kept state, with new events: a table and what it is made of."""
        link(self.raw, self.raw_files, with_tick=True)
        shutil.rmtree(self.target)
        shutil.copytree(self.kept_target, self.target)
        shutil.copy(self.kept_database, self.database)
        return self.run(f"+{table}", as_of)

    def run(self, select: str, as_of: datetime) -> Measure:
        environment = {"DENSE_DB": str(self.database), "DENSE_AS_OF": str(as_of)}
        variables = {"raw_files": str(self.raw_files)}
        return dbt(SOURCE, f"run --select {select}", self.target, variables, environment)
