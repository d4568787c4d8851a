"""The CSV files in seeds/config, read before dbt: its own errors name neither file nor line."""

import csv
from pathlib import Path

from reports.warehouse import PROJECT_ROOT

FOLDER = PROJECT_ROOT / "seeds" / "config"
SEEDS = ("scoring_rules", "disqualification_rules", "score_bands", "machine_user_agents")

# what is looked for literally; all else is trimmed
LITERAL = ("match_value", "pattern")

Row = dict[str, str]


def rows(seed: str) -> list[Row]:
    """The rows of a file, each with the cells that are filled in; exits where it is no CSV."""
    path = FOLDER / f"{seed}.csv"
    try:
        lines = path.read_bytes().decode("utf-8-sig").splitlines(keepends=True)
    except FileNotFoundError:
        raise stop(path, "is missing. Put it back; its header alone will do") from None
    except UnicodeDecodeError as error:
        number = path.read_bytes()[: error.start].count(b"\n") + 1
        raise stop(path, f'line {number} is not in UTF-8. Save the file as "CSV UTF-8"') from None

    reader = csv.reader(lines, strict=True)
    try:
        header = [column.strip().lower() for column in next(reader, [])]
        if not header:
            raise stop(path, "is empty. Put its header back")
        found = []
        for cells in reader:
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


def stop(path: Path, mistake: str) -> SystemExit:
    """The error of a file, in one line."""
    where = path.relative_to(PROJECT_ROOT)
    return SystemExit(f"{where}: {mistake}. Nothing was scored; the last scores stand.")


def main() -> None:
    """Make sure that all of them can be read."""
    for seed in SEEDS:
        rows(seed)


if __name__ == "__main__":
    main()
