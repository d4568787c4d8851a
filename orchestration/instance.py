"""Make the Dagster instance's configuration: `python -m orchestration.instance`.

It goes into DAGSTER_HOME. Runs and ticks are kept there in SQLite, or in PostgreSQL where
DBT_ENV_SECRET_DAGSTER_POSTGRES_URL names one; the address itself is written nowhere.
"""

from __future__ import annotations

import os
from pathlib import Path

SOURCE = Path(__file__).parent / "dagster.yaml"
POSTGRES_URL = "DBT_ENV_SECRET_DAGSTER_POSTGRES_URL"
IN_POSTGRES = f"""
storage:
  postgres:
    postgres_url:
      env: {POSTGRES_URL}
"""


def main() -> None:
    """Write dagster.yaml. Exits where DAGSTER_HOME is no absolute path."""
    home = Path(os.environ.get("DAGSTER_HOME", ""))
    if not home.is_absolute():
        raise SystemExit("DAGSTER_HOME is no absolute path: where may Dagster keep runs?")
    home.mkdir(parents=True, exist_ok=True)
    storage = IN_POSTGRES if os.environ.get(POSTGRES_URL) else ""
    # in one step: two services write it as they start, and read it
    written = home / f".dagster.yaml-{os.getpid()}"
    written.write_text(SOURCE.read_text("utf-8") + storage, "utf-8")
    written.replace(home / "dagster.yaml")


if __name__ == "__main__":
    main()
