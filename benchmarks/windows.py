"""What 90 windows cost: in time against one of 90 days, in bytes against a row for each window.

Both start from the same counts of 90 days and read them once. What depends on the project's names
stands at the top.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
from measure import Measure, timed
from project import Project

# the models from counts to steps, in this order, and those that the project makes views of
MODELS = ("contact_points", "driver_steps", "score_steps")
VIEWS = ("contact_points",)
CONTACT, RULE, SCORE = "contact", "rule_number", "score_number"

FROM_WINDOW = "rule_weights.from_window"

# what somebody who wants no other window would write in place of the two tables of steps
ONE_WINDOW = {
    "drivers": f"""
        select
            {SCORE},
            {CONTACT},
            {RULE},
            times_earned,
            cast(
                round(
                    greatest(
                        least(contact_points.points, coalesce(max_points, contact_points.points)),
                        coalesce(-max_points, contact_points.points)
                    ),
                    2
                ) as decimal(18, 2)
            ) as points
        from result.contact_points
        inner join (
            select {RULE}, {SCORE}, max_points from scores.staging.stg_scoring_rules
        ) using ({RULE})
    """,
    "scores": f"""
        select {SCORE}, {CONTACT}, sum(points) as score, sum(times_earned) as times_earned
        from result.drivers
        group by {SCORE}, {CONTACT}
    """,
}

STEPS = f"""
    select {SCORE}, {CONTACT}, from_window, to_window, score, times_earned
    from scores.points.score_steps
"""
DENSE = f"""
    select {SCORE}, {CONTACT}, cast(window_days as integer) as window_days, score, times_earned
    from scores.points.score_steps
    inner join range(1, 91) as windows (window_days)
        on window_days between from_window and to_window
"""


@contextmanager
def new_file(project: Project, path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open what the project built as `scores`, and an empty database file as `result`."""
    path.unlink(missing_ok=True)
    with duckdb.connect() as connection:
        connection.execute("set memory_limit = '3GB'")
        connection.execute("set preserve_insertion_order = false")
        connection.execute(f"set temp_directory = '{path}.tmp'")
        connection.execute(f"attach '{project.kept_database}' as scores (read_only)")
        connection.execute(f"attach '{path}' as result")
        yield connection


def all_windows(project: Project, work: Path) -> Measure:
    """Run the project's own SQL from counts to steps."""
    queries = {}
    for model in MODELS:
        query = project.compiled(model)
        for name in MODELS:
            query = query.replace(f'"scores"."points"."{name}"', f"result.{name}")
        queries[model] = query
    return create(project, work, queries, VIEWS)


def one_window(project: Project, work: Path) -> Measure:
    """Run the same SQL with all counts in one window, to one row a contact and rule; sum it up."""
    query = project.compiled("contact_points")
    for text, other in (
        (f"{FROM_WINDOW},\n", "90 as from_window,\n"),
        (f", {FROM_WINDOW}\n", "\n"),
    ):
        if query.count(text) != 1:
            raise ValueError(f"contact_points holds {text!r} {query.count(text)} times, not once")
        query = query.replace(text, other)
    queries = {"contact_points": query, **ONE_WINDOW}
    return create(project, work, queries, views=("contact_points",))


def create(
    project: Project, work: Path, queries: dict[str, str], views: tuple[str, ...]
) -> Measure:
    """Time the creation of tables from queries, some of them as views."""
    with new_file(project, work / "windows.duckdb") as connection:
        statements = [
            f"create {'view' if name in views else 'table'} result.{name} as {query}"
            for name, query in queries.items()
        ]
        return timed(lambda: connection.execute(";".join([*statements, "checkpoint result"])))


def stored_bytes(project: Project, work: Path) -> dict[str, int]:
    """The size of a file that holds the steps alone, and of one that holds every window."""
    sizes = {}
    for name, query in {"steps": STEPS, "dense": DENSE}.items():
        path = work / f"{name}-alone.duckdb"
        with new_file(project, path) as connection:
            connection.execute(f"create table result.{name} as {query}; checkpoint result")
        sizes[name] = path.stat().st_size
        path.unlink()
    return sizes
