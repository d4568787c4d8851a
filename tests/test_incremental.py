"""A build goes on from the last one: it reads what is new, and ends where a full refresh would.

That it does so for any history is judged in tests/reference; here is what a person sees of it.
"""

import shutil

import duckdb
import pytest
from conftest import CLASSIC_RULES, Project, Rows, write_csv

FIRST, SECOND = "2026-06-01 00:00:00", "2026-06-01 12:00:00"
MARTS = ("active_contacts", "contact_scores", "score_drivers", "points_ledger", "scoring_status")
OPEN = {"event_type": "email_open", "email_address": "ann@x.example", "message_id": "m1"}


def opened(event_id: str, received_at: str, **columns: object) -> dict[str, object]:
    """An open an hour before it was received."""
    occurred_at = f"{received_at[:11]}{int(received_at[11:13]) - 1:02}{received_at[13:]}"
    row = {"event_id": event_id, "occurred_at": occurred_at, "received_at": received_at}
    return OPEN | row | columns


def write(project: Project, events: Rows, folder: str = "raw") -> None:
    contacts: Rows = [{"contact_id": "ann", "email_address": "ann@x.example"}]
    write_csv(project.path / folder, "contacts", contacts)
    write_csv(project.path / folder, "email_events", events)


def events_of_may() -> Rows:
    return [
        opened("old", "2026-05-20 10:00:00"),
        opened("new", "2026-05-31 10:00:00", message_id="m2"),
    ]


@pytest.fixture
def built(project: Project) -> Project:
    project.write_config("scoring_rules", CLASSIC_RULES)
    write(project, events_of_may())
    project.score(raw_files="raw", as_of=FIRST)
    return project


def is_as_after_a_full_refresh(project: Project, **variables: object) -> bool:
    """Whether the marts stay as they are when everything is read and counted anew."""
    before = {mart: project.mart(mart) for mart in MARTS}
    done = project.dbt(
        "build", "--full-refresh", "--exclude-resource-type", "unit_test", **variables
    )
    assert done.returncode == 0, done.stdout
    return before == {mart: project.mart(mart) for mart in MARTS}


def stopped_at(project: Project, model: str, **variables: object) -> None:
    """Build as far as a model that fails: what was built before it stays."""
    with project.failing_at(model):
        done = project.dbt("build", "--exclude-resource-type", "unit_test", "test", **variables)
    assert done.returncode != 0, done.stdout
    assert "no_column" in done.stdout


def build_numbers(project: Project) -> dict[str, int]:
    return dict(project.query("select event_id, build_number from engagement.read_events"))


def test_only_what_is_new_is_read(built: Project):
    built.score(raw_files="raw", as_of=SECOND)
    assert build_numbers(built) == {"old": 1, "new": 1}
    assert built.query("select max(build_number) from points.last_build") == [(1,)]

    write(built, [*events_of_may(), opened("newest", "2026-06-01 10:00:00")])
    built.score(raw_files="raw", as_of=SECOND)
    assert build_numbers(built) == {"old": 1, "new": 1, "newest": 2}
    assert is_as_after_a_full_refresh(built, raw_files="raw", as_of=SECOND)


def test_a_copy_received_earlier_takes_the_place_of_the_first(built: Project):
    earlier = opened("new", "2026-05-29 10:00:00", message_id="m1")
    write(built, [*events_of_may(), earlier])
    built.score(raw_files="raw", as_of=SECOND)
    outcomes = built.query("select outcome, message_id from engagement.read_events order by all")
    assert outcomes == [("duplicate", "m2"), ("engagement", "m1"), ("engagement", "m1")]
    assert built.query("select is_repeat from marts.points_ledger where event_id = 'new'") == [
        (True,)
    ]
    assert is_as_after_a_full_refresh(built, raw_files="raw", as_of=SECOND)


def test_a_new_row_makes_one_of_another_period_a_repeat(built: Project):
    """Nothing came or went in that period; only a mark changed."""
    earlier = opened("earlier", "2026-05-30 10:00:00", message_id="m2")
    write(built, [*events_of_may(), earlier])
    built.score(raw_files="raw", as_of=SECOND)
    earned = "select event_id from marts.points_ledger where earns order by event_id"
    assert built.query(earned) == [("earlier",), ("old",)]
    scores = "select times_earned from marts.active_contacts where window_days = 90"
    assert built.query(scores) == [(2,)]
    assert is_as_after_a_full_refresh(built, raw_files="raw", as_of=SECOND)


