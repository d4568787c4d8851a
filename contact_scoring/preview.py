"""What an edit of seeds/config would change, before it is built: `contact-scoring preview`.

dbt builds the edited rules for real, into a database of their own beside the last build, which is
only read; the two are compared, and the new one is thrown away. Sources: seeds/config and the last
build. Exits non-zero on a mistake in the rules, naming it, and where there is no build.
"""

import json
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
from rich.console import Console

from contact_scoring import config_checks, config_files
from contact_scoring.building import without_frame
from contact_scoring.config_edits import Rules, rule_changes
from contact_scoring.dbt_program import dbt_command, dbt_environment
from contact_scoring.preview_matches import print_doubts, print_fit_matches, print_matches
from contact_scoring.tables import cell, console, number, printable, table
from contact_scoring.warehouse import PROJECT_ROOT, database_path, marts, only_row

Connection = duckdb.DuckDBPyConnection
# what an edit is judged by
BUILT = (
    "active_contacts",
    "points_ledger",
    "contact_scores",
    "contact_lead_grades",
    "fit_scores",
    "fit_drivers",
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
    order by
        (band_before is distinct from band_after or grade_before is distinct from grade_after) desc,
        abs(score_change) desc, score_name, contact_id
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


def run_dbt(arguments: list[str], folder: Path) -> None:
    """Run dbt to its end; exits with what it found wrong."""
    target = folder / arguments[0]
    command = dbt_command("--quiet", "--no-use-colors", "--log-level-file", "none", *arguments)
    done = subprocess.run(  # noqa: S603
        [*command, "--target-path", str(target)],
        cwd=PROJECT_ROOT,
        env=dbt_environment() | {"CONTACT_SCORING_PREVIEW_DB": str(preview_path(folder))},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        results = target / "run_results.json"
        nodes = json.loads(results.read_text())["results"] if results.exists() else []
        failed = [node["message"] for node in nodes if node["status"] == "error"]
        raise SystemExit("\n".join(failed) or without_frame(done.stdout))


def preview_path(folder: Path) -> Path:
    """The database of the edited rules; its name must not be that of the last build's."""
    return folder / f"{database_path().stem}_preview.duckdb"


def build_preview(seeds: list[str], variables: dict[str, object], folder: Path) -> None:
    """Build what stands between the edited seeds and the scores; all else is the last build's."""
    given = ["--vars", json.dumps(variables)]
    run_dbt(["parse", *given], folder)
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
    )


@contextmanager
def compared(seeds: list[str], variables: dict[str, object], window: int) -> Iterator[Connection]:
    """The table `moves`, one row per score name and contact of either build."""
    beside = database_path().parent
    for left_over in beside.glob("preview-*"):  # of one that was killed: it holds people
        shutil.rmtree(left_over, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix="preview-", dir=beside) as folder:
        build_preview(seeds, variables, Path(folder))
        with duckdb.connect(str(preview_path(Path(folder)))) as connection:
            path = str(database_path()).replace("'", "''")
            connection.execute(f"attach '{path}' (read_only)")
            name = database_path().stem
            sides = {
                side: SIDE.format(database=f'"{database}"', window=window)
                for side, database in (("before", name), ("after", f"{name}_preview"))
            }
            connection.execute(MOVES.format(**sides))
            yield connection


def move(before: object, after: object) -> str:
    """From what to what; nothing where there is neither, as fit has no rank."""
    if before is None and after is None:
        return ""
    return f"{cell(before)} → {cell(after)}"


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

    moving = [name for name, *counts in summary if any(counts)]
    for line in bands_of_other_windows(moving, bands, window):
        out.print(printable(line))

    for title, condition in PEOPLE_SHOWN.items():
        (count,) = only_row(connection, f"select count(*) from moves where {condition}")
        people = connection.execute(PEOPLE.format(condition=condition), {"top": top}).fetchall()
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


def built_and_edited(connection: duckdb.DuckDBPyConnection) -> tuple[Rules, Rules]:
    """The rows of each config seed, of the last build and as they stand now."""
    built = {seed: scored_rows(connection, seed) for seed in config_files.SEEDS}
    return built, {seed: config_files.rows(seed) for seed in config_files.SEEDS}


def edited_seeds(built: Rules, edited: Rules) -> list[str]:
    return [seed for seed in edited if sorted_rows(edited[seed]) != sorted_rows(built[seed])]


def preview(window: int, top: int, variables: dict[str, object]) -> None:
    """Build, compare and print: scores over a window, and at most so many people by name."""
    out = console()

    # ends as an error does, and so takes away what it built
    for ending in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, lambda number, _: sys.exit(128 + number))

    config_checks.check()
    with marts() as connection:
        built, edited = built_and_edited(connection)
        (as_of,) = only_row(connection, "select max(as_of) from marts.scoring_status")
    changed = edited_seeds(built, edited)
    if not changed:
        out.print("The rules in seeds/config are those of the last scores: nothing would change.")
        return

    if sys.stdout.isatty():
        out.print("Scoring with the edited rules, about as long as a build ...")
    with compared(changed, variables | {"as_of": str(as_of)}, window) as connection:
        out.print(f"What the edited rules would change, as of {as_of:%Y-%m-%d %H:%M} UTC")
        rules = [
            change for seed in changed for change in rule_changes(seed, built[seed], edited[seed])
        ]
        out.print(table("Rules", ["file", "rule", "change"], rules))
        print_matches(connection, out, built, edited, as_of)
        print_fit_matches(connection, out, built, edited)
        print_doubts(connection, out, built, edited)
        print_moves(connection, out, window, top, edited["score_bands"])
    out.print("Nothing was written. To make it so: make build")
