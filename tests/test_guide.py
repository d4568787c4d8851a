"""The guide in docs/: what its pages say to run is run, and gives what they show."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
from conftest import NO_UNIT_TESTS, ROOT, Project, copy_project, write_csv

DOCS = ROOT / "docs"
COLOURS = re.compile(r"\x1b\[[0-9;]*m")


@dataclass
class Block:
    """A fenced block of a page: its language and text, and the text block that follows it."""

    page: str
    line: int
    language: str
    text: str
    shown: str | None = None

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def blocks(page: str) -> list[Block]:
    """The fenced blocks of a page, in order; what is shown of an outcome stands with its block."""
    found: list[Block] = []
    lines = (DOCS / page).read_text("utf-8").splitlines()
    last_end = -9
    opened: Block | None = None
    for number, line in enumerate(lines, 1):
        if not line.startswith("```"):
            if opened:
                opened.text += line + "\n"
        elif opened is None:
            opened = Block(page, number, line.removeprefix("```"), "")
        else:
            assert line == "```", f"{page}:{number}"
            if opened.language == "text" and found and opened.line == last_end + 2:
                found[-1].shown = opened.text
            else:
                found.append(opened)
            opened, last_end = None, number
    assert opened is None, f"{page}: a block is not closed"
    return found


def assert_shows(output: str, block: Block) -> None:
    """What a page shows is in the output, part by part, where `...` leaves something out."""
    lines = [line.rstrip() for line in COLOURS.sub("", output).splitlines()]
    place = 0
    for part in re.split(r"^\.\.\.\n", block.shown or "", flags=re.MULTILINE):
        wanted = [line.rstrip() for line in part.splitlines()]
        places = range(place, len(lines) - len(wanted) + 1)
        at = next((n for n in places if lines[n : n + len(wanted)] == wanted), None)
        assert at is not None, f"{block} shows\n{part}\nand this came out:\n{output}"
        place = at + len(wanted)


def run_shell(project: Project, block: Block) -> str:
    done = project.call(["bash", "-euo", "pipefail", "-c", block.text])
    assert done.returncode == 0, f"{block}\n{block.text}\n{done.stdout}"
    return done.stdout


@pytest.fixture
def clone(tmp_path: Path) -> Project:
    """The project as somebody gets it who has run no command but that which installs."""
    folder = tmp_path / "contact-scoring"
    folder.mkdir()
    project = copy_project(folder)
    shutil.copytree(DOCS, folder / "docs")
    for name in ("Makefile", "requirements.lock", "README.md"):
        shutil.copy(ROOT / name, folder / name)
    # the environment that these tests run in, so that make finds it installed
    environment = folder / ".venv"
    environment.mkdir()
    for part in Path(sys.prefix).iterdir():
        if not part.name.startswith(".installed"):
            (environment / part.name).symlink_to(part)
    os.utime(folder / "requirements.lock", (0, 0))
    (environment / ".installed").touch()
    return project


# few events, earlier than the example, and contacts under all of its ids
OWN_EXPORTS = {
    "contacts_2026-01": "\n".join(
        f"{contact:04},Mira,Stone {contact},{contact}@own.test,Own,,,,2026-01-02 09:00,,,"
        for contact in range(101, 113)
    ),
    "email_activity_2026-01": """1768212000,101@own.test,open,,sg-016,own.m,,,
