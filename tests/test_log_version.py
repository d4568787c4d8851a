"""Rows stay in the log as they were read: a new way of reading needs a new version of the log."""

from pathlib import Path

import log_version
import pytest
from conftest import ROOT, Project


def change(project: Project, file: str, before: str, after: str) -> dict[str, int | str]:
    path = project.path / file
    text = path.read_text("utf-8")
    assert before in text
    path.write_text(text.replace(before, after), "utf-8")
    return log_version.current(project.path)


def test_a_new_way_of_reading_has_a_new_version():
    assert log_version.current() == log_version.noted(), log_version.HOW_TO


def test_a_copy_reads_as_the_project_does(project: Project):
    assert log_version.current(project.path) == log_version.current()


CHANGES = {
    "macro": ("macros/text.sql", "'yes', '1'", "'yes', 'y', '1'"),
    "engine": ("macros/engines/spark.sql", "rlike '^(?:", "rlike '(?:"),
    "space_in_quotes": ("macros/engines/postgres.sql", "[T ](?:(?:[01]", "[T](?:(?:[01]"),
    "staging": ("models/staging/stg_web_events.sql", "raw_email(raw", "raw_text(raw"),
    "rejection": ("models/engagement/event_rows.sql", "'hour', 24", "'hour', 48"),
    "flag": ("models/engagement/event_log.sql", "ranked.copy_number > 1", "ranked.copy_number > 2"),
}


@pytest.mark.parametrize("changed", CHANGES.values(), ids=CHANGES)
def test_what_decides_how_a_row_is_read_changes_the_checksum(
    project: Project, changed: tuple[str, str, str]
):
    assert change(project, *changed) != log_version.current()


def test_a_comment_and_white_space_do_not(project: Project):
    text = (ROOT / "macros" / "text.sql").read_text("utf-8")
    spaced = text.replace("\n    ", "\n\n      ").replace("{#-", "{#- It's new:")
    assert spaced != text
    assert change(project, "macros/text.sql", text, spaced) == log_version.current()


def test_a_macro_that_reads_no_event_does_not(project: Project):
    changed = change(project, "macros/points.sql", "power(0.5", "power(0.6")
    assert changed == log_version.current()


def test_a_pair_is_not_noted_without_a_new_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    note = tmp_path / "log_version.json"
    monkeypatch.setattr(log_version, "NOTED", note)
    log_version.write()
    assert log_version.noted() == log_version.current()

    note.write_text(note.read_text("utf-8").replace('"checksum": "', '"checksum": "0'), "utf-8")
    with pytest.raises(SystemExit, match="raise log_version"):
        log_version.write()
