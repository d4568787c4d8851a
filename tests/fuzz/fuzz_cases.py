"""Bad and odd inputs, each with what it should get: `right` or `refused with one line`.

A case changes a small valid input: what its raw tables and rules say, how the files are written
that say it, where these stand, or the variables of the build. What is right is then what the
reference scorer makes of the changed tables; a case that should be refused names the words that its
one line must have. Every contact's address and name has PRIVATE in it, which no message may.
"""

from __future__ import annotations

import csv
import io
import json
import random
import re
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import product
from pathlib import Path

import duckdb
import histories
from histories import Row, Tables
from reference_scorer import COLUMNS

PRIVATE = "secret"
AS_OF = "2026-06-01 00:00:00"
PEOPLE = ("101", "102", "103")
EVENTS = ("email_events", "web_events", "activities")
REQUIRED = {
    "contacts": 2, "identities": 3, "email_events": 4, "web_events": 4, "activities": 4,
    "consents": 3, "lists": 1, "list_memberships": 2, "attributes": 3,
}  # fmt: skip

RULE = (
    "rule_id", "score_name", "event_type", "match_field", "match_operator", "match_value",
    "points", "counts_repeats", "max_points", "expires_after_days", "half_life_days",
    "valid_from", "valid_to", "description",
)  # fmt: skip
CONFIG_COLUMNS = {
    "scoring_rules": RULE,
    "disqualification_rules": (
        "event_type", "min_occurrences", "applies_to", "cleared_by", "description",
    ),
    "score_bands": ("score_name", "window_days", "band", "min_score", "is_sales_ready"),
    "machine_user_agents": ("pattern", "description"),
    "scoring_rule_conditions": ("rule_id", "match_field", "match_operator", "match_value"),
    "fit_rules": (
        "rule_id", "score_name", "attribute", "match_operator", "match_value", "points",
        "description",
    ),
    "lead_grades": (
        "fit_score_name", "fit_band", "score_name", "band", "grade", "is_sales_ready",
    ),
}  # fmt: skip
# a mistake in one of them is a mistake of no other file
FILES_ALONE = (
    "scoring_rules", "disqualification_rules", "score_bands", "machine_user_agents",
)  # fmt: skip


@dataclass
class Input:
    """What a build is given."""

    tables: Tables
    config: Tables
    files: dict[str, dict[str, bytes]] = field(default_factory=dict)  # table -> path -> content
    config_files: dict[str, bytes | None] = field(default_factory=dict)
    folder: str = "exports"
    is_absolute: bool = False
    variables: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Case:
    """One change of the input, and what it should get."""

    name: str
    change: Callable[[Input], None]
    refused: tuple[str, ...] = ()  # the words of the line; none: right
    concerns: str = ""  # cases of one build concern different things; blank: rows of its own
    lines: int = 1  # how many mistakes the change makes

    @property
    def kind(self) -> str:
        return self.name.partition(":")[0]


# The valid input ----------------------------------------------------------------------------


def person(key: str) -> Tables:
    """A contact with one row in each raw table but for lists; every id is a number."""
    address = f"p{key}.{PRIVATE}@x.example"
    day = f"2026-05-{10 + int(key) % 15}"
    event = {"occurred_at": f"{day} 10:00:00", "received_at": f"{day} 10:00:05"}
    rows = {
        "contacts": {
            "contact_id": key, "email_address": address, "full_name": f"{PRIVATE.title()} {key}",
            "company_name": "Acme, Inc.", "phone": "+49 30 1", "owner": "Olga",
            "created_at": "2026-01-01 00:00:00", "updated_at": "2026-01-02 00:00:00",
        },
        "identities": {
            "identity_type": "visitor", "identity_value": f"7{key}", "contact_id": key,
            "linked_at": "2026-01-03 00:00:00",
        },
        "email_events": event | {
            "event_id": f"1{key}", "event_type": "email_click", "email_address": address,
            "message_id": f"5{key}", "link_url": "https://x.example/a", "campaign_id": "42",
            "user_agent": "Mozilla/5.0", "is_machine": "false",
        },
        "web_events": event | {
            "event_id": f"2{key}", "event_type": "page_view", "visitor_id": f"7{key}",
            "page_url": "https://x.example/pricing?a=1,2", "email_address": address,
        },
        "activities": event | {
            "event_id": f"3{key}", "event_type": "call", "contact_id": key, "detail": "by phone",
        },
        "consents": {
            "visitor_id": f"7{key}", "is_granted": "true", "decided_at": "2026-01-01 00:00:00",
        },
        "list_memberships": {
            "list_id": "1", "contact_id": key, "added_at": "2026-01-01 00:00:00",
        },
        "attributes": {
            "contact_id": key, "attribute_name": "employees", "attribute_value": "50",
            "updated_at": "2026-01-01 00:00:00",
        },
    }  # fmt: skip
    return {table: [row] for table, row in rows.items()}


def rule(rule_id: str, event_type: str, **more: str | None) -> Row:
    row = {"rule_id": rule_id, "event_type": event_type, "points": "1"} | more
    return {column: row.get(column) for column in RULE}