1768212100,102@own.test,open,,,own.a,,,""",
    "meetings_2026-01": "9001,2026-01-10 10:05,2026-01-12 14:00,COMPLETED,Own survey,0101",
}


def contents(database: Path, published: Path) -> dict[str, list[tuple]]:
    """Every row of every table, of a build and of all that is published, by where it is.

    But for the demo's raw tables, which no build of other input reads, or writes.
    """
    found: dict[str, list[tuple]] = {}
    for file in [database, *published.glob("*/*/*.duckdb")]:
        place = "build" if file == database else f"{file.parent.parent.name}/database"
        with duckdb.connect(str(file), read_only=True) as connection:
            tables = (
                "select schema_name, table_name from duckdb_tables() where schema_name <> 'demo'"
            )
            for schema, table in connection.execute(tables).fetchall():
                rows = connection.execute(f"select * from {schema}.{table}").fetchall()
                found.setdefault(f"{place} {schema}.{table}", []).extend(sorted(rows, key=repr))
    for file in published.glob("*/*/parquet/*/*.parquet"):
        rows = duckdb.execute("select * from read_parquet(?)", [str(file)]).fetchall()
        found.setdefault(f"files {file.parent.name}", []).extend(sorted(rows, key=repr))
    return found


def assert_nothing_stays_of_the_example(clone: Project) -> None:
    """After a build of one's own, all is as where there never was another."""
    example = DOCS / "example"
    people = duckdb.execute(
        'select "Last Name", lower("Email") from read_csv(?, all_varchar = true)',
        [str(example / "contacts_*.csv")],
    ).fetchall()
    foreign = {text for person in people for text in person if text} | {"Harbour survey"}
    before = contents(clone.database, clone.path / "published")
    for place in ("build engagement.event_log", "build marts.sales_handoffs", "generations/"):
        known = [rows for name, rows in before.items() if name.startswith(place)]
        assert any(known), f"the example leaves nothing in {place}, so this tests nothing"
    for name, rows in OWN_EXPORTS.items():
        (like,) = example.glob(f"{name.partition('_2026')[0]}_2026-11.csv")
        header = like.read_text("utf-8").splitlines()[0]
        (clone.path / "incoming" / f"{name}.csv").write_text(f"{header}\n{rows}\n", "utf-8")
    run_sql(clone.path, MAPPING)

    build = ["make", "build", "ARGS=--vars '{raw_files: exports, as_of: 2026-01-16}'"]
    done = clone.call(build)
    assert done.returncode == 0, done.stdout
    alone = clone.path / "alone"
    alone.mkdir()
    database, published = alone / clone.database.name, alone / "published"
    environment = {"CONTACT_SCORING_DB": database, "CONTACT_SCORING_PUBLISHED": published}
    done = clone.call(build, env={name: str(path) for name, path in environment.items()})
    assert done.returncode == 0, done.stdout

    after = contents(clone.database, clone.path / "published")
    never = contents(database, published)
    assert set(after) == set(never)
    assert len(after["build marts.contact_scores"]) == 2 * 12
    for name, rows in after.items():
        assert rows == never[name], name
        assert not [text for text in foreign if text.lower() in repr(rows).lower()], name


@pytest.mark.long
def test_the_first_hour_is_as_the_page_says(clone: Project) -> None:
    """From the exports of a tool to the list, by the commands of the page; then one's own."""
    mapping = re.sub(r"\s+", " ", (DOCS / "example" / "map.sql").read_text("utf-8"))
    shown = 0
    for block in blocks("first-hour.md"):
        if block.language == "shell":
            assert_shows(run_shell(clone, block), block)
            shown += block.shown is not None
        elif block.language == "sql":
            assert re.sub(r"\s+", " ", block.text).strip() in mapping, block
        else:
            assert block.language == "console", block
    assert shown >= 5
    assert_nothing_stays_of_the_example(clone)


def write_incoming(folder: Path, files: dict[str, str]) -> None:
    for name in ("incoming", "exports/email_events"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / "incoming" / name).write_text(text, encoding="utf-8")


def run_sql(folder: Path, sql: str) -> list[tuple]:
    """The rows of the last statement, run as the guide runs a mapping."""
    program = "import duckdb, sys; print(duckdb.execute(sys.stdin.read()).fetchall())"
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=folder,
        input=sql,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return ast.literal_eval(done.stdout)


MAPPING = (DOCS / "example" / "map.sql").read_text("utf-8")
CONTACTS = (DOCS / "example" / "contacts_2026-11.csv").read_text("utf-8")
INES_AND_TOMAS = (
    '0101,Ines,Duarte,Ines.Duarte@olhao-boats.example,"Olhao Boats, Lda",Yard manager,'
    "+351 289 555 0101,Maya Holm,2026-02-03 09:12,2026-11-14 16:40,,0102\n"
)


