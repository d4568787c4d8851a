"""What an edit of seeds/config would change, before it is built: `contact-scoring preview`.

dbt builds the edited rules for real, into a database of their own beside the last build, which is
only read; the two are compared, and the new one is thrown away. Sources: seeds/config and the last
build. Exits non-zero on a mistake in the rules, naming it, and where there is no build.
"""

import json
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path

import duckdb
from rich.console import Console

from contact_scoring import config_checks, config_files
from contact_scoring.building import without_frame
from contact_scoring.dbt_program import dbt_command, dbt_environment
from contact_scoring.questions import UNCOUNTED
from contact_scoring.tables import cell, console, number, printable, table
from contact_scoring.warehouse import PROJECT_ROOT, database_path, marts, only_row

Connection = duckdb.DuckDBPyConnection
# the rows of each file
Rules = dict[str, list[config_files.Row]]
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
# what tells the rows of a config seed apart
ROW_KEYS = {
    "scoring_rules": ("rule_id",),
    "scoring_rule_conditions": ("rule_id", "match_field", "match_operator", "match_value"),
    "fit_rules": ("rule_id",),
    "disqualification_rules": ("event_type",),
    "score_bands": ("score_name", "band"),
    "lead_grades": ("fit_score_name", "fit_band", "score_name", "band"),
    "machine_user_agents": ("pattern",),
}

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
        select contact_id, score_name, min(grade) as grade
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
    order by abs(score_change) desc, score_name, contact_id
    limit $top
"""

# what the edited rules match, whether it earns or not; a rule that matches nothing has no row
MATCHED = """
    select
        rule_id,
        count(*) as events,
        count(*) filter (where earns) as earning,
        count(distinct contact_id) filter (where earns) as contacts,
        coalesce(sum(points) filter (where earns), 0) as points,
        histogram(unearned_reason) as unearned
    from {database}.marts.points_ledger
    where rule_id in (select unnest($rules))
    group by rule_id
"""

# whom the edited fit rules match; a rule that matches nobody has no row
FIT_MATCHED = """
    select rule_id, count(*) as contacts, count(*) filter (where is_disqualified) as disqualified
    from {database}.marts.fit_drivers
    where rule_id in (select unnest($rules))
    group by rule_id
