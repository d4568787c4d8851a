"""What an edit of seeds/config would change, before it is built: `contact-scoring preview`.

dbt builds the edited rules for real, into a database of their own beside a copy of the last build;
the two are compared and thrown away. So a build that begins meanwhile finds its own database free.
Sources: seeds/config, or another folder with its files, and the last build. Exits non-zero on a
mistake in the rules, naming it, where there is no build, and while one runs.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
from rich.console import Console

from contact_scoring import config_checks, config_files
from contact_scoring.building import dbt, heard
from contact_scoring.config_edits import Rules, rule_changes
from contact_scoring.dbt_program import dbt_environment, in_environment
from contact_scoring.preview_found import MOST_MOVED, keep
from contact_scoring.preview_matches import doubts, fit_matches, matches
from contact_scoring.tables import cell, console, number, printable, table
from contact_scoring.warehouse import (
    PROJECT_ROOT,
    Row,
    copy_last_build,
    database_path,
    marts,
    no_database,
    only_one_in,
    only_row,
)

Connection = duckdb.DuckDBPyConnection
# told of each step: its number, of how many, and what is built
Progress = Callable[[int, int, str], None]
# what an edit is judged by
BUILT = (
    "active_contacts",
    "points_ledger",
    "contact_scores",
    "contact_lead_grades",
    "fit_scores",
    "fit_drivers",
    "score_drivers",
)
# a rule's conditions are columns of the rule
READ_WITH = {"scoring_rule_conditions": "scoring_rules"}
SIDE = """
    select
        scores.score_name,
        scores.contact_id,
        coalesce(scores.full_name, scores.email_address, scores.contact_id) as name,
        scores.company_name,
        scores.status,
        scores.band,
        grades.grade,
        coalesce(active.score, 0) as score,
        active.score_rank,
        scores.is_sales_ready as is_ready
    from {database}.marts.contact_scores as scores
    left join {database}.marts.active_contacts as active
        on scores.contact_id = active.contact_id
        and scores.score_name = active.score_name
        and active.window_days = {window}
    left join (
        -- of several, one that makes the contact sales-ready
        select
            contact_id,
            score_name,
            coalesce(min(grade) filter (where is_sales_ready), min(grade)) as grade
        from {database}.marts.lead_grades
        group by contact_id, score_name
    ) as grades
        on scores.contact_id = grades.contact_id and scores.score_name = grades.score_name

    union all

    -- who somebody is: a score without a window, a rank and a status
    select
        fit.score_name,
        fit.contact_id,
        coalesce(people.full_name, people.email_address, fit.contact_id) as name,
        people.company_name,
        null as status,
        fit.band,
        null as grade,
        fit.score,
        null as score_rank,
        false as is_ready
    from {database}.marts.fit_scores as fit
    inner join (
        select distinct contact_id, full_name, email_address, company_name
        from {database}.marts.contact_scores
    ) as people
        on fit.contact_id = people.contact_id
"""

# a score name, and with it all its rows, may be on one side only
MOVES = """
    create temp table moves as

    with before as ({before}), after as ({after})

    select
        score_name,
        contact_id,
        coalesce(after.name, before.name) as name,
        coalesce(after.company_name, before.company_name) as company_name,
        before.status as status_before,
        after.status as status_after,
        before.band as band_before,
        after.band as band_after,
        before.grade as grade_before,
        after.grade as grade_after,
        coalesce(before.score, 0) as score_before,
        coalesce(after.score, 0) as score_after,
        score_after - score_before as score_change,
        before.score_rank as rank_before,
        after.score_rank as rank_after,
        coalesce(after.is_ready, false) and not coalesce(before.is_ready, false) as becomes_ready,
        coalesce(before.is_ready, false) and not coalesce(after.is_ready, false) as ceases_ready
    from before
    full outer join after using (score_name, contact_id)
"""

SUMMARY = """
    select
        score_name,
        count(*) filter (where score_change > 0) as rising,
        count(*) filter (where score_change < 0) as falling,
        count(*) filter (where rank_before is distinct from rank_after) as rank_moves,
        count(*) filter (where band_before is distinct from band_after) as band_moves,
        count(*) filter (where grade_before is distinct from grade_after) as grade_moves,
        count(*) filter (where becomes_ready) as becoming_ready,
        count(*) filter (where ceases_ready) as ceasing_ready,
        count(*) filter (where status_before is distinct from status_after) as status_moves
    from moves
    group by score_name
    order by score_name <> 'engagement', score_name