@pytest.mark.parametrize(
    ("older", "newer"), [("contacts_1", "contacts_2"), ("contacts_2", "contacts_1")]
)
def test_kept_exports_of_any_age_give_the_newest_state(
    project: Project, older: str, newer: str
) -> None:
    """0102 was merged into 0101 since the older export, which shows both, whatever it is called."""
    header, ines, tomas, *others = CONTACTS.splitlines(keepends=True)
    assert (ines[:5], tomas[:5]) == ("0101,", "0102,")
    write_incoming(
        project.path,
        {
            f"{older}.csv": CONTACTS,
            f"{newer}.csv": header + INES_AND_TOMAS + "".join(others),
        },
    )
    for file in (DOCS / "example").glob("*.csv"):
        if not file.name.startswith("contacts"):
            shutil.copy(file, project.path / "incoming")
    # one that lost its minute, and one in microseconds
    activity = project.path / "incoming" / "email_activity_2026-12.csv"
    activity.write_text(
        "timestamp,email,event,url,sg_event_id,sg_message_id,useragent,sg_machine_open,type\n"
        "1793872920000000,t.varga@duna-marine.example,open,,micro,dec.t,,,\n"
        ",t.varga@duna-marine.example,open,,none,dec.t,,,\n",
        encoding="utf-8",
    )
    (project.path / "exports" / "email_events").rmdir()
    run_sql(project.path, MAPPING)
    project.score(raw_files="exports", as_of="2026-11-16")
    found = dict(
        project.query(
            "select contact_id, score::int from marts.active_contacts "
            "where window_days = 30 and score_name = 'engagement'"
        )
    )
    assert found["0101"] == 8
    assert "0102" not in found
    people = project.query("select contact_id from marts.contact_scores")
    assert not {"0102", "0107", "0112"} & {contact for (contact,) in people}
    assert project.query(
        "select event_id from marts.rejected_events "
        "where reason = 'invalid_occurred_at' order by all"
    ) == [("micro",), ("none",)]


def test_a_meeting_is_as_the_newest_export_has_it(tmp_path: Path) -> None:
    header = (DOCS / "example" / "meetings_2026-10.csv").read_text("utf-8").splitlines()[0]
    write_incoming(tmp_path, {})
    for file in (DOCS / "example").glob("*.csv"):
        shutil.copy(file, tmp_path / "incoming")
    (tmp_path / "incoming" / "meetings_2026-12.csv").write_text(
        f"{header}\n9001,2026-10-22 10:05,2026-10-29 14:00,NO_SHOW,Harbour survey,0104\n"
    )
    ids = "select event_id from 'exports/activities.parquet' where event_id like '9001%'"
    assert run_sql(tmp_path, MAPPING + ids) == [("9001-0104-booked",)]


OTHER_TOOLS = {
    # one in an array, and one line by line, of the same event and another
    "webhook_1.json": """[{"event": "opened", "timestamp": 1793872920.5, "id": "delivery-1",
        "recipient": "ann@x.example", "message": {"headers": {"message-id": "m1"}}}]""",
    "webhook_2.json": """{"event": "opened", "timestamp": 1793872920.5, "id": "delivery-2",
        "recipient": "ann@x.example", "message": {"headers": {"message-id": "m1"}}}
        {"event": "clicked", "timestamp": 1793872925, "id": "delivery-3", "url": "https://x/",
        "recipient": "ann@x.example", "message": {"headers": {"message-id": "m1"}}}
        {"event": "clicked", "timestamp": "then", "id": "4", "recipient": "ann@x.example"}""",
    "people_2026-10.csv": "person_id,email\n7,old@x.example\n8,bob@x.example\n",
    "people_2026-11.csv": "person_id,email\n7,ann@x.example\n",
    "person_events.csv": "person_id,event,occurred_at,link\n"
    "7,email_open,2026-11-02 10:00:00,\n8,email_open,2026-11-02 11:00:00,\n"
    "9,email_open,2026-11-02 12:00:00,\n",
    "contacts_2026-09.csv": "Record ID,Email,Last Modified Date\n"
    "1,ann@x.example,2026-09-01 10:00\n",
    "contacts_2026-10.csv": "Record ID,Email,Last Modified Date,Unsubscribed from all email\n"
    "1,ann@x.example,2026-10-01 10:00,true\n2,bob@x.example,2026-10-01 10:00,false\n",
    "contacts_2026-11.csv": "Record ID,Email,Last Modified Date,Unsubscribed from all email\n"
    "1,ann@x.example,2026-10-01 10:00,true\n2,bob@x.example,2026-10-01 10:00,false\n",
    "contacts_2026-12.csv": "Record ID,Email,Last Modified Date,Unsubscribed from all email\n"
    "1,ann@x.example,2026-11-20 10:00,false\n2,bob@x.example,2026-11-21 10:00,true\n",
}


