"""A build goes on from the last one: it reads what is new, and ends where a full refresh would.

That it does so for any history is judged in tests/reference; here is what a person sees of it.
"""

import shutil

import duckdb
import pytest
from conftest import CLASSIC_RULES, NO_UNIT_TESTS, Project, Rows, write_csv

FIRST, SECOND = "2026-06-01 00:00:00", "2026-06-01 12:00:00"
MARTS = ("active_contacts", "contact_scores", "score_drivers", "points_ledger", "scoring_status")
OPEN = {"event_type": "email_open", "email_address": "ann@x.example", "message_id": "m1"}


def opened(event_id: str, received_at: str, **columns: object) -> dict[str, object]:
    """An open an hour before it was received."""
    occurred_at = f"{received_at[:11]}{int(received_at[11:13]) - 1:02}{received_at[13:]}"
    row = {"event_id": event_id, "occurred_at": occurred_at, "received_at": received_at}
    return OPEN | {"link_url": "", "is_machine": "", "user_agent": ""} | row | columns


def write(project: Project, events: Rows, folder: str = "raw") -> None:
    contacts: Rows = [{"contact_id": "ann", "email_address": "ann@x.example"}]
    write_csv(project.path / folder, "contacts", contacts)
    write_csv(project.path / folder, "email_events", events)


def write_people(project: Project, bobs_address: str) -> None:
    """Ann, who is deleted, and Bob."""
    people: Rows = [
        {"contact_id": "ann", "email_address": "ann@x.example", "deleted_at": "2026-06-01"},
        {"contact_id": "bob", "email_address": bobs_address, "deleted_at": ""},
    ]
    write_csv(project.path / "raw", "contacts", people)


def events_of_may() -> Rows:
    return [
        opened("old", "2026-05-20 10:00:00"),
        opened("new", "2026-05-31 10:00:00", message_id="m2"),
    ]


def events_of_a_year() -> Rows:
    """Copies, a repeat, a burst of clicks and a rejected row, by the time of receipt."""
    click = {"event_type": "email_click", "message_id": "m3", "occurred_at": "2026-05-30 09:00:00"}
    return [
        opened("first", "2025-06-20 10:00:00"),
        opened("copied", "2026-04-01 10:00:00", message_id="m4"),
        opened("rejected", "2026-05-02 10:00:00", event_type="email_opened"),
        opened("copied", "2026-05-03 10:00:00", message_id="m5"),
        opened("again", "2026-05-20 10:00:00"),
        opened("click_1", "2026-05-30 10:00:00", link_url="https://x.example/1", **click),
        opened("click_2", "2026-05-30 11:00:00", link_url="https://x.example/2", **click),
        opened("click_3", "2026-05-31 10:00:00", link_url="https://x.example/3", **click),
    ]


@pytest.fixture
def empty(project: Project) -> Project:
    project.write_config("scoring_rules", CLASSIC_RULES)
    return project


@pytest.fixture
def built(empty: Project) -> Project:
    write(empty, events_of_may())
    empty.score(raw_files="raw", as_of=FIRST)
    return empty


def marts(project: Project) -> dict[str, list[tuple]]:
    return {mart: project.mart(mart) for mart in MARTS}


def is_as_after_a_full_refresh(project: Project, **variables: object) -> bool:
    """Whether the marts stay as they are when everything is read again; with every data test."""
    before = marts(project)
    done = project.dbt("build", "--full-refresh", *NO_UNIT_TESTS, **variables)
    assert done.returncode == 0, done.stdout
    return before == marts(project)


def stopped_at(project: Project, model: str, **variables: object) -> None:
    """Build as far as a model that fails: what was built before it stays."""
    with project.failing_at(model):
        done = project.dbt("build", *NO_UNIT_TESTS, "test", **variables)
    assert done.returncode != 0, done.stdout
    assert "no_column" in done.stdout


def mark_logged_rows(project: Project) -> None:
    """Give the rows that the log has a detail, which an e-mail event has not."""
    with duckdb.connect(project.database) as connection:
        connection.execute("update engagement.event_log set detail = 'logged'")


def logged(project: Project) -> dict[str, bool]:
    """By event id, whether the row was marked."""
    return dict(project.query("select event_id, detail is not null from engagement.event_log"))