def base() -> Input:
    """The valid input: three people, a list, a rule for each event table."""
    tables: Tables = {table: [] for table in COLUMNS} | {
        "lists": [{"list_id": key, "list_name": f"List {key}"} for key in ("1", "2", "3", "4")]
    }
    for key in PEOPLE:
        for table, rows in person(key).items():
            tables[table] += rows
    types = ("email_open", "email_click", "page_view", "call")
    return Input(
        {
            table: [{column: row.get(column) for column in COLUMNS[table]} for row in rows]
            for table, rows in tables.items()
        },
        {
            "scoring_rules": [rule(event_type, event_type) for event_type in types],
            "disqualification_rules": [
                {"event_type": "email_unsubscribe", "min_occurrences": "1", "applies_to": "contact"}
            ],
            "score_bands": [{"window_days": "30", "band": "hot", "min_score": "2"}],
            "machine_user_agents": [{"pattern": "bingpreview"}],
            "scoring_rule_conditions": [],
            "fit_rules": [
                {"rule_id": "size", "score_name": None, "attribute": "employees", "points": "1"}
                | {"match_operator": "at_least", "match_value": "50"}
            ],
            "lead_grades": [],
        },
    )


# Writing files ------------------------------------------------------------------------------


def lines_of(columns: tuple[str, ...], rows: list[Row]) -> list[list[str]]:
    return [list(columns), *([row.get(column) or "" for column in columns] for row in rows)]


def csv_bytes(lines: list[list[str]], lineterminator: str = "\n", **how: object) -> bytes:
    written = []
    for line in lines:
        text = io.StringIO()
        # what holds a CR or an LF is quoted only where a line ends in it
        csv.writer(text, lineterminator="\r\n", **how).writerow(line)  # type: ignore[arg-type]
        written.append(text.getvalue().removesuffix("\r\n") + lineterminator)
    return "".join(written).encode()


def plain(given: Input, table: str) -> bytes:
    """The CSV file of a raw table, or of a file of rules."""
    if table in CONFIG_COLUMNS:
        return csv_bytes(lines_of(CONFIG_COLUMNS[table], given.config[table]))
    return csv_bytes(lines_of(COLUMNS[table], given.tables[table]))


def parquet_bytes(columns: tuple[str, ...], rows: list[Row], types: dict[str, str]) -> bytes:
    """The rows with the types of some columns, the others being text."""
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        text = ", ".join(f'"{column}" varchar' for column in columns)
        connection.execute(f"create table rows ({text})")
        marks = ", ".join("?" * len(columns))
        for row in rows:
            values = [row.get(column) for column in columns]
            connection.execute(f"insert into rows values ({marks})", values)
        typed = ", ".join(
            types.get(column, "{}").format(f'"{column}"') + f' as "{column}"' for column in columns
        )
        connection.execute(f"copy (select {typed} from rows) to '{folder}/rows.parquet'")
        return (Path(folder) / "rows.parquet").read_bytes()


# Values: one odd cell of somebody who is there for it alone ----------------------------------

ODD_TIMES = (
    *histories.UNREADABLE, *histories.FAR_TIMES, "2026-05-20", " 2026-05-20 ", "2026-05-20T10:00",
    "2026-05-20t10:00:00z", "2026-05-20 10:00:00.1234567", "2026-05-20 10:00:00 UTC",
    "2026-05-20T10:00:00+02:00", "2026-05-20T10:00:00-0530", "2026-05-20T10:00:00+05:45",
    "2026-05-20T24:00", "2026-05-20T24:00:00.0", "2026-06-01", "2026-05-31T23:59:59.999999",
    "2026-03-03", "2026-05-20T10", "20.05.2026", "05/20/2026", "1779271200", "46162", "46162.5",
    "2026-05-20 10:00 AM", "Wed, 20 May 2026 10:00:00 GMT", "2026-W21-3", "2026-140",
    "\uff12\uff10\uff12\uff16-05-20", "2026\u201105\u201120", "null", "None", "NaT", "0",
    "'2026-05-20",
)  # fmt: skip
ODD_TEXTS = (
    *histories.NAMES, *histories.TEXTS, *histories.BLANKS, *histories.CONTACT_IDS,
    "'; drop table marts.contact_scores; --", "{{ 1 / 0 }}", "{% raw %}", "${HOME}", "$(id)",
    "NULL",
    "NaN", "nan", "inf", "0", "007", "1.0", "1e5", "-0", "true", "\u202eabc", "a\u0301",
    "\x07bell", "a\x1bb",
    "tab\tin it", "cr\rin it", "crlf\r\nin it", "#comment", "\\N", "\\", "''", '""', '"', "`",
    "x" * 9999,
    "\U0001f468\u200d\U0001f469\u200d\U0001f467", "\ufffd", "\ue000", "\x7f", "\u2028", "\u0085",
    "<b>x</b>", "@x", "+1", "=cmd|'x'!A0",
    "\u0130stanbul", "stra\u00dfe", "\u03a3\u03af\u03c3\u03c5\u03c6\u03bf\u03c2", "1,5", "a;b",
    "a|b", "[1, 2]", '{"a": 1}', "../../x", "C:\\x",
)  # fmt: skip
ODD_ADDRESSES = (
    *histories.ADDRESSES, *ODD_TEXTS, " P101.SECRET@X.EXAMPLE ", "P102.Secret@x.example\u200b",
    "<p103.secret@x.example>", "mailto:p101.secret@x.example", "p101.secret@x.example;b@x.example",
    "\u0130@x.example", "a@\u00fc.example", "@", "a@", "a b@x.example",
)  # fmt: skip


