"""Drafts of the rules: what they keep, what is refused, and what saving writes."""

from __future__ import annotations

import difflib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from conftest import ROOT

from contact_scoring import config_drafts, config_files, preview, warehouse
from contact_scoring.config_drafts import Draft, NotSaved

# as people and spreadsheets write it: quotes that are not needed, empty lines, none at the end
ODD = (
    '\ufeffpattern,"description"\r\n"curl/","A ""script"""\r\n\r\nMozilla, every browser \r\n'
    'Slackbot,"two\r\nlines"'
)


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of seeds/config to save to, and a database of its own."""
    folder = tmp_path / "config"
    shutil.copytree(ROOT / "seeds" / "config", folder)
    monkeypatch.setattr(config_files, "FOLDER", folder)
    monkeypatch.setenv("CONTACT_SCORING_DB", str(tmp_path / "warehouse" / "scores.duckdb"))
    return folder


def edited(draft: Draft, seed: str, old: str, new: str) -> Draft:
    """A draft in which somebody has edited the cells of rows."""
    rows = [
        tuple(new if cell == old else cell for cell in row)
        for row in config_drafts.rows(draft.edited[seed])
    ]
    text = config_drafts.with_rows(draft.began[seed], rows)
    return replace(draft, edited=draft.edited | {seed: text})


def changed_lines(before: str, after: str) -> list[str]:
    lines = difflib.ndiff(before.splitlines(keepends=True), after.splitlines(keepends=True))
    return [line for line in lines if line[0] in "+-"]


@pytest.mark.parametrize("seed", config_drafts.SEEDS)
def test_rows_that_nobody_edits_stay_as_they_are_written(seed: str):
    text = (ROOT / "seeds" / "config" / f"{seed}.csv").read_bytes().decode()
    assert config_drafts.with_rows(text, config_drafts.rows(text)) == text


def test_only_edited_rows_are_written_anew():
    assert config_drafts.header(ODD) == ["pattern", "description"]
    first, *others = config_drafts.rows(ODD)
    assert first == ("curl/", 'A "script"')
    assert config_drafts.with_rows(ODD, [first, *others]) == ODD
    kept = '\ufeffpattern,"description"\r\n'
    assert config_drafts.with_rows(ODD, [("wget", "A, script"), *others]) == (
        f'{kept}wget,"A, script"\r\nMozilla, every browser \r\nSlackbot,"two\r\nlines"'
    )
    # one back as it was, one removed, one new, and one that was never filled in
    assert config_drafts.with_rows(ODD, [first, others[1], ("x", ""), ("", " ")]) == (
        f'{kept}"curl/","A ""script"""\r\n\r\nSlackbot,"two\r\nlines"\r\nx,'
    )


def test_what_is_saved_is_what_git_shows_with_who_when_and_why(config: Path):
    before = config_drafts.current("scoring_rules")
    draft = edited(config_drafts.begin(), "scoring_rules", "-30", "-20")
    assert "\n+deal_lost,buying_intent,deal_lost,,,,-20," in config_drafts.diff(draft)
    assert config_drafts.diff(draft).count("\n+") == 2  # one is the name of the file
    draft = config_drafts.store(draft)
    config_drafts.save(draft, " Mara\nEk", "Less minus")
    after = config_drafts.current("scoring_rules")
    assert [line[2:].partition(",false")[0] for line in changed_lines(before, after)] == [
        "deal_lost,buying_intent,deal_lost,,,,-30",
        "deal_lost,buying_intent,deal_lost,,,,-20",
    ]
    assert config_drafts.load(draft.id) is None

    again = edited(config_drafts.begin(), "score_bands", "20", "25")
    config_drafts.save(again, "Jo", "Fewer are hot")
    noted = (config / "CHANGES.md").read_text("utf-8").splitlines()
    assert [line.partition(" UTC, ")[2] or line for line in noted[-4:]] == [
        "Mara Ek: Less minus",
        "  - scoring_rules.csv: deal_lost: points -30 → -20",
        "Jo: Fewer are hot",
        "  - score_bands.csv: engagement hot: min_score 20 → 25",
    ]
    others = {path.name for path in (ROOT / "seeds" / "config").iterdir()}
    assert {path.name for path in config.iterdir()} == {*others, "CHANGES.md"}


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_file_that_changed_since_is_not_overwritten(config: Path):
    draft = edited(config_drafts.begin(), "score_bands", "20", "25")
    with (config / "fit_rules.csv").open("a") as file:
        file.write("has_phone,,phone,is_known,,1,\n")
    assert config_drafts.conflicts(draft) == []
    with (config / "score_bands.csv").open("a") as file:
        file.write("buying_intent,60,barely,1,false\n")
    before = contents(config)
    with pytest.raises(NotSaved, match=r"score_bands\.csv changed since this draft began"):
        config_drafts.save(draft, "Mara", "Fewer are hot")
    assert contents(config) == before


def test_rules_that_a_build_would_refuse_are_not_saved(config: Path):
    draft = edited(config_drafts.begin(), "score_bands", "warm", "hot")
    before = contents(config)
    with pytest.raises(NotSaved, match="mistakes"):
        config_drafts.save(draft, "Mara", "Why not")
    draft = edited(config_drafts.begin(), "score_bands", "20", "25")
    for who, why in ((" ", "Fewer are hot"), ("Mara", "\n")):
        with pytest.raises(NotSaved, match="Say who you are, and why"):
            config_drafts.save(draft, who, why)
    assert contents(config) == before