"""

SIZES = """
    select
        score_name,
        sum(score_before),
        sum(score_after),
        min(score_change),
        cast(median(score_change) filter (where score_change <> 0) as decimal(18, 2)),
        max(score_change)
    from moves
    group by score_name
    having count(*) filter (where score_change <> 0) > 0
    order by score_name <> 'engagement', score_name
"""

TRANSITIONS = """
    select score_name, {what}_before, {what}_after, count(*) as contacts
    from moves
    where {what}_before is distinct from {what}_after
    group by score_name, {what}_before, {what}_after
    order by score_name <> 'engagement', score_name, contacts desc, {what}_before, {what}_after
"""

PEOPLE = """
    select
        score_name, name, company_name, score_before, score_after,
        rank_before, rank_after, band_before, band_after, grade_before, grade_after
    from moves
    where {condition}
    order by {most_moved}
    limit $top
"""

# those that a marketer has to look at by name, and the rest by size
PEOPLE_SHOWN = {
    "Would become sales-ready": "becomes_ready",
    "Would stop being sales-ready": "ceases_ready",
    "Largest moves": "score_change <> 0",
}


# where in a row of PEOPLE stands what somebody had, before what they would have
PAIRS = {"points": 3, "rank": 5, "band": 7, "grade": 9}


def scored_rows(connection: Connection, seed: str) -> list[config_files.Row]:
    """The rows of a config seed that the last scores are from."""
    found = connection.execute(
        "select row_number, map(list(column_name), list(value)) from points.rules_as_scored "
        "where seed = $seed group by row_number order by row_number",
        {"seed": seed},
    )
    return [row for _, row in found.fetchall()]


def run_dbt(arguments: list[str], folder: Path, advance: Progress) -> None:
    """Run dbt to its end; exits with what it found wrong."""
    target = folder / arguments[0]
    given = ["--log-format", "json", "--log-level-file", "none", *arguments]
    with dbt(
        [*given, "--target-path", str(target)],
        cwd=folder / "project",
        env=dbt_environment()
        | {
            "CONTACT_SCORING_PREVIEW_DB": str(preview_path(folder)),
            # a build that runs meanwhile writes into its own
            "CONTACT_SCORING_TEMP_DIRECTORY": str(folder / "tmp"),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as process:
        said = [message for _, message in heard(process.stdout or (), advance)]
    if process.returncode:
        results = target / "run_results.json"
        nodes = json.loads(results.read_text())["results"] if results.exists() else []
        failed = [node["message"] for node in nodes if node["status"] == "error"]
        raise SystemExit("\n".join(failed or said))


def preview_path(folder: Path) -> Path:
    """The database of the edited rules; its name must not be that of the last build's."""
    return folder / f"{database_path().stem}_preview.duckdb"


def link_project(rules: Path, folder: Path) -> None:
    """The project with other files of rules, for dbt to be run in."""
    project = folder / "project"
    # dbt follows no link to a folder below those that it is told of
    shutil.copytree(PROJECT_ROOT / "seeds", project / "seeds", copy_function=os.symlink)
    for path in PROJECT_ROOT.iterdir():
        if path.name != "seeds":
            (project / path.name).symlink_to(path)
    for seed in config_files.SEEDS:
        copy = project / "seeds" / "config" / f"{seed}.csv"
        copy.unlink(missing_ok=True)
        shutil.copy(config_files.path_of(seed, rules), copy)


def build_preview(
    seeds: list[str], variables: dict[str, object], folder: Path, advance: Progress
) -> None:
    """Build what stands between the edited seeds and the scores; all else is the last build's."""
    given = ["--vars", json.dumps(variables)]
    run_dbt(["parse", *given], folder, advance)
    edited = sorted({READ_WITH.get(seed, seed) for seed in seeds})
    selected = [f"stg_{seed}+,+{mart}" for seed in edited for mart in BUILT]
    selected += BUILT
    run_dbt(
        [
            "build",
            *given,
            *("--target", "preview", "--defer", "--favor-state", "--state", str(folder / "parse")),
            *("--select", "path:seeds/config", "path:models/config", *selected),
            # they write to the log, or go on from what they said: the last build's hold
            *("--exclude", "erased_actors", "erased_rows"),
            *("--exclude-resource-type", "test", "unit_test"),
        ],
        folder,
        advance,
    )


