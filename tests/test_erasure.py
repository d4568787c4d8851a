"""A deleted contact leaves everything that is stored, and stays away."""

import shutil
from pathlib import Path

import duckdb
import pytest
from conftest import CLASSIC_RULES, NO_UNIT_TESTS, Project, Rows, write_csv
from test_publishing import damage, publish

BEFORE, AFTER, LATER = "2026-06-01 00:00:00", "2026-06-01 12:00:00", "2026-06-02 00:00:00"
CANARY = "zyzzyva"  # in every id, address, name and message of the one who will be deleted


def history() -> dict[str, Rows]:
    """Zoe, whom another contact was merged into, and Ann, whose visitor Zoe's link made."""
    zoe, old = f"{CANARY}@example.com", f"old-{CANARY}@example.com"
    at = "2026-05-31 10:00:00"
    email = [
        {"event_type": "email_click", "event_id": f"click-{CANARY}", "link_url": "https://x.io/"},
        {"event_type": "email_open", "event_id": f"open-{CANARY}"},
        {"event_type": "email_open", "event_id": f"open-{CANARY}"},
        {"event_type": "email_open", "event_id": f"again-{CANARY}"},
        {"event_type": "email_opened", "event_id": f"rejected-{CANARY}"},
        {"event_type": "email_unsubscribe", "event_id": f"out-{CANARY}", "email_address": old},
        {"event_type": "email_resubscribe", "event_id": f"in-{CANARY}", "email_address": old},
    ]
    for row in email:
        row |= {"occurred_at": at, "message_id": f"m-{CANARY}", "campaign_id": f"c-{CANARY}"}
        row.setdefault("email_address", zoe)
    email[-1]["occurred_at"] = "2026-05-31 11:00:00"
    email.append(
        {
            "event_type": "email_open",
            "event_id": "open-ann",
            "email_address": "ann@example.com",
            "message_id": "m-ann",
            "occurred_at": at,
        }
    )
    view = {"event_type": "page_view", "occurred_at": at, "page_url": "https://x.io/"}
    web = [
        view | {"event_id": f"view-{CANARY}", "visitor_id": f"v-{CANARY}"},
        view | {"event_id": f"form-{CANARY}", "visitor_id": f"w-{CANARY}", "email_address": zoe},
        # Ann lands by Zoe's message; Zoe types her own address on Ann's computer
        view
        | {
            "event_id": "view-ann",
            "visitor_id": "v-ann",
            "email_click_event_id": f"click-{CANARY}",
            "occurred_at": "2026-05-30 10:00:00",
        },
        view
        | {
            "event_id": "typed-zoe",
            "visitor_id": "v-ann",
            "email_address": zoe,
            "occurred_at": "2026-05-30 10:00:00",
        },
        view
        | {
            "event_id": "rejected-ann",
            "event_type": "page_viewed",
            "visitor_id": "v-ann",
            "email_click_event_id": f"click-{CANARY}",
        },
    ]
    return {
        "contacts": [
            {
                "contact_id": f"z-{CANARY}",
                "email_address": zoe,
                "full_name": f"Zoe {CANARY}",
                "phone": f"+0 {CANARY}",
                "company_name": f"{CANARY} & Co.",
                "merged_into_contact_id": "",
                "deleted_at": "",
            },
            {
                "contact_id": f"merged-{CANARY}",
                "email_address": f"merged-{CANARY}@example.com",
                "full_name": f"Z. {CANARY}",
                "merged_into_contact_id": f"z-{CANARY}",
            },
            {"contact_id": "ann", "email_address": "ann@example.com", "full_name": "Ann"},
        ],
        "identities": [
            {"identity_type": "email", "identity_value": old, "contact_id": f"z-{CANARY}"},
            {
                "identity_type": "visitor",
                "identity_value": f"v-{CANARY}",
                "contact_id": f"merged-{CANARY}",
            },
            {"identity_type": "visitor", "identity_value": "v-ann", "contact_id": "ann"}
            | {"linked_at": "2026-05-31 12:00:00"},
            # Zoe's since she typed her address, and not Ann's again once that event is gone
            {"identity_type": "visitor", "identity_value": f"w-{CANARY}", "contact_id": "ann"}
            | {"linked_at": "2020-01-01"},
        ],
        "email_events": email,
        "web_events": web,
        "activities": [
            {
                "event_id": f"call-{CANARY}",
                "event_type": "call",
                "occurred_at": at,
                "contact_id": f"merged-{CANARY}",
                "detail": f"spoke to {CANARY}",
            }
        ],
        "lists": [{"list_id": "l1"}],
        "list_memberships": [{"list_id": "l1", "contact_id": f"merged-{CANARY}"}],
        "attributes": [
            {
                "contact_id": f"merged-{CANARY}",
                "attribute_name": "employees",
                "attribute_value": f"not {CANARY}",
            }
        ],
    }