def odd_values(table: str, column: str) -> tuple[str | None, ...]:
    if column.endswith("_at"):
        return ODD_TIMES
    if column.startswith("is_"):
        return (*histories.TRUTHS, *histories.UNTRUTHS, "on", "Y", "TRUE ", "1.0", "wahr", "null")
    if column == "event_type":
        types = histories.UNKNOWN_TYPES[table] + histories.EVENT_TYPES[table]
        return (*types, *histories.BLANKS, "x" * 999, "'", "email_open,")
    return ODD_ADDRESSES if column == "email_address" else ODD_TEXTS


def shown(value: object) -> str:
    text = repr(value)
    return text if len(text) < 50 else f"{text[:40]}... ({len(text)} characters)"


def value_cases() -> Iterator[Case]:
    numbers = iter(range(100_000, 999_999))
    for table in COLUMNS:
        if table == "lists":
            continue
        for column in COLUMNS[table]:
            for value in dict.fromkeys(odd_values(table, column)):
                yield value_case(str(next(numbers)), table, column, value)


def value_case(key: str, table: str, column: str, value: str | None) -> Case:
    def change(given: Input) -> None:
        rows = person(key)
        rows[table][0][column] = value
        for name in rows:
            given.tables[name] += rows[name]

    return Case(f"value: {table}.{column} = {shown(value)} of contact {key}", change)


# Files that say the same in another way ------------------------------------------------------

Form = Callable[[Input, str], None]


def as_csv(edit: Callable[[list[list[str]]], list[list[str]]] = list, **how: object) -> Form:
    """The lines of a table, edited and written in some way."""

    def change(given: Input, table: str) -> None:
        lines = edit(lines_of(COLUMNS[table], given.tables[table]))
        given.files[table] = {f"{table}.csv": csv_bytes(lines, **how)}

    return change


def as_bytes(edit: Callable[[bytes], bytes], name: str = "{}.csv") -> Form:
    """The file of a table, its bytes edited, under some name."""

    def change(given: Input, table: str) -> None:
        given.files[table] = {name.format(table): edit(plain(given, table))}

    return change


def in_parts(*names: str, edit: Callable[[int, bytes], bytes] = lambda _, part: part) -> Form:
    """The rows of a table in files of a folder, by turns."""

    def change(given: Input, table: str) -> None:
        header, *rows = lines_of(COLUMNS[table], given.tables[table])
        given.files[table] = {
            f"{table}/{name}": edit(place, csv_bytes([header, *rows[place :: len(names)]]))
            for place, name in enumerate(names)
        }

    return change


def as_parquet(name: str = "{}.parquet", **types: str) -> Form:
    """Typed by the end of a column's name."""

    def change(given: Input, table: str) -> None:
        columns = COLUMNS[table]
        typed = {
            column: sql for column in columns for end, sql in types.items() if column.endswith(end)
        }
        content = parquet_bytes(columns, given.tables[table], typed)
        given.files[table] = {name.format(table): content}

    return change


def respelled(end: str, spelled: Callable[[str], str]) -> Form:
    """Each value of the columns with such an ending in another spelling, in tables and file."""

    def change(given: Input, table: str) -> None:
        for row in given.tables[table]:
            for column, value in row.items():
                row[column] = spelled(value) if value and column.endswith(end) else value

    return change


def with_rows(edit: Callable[[list[Row]], list[Row]]) -> Form:
    def change(given: Input, table: str) -> None:
        given.tables[table] = edit(given.tables[table])

    return change


def required_only(given: Input, table: str) -> None:
    """Without its optional columns."""
    columns = COLUMNS[table][: REQUIRED[table]]
    rows = [{column: row[column] for column in columns} for row in given.tables[table]]
    given.tables[table] = rows
    given.files[table] = {f"{table}.csv": csv_bytes(lines_of(columns, rows))}


def left_out(content: bytes | None) -> Form:
    """A table that may be absent."""

    def change(given: Input, table: str) -> None:
        header = plain(given, table).splitlines(keepends=True)[0]
        given.tables[table] = []
        content_or_header = header if content == b"header" else content
        given.files[table] = {} if content is None else {f"{table}.csv": content_or_header or b""}

    return change


def with_column(name: str, value: str = "x") -> Form:
    return as_csv(lambda lines: [[name, *lines[0]], *([value, *line] for line in lines[1:])])


def header(edit: Callable[[str], str]) -> Form:
    return as_csv(lambda lines: [[edit(name) for name in lines[0]], *lines[1:]])