def test_what_other_tools_need_is_as_the_page_says(tmp_path: Path) -> None:
    write_incoming(tmp_path, OTHER_TOOLS)
    count, *pieces = [block for block in blocks("other-tools.md") if block.language == "sql"]
    assert len(pieces) == 4
    mapping = "".join(piece.text for piece in pieces)
    run_sql(tmp_path, "set timezone = 'UTC';" + mapping)
    events = (
        "select parse_filename(filename, true), event_type, email_address, message_id, link_url, "
        "occurred_at from read_parquet('exports/email_events/*.parquet', union_by_name = true, "
        "filename = true) order by all"
    )

    def of(file: str) -> list[tuple]:
        return [row[1:] for row in rows if row[0] == file]

    rows = run_sql(tmp_path, f"set timezone = 'UTC'; select columns(*)::varchar from ({events})")
    opened = ("email_open", "ann@x.example", "m1", None, "2026-11-05 10:02:00.5+00")
    clicked = ("email_click", "ann@x.example", "m1", "https://x/", "2026-11-05 10:02:05+00")
    assert of("webhook") == [
        clicked,
        ("email_click", "ann@x.example", None, None, "unreadable: then"),
        opened,
        opened,
    ]
    assert [row[:2] for row in of("by_person")] == [
        ("email_open", "ann@x.example"),
        ("email_open", "bob@x.example"),
        ("email_open", None),
    ]
    assert [(row[0], row[1], row[4][:16]) for row in of("opt_outs")] == [
        ("email_resubscribe", "ann@x.example", "2026-11-20 09:00"),
        ("email_unsubscribe", "ann@x.example", "2026-10-01 08:00"),
        ("email_unsubscribe", "bob@x.example", "2026-11-21 09:00"),
    ]
    # as many ids as events: the tool's own were of each delivery
    ((ids, distinct),) = run_sql(tmp_path, count.text)
    assert ids == distinct == 9
    ((ids, distinct),) = run_sql(tmp_path, count.text.replace("*.parquet", "webhook.parquet"))
    assert ids == distinct == 3


def table_below(page: str, block: Block) -> list[list[str]]:
    """The Markdown table that follows a block: its header and its rows."""
    lines = (DOCS / page).read_text("utf-8").splitlines()
    start = block.line + len(block.text.splitlines()) + 2
    assert lines[start - 1] == "", block
    rows = []
    for line in lines[start:]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    assert len(rows) > 2, f"{block} shows no outcome"
    assert set("".join(rows[1])) <= set("- "), block
    return [rows[0], *rows[2:]]


@pytest.mark.long
def test_every_question_to_the_marts_has_the_answer_that_the_page_shows(clone: Project) -> None:
    questions = 0
    for block in blocks("marts.md"):
        if block.language == "shell":
            assert_shows(run_shell(clone, block), block)
            continue
        assert block.language == "sql", block
        published = clone.path / "published" / "current" / "contact_scoring.duckdb"
        with duckdb.connect(str(published), read_only=True) as connection:
            answer = connection.execute(block.text)
            columns = [column[0] for column in answer.description]
            rows = [["" if v is None else str(v) for v in row] for row in answer.fetchall()]
        header, *shown = table_below("marts.md", block)
        assert header == columns, block
        if shown[-1][0] == "...":
            shown.pop()
            assert len(rows) > len(shown), f"{block} has no more rows than it shows"
            rows = rows[: len(shown)]
        assert rows == shown, block
        questions += 1
    assert questions == 12


