"""A published mart as CSV: `make csv MART=active_contacts WINDOW=30 > list.csv`.

Source: the current published generation. A text that a spreadsheet would take for a formula gets an
apostrophe in front; a phone number such as +49 (30) 864523 does not. Exits non-zero where nothing
is published or there is no such mart.
"""

import csv
import os
import sys
from typing import TextIO

import duckdb

from contact_scoring.publishing import Generation, current_generation, name, published_path
from contact_scoring.warehouse import NO_DOWNLOADS

WINDOW_DAYS = 30

COLUMNS = """
    select column_name, data_type from duckdb_columns()
    where schema_name = 'marts' and table_name = ?
    order by column_index
"""
# = + - @, a tab or a carriage return in the first place: what spreadsheets begin a formula with
AS_TEXT = "cast({0} as varchar)"
# a phone number begins with + too, and can do no more than add numbers up
NEUTRALISED = r"""
    case
        when regexp_matches({0}, '^[=+@\t\r-]') and not regexp_full_match({0}, '[+][0-9 ()-]+')
            then '''' || {0}
        else {0}
    end
"""


def write_csv(
    connection: duckdb.DuckDBPyConnection,
    mart: str,
    file: TextIO,
    rest: str = "",
    parameters: dict[str, object] | None = None,
) -> None:
    """Write a mart's rows, formulas neutralised; the `rest` of the query filters and orders."""
    columns = columns_of(connection, mart)
    cells = [
        (NEUTRALISED if kind == "VARCHAR" else AS_TEXT).format(f"mart.{name(column)}")
        for column, kind in columns.items()
    ]
    rows = connection.execute(
        f"select {', '.join(cells)} from marts.{name(mart)} as mart {rest}",
        parameters or {},
    )
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(columns)
    while some := rows.fetchmany(10_000):
        writer.writerows(some)


def columns_of(connection: duckdb.DuckDBPyConnection, mart: str) -> dict[str, str]:
    """The columns of a mart with their types; none where there is no such mart."""
    return dict(connection.execute(COLUMNS, [mart]).fetchall())


def windows_of(connection: duckdb.DuckDBPyConnection, mart: str) -> list[int]:
    """The windows that a mart by window has rows of."""
    found = f"select distinct window_days from marts.{name(mart)} order by window_days"
    return [window for (window,) in connection.execute(found).fetchall()]


def export(generation: Generation, mart: str, window: int | None, file: TextIO) -> None:
    """Write a mart's rows; of scores by window those of one. Exits where it is not there."""
    database, of_marts = str(generation.database), generation.manifest["marts"]
    with duckdb.connect(database, read_only=True, config=NO_DOWNLOADS) as connection:
        columns = columns_of(connection, mart)
        if not columns:
            there = ", ".join(sorted(of_marts))
            said = f"There is no mart {mart!r}. There are: {there}."
            if generation.evaluation is None:
                said += " There is no evaluation yet: `make evaluate` adds its marts."
            raise SystemExit(said)
        if window and "window_days" not in columns:
            raise SystemExit(f"{mart} is not by window: leave the window out.")
        # a window's figures of the evaluation say something beside those of the others
        is_evaluation = generation.evaluation and mart in generation.evaluation.marts
        is_there = f"select 1 from marts.{name(mart)} where window_days = ? limit 1"
        has_rows = not window or connection.execute(is_there, [window]).fetchall()
        if not has_rows and (windows := windows_of(connection, mart)):
            raise SystemExit(
                f"{mart} has no row of {window} days. It has {', '.join(map(str, windows))}."
            )
        if "window_days" in columns and not is_evaluation:
            window = window or WINDOW_DAYS
        where = f"window_days = {window}" if window else "true"
        by = "mart.score_name, mart.score_rank" if "score_rank" in columns else "all"
        write_csv(connection, mart, file, f"where {where} order by {by}")


def write_published(mart: str, window: int | None) -> None:
    """Write a mart of the current generation to standard output."""
    generation = current_generation()
    if generation is None:
        raise SystemExit(f"Nothing is published in {published_path()}. Run `make build`.")
    try:
        export(generation, mart, window, sys.stdout)
    except BrokenPipeError:
        # whoever reads has seen enough; what is still to be written goes nowhere
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
