"""The guide in docs/: what its pages say to run is run, and gives what they show."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from conftest import ROOT, Project, copy_project

DOCS = ROOT / "docs"
COLOURS = re.compile(r"\x1b\[[0-9;]*m")


@dataclass
class Block:
    """A fenced block of a page: its language and text, and the text block that follows it."""

    page: str
    line: int
    language: str
    text: str
    shown: str | None = None

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def blocks(page: str) -> list[Block]:
    """The fenced blocks of a page, in order; what is shown of an outcome stands with its block."""
    found: list[Block] = []
    lines = (DOCS / page).read_text("utf-8").splitlines()
    last_end = -9
    opened: Block | None = None
    for number, line in enumerate(lines, 1):
        if not line.startswith("```"):
            if opened:
                opened.text += line + "\n"
        elif opened is None:
            opened = Block(page, number, line.removeprefix("```"), "")
        else:
            assert line == "```", f"{page}:{number}"
            if opened.language == "text" and found and opened.line == last_end + 2:
                found[-1].shown = opened.text
            else:
                found.append(opened)
            opened, last_end = None, number
    assert opened is None, f"{page}: a block is not closed"
    return found


def assert_shows(output: str, block: Block) -> None:
    """What a page shows is in the output, part by part, where `...` leaves something out."""
    lines = [line.rstrip() for line in COLOURS.sub("", output).splitlines()]
    place = 0
    for part in re.split(r"^\.\.\.\n", block.shown or "", flags=re.MULTILINE):
        wanted = [line.rstrip() for line in part.splitlines()]
        places = range(place, len(lines) - len(wanted) + 1)
        at = next((n for n in places if lines[n : n + len(wanted)] == wanted), None)
        assert at is not None, f"{block} shows\n{part}\nand this came out:\n{output}"
        place = at + len(wanted)


def run_shell(project: Project, block: Block) -> str:
    done = project.call(["bash", "-euo", "pipefail", "-c", block.text])
    assert done.returncode == 0, f"{block}\n{block.text}\n{done.stdout}"
    return done.stdout


@pytest.fixture
def clone(tmp_path: Path) -> Project:
    """The project as somebody gets it who has run no command but that which installs."""
    folder = tmp_path / "contact-scoring"
    folder.mkdir()
    project = copy_project(folder)
    shutil.copytree(DOCS, folder / "docs")
    for name in ("Makefile", "requirements.lock", "README.md"):
        shutil.copy(ROOT / name, folder / name)
    # the environment that these tests run in, so that make finds it installed
    environment = folder / ".venv"
    environment.mkdir()
    for part in Path(sys.prefix).iterdir():
        if not part.name.startswith(".installed"):
            (environment / part.name).symlink_to(part)
    os.utime(folder / "requirements.lock", (0, 0))
    (environment / ".installed").touch()
    return project


def test_the_first_hour_is_as_the_page_says(clone: Project) -> None:
    """From the exports of a tool to the list, by the commands of the page alone."""
    mapping = re.sub(r"\s+", " ", (DOCS / "example" / "map.sql").read_text("utf-8"))
    shown = 0
    for block in blocks("first-hour.md"):
        if block.language == "shell":
            output = run_shell(clone, block)
            if block.shown:
                assert_shows(output, block)
                shown += 1
        elif block.language == "sql":
            assert re.sub(r"\s+", " ", block.text).strip() in mapping, block
        else:
            assert block.language == "console", block
    assert shown >= 5
    assert subprocess.run(
        ["git", "-C", str(ROOT), "check-ignore", "--quiet", "exports/contacts.parquet"],
        check=False,
    ).returncode in (0, 128), "exports are not for the repository"
