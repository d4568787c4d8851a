"""The server of an emulated Snowflake: `python -m tools.fakesnow_server PORT`.

It runs in an environment of its own, that of tools/fakesnow-requirements.lock. fakesnow 0.12 gets
a few things wrong that Snowflake does not; they are put right here, and not worked around in the
models.
"""

from __future__ import annotations

import sys
from typing import Any

import pyarrow
import uvicorn
from fakesnow import arrow, transforms
from fakesnow.cursor import FakeSnowflakeCursor
from fakesnow.server import app
from snowflake.connector.errors import Error, ProgrammingError
from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB

execute = FakeSnowflakeCursor.execute
without_nulls = arrow.timestamp_to_sf_struct


def unchanged(expression: exp.Expr) -> exp.Expr:
    return expression


def for_duckdb(expression: exp.Expr) -> exp.Expr:
    """Without comments: after an apostrophe in one, DuckDB takes out white space within literals.

    And without temporary views, which it has in no schema but its own. dbt drops what it created.
    """
    expression.pop_comments()
    if isinstance(expression, exp.Create) and expression.kind == "VIEW":
        for found in expression.find_all(exp.TemporaryProperty):
            found.pop()
    return expression


def merge_of_duckdb(expression: exp.Expr) -> list[exp.Expr]:
    """The emulator's own takes columns of both tables for ambiguous. A query is the answer."""
    merged = exp.select(exp.alias_(exp.Literal.number(0), "merged"))
    return [expression, merged] if isinstance(expression, exp.Merge) else [expression]


def with_nulls(times: pyarrow.ChunkedArray) -> pyarrow.StructArray:
    """A client saw 1970 where there is no time."""
    column = times.combine_chunks()
    parts = without_nulls(column)
    return pyarrow.StructArray.from_arrays(
        parts.flatten(), fields=list(parts.type), mask=column.is_null()
    )


def execute_or_say_why(cursor: FakeSnowflakeCursor, *arguments: Any, **options: Any) -> Any:
    """A client asks again and again after an error of the server, and not after one of SQL."""
    try:
        return execute(cursor, *arguments, **options)
    except Error:
        raise
    except Exception as error:
        raise ProgrammingError(msg=repr(error), errno=9999, sqlstate="99999") from error


def main() -> None:
    for name, mended in {
        "integer_precision": unchanged,  # as bigint, an integer cannot be added to a date
        "numeric_agg_implicit_cast": unchanged,  # sums of decimals became floats
        "trim_cast_varchar": unchanged,  # it forgets which characters to trim
        "create_clone": for_duckdb,
        "merge": merge_of_duckdb,
    }.items():
        getattr(transforms, name)  # a later release may have another one
        setattr(transforms, name, mended)
    arrow.timestamp_to_sf_struct = with_nulls
    FakeSnowflakeCursor.execute = execute_or_say_why
    DuckDB.Generator.TRANSFORMS[exp.MD5NumberLower64] = lambda generator, called: generator.func(
        "md5_number_lower", called.this
    )
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")


if __name__ == "__main__":
    main()
