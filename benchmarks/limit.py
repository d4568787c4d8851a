"""Run limit.sql: the steps in a new database file, nothing else stored.

Prints the seconds it took, and the CPU seconds.

python benchmarks/limit.py RAW CONFIG AS_OF DATABASE
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import duckdb

SQL = Path(__file__).with_suffix(".sql")


def main(raw: str, config: str, as_of: str, database: str) -> None:
    Path(database).unlink(missing_ok=True)
    with duckdb.connect() as connection:
        connection.execute("set memory_limit = '3GB'")
        connection.execute("set preserve_insertion_order = false")
        connection.execute(f"set temp_directory = '{database}.tmp'")
        connection.execute(f"attach '{database}' as result")
        started, cpu_started = time.perf_counter(), time.process_time()
        connection.execute(
            SQL.read_text().format(raw=raw, config=config, as_of=as_of, steps="result.steps")
        )
        connection.execute("checkpoint result")
        print(time.perf_counter() - started, time.process_time() - cpu_started)


if __name__ == "__main__":
    main(*sys.argv[1:])