def counts(project: Project) -> list[tuple]:
    """Of e-mail events: rows read, and what they are."""
    return project.query(
        "select rows_read, engagements, duplicates, rejected, erased, rows_gone "
        "from marts.scoring_status where source = 'email_events'"
    )


def test_only_what_is_new_is_read(built: Project):
    mark_logged_rows(built)
    built.score(raw_files="raw", as_of=SECOND)
    assert logged(built) == {"old": True, "new": True}

    write(built, [*events_of_may(), opened("newest", "2026-06-01 10:00:00")])
    built.score(raw_files="raw", as_of=SECOND)
    assert logged(built) == {"old": True, "new": True, "newest": False}
    assert counts(built) == [(3, 3, 0, 0, 0, 0)]
    with duckdb.connect(built.database) as connection:
        connection.execute("update engagement.event_log set detail = null")
    assert is_as_after_a_full_refresh(built, raw_files="raw", as_of=SECOND)


@pytest.mark.long
def test_a_copy_received_earlier_takes_the_place_of_the_first(built: Project):
    earlier = opened("new", "2026-05-29 10:00:00", message_id="m1")
    write(built, [*events_of_may(), earlier])
    built.score(raw_files="raw", as_of=SECOND)
    superseded = "select message_id from engagement.superseded_copies join engagement.event_log"
    assert built.query(f"{superseded} using (row_key, event_key)") == [("m2",)]
    assert counts(built) == [(3, 2, 1, 0, 0, 0)]
    assert built.query("select is_repeat from marts.points_ledger where event_id = 'new'") == [
        (True,)
    ]
    assert is_as_after_a_full_refresh(built, raw_files="raw", as_of=SECOND)


@pytest.mark.long
def test_a_new_row_makes_one_of_another_period_a_repeat(built: Project):
    """Nothing came or went in that period."""
    earlier = opened("earlier", "2026-05-30 10:00:00", message_id="m2")
    write(built, [*events_of_may(), earlier])
    built.score(raw_files="raw", as_of=SECOND)
    earned = "select event_id from marts.points_ledger where earns order by event_id"
    assert built.query(earned) == [("earlier",), ("old",)]
    scores = "select times_earned from marts.active_contacts where window_days = 90"
    assert built.query(scores) == [(2,)]
    assert is_as_after_a_full_refresh(built, raw_files="raw", as_of=SECOND)


def test_rows_that_come_in_late_are_found_by_the_same_build(built: Project):
    """Years late, on a day that has rows already, with a rejected one and a copy among them."""
    late = [
        opened("late", "2024-05-31 10:00:00"),
        opened("late too", "2026-05-20 10:00:00"),
        opened("old", "2026-05-10 10:00:00"),
        opened("", "2026-05-11 10:00:00"),
    ]
    write(built, [*events_of_may(), *late])
    given = {"raw_files": "raw", "as_of": SECOND, "late_load_days": 0}
    done = built.dbt("build", *NO_UNIT_TESTS, **given)
    assert done.returncode == 0, done.stdout
    assert counts(built) == [(6, 4, 1, 1, 0, 0)]
    assert built.query("select count(*) from engagement.event_log") == [(6,)]
    assert is_as_after_a_full_refresh(built, **given)


@pytest.mark.long
@pytest.mark.parametrize("order", [-1, 1])
def test_the_order_in_which_rows_come_in_makes_no_difference(empty: Project, order: int):
    """Each day a batch, the newest first; or as they were received."""
    given = {"raw_files": "raw", "as_of": FIRST, "late_load_days": 0}
    events = events_of_a_year()[::order]
    for batch in (3, 6, len(events)):
        write(empty, events[:batch])
        empty.score(**given)
    assert counts(empty) == [(8, 6, 1, 1, 0, 0)]
    ledger = "select event_id, earns, unearned_reason from marts.points_ledger order by event_id"
    assert empty.query(ledger) == [
        ("again", False, "repeat"),
        *[(f"click_{number}", False, "machine") for number in (1, 2, 3)],
        ("copied", True, None),
    ]
    assert is_as_after_a_full_refresh(empty, **given)


@pytest.mark.long
def test_everything_delivered_again_changes_nothing(built: Project):
    before = marts(built)
    write(built, [*events_of_may(), *events_of_may()])
    built.score(raw_files="raw", as_of=FIRST)
    assert counts(built) == [(4, 2, 2, 0, 0, 0)]
    after = marts(built)
    del before["scoring_status"], after["scoring_status"]
    assert after == before
    assert is_as_after_a_full_refresh(built, raw_files="raw", as_of=FIRST)


