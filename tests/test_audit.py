"""`make audit` holds every raw row against what became of it."""

import subprocess

import duckdb
import pytest
from conftest import Project, copy_project, long

TAMPERINGS = [
    (
        "assert_every_valid_id_is_an_engagement",
        "delete from engagement.event_log "
        "where event_id = (select min(event_id) from engagement.engagements)",
    ),
    (
        "assert_every_valid_id_is_an_engagement",
        "update engagement.event_log set event_id = 'not read anywhere' "
        "where event_id = (select min(event_id) from engagement.engagements)",
    ),
    (
        "assert_every_engagement_is_the_first_copy_of_its_id",
        "update engagement.event_log set link_url = 'https://elsewhere.example/' "
        "where event_id = (select min(event_id) from engagement.engagements)",
    ),
    (
        "assert_every_engagement_is_the_first_copy_of_its_id",
        "update engagement.event_log set is_later_copy = not is_later_copy "
        "where event_id in (select event_id from engagement.event_log "
        "where is_later_copy group by event_id having count(distinct row_key) > 1)",
    ),
    (
        "assert_every_rejected_row_is_kept",
        "insert into marts.rejected_events select * from marts.rejected_events limit 1",
    ),
    (
        "assert_every_rejected_row_is_kept",
        "delete from marts.rejected_events where event_id = 'ac-broken-actor'",
    ),
    (
        "assert_no_row_of_a_deleted_contact_is_left",
        "insert into engagement.erased_actors (actor_type, actor_key) "
        "select actor_type, actor_key from engagement.engagements limit 1",
    ),
    (
        "assert_no_row_of_a_deleted_contact_is_left",
        "update engagement.event_log set actor = 'v-c018', actor_key = null "
        "where event_id = (select min(event_id) from engagement.engagements "
        "where source = 'web_events')",
    ),
    (
        "assert_no_row_of_a_deleted_contact_is_left",
        "update engagement.event_log set email_address = 'pawel.dabek@biala-papier.example' "
        "where event_id = (select min(event_id) from engagement.engagements "
        "where source = 'web_events')",
    ),
    (
        "assert_no_id_is_two_engagements",
        "insert into engagement.event_log from engagement.event_log "
        "where event_id = (select min(event_id) from engagement.engagements)",
    ),
    (
        "assert_every_disqualification_has_its_events",
        "update marts.disqualified_contacts set last_event_id = 'not read anywhere'",
    ),
    (
        "assert_every_disqualification_has_its_events",
        "update marts.disqualified_contacts set occurrences = occurrences + 1",
    ),
    (
        "assert_nothing_earns_without_a_person_behind_it",
        "alter view marts.points_ledger rename to ledger_as_built;"
        "create view marts.points_ledger as select * replace (cast(null as varchar) as contact_id) "
        "from marts.ledger_as_built",
    ),
    (
        "assert_the_ledger_adds_up_to_the_drivers",
        "update points.driver_steps set times_earned = times_earned + 1",
    ),
    (
        "assert_drivers_add_up_to_scores_in_every_window",
        "update points.score_steps set score = score + 1 where to_window < 30",
    ),
]


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
    for claim, _ in TAMPERINGS:
        assert f"PASS {claim}" in done.stdout
    part_of_a_build = audited.dbt("build", "--exclude-resource-type", "unit_test")
    assert part_of_a_build.returncode == 0
    assert "assert_every_raw_row_is_accounted_for" in part_of_a_build.stdout
    assert not any(claim in part_of_a_build.stdout for claim, _ in TAMPERINGS)


@pytest.mark.parametrize(
    ("claim", "tampering"),
    [TAMPERINGS[0], *(long(*one) for one in TAMPERINGS[1:])],
)
def test_a_row_that_went_astray_fails_it(audited: Project, claim: str, tampering: str):
    content = audited.database.read_bytes()
    with duckdb.connect(str(audited.database)) as connection:
        connection.execute(tampering)
    try:
        done = audit(audited)
    finally:
        audited.database.write_bytes(content)
    assert done.returncode == 1
    assert f" {claim} " in "".join(line for line in done.stdout.splitlines(True) if "FAIL" in line)
