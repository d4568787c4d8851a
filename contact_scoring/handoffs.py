"""New hand-offs to the people who call, and to a webhook: `contact-scoring handoffs`.

    CONTACT_SCORING_HANDOFF_URL      addresses as Apprise writes them, which get text
    CONTACT_SCORING_HANDOFF_WEBHOOK  an http address, which gets JSON

Source: the current published generation. A message tells one owner of one build's hand-offs. Each
address gets each row of sales_handoffs at least once: that it took one is remembered afterwards, by
a key that names nobody. What it did not take waits for the next call, and keeps its key. A contact
that is gone or disqualified by then is not told of.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import groupby
from operator import itemgetter
from typing import Any

import duckdb
import requests
from apprise import Apprise, NotifyFormat, OverflowMode

from contact_scoring.alerts import RETRIES, add
from contact_scoring.publishing import Generation, current_generation, locked, published_path
from contact_scoring.tables import number, printable
from contact_scoring.warehouse import NO_DOWNLOADS

URLS = "CONTACT_SCORING_HANDOFF_URL"
WEBHOOK = "CONTACT_SCORING_HANDOFF_WEBHOOK"
NAMES = "CONTACT_SCORING_HANDOFF_NAMES"
ABOUT_PEOPLE = ("full_name", "company_name", "email_address", "phone")

# to connect, and to answer
TIMEOUT = (5.0, 15.0)
# an address that fails for so many seconds of one call waits for the next: the others have to be
# told, and the next tick has to begin
PATIENCE = 600.0
CONTACTS_A_MESSAGE = 20

# what each address was sent, since which as-of: digests, since ids and addresses have to be nowhere
MEMORY = """
    create table if not exists targets (target text primary key, since text not null);
    create table if not exists sent (target text, key text, primary key (target, key));
"""

# erased and merged contacts have no score
HANDOFFS = """
    select
        handoffs.contact_id,
        handoffs.score_name,
        handoffs.owner,
        handoffs.score,
        handoffs.band,
        handoffs.grade,
        handoffs.previous_band,
        handoffs.handed_off_at,
        handoffs.ended_at,
        scores.full_name,
        scores.company_name,
        scores.email_address,
        scores.phone
    from marts.sales_handoffs as handoffs
    inner join marts.contact_scores as scores
        on handoffs.contact_id = scores.contact_id and handoffs.score_name = scores.score_name
    where handoffs.handed_off_at >= $since and scores.status <> 'disqualified'
    order by
        handoffs.handed_off_at,
        handoffs.owner nulls last,
        handoffs.score desc,
        handoffs.contact_id,
        handoffs.score_name
"""

WINDOWS = """
    select distinct score_name, window_days from config.score_bands where window_days is not null
"""

# of one window at a time, which is all that the view then computes
REASONS = """
    select
        drivers.contact_id,
        drivers.rule_id,
        coalesce(rules.description, drivers.rule_id) as description,
        drivers.points
    from marts.score_drivers as drivers
    left join config.scoring_rules as rules on drivers.rule_id = rules.rule_id
    where
        drivers.score_name = $score_name
        and drivers.window_days = $window
        and drivers.contact_id in (select unnest($contacts))
        and drivers.points > 0
    qualify
        row_number() over (
            partition by drivers.contact_id order by drivers.points desc, drivers.rule_id
        ) <= 3
    order by drivers.points desc, drivers.rule_id
