"""The dbt beside this Python, and what it is told of the project by its environment."""

import os
import sys
from pathlib import Path

from contact_scoring.warehouse import PROJECT_ROOT, database_path


def dbt_command(*arguments: str) -> list[str]:
    """A call of dbt, even where its environment is not activated."""
    return [str(Path(sys.executable).with_name("dbt")), *arguments]


def dbt_environment() -> dict[str, str]:
    """This process's, with the project's profiles unless others are named, and one database."""
    return {
        "DBT_PROFILES_DIR": str(PROJECT_ROOT),
        **os.environ,
        # a relative path is meant from where the person is
        "CONTACT_SCORING_DB": str(database_path()),
    }
