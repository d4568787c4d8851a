"""No address, name or text of a broken row gets where it need not be: a canary in every kind."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from conftest import NO_UNIT_TESTS, Project, Rows, write_csv

AS_OF = "2026-06-01 00:00:00"
CANARY = "kanarienvogel"
ADDRESS = f"{CANARY}@x.example"
ERASED = f"erased-{ADDRESS}"
AT = "2026-05-31 10:00:00"


def mail(event_id: str, **columns: str) -> dict[str, object]:
    known = {"event_type": "email_open", "occurred_at": AT, "email_address": "ann@x.example"}
    return {"event_id": event_id} | known | columns


def view(event_id: str, **columns: str) -> dict[str, object]:
    known = {"event_type": "page_view", "occurred_at": AT, "visitor_id": "v-ann"}
    return {"event_id": event_id} | known | columns


def broken_rows() -> dict[str, Rows]:
    """Each with the canary in a place where it is of no use, or of no use to the marts."""
    person = {"full_name": "", "created_at": "", "merged_into_contact_id": "", "deleted_at": ""}
    call = {"event_type": "call", "occurred_at": AT, "contact_id": "ann", "detail": ""}
    linked = {"identity_type": "visitor", "contact_id": "ann", "linked_at": ""}
    return {
        "contacts": [
            person | {"contact_id": "ann", "email_address": "ann@x.example"},
            person | {"contact_id": "", "email_address": ADDRESS, "full_name": CANARY},
            person | {"contact_id": "bob", "email_address": "bob", "created_at": CANARY},
            person | {"contact_id": "eve", "email_address": ERASED, "deleted_at": "2026-05-01"},
            person | {"contact_id": "zoe", "merged_into_contact_id": CANARY},
        ],
        "identities": [
            linked | {"identity_value": "v-ann", "linked_at": CANARY},
            linked | {"identity_value": ADDRESS, "identity_type": CANARY},
            linked | {"identity_value": f"v-{CANARY}", "contact_id": ""},
        ],
        "email_events": [
            *(mail(f"well{number}") for number in range(30)),
            mail("", email_address=ADDRESS),
            mail("when", occurred_at=f"{CANARY} 10:00", email_address=ADDRESS),
            mail("who", email_address=" ", link_url=f"https://x.example/?to={ADDRESS}"),
            mail("what", event_type=ADDRESS),
            mail("stranger", email_address=ADDRESS),
            mail("erased", email_address=ERASED, user_agent=CANARY),
            mail("machine", is_machine=CANARY, received_at=CANARY),
            mail("twice"),
            mail("twice", received_at="2026-05-31 12:00:00", campaign_id=CANARY),
        ],
        "web_events": [
            view("no-visitor", visitor_id="", email_address=ADDRESS),
            view("no-consent", visitor_id="v-refused", email_address=ADDRESS),
            view("what", event_type=CANARY, visitor_id=f"v-{CANARY}"),
            view("when", occurred_at="2026-02-30", visitor_id=f"v-{CANARY}"),
            view("click", email_click_event_id=ADDRESS),
        ],
        "activities": [
            call | {"event_id": "type", "event_type": f"Called {ADDRESS}"},
            call | {"event_id": "detail", "detail": f"call {ADDRESS}"},
            call | {"event_id": "unknown", "contact_id": CANARY},
            call | {"event_id": "", "detail": CANARY},
        ],
        "consents": [
            {"visitor_id": "v-ann", "is_granted": "true", "decided_at": "2026-01-01"},
            {"visitor_id": "v-ann", "is_granted": CANARY, "decided_at": CANARY},
            {"visitor_id": "v-refused", "is_granted": CANARY, "decided_at": "2026-01-01"},
            {"visitor_id": f"v-{CANARY}", "is_granted": "", "decided_at": ""},
        ],
        "attributes": [
            {"contact_id": who, "attribute_name": name, "attribute_value": CANARY, "updated_at": at}
            for who, name, at in (
                (CANARY, "employees", ""),
                ("ann", CANARY, ""),
                ("ann", "employees", CANARY),
                ("eve", "employees", ""),
                ("", "", CANARY),
            )
        ],
        "lists": [{"list_id": "", "list_name": CANARY}],
        "list_memberships": [
            {"list_id": "a", "contact_id": CANARY, "added_at": "", "removed_at": ""},
            {"list_id": "a", "contact_id": "ann", "added_at": CANARY, "removed_at": CANARY},
        ],
    }


def append(line: str) -> Callable[[Path], None]:
    """A line with as many fields as the header has, at least."""

    def to(raw: Path) -> None:
        with (raw / "email_events.csv").open("r+", encoding="latin-1") as file:
            fields = len(file.readline().split(","))
            file.seek(0, os.SEEK_END)
            file.write(line + "," * (fields - len(line.split(","))) + "\n")

    return to


def loop_of_merges(raw: Path) -> None:
    person = {"email_address": ADDRESS, "full_name": CANARY}
    ways = (("ann", "bob"), ("bob", "ann"))
    rows = [person | {"contact_id": a, "merged_into_contact_id": b} for a, b in ways]
    write_csv(raw, "contacts", [*rows, person | {"contact_id": "eve"}])


def another_type(raw: Path) -> None:
    (raw / "contacts.csv").unlink()
    person = f"{{'contact_id': 'ann', 'email_address': '{ADDRESS}'}}"
    duckdb.sql(f"copy (select {person} as person) to '{raw}/contacts.parquet'")


# each stops a build: what it says then
STOPS = {
    "one field too many": (append(f"x,email_open,{AT},{ADDRESS}" + 9 * ",x"), "in UTF-8"),
    "no UTF-8": (append(f"x,email_open,{AT},{ADDRESS}\xff"), "in UTF-8"),
    "an open quote": (append(f'x,email_open,{AT},"{ADDRESS}'), "in UTF-8"),
    "a loop of merges": (loop_of_merges, "merge"),
    "another type": (another_type, "has no column contact_id"),
}
# two of them, one before anything is built and one after
IN_DAGSTER = ("no UTF-8", "a loop of merges")


@pytest.fixture
def scored(project: Project) -> Project:
    """Scored by Dagster, and published."""
    settings = project.path / "dbt_project.yml"
    text = settings.read_text("utf-8")
    assert "  # raw_files: exports " in text
    settings.write_text(text.replace("  # raw_files: exports ", "  raw_files: exports "), "utf-8")
    for table, rows in broken_rows().items():
        columns = dict.fromkeys(name for row in rows for name in row)
        write_csv(project.path / "exports", table, rows, columns)
    home = project.path / ".dagster_home"
    environment = {"DAGSTER_HOME": str(home)}
    assert not project.run("orchestration.instance", env=environment).returncode
    run = project.path / "run.yaml"
    run.write_text(f"ops: {{contact_scoring: {{config: {{as_of: '{AS_OF}'}}}}}}", "utf-8")
    done = refresh(project)
    assert done.returncode == 0, done.stdout
    return project


def refresh(project: Project) -> subprocess.CompletedProcess[str]:
    """A run of the job; what it printed is kept beside what Dagster keeps."""
    job = ("-m", "orchestration.definitions", "-j", "refresh_scores", "-c", "run.yaml")
    environment = {"DAGSTER_HOME": str(project.path / ".dagster_home")}
    done = project.run("dagster", "job", "execute", *job, env=environment)
    with (project.path / "printed").open("a", encoding="utf-8") as printed:
        printed.write(done.stdout)
    return done


def files_with_it(project: Project) -> list[str]:
    """What stands beside the raw tables, the build's database and what is published."""
    theirs = ("exports", "kept", "warehouse", "published")
    return [
        str(path.relative_to(project.path))
        for path in project.path.rglob("*")
        if path.is_file()
        and path.relative_to(project.path).parts[0] not in theirs
        and CANARY.encode() in path.read_bytes().lower()
    ]


