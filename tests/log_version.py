"""The log's version, and a checksum of all that decides how a raw row is read.

    python tests/log_version.py --write

after log_version was raised in macros/log/log_version.sql: the pair is the new one.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from pathlib import Path

from templates import Macros, Template

ROOT = Path(__file__).resolve().parent.parent
NOTED = Path(__file__).with_suffix(".json")
HOW_TO = (
    "How raw rows are read has changed, or the log's version has: raise log_version in "
    "macros/log/log_version.sql, and note it by `python tests/log_version.py --write`"
)

READING = [
    "staging/stg_email_events",
    "staging/stg_web_events",
    "staging/stg_activities",
    "engagement/event_rows",
    "engagement/event_log",
]

# what these lead to that says nothing of how a row is read: why
NO_PART = {
    "days_to_read": "which rows are looked at, not what is made of them",
    "is_to_read": "which rows are looked at, not what is made of them",
    "not_materialized": "how a query is run",
    "next_log_id": "a number that says nothing of a row",
    "row_numbers": "a number that says nothing of a row",
    "read_under": "it holds the version",
}

COMMENT_OR_WORD = re.compile(r"{#.*?#}|--[^\n]*|('[^']*'|\"[^\"]*\"|\w+|\S)", re.S)


def words(text: str) -> str:
    """A text without comments, and without white space but for what stands in quotes."""
    return " ".join(filter(None, COMMENT_OR_WORD.findall(text)))


def current(root: Path = ROOT) -> dict[str, int | str]:
    """The version and the checksum of a copy of the project."""
    macros = Macros(root)
    texts = {}
    for name in READING:
        model = Template(name, (root / "models" / f"{name}.sql").read_text("utf-8"))
        for template, _ in macros.reached(model, without=NO_PART):
            texts[template.name] = words(template.text)
    version = re.search(r"return\((\d+)\)", macros.named["log_version"].text)
    checksum = hashlib.sha256(json.dumps(texts, sort_keys=True).encode()).hexdigest()
    return {"log_version": int(version[1]), "checksum": checksum}


def noted() -> dict[str, int | str]:
    return json.loads(NOTED.read_text("utf-8"))


def write() -> None:
    pair = current()
    if NOTED.exists() and pair != noted() and pair["log_version"] <= noted()["log_version"]:
        sys.exit(f"{HOW_TO}. It is still {pair['log_version']}.")
    NOTED.write_text(json.dumps(pair, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    if sys.argv[1:] != ["--write"]:
        sys.exit(__doc__)
    write()