RULES_AS_OF = "2026-11-16 00:00:00"
PRICES = "https://www.example.com/pricing"
NOW, BEFORE_30_DAYS, BEFORE_31_DAYS = "2026-11-15 13:00", "2026-10-17 00:00", "2026-10-16 00:00"


def web(page_url: str, *times: str) -> list[tuple[str, dict[str, str]]]:
    view = {"event_type": "page_view", "page_url": page_url}
    return [("web_events", view | {"occurred_at": time}) for time in times]


def mail(event_type: str, *times: str, **columns: str) -> list[tuple[str, dict[str, str]]]:
    event = {"event_type": event_type, "message_id": "m", "link_url": ""} | columns
    return [("email_events", event | {"occurred_at": time}) for time in times]


THREE_TIMES = ("2026-11-01 09:00", "2026-11-02 09:00", "2026-11-03 09:00")
OFFER = {"campaign_id": "autumn-2026"}
# what somebody did, row by row of the tables in rules.md; each row has a person of its own
DEEDS = [
    web("https://www.example.com/", NOW, NOW),
    web("https://www.example.com/docs/a", *[NOW] * 14),
    web("https://www.example.com/docs/a", BEFORE_30_DAYS),
    web("https://www.example.com/docs/a", BEFORE_31_DAYS),
    web(f"{PRICES}?plan=2", NOW),
    web(PRICES, BEFORE_30_DAYS),
    mail("email_open", *THREE_TIMES),
    mail("email_click", *THREE_TIMES, link_url=PRICES),
    web("https://www.example.com/careers/x", *[NOW] * 7),
    mail("email_click", "2026-10-31 23:59", message_id="m1", **OFFER)
    + mail("email_click", "2026-11-01 00:00", message_id="m2", **OFFER),
    [("activities", {"event_type": "points_given", "occurred_at": NOW, "detail": "fair"})],
    [one for number in range(3) for one in mail("email_click", NOW, message_id=f"m{number}")],
    [one for number in range(2) for one in mail("email_click", NOW, message_id=f"m{number}")],
    mail("email_click", NOW, link_url=PRICES, campaign_id="careers"),
    web(f"{PRICES}?utm_campaign=careers", NOW),
    web(f"{PRICES}?utm_campaign=autumn", NOW),
]
EXTRA_DEEDS = [
    # upper and lower case differ
    web("https://www.example.com/Docs/a", NOW),
    mail("email_unsubscribe", NOW),
]


def write_deeds(folder: Path, deeds: list[list[tuple[str, dict[str, str]]]]) -> None:
    """A contact and a visitor for each list of events."""
    tables: dict[str, list[dict[str, object]]] = {"contacts": [], "identities": [], "consents": []}
    for who, events in enumerate(deeds):
        address, visitor = f"{who}@x.example", f"v{who}"
        tables["contacts"].append({"contact_id": str(who), "email_address": address})
        tables["identities"].append(
            {"identity_type": "visitor", "identity_value": visitor, "contact_id": str(who)}
        )
        tables["consents"].append(
            {"visitor_id": visitor, "is_granted": "true", "decided_at": "2026-01-01"}
        )
        for number, (table, event) in enumerate(events):
            actor = {
                "web_events": {"visitor_id": visitor},
                "email_events": {"email_address": address},
                "activities": {"contact_id": str(who)},
            }[table]
            row = {"event_id": f"{who}-{number}"} | actor | event
            tables.setdefault(table, []).append(row)
    for table, rows in tables.items():
        columns = dict.fromkeys(name for row in rows for name in row)
        write_csv(folder, table, [dict.fromkeys(columns, "") | row for row in rows])


def seed_of(text: str) -> str:
    """The file in seeds/config that has the header of a CSV block."""
    header = text.splitlines()[0]
    (found,) = [
        path.stem
        for path in (ROOT / "seeds" / "config").glob("*.csv")
        if path.read_text("utf-8").splitlines()[0] == header
    ]
    return found


