"""The page *Try a change*: drafts of the rules, their checks, previews and what is saved."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import duckdb
import pytest
from conftest import Project
from playwright.sync_api import Browser, Locator, Page, expect
from test_app import (
    HEADER,
    ROW,
    app,
    build_and_publish,
    choose,
    column,
    grid,
    published,
    settle,
    started_browser,  # noqa: F401 - the fixture `browser`
)

# the worker that has the demo published
pytestmark = pytest.mark.xdist_group("app")

SIZES = [(1400, 1000), (390, 844)]
PREVIEW = 300_000  # milliseconds, which a slow machine may need
EDITABLE = {"CONTACT_SCORING_RULES_EDITABLE": "true"}
DEMO_FORM = "demo_form,buying_intent,form_submission,page_url,equals,https://www.example.com/demo,"
OLD_DEMO_FORM = f"{DEMO_FORM}15,false,15,,,45,,,"
NEW_DEMO_FORM = f"{DEMO_FORM}20,false,20,,,,,,"
SCORES = """
    select
        scores.contact_id,
        coalesce(scores.full_name, scores.email_address, scores.contact_id) as name,
        scores.band,
        coalesce(active.score, 0)::double as score
    from marts.contact_scores as scores
    left join marts.active_contacts as active
        on scores.contact_id = active.contact_id
        and scores.score_name = active.score_name
        and active.window_days = 30
    where scores.score_name = 'buying_intent'
"""


def copy_of(project: Project, folder: Path) -> Project:
    copy = Project(folder / "a project")
    shutil.copytree(project.path, copy.path, symlinks=True)
    return copy


@pytest.fixture(scope="module")
def scored(demo: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The demo, published. Not to be changed."""
    copy = copy_of(demo, tmp_path_factory.mktemp("try"))
    done = copy.command("publish")
    assert done.returncode == 0, done.stdout
    return copy


@pytest.fixture(scope="module")
def address(scored: Project) -> Iterator[str]:
    """The pages of the demo, where rules cannot be saved."""
    with app(scored) as found:
        yield f"{found}/try_a_change"


@contextmanager
def visit(browser: Browser, address: str, size: tuple[int, int] = SIZES[0]) -> Iterator[Page]:
    width, height = size
    context = browser.new_context(viewport={"width": width, "height": height})
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.goto(address)
    settle(page)
    yield page
    context.close()


def to_edit(page: Page, title: str) -> Locator:
    return grid(page, f"{title}, to edit")


def write(page: Page, table: Locator, row: int, heading: str, text: str) -> None:
    """Write into a cell, as a person does: click the row, go right, type."""
    place = HEADER + ROW * row + ROW // 2
    table.evaluate(
        """(table, place) => table.closest('[data-testid=stMain]').scrollBy(
            0, table.getBoundingClientRect().top + place - innerHeight / 2
        )""",
        place,
    )
    page.wait_for_timeout(300)
    box = table.locator("canvas").first.bounding_box()
    page.mouse.click(box["x"] + 80, box["y"] + place)
    headings = table.locator("th").all_text_contents()
    first = next(place for place, name in enumerate(headings) if name.strip())
    for _ in range(headings.index(heading) - first):
        page.keyboard.press("ArrowRight")
    if text:
        page.keyboard.press("Enter")
        cell = page.locator("#portal textarea")
        cell.fill(text)
        cell.press("Enter")
    else:
        page.keyboard.press("Delete")
    settle(page)


def row_of(table: Locator, name: str) -> int:
    """Which row of a table begins with a name, from 0."""
    row = table.locator("tbody tr").filter(has_text=name).first
    return int(row.get_attribute("aria-rowindex") or 0) - 2


def preview(page: Page) -> None:
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_text("Reading the project")).to_be_visible()
    expect(page.get_by_text(re.compile(r"step \d+ of \d+"))).to_be_visible(timeout=PREVIEW)
    expect(page.get_by_text("How many contacts move")).to_be_visible(timeout=PREVIEW)
    settle(page)


