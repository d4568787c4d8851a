"""Tables for a terminal or a pipe."""

import sys
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from contact_scoring.warehouse import Row


def console() -> Console:
    """Where reports are printed: names are text, not markup; a pipe has no width of its own."""
    width = None if sys.stdout.isatty() else 120
    return Console(width=width, markup=False, emoji=False, highlight=False)


def number(value: object) -> str:
    """A count or a score as people write it: 1,234 or 12.5, with no trailing zeros."""
    text = f"{value:,}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def printable(text: str) -> str:
    """Text that cannot move the cursor or colour the terminal, whatever a CRM holds."""
    return "".join(
        letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text
    )


def cell(value: object) -> str:
    """How a value stands in a table: an absent one is a dash."""
    if value is None:
        return "-"
    return printable(value) if isinstance(value, str) else number(value)


def table(title: str, columns: list[str], rows: Sequence[Row]) -> Table:
    """A table whose numbers stand to the right."""
    drawn = Table(title=title, title_justify="left", title_style="bold")
    for position, column in enumerate(columns):
        is_text = all(isinstance(row[position], str | None) for row in rows)
        drawn.add_column(column, justify="left" if is_text else "right")
    for row in rows:
        drawn.add_row(*map(cell, row))
    return drawn
