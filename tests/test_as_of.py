"""The instant of the scores, by the environment: what changes at every tick."""

import json

import pytest
from conftest import EARLIER, NO_UNIT_TESTS, REMEMBERING, Project

AS_OF = "CONTACT_SCORING_AS_OF"
DEMO_AS_OF = "2026-11-16 00:00:00"
# they remember what was said at the instants before


def instant(project: Project) -> str:
    ((as_of,),) = project.query("select distinct as_of::text from marts.contact_scores")
    return as_of


@pytest.mark.long
def test_builds_are_for_the_instant_of_the_environment_unless_a_variable_names_one(
    demo: Project, project: Project
) -> None:
    """With all data tests, but for those of the demo's story, which is told for one instant."""
    for as_of in (EARLIER, DEMO_AS_OF):
        done = project.dbt("build", *NO_UNIT_TESTS, env={AS_OF: as_of})
        assert done.returncode == 0, done.stdout
        assert "assert_demo_" not in done.stdout
        assert instant(project) == as_of
    for mart, rows in demo.marts().items():
        assert mart in REMEMBERING or project.mart(mart) == rows, mart

    contact_scores = ("run", "--select", "+contact_scores")
    variable = json.dumps({"as_of": EARLIER})
    done = project.dbt(*contact_scores, "--vars", variable, env={AS_OF: DEMO_AS_OF})
    assert done.returncode == 0, done.stdout
    assert instant(project) == EARLIER
    # set, but empty, is not set
    done = project.dbt(*contact_scores, env={AS_OF: ""})
    assert done.returncode == 0, done.stdout
    assert instant(project) == DEMO_AS_OF


@pytest.mark.long
def test_another_instant_has_nothing_parsed_again(project: Project) -> None:
    # by its target, so that it goes on from no parse but its own
    seed = ("--log-level", "debug", "seed", "--select", "score_bands", "--target", "duckdb")
    own = {"raw_files": "seeds/demo"}
    assert "Starting full parse" in project.dbt(*seed, env={AS_OF: EARLIER}, **own).stdout
    for environment in ({AS_OF: DEMO_AS_OF}, {}, {AS_OF: EARLIER}):
        done = project.dbt(*seed, env=environment, **own)
        assert done.returncode == 0, done.stdout
        assert "Nothing changed, skipping partial parsing" in done.stdout
    # of the demo the tests of its story are, which an instant switches off
    project.dbt(*seed)
    parsed = project.dbt(*seed, env={AS_OF: EARLIER}).stdout
    updated = [line for line in parsed.splitlines() if "Partial parsing: updated file" in line]
    assert updated
    assert all("tests/demo/assert_demo_" in line for line in updated)


@pytest.mark.parametrize(
    ("value", "mistake"),
    [
        ("2026-11-16 06:00:00", "'2026-11-16 06:00:00' is off the 12 h grid. Scores are true for "),
        ("soon", "'soon' is not a time. Write it in UTC, such as CONTACT_SCORING_AS_OF="),
        ("2026-06-31", "'2026-06-31' is not a time. "),
    ],
)
def test_a_wrong_instant_is_one_clear_line(project: Project, value: str, mistake: str) -> None:
    done = project.dbt("build", env={AS_OF: value})
    assert done.returncode != 0
    (line,) = (line for line in done.stdout.splitlines() if AS_OF in line)
    assert line.strip().startswith(f"{AS_OF}: {mistake}")
    assert done.stdout.count("Compilation Error") == 1
    assert project.is_unscored()
