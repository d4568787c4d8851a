"""Two courses of real students: the evaluation's figures are those that somebody else computed.

TEST_EVALUATION has all of them computed, and not only those of one outcome of one course.
"""

import json
import os
from collections.abc import Mapping
from typing import Any

import duckdb
import pytest
from conftest import EVALUATION, ROOT, Project

DATA = ROOT / "tests" / "real_data"
EXPECTED = json.loads((DATA / "truth_expected.json").read_text("utf-8"))
COURSES = {"aaa13j": "oulad_aaa_2013j", "aaa14j": "oulad_aaa_2014j"}
AS_OFS = {"left": 26, "passed": 13}
CONFIG = {
    "scoring_rules": (
        "rule_id,score_name,event_type,match_field,match_operator,match_value,points,"
        "counts_repeats,max_points,expires_after_days,half_life_days,valid_from,valid_to,"
        "description\n"
        "page_view,,page_view,,,,1,true,,,,,,\n"
    ),
    "score_bands": (
        "score_name,window_days,band,min_score,is_sales_ready\n"
        "engagement,30,hot,200,true\n"
        "engagement,30,warm,50,false\n"
        "engagement,30,cold,1,false\n"
    ),
    "outcomes": (
        "outcome,event_type,match_field,match_operator,match_value,horizon_days,is_wanted,"
        "repeats,description\n"
        "left,email_unsubscribe,,,,28,false,false,Left the course\n"
        "passed,course_passed,,,,90,true,false,Passed the course\n"
    ),
}
COUNTS = {
    "as_ofs": "as_ofs",
    "rows": "rows",
    "contacts": "contacts",
    "outcomes": "outcome_rows",
    "contacts_with_outcome": "contacts_with_outcome",
    "pairs": "pairs",
}


def found(project: Project, mart: str, where: str) -> list[dict[str, Any]]:
    with duckdb.connect(str(project.database), read_only=True) as connection:
        result = connection.sql(f"select * from marts.{mart} where {where}")
        return [dict(zip(result.columns, row, strict=True)) for row in result.fetchall()]


def rounded(value: object, expected: object) -> object:
    """To as many places as the figure beside it has."""
    if isinstance(value, float) and isinstance(expected, float):
        places = len(repr(expected).partition(".")[2])
        return round(value, places)
    return value


def assert_figures(row: Mapping[str, Any], expected: Mapping[str, Any]) -> None:
    assert {name: rounded(row[name], expected[name]) for name in expected} == expected


CASES = [*EXPECTED] if os.environ.get("TEST_EVALUATION") else [*EXPECTED][:1]


@pytest.mark.parametrize("case", CASES)
def test_every_figure_is_the_one_that_was_computed_elsewhere(project: Project, case: str) -> None:
    course, outcome = case.split("/")
    expected = EXPECTED[case]
    for seed, text in CONFIG.items():
        project.write_config(seed, text)
    (project.path / "seeds" / "config" / "fit_rules.csv").write_text(
        "rule_id,score_name,attribute,match_operator,match_value,points,description\n", "utf-8"
    )
    given = {
        "raw_files": str(DATA / COURSES[course]),
        "as_of": expected["build_as_of"],
        "evaluation_as_ofs": AS_OFS[outcome],
    }
    project.score(**given)
    done = project.dbt("build", "-s", "tag:evaluation", env=EVALUATION, **given)
    assert done.returncode == 0, done.stdout

    windows = found(project, "score_performance", f"outcome = '{outcome}' and population = 'all'")
    by_window = {row["window_days"]: row for row in windows}
    assert_figures(by_window[30], {name: expected[its] for name, its in COUNTS.items()})
    for window, auc in expected["auc"].items():
        figures = {"auc": auc, "auc_se": expected["se"][window]}
        assert_figures(by_window[int(window)], figures)
    bands = found(project, "band_performance", f"outcome = '{outcome}'")
    by_band = {row["band"] or "none": row for row in bands}
    assert by_band.keys() == {row["band"] for row in expected["bands_30d"]}
    for row in expected["bands_30d"]:
        assert_figures(by_band[row.pop("band")], row)
