"""How long a person waits on the page Active contacts, beside the bare SQL of the list.

python benchmarks/pages.py PUBLISHED --times 10

PUBLISHED is a folder of generations. Each interaction is made in Chromium, on the real app, and is
over with the last change of the page; the bare query is the list's own, asked of the same file. No
interaction is made twice with the same values, so that nothing comes from the app's cache.
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import duckdb
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).parent.parent
BARE = """
    select * from marts.active_contacts
    where score_name = 'engagement' and window_days = {window} and {condition}
    order by score_rank, contact_id
    limit 100
"""
LOOKED_UP = (
    """
    create temp table lists as
    select distinct list_id, coalesce(list_name, list_id) as list_name
    from marts.contact_list_scores where window_days = 1
    """,
    """
    create temp table companies as
    select company_name from marts.contact_scores
    where score_name = 'engagement' and company_name is not null and status = 'active'
    group by company_name order by count(*) desc, company_name
    """,
    """
    create temp table best_band as
    select band from config.score_bands
    where score_name = 'engagement' order by min_score desc limit 1
    """,
)
MEMBERS = """contact_id in (
    select contact_id from marts.contact_list_scores
    where list_id = {} and score_name = 'engagement' and window_days = {{window}}
)"""
NOT_THERE_A_DAY_AGO = """contact_id not in (
    select contact_id from marts.points_ledger
    where
        earns and score_name = 'engagement'
        and occurred_at >= as_of - interval 24 hour - to_days({window})
        and occurred_at < as_of - interval 24 hour
)"""
RUNNING = '[data-testid="stApp"][data-test-script-state="{}"]'


@contextmanager
def app(published: Path) -> Iterator[str]:
    """The pages over a folder of generations."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = ["-m", "streamlit", "run", "app/main.py", "--server.port", str(port)]
    process = subprocess.Popen(
        [sys.executable, *command],
        cwd=ROOT,
        env=os.environ | {"CONTACT_SCORING_PUBLISHED": str(published)},
        stdout=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        while process.poll() is None:
            try:
                urlopen(f"{address}/_stcore/health", timeout=5).close()  # noqa: S310
                break
            except URLError:
                time.sleep(0.2)
        yield address
    finally:
        process.terminate()
        process.wait()


# Streamlit says up to half a second late that a run has ended; and what screen readers are told of
# a table, inside its canvas, follows later, too
LAST_CHANGE = """() => {
    window.lastChange = 0
    window.changes?.disconnect()
    window.changes = new MutationObserver(found => {
        if (found.some(one => !(one.target.parentElement ?? one.target).closest('canvas')))
            window.lastChange = Date.now()
    })
    const page = document.querySelector('[data-testid="stMain"]')
    window.changes.observe(page, {childList: true, characterData: true, subtree: true})
}"""


def milliseconds(page: Page, act: Callable[[], None]) -> float:
    """From what a person does to the last change of the page that comes of it."""
    page.evaluate(LAST_CHANGE)
    started = 1000 * time.time()
    act()
    page.wait_for_selector(RUNNING.format("running"), timeout=120_000)
    page.wait_for_selector(RUNNING.format("notRunning"), timeout=120_000)
    page.wait_for_timeout(300)
    return page.evaluate("window.lastChange") - started


def press(page: Page, slider: str, key: str) -> Callable[[], None]:
    handle = page.get_by_role("slider", name=slider)
    handle.focus()
    return lambda: page.keyboard.press(key)


def option(page: Page, what: str, place: int) -> Callable[[], None]:
    page.get_by_role("combobox", name=what, exact=True).click()
    chosen = page.get_by_role("option").nth(place)
    chosen.wait_for()
    return chosen.click


def typed(page: Page, text: str) -> Callable[[], None]:
    box = page.get_by_role("searchbox", name="Search")
    box.fill(text)
    return lambda: box.press("Enter")


def settle(page: Page) -> None:
    page.wait_for_timeout(500)
    page.wait_for_selector(RUNNING.format("notRunning"), timeout=120_000)
    page.wait_for_timeout(500)


def interactions(page: Page, number: int) -> dict[str, tuple[Callable[[], Callable], str]]:
    """What a person does, and the condition that it adds to the bare query."""
    lists = "(select list_id from lists order by list_name, list_id limit 1 offset {})"
    company = f"(select company_name from companies limit 1 offset {number})"
    return {
        "another window": (lambda: press(page, "Window in days", "ArrowRight"), "true"),
        "minimum score": (lambda: press(page, "Minimum score", "ArrowRight"), "score >= 1"),
        "a list": (
            lambda: option(page, "List", number % 3),
            MEMBERS.format(lists.format(number % 3)),
        ),
        "a band": (lambda: option(page, "Band", 0), "band = (select band from best_band)"),
        "a company": (lambda: option(page, "Company", number), f"company_name = {company}"),
        "search": (
            lambda: typed(page, f"an{number}"),
            f"(contains(lower(full_name), 'an{number}') or contains(email_address, 'an{number}'))",
        ),
        "only new ones": (
            lambda: page.get_by_text("Only new ones", exact=True).click,
            NOT_THERE_A_DAY_AGO,
        ),
        "next page": (lambda: page.get_by_role("button", name="Next page").click, "true"),
    }


def measure(page: Page, address: str, connection: duckdb.DuckDBPyConnection, times: int) -> dict:
    """Milliseconds of each interaction, by how often: on the page, and of the bare query."""
    took: dict[str, list[tuple[float, float]]] = {}
    for number in range(times):
        for name in interactions(page, number):
            page.goto(address)
            page.wait_for_selector("h1", timeout=120_000)
            settle(page)
            # each time another window, which nothing has been asked for yet
            page.get_by_role("slider", name="Window in days").focus()
            for _ in range(number + 1):
                page.keyboard.press("ArrowRight")
            settle(page)
            window = 31 + number
            prepare, condition = interactions(page, number)[name]
            on_page = milliseconds(page, prepare())
            if name == "another window":
                window += 1
            sql = BARE.format(window=window, condition=condition.format(window=window))
            started = time.perf_counter()
            connection.execute(sql).fetchall()
            took.setdefault(name, []).append((on_page, 1000 * (time.perf_counter() - started)))
    return took


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("published", type=Path)
    parser.add_argument("--times", type=int, default=5)
    options = parser.parse_args()
    published = options.published.resolve()
    file = published / "current" / "contact_scoring.duckdb"
    with (
        app(published) as address,
        sync_playwright() as playwright,
        duckdb.connect(str(file.resolve()), read_only=True) as connection,
    ):
        for view in LOOKED_UP:
            connection.execute(view)
        (contacts,) = connection.execute(
            "select count(distinct contact_id) from marts.contact_scores"
        ).fetchone()
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        page = browser.new_page(viewport={"width": 1600, "height": 1200})
        took = measure(page, address, connection, options.times)
        browser.close()
    print(f"{contacts:,} contacts, medians of {options.times}\n")
    print("| interaction | page | bare query | ratio |")
    print("| --- | --- | --- | --- |")
    for name, pairs in took.items():
        on_page, bare = (statistics.median(side) for side in zip(*pairs, strict=True))
        print(f"| {name} | {on_page:,.0f} ms | {bare:,.0f} ms | {on_page / bare:.1f} |")


if __name__ == "__main__":
    main()
