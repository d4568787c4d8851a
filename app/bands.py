"""What stands beside a score: its bands, and the fit score and grades that go with it.

Source: the rules that made the published scores.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from app.published import query

BANDS = """
    select band from config.score_bands
    where score_name = $score_name
    order by min_score desc
"""

BAND_WINDOW = """
    select coalesce(max(window_days), 30) as window_days
    from config.score_bands where score_name = $score_name
"""

# the one that the score is graded with; of several the first by alphabet
FIT_SCORE = """
    select coalesce(
        (select min(fit_score_name) from config.lead_grades where score_name = $score_name),
        (select min(score_name) from config.fit_rules)
    ) as fit_score_name
"""

GRADES = """
    select distinct grade from config.lead_grades
    where fit_score_name = $fit_score_name and score_name = $score_name
    order by grade
"""


@dataclass(frozen=True)
class Fit:
    """The fit score that stands beside a score."""

    score_name: str
    bands: list[str]
    grades: list[str]  # none where the two scores have none together


def bands_of(score_name: str) -> list[str]:
    """The bands of a score, the highest first."""
    return list(query(BANDS, score_name=score_name)["band"])


def window_of(score_name: str) -> int:
    """The window of the score's bands, in days."""
    return int(query(BAND_WINDOW, score_name=score_name)["window_days"].iloc[0])


def fit_beside(score_name: str) -> Fit | None:
    """The fit score to show beside a score; none where nothing rates how well a contact suits."""
    (fit_score_name,) = query(FIT_SCORE, score_name=score_name)["fit_score_name"]
    if pd.isna(fit_score_name):
        return None
    grades = query(GRADES, fit_score_name=fit_score_name, score_name=score_name)["grade"]
    return Fit(fit_score_name, bands_of(fit_score_name), list(grades))
