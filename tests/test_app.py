"""The pages, in a real browser, as a person uses them."""

from __future__ import annotations

import csv
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from urllib.request import urlopen
from zoneinfo import ZoneInfo

import duckdb
import pandas as pd
import pytest
from axe_playwright_python.sync_playwright import Axe
from conftest import EARLIER, NO_UNIT_TESTS, Project
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from app import opening
from app.contact_charts import days_chart, named_rules
from contact_scoring.publishing import Generation

pytestmark = pytest.mark.xdist_group("app")

ARGUMENTS = ["--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"]
PHONE = {"width": 390, "height": 844}
HEADER, ROW = 35, 35  # pixels of a table
# a page looks every ten seconds whether there is something new
expect.set_options(timeout=60_000)
# for a spreadsheet, for Markdown and for a browser
FORMULA = "=HYPERLINK(1) *b* ![i](/i.png) <b>$x$ :red[y]"
# Streamlit asks for its server below a page's own path first, where one is opened by its address
EXPECTED_ERRORS = re.compile(
    r"/(contact|accounts|rules|try_a_change|does_it_work|status)/_stcore/(health|host-config)"
)


@pytest.fixture(scope="module")
def scored(demo: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The demo, published; the first of its list has a formula for a name."""
    copy = Project(tmp_path_factory.mktemp("app") / "a project")
    shutil.copytree(demo.path, copy.path)
    contacts = copy.path / "seeds" / "demo" / "contacts.csv"
    text = contacts.read_text("utf-8")
    assert text.count("Anna Berg") == 1
    contacts.write_text(text.replace("Anna Berg", FORMULA), "utf-8")
    copy.database.unlink()
    copy.score(as_of=EARLIER)
    build_and_publish(copy)
    return copy


def build_and_publish(project: Project, **variables: object) -> None:
    done = project.dbt("build", *NO_UNIT_TESTS, **variables)
    assert done.returncode == 0, done.stdout
    done = project.command("publish")
    assert done.returncode == 0, done.stdout


@contextmanager
def app(project: Project, **env: str) -> Iterator[str]:
    """The pages of a project, and where they are."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with (project.path / "app.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", "app/main.py", "--server.port", str(port)],
            cwd=project.path,
            env=project.environment | env,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            address = f"http://127.0.0.1:{port}"
            wait_until_healthy(address, process)
            yield address
        finally:
            process.terminate()
            process.wait(30)
    assert "Traceback" not in (project.path / "app.log").read_text("utf-8")


@pytest.fixture(scope="module")
def address(scored: Project) -> Iterator[str]:
    """The pages of the demo, for those who only look."""
    with app(scored) as found:
        yield found


def wait_until_healthy(address: str, process: subprocess.Popen) -> None:
    deadline = time.monotonic() + 120
    while True:
        try:
            with urlopen(f"{address}/_stcore/health", timeout=5):  # noqa: S310
                return
        except OSError:
            assert process.poll() is None, "the app ended"
            assert time.monotonic() < deadline, "the app did not come up"
            time.sleep(0.2)


@pytest.fixture(scope="module", name="browser")
def started_browser() -> Iterator[Browser]:
    """Debian's Chromium; its tests are skipped where there is none, but not by CI."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        if os.environ.get("CI") == "true":
            pytest.fail("There is no Chromium: `apt-get install chromium`.")
        pytest.skip("The pages: there is no Chromium (`apt-get install chromium`)")
    arguments = [*ARGUMENTS, "--no-sandbox"] if os.geteuid() == 0 else ARGUMENTS
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=arguments)
        yield started
        started.close()


@contextmanager
def visit(
    browser: Browser, address: str, width: int = 1800, height: int = 1200, **options: str
) -> Iterator[Page]:
    """A page that a person has opened; nothing may be wrong in its console."""
    errors: list[str] = []
    context = browser.new_context(viewport={"width": width, "height": height}, **options)
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.on(
        "console",
        lambda message: (
            errors.append(f"{message.text} {message.location}")
            if message.type == "error" and not EXPECTED_ERRORS.search(str(message.location))
            else None
        ),
    )
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(address)
    settle(page)
    yield page
    context.close()
    assert errors == []


def settle(page: Page) -> None:
    """Wait until the app has drawn what was asked for."""
    page.wait_for_selector("h1")
    # between a press of a key and the run that it causes
    page.wait_for_timeout(400)
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')
    page.wait_for_timeout(400)


def grid(page: Page, name: str | re.Pattern[str]) -> Locator:
    """A table by what a screen reader calls it."""
    return page.get_by_role("region", name=name)


def point(page: Page, table: Locator, x: int, y: int) -> None:
    """Move the mouse to a place of a table, which is painted."""
    table.scroll_into_view_if_needed()
    box = table.locator("canvas").first.bounding_box()
    page.mouse.move(box["x"] + x, box["y"] + y)


def column(page: Page, table: Locator, heading: str) -> list[str]:
    """All cells of a column, which are in the page only where one has scrolled to."""
    found: dict[int, str] = {}
    scroll = "(table, to) => table.querySelector('.dvn-scroller').scrollTop = to"
    rows = int(table.locator("[role=grid]").get_attribute("aria-rowcount")) - 1
    for down in range(0, 100_000, 450):
        table.evaluate(scroll, down)
        # what a screen reader is told follows a little later
        page.wait_for_timeout(400)
        found |= dict(
            table.locator("[role=grid]").evaluate(
                """(grid, heading) => {
                    const place = [...grid.querySelectorAll('th')]
                        .find(cell => cell.textContent === heading)
                        .getAttribute('aria-colindex')
                    return [...grid.querySelectorAll('tbody tr')].map(row => [
                        Number(row.getAttribute('aria-rowindex')),
                        row.querySelector(`td[aria-colindex="${place}"]`).textContent,
                    ])
                }""",
                heading,
            )
        )
        if len(found) == rows:
            break
    table.evaluate(scroll, 0)
    assert len(found) == rows
    return [found[row] for row in sorted(found)]


def move(page: Page, slider: str, to: int) -> None:
    """Move a slider by its keys."""
    handle = page.get_by_role("slider", name=slider)
    handle.focus()
    way = to - int(handle.input_value())
    for _ in range(abs(way)):
        page.keyboard.press("ArrowRight" if way > 0 else "ArrowLeft")
    settle(page)
    assert int(handle.input_value()) == to


def choose(page: Page, what: str, option: str) -> None:
    box = page.get_by_role("combobox", name=what, exact=True)
    box.click()
    # of many options only some are in the page
    box.fill(option)
    page.get_by_role("option", name=option, exact=True).click()
    settle(page)


def search_for(page: Page, text: str) -> None:
    search = page.get_by_role("searchbox", name="Search")
    search.fill(text)
    search.press("Enter")
    settle(page)


def find(page: Page, text: str) -> None:
    """Type into the field of the page Contact, which looks for it by itself."""
    page.get_by_role("searchbox", name="Find a contact").fill(text)
    page.wait_for_timeout(400)
    settle(page)


def metric(page: Page, label: str) -> str:
    found = page.get_by_test_id("stMetric").filter(has_text=label)
    return found.get_by_test_id("stMetricValue").inner_text()


def published(project: Project, sql: str, *parameters: object) -> list[tuple]:
    file = Generation((project.path / "published" / "current").resolve()).database
    with duckdb.connect(str(file), read_only=True) as connection:
        return connection.execute(sql, parameters).fetchall()


def active(project: Project, window: int, where: str = "true") -> list[tuple]:
    """Rank, name, score and address, in the order of the list."""
    return published(
        project,
        "select score_rank, full_name, score, email_address from marts.active_contacts "
        f"where score_name = 'engagement' and window_days = ? and {where} "
        "order by score_rank, contact_id",
        window,
    )


def shown(page: Page) -> list[tuple]:
    table = grid(page, re.compile("^Contacts by engagement"))
    names, ranks, scores = (column(page, table, name) for name in ("Contact", "Rank", "Score"))
    return [(int(r), n, float(s)) for r, n, s in zip(ranks, names, scores, strict=True)]


def in_list(page: Page, *headings: str) -> list[tuple[str, ...]]:
    """Columns of the list, row by row."""
    table = grid(page, re.compile("^Contacts by"))
    return list(zip(*(column(page, table, heading) for heading in headings), strict=True))


def has_column(table: Locator, heading: str) -> bool:
    return table.locator("th").get_by_text(heading, exact=True).count() > 0


def edited(project: Project, path: Path, *statements: str) -> Project:
    """A copy of a project whose published generation somebody has changed."""
    copy = Project(path)
    shutil.copytree(project.path, copy.path)
    file = Generation((copy.path / "published" / "current").resolve()).database
    file.chmod(0o644)
    with duckdb.connect(str(file)) as connection:
        for statement in statements:
            connection.execute(statement)
    return copy


def tel(phone: str) -> str:
    """What a phone dials of a number of the demo, which has no extension."""
    return "tel:" + re.sub(r"[^+0-9]", "", phone)


def without_address(rows: list[tuple]) -> list[tuple]:
    return [(rank, name or address, float(score)) for rank, name, score, address in rows]


def test_the_slider_shows_the_list_of_its_window(
    scored: Project, address: str, browser: Browser
) -> None:
    with visit(browser, address) as page:
        assert shown(page) == without_address(active(scored, 30))
        move(page, "Window in days", 7)
        assert shown(page) == without_address(active(scored, 7))
        assert metric(page, "In the list") == str(len(active(scored, 7)))


def test_the_threshold_says_who_to_call(scored: Project, address: str, browser: Browser) -> None:
    with visit(browser, address) as page:
        move(page, "Minimum score", 8)
        to_call = active(scored, 30, "score >= 8")
        assert 0 < len(to_call) < len(active(scored, 30))
        assert metric(page, "8 points or more") == str(len(to_call))
        assert shown(page) == without_address(to_call)


def test_filters_leave_what_passes_all_of_them(
    scored: Project, address: str, browser: Browser
) -> None:
    members = """contact_id in (
        select contact_id from marts.contact_list_scores where list_name = 'Weekly newsletter'
    )"""
    with visit(browser, address) as page:
        choose(page, "List", "Weekly newsletter")
        assert shown(page) == without_address(active(scored, 30, members))
        choose(page, "Band", "warm")
        assert shown(page) == without_address(active(scored, 30, f"{members} and band = 'warm'"))
        choose(page, "Company", "Copper Creek Utilities")
        passing = f"{members} and band = 'warm' and company_name = 'Copper Creek Utilities'"
        assert shown(page) == without_address(active(scored, 30, passing))
        search_for(page, "no such person")
        expect(page.get_by_text("No contact passes all of these filters.")).to_be_visible()


def test_a_link_shows_the_same_list(scored: Project, address: str, browser: Browser) -> None:
    with visit(browser, address) as page:
        move(page, "Window in days", 60)
        choose(page, "Band", "warm")
        choose(page, "Owner", "Tom Okafor")
        move(page, "Minimum score", 12)
        search_for(page, "a")
        link = page.url
    expected = active(scored, 60, "band = 'warm' and owner = 'Tom Okafor' and score >= 12")
    assert expected
    # whom somebody looked for is theirs alone
    assert "search" not in link
    with visit(browser, link) as page:
        assert shown(page) == without_address(expected)
        page.get_by_role("link", name="Rules").click()
        page.get_by_role("link", name="Active contacts").click()
        settle(page)
        assert shown(page) == without_address(expected)


@pytest.mark.parametrize(
    ("searched", "condition"),
    [
        ("copper creek", "company_name = 'Copper Creek Utilities'"),
        ("okafor", "owner = 'Tom Okafor'"),
        ("+46 (8) 465-004", "phone like '+46 8 465 004%'"),
    ],
)
def test_a_search_looks_at_what_people_know_of_a_contact(
    scored: Project, address: str, browser: Browser, searched: str, condition: str
) -> None:
    expected = active(scored, 30, condition)
    assert 0 < len(expected) < len(active(scored, 30))
    with visit(browser, address) as page:
        search_for(page, searched)
        assert shown(page) == without_address(expected)


def test_the_list_says_whom_to_call_and_why_before_all_else(address: str, browser: Browser) -> None:
    with visit(browser, address) as page:
        drivers = {driver for (driver,) in in_list(page, "Strongest driver")}
        headings = grid(page, re.compile("^Contacts by engagement")).locator("th")
        first = [text for text in headings.all_text_contents() if text][:4]
        assert first == ["Contact", "Score", "Phone", "Rank"]
        assert drivers <= {"Opened a message", "Clicked a link in a message", "Viewed a page"}
        assert len(drivers) > 1


def test_on_a_phone_one_touch_calls_without_scrolling_sideways(
    scored: Project, address: str, browser: Browser
) -> None:
    ((_, _, _, email),) = active(scored, 30, "contact_id = 'C098'")
    ((phone,),) = published(
        scored, "select distinct phone from marts.contact_scores where email_address = ?", email
    )
    with visit(browser, address, **PHONE) as page:
        table = grid(page, re.compile("^Contacts by engagement"))
        row = in_list(page, "Phone").index((tel(phone),))
        page.evaluate("window.open = (address) => { window.opened = address }")
        left = opening.NAME + opening.SCORE
        # where the column begins, and where it ends
        for x in (left + 12, left + opening.PHONE - 40):
            point(page, table, x, HEADER + ROW * row + ROW // 2)
            assert table.locator("canvas").first.bounding_box()["x"] + x < PHONE["width"]
            page.evaluate("window.opened = null")
            page.mouse.down()
            page.mouse.up()
            page.wait_for_function("window.opened")
            assert page.evaluate("window.opened") == tel(phone)
        assert left + opening.PHONE <= table.locator("canvas").first.bounding_box()["width"]


def test_on_a_phone_the_figures_stand_in_one_row(address: str, browser: Browser) -> None:
    with visit(browser, address, **PHONE) as page:
        move(page, "Minimum score", 8)
        boxes = [one.bounding_box() for one in page.get_by_test_id("stMetric").all()]
        assert len(boxes) == 3
        assert len({box["y"] for box in boxes}) == 1
        assert all(box["x"] + box["width"] < PHONE["width"] for box in boxes)


def test_one_result_leaves_no_empty_grid(scored: Project, address: str, browser: Browser) -> None:
    (without_phone, *_) = active(scored, 30, "phone is null")
    with visit(browser, address) as page:
        table = grid(page, re.compile("^Contacts by engagement"))
        assert table.bounding_box()["height"] > 10 * ROW
        for one in (active(scored, 30)[0], without_phone):
            search_for(page, one[1])
            assert shown(page) == without_address([one])
            assert table.bounding_box()["height"] < HEADER + 2 * ROW


def new_within(hours: int) -> str:
    return f"""contact_id not in (
        select contact_id from marts.points_ledger
        where earns and score_name = 'engagement'
        and occurred_at < as_of - interval {hours} hour
        and occurred_at >= as_of - interval {hours} hour - interval 3 day
    )"""


def test_new_is_a_badge_of_the_hours_that_one_chooses(
    scored: Project, browser: Browser, tmp_path: Path
) -> None:
    (*_, (_, _, _, latest)) = active(scored, 3)
    project = edited(
        scored,
        tmp_path / "a project",
        "update marts.points_ledger set occurred_at = as_of - interval 6 hour "
        "where occurred_at >= as_of - interval 5 day and contact_id in "
        f"(select contact_id from marts.contact_scores where email_address = '{latest}')",
    )
    today, this_tick = (active(project, 3, new_within(hours)) for hours in (24, 12))
    assert 0 < len(this_tick) < len(today) < len(active(project, 3))
    with app(project) as address, visit(browser, f"{address}?window=3") as page:
        for hours, new in (("24 hours", today), ("12 hours", this_tick)):
            page.get_by_role("radio", name=hours).click()
            settle(page)
            badges = in_list(page, "Contact", "New")
            names = [name for _, name, _ in without_address(new)]
            assert [name for name, badge in badges if badge == "new"] == names
            assert {badge for _, badge in badges} == {"new", ""}
        page.get_by_text("Only new ones", exact=True).click()
        settle(page)
        assert shown(page) == without_address(this_tick)


def test_times_are_those_of_the_reader_and_say_so(
    scored: Project, address: str, browser: Browser
) -> None:
    in_utc = [
        time
        for (time,) in published(
            scored,
            "select last_engaged_at from marts.active_contacts where window_days = 30 "
            "and score_name = 'engagement' order by score_rank, contact_id",
        )
    ]
    zone = ZoneInfo("America/New_York")
    local = [f"{time.replace(tzinfo=UTC).astimezone(zone):%Y-%m-%d %H:%M}" for time in in_utc]
    with visit(browser, address, width=2600, timezone_id="America/New_York") as page:
        assert [time[:16] for (time,) in in_list(page, "Last engaged")] == local
        scores_of = page.get_by_text("Scores of 2026-11-15 19:00 EST")
        expect(scores_of).to_be_visible()
        expect(grid(page, re.compile("to 2026-11-15 19:00 EST$"))).to_be_visible()
        page.get_by_test_id("stSidebar").get_by_test_id("stTooltipIcon").first.hover()
        expect(page.get_by_text("2026-11-16 00:00 UTC", exact=True)).to_be_visible()
        table = grid(page, re.compile("^Contacts by engagement"))
        width = table.bounding_box()["width"]
        hovered = page.get_by_test_id("stDataFrameTooltipContent")
        for x in range(int(width) - 30, 0, -60):
            point(page, table, x, HEADER // 2)
            page.wait_for_timeout(700)
            if hovered.count() and "America/New_York" in hovered.inner_text():
                break
        expect(hovered).to_contain_text(f"which is {max(in_utc):%Y-%m-%d %H:%M} UTC")


def test_a_view_that_is_saved_is_there_again_and_only_in_this_browser(
    scored: Project, address: str, browser: Browser
) -> None:
    expected = active(scored, 60, "owner = 'Tom Okafor'")
    with visit(browser, address) as page:
        move(page, "Window in days", 60)
        choose(page, "Owner", "Tom Okafor")
        page.get_by_text("Saved views", exact=True).click()
        page.get_by_label("Name for this view").fill("My <b>contacts</b>")
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.get_by_text("My <b>contacts</b> is saved.")).to_be_visible()

        # tomorrow
        page.goto(address)
        settle(page)
        assert shown(page) == without_address(active(scored, 30))
        page.get_by_text("Saved views", exact=True).click()
        page.get_by_role("link", name="My <b>contacts</b>").click()
        settle(page)
        assert shown(page) == without_address(expected)
        page.get_by_text("Saved views", exact=True).click()
        page.get_by_role("button", name="Delete the view My <b>contacts</b>").click()
        page.goto(address)
        settle(page)
        page.get_by_text("Saved views", exact=True).click()
        expect(page.get_by_label("Name for this view")).to_be_visible()
        assert page.get_by_role("link", name="My <b>contacts</b>").count() == 0
    with visit(browser, address) as page:
        assert "contacts" not in str(page.evaluate("Object.values(localStorage).join()"))


def test_a_list_of_several_pages_keeps_its_place(
    scored: Project, browser: Browser, tmp_path: Path
) -> None:
    """It begins with its first page where it is another list, and a link to a page is followed."""
    copies = "cross join (select unnest([1000000, 2000000]) as added)"
    project = edited(
        scored,
        tmp_path / "a project",
        *(
            f"insert into {table} select rows.* replace (rows.contact + added as contact{named}) "
            f"from {table} as rows {copies}"
            for table, named in (
                ("engagement.present_contacts", ", contact_id || '-' || added as contact_id"),
                ("points.contact_standings", ""),
                ("points.score_steps", ""),
                ("points.driver_steps", ""),
            )
        ),
    )
    everybody = without_address(active(project, 30))
    assert 200 < len(everybody) < 300
    with app(project) as address, visit(browser, f"{address}?page=3") as page:
        assert shown(page) == everybody[200:]
        page.get_by_role("button", name="Previous page").click()
        settle(page)
        assert shown(page) == everybody[100:200]
        assert "page=2" in page.url
        page.get_by_role("link", name="Rules").click()
        settle(page)
        page.get_by_role("link", name="Active contacts").click()
        settle(page)
        assert shown(page) == everybody[100:200]
        move(page, "Window in days", 31)
        assert shown(page) == without_address(active(project, 31))[:100]
        assert "page=" not in page.url


def test_the_list_says_who_cools_down_and_when(
    scored: Project, address: str, browser: Browser
) -> None:
    cooling = """contact_id in (
        select contact_id from marts.band_forecast
        where score_name = 'engagement' and score_then < score
    )"""
    expected = published(
        scored,
        "select strftime(changes_at, '%Y-%m-%d') || ' → ' || coalesce(next_band, 'no band') "
        "from marts.active_contacts inner join marts.band_forecast using (contact_id, score_name) "
        f"where score_name = 'engagement' and window_days = 30 and {cooling} "
        "order by score_rank, contact_id",
    )
    assert 0 < len(expected) < len(active(scored, 30))
    with visit(browser, address) as page:
        page.get_by_text("About to cool down", exact=True).click()
        settle(page)
        assert shown(page) == without_address(active(scored, 30, cooling))
        assert in_list(page, "Cools down") == expected


def graded(condition: str) -> str:
    """Who has a grade, or a fit band, of engagement and fit."""
    return f"""contact_id in (
        select contact_id from marts.lead_grades
        where fit_score_name = 'fit' and score_name = 'engagement' and {condition}
    )"""


def test_the_list_shows_grade_and_fit_and_filters_by_them(
    scored: Project, address: str, browser: Browser
) -> None:
    expected = published(
        scored,
        "select grade, fit_band from marts.active_contacts "
        "inner join marts.lead_grades using (contact_id, score_name) "
        "where score_name = 'engagement' and window_days = 30 order by score_rank, contact_id",
    )
    expected = [(grade or "", fit_band or "") for grade, fit_band in expected]
    assert len(set(expected)) > 3
    with visit(browser, address) as page:
        assert in_list(page, "Grade", "Fit band") == expected
        choose(page, "Grade", "B2")
        of_grade = active(scored, 30, graded("grade = 'B2'"))
        assert 0 < len(of_grade) < len(expected)
        assert shown(page) == without_address(of_grade)
        choose(page, "Owner", "Nadia Ferrante")
        of_owner = graded("grade = 'B2'") + " and owner = 'Nadia Ferrante'"
        assert 0 < len(active(scored, 30, of_owner)) < len(of_grade)
        assert shown(page) == without_address(active(scored, 30, of_owner))
        choose(page, "Fit band", "A")
        expect(page.get_by_text("No contact passes all of these filters.")).to_be_visible()
    with visit(browser, address) as page:
        choose(page, "Fit band", "A")
        of_band = active(scored, 30, graded("fit_band = 'A'"))
        assert 0 < len(of_band) < len(expected)
        assert shown(page) == without_address(of_band)
        # another score has no grades, but fit all the same
        choose(page, "Score", "buying_intent")
        assert {band for (band,) in in_list(page, "Fit band")} == {"A"}
        assert not has_column(grid(page, re.compile("^Contacts by")), "Grade")
        assert page.get_by_role("combobox", name="Grade").count() == 0


def test_the_csv_is_the_query_and_runs_nothing(
    scored: Project, address: str, browser: Browser, tmp_path: Path
) -> None:
    with visit(browser, address) as page:
        move(page, "Window in days", 7)
        # the button belongs to the list that is drawn; the one before it is gone by then
        grid(page, re.compile("in the 7 days to")).wait_for()
        with page.expect_download() as download:
            page.get_by_role("button", name="Download as CSV").click()
        download.value.save_as(tmp_path / "list.csv")
        assert page.get_by_role("button", name="Download as CSV").count() == 1
    with (tmp_path / "list.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    expected = published(
        scored,
        "select columns(*)::varchar from marts.active_contacts as mart "
        "where score_name = 'engagement' and window_days = 7 order by mart.score_rank, contact_id",
    )
    names = published(scored, "select column_name from (describe marts.active_contacts)")
    assert header == [name for (name,) in names]
    neutralised = [
        tuple(
            f"'{value}"
            if value and value[0] in "=+-@" and name not in ("score", "score_rank", "phone")
            else value or ""
            for name, value in zip(header, row, strict=True)
        )
        for row in expected
    ]
    assert [tuple(row) for row in rows] == neutralised
    assert f"'{FORMULA}" in {row[header.index("full_name")] for row in rows}


def test_a_contact_opens_with_drivers_that_add_up(
    scored: Project, address: str, browser: Browser
) -> None:
    with visit(browser, address) as page:
        for row in (0, 3):
            move(page, "Window in days", 60)
            (_, name, score, _) = active(scored, 60)[row]
            table = grid(page, re.compile("^Contacts by engagement"))
            # the first letters of the name, which is a button once the mouse is there
            point(page, table, 40, HEADER + ROW * row + ROW // 2)
            page.wait_for_timeout(300)
            page.mouse.down()
            page.mouse.up()
            expect(page.get_by_role("heading", name=name)).to_be_visible()
            settle(page)
            assert float(metric(page, "Score, 60 days")) == score
            points = column(page, grid(page, "The drivers of the score"), "Points")
            assert sum(map(float, points)) == score
            page.get_by_role("link", name="Active contacts").click()
            settle(page)
        choose(page, "Open a contact of this page of the list", f"{FORMULA} (C001)")
        expect(page.get_by_role("heading", name=FORMULA)).to_be_visible()


def test_a_contact_says_what_did_not_count(scored: Project, address: str, browser: Browser) -> None:
    with visit(browser, f"{address}/contact?contact=C002") as page:
        timeline = grid(page, re.compile("^Engagements in the window"))
        assert "no: a machine (click_burst)" in column(page, timeline, "Counted")
        find(page, "  ELODIE.dubreuil@aqualys.example ")
        expect(page.get_by_text("Disqualified: the score is 0 in every window")).to_be_visible()
        assert metric(page, "Score, 30 days") == "0"
        evidence = grid(page, "What disqualified the contact")
        assert column(page, evidence, "Event") == ["email_unsubscribe"]
        find(page, "nobody@nowhere.example")
        expect(page.get_by_text("No contact has this in its name")).to_be_visible()


def test_a_contact_is_found_by_a_part_of_its_name(
    scored: Project, address: str, browser: Browser
) -> None:
    found = published(
        scored,
        "select full_name, contact_id from marts.contact_scores where score_name = 'engagement' "
        "and (lower(full_name) like '%köh%' or email_address like '%köh%') order by full_name",
    )
    assert len(found) > 1
    with visit(browser, f"{address}/contact") as page:
        find(page, " KÖH")
        offered = page.get_by_test_id("stMain").get_by_test_id("stButton").all_inner_texts()
        assert sorted(offer.split(" · ")[0] for offer in offered) == [name for name, _ in found]
        name, contact = found[-1]
        page.get_by_role("button", name=name).click()
        expect(page.get_by_role("heading", name=name)).to_be_visible()
        settle(page)
        assert page.url.endswith(f"/contact?contact={contact}")
        assert page.get_by_test_id("stMain").get_by_test_id("stButton").count() == 0
        find(page, "a")
        expect(page.get_by_text("There are more.")).to_be_visible()


def test_the_address_of_a_contact_holds_its_id_alone(address: str, browser: Browser) -> None:
    with visit(browser, f"{address}/contact") as page:
        find(page, "anna.berg@harbor-foods.example")
        expect(page.get_by_role("heading", name=FORMULA)).to_be_visible()
        settle(page)
        assert page.url.endswith("/contact?contact=C001")
    # a link of before
    with visit(browser, f"{address}/contact?contact=Anna.Berg@harbor-foods.example") as page:
        expect(page.get_by_role("heading", name=FORMULA)).to_be_visible()
        settle(page)
        assert page.url.endswith("/contact?contact=C001")
    with visit(browser, f"{address}/contact?contact=C999") as page:
        expect(page.get_by_text("No contact has the id in this page's address.")).to_be_visible()


def test_a_contact_can_be_called(address: str, browser: Browser) -> None:
    with visit(browser, f"{address}/contact?contact=C001") as page:
        call = page.get_by_role("link", name="+46 8 465 004 52")
        assert call.get_attribute("href") == "tel:+46846500452"


def marks(page: Page, chart: str, kind: str) -> list[dict[str, str]]:
    """What a chart tells screen readers of each of its marks."""
    found = page.locator(f"[aria-label^='{chart}'] [aria-roledescription='{kind}']")
    expect(found.first).to_be_attached()
    told = [mark.get_attribute("aria-label") for mark in found.all()]
    return [dict(part.split(": ", 1) for part in one.split("; ")) for one in told]


def test_a_contact_shows_its_score_over_time(
    scored: Project, address: str, browser: Browser
) -> None:
    spans = published(
        scored,
        "select strftime(valid_from, '%b %d'), score_30d from marts.score_history "
        "where contact_id = 'C001' and score_name = 'engagement' order by valid_from",
    )
    assert len(spans) > 1
    now = [("Nov 16", spans[-1][1])]
    with visit(browser, f"{address}/contact?contact=C001") as page:
        told = marks(page, "The score of 30 days from build to build", "point")
        points = [(one["time"], float(one["score"])) for one in told]
        assert points == [(day, float(score)) for day, score in [*spans, *now]]


def test_what_the_cap_took_stands_by_the_points(
    scored: Project, address: str, browser: Browser
) -> None:
    ((lost,),) = published(
        scored,
        "select points_lost_to_cap from marts.score_drivers where contact_id = 'C001' "
        "and rule_id = 'pricing_view' and window_days = 30",
    )
    assert lost > 0
    link = f"{address}/contact?contact=C001&score=buying_intent"
    with visit(browser, link) as page:
        said = page.get_by_text(f"caps took away, in the 30 days: pricing_view {lost}.")
        # under the days, and under the events
        assert said.count() == 2
        days = marks(page, "Points earned on each of the last 90 days", "bar")
        pricing = sum(
            float(bar["points"])
            for bar in days
            if bar["rule"] == "pricing_view"
            and datetime.strptime(f"{bar['day']} 2026", "%b %d %Y") >= datetime(2026, 10, 17)
        )
        drivers = grid(page, "The drivers of the score")
        rules, points = (column(page, drivers, heading) for heading in ("Rule", "Points"))
        by_rule = dict(zip(rules, points, strict=True))
        assert pricing == pytest.approx(float(by_rule["pricing_view"]) + float(lost), abs=0.01)


def test_a_band_says_which_window_it_goes_by(
    scored: Project, address: str, browser: Browser
) -> None:
    ((band, score),) = published(
        scored,
        "select scores.band, active.score from marts.contact_scores as scores "
        "inner join marts.active_contacts as active using (contact_id, score_name) "
        "where contact_id = 'C001' and score_name = 'buying_intent' and window_days = 60",
    )
    with visit(browser, f"{address}/contact?contact=C001&score=buying_intent&window=7") as page:
        assert metric(page, "Band, by 60 days") == band
        said = f"The band goes by the score of 60 days, whatever window you look at: {score}."
        expect(page.get_by_text(said)).to_be_visible()
        assert float(metric(page, "Score, 7 days")) < float(score)
        move(page, "Window in days", 60)
        assert metric(page, "Score, 60 days") == str(score)
        assert page.get_by_text("The band goes by").count() == 0


@pytest.mark.parametrize(("rules", "named"), [(8, 8), (9, 8), (60, 8)])
def test_a_legend_names_the_largest_rules_of_any_number(rules: int, named: int) -> None:
    by_day = pd.DataFrame(
        {
            "day": ["2026-11-01", "2026-11-02"] * rules,
            "rule_id": [f"rule_{number:02}" for number in range(rules) for _ in range(2)],
            # some take points
            "points": [(-1) ** place * (place + 1.0) for place in range(rules) for _ in range(2)],
        }
    )
    names = named_rules(by_day)
    assert names.nunique() == named
    largest = {f"rule_{number:02}" for number in range(rules - 1, rules - named, -1)}
    others = {"rule_00"} if rules == named else {"other rules"}
    assert set(names) == largest | others
    domain = days_chart(by_day, names, date(2026, 11, 16)).to_dict()["encoding"]["color"]["scale"]
    assert domain["domain"][-1] == ("rule_07" if rules == named else "other rules")


def test_a_contact_says_why_its_score_changed(
    scored: Project, address: str, browser: Browser
) -> None:
    causes = {
        "by_new": "New events",
        "by_late": "Late events",
        "by_expired": "Too old now",
        "by_decayed": "Faded",
        "by_owners": "Other person",
        "by_rules": "Edited rules",
    }
    told = published(
        scored,
        f"""
        select contact_id, sum(change), {", ".join(f"bool_or({cause} <> 0)" for cause in causes)}
        from marts.score_changes where score_name = 'engagement' group by contact_id order by 1
        """,
    )
    several = next(row for row in told if sum(row[2:]) > 1)
    with visit(browser, f"{address}/contact?contact={several[0]}") as page:
        table = grid(page, "What changed since the scores before")
        expect(table.locator("th").get_by_text("Change", exact=True)).to_have_count(1)
        for heading, is_told in zip(causes.values(), several[2:], strict=True):
            assert has_column(table, heading) == is_told
        assert sum(map(float, column(page, table, "Change"))) == float(several[1])
        expect(
            page.get_by_text(f"{several[1]:+} points since 2026-11-09 12:00 UTC")
        ).to_be_visible()
    same = published(
        scored,
        """
        select contact_id from marts.contact_scores where score_name = 'engagement'
        except select contact_id from marts.score_changes order by 1
        """,
    )
    with visit(browser, f"{address}/contact?contact={same[0][0]}") as page:
        expect(page.get_by_text("Nothing changed since the scores before")).to_be_visible()


def test_a_contact_says_why_it_fits(scored: Project, address: str, browser: Browser) -> None:
    drivers = "select rule_id, matched_value, points from marts.fit_drivers where contact_id = ?"
    ((grade, fit_band, score),) = published(
        scored,
        "select grade, fit_band, score from marts.lead_grades "
        "inner join marts.fit_scores on fit_scores.contact_id = lead_grades.contact_id "
        "where lead_grades.contact_id = 'C001' and lead_grades.score_name = 'engagement'",
    )
    with visit(browser, f"{address}/contact?contact=C001") as page:
        assert metric(page, "Grade") == grade
        assert metric(page, "Fit band") == fit_band
        assert float(metric(page, "Score, fit")) == score
        table = grid(page, "The drivers of fit")
        cells = (column(page, table, name) for name in ("Rule", "Matched value", "Points"))
        found = {(rule, value, float(points)) for rule, value, points in zip(*cells, strict=True)}
        assert found == set(published(scored, drivers, "C001"))
        assert sum(points for _, _, points in found) == score
        page.get_by_role("link", name="Account: Harbor Foods AB").click()
        expect(page.get_by_role("heading", name="Harbor Foods AB")).to_be_visible()
        settle(page)
    with visit(browser, f"{address}/contact?contact=C005") as page:
        forfeited = sum(points for _, _, points in published(scored, drivers, "C005"))
        assert forfeited > 0
        expect(
            page.get_by_text(f"They would add up to {forfeited:.0f}. The contact is disqualified")
        ).to_be_visible()
        assert metric(page, "Score, fit") == "0"
        assert page.get_by_test_id("stMetric").filter(has_text="Grade").count() == 0


def test_accounts_are_ranked_and_open_with_their_people(
    scored: Project, address: str, browser: Browser
) -> None:
    columns = {
        "Rank": "score_rank",
        "Account": "account_name",
        "Score": "accounts.score",
        "Active contacts": "active_contacts",
        "Contacts": "contacts",
        "Sales-ready": "sales_ready_contacts",
        "Disqualified": "disqualified_contacts",
        "Top contact": "full_name",
    }
    ranked = (
        f"select columns(*)::varchar from (select {', '.join(columns.values())} "
        "from marts.account_scores as accounts left join marts.contact_scores as top "
        "on top.contact_id = top_contact_id and top.score_name = accounts.score_name "
        "where accounts.score_name = 'engagement' and window_days = ? "
        "order by score_rank nulls last, accounts.account_id)"
    )
    people = published(
        scored,
        "select full_name, owner, phone, status, scores.band, grade, score_60d "
        "from marts.contact_scores as scores "
        "inner join marts.lead_grades using (contact_id, score_name) "
        "where score_name = 'engagement' and account_id = 'US-WATER' "
        "order by score_60d desc, contact_id",
    )
    with visit(browser, f"{address}/accounts") as page:
        handle = page.get_by_role("slider", name="Window in days")
        for window in (30, 60):
            table = grid(page, re.compile(f"^Accounts by engagement in the {window} days"))
            cells = zip(*(column(page, table, heading) for heading in columns), strict=True)
            expected = published(scored, ranked, window)
            assert list(map(as_numbers, cells)) == list(map(as_numbers, expected))
            handle.focus()
            page.keyboard.press("ArrowRight")
            settle(page)
        page.keyboard.press("ArrowLeft")
        settle(page)
        row = [name for _, name, *_ in expected].index("Copper Creek Utilities")
        point(page, table, 85, HEADER + ROW * row + ROW // 2)
        page.wait_for_timeout(300)
        page.mouse.down()
        page.mouse.up()
        expect(page.get_by_role("heading", name="Copper Creek Utilities")).to_be_visible()
        settle(page)
        assert page.url.endswith("?account=US-WATER")
        table = grid(page, "The people of the account")
        headings = ("Contact", "Owner", "Phone", "Status", "Band", "Grade", "Score")
        cells = zip(*(column(page, table, heading) for heading in headings), strict=True)
        assert list(map(as_numbers, cells)) == [
            as_numbers((name, owner, phone and tel(phone), *rest))
            for name, owner, phone, *rest in people
        ]

        choose(page, "Open a contact of this account", "Matthias Köhler (C098)")
        expect(page.get_by_role("heading", name="Matthias Köhler")).to_be_visible()
        settle(page)
        assert page.url.endswith("/contact?contact=C098")
        page.get_by_role("link", name="Accounts").click()
        settle(page)
        named = page.get_by_role("textbox", name="Account")
        named.fill(" harbor foods AB ")
        named.press("Enter")
        expect(page.get_by_role("heading", name="Harbor Foods AB")).to_be_visible()
        settle(page)
        named.fill("nowhere")
        named.press("Enter")
        settle(page)
        expect(page.get_by_text("No account has this id or this name.")).to_be_visible()


def as_numbers(row: tuple[object, ...]) -> list[object]:
    """The cells of a row, numbers as such, nothing as the page writes it."""
    cells = ["" if cell is None else str(cell) for cell in row]
    return [float(cell) if re.fullmatch(r"[\d.]+", cell) else cell for cell in cells]


def test_rules_show_what_they_did(scored: Project, address: str, browser: Browser) -> None:
    with visit(browser, f"{address}/rules") as page:
        choose(page, "Score", "buying_intent")
        table = grid(page, "The rules of buying_intent")
        found = dict(
            zip(column(page, table, "Rule"), column(page, table, "Times earned"), strict=True)
        )
        expected = published(
            scored,
            "select rule_id, times_earned_90d from marts.rule_performance "
            "where score_name = 'buying_intent'",
        )
        assert {rule: int(times) for rule, times in found.items()} == dict(expected)
        held_back = grid(page, "The disqualification rules")
        counts = column(page, held_back, "Contacts held back")
        assert sum(map(int, counts)) == len(
            published(scored, "select 1 from marts.disqualified_contacts")
        )


def test_rules_say_why_matched_is_not_earned(
    scored: Project, address: str, browser: Browser
) -> None:
    expected = published(
        scored,
        "select rule_id, count(*), count(*) filter (where unearned_reason = 'machine'), "
        "count(*) filter (where unearned_reason = 'repeat'), "
        "count(*) filter (where unearned_reason = 'no_consent'), "
        "count(*) filter (where unearned_reason = 'no_contact') "
        "from marts.points_ledger where score_name = 'engagement' group by rule_id order by 1",
    )
    assert all(sum(row[place] for row in expected) for place in range(1, 6))
    headings = ("Rule", "Matched", "A machine's", "Repeats", "Without consent", "Nobody's")
    with visit(browser, f"{address}/rules") as page:
        table = grid(page, "What was matched and not earned, by reason")
        cells = [column(page, table, heading) for heading in headings]
        found = [tuple(cell.replace(",", "") for cell in row) for row in zip(*cells, strict=True)]
        assert sorted(found) == [tuple(map(str, row)) for row in expected]
        # reasons that there are not are not told of
        assert not has_column(table, "Expired")
        # all of them together are what is missing
        numbers = zip(
            *(
                [int(cell.replace(",", "")) for cell in column(page, table, heading)]
                for heading in table.locator("th").all_text_contents()
                if heading not in ("", "Rule")
            ),
            strict=True,
        )
        assert all(matched == sum(reasons) for matched, *reasons in numbers)
        expect(page.get_by_text("A machine's: a mail scanner or a crawler did it.")).to_be_visible()


def test_rules_show_fit_and_grades(scored: Project, address: str, browser: Browser) -> None:
    with visit(browser, f"{address}/rules") as page:
        rules = grid(page, "The fit rules")
        cells = (column(page, rules, name) for name in ("Rule", "Looks at", "Contacts"))
        found = {rule: (what, int(contacts)) for rule, what, contacts in zip(*cells, strict=True)}
        counted = dict(
            published(
                scored,
                "select rule_id, count(*) from marts.fit_drivers "
                "where not is_disqualified group by rule_id",
            )
        )
        assert {rule: contacts for rule, (_, contacts) in found.items()} == counted
        assert found["large_company"][0] == "employees at_least 500"
        assert column(page, grid(page, "The bands of fit"), "Band") == ["A", "B", "C"]
        grades = grid(page, "Grades of fit and engagement")
        assert column(page, grades, "Fit band") == ["A", "B", "C"]
        assert column(page, grades, "warm") == ["A2", "B2", "C2"]
        assert column(page, grades, "(no band)") == ["A3", "B3", "C3"]
        ready = published(
            scored,
            "select distinct grade from config.lead_grades where is_sales_ready order by grade",
        )
        called = ", ".join(grade for (grade,) in ready)
        expect(page.get_by_text(f"Sales should call: {called}.")).to_be_visible()


def test_without_an_evaluation_it_is_said_how_to_make_one(address: str, browser: Browser) -> None:
    with visit(browser, f"{address}/does_it_work") as page:
        expect(page.get_by_text("No evaluation is published yet.")).to_be_visible()
        expect(page.get_by_text("make evaluate", exact=True)).to_be_visible()


def test_status_accounts_for_every_row(scored: Project, address: str, browser: Browser) -> None:
    with visit(browser, f"{address}/status") as page:
        assert metric(page, "Scores of") == "2026-11-16 00:00"
        # an example is not updated
        expect(page.get_by_text("Next update")).to_have_count(0)
        table = grid(page, "Rows by raw table")
        read = [int(cell.replace(",", "")) for cell in column(page, table, "Rows read")]
        assert sum(read) == 5431
        rejected = grid(page, "Rejected rows by reason")
        assert sorted(column(page, rejected, "Reason")) == [
            "invalid_occurred_at",
            "missing_actor",
            "missing_event_id",
        ]
        expect(
            page.get_by_text("An example, as of 2026-11-16 00:00 UTC. It is not updated.")
        ).to_be_visible()

        moves = grid(page, "Bands entered and left")
        columns = ("Score", "Band", "Entered", "Left")
        shown = zip(*(column(page, moves, name) for name in columns), strict=True)
        assert {row[:2]: (int(row[2]), int(row[3])) for row in shown} == moved(scored)


def test_status_says_why_the_list_has_fewer(
    scored: Project, address: str, browser: Browser
) -> None:
    ((in_90_days,),) = published(
        scored,
        "select count(*) from marts.contact_scores "
        "where score_name = 'engagement' and status = 'active'",
    )
    in_list = len(active(scored, 30))
    assert in_list < in_90_days
    with visit(browser, f"{address}/status") as page:
        table = grid(page, "Contacts by score and status")
        headings = ("Score", "Active", "Of these in 30 days")
        rows = zip(*(column(page, table, heading) for heading in headings), strict=True)
        assert ("engagement", str(in_90_days), str(in_list)) in list(rows)
        expect(page.get_by_text("Active is who earned a point in the last 90 days")).to_be_visible()


def moved(project: Project) -> dict[tuple[str, str], tuple[int, int]]:
    """Who entered and left each band, by the bands of each contact then and now."""
    then = "select contact_id, score_name, band from marts.score_history where valid_from = ?"
    before = {tuple(row[:2]): row[2] for row in published(project, then, EARLIER)}
    now = "select contact_id, score_name, band from marts.contact_scores"
    after = {tuple(row[:2]): row[2] for row in published(project, now)}
    bands = published(
        project, "select score_name, band from config.score_bands where window_days is not null"
    )
    entered, left = Counter(), Counter()
    for who in before.keys() | after.keys():
        if before.get(who) != after.get(who):
            entered[who[1], after.get(who)] += 1
            left[who[1], before.get(who)] += 1
    assert entered.total() > 0
    return {band: (entered[band], left[band]) for band in bands}


@pytest.mark.long
def test_a_new_generation_is_followed_and_old_scores_are_called_stale(
    scored: Project, browser: Browser, tmp_path: Path
) -> None:
    project = Project(tmp_path / "a project")
    shutil.copytree(scored.path, project.path)
    shutil.rmtree(project.path / "published")
    with app(project) as address, visit(browser, address) as page:
        expect(page.get_by_text("There is no generation in")).to_be_visible()
        done = project.command("publish")
        assert done.returncode == 0, done.stdout
        expect(page.get_by_role("heading", name="Active contacts")).to_be_visible()
        settle(page)
        before = shown(page)
        assert before == without_address(active(scored, 30))

        rules = project.path / "seeds" / "config" / "scoring_rules.csv"
        text = rules.read_text("utf-8")
        assert "page_view,engagement,page_view,,,,1," in text
        rules.write_text(
            text.replace("page_view,engagement,page_view,,,,1,", "page_view,,page_view,,,,7,"),
            "utf-8",
        )
        build_and_publish(project)
        best = active(project, 30)[0]
        assert best[2] > before[0][2]
        table = grid(page, re.compile("^Contacts by engagement"))
        expect(table.locator("[data-testid=glide-cell-1-0]")).to_have_text(f"{best[2]:.0f}")
        assert shown(page) == without_address(active(project, 30))

        # somebody's own input, which is of the demo's quarter and long over
        shutil.copytree(project.path / "seeds" / "demo", project.path / "exports")
        build_and_publish(project, raw_files="exports", as_of="2026-11-16 00:00:00")
        expect(
            page.get_by_text(re.compile(r"These scores are \d+ (hours|days) old"))
        ).to_be_visible()
        said = page.get_by_text("Newer scores were due by 2026-11-16 13:00 UTC")
        expect(said).to_be_hidden()
        page.get_by_text("For whoever runs them").click()
        expect(said).to_be_visible()


def test_what_cannot_be_shown_is_said(scored: Project, browser: Browser, tmp_path: Path) -> None:
    marts = ("fit_scores", "fit_drivers", "lead_grades", "band_forecast", "score_changes")
    new = [f"marts.{mart}" for mart in marts]
    project = edited(
        scored,
        tmp_path / "a project",
        # as versions before fit published it
        *(f"drop table {table}" for table in (*new, "config.fit_rules", "config.lead_grades")),
        "drop view marts.account_scores",
        "alter table marts.contact_scores drop column account_id",
        "alter table marts.sales_handoffs drop column grade",
    )
    with app(project) as address:
        for path in ("", "contact?contact=C001", "accounts", "rules", "does_it_work", "status"):
            with visit(browser, f"{address}/{path}") as page:
                expect(page.get_by_text("They were published before these pages")).to_be_visible()
    file = Generation((project.path / "published" / "current").resolve()).database
    file.write_bytes(b"no database")
    with app(project) as address, visit(browser, address) as page:
        expect(page.get_by_text("is damaged, or this user may not read it")).to_be_visible()


@pytest.mark.long
def test_without_fit_rules_no_fit_is_shown(
    scored: Project, browser: Browser, tmp_path: Path
) -> None:
    tables = ("fit_scores", "fit_drivers", "lead_grades")
    project = edited(
        scored,
        tmp_path / "a project",
        *(f"delete from marts.{table}" for table in tables),
        "delete from config.fit_rules",
        "delete from config.lead_grades",
        "delete from config.score_bands where window_days is null",
        "update marts.sales_handoffs set grade = null",
        "update marts.contact_scores set owner = null",
    )
    with app(project) as address:
        with visit(browser, address) as page:
            assert shown(page) == without_address(active(project, 30))
            table = grid(page, re.compile("^Contacts by engagement"))
            for part in ("Grade", "Fit band", "Fit score"):
                assert not has_column(table, part)
            for part in ("Grade", "Fit band", "Owner"):
                assert page.get_by_role("combobox", name=part).count() == 0
        with visit(browser, f"{address}/contact?contact=C001") as page:
            handoffs = grid(page, "Hand-offs to sales")
            assert column(page, handoffs, "To band") == ["hot"]
            assert not has_column(handoffs, "Grade")
            assert page.get_by_role("heading", name="Fit", exact=True).count() == 0
            assert page.get_by_test_id("stMetric").filter(has_text="Grade").count() == 0
        with visit(browser, f"{address}/accounts?account=US-WATER") as page:
            people = grid(page, "The people of the account")
            assert len(column(page, people, "Score")) > 1
            assert not has_column(people, "Grade")
        with visit(browser, f"{address}/rules") as page:
            expect(page.get_by_role("heading", name="Disqualification rules")).to_be_visible()
            assert page.get_by_role("heading", name=re.compile("^(Fit|Grades)")).count() == 0


@pytest.mark.long
def test_of_several_fit_scores_the_list_shows_the_first(
    scored: Project, browser: Browser, tmp_path: Path
) -> None:
    project = edited(
        scored,
        tmp_path / "a project",
        # it has no bands, and grades by the band of the other score
        "insert into config.fit_rules (rule_id, score_name, points) values ('any', 'a_fit', 2.5)",
        "insert into config.lead_grades values ('a_fit', null, 'engagement', 'hot', 'H', true)",
        "insert into marts.fit_scores "
        "select 'a_fit', contact_id, 2.5, null, as_of from marts.fit_scores",
        "insert into marts.lead_grades "
        "select contact_id, 'a_fit', null, score_name, band, "
        "case when band = 'hot' then 'H' end, band = 'hot', as_of from marts.lead_grades",
    )
    with app(project) as address:
        with visit(browser, address) as page:
            is_hot = {(grade, fit) for grade, fit in in_list(page, "Grade", "Fit score")}
            assert is_hot == {("H", "2.5"), ("", "2.5")}
            choose(page, "Grade", "(no grade)")
            others = "band is distinct from 'hot'"
            assert shown(page) == without_address(active(project, 30, others))
        with visit(browser, f"{address}/contact?contact=C001") as page:
            assert metric(page, "Grade by a_fit") == "H"
            assert metric(page, "Grade by fit") == "A1"
            assert metric(page, "Score, a_fit") == "2.5"


def with_manifest(project: Project, path: Path, before: str, after: str) -> Project:
    """A copy whose manifest says something else: no build is needed, for the pages go by it."""
    copy = Project(path)
    shutil.copytree(project.path, copy.path)
    manifest = (copy.path / "published" / "current").resolve() / "manifest.json"
    manifest.chmod(0o644)
    text = manifest.read_text("utf-8")
    assert before in text
    manifest.write_text(text.replace(before, after, 1), "utf-8")
    return copy


def test_fresh_scores_are_not_called_stale(
    scored: Project, browser: Browser, tmp_path: Path
) -> None:
    now = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S}"
    of_now = ('"as_of": "2026-11-16 00:00:00"', f'"as_of": "{now}"')
    project = with_manifest(scored, tmp_path / "a project", *of_now)
    env = {"CONTACT_SCORING_GRACE_MINUTES": "1440"}
    with app(project, **env) as address, visit(browser, f"{address}/status") as page:
        expect(page.get_by_text("Rows read = engagements")).to_be_visible()
        assert page.get_by_test_id("stAlert").count() == 0


def test_the_notice_of_stale_scores_speaks_to_readers_before_operators(
    scored: Project, browser: Browser, tmp_path: Path
) -> None:
    somebodys = ('"is_demo": true', '"is_demo": false')
    project = with_manifest(scored, tmp_path / "a project", *somebodys)
    with app(project) as address, visit(browser, address) as page:
        before = datetime.now(UTC).replace(tzinfo=None)
        notice = page.get_by_test_id("stAlert").inner_text()
        said = re.search(r"old, .* The next update is due at (.{16}) UTC\. Tell whoever", notice)
        due = datetime.strptime(said[1], "%Y-%m-%d %H:%M")
        # the next tick from now, not from the scores
        assert timedelta(minutes=-5) < due - before <= timedelta(hours=12)
        assert (due.hour % 12, due.minute) == (0, 0)
        page.goto(f"{address}/status")
        assert metric(page, "Next update") == said[1]
        page.goto(address)
        assert "make" not in notice
        commands = page.get_by_text("make check-freshness")
        expect(commands).to_be_hidden()
        page.get_by_text("For whoever runs them").click()
        expect(commands).to_be_visible()
        expect(page.get_by_text("Newer scores were due by 2026-11-16 13:00 UTC")).to_be_visible()


PAGES = {
    "Active contacts": "",
    "Contact": "contact?contact=C001&score=buying_intent",
    "Contact that is disqualified": "contact?contact=C005",
    "Accounts": "accounts?account=US-WATER",
    "Rules": "rules",
    "Try a change": "try_a_change",
    "Does it work?": "does_it_work",
    "Status": "status",
}


@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
def test_axe_finds_nothing_on_any_page(address: str, browser: Browser, path: str) -> None:
    with visit(browser, f"{address}/{path}", **PHONE) as page:
        expect_no_barriers(page)


def expect_no_barriers(page: Page) -> None:
    """Of no rule of axe, in either theme, on a phone and on a desk; with all that unfolds."""
    for unfolds in page.get_by_test_id("stMain").locator("details").all():
        if unfolds.get_attribute("open") is None:
            unfolds.locator("summary").click()
    settle(page)
    background = "getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor"
    grounds, barriers = set(), []
    for width in (PHONE["width"], 1440):
        page.set_viewport_size({"width": width, "height": 1000})
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)
            settle(page)
            grounds.add(page.evaluate(background))
            barriers += [
                (width, theme, found["id"], node["target"], node["failureSummary"])
                for found in Axe().run(page).response["violations"]
                for node in found["nodes"]
            ]
    assert len(grounds) == 2
    assert barriers == []


# the text of the page that lies under the bar with a table's buttons
COVERED = """() => {
    const covered = []
    for (const bar of document.querySelectorAll('.stDataFrame [data-testid=stElementToolbar]')) {
        const {left, right, top, bottom} = bar.getBoundingClientRect()
        const page = document.querySelector('[data-testid=stMain]')
        const texts = document.createTreeWalker(page, NodeFilter.SHOW_TEXT)
        while (texts.nextNode()) {
            const text = texts.currentNode
            if (!text.textContent.trim() || bar.contains(text)) continue
            if (text.parentElement.closest('canvas, details:not([open]) > :not(summary)')) continue
            const range = document.createRange()
            range.selectNodeContents(text)
            for (const box of range.getClientRects())
                if (box.width && box.left < right && box.right > left
                    && box.top < bottom && box.bottom > top)
                    covered.push([bar.querySelector('button').ariaLabel, text.textContent])
        }
    }
    return covered
}"""


@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
def test_no_tables_buttons_cover_anything(address: str, browser: Browser, path: str) -> None:
    with visit(browser, f"{address}/{path}") as page:
        for width in (PHONE["width"], 1440):
            page.set_viewport_size({"width": width, "height": 1000})
            settle(page)
            assert page.evaluate(COVERED) == []
