"""What the last evaluation found of an outcome and a score, in pairs, contacts and calls of 100.

Source: the marts of the evaluation, as they were published with the build that was evaluated. A
pair is in the right order where the score is higher for what is wanted, and lower for what is not.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from app.published import plain, query, shown_generation

# the quantile of a 95 % interval; with, and without, the outcome; as macros/evaluation.sql says
Z = 1.959963984540054
FEWEST, FEWEST_TO_CHOOSE = 20, 100

# what can be said of comes first, and of that what is wanted
OUTCOMES = """
    select
        outcome,
        description,
        is_wanted,
        as_ofs,
        first_as_of,
        last_as_of
    from marts.evaluated_outcomes
    order by
        outcome not in (select outcome from marts.score_performance where auc is not null),
        not is_wanted,
        outcome
"""

WINDOWS = """
    select
        window_days,
        contacts,
        contacts_with_outcome,
        100 * if($is_wanted, auc, 1 - auc) as in_order,
        100 * if($is_wanted, auc_low, 1 - auc_high) as low,
        100 * if($is_wanted, auc_high, 1 - auc_low) as high,
        100 * difference_to_best as behind_best,
        100 * difference_se as error,
        is_as_good_as_best,
        verdict
    from marts.score_performance
    where outcome = $outcome and score_name = $score_name and population = $population
    order by window_days
"""

BANDS = """
    with rates as (
        select 'by today''s rules' as said, * from marts.band_performance
        union all by name
        select 'as it was said' as said, * from marts.said_performance
    )

    select
        rates.said,
        coalesce(rates.band, '(no band)') as band,
        rates.rows as contacts,
        rates.outcomes,
        100 * rates.rate as rate,
        100 * rates.rate_low as low,
        100 * rates.rate_high as high,
        rates.lift,
        rates.lift_not_handed_off,
        100 * rates.share_of_outcomes as share_of_outcomes,
        100 * rates.rate_last_quarter as rate_last_quarter
    from rates
    left join config.score_bands as bands
        on rates.score_name = bands.score_name and rates.band = bands.band
    where rates.outcome = $outcome and rates.score_name = $score_name and rates.rate is not null
    order by rates.said desc, bands.min_score desc nulls last, rates.band nulls last
"""

CALLS = """
    select
        thresholds.calls,
        thresholds.min_score,
        100 * thresholds."precision" as hits,
        100 * thresholds.captured as captured,
        100 * least(1, thresholds.calls * performance.as_ofs / performance."rows") as at_random
    from marts.capacity_thresholds as thresholds
    inner join marts.score_performance as performance
        on
            thresholds.outcome = performance.outcome
            and thresholds.score_name = performance.score_name
    where
        thresholds.outcome = $outcome
        and thresholds.score_name = $score_name
        and performance.population = 'all'
        and performance.window_days = 30
    order by thresholds.calls
"""

RULES = f"""
    select
        evidence.rule_id,
        rules.description,
        100 * evidence.auc_change as loss,
        100 * (evidence.auc_change - {Z} * evidence.auc_change_se) as low,
        100 * (evidence.auc_change + {Z} * evidence.auc_change_se) as high,
        evidence.verdict,
        evidence.coverage,
        evidence.share_of_points,
        evidence.rate_ratio
    from marts.rule_evidence as evidence
    left join config.scoring_rules as rules on evidence.rule_id = rules.rule_id
    where evidence.outcome = $outcome and evidence.score_name = $score_name
    order by loss desc nulls last, evidence.rule_id
"""

# those that help for certain
TRIED = f"""
    select
        'a half-life of ' || half_life_days || ' days for all rules' as what,
        100 * difference_to_none as gain,
        100 * difference_se as error
    from marts.half_life_performance
    where
        outcome = $outcome and score_name = $score_name
        and difference_to_none > {Z} * difference_se
    qualify row_number() over (order by difference_to_none desc) = 1
    union all
    select
        rule_id || ': ' || replace(change, ' x ', ' × ') as what,
        100 * auc_change as gain,
        100 * auc_change_se as error
    from marts.rule_what_ifs
    where outcome = $outcome and score_name = $score_name and is_suggested
    order by gain desc
"""


@dataclass(frozen=True)
class Outcome:
    """What a score was held against."""

    outcome: str
    description: str | None
    is_wanted: bool
    as_ofs: int
    first_as_of: datetime
    last_as_of: datetime

    @property
    def who(self) -> str:
        """Who had it, after "the one" or "somebody"."""
        if not isinstance(self.description, str):
            return f"who had the outcome {plain(self.outcome)}"
        said = self.description.rstrip(".")
        # but not an abbreviation
        return f"who {plain(said if said[1:2].isupper() else said[:1].lower() + said[1:])}"


def evaluated_at() -> datetime | None:
    """The as-of of the evaluation; none where none is published that these pages can read."""
    evaluation = shown_generation().evaluation
    is_there = evaluation and "evaluated_outcomes" in evaluation.marts
    return evaluation.as_of if evaluation and is_there else None


def outcomes() -> list[Outcome]:
    return [Outcome(*row) for row in query(OUTCOMES).itertuples(index=False)]


def windows(outcome: Outcome, score_name: str, population: str = "all") -> pd.DataFrame:
    """How well the score of each window predicts, by its days."""
    found = query(
        WINDOWS,
        outcome=outcome.outcome,
        is_wanted=outcome.is_wanted,
        score_name=score_name,
        population=population,
    )
    return found.set_index("window_days", drop=False)


def of(sql: str, outcome: Outcome, score_name: str) -> pd.DataFrame:
    return query(sql, outcome=outcome.outcome, score_name=score_name)
