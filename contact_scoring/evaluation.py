"""Hold the scores of the last build against what happened: `contact-scoring evaluate`.

Source: marts.score_performance and marts.rule_evidence, which dbt builds from the last build's
tables, and which are published with that build's marts. Exits non-zero if there is no build whose
tests passed, dbt fails, or nothing is published.
"""

from collections.abc import Iterator, Sequence

import duckdb

from contact_scoring import config_checks, publishing
from contact_scoring.building import run, run_with_progress
from contact_scoring.dbt_program import in_environment
from contact_scoring.preview import built_and_edited, edited_seeds
from contact_scoring.tables import console, number, table
from contact_scoring.warehouse import Row, marts

Connection = duckdb.DuckDBPyConnection

# each score in the window of its bands, beside the best window, if there is one
SCORES = """
    select
        performance.outcome,
        performance.score_name,
        performance.contacts_with_outcome,
        performance.window_days,
        performance.auc,
        performance.auc_low,
        performance.auc_high,
        case
            when performance.difference_to_best is not null then aucs.best_window
        end as best_window,
        performance.is_as_good_as_best,
        performance.verdict
    from marts.score_performance as performance
    inner join points.band_windows as band_windows
        on
            performance.score_name = band_windows.score_name
            and performance.window_days = band_windows.window_days
    inner join evaluation.window_aucs as aucs
        on
            performance.outcome = aucs.outcome
            and performance.population = aucs.population
            and performance.window_days = aucs.window_days
            and band_windows.score_number = aucs.score_number
    where performance.population = 'all'
    order by performance.outcome, performance.score_name
"""

RULES = """
    select outcome, verdict, list(rule_id order by rule_id) as rules
    from marts.rule_evidence
    where verdict in ('carries', 'harms', 'never earned', 'is the outcome')
    group by outcome, verdict
    order by outcome, verdict
"""

VERDICTS = {
    "carries": "rules that make the score predict better",
    "harms": "rules that make the score predict worse",
    "never earned": "rules that gave no points at any of the past as-ofs",
    "is the outcome": "rules left out of the score, as they could match the outcome itself",
}

# as-ofs at which there was nothing to score yet
EARLY = """
    select
        as_ofs.outcome,
        count(*) filter (where as_ofs.past_as_of <= first_event.day) as early,
        count(*) as as_ofs,
        any_value(first_event.day)
    from evaluation.outcome_as_ofs as as_ofs
    cross join (select min(occurred_at)::date as day from engagement.engagements) as first_event
    group by as_ofs.outcome
    having early > 0
    order by as_ofs.outcome
"""


def evaluate(arguments: Sequence[str], verbose: bool = False) -> None:
    """Evaluate the last build, print what that says, and publish it with the build's marts."""
    build_and_test(arguments, verbose)
    with marts() as connection:
        print_summary(connection)
    publishing.main()


def as_of_last_build() -> str:
    """Its as-of, whatever the time is now. Exits where a test of it failed."""
    with marts() as connection:
        try:
            return str(publishing.tested_build(connection).as_of)
        except publishing.NotPublishedError as error:
            raise SystemExit(str(error)) from None


def build_and_test(arguments: Sequence[str], verbose: bool = False) -> None:
    """Build and test the evaluation of the last build with dbt."""
    config_checks.check()
    as_of = as_of_last_build()
    with marts() as connection:
        edited = edited_seeds(*built_and_edited(connection))
    if edited:
        files = ", ".join(f"{seed}.csv" for seed in edited)
        print(f"Edited since the last build, and evaluated as it was then: {files}. To evaluate")
        print("the edit: make build, then make evaluate.", flush=True)
    command = ["build", "-s", "tag:evaluation", "--exclude-resource-type", "unit_test"]
    # a folder of its own for what dbt parsed: the next tick has fewer models
    command += ["--target-path", "target/evaluation", *arguments]
    with in_environment(CONTACT_SCORING_AS_OF=as_of, CONTACT_SCORING_EVALUATION="true"):
        failed = run(command) if verbose else run_with_progress(command)
    if failed:
        raise SystemExit(failed)


def print_summary(connection: Connection) -> None:
    out = console()
    scores = connection.execute(SCORES).fetchall()
    if not scores:
        out.print("seeds/config/outcomes.csv names no outcome: there is nothing to evaluate.")
        return
    columns = ["outcome", "score", "contacts with it", "window", "AUC", "95 % interval"]
    columns += ["best window", "verdict"]
    out.print(table("Do the scores predict?", columns, [shown(row) for row in scores]))
    for line in in_words(scores):
        out.print(line, soft_wrap=True)
    for outcome, verdict, rules in connection.execute(RULES).fetchall():
        out.print(f"{outcome}: {VERDICTS[verdict]}: {', '.join(rules)}", soft_wrap=True)
    for outcome, early, as_ofs, first_day in connection.execute(EARLY).fetchall():
        out.print(
            f"{outcome}: {early} of {as_ofs} past as-ofs are before the first event, of "
            f"{first_day:%Y-%m-%d}: everybody has 0 points there. Set evaluation_as_ofs lower.",
            soft_wrap=True,
        )
    out.print("Bands, calls and rules: `make app`, the page *Does it work?*")


def shown(row: Row) -> Row:
    outcome, score, contacts, window, auc, low, high, best, as_good, verdict = row
    interval = None if low is None else f"{low:.3f} to {high:.3f}"
    beside = None if best is None else f"{best}{' (no better)' if as_good else ''}"
    auc = None if auc is None else f"{auc:.3f}"
    return outcome, score, contacts, f"{window} days", auc, interval, beside, verdict


def in_words(scores: Sequence[Row]) -> Iterator[str]:
    for outcome, score, contacts, _, auc, low, high, *_ in scores:
        if auc is None:
            yield (
                f"{outcome}: nothing can be said of {score}: {number(contacts)} contacts had the "
                "outcome, and figures need 20 with it and 20 without."
            )
        else:
            yield (
                f"{outcome}: of 100 pairs, the one with the outcome had the higher {score} in "
                f"{100 * auc:.0f}; between {100 * low:.0f} and {100 * high:.0f}."
            )