@pytest.mark.long
def test_a_canary_in_every_kind_of_bad_row_is_in_no_log_artifact_or_published_file(
    scored: Project,
) -> None:
    """But for rejected_events, which is there to show what was rejected."""
    raw = scored.path / "exports"
    assert CANARY in (raw / "email_events.csv").read_text("utf-8")
    current = (scored.path / "published" / "current").resolve(strict=True)
    with duckdb.connect(str(current / "contact_scoring.duckdb"), read_only=True) as connection:
        names = connection.execute(
            "select table_schema, table_name from information_schema.tables"
        ).fetchall()
        found = {
            f"{schema}.{name}"
            for schema, name in names
            if connection.execute(
                f'select 1 from "{schema}"."{name}" as t where lower(t::varchar) like ?',
                [f"%{CANARY}%"],
            ).fetchone()
        }
        ((rejected,),) = connection.execute("select count(*) from marts.rejected_events").fetchall()
    assert found == {"marts.rejected_events"}
    assert rejected == 9
    in_files = [
        file.parent.name
        for file in current.rglob("*.parquet")
        if CANARY in str(duckdb.read_parquet(str(file)).fetchall()).lower()
    ]
    assert in_files == ["rejected_events"]
    assert CANARY not in (current / "manifest.json").read_text("utf-8")
    assert files_with_it(scored) == []

    shutil.copytree(raw, scored.path / "kept")
    for kind, (spoil, why) in STOPS.items():
        spoil(raw)
        done = scored.dbt("build", *NO_UNIT_TESTS, as_of=AS_OF)
        assert done.returncode != 0, kind
        assert why in done.stdout, (kind, done.stdout)
        assert CANARY not in done.stdout.lower(), kind
        if kind in IN_DAGSTER:
            assert refresh(scored).returncode != 0, kind
        assert files_with_it(scored) == [], kind
        shutil.rmtree(raw)
        shutil.copytree(scored.path / "kept", raw)
    assert (scored.path / "published" / "current").resolve() == current