"""

# whether an event of a type was ever read
SEEN = "select 1 from {database}.engagement.event_log where event_type = $event_type limit 1"

# those that a marketer has to look at by name, and the rest by size
PEOPLE_SHOWN = {
    "Would become sales-ready": "becomes_ready",
    "Would stop being sales-ready": "ceases_ready",
    "Largest moves": "score_change <> 0",
}


def scored_rows(connection: Connection, seed: str) -> list[config_files.Row]:
    """The rows of a config seed that the last scores are from."""
    found = connection.execute(
        "select row_number, map(list(column_name), list(value)) from points.rules_as_scored "
        "where seed = $seed group by row_number order by row_number",
        {"seed": seed},
    )
    return [row for _, row in found.fetchall()]


def keyed(seed: str, rows: list[config_files.Row]) -> dict[str, config_files.Row]:
    """The rows by what a person calls them."""
    defaults = {"score_name": "engagement", "fit_score_name": "fit"}
    return {
        " ".join(row.get(column) or defaults.get(column, "") for column in ROW_KEYS[seed]): row
        for row in rows
    }


def rule_changes(
    seed: str, built: list[config_files.Row], edited: list[config_files.Row]
) -> Iterator[tuple[str, str, str]]:
    """File, rule and what was done to it."""
    before, after = keyed(seed, built), keyed(seed, edited)
    for key in [*after, *(key for key in before if key not in after)]:
        old, new = before.get(key), after.get(key)
        if old == new:
            continue
        if new is None:
            change = "removed"
        elif old is None:
            cells = (
                f"{column} {value}" for column, value in new.items() if column not in ROW_KEYS[seed]
            )
            change = ": ".join(filter(None, ("new", ", ".join(cells))))
        else:
            change = ", ".join(
                f"{column} {cell(old.get(column))} → {cell(new.get(column))}"
                for column in dict.fromkeys([*old, *new])
                if old.get(column) != new.get(column)
            )
        yield f"{seed}.csv", key, change


def changed_rows(
    seed: str, built: list[config_files.Row], edited: list[config_files.Row]
) -> dict[str, config_files.Row]:
    """The rows that are new or edited, by what a person calls them."""
    before, after = keyed(seed, built), keyed(seed, edited)
    return {key: row for key, row in after.items() if before.get(key) != row}


def doubts(
    seed: str, built: list[config_files.Row], edited: list[config_files.Row]
) -> Iterator[str]:
    """What in the new and edited rows is no mistake, but hardly meant."""
    known = {row.get("score_name", "engagement") for row in built}
    for key, row in changed_rows(seed, built, edited).items():
        score_name, value = row.get("score_name", "engagement"), row.get("match_value", "")
        close = get_close_matches(score_name, sorted(known), n=1, cutoff=0.8)
        if score_name not in known and close:
            yield f"{key}: the score name {score_name} is new. If that is a slip, write {close[0]}."
        if "|" in value:
            yield f"{key}: | is looked for as it stands, and is no 'or'. Write a rule for each."
        # %20 and the like stand in many a link
        if re.search("%(?![0-9A-Fa-f]{2})", value):
            without = value.strip("%")
            yield f"{key}: % is looked for as it stands, and is no wildcard. Write {without}."


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


def rules_with_edited_filters(built: Rules, edited: Rules) -> list[str]:
    """The rules that are new or edited, or whose conditions are."""
    seed = "scoring_rules"
    changed = list(changed_rows(seed, built[seed], edited[seed]))
    left = keyed(seed, edited[seed])
    seed = "scoring_rule_conditions"
    added = changed_rows(seed, built[seed], edited[seed])
    removed = changed_rows(seed, edited[seed], built[seed])
    with_conditions = sorted({row["rule_id"] for row in (*added.values(), *removed.values())})
    return list(dict.fromkeys([*changed, *(rule for rule in with_conditions if rule in left)]))


def print_matches(connection: Connection, out: Console, rules: list[str]) -> None:
    """Print what the new and edited rules match; what matches nothing is a doubt."""
    database = f'"{database_path().stem}_preview"'
    found = {
        rule: counts
        for rule, *counts in connection.execute(
            MATCHED.format(database=database), {"rules": rules}
        ).fetchall()
    }
    rows = [(rule, *found.get(rule, (0, 0, 0, 0, None))[:4]) for rule in rules]
    columns = ["rule", "events matched", "that earn", "contacts", "points before caps"]
    out.print(table("What these rules match, in the last 90 days", columns, rows))
    for rule in rules:
        *_, unearned = found.get(rule, (None,))
        if unearned:
            often_first = sorted(unearned.items(), key=lambda item: (-item[1], item[0]))
            reasons = ", ".join(f"{number(times)} {UNCOUNTED[why]}" for why, times in often_first)
            out.print(f"{rule}: matched, but not counted: {reasons}", soft_wrap=True)
        if rule not in found:
            out.print(
                f"scoring_rules.csv: {rule}: no event of the last 90 days matches. "
                "Is its event_type, or its filter, what the events say?",
                soft_wrap=True,
            )


def print_fit_matches(connection: Connection, out: Console, rules: list[str]) -> None:
    """Print whom the new and edited fit rules match; what matches nobody is a doubt."""
    database = f'"{database_path().stem}_preview"'
    matched = connection.execute(FIT_MATCHED.format(database=database), {"rules": rules})
    found = {rule: counts for rule, *counts in matched.fetchall()}
    rows = [(rule, *found.get(rule, (0, 0))) for rule in rules]
    out.print(table("Whom these fit rules match", ["rule", "contacts", "disqualified"], rows))
    for rule in rules:
        if rule not in found:
            out.print(
                f"fit_rules.csv: {rule}: no contact matches. "
                "Is its attribute, or its value, what the contacts have?",
                soft_wrap=True,
            )


def print_moves(connection: Connection, out: Console, window: int, top: int) -> None:
    """Print who would move, by how much, and how many there are."""
    summary = connection.execute(SUMMARY).fetchall()
    if not any(count for row in summary for count in row[1:]):
        out.print("No contact's score, rank, band, grade or status would move.")
        return
    columns = ["score", "rises", "falls", "rank moves", "band moves", "grade moves"]
    columns += ["new sales-ready", "no longer", "status moves"]
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

    for title, condition in PEOPLE_SHOWN.items():
        (count,) = only_row(connection, f"select count(*) from moves where {condition}")
        people = connection.execute(PEOPLE.format(condition=condition), {"top": top}).fetchall()
        if not people:
            continue
        columns = ["score", "contact", "company", "points", "rank", "band"]
        pairs = [3, 5, 7]
        if any(row[9] or row[10] for row in people):
            columns.append("grade")
            pairs.append(9)
        rows = [
            (*row[:3], *(f"{cell(row[n])} → {cell(row[n + 1])}" for n in pairs)) for row in people
        ]
        out.print(table(title, columns, rows))
        if count > top:
            out.print(f"and {number(count - top)} more: TOP={count} for all")


def sorted_rows(rows: list[config_files.Row]) -> list[list[tuple[str, str]]]:
    """Rows in an order of their own, so that a moved row is no change."""
    return sorted(sorted(row.items()) for row in rows)


def preview(window: int, top: int, variables: dict[str, object]) -> None:
    """Build, compare and print: scores over a window, and at most so many people by name."""
    out = console()

    # ends as an error does, and so takes away what it built
    for ending in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, lambda number, _: sys.exit(128 + number))

    config_checks.check()
    edited = {seed: config_files.rows(seed) for seed in config_files.SEEDS}
    with marts() as connection:
        built = {seed: scored_rows(connection, seed) for seed in config_files.SEEDS}
        (as_of,) = only_row(connection, "select max(as_of) from marts.scoring_status")
    changed = [seed for seed in edited if sorted_rows(edited[seed]) != sorted_rows(built[seed])]
    if not changed:
        out.print("The rules in seeds/config are those of the last scores: nothing would change.")
        return

    if sys.stdout.isatty():
        out.print("Scoring with the edited rules ...")
    with compared(changed, variables | {"as_of": str(as_of)}, window) as connection:
        out.print(f"What the edited rules would change, as of {as_of:%Y-%m-%d %H:%M} UTC")
        rules = [
            change for seed in changed for change in rule_changes(seed, built[seed], edited[seed])
        ]
        out.print(table("Rules", ["file", "rule", "change"], rules))
        if matching := rules_with_edited_filters(built, edited):
            print_matches(connection, out, matching)
        if fitting := list(changed_rows("fit_rules", built["fit_rules"], edited["fit_rules"])):
            print_fit_matches(connection, out, fitting)
        for seed in changed:
            for doubt in doubts(seed, built[seed], edited[seed]):
                out.print(f"{seed}.csv: {printable(doubt)}", soft_wrap=True)
        seed = "disqualification_rules"
        for event_type in changed_rows(seed, built[seed], edited[seed]):
            seen = SEEN.format(database=f'"{database_path().stem}"')
            if not connection.execute(seen, {"event_type": event_type}).fetchall():
                out.print(f"{seed}.csv: no {printable(event_type)} was ever read. Is it misspelt?")
        print_moves(connection, out, window, top)
    out.print("Nothing was written. To make it so: make build")