@pytest.mark.parametrize("size", SIZES, ids=["desk", "phone"])
def test_a_marketer_raises_demo_requests_on_the_page_alone(
    scored: Project, browser: Browser, tmp_path: Path, size: tuple[int, int]
) -> None:
    """Worth 20, and at most one counts: edited, previewed and saved; the build then does it."""
    project = copy_of(scored, tmp_path)
    file = project.path / "seeds" / "config" / "scoring_rules.csv"
    rules_now = file.read_text("utf-8")
    assert rules_now.count(OLD_DEMO_FORM) == 1
    with app(project, **EDITABLE) as address, visit(browser, address, size) as page:
        open_page(page, size)
        rules = to_edit(page, "Rules")
        row = row_of(rules, "demo_form")
        for heading, text in (("points", "20"), ("max_points", "20"), ("half_life_days", "")):
            write(page, rules, row, heading, text)
        expect(
            page.get_by_text("points 15 → 20, max_points 15 → 20, half_life_days 45 → -")
        ).to_be_visible()
        preview(page)
        compare_one_contact(page)
        # of a table only the columns that one sees are in the page
        found = [moved_contacts(page), bands_moved(page)] if size == SIZES[0] else []
        assert column(page, grid(page, "Events matched by each rule"), "Rule")[0] == "demo_form"
        assert file.read_text("utf-8") == rules_now

        page.get_by_label("Your name").fill("Mara  Ek")
        page.get_by_label("Why do the rules change?").fill("Demos are {% what %} sales wants")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("Saved: scoring_rules.csv.")).to_be_visible()
    assert file.read_text("utf-8") == rules_now.replace(OLD_DEMO_FORM, NEW_DEMO_FORM)
    noted = (project.path / "seeds" / "config" / "CHANGES.md").read_text("utf-8")
    who_and_why = r"\n- 20..-..-.. ..:.. UTC, Mara Ek: Demos are {% what %} sales wants\n"
    assert re.search(who_and_why, noted)
    assert "  - scoring_rules.csv: demo_form: points 15 → 20, max_points 15 → 20" in noted
    assert not list((project.path / "warehouse").glob("*/*"))

    # the build takes what was saved, and no brace of a note
    if found:
        build_and_publish(project)
        assert found == what_moved(scored, project)


def open_page(page: Page, size: tuple[int, int]) -> None:
    """Find the page by the menu, which a telephone folds."""
    is_folded = size[0] < 768
    if is_folded:
        page.get_by_test_id("stExpandSidebarButton").click()
    page.get_by_role("link", name="Try a change").click()
    expect(page.get_by_role("heading", name="Try a change")).to_be_visible()
    if is_folded:
        page.get_by_test_id("stSidebarCollapseButton").locator("button").click()
    settle(page)


def moved_contacts(page: Page) -> list[tuple[str, float, float]]:
    """Name and points, now and then, of those who move."""
    table = grid(page, "Who moves")
    cells = (column(page, table, name) for name in ("Contact", "Points now", "Points then"))
    return sorted((name, float(now), float(then)) for name, now, then in zip(*cells, strict=True))


def bands_moved(page: Page) -> list[tuple[str, int, int]]:
    """Each band, and how many come into it and leave it."""
    table = grid(page, "Contacts in and out of each band")
    cells = (column(page, table, name) for name in ("Band", "In", "Out"))
    return sorted((band, int(come), int(leave)) for band, come, leave in zip(*cells, strict=True))


def what_moved(before: Project, after: Project) -> list[list[tuple]]:
    """The same between two builds; the demo's other scores do not change by it."""
    then = {row[0]: row[1:] for row in published(after, SCORES)}
    contacts, come, leave = [], Counter(), Counter()
    for contact, name, band, score in published(before, SCORES):
        _, new_band, new_score = then[contact]
        if (band, score) != (new_band, new_score):
            contacts.append((name, round(score, 3), round(new_score, 3)))
        if band != new_band:
            come[new_band] += 1
            leave[band] += 1
    assert contacts
    assert come
    bands = published(
        before, "select band from config.score_bands where score_name = 'buying_intent'"
    )
    return [sorted(contacts), sorted((band, come[band], leave[band]) for (band,) in bands)]


def compare_one_contact(page: Page) -> None:
    """One contact, its points now and then, and the rule that makes the difference."""
    choose(page, "Compare one contact", "Anna Berg (C001)")
    points = page.get_by_test_id("stMetric").filter(has_text="Points, buying_intent")
    now, then = points.get_by_test_id("stMetricValue").inner_text().split(" → ")
    assert float(now) < float(then)
    drivers = grid(page, "What the contact's points are made of")
    assert "demo_form" in drivers.locator("tbody tr").first.inner_text()


