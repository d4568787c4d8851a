"""Whom new hand-offs are told to, how often, and what is said of whom.

The marts are those of the demo, published once, with other rows and as-ofs in copies of it.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import duckdb
import pytest
from apprise.plugins.custom_json import NotifyJSON
from conftest import Project
from webhook import HANGS, Asked, server

from contact_scoring import alerts, handoffs
from contact_scoring.publishing import Generation

AS_OF = "2026-11-16 00:00:00"  # the demo's
TICKS = ("2026-11-16 12:00:00", "2026-11-17 00:00:00", "2026-11-17 12:00:00")
# of the demo, not disqualified
SOMEBODY, SOMEBODY_ELSE = "C002", "C003"


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alerts.RETRIES, "default_service_wait", 0)


@dataclass
class Published:
    """A folder of publications, whose generations are made of the demo's."""

    folder: Path
    project: Project
    changes: list[str] = field(default_factory=list)

    def tick(self, as_of: str, *changes: str) -> None:
        """Publish the demo for an as-of, with all changes of its marts until now."""
        self.changes += changes
        generation = self.folder / "generations" / as_of.replace(" ", "T").replace(":", "")
        shutil.copytree(self.folder / "demo", generation)
        manifest = generation / "manifest.json"
        told = json.loads(manifest.read_text()) | {"as_of": as_of, "is_demo": False}
        for file in (manifest, generation / "contact_scoring.duckdb"):
            file.chmod(0o644)
        manifest.write_text(json.dumps(told))
        with duckdb.connect(str(generation / "contact_scoring.duckdb")) as connection:
            for change in self.changes:
                connection.execute(change)
        self.go_back_to(generation)

    def go_back_to(self, generation: Path) -> None:
        (self.folder / "current").unlink(missing_ok=True)
        (self.folder / "current").symlink_to(generation)

    def query(self, sql: str) -> list[tuple]:
        file = self.folder / "current" / "contact_scoring.duckdb"
        with duckdb.connect(str(file), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    @property
    def people(self) -> set[str]:
        """Whatever tells who somebody is, but for ids."""
        columns = ("full_name", "email_address", "phone", "company_name")
        rows = self.query(f"select distinct {', '.join(columns)} from marts.contact_scores")
        return {text for row in rows for text in row if text}

    @property
    def command_line(self) -> list[str]:
        return [sys.executable, "-m", "contact_scoring", "handoffs"]


@pytest.fixture(scope="module")
def demo_generation(demo: Project, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("published")
    done = demo.command("publish", env={"CONTACT_SCORING_PUBLISHED": str(folder)})
    assert done.returncode == 0, done.stdout
    return (folder / "current").resolve()


@pytest.fixture
def published(
    demo: Project, demo_generation: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Published:
    folder = tmp_path / "published"
    shutil.copytree(demo_generation, folder / "demo", ignore=shutil.ignore_patterns("parquet"))
    (folder / "generations").mkdir()
    monkeypatch.setenv("CONTACT_SCORING_PUBLISHED", str(folder))
    published = Published(folder, demo)
    # as a first build of one's own
    published.tick(AS_OF)
    return published


def handed_off(contact: str, at: str, owner: str = "Maya Lindqvist", score: int = 30) -> str:
    """One more hand-off."""
    return f"""
        insert into marts.sales_handoffs by name
        select
            '{contact}' as contact_id, '{owner}' as owner, 'engagement' as score_name,
            'hot' as band, 'A1' as grade, {score} as score, timestamp '{at}' as handed_off_at
    """


def to_webhook(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("CONTACT_SCORING_HANDOFF_WEBHOOK", f"http://{address}/hook")


def to_people(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    urls = " ".join(f"json://{address}" for address in addresses)
    monkeypatch.setenv("CONTACT_SCORING_HANDOFF_URL", urls)


def told_of(asked: Iterable[Asked]) -> list[tuple[str, str, str]]:
    """The hand-offs that a webhook was told of, one by one."""
    return [
        (handoff["contact_id"], handoff["score_name"], request.body["handed_off_at"])
        for request in asked
        for handoff in request.body["handoffs"]
    ]


def all_of(published: Published) -> list[tuple[str, str, str]]:
    """The hand-offs that there are."""
    at = "strftime(handed_off_at, '%Y-%m-%dT%H:%M:%SZ')"
    return published.query(f"select contact_id, score_name, {at} from marts.sales_handoffs")


def test_an_owner_is_told_of_their_hand_offs_with_score_grade_and_reasons(
    published: Published, monkeypatch: pytest.MonkeyPatch
):
    with server(200) as (address, asked), server(200) as (chat, read):
        to_webhook(monkeypatch, address)
        to_people(monkeypatch, chat)
        sent = handoffs.deliver()
    owners = published.query(
        "select owner, count(*) from marts.sales_handoffs group by all order by all"
    )
    assert len(owners) > 2
    # each counts for each address
    assert (sent.sent, sent.waiting) == (2 * sum(many for _, many in owners), [])
    told = [(request.body["owner"], len(request.body["handoffs"])) for request in asked]
    assert told == owners
    assert Counter(told_of(asked)) == Counter(all_of(published))

    # the windows of the demo's bands
    earned = published.query("""
        select drivers.contact_id, drivers.score_name, rule_id, description, drivers.points::double
        from marts.score_drivers as drivers inner join config.scoring_rules using (rule_id)
        where
            window_days = case drivers.score_name when 'engagement' then 30 else 60 end
            and drivers.points > 0
        order by drivers.points desc, rule_id
    """)
    many = 0
    for handoff in (one for request in asked for one in request.body["handoffs"]):
        of = (handoff["contact_id"], handoff["score_name"])
        reasons = [row[2:] for row in earned if row[:2] == of]
        assert [tuple(reason.values()) for reason in handoff["reasons"]] == reasons[:3]
        many += len(reasons) > 3
        if of == ("C001", "engagement"):
            first, first_reasons = handoff, reasons
    assert many
    assert {key: first[key] for key in ("score", "band", "grade", "ended_at")} == {
        "score": 55,
        "band": "hot",
        "grade": "A1",
        "ended_at": None,
    }

    # people are told the same in words
    assert [request.body["title"] for request in read] == [f"Hand-offs to {who}" for who, _ in told]
    (said,) = [r.body["message"] for r in read if r.body["title"].endswith("Maya Lindqvist")]
    lines = [
        "C001: engagement 55, hot, grade A1",
        *(f"  {points:g} for: {description}" for _, description, points in first_reasons),
    ]
    assert "\n".join(lines) in said


def test_names_go_nowhere_unless_they_are_asked_for(
    published: Published, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    def all_that_was_said() -> str:
        published.folder.joinpath("handoffs.sqlite").unlink(missing_ok=True)
        with server(200) as (address, asked), server(200) as (chat, read):
            to_webhook(monkeypatch, address)
            to_people(monkeypatch, chat)
            handoffs.main(dry_run=True)
            handoffs.main(dry_run=False)
        return json.dumps([*asked, *read], ensure_ascii=False) + capsys.readouterr().out

    said = all_that_was_said()
    assert "C001" in said
    assert not [person for person in published.people if person in said]
    monkeypatch.setenv("CONTACT_SCORING_HANDOFF_NAMES", "true")
    said = all_that_was_said()
    ((person,),) = published.query("""
        select distinct [full_name, company_name, email_address, phone]
        from marts.contact_scores where contact_id = 'C001'
    """)
    # to the webhook, to people, and in print for each of the two
    assert [said.count(text) > 3 for text in person if text] == [True] * 4


def test_each_row_is_told_once_over_many_ticks(
    published: Published, monkeypatch: pytest.MonkeyPatch
):
    with server(200) as (address, asked), server(200) as (chat, read):
        to_webhook(monkeypatch, address)
        to_people(monkeypatch, chat)
        handoffs.deliver()
        first = len(asked)
        for number, tick in enumerate(TICKS):
            new = handed_off(SOMEBODY if number % 2 else SOMEBODY_ELSE, tick)
            published.tick(tick, *[new] * (number < 2))
            handoffs.deliver()
            handoffs.deliver()
    assert Counter(told_of(asked)) == Counter(all_of(published))
    assert len(read) == len(asked) == first + 2
    keys = [request.key for request in asked]
    assert keys == [request.body["idempotency_key"] for request in asked]
    keys += [one["idempotency_key"] for request in asked for one in request.body["handoffs"]]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("failure", [500, 302, HANGS])
def test_what_was_not_taken_is_sent_at_the_next_tick_with_the_same_key(
    published: Published,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    failure: int,
):
    monkeypatch.setattr(handoffs, "TIMEOUT", 0.2)
    # the first message is not taken at any of three attempts, the others are
    with server(failure, failure, failure, 200) as (address, asked):
        to_webhook(monkeypatch, address)
        with pytest.raises(SystemExit) as said:
            handoffs.main(dry_run=False)
        refused = asked[0]
        assert [request.body for request in asked[:3]] == [refused.body] * 3
        many = len(refused.body["handoffs"])
        answered = {HANGS: "did not answer in time"}.get(failure, f"answered {failure}")
        waiting = f"Hand-offs that wait for CONTACT_SCORING_HANDOFF_WEBHOOK: {many}; it {answered}."
        assert str(said.value) == waiting
        assert capfd.readouterr() == (f"Hand-offs sent: {len(all_of(published)) - many}.\n", "")
        del asked[:3]
        published.tick(TICKS[0], handed_off(SOMEBODY, TICKS[0], owner=refused.body["owner"]))
        assert handoffs.deliver().waiting == []
    assert Counter(told_of(asked)) == Counter(all_of(published))
    (again,) = [request for request in asked if request.key == refused.key]
    assert again == refused


def test_one_that_fails_keeps_nothing_from_the_others(
    published: Published, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    with server(500) as (broken, _), server(200) as (good, taken), server(200) as (hook, got):
        to_people(monkeypatch, broken, good)
        to_webhook(monkeypatch, hook)
        (waiting,) = handoffs.deliver().waiting
        many = len(all_of(published))
        number_one = "CONTACT_SCORING_HANDOFF_URL, number 1"
        assert waiting == f"Hand-offs that wait for {number_one}: {many}; it did not take them."
        published.tick(TICKS[0], handed_off(SOMEBODY, TICKS[0]))
        handoffs.deliver()
        assert Counter(told_of(got)) == Counter(all_of(published))
        assert len(taken) == len(got)
        # mended, at another address: it goes on where the broken one stopped
        with server(200) as (mended, late):
            to_people(monkeypatch, mended, good)
            assert handoffs.deliver().waiting == []
            assert handoffs.deliver().sent == 0
    assert Counter(r.body["message"] for r in late) == Counter(r.body["message"] for r in taken)
    assert len(taken) == len(got)
    assert not [person for person in published.people if person in caplog.text]
    assert broken not in waiting


def test_one_that_hangs_for_long_is_left_until_the_next_tick(
    published: Published, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(handoffs, "TIMEOUT", 0.1)
    monkeypatch.setattr(handoffs, "PATIENCE", 0.0)
    with server(HANGS) as (hangs, refused), server(200) as (good, taken):
        to_webhook(monkeypatch, hangs)
        to_people(monkeypatch, good)
        (waiting,) = handoffs.deliver().waiting
    assert len(refused) == 3
    assert f": {len(all_of(published))};" in waiting
    assert len(taken) > 2


def test_a_kill_before_it_is_remembered_sends_the_same_again(
    published: Published, monkeypatch: pytest.MonkeyPatch
):
    with server(200, HANGS, 200) as (address, asked):
        to_webhook(monkeypatch, address)
        with subprocess.Popen(published.command_line) as process:
            while len(asked) < 2:
                assert process.poll() is None
            process.kill()
        handoffs.deliver()
        handoffs.deliver()
    taken, unknown, again, *_ = asked
    assert unknown == again
    assert taken not in (unknown, again)
    del asked[1]
    assert Counter(told_of(asked)) == Counter(all_of(published))


def test_two_at_once_tell_everybody_once(published: Published, monkeypatch: pytest.MonkeyPatch):
    begin = Barrier(2)

    def deliver() -> None:
        begin.wait()
        handoffs.deliver()

    with server(200, seconds=0.2) as (address, asked):
        to_webhook(monkeypatch, address)
        both = [Thread(target=deliver) for _ in range(2)]
        for one in both:
            one.start()
        for one in both:
            one.join()
    assert Counter(told_of(asked)) == Counter(all_of(published))


@pytest.mark.parametrize(
    "change",
    [
        # as a build leaves somebody erased, or merged away
        "delete from marts.contact_scores where contact_id = 'C001'",
        "update marts.contact_scores set status = 'disqualified' where contact_id = 'C001'",
    ],
)
def test_who_is_gone_or_disqualified_by_then_is_not_told_of(
    published: Published, monkeypatch: pytest.MonkeyPatch, change: str
):
    with server(*[500] * 100) as (address, asked):
        to_webhook(monkeypatch, address)
        handoffs.deliver()
        assert "C001" in {contact for contact, *_ in told_of(asked)}
    published.tick(TICKS[0], change)
    with server(200) as (address, asked):
        to_webhook(monkeypatch, address)
        assert handoffs.deliver().waiting == []
    expected = [row for row in all_of(published) if row[0] != "C001"]
    assert Counter(told_of(asked)) == Counter(expected)


def test_one_that_ended_while_it_waited_is_told_with_its_end(
    published: Published, monkeypatch: pytest.MonkeyPatch
):
    ended = f"update marts.sales_handoffs set ended_at = '{TICKS[0]}' where contact_id = 'C098'"
    published.tick(TICKS[0], ended)
    published.go_back_to(published.folder / "generations" / "2026-11-16T000000")
    with server(500) as (address, _):
        to_webhook(monkeypatch, address)
        handoffs.deliver()
    published.go_back_to(published.folder / "generations" / "2026-11-16T120000")
    with server(200) as (address, asked), server(200) as (chat, read):
        to_webhook(monkeypatch, address)
        to_people(monkeypatch, chat)
        handoffs.deliver()
    found = [one for r in asked for one in r.body["handoffs"] if one["contact_id"] == "C098"]
    assert [one["ended_at"] for one in found] == ["2026-11-16T12:00:00Z"]
    # a new address is told of the newest as-of only
    assert read == []


def test_an_address_begins_with_the_newest_as_of(
    published: Published, monkeypatch: pytest.MonkeyPatch
):
    published.tick(TICKS[0], handed_off(SOMEBODY, TICKS[0]))
    with server(200) as (first, asked), server(200) as (second, read):
        to_webhook(monkeypatch, first)
        handoffs.deliver()
        assert [contact for contact, *_ in told_of(asked)] == [SOMEBODY]
        published.tick(TICKS[1], handed_off(SOMEBODY_ELSE, TICKS[1]))
        to_people(monkeypatch, second)
        handoffs.deliver()
        assert [contact for contact, *_ in told_of(asked)] == [SOMEBODY, SOMEBODY_ELSE]
        (said,) = [request.body["message"] for request in read]
        assert f"{SOMEBODY_ELSE}:" in said
        # with nobody to tell for a while, nothing is forgotten
        monkeypatch.delenv("CONTACT_SCORING_HANDOFF_WEBHOOK")
        monkeypatch.delenv("CONTACT_SCORING_HANDOFF_URL")
        published.tick(TICKS[2], handed_off(SOMEBODY, TICKS[2]))
        handoffs.deliver()
        published.tick("2026-11-18 00:00:00")
        to_webhook(monkeypatch, first)
        handoffs.deliver()
    assert [at[:13] for *_, at in told_of(asked)] == [tick.replace(" ", "T")[:13] for tick in TICKS]


def test_an_earlier_generation_in_its_place_tells_nothing_twice(
    published: Published, monkeypatch: pytest.MonkeyPatch
):
    with server(200) as (address, asked):
        to_webhook(monkeypatch, address)
        handoffs.deliver()
        before = (published.folder / "current").resolve()
        published.tick(TICKS[0], handed_off(SOMEBODY, TICKS[0]))
        handoffs.deliver()
        published.go_back_to(before)
        handoffs.deliver()
        published.tick(TICKS[1])
        handoffs.deliver()
    assert Counter(told_of(asked)) == Counter(all_of(published))


def test_what_was_told_of_the_demo_is_no_part_of_it(
    published: Published, monkeypatch: pytest.MonkeyPatch
):
    own = (published.folder / "current").resolve()
    published.go_back_to(published.folder / "demo")
    with server(200) as (address, asked):
        to_webhook(monkeypatch, address)
        handoffs.deliver()
        of_the_demo = len(asked)
        published.go_back_to(own)
        handoffs.deliver()
    assert of_the_demo > 2
    assert len(asked) == 2 * of_the_demo


def test_what_is_remembered_names_nobody_and_is_the_owners_alone(
    published: Published, monkeypatch: pytest.MonkeyPatch
):
    with server(200) as (address, _):
        monkeypatch.setenv("CONTACT_SCORING_HANDOFF_WEBHOOK", f"http://u:secret@{address}/")
        monkeypatch.setenv("CONTACT_SCORING_HANDOFF_URL", f"json://u:secret@{address}/")
        handoffs.deliver()
    file = published.folder / "handoffs.sqlite"
    assert file.stat().st_mode & 0o777 == 0o600
    with closing(sqlite3.connect(file)) as memory:
        assert len(memory.execute("select * from sent").fetchall()) == 2 * len(all_of(published))
    content = file.read_bytes()
    ids = {contact for contact, *_ in all_of(published)}
    assert not [text for text in {"secret", *ids, *published.people} if text.encode() in content]


def test_a_dry_run_prints_them_and_sends_and_remembers_nothing(
    published: Published, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    def dry_run() -> str:
        handoffs.main(dry_run=True)
        return capsys.readouterr().out

    before = sorted(published.folder.iterdir())
    assert dry_run().startswith("To nobody, for neither")
    with server(200) as (address, asked), server(200) as (chat, _):
        to_webhook(monkeypatch, address)
        said = dry_run()
        many = len(all_of(published))
        assert f"To CONTACT_SCORING_HANDOFF_WEBHOOK: hand-offs {many}, messages 4\n" in said
        assert "\nTo call for Maya Lindqvist, sales-ready at 2026-11-16 00:00 UTC:\n\n" in said
        assert asked == []
        assert sorted(published.folder.iterdir()) == before
        handoffs.deliver()
        to_people(monkeypatch, chat)
        kept = (published.folder / "handoffs.sqlite").read_bytes()
        said = dry_run()
        assert "To CONTACT_SCORING_HANDOFF_WEBHOOK: hand-offs 0, messages 0\n" in said
        assert f"To CONTACT_SCORING_HANDOFF_URL, number 1: hand-offs {many}, messages 4\n" in said
        assert (published.folder / "handoffs.sqlite").read_bytes() == kept


def test_an_owner_of_many_gets_several_messages_and_a_name_is_only_text(
    published: Published, monkeypatch: pytest.MonkeyPatch
):
    contacts = published.query("""
        select distinct contact_id from marts.contact_scores
        where status = 'active' order by all limit 45
    """)
    new = [
        handed_off(contact, TICKS[0], owner="Li\n<!channel>", score=number)
        for number, (contact,) in enumerate(contacts)
    ]
    published.tick(TICKS[0], *new)
    with server(200) as (address, asked), server(200) as (chat, read):
        to_webhook(monkeypatch, address)
        to_people(monkeypatch, chat)
        handoffs.deliver()
    assert [len(request.body["handoffs"]) for request in asked] == [20, 20, 5]
    scores = [one["score"] for request in asked for one in request.body["handoffs"]]
    assert scores == sorted(scores, reverse=True)
    assert {request.body["title"] for request in read} == {
        "Hand-offs to Li\N{REPLACEMENT CHARACTER}<!channel>"
    }


def test_what_is_too_long_for_a_service_is_sent_in_parts(
    published: Published, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(NotifyJSON, "body_maxlen", 500)
    with server(200) as (chat, read):
        to_people(monkeypatch, chat)
        handoffs.deliver()
    parts = [request.body["message"] for request in read]
    assert max(map(len, parts)) <= 500
    told = [
        f"{contact}: {score_name} " in "\n".join(parts)
        for contact, score_name, _ in all_of(published)
    ]
    assert all(told)


def test_what_is_wrong_is_said_in_a_line_and_nothing_is_sent(
    published: Published, monkeypatch: pytest.MonkeyPatch
):
    def said() -> str:
        with pytest.raises(SystemExit) as error:
            handoffs.main(dry_run=False)
        return str(error.value)

    assert said().startswith("Nobody is told of hand-offs: neither CONTACT_SCORING_HANDOFF_URL")
    monkeypatch.setenv("CONTACT_SCORING_HANDOFF_URL", "nonsense:secret")
    assert said().endswith("number 1: 11; Apprise knows no such address.")
    monkeypatch.delenv("CONTACT_SCORING_HANDOFF_URL")
    monkeypatch.setenv("CONTACT_SCORING_HANDOFF_WEBHOOK", "http://[secret")
    assert said().endswith("_WEBHOOK: 11; it cannot be reached.")
    with server(200) as (address, asked):
        to_webhook(monkeypatch, address)
        file = published.folder / "handoffs.sqlite"
        file.write_bytes(b"no database" * 1000)
        assert said().startswith(f"{file} cannot be read or written (file is not a database).")
        file.unlink()
        database = Generation((published.folder / "current").resolve()).database
        database.write_bytes(b"no database" * 1000)
        assert said() == "The published marts cannot be read (IOException). Run `make build`."
        (published.folder / "current").unlink()
        assert said().startswith(f"Nothing is published in {published.folder}.")
    assert asked == []


def test_the_command_sends(published: Published, monkeypatch: pytest.MonkeyPatch):
    with server(200) as (address, asked):
        to_webhook(monkeypatch, address)
        environment: dict[str, Any] = {
            "CONTACT_SCORING_HANDOFF_WEBHOOK": f"http://{address}",
            "CONTACT_SCORING_PUBLISHED": str(published.folder),
        }
        dry = published.project.command("handoffs", "--dry-run", env=environment)
        assert "hand-offs 11, messages 4" in dry.stdout
        done = published.project.command("handoffs", env=environment)
    assert (done.returncode, done.stdout) == (0, "Hand-offs sent: 11.\n")
    assert Counter(told_of(asked)) == Counter(all_of(published))