def write(project: Project, tables: dict[str, Rows]) -> None:
    for table, rows in tables.items():
        write_csv(project.path / "raw", table, rows)


def tables_with(database: Path, text: str) -> set[str]:
    """The tables of a database, all schemas, in a row of which the text stands."""
    with duckdb.connect(str(database), read_only=True) as connection:
        names = connection.execute(
            "select schema_name || '.' || table_name from duckdb_tables()"
        ).fetchall()
        return {
            name
            for (name,) in names
            if connection.execute(
                f"select 1 from {name} as row where contains(lower(row::varchar), ?)", [text]
            ).fetchone()
        }


def files_with(folder: Path, text: str) -> set[str]:
    return {
        str(file.relative_to(folder))
        for part in ("target", "logs", "warehouse/tmp")
        for file in (folder / part).rglob("*")
        if file.is_file() and text.encode() in file.read_bytes().lower()
    }


@pytest.fixture
def built(project: Project) -> Project:
    project.write_config("scoring_rules", CLASSIC_RULES + "call,,call,,,,30,,,,,,,\n")
    project.write_config(
        "fit_rules",
        "rule_id,score_name,attribute,match_operator,match_value,points,description\n"
        "employees,,employees,is_known,,20,\n",
    )
    write(project, history())
    project.score(raw_files="raw", as_of=BEFORE, require_consent=False)
    return project


def test_a_deleted_contact_is_nowhere_after_the_next_build(built: Project):
    assert {
        "engagement.event_log",
        "engagement.present_contacts",
        "marts.contact_scores",
        "marts.rejected_events",
        "marts.score_history",
        "marts.sales_handoffs",
        "points.account_standings",
        "points.contact_attributes",
    } <= tables_with(built.database, CANARY)

    tables = history()
    tables["contacts"][0]["deleted_at"] = "2026-06-01"
    # one more of the same message, which has all of the message looked at again
    more = {"event_id": f"more-{CANARY}", "occurred_at": "2026-06-01 01:00:00"}
    tables["email_events"].append(tables["email_events"][1] | more)
    write(built, tables)
    builds = [(AFTER, ()), (BEFORE, ()), (AFTER, ("--full-refresh",))]
    for as_of, options in builds:
        done = built.dbt(
            "build",
            *options,
            "--exclude-resource-type",
            "unit_test",
            raw_files="raw",
            as_of=as_of,
            require_consent=False,
        )
        assert done.returncode == 0, done.stdout
        assert tables_with(built.database, CANARY) == set()
        assert files_with(built.path, CANARY) == set()
        assert CANARY not in done.stdout
        # Ann is whole, and so is the count of what was erased
        assert built.query("select distinct contact_id from marts.contact_scores") == [("ann",)]
        erased = built.query("select source, erased from marts.scoring_status order by source")
        assert erased == [("activities", 1), ("email_events", 8), ("web_events", 3)]
        assert built.query("select event_id from marts.rejected_events") == [("rejected-ann",)]
        history_of = built.query("select distinct contact_id from marts.score_history")
        assert history_of == [("ann",)]


def test_an_error_that_names_contacts_leaves_no_trace_of_them(built: Project):
    """A loop of merges is named; who is in it may be deleted later."""
    tables = history()
    tables["contacts"][0]["merged_into_contact_id"] = f"merged-{CANARY}"
    write(built, tables)
    given = {"raw_files": "raw", "as_of": AFTER, "require_consent": False}
    done = built.dbt("build", "--exclude-resource-type", "unit_test", **given)
    assert done.returncode == 1
    assert f"Contacts are merged in a loop: merged-{CANARY}, z-{CANARY}." in done.stdout

    tables["contacts"][0] |= {"merged_into_contact_id": "", "deleted_at": "2026-06-01"}
    write(built, tables)
    built.score(**given)
    assert tables_with(built.database, CANARY) == set()
    assert files_with(built.path, CANARY) == set()


def build(project: Project, as_of: str, *options: str) -> None:
    given = {"raw_files": "raw", "as_of": as_of, "require_consent": False}
    done = project.dbt("build", *options, *NO_UNIT_TESTS, **given, accept_raw_tables=True)
    assert done.returncode == 0, done.stdout


def opens(name: str, address: str, *days: int) -> Rows:
    """An open on each of some days of May."""
    return [
        {
            "event_type": "email_open",
            "event_id": f"{name}-{day}",
            "email_address": address,
            "message_id": f"m-{name}-{day}",
            "occurred_at": f"2026-05-{day:02} 10:00:00",
            "received_at": f"2026-05-{day:02} 11:00:00",
        }
        for day in days
    ]


