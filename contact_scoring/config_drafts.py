"""A draft of the rules: edited beside seeds/config, checked as a build checks, and saved there.

A draft is one file in warehouse/drafts with a random name, which is all that a link to it says. It
holds the text of each file as it was when the draft began, and as it is edited. What is saved is
that text: rows that nobody edited stay as they were written.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
import secrets
import shutil
import tempfile
import time
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from difflib import unified_diff
from pathlib import Path

from contact_scoring import config_checks, config_files
from contact_scoring.config_edits import rule_changes
from contact_scoring.warehouse import database_path, is_being_built, only_one_in

# what is edited in a draft; the others are of the evaluation
SEEDS = tuple(seed for seed in config_files.SEEDS if seed != "outcomes")
CHANGES = "CHANGES.md"
CHANGES_HEAD = """# Changes of the rules

Who saved rules on the page *Try a change*, when, why and what, the last one below.

"""
KEPT_DAYS = 90  # since it was last edited

Cells = tuple[str, ...]


class NotSaved(Exception):  # noqa: N818
    """Nothing was written; the message says why, and what to do."""


class EditedElsewhere(Exception):  # noqa: N818
    """Somebody has edited the same draft in another window."""


@dataclass(frozen=True)
class Draft:
    """The files of rules, as they were and as edited, by the names of the seeds."""

    began: dict[str, str]
    edited: dict[str, str]
    id: str | None = None  # none until it is stored
    revision: int = 0

    @property
    def changed(self) -> list[str]:
        """The files that differ from what they were."""
        return [seed for seed in SEEDS if self.edited[seed] != self.began[seed]]


def begin() -> Draft:
    """A draft of the rules as they stand; exits where a file is no CSV."""
    for seed in config_files.SEEDS:
        config_files.rows(seed)
    files = {seed: current(seed) for seed in SEEDS}
    return Draft(files, files)


def current(seed: str) -> str:
    """The text of a file, to the byte."""
    return config_files.path_of(seed).read_bytes().decode()


def drafts_folder() -> Path:
    return database_path().parent / "drafts"


def draft_path(draft_id: str) -> Path:
    return drafts_folder() / f"{draft_id}.json"


def load(draft_id: str) -> Draft | None:
    """A stored draft; none where there is none of that name."""
    if not re.fullmatch(r"[\w-]+", draft_id) or not draft_path(draft_id).exists():
        return None
    return Draft(**json.loads(draft_path(draft_id).read_text("utf-8")), id=draft_id)


def store(draft: Draft) -> Draft:
    """Keep a draft, a new one under an id of its own."""
    stored = load(draft.id) if draft.id else None
    if stored and stored.revision != draft.revision:
        raise EditedElsewhere
    kept = replace(draft, id=draft.id or secrets.token_urlsafe(9), revision=draft.revision + 1)
    folder = drafts_folder()
    folder.mkdir(parents=True, exist_ok=True)
    if not draft.id:
        for old in folder.glob("*.json"):
            if old.stat().st_mtime < time.time() - KEPT_DAYS * 24 * 3600:
                old.unlink(missing_ok=True)
    said = asdict(kept)
    write({draft_path(said.pop("id")): json.dumps(said, ensure_ascii=False)})
    return kept


def discard(draft: Draft) -> None:
    if draft.id:
        draft_path(draft.id).unlink(missing_ok=True)


def write(texts: dict[Path, str]) -> None:
    """Write files so that nobody ever reads half of one; all of them, or none."""
    new = {path: path.with_name(f".{path.name}.new") for path in texts}
    try:
        for path, beside in new.items():
            beside.write_bytes(texts[path].encode())
            if path.exists():
                shutil.copymode(path, beside)
        for path, beside in new.items():
            os.replace(beside, path)
    finally:
        for beside in new.values():
            beside.unlink(missing_ok=True)


def records(text: str) -> list[tuple[Cells, str]]:
    """The cells of each row of a file, the header first, and how the row is written."""
    lines = text.splitlines(keepends=True)
    reader, start = csv.reader(lines), 0
    found: list[tuple[Cells, str]] = []
    for cells in reader:
        written = "".join(lines[start : reader.line_num])
        start = reader.line_num
        if cells or not found:
            found.append((tuple(cells), written))
        else:  # an empty line goes with the row before it
            found[-1] = found[-1][0], found[-1][1] + written
    return found


def header(text: str) -> list[str]:
    """The columns of a file."""
    return config_files.names(list(records(text)[0][0]))


def rows(text: str) -> list[Cells]:
    """The cells of each row of a file, as they are written."""
    _, *found = records(text)
    return [cells for cells, _ in found]


def with_rows(text: str, edited: Iterable[Sequence[str]]) -> str:
    """A file with other rows; those that it had stay as they were written."""
    (_, head), *known = records(text)
    end = "\r\n" if head.endswith("\r\n") else "\n"
    written, lines = dict(known), [head]
    for row in map(tuple, edited):
        if row in written:
            lines.append(written[row])
        elif any(cell.strip() for cell in row):
            lines.append(csv_line(row, end))
    joined = "".join(line if line.endswith("\n") else line + end for line in lines)
    return joined if text.endswith("\n") else joined.removesuffix(end)


def csv_line(cells: Cells, end: str) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator=end).writerow(cells)
    return line.getvalue()


def write_files(draft: Draft, folder: Path) -> None:
    """All files of rules, as they would be after saving."""
    folder.mkdir(exist_ok=True)
    for seed in config_files.SEEDS:
        text = draft.edited[seed] if seed in draft.changed else current(seed)
        config_files.path_of(seed, folder).write_bytes(text.encode())


def mistakes(draft: Draft) -> list[config_checks.Mistake]:
    """What a build would refuse, by the checks of the build."""
    with tempfile.TemporaryDirectory() as folder:
        write_files(draft, Path(folder))
        return config_checks.mistakes(Path(folder))


def changes(draft: Draft) -> list[tuple[str, str, str]]:
    """File, rule and what was done to it since the draft began."""
    found: list[tuple[str, str, str]] = []
    for seed in draft.changed:
        path = config_files.path_of(seed)
        before, after = (
            config_files.rows_of(text.removeprefix(config_files.MARK), path)
            for text in (draft.began[seed], draft.edited[seed])
        )
        found += rule_changes(seed, before, after)
    return found


def diff(draft: Draft) -> str:
    """What git would show after saving."""
    lines: list[str] = []
    for seed in draft.changed:
        before, after = (text.splitlines() for text in (draft.began[seed], draft.edited[seed]))
        file = f"seeds/config/{seed}.csv"
        lines += unified_diff(before, after, f"a/{file}", f"b/{file}", lineterm="", n=1)
    return "\n".join(lines)


def zipped(draft: Draft) -> bytes:
    """The edited files, to be unpacked in the project's folder."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for seed in draft.changed:
            archive.writestr(f"seeds/config/{seed}.csv", draft.edited[seed].encode())
    return content.getvalue()


