"""All marts of a database, to be held against those of another engine."""

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import duckdb
from conftest import Project
from parity import MART_KEYS, MartRow, rows_of_mart

Marts = dict[str, Counter[tuple[tuple[str, object], ...]]]


def marts_of(cursor: Any) -> Marts:
    return {mart: comparable(rows_of_mart(cursor, mart)) for mart in MART_KEYS}


def marts_of_duckdb(project: Project) -> Marts:
    with duckdb.connect(str(project.database), read_only=True) as connection:
        return marts_of(connection)


def comparable(rows: Iterable[MartRow]) -> Counter[tuple[tuple[str, object], ...]]:
    """Points to the hundredth: engines differ in the last digits of a power."""
    return Counter(
        tuple(
            (name, round(value, 2) if isinstance(value, Decimal) else value)
            for name, value in sorted(row.items())
        )
        for row in rows
    )