@pytest.mark.long
def test_what_was_erased_stays_away_from_a_database_that_was_lost(built: Project):
    """Though their contacts' rows are gone from the raw table, and their events are not."""
    zoe, ann = f"{CANARY}@example.com", "ann@example.com"
    tables = history()
    more = opens(f"late-{CANARY}", zoe, 2, 3, 28) + opens("ann", ann, 1, 3, 20, 29)
    tables["email_events"] += more
    tables["contacts"][0]["deleted_at"] = "2026-06-01"
    write(built, tables)
    build(built, AFTER)
    publish(built)

    # as many of Ann's rows are left on a day as of hers were erased
    gone = [row for row in more if row["event_id"] == f"late-{CANARY}-3"]
    tables["email_events"] = [row for row in tables["email_events"] if row not in gone]
    tables["contacts"] = tables["contacts"][2:]
    # a visitor of hers, whom an older link gives to Ann
    visit = {"event_id": f"again-{CANARY}", "visitor_id": f"w-{CANARY}"}
    tables["web_events"].append(
        {"event_type": "page_view", "occurred_at": "2026-06-01 13:00:00"} | visit
    )
    write(built, tables)
    erased = built.path / "erased.duckdb"
    shutil.copy(built.database, erased)
    build(built, LATER)
    undisturbed = built.marts()
    log = "select row_key, is_erased, is_unnamed from engagement.event_log order by all"
    logged = built.query(log)

    shutil.copy(erased, built.database)
    damage(built.database, "half")
    done = built.command("recover")
    assert "is damaged" in done.stdout
    assert built.query("select count(*), min(reject_reason) from engagement.event_log") == [
        (14, "erased")
    ]
    build(built, LATER)
    assert built.marts() == undisturbed
    assert built.query(log) == logged
    assert tables_with(built.database, CANARY) == set()
    # what follows reads what is new, as ever
    build(built, LATER)
    assert built.query(log) == logged


def stored(published: Path) -> tuple[set[str], set[str]]:
    """The names of the generations and of the replays."""
    folders = (published / "generations", published / "replays")
    return tuple({path.name for path in folder.iterdir()} for folder in folders)


@pytest.mark.long
@pytest.mark.parametrize("zoe_was", ["nobody", "merged into Ann"])
def test_whoever_is_erased_is_in_no_older_generation(project: Project, zoe_was: str):
    """Though none of them scored Zoe as a contact."""
    published = project.path / "published"
    project.write_config("scoring_rules", CLASSIC_RULES)
    zoe, _, ann = history()["contacts"]
    at_one_address = [row for row in history()["email_events"] if "old" not in row["email_address"]]
    tables: dict[str, Rows] = {
        "contacts": [ann | {"merged_into_contact_id": "", "deleted_at": ""}],
        "email_events": at_one_address,
    }
    if zoe_was == "merged into Ann":
        # who never did anything
        tables["contacts"].append(zoe | {"merged_into_contact_id": "ann"})
        tables["email_events"] = [row for row in at_one_address if row["event_id"] == "open-ann"]
    write(project, tables)
    for as_of in (AFTER, BEFORE):
        build(project, as_of)
        publish(project)
    (known,) = published.glob("generations/*/*.duckdb")
    if zoe_was == "nobody":
        assert {"marts.rejected_events", "marts.points_ledger"} <= tables_with(known, CANARY)
    assert [len(names) for names in stored(published)] == [1, 1]

    tables["contacts"] = [zoe | {"deleted_at": "2026-06-01"}, *tables["contacts"][:1]]
    write(project, tables)
    build(project, LATER)
    publish(project)
    generations, replays = stored(published)
    assert generations == {(published / "current").resolve().name}
    assert not replays
    assert tables_with(published / "current" / "contact_scoring.duckdb", CANARY) == set()

    if zoe_was == "merged into Ann":
        # nor is Ann, whose row is gone without a deleted_at
        tables["contacts"] = [{"contact_id": "bob", "email_address": "bob@example.com"}]
        write(project, tables)
        build(project, "2026-06-02 12:00:00")
        publish(project)
        assert stored(published)[0] == {(published / "current").resolve().name}
        return

    # nobody new: what came in since is in none of them, and a full refresh knows no more
    since = {"event_id": "since", "occurred_at": "2026-06-02 01:00:00"}
    tables["email_events"].append(tables["email_events"][1] | since)
    write(project, tables)
    for options in ((), ("--full-refresh",)):
        build(project, "2026-06-02 12:00:00", *options)
        publish(project)
    _, second, third = sorted(stored(published)[0])

    # one of an earlier version of the project, and one that has a row that is erased now
    for name, change in (
        (second, "drop table engagement.erased_actors"),
        (third, "delete from engagement.event_log where source = 'email_events'"),
    ):
        database = published / "generations" / name / "contact_scoring.duckdb"
        database.chmod(0o644)
        with duckdb.connect(str(database)) as connection:
            connection.execute(change)
    publish(project)
    assert stored(published)[0] == {(published / "current").resolve().name}