def conflicts(draft: Draft) -> list[str]:
    """The edited files that somebody else has changed since the draft began."""
    return [f"{seed}.csv" for seed in draft.changed if current(seed) != draft.began[seed]]


def may_be_saved() -> bool:
    """Whether the pages may write to seeds/config."""
    return os.environ.get("CONTACT_SCORING_RULES_EDITABLE", "").lower() == "true"


def save(draft: Draft, who: str, why: str) -> None:
    """Write the edited files, and who did so, when and why; else NotSaved, and nothing is written.

    The files change one after the other: a build that reads them in between would score by rules
    that nobody wrote, so none is written while one runs.
    """
    with only_one_in(config_files.FOLDER) as is_alone:
        if not is_alone:
            raise NotSaved("Somebody else is saving rules. Try again in a moment.")
        if is_being_built():
            raise NotSaved("A build is running. Save again when it is done.")
        if found := conflicts(draft):
            raise NotSaved(
                f"{' and '.join(found)} changed since this draft began. Begin a new draft, and "
                "make your changes again."
            )
        if mistakes(draft):
            raise NotSaved("The rules have mistakes. Mend them first.")
        who, why = (" ".join(text.split()) for text in (who, why))
        if not who or not why:
            raise NotSaved("Say who you are, and why the rules change.")
        path = config_files.FOLDER / CHANGES
        noted = path.read_text("utf-8") if path.exists() else CHANGES_HEAD
        noted += f"- {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {who}: {why}\n"
        noted += "".join(f"  - {file}: {rule}: {what}\n" for file, rule, what in changes(draft))
        try:
            files = {config_files.path_of(seed): draft.edited[seed] for seed in draft.changed}
            write(files | {path: noted})
        except OSError as error:
            raise NotSaved(f"{error.filename} cannot be written: {error.strerror}.") from None
    discard(draft)