"""

# one row of sales_handoffs, by the columns of HANDOFFS
Handoff = dict[str, Any]


class HandoffsError(Exception):
    """Why nobody can be told, and what to do. What is new waits."""


class NotTakenError(Exception):
    """What became of a message, without the address, which may hold a password."""


@dataclass(frozen=True)
class Message:
    """What is said of one owner's hand-offs of one build, the highest score first."""

    owner: str | None
    handed_off_at: datetime
    handoffs: list[Handoff]

    @property
    def keys(self) -> list[str]:
        return [handoff["idempotency_key"] for handoff in self.handoffs]

    @property
    def key(self) -> str:
        """The same for the same hand-offs."""
        return digest(*self.keys)

    @property
    def told_to(self) -> str:
        return self.owner or "nobody in particular"

    @property
    def as_json(self) -> dict[str, Any]:
        return {
            "idempotency_key": self.key,
            "owner": self.owner,
            "handed_off_at": iso(self.handed_off_at),
            "handoffs": self.handoffs,
        }

    @property
    def title(self) -> str:
        return printable(f"Hand-offs to {self.told_to}")

    @property
    def text(self) -> str:
        at = f"{self.handed_off_at:%Y-%m-%d %H:%M} UTC"
        lines = [f"To call for {self.told_to}, sales-ready at {at}:"]
        for handoff in self.handoffs:
            who = [handoff["contact_id"], *map(handoff.get, ABOUT_PEOPLE)]
            scored = f"{handoff['score_name']} {number(handoff['score'])}"
            grade = handoff["grade"] and f"grade {handoff['grade']}"
            lines += ["", f"{listed(who)}: {listed([scored, handoff['band'], grade])}"]
            for reason in handoff["reasons"]:
                lines.append(f"  {number(reason['points'])} for: {reason['description']}")
            if handoff["ended_at"]:
                lines.append(f"  no longer sales-ready since {handoff['ended_at']}")
        return "\n".join(map(printable, lines))


@dataclass(frozen=True)
class Target:
    """An address that is told."""

    key: str
    """What it is remembered by."""

    called: str
    """What people are told of it: never the address itself."""

    send: Callable[[Message], None]
    """NotTakenError where it did not take the message."""


@dataclass
class Delivery:
    """What came of one call."""

    sent: int
    """Hand-offs that were taken, each counted once for each address."""

    waiting: list[str]
    """A sentence for each address that did not take all."""


def targets() -> list[Target]:
    """The addresses that the environment names."""
    found = []
    if url := os.environ.get(WEBHOOK):
        found.append(Target(WEBHOOK, WEBHOOK, partial(post, url)))
    addresses = dict.fromkeys(os.environ.get(URLS, "").split())
    for place, address in enumerate(addresses, start=1):
        found.append(Target(digest(address), f"{URLS}, number {place}", partial(notify, address)))
    return found


def post(url: str, message: Message) -> None:
    """Send a message to the webhook, as often as Apprise tries."""
    refusal = ""
    for attempt in range(1 + RETRIES.default_service_retry):
        time.sleep(RETRIES.default_service_wait if attempt else 0)
        try:
            with requests.post(
                url,
                json=message.as_json,
                headers={"Idempotency-Key": message.key},
                timeout=TIMEOUT,
                # the new address would be asked for a page, and the message lost
                allow_redirects=False,
                stream=True,
            ) as answer:
                if 200 <= answer.status_code < 300:
                    return
                refusal = f"it answered {answer.status_code}"
        except requests.Timeout:
            refusal = "it did not answer in time"
        except (requests.RequestException, ValueError):
            refusal = "it cannot be reached"
    raise NotTakenError(refusal)


def notify(address: str, message: Message) -> None:
    """Send a message by Apprise: as several where it is too long for the service."""
    service = Apprise(asset=RETRIES)
    if not add(service, address):
        raise NotTakenError("Apprise knows no such address")
    for plugin in service:
        plugin.overflow_mode = OverflowMode.SPLIT
    # what a CRM holds is text, whatever the service makes of * or <
    if not service.notify(message.text, title=message.title, body_format=NotifyFormat.TEXT):
        raise NotTakenError("it did not take them")


def deliver() -> Delivery:
    """Send to each address what it has not taken yet."""
    to_tell = targets()
    delivery = Delivery(0, [])
    if not to_tell:
        return delivery
    # there is a folder for the lock where something is published
    current()
    with locked(published_path() / ".handoffs.lock", "delivery of hand-offs"):
        # not what was current before it waited: somebody may be erased since
        generation = current()
        with remembered(generation) as memory:
            recognise(memory, to_tell, generation)
            for target, messages in unsent(memory, to_tell, generation):
                left, refusal = send(memory, target, messages)
                delivery.sent += count(messages) - left
                if left:
                    delivery.waiting.append(
                        f"Hand-offs that wait for {target.called}: {left}; {refusal}."
                    )
    return delivery


