"""The page *Does it work?*, in a real browser: it says what the published evaluation found."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import Project
from playwright.sync_api import Browser, Page, expect
from test_app import (
    PHONE,
    app,
    choose,
    column,
    edited,
    expect_no_barriers,
    grid,
    published,
    settle,
    started_browser,  # noqa: F401 - the fixture `browser`
    visit,
)

from contact_scoring.publishing import Generation

# the worker that has the demo evaluated
pytestmark = pytest.mark.xdist_group("evaluate")

TRIAL = "who started a first trial within two months"
BETTER, WORSE = "Better than a coin", "points the wrong way"


@pytest.fixture(scope="module")
def evaluated(evaluated_demo: tuple[Project, str]) -> Project:
    project, _ = evaluated_demo
    return project


@pytest.fixture(scope="module")
def address(evaluated: Project) -> Iterator[str]:
    with app(evaluated) as found:
        yield f"{found}/does_it_work"


def at_window(project: Project, score_name: str, window: int) -> tuple[float, float, float]:
    (figures,) = published(
        project,
        "select 100 * auc, 100 * auc_low, 100 * auc_high from marts.score_performance "
        "where outcome = 'trial' and score_name = ? and window_days = ? and population = 'all'",
        score_name,
        window,
    )
    return figures


def sentence(page: Page) -> str:
    return page.get_by_role("heading", name=re.compile("^Of 100 pairs")).inner_text()


def open_tables(page: Page) -> None:
    for table in ("The bands as a table", "The rules as a table"):
        page.get_by_text(table, exact=True).click()
    settle(page)


def test_the_sentence_and_the_tables_are_the_marts(
    evaluated: Project, address: str, browser: Browser
) -> None:
    bands = published(
        evaluated,
        "select coalesce(band, '(no band)'), 100 * rate from marts.band_performance "
        "left join config.score_bands using (score_name, band) where outcome = 'trial' "
        "and score_name = 'engagement' order by min_score desc nulls last",
    )
    rules = published(
        evaluated,
        "select rule_id, 100 * auc_change from marts.rule_evidence where outcome = 'trial' "
        "and score_name = 'buying_intent' order by auc_change desc nulls last, rule_id",
    )
    assert len(bands) == 4
    assert len({change for _, change in rules}) > 4
    with visit(browser, f"{address}?outcome=trial") as page:
        auc, low, high = at_window(evaluated, "engagement", 30)
        assert sentence(page) == (
            f"Of 100 pairs, the one {TRIAL} had the higher score in {auc:.0f}; "
            f"between {low:.0f} and {high:.0f}."
        )
        expect(page.get_by_text("The evaluation is of 2026-11-16 00:00 UTC")).to_be_visible()
        expect(page.get_by_text(BETTER)).to_be_visible()
        open_tables(page)
        table = grid(page, "The bands of engagement and their rates")
        assert column(page, table, "Band") == [band for band, _ in bands]
        rates = map(float, column(page, table, "Of 100"))
        assert list(rates) == pytest.approx([rate for _, rate in bands])

        choose(page, "Score", "buying_intent")
        auc, low, high = at_window(evaluated, "buying_intent", 60)
        assert f"in {auc:.0f}; between {low:.0f} and {high:.0f}." in sentence(page)
        expect(page.get_by_text("The score is that of 60 days.")).to_be_visible()
        expect(page.get_by_text("It cannot be told from a coin")).to_be_visible()
        table = grid(page, "The rules of buying_intent by what it loses without them")
        assert column(page, table, "Rule") == [rule for rule, _ in rules]
        lost = [float(cell) if cell else None for cell in column(page, table, "Lost without it")]
        assert lost == pytest.approx([change for _, change in rules])
        left_out = "Left out, because they are the outcome themselves: trial_started."
        expect(page.get_by_text(left_out)).to_be_visible()


def test_axe_finds_nothing_on_the_page_of_an_evaluation(address: str, browser: Browser) -> None:
    with visit(browser, f"{address}?outcome=trial", **PHONE) as page:
        expect_no_barriers(page)


def test_the_slider_says_how_far_so_many_calls_go(
    evaluated: Project, address: str, browser: Browser
) -> None:
    trials = "where outcome = 'trial' and score_name = 'engagement'"
    figures = published(
        evaluated,
        'select calls, 100 * "precision", 100 * captured '
        f"from marts.capacity_thresholds {trials} order by calls",
    )
    ((as_ofs, rows),) = published(
        evaluated,
        f'select distinct as_ofs, "rows" from marts.score_performance {trials} '
        "and population = 'all'",
    )
    assert 0 < rows < 400 * as_ofs
    said = [
        f"Whoever calls the first {calls} contacts calls also some who have no points. Of 100 "
        f"calls {hits:.1f} reach somebody {TRIAL}; that is {captured:.0f} of every 100 who did. "
        f"As many calls at random reach {min(100, 100 * calls * as_ofs / rows):.0f}, "
        "the orange marks."
        for calls, hits, captured in figures
    ]
    with visit(browser, f"{address}?outcome=trial") as page:
        slider = page.get_by_role("slider", name="How many contacts can you call at a time?")
        expect(page.get_by_text(said[2])).to_be_visible()
        slider.focus()
        for key, now in (("ArrowRight", said[3]), ("ArrowLeft", said[2]), ("ArrowLeft", said[1])):
            page.keyboard.press(key)
            expect(page.get_by_text(now)).to_be_visible()
            everybody = page.get_by_text("That is everybody")
            expect(everybody).to_have_count(1 if now == said[3] else 0)
            settle(page)


def test_too_few_outcomes_are_counted_and_nothing_is_said_of_them(
    evaluated: Project, browser: Browser, tmp_path: Path
) -> None:
    project = edited(
        evaluated,
        tmp_path / "a project",
        "update marts.score_performance set auc = null, auc_low = null, auc_high = null, "
        "verdict = 'too few outcomes', contacts_with_outcome = 9, contacts = 196 "
        "where outcome = 'meeting'",
    )
    with app(project) as address, visit(browser, f"{address}/does_it_work") as page:
        # what can be said of comes first
        assert TRIAL in sentence(page)
        page.goto(f"{address}/does_it_work?outcome=meeting")
        expect(page.get_by_role("heading", name="Too few outcomes to say")).to_be_visible()
        said = "There were 9 contacts who booked a meeting within a month, and 187 others"
        expect(page.get_by_text(said)).to_be_visible()
        expect(page.get_by_text("It takes 20 of each")).to_be_visible()
        headings = page.get_by_role("heading", level=2).all_inner_texts()
        assert headings == ["Too few outcomes to say", "What this cannot tell"]


def test_what_is_not_wanted_is_judged_the_other_way_round(
    evaluated: Project, browser: Browser, tmp_path: Path
) -> None:
    """And of an evaluation that is older than the scores, and found something to try."""
    trials = "where outcome = 'trial' and score_name = 'engagement'"
    project = edited(
        evaluated,
        tmp_path / "a project",
        "update marts.evaluated_outcomes set is_wanted = false, description = null "
        "where outcome = 'trial'",
        "update marts.score_performance set verdict = 'misleads', contacts_with_outcome = 123, "
        "difference_to_best = case window_days when 30 then 0.03 when 14 then 0 else 0.05 end, "
        f"is_as_good_as_best = window_days = 14 {trials}",
        f"update marts.rule_what_ifs set is_suggested = true, auc_change = 0.04, auc_change_se = 0 "
        f"{trials} and rule_id = 'email_open' and change = 'points x 2'",
        "update marts.said_performance set rate = 0.5, rate_low = 0.4, rate_high = 0.6 "
        f"{trials} and band = 'hot'",
    )
    manifest = Generation((project.path / "published" / "current").resolve()).path / "manifest.json"
    manifest.chmod(0o644)
    text = json.loads(manifest.read_text("utf-8"))
    text["evaluation"]["as_of"] = "2026-11-08 12:00:00"
    manifest.write_text(json.dumps(text), "utf-8")
    auc, low, high = at_window(project, "engagement", 30)
    with app(project) as address, visit(browser, f"{address}/does_it_work?outcome=trial") as page:
        assert sentence(page) == (
            f"Of 100 pairs, the one who had the outcome trial had the lower score in "
            f"{100 - auc:.0f}; between {100 - high:.0f} and {100 - low:.0f}."
        )
        for said in (
            WORSE,
            "of 2026-11-08 12:00 UTC; these scores are 7.5 days newer.",
            "A window of 14 days does better than yours of 30: of 100 pairs, 3 more",
            "email_open: points × 2: of 100 pairs, 4 more in the right order",
            "the fewer of them on top of the list, the better",
        ):
            expect(page.get_by_text(said)).to_be_visible()
        open_tables(page)
        table = grid(page, "The bands of engagement and their rates")
        assert column(page, table, "As of")[-1] == "as it was said"
        assert float(column(page, table, "Of 100")[-1]) == 50


def test_without_outcomes_it_is_said_where_to_name_them(
    evaluated: Project, browser: Browser, tmp_path: Path
) -> None:
    nothing = "delete from marts.evaluated_outcomes"
    project = edited(evaluated, tmp_path / "a project", nothing)
    with app(project) as address, visit(browser, f"{address}/does_it_work") as page:
        expect(page.get_by_text("named no outcome, so nothing was evaluated")).to_be_visible()