UTC_TYPES = {"_at": "strptime({}, '%Y-%m-%d %H:%M:%S')::timestamp"}
HARMLESS: dict[str, Form] = {
    "a mark of UTF-8": as_bytes(lambda text: b"\xef\xbb\xbf" + text),
    "a mark and quotes": as_bytes(
        lambda text: b'\xef\xbb\xbf"' + text.replace(b",", b'",', 1)),
    "CRLF": as_csv(lineterminator="\r\n"),
    "CR alone": as_csv(lineterminator="\r"),
    "no end of the last line": as_bytes(lambda text: text.rstrip(b"\n")),
    "a blank line at the end": as_bytes(lambda text: text + b"\n"),
    "blank lines between rows": as_bytes(lambda text: text.replace(b"\n", b"\n\n")),
    "all in quotes": as_csv(quoting=csv.QUOTE_ALL),
    "all in quotes, CRLF and a mark": lambda given, table: given.files.update({table: {
        f"{table}.csv": b"\xef\xbb\xbf" + csv_bytes(
            lines_of(COLUMNS[table], given.tables[table]),
            quoting=csv.QUOTE_ALL, lineterminator="\r\n")}}),
    "columns the other way": as_csv(lambda lines: [line[::-1] for line in lines]),
    "CRLF, and LF in a cell": as_csv(
        lambda lines: [["note", *lines[0]], *(["a\nb", *line] for line in lines[1:])],
        lineterminator="\r\n"),
    "rows the other way": with_rows(lambda rows: rows[::-1]),
    "every row twice": with_rows(lambda rows: rows + [dict(row) for row in rows]),
    "header in capitals": header(str.upper),
    "header in title case": header(str.title),
    "header with blanks before": header(lambda name: f" {name}"),
    "header with blanks behind": header(lambda name: f"{name} "),
    "an extra column": with_column("note"),
    "an extra column without a name": with_column(""),
    "an extra column, a keyword": with_column("select"),
    "an extra column with a quote": with_column("it's \"x\""),
    "an extra column in another script": with_column("\u0438\u043c\u044f \U0001f600"),
    "an extra column as Jinja": with_column("{{ 1 / 0 }}"),
    "an extra column of long text": with_column("note", "x" * 100_000),
    "an extra column with line ends": with_column("note", "a\nb\r\nc"),
    "an extra column of quotes": with_column("note", '"a" \'b\' ""'),
    "an extra column, column0": with_column("column0"),
    "an extra column, filename": with_column("filename"),
    "required columns only": required_only,
    "two files in a folder": in_parts("1.csv", "2.csv"),
    "files in folders of days": in_parts("day=2026-05-01/a.csv", "day=2026-05-02/a.csv"),
    "a file deep in a folder": in_parts("a/b/c/d/rows.csv"),
    "files with odd names": in_parts("it's 1.csv", "#2 %20 {x}.csv", "\u0444 \U0001f600.csv"),
    "files with brackets": in_parts("rows[1].csv", "rows[2].csv"),
    "files with stars": in_parts("rows*.csv", "rows?.csv"),
    "a part without a row": in_parts("1.csv", "2.csv", "3.csv", "4.csv"),
    "a part in CRLF, one with a mark": in_parts("1.csv", "2.csv", edit=lambda place, text: (
        text.replace(b"\n", b"\r\n") if place else b"\xef\xbb\xbf" + text)),
    "Parquet of text": as_parquet(),
    "Parquet with times": as_parquet(**UTC_TYPES),
    "Parquet with times of a zone": as_parquet(_at="({}::timestamp at time zone 'UTC')"),
    "Parquet with nanoseconds": as_parquet(_at="{}::timestamp_ns"),
    "Parquet with whole seconds": as_parquet(_at="{}::timestamp_s"),
    "Parquet with numbers as ids": as_parquet(_id="{}::bigint"),
    "Parquet with small numbers as ids": as_parquet(_id="{}::integer"),
    "Parquet with decimals as ids": as_parquet(_id="{}::decimal(18, 0)"),
    "Parquet with floats as ids": as_parquet(_id="{}::double"),
    "Parquet with short floats as ids": as_parquet(_id="{}::float"),
    "Parquet with huge numbers as ids": as_parquet(_id="{}::hugeint"),
    "Parquet with booleans": as_parquet(is_machine="{}::boolean", is_granted="{}::boolean"),
    "Parquet with numbers as booleans": as_parquet(
        is_machine="{}::boolean::int", is_granted="{}::boolean::int"),
    "Parquet with bytes as text": as_parquet(_url="{}::blob", detail="{}::blob", _name="{}::blob"),
    "Parquet with an enum": as_parquet(
        _type="{}::enum('email_click', 'page_view', 'call', 'visitor')"),
    "Parquet in a folder": as_parquet("{0}/rows.parquet"),
    "Parquet in folders of days": as_parquet("{0}/day=1/rows.parquet", **UTC_TYPES),
    "Parquet in capitals": lambda given, table: given.files.update({table: {f"{table}.parquet": (
        parquet_bytes(tuple(map(str.upper, COLUMNS[table])), [
            {column.upper(): value for column, value in row.items()}
            for row in given.tables[table]], {}))}}),
    "times with T": respelled("_at", lambda time: time.replace(" ", "T")),
    "times with Z": respelled("_at", lambda time: time.replace(" ", "T") + "Z"),
    "times with an offset": respelled("_at", lambda time: time + "+00:00"),
    "times with a fraction": respelled("_at", lambda time: time + ".000000000"),
    "times of another zone": respelled("_at", lambda time: time + "+05:30"),
    "booleans in capitals": respelled("is_machine", str.upper),
    "booleans as numbers": respelled("is_granted", lambda value: str(int(value == "true"))),
    "addresses in capitals": respelled("email_address", str.upper),
    "addresses with blanks": respelled("email_address", lambda text: f"\u00a0{text} \u200b"),
}  # fmt: skip
ABSENT: dict[str, Form] = {
    "no file": left_out(None),
    "an empty file": left_out(b""),
    "a header only": left_out(b"header"),
}


def harmless_cases() -> Iterator[Case]:
    for table, (name, form) in product(COLUMNS, HARMLESS.items()):
        yield Case(
            f"form: {table}: {name}", lambda given, f=form, t=table: f(given, t), concerns=table
        )
    for table, columns in COLUMNS.items():
        for column in columns:
            form = as_csv(
                lambda lines, name=column: [
                    [*lines[0], name.title()],
                    *([*line, "x"] for line in lines[1:]),
                ]
            )
            name = f"form: {table}: {column} once more, which is extra"
            yield Case(name, lambda given, f=form, t=table: f(given, t), concerns=table)
    for table, (name, form) in product(COLUMNS, ABSENT.items()):
        if table not in ("contacts", *EVENTS[:2]):
            yield Case(
                f"form: {table}: {name}", lambda given, f=form, t=table: f(given, t), concerns=table
            )