def test_a_draft_survives_a_reload_and_nobody_saves_by_default(
    scored: Project, address: str, browser: Browser
) -> None:
    """The address leads back to it, on another page and in another browser, too."""
    folder = scored.path / "seeds" / "config"
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with visit(browser, address) as page:
        expect(page.get_by_text("None yet.")).to_be_visible()
        write(page, to_edit(page, "Rules"), 2, "points", "2")
        page.get_by_role("tab", name="Bands").click()
        write(page, to_edit(page, "Bands"), 0, "min_score", "25")
        changes = [
            page.get_by_text("page_view: points 1 → 2"),
            page.get_by_text("engagement hot: min_score 20 → 25"),
        ]
        for change in changes:
            expect(change).to_be_visible()
        link = page.url
        page.reload()
        settle(page)
        for change in changes:
            expect(change).to_be_visible()
        page.get_by_role("link", name="Rules").click()
        page.get_by_role("link", name="Try a change").click()
        expect(changes[1]).to_be_visible()
        settle(page)
        assert page.url == link
        write(page, to_edit(page, "Rules"), 2, "points", "1")
        expect(changes[0]).to_have_count(0)
    with visit(browser, link) as page:
        expect(page.get_by_text("engagement hot: min_score 20 → 25")).to_be_visible()
        assert page.get_by_role("button", name="Save").count() == 0
        with page.expect_download() as download:
            page.get_by_role("button", name="Download the edited files").click()
        with ZipFile(BytesIO(Path(download.value.path()).read_bytes())) as archive:
            assert archive.namelist() == ["seeds/config/score_bands.csv"]
            text = archive.read("seeds/config/score_bands.csv")
        assert text == before["score_bands.csv"].replace(b"hot,20,", b"hot,25,")
        page.get_by_role("button", name="Discard this draft").click()
        expect(page.get_by_text("None yet.")).to_be_visible()
        assert "draft" not in page.url
    with visit(browser, link) as page:
        expect(page.get_by_text("There is no such draft any more.")).to_be_visible()
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


@pytest.mark.parametrize("size", SIZES, ids=["desk", "phone"])
def test_a_mistake_stands_below_its_table_until_it_is_mended(
    address: str, browser: Browser, size: tuple[int, int]
) -> None:
    with visit(browser, address, size) as page:
        button = page.get_by_role("button", name="Preview", exact=True)
        rules = to_edit(page, "Rules")
        row = row_of(rules, "pricing_view")
        write(page, rules, row, "max_points", "7,25")
        mistake = page.get_by_text(
            "row 4, max_points – rule pricing_view: max_points '7,25' is not a positive number: "
            "write 7.25, or leave it empty"
        )
        expect(mistake).to_be_visible()
        box, below = rules.bounding_box(), mistake.bounding_box()
        assert 0 < below["y"] - (box["y"] + box["height"]) < 60
        expect(page.get_by_text("A build would refuse these rules: 1 in Rules.")).to_be_visible()
        expect(button).to_be_disabled()
        write(page, rules, row, "max_points", "7.25")
        expect(mistake).to_have_count(0)
        expect(button).to_be_enabled()


def test_while_a_build_runs_a_preview_says_so_and_can_be_tried_again(
    scored: Project, browser: Browser, tmp_path: Path
) -> None:
    project = copy_of(scored, tmp_path)
    with app(project) as address, visit(browser, f"{address}/try_a_change") as page:
        write(page, to_edit(page, "Rules"), 2, "points", "2")
        with duckdb.connect(str(project.database)):
            page.get_by_role("button", name="Preview").click()
            expect(page.get_by_text("is in use, by a build or an open reader")).to_be_visible()
        settle(page)
        page.get_by_role("button", name="Try again").click()
        expect(page.get_by_text(re.compile(r"step \d+ of \d+"))).to_be_visible(timeout=PREVIEW)
        # it reads a copy: a build that begins now is not in its way
        with duckdb.connect(str(project.database)) as build:
            build.execute("create table points.written_by_a_build as select 1 as one")
            expect(page.get_by_text("How many contacts move")).to_be_visible(timeout=PREVIEW)
        settle(page)
        write(page, to_edit(page, "Rules"), 2, "points", "3")
        expect(page.get_by_text("You have edited the rules since this preview.")).to_be_visible()
    assert [path.name for path in (project.path / "warehouse").iterdir() if path.is_dir()] == [
        "drafts"
    ]


def test_who_comes_second_is_told_what_changed(
    scored: Project, browser: Browser, tmp_path: Path
) -> None:
    project = copy_of(scored, tmp_path)
    bands = project.path / "seeds" / "config" / "score_bands.csv"
    with (
        app(project, **EDITABLE) as address,
        visit(browser, f"{address}/try_a_change") as page,
    ):
        page.get_by_role("tab", name="Bands").click()
        write(page, to_edit(page, "Bands"), 0, "min_score", "25")
        bands.write_text(bands.read_text("utf-8").replace("warm,8,", "warm,9,"), "utf-8")
        page.get_by_label("Your name").fill("Mara")
        page.get_by_label("Why do the rules change?").fill("Fewer are hot")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("Not saved. score_bands.csv changed since")).to_be_visible()
        assert "hot,20," in bands.read_text("utf-8")
        page.get_by_role("button", name="Discard this draft").click()
        settle(page)
        rows = to_edit(page, "Bands").locator("tbody tr").all_text_contents()
        assert rows[:2] == ["engagement30hot20true", "engagement30warm9false"]
