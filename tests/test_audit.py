"""`make audit` holds every raw row against what became of it."""

import subprocess

import duckdb
import pytest
from conftest import Project, copy_project

TAMPERINGS = {
    "assert_every_valid_id_is_an_engagement": (
        "delete from engagement.read_events where outcome = 'engagement' and event_id = "
        "(select min(event_id) from engagement.engagements)"
    ),
    "assert_every_engagement_is_the_first_copy_of_its_id": (
        "update engagement.read_events set link_url = 'https://elsewhere.example/' "
        "where event_id = (select min(event_id) from engagement.engagements)"
    ),
    "assert_every_rejected_row_is_kept": (
        "insert into marts.rejected_events select * from marts.rejected_events limit 1"
    ),
    "assert_no_row_of_a_deleted_contact_is_left": (
        "insert into engagement.erased_actors (actor_type, actor_key) "
        "select actor_type, hash(actor_type, actor) from engagement.engagements limit 1"
    ),
    "assert_no_id_is_two_engagements": (
        "insert into engagement.read_events "
        "select * from engagement.read_events where outcome = 'engagement' limit 1"
    ),
}


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The demo, built without tests. Every test leaves it as it was."""
    built = copy_project(tmp_path_factory.mktemp("audited"))
    built.score()
    return built


def audit(project: Project) -> subprocess.CompletedProcess[str]:
    return project.dbt(
        "test",
        *("--exclude-resource-type", "unit_test", "--target-path", "target/audit"),
        env={"CONTACT_SCORING_AUDIT": "true"},
    )


def test_a_build_passes_the_audit_which_is_no_part_of_it(audited: Project):
    done = audit(audited)
    assert done.returncode == 0, done.stdout
    for claim in TAMPERINGS:
        assert f"PASS {claim}" in done.stdout
    part_of_a_build = audited.dbt("build", "--exclude-resource-type", "unit_test")
    assert part_of_a_build.returncode == 0
    assert "assert_every_raw_row_is_accounted_for" in part_of_a_build.stdout
    assert not any(claim in part_of_a_build.stdout for claim in TAMPERINGS)


@pytest.mark.parametrize("claim", TAMPERINGS)
def test_a_row_that_went_astray_fails_it(audited: Project, claim: str):
    content = audited.database.read_bytes()
    with duckdb.connect(str(audited.database)) as connection:
        connection.execute(TAMPERINGS[claim])
    try:
        done = audit(audited)
    finally:
        audited.database.write_bytes(content)
    assert done.returncode == 1
    assert f" {claim} " in "".join(line for line in done.stdout.splitlines(True) if "FAIL" in line)