# Folders ------------------------------------------------------------------------------------

FOLDERS = (
    "with space", " a space before", "a space behind ", "it's", 'say "x"', "b\u00fcro",
    "\u30c7\u30fc\u30bf",
    "\U0001f600", "a\u0301", "[2026]", "a[b-c]d", "what?", "all*", "**", "{a,b}", "{{ x }}",
    "{% raw %}", "{# x #}",
    "100%", "%20", "a&b", "a;b", "a|b", "$HOME", "~", "#1", "a=b", "year=2026", "contact_id=9",
    "event_type=x", "back\\slash", "tab\there", "line\nend", "-dash", "--vars", "a'b\"c`d",
    "contacts",
    "contacts.csv", "email_events", "x.parquet", "true", "null", "123", "2026-05-01", "x" * 200,
    "a/b/c",
    ".hidden", "...", "a,b", "(x)", "^a$", "!x", "a:b", "@x", "+x", "\u202ex", "s3", "http", "nul",
)  # fmt: skip


def folder_cases() -> Iterator[Case]:
    for name, is_absolute in product(FOLDERS, (False, True)):

        def change(given: Input, name: str = name, is_absolute: bool = is_absolute) -> None:
            given.folder, given.is_absolute = name, is_absolute

        how = "absolute" if is_absolute else "relative"
        # a variable is Jinja to dbt
        refused = ("There is no raw table in the folder",) if re.search("{[{%#]", name) else ()
        yield Case(f"folder: {how}, {shown(name)}", change, refused, concerns="folder")


# Files that cannot be right ------------------------------------------------------------------


def in_line(number: int, edit: Callable[[bytes], bytes]) -> Form:
    """One line of a file edited; the header is line 0."""

    def change(text: bytes) -> bytes:
        lines = text.splitlines(keepends=True)
        place = min(number, len(lines) - 1)
        return b"".join([*lines[:place], edit(lines[place]), *lines[place + 1 :]])

    return as_bytes(change)


def separated(by: str) -> Form:
    return as_csv(delimiter=by)


def twice(given: Input, table: str) -> None:
    given.files[table] = {
        f"{table}.csv": plain(given, table),
        f"{table}/1.csv": plain(given, table),
    }


def in_second_part(edit: Callable[[bytes], bytes]) -> Form:
    return in_parts("1.csv", "2.csv", edit=lambda place, text: edit(text) if place else text)


def parquet_edited(edit: Callable[[bytes], bytes]) -> Form:
    def change(given: Input, table: str) -> None:
        as_parquet()(given, table)
        given.files[table] = {name: edit(text) for name, text in given.files[table].items()}

    return change


