"""The dbt beside this Python, and what it is told of the project by its environment."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
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


@contextmanager
def in_environment(**variables: str | None) -> Iterator[None]:
    """Set them for the processes that are started within it; those that are None stay as they are.

    The as-of is another one at every tick. By the environment dbt reads it as it builds; as a
    variable it would have it parse the whole project again.
    """
    given = {name: value for name, value in variables.items() if value}
    before = {name: os.environ.get(name) for name in given}
    os.environ.update(given)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
