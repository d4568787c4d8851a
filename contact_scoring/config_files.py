"""The CSV files in seeds/config, read before dbt: its own errors name neither file nor line."""

import csv
import re
from pathlib import Path

from contact_scoring.warehouse import PROJECT_ROOT

FOLDER = PROJECT_ROOT / "seeds" / "config"
SEEDS = (
    "scoring_rules",
    "scoring_rule_conditions",
    "fit_rules",
    "disqualification_rules",
    "score_bands",
    "lead_grades",
    "machine_user_agents",
    "outcomes",
)

# what other tools than ours separate cells by
SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars"}
# how a web page begins, and JSON: what a download gives where it should be a file
OTHER_FORMAT = re.compile(r'\s*(\[\s*(\{|$)|\{\s*("|$)|<[!?a-zA-Z])')
# the mark of UTF-8 before the first line of a file
MARK = "\ufeff"

# what is looked for literally; all else is trimmed
LITERAL = ("match_value", "pattern")

Row = dict[str, str]


def path_of(seed: str, folder: Path | None = None) -> Path:
    """A file of rules: of seeds/config, or of another folder that holds all of them."""
    return (folder or FOLDER) / f"{seed}.csv"


def rows(seed: str, folder: Path | None = None) -> list[Row]:
    """The rows of a file, each with the cells that are filled in; exits where it is no CSV."""
    path = path_of(seed, folder)
    return rows_of(text_of(path), path)


def rows_of(text: str, path: Path) -> list[Row]:
    """The rows of a file's text; the path is for its errors."""
    lines = text.splitlines(keepends=True)
    if lines and OTHER_FORMAT.match(lines[0]):
        raise stop(path, "is no CSV: it begins as JSON or a web page does. Put the file back")
    reader = csv.reader(lines, strict=True)
    try:
        header = names(next(reader, []))
        if not header:
            raise stop(path, "is empty. Put its header back")
        for separator, name in SEPARATORS.items():
            if len(header) == 1 and separator in header[0]:
                raise stop(path, f"is separated by {name}. Save it with commas")
        found = []
        for cells in reader:
            if names(cells) == header:
                raise stop(path, f"line {reader.line_num} is the header again. Remove it")
            if cells and len(cells) != len(header):
                raise stop(
                    path,
                    f"line {reader.line_num} has {len(cells)} cells and the header {len(header)}. "
                    "Put text that holds a comma in double quotes, and keep all commas",
                )
            row = dict(zip(header, cells, strict=False))
            found.append({column: text for column, text in row.items() if text.strip()})
    except csv.Error as error:
        raise stop(path, f"line {reader.line_num} is no CSV ({error}). Mend it") from None
    return [
        {column: text if column in LITERAL else text.strip() for column, text in row.items()}
        for row in found
        if row
    ]


def text_of(path: Path) -> str:
    """The text of a file; exits where there is none."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise stop(path, "is missing. Put it back; its header alone will do") from None
    except IsADirectoryError:
        raise stop(path, "is a folder. Put a file with that name in its place") from None
    except OSError as error:
        raise stop(path, f"cannot be read: {error.strerror}. Mend that") from None
    if b"\0" in content:
        raise stop(path, 'is in UTF-16, or broken: it holds zero bytes. Save it as "CSV UTF-8"')
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        number = content[: error.start].count(b"\n") + 1
        raise stop(path, f'line {number} is not in UTF-8. Save the file as "CSV UTF-8"') from None


def names(cells: list[str]) -> list[str]:
    """The cells of a header; a mark before it, where two files were joined, keeps quotes in it."""
    return [cell.strip(MARK + '" ').lower() for cell in cells]


def stop(path: Path, mistake: str) -> SystemExit:
    """The error of a file, in one line."""
    # as people know it, also where it is a draft of it that is read
    return SystemExit(
        f"seeds/config/{path.name}: {mistake}. Nothing was scored; the last scores stand."
    )