def test_a_late_copy_is_a_duplicate_and_a_late_event_fails_the_check(built: Project):
    late_copy = opened("old", "2026-05-10 10:00:00")
    write(built, [*events_of_may(), late_copy])
    build = ("build", "--exclude-resource-type", "unit_test")
    done = built.dbt(*build, raw_files="raw", as_of=SECOND)
    assert done.returncode == 0, done.stdout
    assert "email_events: rows came in more than 3 days (late_load_days) after" in done.stdout
    counts = "select rows_read, engagements, duplicates from marts.scoring_status limit 1"
    assert built.query(f"{counts.replace(' limit', ' where rows_read > 0 limit')}") == [(3, 2, 1)]
    done = built.dbt(*build, raw_files="raw", as_of=SECOND)
    assert "late_load_days" not in done.stdout

    write(built, [*events_of_may(), late_copy, opened("late", "2026-05-11 10:00:00")])
    done = built.dbt(*build, raw_files="raw", as_of=SECOND)
    assert done.returncode != 0
    assert "FAIL 1 assert_every_raw_row_is_accounted_for" in done.stdout
    assert "build once with --full-refresh" in done.stdout
    assert is_as_after_a_full_refresh(built, raw_files="raw", as_of=SECOND) is False
    assert len(built.mart("points_ledger")) == 3

    # or is found by who looks further back
    write(
        built,
        [
            *events_of_may(),
            late_copy,
            opened("late", "2026-05-11 10:00:00"),
            opened("later", "2026-05-12 10:00:00"),
        ],
    )
    built.score(raw_files="raw", as_of=SECOND, late_load_days=30)
    assert len(built.mart("points_ledger")) == 4


def test_a_build_that_stopped_halfway_is_done_again(built: Project):
    write(built, [*events_of_may(), opened("newest", "2026-06-01 10:00:00", message_id="m2")])
    for model in ("event_marks", "erased_events", "period_counts"):
        stopped_at(built, model, raw_files="raw", as_of=FIRST)
    assert built.query("select max(build_number) from points.last_build") == [(1,)]
    built.score(raw_files="raw", as_of=SECOND)
    assert is_as_after_a_full_refresh(built, raw_files="raw", as_of=SECOND)


def test_marks_made_by_patterns_that_were_taken_back_are_made_again(built: Project):
    given = {"raw_files": "raw", "as_of": FIRST}
    events = [event | {"user_agent": "a robot"} for event in events_of_may()]
    write(built, events)
    built.score(**given)
    patterns = (built.path / "seeds" / "config" / "machine_user_agents.csv").read_text("utf-8")
    built.write_config("machine_user_agents", patterns + "robot,ours\n")
    stopped_at(built, "linking_engagements", **given)
    marks = "select count(*) from engagement.event_marks where machine_reason is not null"
    assert built.query(marks) == [(2,)]
    built.write_config("machine_user_agents", patterns)
    built.score(**given)
    assert built.query(marks) == [(0,)]
    assert is_as_after_a_full_refresh(built, **given)


def test_another_input_is_read_from_its_beginning(built: Project):
    write(built, [opened("other", "2026-05-01 10:00:00")], "elsewhere")
    built.score(raw_files="elsewhere", as_of=FIRST)
    assert build_numbers(built) == {"other": 1}
    assert is_as_after_a_full_refresh(built, raw_files="elsewhere", as_of=FIRST)


def test_an_upgraded_project_reads_from_the_beginning(built: Project):
    """The text of a model is another one, and a table of the older release has other columns."""
    renamed = "alter table engagement.erased_events rename is_in_raw_table to is_gone"
    with duckdb.connect(built.database) as connection:
        connection.execute(renamed)
    path = built.path / "models" / "engagement" / "event_rows.sql"
    text = path.read_text("utf-8")
    path.write_text(f"{text.rstrip()} where event_id <> 'new'\n")
    built.score(raw_files="raw", as_of=SECOND)
    assert build_numbers(built) == {"old": 1}