@contextmanager
def scratch_folder(found: Path | None) -> Iterator[Path]:
    """A folder beside the database, for one preview at a time; exits where there is another."""
    beside = database_path().parent
    if not beside.exists():
        raise no_database()
    with only_one_in(beside) as is_alone:
        if not is_alone:
            raise SystemExit("Another preview is at work. Try again when it is done.")
        for left_over in beside.glob("preview-*"):  # of one that was killed: it holds people
            if found is None or left_over not in found.parents:
                shutil.rmtree(left_over, ignore_errors=True)
        with tempfile.TemporaryDirectory(prefix="preview-", dir=beside) as folder:
            yield Path(folder)


@contextmanager
def last_build(folder: Path) -> Iterator[None]:
    """Work on a copy of the last build from here on."""
    with in_environment(CONTACT_SCORING_DB=str(copy_last_build(folder))):
        yield


@contextmanager
def compared(
    seeds: list[str],
    variables: dict[str, object],
    window: int,
    folder: Path,
    advance: Progress,
    rules: Path | None = None,
) -> Iterator[Connection]:
    """The table `moves`, one row per score name and contact of either build."""
    link_project(rules or config_files.FOLDER, folder)
    build_preview(seeds, variables, folder, advance)
    with duckdb.connect(str(preview_path(folder))) as connection:
        path = str(database_path()).replace("'", "''")
        connection.execute(f"attach '{path}' (read_only)")
        name = database_path().stem
        sides = {
            side: SIDE.format(database=f'"{database}"', window=window)
            for side, database in (("before", name), ("after", f"{name}_preview"))
        }
        connection.execute(MOVES.format(**sides))
        yield connection


def say(out: Console, lines: Iterable[str]) -> None:
    """Print each in one line, however long."""
    for line in lines:
        out.print(printable(line), soft_wrap=True)


def print_matches(
    out: Console, title: str, columns: list[str], rows: list[Row], remarks: list[str]
) -> None:
    """Print what the new and edited rules match; what matches nothing is a doubt."""
    if rows:
        out.print(table(title, columns, rows))
        say(out, remarks)


def move(before: object, after: object) -> str:
    """From what to what; nothing where there is neither, as fit has no rank."""
    if before is None and after is None:
        return ""
    return f"{cell(before)} → {cell(after)}"


def moving(connection: Connection) -> list[str]:
    """The score names in which somebody moves."""
    return [name for name, *counts in connection.execute(SUMMARY).fetchall() if any(counts)]


def bands_of_other_windows(
    scores: list[str], bands: list[config_files.Row], window: int
) -> Iterator[str]:
    """Which bands stand beside points of another window than theirs."""
    windows = {row.get("score_name", "engagement"): row.get("window_days") for row in bands}
    for name in scores:
        days = windows.get(name)
        if days and int(days) != window:
            yield f"The bands of {name} go by points over {days} days, not {window}."