@pytest.mark.long
def test_a_build_that_stopped_halfway_is_done_again(built: Project):
    write_people(built, "bob@x.example")
    events = events_of_may()
    events[0]["email_address"] = "bob@x.example"
    write_csv(built.path / "raw", "email_events", events)
    bobs = [
        opened("newest", "2026-06-01 10:00:00", email_address="bob@x.example"),
        opened("old", "2026-05-19 10:00:00", email_address="bob@x.example"),
    ]
    write_csv(built.path / "raw", "email_events", [*events, *bobs])
    for model in ("event_log", "superseded_copies", "erased_rows", "contact_points"):
        stopped_at(built, model, raw_files="raw", as_of=SECOND)
    built.score(raw_files="raw", as_of=SECOND)
    disturbed = marts(built)
    log = "select event_id, received_at, is_erased from engagement.event_log order by all"
    rows = built.query(log)

    shutil.rmtree(built.path / "warehouse")
    (built.path / "warehouse").mkdir()
    write(built, events_of_may())
    built.score(raw_files="raw", as_of=FIRST)
    write_people(built, "bob@x.example")
    write_csv(built.path / "raw", "email_events", [*events, *bobs])
    built.score(raw_files="raw", as_of=SECOND)
    assert marts(built) == disturbed
    assert built.query(log) == rows


@pytest.mark.long
def test_patterns_count_for_all_of_history_until_they_are_taken_back(built: Project):
    given = {"raw_files": "raw", "as_of": FIRST}
    events = [event | {"user_agent": "a robot"} for event in events_of_may()]
    write(built, events, "with_agents")
    given["raw_files"] = "with_agents"
    built.score(**given)
    patterns = (built.path / "seeds" / "config" / "machine_user_agents.csv").read_text("utf-8")
    earned = "select count(*) from marts.points_ledger where earns"
    for text, times in ((patterns + "robot,ours\n", 0), (patterns, 2)):
        built.write_config("machine_user_agents", text)
        built.score(**given)
        assert built.query(earned) == [(times,)]
    assert is_as_after_a_full_refresh(built, **given)


def test_another_input_is_read_from_its_beginning(built: Project):
    write(built, [opened("other", "2026-05-01 10:00:00")], "elsewhere")
    built.score(raw_files="elsewhere", as_of=FIRST)
    assert logged(built).keys() == {"other"}
    assert is_as_after_a_full_refresh(built, raw_files="elsewhere", as_of=FIRST)


@pytest.mark.long
def test_an_upgraded_project_reads_from_the_beginning(built: Project):
    """A release that reads raw rows in another way has a higher log_version."""
    given = {"raw_files": "raw", "as_of": SECOND}
    with duckdb.connect(built.database) as connection:
        connection.execute("create table engagement.read_events as select 'of old' as actor")
    path = built.path / "models" / "engagement" / "event_rows.sql"
    text = path.read_text("utf-8").rstrip()
    path.write_text(f"{text} where event_id <> 'new'\n", "utf-8")
    built.score(**given)
    assert logged(built).keys() == {"old", "new"}
    of_old = "select 1 from information_schema.tables where table_name = 'read_events'"
    assert built.query(of_old) == []

    version = built.path / "macros" / "log" / "log_version.sql"
    text = version.read_text("utf-8")
    assert "{{ return(1) }}" in text
    version.write_text(text.replace("{{ return(1) }}", "{{ return(2) }}"), "utf-8")
    built.score(**given)
    assert logged(built).keys() == {"old"}


@pytest.mark.long
def test_rows_that_have_gone_are_kept_and_warned_about(built: Project):
    given = {"raw_files": "raw", "as_of": SECOND}
    more = [*events_of_may(), opened("newest", "2026-06-01 10:00:00")]
    write(built, more)
    built.score(**given)
    before = built.mart("points_ledger")
    warning = "email_events: 1 row(s) that were read have gone from the raw table."

    write(built, more[1:])
    for _ in range(2):
        done = built.dbt("build", *NO_UNIT_TESTS, **given)
        assert done.returncode == 0, done.stdout
        assert "WARN 1 assert_no_row_has_gone_from_a_raw_table" in done.stdout
        assert warning in done.stdout
        assert counts(built) == [(3, 3, 0, 0, 0, 1)]
        assert built.mart("points_ledger") == before

    write(built, more)
    done = built.dbt("build", *NO_UNIT_TESTS, **given)
    assert "PASS assert_no_row_has_gone_from_a_raw_table" in done.stdout
    assert warning not in done.stdout
    assert counts(built) == [(3, 3, 0, 0, 0, 0)]