@pytest.mark.long
def test_the_rules_of_the_page_give_what_it_says(project: Project) -> None:
    *good, bad = [block for block in blocks("rules.md") if block.language == "csv"]
    assert len(good) == 7
    for block in good:
        project.write_config(seed_of(block.text), block.text)
    write_deeds(project.path / "exports", DEEDS + EXTRA_DEEDS)
    project.score(raw_files="exports", as_of=RULES_AS_OF)

    # what somebody did has no block of its own, so the tables are found by their header
    page = (DOCS / "rules.md").read_text("utf-8")
    _, *tables = page.split("| rule | what somebody did | points |\n| --- | --- | --- |\n")
    lines = [line for table in tables for line in table.split("\n\n")[0].splitlines()]
    rows = [line.strip("|").split("|") for line in lines]
    assert len(rows) == len(DEEDS)
    for who, (rule, _, points) in enumerate(rows):
        found = project.query(
            "select points::varchar from marts.score_drivers "
            "where window_days = 90 and contact_id = ? and rule_id = ?",
            str(who),
            rule.strip(),
        )
        assert found == ([] if points.strip() == "none" else [(points.strip(),)]), rows[who]
    rules_that_earned = "select distinct rule_id from marts.score_drivers where contact_id = ?"
    assert project.query(rules_that_earned, str(len(DEEDS))) == [("page_view",)]
    out = "select contact_id from marts.disqualified_contacts"
    assert project.query(out) == [(str(len(DEEDS) + 1),)]

    # a rejected one may be reopened
    rejected = [
        ("activities", {"event_type": "sales_rejected", "occurred_at": "2026-11-01"}),
        ("activities", {"event_type": "points_given", "occurred_at": NOW, "detail": "fair"}),
    ]
    reopened = ("activities", {"event_type": "sales_reopened", "occurred_at": "2026-11-02"})
    write_deeds(project.path / "reopened", [rejected, [*rejected, reopened]])
    project.score(raw_files="reopened", as_of=RULES_AS_OF)
    assert project.query(out) == [("0",)]
    assert project.query("select contact_id from marts.sales_handoffs") == [("1",)]

    project.write_config(
        "scoring_rule_conditions", "rule_id,match_field,match_operator,match_value\n"
    )
    (grades,) = [block.text for block in good if seed_of(block.text) == "lead_grades"]
    project.write_config("lead_grades", grades.splitlines()[0] + "\n")
    project.write_config(seed_of(bad.text), bad.text)
    done = project.dbt("build", *NO_UNIT_TESTS, raw_files="reopened", as_of=RULES_AS_OF)
    assert done.returncode != 0
    (mistakes,) = [b for b in blocks("rules.md") if b.text.startswith("The rules in seeds/config")]
    output = "\n".join(line.removeprefix("  ") for line in done.stdout.splitlines())
    assert_shows(output, Block("rules.md", mistakes.line, "text", "", mistakes.text))


# the people of the page's table of fit, and the grades that its file gives their engagement
SUITED = [
    {"job_title": "VP Sales", "country": "Germany", "phone": "1"},
    {"job_title": "Vice President of Quality", "country": "austria", "phone": ""},
    {"job_title": "Buyer", "country": "Germany", "phone": "1"},
    {"job_title": "vp of Growth", "country": "France", "phone": "1"},
    {"job_title": "Student", "country": "Germany", "phone": "1"},
    {"job_title": "VP Sales", "country": "France", "phone": "1"},
]
GRADES = ["A3", "A1", None, "A3", "D1", None]