def send(memory: sqlite3.Connection, target: Target, messages: list[Message]) -> tuple[int, str]:
    """Send messages to an address; how many hand-offs it did not take, and why not."""
    left, refusal, failing = count(messages), "", 0.0
    for message in messages:
        began = time.monotonic()
        try:
            target.send(message)
        except NotTakenError as error:
            refusal = str(error)
            failing += time.monotonic() - began
            if failing > PATIENCE:
                break
        else:
            with memory:
                taken = [(target.key, key) for key in message.keys]
                memory.executemany("insert into sent values (?, ?)", taken)
            left -= len(message.keys)
    return left, refusal


def print_unsent() -> None:
    """Print what each address would be sent. Nothing is sent or remembered."""
    generation = current()
    nobody = Target("", f"nobody, for neither {URLS} nor {WEBHOOK} is set", print)
    with remembered(generation, read_only=True) as memory:
        to_tell = targets() or [nobody]
        recognise(memory, to_tell, generation)
        for target, messages in unsent(memory, to_tell, generation):
            print(f"To {target.called}: hand-offs {count(messages)}, messages {len(messages)}")
            for message in messages:
                print(f"\n{message.text}")


def current() -> Generation:
    """What is published. HandoffsError where nothing is."""
    generation = current_generation()
    if generation is None:
        raise HandoffsError(f"Nothing is published in {published_path()}. Run `make build`.")
    return generation


@contextmanager
def remembered(generation: Generation, *, read_only: bool = False) -> Iterator[sqlite3.Connection]:
    """What each address has taken; a copy of it, where it is only to be read.

    What was sent of the demo is no part of it.
    """
    file = published_path() / f"handoffs{'-demo' if generation.is_demo else ''}.sqlite"
    try:
        if not read_only:
            file.touch(mode=0o600)
        with closing(sqlite3.connect(":memory:" if read_only else file)) as memory:
            if read_only and file.exists():
                with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as kept:
                    kept.backup(memory)
            memory.executescript(MEMORY)
            yield memory
    except (OSError, sqlite3.Error) as error:
        raise HandoffsError(
            f"{file} cannot be read or written ({error}). Make room, or put it back from a backup. "
            "Without the file only hand-offs of the newest as-of are sent."
        ) from None


def recognise(memory: sqlite3.Connection, to_tell: list[Target], generation: Generation) -> None:
    """Begin with the newest as-of where an address is new; forget those that are gone.

    One that replaces another goes on where that stopped: it may be mended.
    """
    with memory:
        # where nothing can be written, nothing is sent
        memory.execute("begin immediate")
        known = [key for (key,) in memory.execute("select target from targets order by rowid")]
        named = [target.key for target in to_tell]
        gone = [key for key in known if key not in named]
        replaced = [key for key in gone if key != WEBHOOK]
        for key in named:
            if key in known:
                continue
            if replaced and key != WEBHOOK:
                for table in ("targets", "sent"):
                    change = f"update {table} set target = ? where target = ?"
                    memory.execute(change, (key, replaced[0]))
                del replaced[0]
            else:
                as_of = generation.as_of.isoformat()
                memory.execute("insert into targets values (?, ?)", (key, as_of))
        for table in ("targets", "sent"):
            forget = f"delete from {table} where target = ?"
            memory.executemany(forget, [(key,) for key in gone])