def test_erasure_is_final_until_a_full_refresh(built: Project):
    """The address of a deleted contact is given to another one, who does not inherit the events."""
    people: Rows = [
        {"contact_id": "ann", "email_address": "ann@x.example", "deleted_at": "2026-06-01"},
        {"contact_id": "bob", "email_address": "bob@x.example", "deleted_at": ""},
    ]
    write_csv(built.path / "raw", "contacts", people)
    built.score(raw_files="raw", as_of=FIRST)
    people[1]["email_address"] = "ann@x.example"
    write_csv(built.path / "raw", "contacts", people)
    built.score(raw_files="raw", as_of=SECOND)
    counts = "select rows_read, engagements, erased from marts.scoring_status where rows_read > 0"
    assert built.query(counts) == [(2, 0, 2)]
    built.score(raw_files="raw", as_of=SECOND, late_load_days=400)
    assert built.query(counts) == [(2, 0, 2)]

    # what comes in from then on is bob's
    events = [*events_of_may(), opened("newest", "2026-06-01 10:00:00")]
    write_csv(built.path / "raw", "email_events", events)
    built.score(raw_files="raw", as_of=SECOND)
    assert built.query(counts) == [(3, 1, 2)]
    assert built.query("select contact_id, event_id from marts.points_ledger") == [
        ("bob", "newest")
    ]

    shutil.rmtree(built.path / "target")
    done = built.dbt("build", "--full-refresh", "--exclude-resource-type", "unit_test", "test",
                     raw_files="raw", as_of=SECOND)  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert built.query(counts) == [(3, 3, 0)]


def test_a_mark_follows_the_copy_that_takes_the_first_ones_place(built: Project):
    """A machine's resubscribe clears nothing, whatever copy of it counts."""
    given = {"raw_files": "raw", "as_of": SECOND}
    left = {"event_type": "email_unsubscribe", "message_id": ""}
    back = {"event_type": "email_resubscribe", "message_id": "", "is_machine": "true"}
    events = [
        opened("left", "2026-05-01 10:00:00", **left),
        opened("back", "2026-05-31 10:00:00", **back),
    ]
    write(built, events)
    built.score(**given)
    # received earlier, and of another period
    events.append(opened("back", "2026-05-30 10:00:00", **back))
    write(built, events)
    built.score(**given)
    # something else in the period of the copy that counts now
    events.append(opened("other", "2026-05-30 10:00:00", occurred_at="2026-05-30 10:00:00"))
    write(built, events)
    built.score(**given)
    assert built.query("select contact_id from marts.disqualified_contacts") == [("ann",)]
    assert is_as_after_a_full_refresh(built, **given)


def test_late_rows_fail_the_check_where_erased_ones_were_taken_out(built: Project):
    """The owner removes a deleted contact's rows; as many others come in too late."""
    people: Rows = [
        {"contact_id": "ann", "email_address": "ann@x.example", "deleted_at": "2026-06-01"},
        {"contact_id": "bob", "email_address": "bob@x.example", "deleted_at": ""},
    ]
    given = {"raw_files": "raw", "as_of": SECOND}
    write_csv(built.path / "raw", "contacts", people)
    bobs = {"email_address": "bob@x.example"}
    events = [*events_of_may(), opened("bobs", "2026-06-01 10:00:00", **bobs)]
    write_csv(built.path / "raw", "email_events", events)
    built.score(**given)
    counts = "select rows_read, engagements, erased from marts.scoring_status where rows_read > 0"
    assert built.query(counts) == [(3, 1, 2)]

    write_csv(built.path / "raw", "email_events", events[2:])
    built.score(**given, accept_raw_tables=True)
    assert built.query(counts) == [(1, 1, 0)]
    assert (
        built.dbt("test", "--select", "assert_every_raw_row_is_accounted_for", **given).returncode
        == 0
    )

    events.append(opened("late", "2026-05-10 10:00:00", **bobs))
    write_csv(built.path / "raw", "email_events", events[2:])
    built.score(**given)
    assert built.query(counts) == [(2, 1, 0)]
    assert (
        built.dbt("test", "--select", "assert_every_raw_row_is_accounted_for", **given).returncode
        != 0
    )
