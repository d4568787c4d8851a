"""How long a reader waits: random windows, lists and contacts, asked of the marts.

python benchmarks/reads.py DATABASE --times 50
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from pathlib import Path

import duckdb

QUERIES = {
    "top 100 of any window": """
        select * from marts.active_contacts
        where score_name = 'engagement' and window_days = $window
        order by score_rank, contact_id
        limit 100
    """,
    "one list": """
        select * from marts.contact_list_scores
        where score_name = 'engagement' and window_days = $window and list_id = $list
    """,
    "one contact's drivers": """
        select * from marts.score_drivers
        where window_days = $window and contact_id = $contact
    """,
}


def values(connection: duckdb.DuckDBPyConnection, query: str) -> list[str]:
    return [value for (value,) in connection.execute(query).fetchall()]


def median_milliseconds(database: Path, times: int) -> dict[str, float]:
    """The median time of each read, rows fetched; the first one, which opens the file, left out."""
    dice = random.Random(1)  # noqa: S311
    with duckdb.connect(str(database), read_only=True) as connection:
        lists = values(
            connection, "select distinct list_id from marts.contact_list_scores order by 1"
        )
        contacts = values(
            connection,
            """
            select contact_id from marts.contact_scores
            where status = 'active'
            order by hash(contact_id)
            limit 1000
            """,
        )
        medians = {}
        for name, query in QUERIES.items():
            seconds = []
            for _ in range(times + 1):
                chosen = {
                    "window": dice.randint(1, 90),
                    "list": dice.choice(lists),
                    "contact": dice.choice(contacts),
                }
                parameters = {key: value for key, value in chosen.items() if f"${key}" in query}
                started = time.perf_counter()
                connection.execute(query, parameters).fetchall()
                seconds.append(time.perf_counter() - started)
            medians[name] = 1000 * statistics.median(seconds[1:])
    return medians


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("database", type=Path)
    parser.add_argument("--times", type=int, default=50)
    options = parser.parse_args()
    for read, milliseconds in median_milliseconds(options.database, options.times).items():
        print(f"{read}: {milliseconds:.1f} ms")