def unsent(
    memory: sqlite3.Connection, to_tell: list[Target], generation: Generation
) -> list[tuple[Target, list[Message]]]:
    """The messages that each address has yet to take, the oldest first."""
    since = {
        key: datetime.fromisoformat(as_of)
        for key, as_of in memory.execute("select target, since from targets")
    }
    sent = set(memory.execute("select target, key from sent"))
    try:
        with duckdb.connect(str(generation.database), read_only=True, config=NO_DOWNLOADS) as marts:
            handoffs = rows(marts, HANDOFFS, {"since": min(since.values(), default=None)})
            to_send = [
                [
                    handoff
                    for handoff in handoffs
                    if handoff["handed_off_at"] >= since[target.key]
                    and (target.key, key_of(handoff)) not in sent
                ]
                for target in to_tell
            ]
            reasons = reasons_of(marts, [handoff for some in to_send for handoff in some])
    except duckdb.Error as error:
        raise HandoffsError(
            f"The published marts cannot be read ({type(error).__name__}). Run `make build`."
        ) from None
    messages = [list(as_messages(some, reasons)) for some in to_send]
    return list(zip(to_tell, messages, strict=True))


def rows(
    marts: duckdb.DuckDBPyConnection, query: str, parameters: dict[str, Any]
) -> list[dict[str, Any]]:
    """The rows of a query, by column."""
    found = marts.execute(query, parameters)
    columns = [column[0] for column in found.description or ()]
    return [dict(zip(columns, row, strict=True)) for row in found.fetchall()]


def reasons_of(
    marts: duckdb.DuckDBPyConnection, handoffs: list[Handoff]
) -> dict[tuple[str, str], list[Handoff]]:
    """What most of a score is from now, in its bands' window, by contact and score name."""
    reasons = defaultdict(list)
    windows = dict(marts.execute(WINDOWS).fetchall())
    for score_name in {handoff["score_name"] for handoff in handoffs} & windows.keys():
        contacts = [one["contact_id"] for one in handoffs if one["score_name"] == score_name]
        of_score = {"score_name": score_name, "window": windows[score_name], "contacts": contacts}
        for reason in rows(marts, REASONS, of_score):
            contact = reason.pop("contact_id")
            reasons[contact, score_name].append(reason | {"points": float(reason["points"])})
    return reasons


def as_messages(
    handoffs: Iterable[Handoff], reasons: dict[tuple[str, str], list[Handoff]]
) -> Iterator[Message]:
    """A message for each owner and build, or a few where there is much to say."""
    shown = ABOUT_PEOPLE if os.environ.get(NAMES) == "true" else ()
    for (at, owner), of_owner in groupby(handoffs, itemgetter("handed_off_at", "owner")):
        told = [
            {
                "idempotency_key": key_of(handoff),
                **{column: handoff[column] for column in ("contact_id", *shown, "score_name")},
                "score": float(handoff["score"]),
                **{column: handoff[column] for column in ("band", "grade", "previous_band")},
                "ended_at": handoff["ended_at"] and iso(handoff["ended_at"]),
                "reasons": reasons[handoff["contact_id"], handoff["score_name"]],
            }
            for handoff in of_owner
        ]
        for first in range(0, len(told), CONTACTS_A_MESSAGE):
            yield Message(owner, at, told[first : first + CONTACTS_A_MESSAGE])


def key_of(handoff: Handoff) -> str:
    """The same for a hand-off in every generation that has it."""
    return digest(handoff["contact_id"], handoff["score_name"], iso(handoff["handed_off_at"]))


def digest(*texts: str) -> str:
    return hashlib.sha256(json.dumps(texts).encode()).hexdigest()


def count(messages: Iterable[Message]) -> int:
    """How many hand-offs they tell of."""
    return sum(len(message.handoffs) for message in messages)


def iso(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def listed(texts: Iterable[str | None]) -> str:
    return ", ".join(text for text in texts if text)


def main(*, dry_run: bool) -> None:
    """Send, and say how many. Exits non-zero where somebody was not told."""
    try:
        if dry_run:
            print_unsent()
            return
        if not targets():
            raise HandoffsError(
                f"Nobody is told of hand-offs: neither {URLS} nor {WEBHOOK} is set."
            )
        delivery = deliver()
    except HandoffsError as error:
        raise SystemExit(str(error)) from None
    print(f"Hand-offs sent: {delivery.sent}.")
    if delivery.waiting:
        raise SystemExit("\n".join(delivery.waiting))