def print_moves(
    connection: Connection, out: Console, window: int, top: int, bands: list[config_files.Row]
) -> None:
    """Print who would move, by how much, and how many there are."""
    summary = connection.execute(SUMMARY).fetchall()
    if not any(count for row in summary for count in row[1:]):
        out.print("No contact's score, rank, band, grade or status would move.")
        return
    columns = ["score", "rises", "falls", "rank moves", "band moves", "grade moves"]
    columns += ["new sales-ready", "no longer sales-ready", "status moves"]
    out.print(table(f"Contacts, by their score over {window} days", columns, summary))

    sizes = connection.execute(SIZES).fetchall()
    if sizes:
        columns = ["score", "all points before", "after", "largest fall", "median move"]
        title = f"Points over {window} days"
        out.print(table(title, [*columns, "largest rise"], sizes))
    for title, what in (("Bands", "band"), ("Grades", "grade"), ("Status", "status")):
        transitions = connection.execute(TRANSITIONS.format(what=what)).fetchall()
        if transitions:
            out.print(table(title, ["score", "from", "to", "contacts"], transitions))

    for line in bands_of_other_windows(moving(connection), bands, window):
        out.print(printable(line))

    for title, condition in PEOPLE_SHOWN.items():
        (count,) = only_row(connection, f"select count(*) from moves where {condition}")
        people = connection.execute(
            PEOPLE.format(condition=condition, most_moved=MOST_MOVED), {"top": top}
        ).fetchall()
        if not people:
            continue
        moves = {
            name: [move(*person[place : place + 2]) for person in people]
            for name, place in PAIRS.items()
        }
        shown = {name: texts for name, texts in moves.items() if any(texts)}
        rows = [(*row[:3], *texts) for row, *texts in zip(people, *shown.values(), strict=True)]
        out.print(table(title, ["score", "contact", "company", *shown], rows))
        if count > top:
            out.print(f"and {number(count - top)} more: TOP={count} for all")


def sorted_rows(rows: list[config_files.Row]) -> list[list[tuple[str, str]]]:
    """Rows in an order of their own, so that a moved row is no change."""
    return sorted(sorted(row.items()) for row in rows)


def built_and_edited(
    connection: duckdb.DuckDBPyConnection, rules: Path | None = None
) -> tuple[Rules, Rules]:
    """The rows of each config seed, of the last build and as they stand now."""
    built = {seed: scored_rows(connection, seed) for seed in config_files.SEEDS}
    return built, {seed: config_files.rows(seed, rules) for seed in config_files.SEEDS}


def edited_seeds(built: Rules, edited: Rules) -> list[str]:
    return [seed for seed in edited if sorted_rows(edited[seed]) != sorted_rows(built[seed])]


def preview(
    window: int,
    top: int,
    variables: dict[str, object],
    rules: Path | None = None,
    found: Path | None = None,
) -> None:
    """Build, compare and print: scores over a window, and at most so many people by name.

    With `found`, a new DuckDB file, what was found goes there, and the steps are printed.
    """
    out = console()

    # ends as an error does, and so takes away what it built
    for ending in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, lambda number, _: sys.exit(128 + number))

    config_checks.check(rules)
    with scratch_folder(found) as folder, last_build(folder):
        with marts() as connection:
            built, edited = built_and_edited(connection, rules)
            (as_of,) = only_row(connection, "select max(as_of) from marts.scoring_status")
        changed = edited_seeds(built, edited)
        if not changed:
            out.print(
                "The rules in seeds/config are those of the last scores: nothing would change."
            )
            return

        if sys.stdout.isatty():
            out.print("Scoring with the edited rules, about as long as a build ...")
        advance = print_step if found else no_progress
        given = variables | {"as_of": str(as_of)}
        with compared(changed, given, window, folder, advance, rules) as connection:
            changes = [
                change
                for seed in changed
                for change in rule_changes(seed, built[seed], edited[seed])
            ]
            events = matches(connection, built, edited, as_of)
            contacts = fit_matches(connection, built, edited)
            others = list(doubts(connection, built, edited))
            if found:
                windows = bands_of_other_windows(moving(connection), edited["score_bands"], window)
                remarks = [*events[1], *contacts[1], *others, *windows]
                keep(connection, found, window, changes, remarks)
                return
            out.print(f"What the edited rules would change, as of {as_of:%Y-%m-%d %H:%M} UTC")
            out.print(table("Rules", ["file", "rule", "change"], changes))
            columns = ["rule", "events matched", "that earn", "contacts", "points before caps"]
            print_matches(out, "What these rules match, in the last 90 days", columns, *events)
            columns = ["rule", "contacts", "disqualified"]
            print_matches(out, "Whom these fit rules match", columns, *contacts)
            say(out, others)
            print_moves(connection, out, window, top, edited["score_bands"])
    out.print("Nothing was written. To make it so: make build")


def no_progress(number: int, total: int, what: str) -> None:
    """A terminal is told once how long it takes."""


def print_step(number: int, total: int, what: str) -> None:
    print(number, "of", total, flush=True)