@contextmanager
def in_another_process(statement: str, ready: Path) -> Iterator[None]:
    """Another process at work, until the end of this."""
    then = "import pathlib, sys; pathlib.Path(sys.argv[1]).touch(); sys.stdin.read()"
    command = [sys.executable, "-c", f"{statement}\n{then}", str(ready)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE)
    try:
        while not ready.exists():
            assert process.poll() is None
            time.sleep(0.05)
        yield
    finally:
        process.communicate()


def database_with(value: int) -> Path:
    path = warehouse.database_path()
    path.parent.mkdir(exist_ok=True)
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"create or replace table t as select {value} as value")
    return path


def test_nothing_is_saved_or_copied_while_a_build_runs(config: Path, tmp_path: Path):
    path = database_with(1)
    draft = edited(config_drafts.begin(), "score_bands", "20", "25")
    before = contents(config)
    writer = f"import duckdb; c = duckdb.connect({str(path)!r})"
    with in_another_process(writer, tmp_path / "ready"):
        with pytest.raises(NotSaved, match="A build is running"):
            config_drafts.save(draft, "Mara", "Fewer are hot")
        with pytest.raises(warehouse.DatabaseInUse, match="Try again when it is done"):
            warehouse.copy_last_build(tmp_path)
    assert contents(config) == before
    config_drafts.save(draft, "Mara", "Fewer are hot")


def test_a_preview_leaves_the_database_to_a_build_that_begins(config: Path, tmp_path: Path):
    path = database_with(1)
    with preview.scratch_folder(None) as folder, preview.last_build(folder):
        copy = warehouse.database_path()
        assert copy.parent == folder
        with warehouse.connect() as connection:
            writer = f"import duckdb; duckdb.connect({str(path)!r}).execute('drop table t')"
            with in_another_process(writer, tmp_path / "ready"):
                assert connection.execute("select value from t").fetchall() == [(1,)]
    assert os.listdir(path.parent) == [path.name]
    assert warehouse.database_path() == path


def test_a_copy_is_refused_where_a_build_wrote_meanwhile(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """A build that began and ended while the file was copied: half of the copy is older."""
    database_with(1)
    copy = shutil.copy

    def slow_copy(*arguments: object) -> object:
        database_with(2)
        return copy(*arguments)

    monkeypatch.setattr(shutil, "copy", slow_copy)
    with pytest.raises(warehouse.DatabaseInUse):
        warehouse.copy_last_build(tmp_path)


def test_one_preview_works_at_a_time(config: Path, tmp_path: Path):
    database_with(1)
    statement = (
        "from contact_scoring.preview import scratch_folder\n"
        "held = scratch_folder(None); held.__enter__()"
    )
    left_over = warehouse.database_path().parent / "preview-killed"
    left_over.mkdir()
    with (
        in_another_process(statement, tmp_path / "ready"),
        pytest.raises(SystemExit, match="Another preview is at work"),
        preview.scratch_folder(None),
    ):
        pass
    assert not left_over.exists()
    with preview.scratch_folder(None) as folder:
        assert folder.exists()


def test_a_draft_is_kept_beside_the_database_under_a_name_that_nobody_guesses(config: Path):
    draft = edited(config_drafts.begin(), "score_bands", "20", "25")
    kept = config_drafts.store(draft)
    assert config_drafts.load(kept.id) == kept
    assert len(kept.id) >= 12
    assert kept.id != config_drafts.store(draft).id
    assert contents(config) == contents(ROOT / "seeds" / "config")
    for name in ("nobody", "", "../drafts/" + kept.id, f"{kept.id}.json"):
        assert config_drafts.load(name) is None

    # the same draft in two windows: the later edit is of what is not there any more
    config_drafts.store(edited(kept, "score_bands", "8", "9"))
    with pytest.raises(config_drafts.EditedElsewhere):
        config_drafts.store(edited(kept, "score_bands", "8", "7"))


def test_drafts_that_nobody_edits_for_three_months_go(config: Path):
    old, recent = (config_drafts.store(config_drafts.begin()) for _ in range(2))
    for draft, days in ((old, 91), (recent, 89)):
        then = time.time() - days * 24 * 3600
        os.utime(config_drafts.draft_path(draft.id), (then, then))
    config_drafts.store(config_drafts.begin())
    assert config_drafts.load(old.id) is None
    assert config_drafts.load(recent.id)


MISTAKES = [
    ("scoring_rules", "0.5", "max_points", "rule docs_view: points 'max", [4], ["points"]),
    ("scoring_rules", "contains", "like", "rule docs_view: match_op", [4], ["match_operator"]),
    ("scoring_rules", "demo_form", "docs_view", "rule docs_view: rule_id", [4, 5], ["rule_id"]),
    ("score_bands", "8", "20", "score name engagement: the bands", [0, 1, 2], ["min_score"]),
    ("score_bands", "60", "", "band curious of buying_intent: wi", [5], ["window_days"]),
    ("lead_grades", "warm", "mild", "grade A2 for A and mild: score_", [1], ["band"]),
    ("scoring_rule_conditions", "docs_view", "doc_view", "condition of rule doc_view: ", [0], []),
]


@pytest.mark.parametrize(
    ("seed", "old", "new", "message", "rows", "columns"), MISTAKES, ids=range(len(MISTAKES))
)
def test_a_mistake_says_in_which_cells_it_is(
    config: Path, seed: str, old: str, new: str, message: str, rows: list[int], columns: list[str]
):
    draft = edited(config_drafts.begin(), seed, old, new)
    found = [
        mistake
        for mistake in config_drafts.mistakes(draft)
        if mistake.seed == seed and mistake.message.startswith(message)
    ]
    assert [(list(m.rows), list(m.columns)) for m in found] == [(rows, columns)]
    assert config_drafts.mistakes(config_drafts.begin()) == []