@pytest.mark.long
def test_erasure_is_final_until_a_full_refresh(built: Project):
    """The address of a deleted contact is given to another one, who does not inherit the events."""
    write_people(built, "bob@x.example")
    built.score(raw_files="raw", as_of=FIRST)
    write_people(built, "ann@x.example")
    built.score(raw_files="raw", as_of=SECOND)
    assert counts(built) == [(2, 0, 0, 0, 2, 0)]
    built.score(raw_files="raw", as_of=SECOND, late_load_days=400)
    assert counts(built) == [(2, 0, 0, 0, 2, 0)]

    # what comes in from then on is bob's, but for another copy of what is erased
    events = [
        *events_of_may(),
        opened("newest", "2026-06-01 10:00:00"),
        opened("old", "2026-05-19 10:00:00"),
        opened("new", "2026-06-01 11:00:00"),
    ]
    write_csv(built.path / "raw", "email_events", events)
    built.score(raw_files="raw", as_of=SECOND)
    assert counts(built) == [(5, 1, 2, 0, 2, 0)]
    assert built.query("select contact_id, event_id from marts.points_ledger") == [
        ("bob", "newest")
    ]

    shutil.rmtree(built.path / "target")
    done = built.dbt("build", "--full-refresh", *NO_UNIT_TESTS, "test",
                     raw_files="raw", as_of=SECOND)  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert counts(built) == [(5, 3, 2, 0, 0, 0)]


@pytest.mark.long
def test_a_machines_mark_is_that_of_the_copy_that_counts(empty: Project):
    """A machine's resubscribe clears nothing, whatever copy of it counts."""
    given = {"raw_files": "raw", "as_of": SECOND}
    left = {"event_type": "email_unsubscribe", "message_id": ""}
    back = {"event_type": "email_resubscribe", "message_id": ""}
    robot = {"is_machine": "true"}
    events = [
        opened("left", "2026-05-01 10:00:00", **left),
        opened("back", "2026-05-31 10:00:00", **back, **robot),
    ]
    disqualified = "select contact_id from marts.disqualified_contacts"
    copies = [
        (None, [("ann",)]),
        (opened("back", "2026-05-30 10:00:00", **back), []),
        (opened("back", "2026-05-29 10:00:00", **back, **robot), [("ann",)]),
    ]
    for copy, expected in copies:
        events += [copy] if copy else []
        write(empty, events)
        empty.score(**given)
        assert empty.query(disqualified) == expected
    assert is_as_after_a_full_refresh(empty, **given)


@pytest.mark.long
def test_the_owner_may_take_out_what_is_erased_and_late_rows_still_count(built: Project):
    """As many others come in late as rows were taken out."""
    given = {"raw_files": "raw", "as_of": SECOND}
    write_people(built, "bob@x.example")
    bobs = {"email_address": "bob@x.example"}
    events = [*events_of_may(), opened("bobs", "2026-06-01 10:00:00", **bobs)]
    write_csv(built.path / "raw", "email_events", events)
    built.score(**given)
    assert counts(built) == [(3, 1, 0, 0, 2, 0)]

    write_csv(built.path / "raw", "email_events", events[2:])
    build = ("build", *NO_UNIT_TESTS)
    done = built.dbt(*build, **given, accept_raw_tables=True)
    assert done.returncode == 0, done.stdout
    assert "PASS assert_no_row_has_gone_from_a_raw_table" in done.stdout
    assert counts(built) == [(1, 1, 0, 0, 0, 0)]

    events.append(opened("late", "2026-05-10 10:00:00", **bobs))
    write_csv(built.path / "raw", "email_events", events[2:])
    done = built.dbt(*build, **given)
    assert done.returncode == 0, done.stdout
    assert counts(built) == [(2, 2, 0, 0, 0, 0)]