NOISE = random.Random(1).randbytes(2000)
BROKEN: dict[str, Form] = {
    "Latin-1 in the header": in_line(0, lambda line: b"\xe9," + line),
    "Latin-1 in a row": in_line(2, lambda line: b"\xe9" + line),
    "a byte of no script": in_line(1, lambda line: b"\xff" + line),
    "a quote left open in the header": in_line(0, lambda line: line[:-1] + b',"x\n'),
    "a header in two lines": in_line(0, lambda line: b'"a\nb",' + line),
    "half a character": in_line(3, lambda line: line[:1] + b"\xe2\x82" + line[1:]),
    "text behind a quote": in_line(2, lambda line: b'"a"b' + line),
    "a quote left open": in_line(3, lambda line: b'"' + line),
    "one line in CRLF": in_line(2, lambda line: line.replace(b"\n", b"\r\n")),
    "one line of many in LF": as_bytes(
        lambda text: text.replace(b"\n", b"\r\n").replace(b"\r\n", b"\n", 1)),
    "a CR in a row": in_line(1, lambda line: b"x\r" + line),
    "a cell too many": in_line(2, lambda line: line.rstrip(b"\n") + b",x,y\n"),
    "cells left out": in_line(2, lambda _: b"x\n"),
    "a line of 3 MB": in_line(1, lambda line: b"x" * 3_000_000 + line),
    "a blank line first": in_line(0, lambda line: b"\n" + line),
    "a title above the header": in_line(0, lambda line: b"Secret export of May\n" + line),
    "files joined": as_bytes(lambda text: text + text),
    "files joined with marks": as_bytes(lambda text: 2 * (b"\xef\xbb\xbf" + text)),
    "UTF-16": as_bytes(lambda text: text.decode().encode("utf-16")),
    "UTF-16 without a mark": as_bytes(lambda text: text.decode().encode("utf-16-be")),
    "UTF-32": as_bytes(lambda text: text.decode().encode("utf-32")),
    "semicolons": separated(";"),
    "tabs": separated("\t"),
    "bars": separated("|"),
    "no header": in_line(0, lambda _: b""),
    "zero bytes": as_bytes(lambda text: bytes(len(text))),
    "noise": as_bytes(lambda _: NOISE),
    "JSON": as_bytes(lambda _: json.dumps([{"contact_id": "1"}, {"x": PRIVATE}],
    indent=1).encode()),
    "JSON in one line": as_bytes(lambda _: b'[{"contact_id": "1", "full_name": "Secret"}]'),
    "JSON in lines": as_bytes(lambda _: 2 * b'{"contact_id": "1", "full_name": "Secret"}\n'),
    "a web page": as_bytes(lambda _: b"<!DOCTYPE html>\n<html><body>Secret</body></html>\n"),
    "a workbook": as_bytes(lambda _: b"PK\x03\x04" + NOISE),
    "Parquet named CSV": lambda given, table: (
        as_parquet("{}.csv")(given, table)),
    "compressed by its name": as_bytes(lambda text: text, "{}.csv.gz"),
    "another name of CSV": as_bytes(lambda text: text, "{}.CSV"),
    "a text file": as_bytes(lambda text: text, "{}.txt"),
    "there twice": twice,
    "a second part without a header": in_second_part(lambda text: text.split(b"\n", 1)[1]),
    "a second part in tabs": in_second_part(lambda text: text.replace(b",", b"\t")),
    "a second part in UTF-16": in_second_part(lambda text: text.decode().encode("utf-16")),
    "a second part cut in a quote": in_second_part(lambda text: text[:-1] + b',"x'),
    "Parquet, empty": parquet_edited(lambda _: b""),
    "Parquet, cut": parquet_edited(lambda content: content[: len(content) // 2]),
    "Parquet, zeroed": parquet_edited(lambda content: bytes(len(content))),
    "Parquet, its first half gone": parquet_edited(lambda content: content[len(content) // 2 :]),
    "Parquet, a part lost": parquet_edited(lambda content: content[:20] + content[90:]),
    "Parquet, its end noise": parquet_edited(lambda content: content[:-60] + NOISE[:60]),
    "Parquet, noise between": parquet_edited(lambda _: b"PAR1" + NOISE + b"PAR1"),
    "CSV named Parquet": as_bytes(lambda text: text, "{}.parquet"),
}  # fmt: skip


def broken_cases() -> Iterator[Case]:
    for table, (name, form) in product(COLUMNS, BROKEN.items()):
        yield Case(f"file: {table}: {name}", lambda given, f=form, t=table: f(given, t), (table,))
    for table in COLUMNS:
        for column in COLUMNS[table][: REQUIRED[table]]:
            for how, changed in {"left out": None, "misspelt": f"{column}s"}.items():
                yield without_column(table, column, how, changed)
        for column in COLUMNS[table]:
            if column.endswith("_at"):
                form = as_parquet(**{column: "[{}::timestamp]"})
                name = f"file: {table}: {column} is a list"
                yield Case(name, lambda given, f=form, t=table: f(given, t), (table, column))
    for name, form in ABSENT.items():
        yield Case(f"file: contacts: {name}", lambda given, f=form: f(given, "contacts"),
                   ("contacts",))  # fmt: skip

        def no_event(given: Input, form: Form = form) -> None:
            for table in EVENTS:
                form(given, table)

        yield Case(f"file: no event table: {name}", no_event, EVENTS)
    yield Case(
        "file: contacts: every id blank",
        lambda given: respelled("contact_id", lambda _: " ")(given, "contacts"),
        ("contacts", "contact_id"),
    )
    for size in range(2, 12):

        def loop(given: Input, size: int = size) -> None:
            for place in range(size):
                rows = person(str(200 + place))
                rows["contacts"][0]["merged_into_contact_id"] = str(200 + (place + 1) % size)
                given.tables["contacts"] += rows["contacts"]

        yield Case(f"file: contacts: {size} merged in a loop", loop, ("contacts", "200"))


def without_column(table: str, column: str, how: str, changed: str | None) -> Case:
    def edit(lines: list[list[str]]) -> list[list[str]]:
        place = lines[0].index(column)
        head = [changed] if changed else []
        return [
            [*line[:place], *(head if number == 0 else line[place : place + len(head)]),
             *line[place + 1 :]]
            for number, line in enumerate(lines)
        ]  # fmt: skip

    form = as_csv(edit)
    return Case(f"file: {table}: {column} {how}", lambda given: form(given, table), (table, column))


# Variables ----------------------------------------------------------------------------------

WRONG_VARIABLES: dict[str, tuple[object, ...]] = {
    "as_of": (
        "tomorrow", "2026-06-31", "2026-06-01 06:00:00", "2026-06-01T12:00:01", "06/01/2026",
        20260601, -1,
        "2026-06-01 00:00:00+02:00", "0000-01-01", "9999-12-31", "' or 1=1 --", "{{ 1 / 0 }}", [],
        True, "\u0662",
    ),
    "raw_files": ("nowhere", "", "/", ".", "..", "s3://bucket/x", 5, "exports/contacts.csv",
        "no'where", "no[where"),
    "raw_schema": ("crm", ""),
    "website_tracking": ("no", "false", 0, None),
    "require_consent": ("maybe", 1),
    "late_load_days": ("three", -1, 99999, True, None),
    "machine_click_seconds": (-1, 1.5, "5", True, None, 99999),
    "max_silence_hours": (24, "x", {"emails": 1}, {"email_events": 0.5}, {"email_events": "1"},
        None, []),
    "accept_raw_tables": ("yes", 1),
    "raw_file": ("exports",),
    "as of": (AS_OF,),
}  # fmt: skip
RIGHT_AS_OF = (
    "2026-06-01", "2026-06-01T00:00", "2026-06-01T00:00:00Z", "2026-06-01 00:00:00.000",
    " 2026-06-01 ", "2026-06-01 00:00:00+00:00",
)  # fmt: skip


def variable_cases() -> Iterator[Case]:
    for name, values in WRONG_VARIABLES.items():
        for value in values:

            def change(given: Input, name: str = name, value: object = value) -> None:
                given.variables[name] = value

            words = ("folder",) if name == "raw_files" and value else (name,)
            yield Case(f"variable: {name} = {value!r}", change, words)
    for text in RIGHT_AS_OF:

        def spelled(given: Input, text: str = text) -> None:
            given.variables["as_of"] = text

        yield Case(f"variable: as_of = {text!r}, right", spelled, concerns="as_of")


# Rules --------------------------------------------------------------------------------------

NO_NUMBERS = (
    "ten", "1,5", "1e3", "NaN", "inf", "-", "+", "0x10", "--1", "1.2.3", "1 000", "1_000", "$5",
    "5%",
    "\u221e", "\uff11", "\u0663", "\u22121", "1;2", "true", "null", "=1+1", "'1", "9" * 20, "1/2",
    "{{ 1 }}", ".",
)  # fmt: skip
NO_TIMES = tuple(text for text in histories.UNREADABLE if text.strip())
WRONG_RULES: dict[str, dict[str, tuple[str, ...]]] = {
    "scoring_rules": {
        "points": (*NO_NUMBERS, "", "1000001", "-1000000.5"),
        **dict.fromkeys(RULE[8:11], (*NO_NUMBERS, "0", "-1", "-0.5", "0.0")),
        "valid_from": NO_TIMES,
        "valid_to": NO_TIMES,
        "counts_repeats": ("ture", "ja", "2", "-1", "y", "true!", "1.0", "\u0442rue"),
        "match_field": ("page", "url", "user_agent", "link_url,page_url", "email_address", "1"),
        "match_operator": ("like", "=", "regex", "ends_with", "equals;", "'"),
        "event_type": (
            "", "Page View", "\u0442\u0435\u0441\u0442", "email_opened", "page_viewed",
            "form_filled", "call!", "7up", "_x",
            "email_open, email_click", "*", "page_view;",
        ),
        "rule_id": ("", "Extra", "a b", "a-b", "1a", "\u00e9", "\U0001f600", "_a", "a.b", "'; --",
            "{{ 1 }}", "call"),
    },
    "score_bands": {
        "window_days": ("", "0", "91", "-1", "1.5", "ten", "30.0", "1e1", "\uff13"),
        "min_score": (*NO_NUMBERS[:12], ""),
        "is_sales_ready": ("ture", "2", "ja", "?"),
        "band": ("",),
    },
    "disqualification_rules": {
        "event_type": ("", "email_bounce", "page_visit", "Call me", "\u0444"),
        "min_occurrences": ("", "0", "-1", "1.5", "two", "9999999999", "1e1", "\uff11"),
        "applies_to": ("", "person", "Contact ;", "address"),
        "cleared_by": ("email_opened", "Call", "call,email_open", "call; x", "*"),
    },
    "machine_user_agents": {"pattern": ("", " ", "\u00a0", "\u200b")},
}  # fmt: skip
NEW_ROWS: dict[str, Row] = {
    "scoring_rules": rule("extra", "page_view"),
    "score_bands": {
        "score_name": "engagement", "window_days": "30", "band": "extra", "min_score": "9"},
    "disqualification_rules": {
        "event_type": "email_hard_bounce", "min_occurrences": "1", "applies_to": "contact"},
    "machine_user_agents": {"pattern": "extra", "description": "extra"},
}  # fmt: skip
FILTER = {"match_field": "page_url", "match_operator": "contains", "match_value": "x"}


def wrong_rule_cases() -> Iterator[Case]:
    for seed, columns in WRONG_RULES.items():
        for column, values in columns.items():
            for value in values:

                def change(
                    given: Input, seed: str = seed, column: str = column, value: str = value
                ) -> None:
                    more = FILTER if column.startswith("match") else {}
                    given.config[seed].append(NEW_ROWS[seed] | more | {column: value})

                name = f"rule: {seed}.{column} = {shown(value)}"
                # its bands have two windows where one can be read
                lines = 2 if column == "window_days" and value else 1
                yield Case(name, change, (f"{seed}.csv", column), lines=lines)
    for seed, (name, edit) in product(FILES_ALONE, WRONG_CONFIG_FILES.items()):

        def write(given: Input, seed: str = seed, edit: Callable = edit) -> None:
            given.config_files[seed] = edit(plain(given, seed))

        lines = 2 if name == "a column misspelt" else 1
        yield Case(f"rule file: {seed}: {name}", write, (f"{seed}.csv",), lines=lines)


def header_of(text: bytes) -> bytes:
    return text.splitlines(keepends=True)[0]


WRONG_CONFIG_FILES: dict[str, Callable[[bytes], bytes | None]] = {
    "missing": lambda _: None,
    "empty": lambda _: b"",
    "a line end": lambda _: b"\n",
    "semicolons": lambda text: text.replace(b",", b";"),
    "tabs": lambda text: text.replace(b",", b"\t"),
    "bars": lambda text: text.replace(b",", b"|"),
    "the header twice": lambda text: text + header_of(text),
    "files joined with marks": lambda text: 2 * (b"\xef\xbb\xbf" + text),
    "UTF-16": lambda text: text.decode().encode("utf-16"),
    "a zero byte": lambda text: text + b"\0",
    "Latin-1": lambda text: text.rstrip(b"\n") + b"\xd6l\n",
    "a cell too many": lambda text: text.rstrip(b"\n") + b",x\n",
    "cells left out": lambda text: text + b"x\n",
    "a quote left open": lambda text: text.rstrip(b"\n") + b'"x\n' + b'"' + header_of(text),
    "a column left out": lambda text: csv_bytes([
        line[:-1] for line in csv.reader(text.decode().splitlines())]),
    "a column misspelt": lambda text: text.replace(b"\n", b"s\n", 1),
    "a column more": lambda text: b"".join(
        line + (b",note\n" if number == 0 else b",x\n")
        for number, line in enumerate(text.splitlines())),
    "a column twice": lambda text: b"".join(
        line + (b"," + header_of(text).split(b",")[0].strip() if number == 0 else b",x") + b"\n"
        for number, line in enumerate(text.splitlines())),
    "a column without a name": lambda text: b"".join(
        line + b",\n" for line in text.splitlines()),
    "noise": lambda _: NOISE,
    "a web page": lambda _: b"<!DOCTYPE html>\n<html></html>\n",
    "a workbook": lambda _: b"PK\x03\x04" + NOISE,
}  # fmt: skip
RIGHT_CONFIG_FILES: dict[str, Callable[[bytes], bytes]] = {
    "a mark of UTF-8": lambda text: b"\xef\xbb\xbf" + text,
    "CRLF": lambda text: text.replace(b"\n", b"\r\n"),
    "all in quotes": lambda text: csv_bytes(
        list(csv.reader(text.decode().splitlines())), quoting=csv.QUOTE_ALL),
    "columns the other way": lambda text: csv_bytes(
        [line[::-1] for line in csv.reader(text.decode().splitlines())]),
    "no end of the last line": lambda text: text.rstrip(b"\n"),
    "a blank line at the end": lambda text: text + b"\n",
    "header in capitals": lambda text: header_of(text).upper() + text[len(header_of(text)) :],
    "header in quotes": lambda text: (
        b'"' + header_of(text).strip().replace(b",",
        b'","') + b'"\n' + text[len(header_of(text)) :]),
}  # fmt: skip
ODD_RULES: dict[str, tuple[str | None, ...]] = {
    "points": ("0", "-1", ".5", "+3", " 2. ", "0.000001", "-0.015", "1000000", "-1000000", "007",
        "1.0000000"),
    "max_points": ("0.004", "1.005", "+2", " 3 ", "00001", "99999999999"),
    "expires_after_days": ("0.25", "0.5", "90", "91", "1000", " 7. "),
    "half_life_days": ("0.1", "0.000001", "45.5", "1000", "99999999999"),
    "counts_repeats": (*histories.TRUTHS[:8], "no", "F", "0", " false "),
    "valid_from": ("2026-05-12", "2026-05-12T10:00+05:45", "0001-01-01", "9999-12-31"),
    "valid_to": ("2026-05-12", " 2026-05-12T10:00Z ", "2026-05-12T24:00"),
    "match_value": (*histories.TEXTS, "{{ 1 / 0 }}", "'", '"', "''", "%", "\\", "pricing",
        "?a=1,2"),
    "score_name": (*histories.SCORE_NAMES, "it's", "{{ x }}", "\U0001f600", "x" * 300,
        "Engagement", "null"),
    "description": (*histories.NAMES, "{{ 1 / 0 }}", "two\nlines", "x" * 9999),
}  # fmt: skip


def right_rule_cases() -> Iterator[Case]:
    number = 0
    for column, values in ODD_RULES.items():
        for value, event_type in product(dict.fromkeys(values), ("page_view", "call")):
            if column == "half_life_days" and event_type == "call":
                continue
            number += 1
            row = {column: value}
            if column == "match_value":
                field_of = {"page_view": "page_url", "call": "detail"}[event_type]
                row |= {"match_field": field_of, "match_operator": "contains"}
            odd = rule(f"odd_{number}", event_type, **row)
            name = f"odd rule: {column} = {shown(value)} for {event_type}, rule odd_{number}"
            yield Case(name, lambda given, row=odd: given.config["scoring_rules"].append(row))
    for seed, (name, edit) in product(FILES_ALONE, RIGHT_CONFIG_FILES.items()):

        def write(given: Input, seed: str = seed, edit: Callable = edit) -> None:
            given.config_files[seed] = edit(plain(given, seed))

        yield Case(f"odd rule file: {seed}: {name}", write, concerns=seed)


# All of them --------------------------------------------------------------------------------


@cache
def all_cases() -> tuple[Case, ...]:
    makers = (
        value_cases, harmless_cases, folder_cases, broken_cases, variable_cases, wrong_rule_cases,
        right_rule_cases,
    )  # fmt: skip
    return tuple(case for make in makers for case in make())


# of each hundred
SHARES = {
    "value": 30, "form": 20, "folder": 5, "file": 20, "variable": 4, "rule": 12, "rule file": 3,
    "odd rule": 4, "odd rule file": 2,
}  # fmt: skip


def cases(number: int, seed: int) -> list[Case]:
    """So many of them, of every kind; the same for the same seed."""
    dice = random.Random(seed)
    by_kind: dict[str, list[Case]] = {kind: [] for kind in SHARES}
    for case in all_cases():
        by_kind[case.kind].append(case)
    chosen: list[Case] = []
    for kind, share in SHARES.items():
        dice.shuffle(by_kind[kind])
        wanted = max(1, number * share // 100)
        chosen += by_kind[kind][:wanted]
    # values there are more of than anybody asks for
    values = by_kind["value"][max(1, number * SHARES["value"] // 100) :]
    return (chosen + values)[:number] if len(chosen) < number else chosen[:number]