def test_fit_and_grades_of_the_page_are_what_it_says(project: Project) -> None:
    """Contact 0 is ready by its intent, 1 hot, and the student, 4, both."""
    for block in [block for block in blocks("rules.md") if block.language == "csv"][:-1]:
        project.write_config(seed_of(block.text), block.text)
    views = [("web_events", {"event_type": "page_view", "occurred_at": NOW})] * 20
    fair = {"event_type": "points_given", "occurred_at": NOW, "detail": "fair"}
    ready: list[tuple[str, dict[str, str]]] = [("activities", fair)]
    write_deeds(project.path / "exports", [ready, views, [], [], [*views, *ready], []])
    people = [
        {"contact_id": str(number), "email_address": f"{number}@x.example"} | who
        for number, who in enumerate(SUITED)
    ]
    write_csv(project.path / "exports", "contacts", people)
    attributes = [
        {"contact_id": contact, "attribute_name": "employees", "attribute_value": "500"}
        for contact in ("2", "3")
    ]
    write_csv(project.path / "exports", "attributes", attributes)
    member = {"list_id": "spring-webinar", "contact_id": "2"}
    write_csv(project.path / "exports", "list_memberships", [member])
    project.score(raw_files="exports", as_of=RULES_AS_OF)

    page = (DOCS / "rules.md").read_text("utf-8")
    table = page.split("| rules | who | fit | band |\n| --- | --- | --- | --- |\n")[1]
    lines = table.split("\n\n")[0].splitlines()
    rows = [[cell.strip() for cell in row.strip("|").split("|")] for row in lines]
    assert len(rows) == len(SUITED)
    for who, (rules, _, points, band) in enumerate(rows):
        found = project.query(
            "select list_sort(list(rule_id)), sum(points)::int, any_value(band) "
            "from marts.fit_drivers inner join marts.fit_scores using (contact_id) "
            "where contact_id = ?",
            str(who),
        )
        expected = (sorted(rules.split(", ")), int(points), None if band == "none" else band)
        assert found == [expected], rows[who]
    grades = (
        "select grade from marts.lead_grades where score_name = 'engagement' order by contact_id"
    )
    assert [grade for (grade,) in project.query(grades)] == GRADES
    bands = "select contact_id from marts.contact_scores where band = 'ready' order by contact_id"
    assert project.query(bands) == [("0",), ("4",)]
    handed_over = "select contact_id, score_name, grade from marts.sales_handoffs order by all"
    assert project.query(handed_over) == [("0", "buying_intent", "A1"), ("1", "engagement", "A1")]


def test_a_file_that_is_no_csv_is_named_as_the_page_says(project: Project) -> None:
    (shown,) = [b for b in blocks("rules.md") if b.text.startswith("seeds/config/")]
    project.write_config("machine_user_agents", "pattern,description\nFoo,a,b\n")
    done = project.command("check-rules")
    assert done.returncode != 0
    assert_shows(done.stdout, Block("rules.md", shown.line, "text", "", shown.text))


@pytest.mark.long
def test_what_people_see_is_explained_by_the_commands_of_the_page(clone: Project) -> None:
    """Those of troubleshooting.md on the demo, then the preview of rules.md."""
    run_shell(clone, Block("README.md", 0, "shell", "make build\n"))
    commands = [block for block in blocks("troubleshooting.md") if block.language == "shell"]
    assert len(commands) == 4
    for block in commands:
        assert block.shown, block
        assert_shows(run_shell(clone, block), block)

    rules = clone.path / "seeds" / "config" / "scoring_rules.csv"
    one_point, two_points = (f"\npage_view,engagement,page_view,,,,{points}," for points in (1, 2))
    text = rules.read_text("utf-8")
    assert one_point in text
    clone.write_config("scoring_rules", text.replace(one_point, two_points))
    (preview,) = [block for block in blocks("rules.md") if block.language == "shell"]
    assert preview.shown
    assert_shows(run_shell(clone, preview), preview)


PAGES = [ROOT / "README.md", *sorted(DOCS.glob("*.md"))]


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)
    for link in re.findall(r"\]\(([^)]+)\)", text):
        path, _, anchor = link.partition("#")
        if not path.startswith(("http:", "https:")):
            target = (page.parent / path).resolve() if path else page
            assert target.exists(), f"{page.name}: {link}"
            assert not anchor or anchor in anchors(target), f"{page.name}: {link}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_make_knows_the_commands_of_the_guide(page: Path) -> None:
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    named = re.findall(r"(?:^|`|do )make (?:-s )?([a-z-]+)", page.read_text("utf-8"), re.MULTILINE)
    assert set(named) <= set(targets)
