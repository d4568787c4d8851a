"""A team's history that has outcomes to predict, for the evaluation to be judged on.

Contacts differ in how interested they are; the interested do more and buy sooner. In it is all that
§2 of TRUTH.md minds: rows that come in late or say not when, links and consents of later, machines
whose mark hangs on a later row, duplicates, repeats, merges. Nobody is erased (§5, 2).
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta

Text = str | None
Row = dict[str, Text]
Tables = dict[str, list[Row]]

AS_OF = datetime(2026, 6, 1, 12)
DAYS = 200  # that the history goes back
BUYING_DAYS = 120  # in which most outcomes are


def rule(rule_id: str, event_type: str, points: str, **columns: str) -> Row:
    return {"rule_id": rule_id, "event_type": event_type, "points": points, **columns}


def filtered(field: str, operator: str, value: str) -> Row:
    return {"match_field": field, "match_operator": operator, "match_value": value}


def band(score_name: str, window: str, name: str, minimum: str, sales: str = "false") -> Row:
    named: Row = {"score_name": score_name, "window_days": window, "band": name}
    return named | {"min_score": minimum, "is_sales_ready": sales}


def outcome(name: str, event_type: str, horizon: str, wanted: str = "true", **more: str) -> Row:
    named: Row = {"outcome": name, "event_type": event_type, "horizon_days": horizon}
    return named | {"is_wanted": wanted, "description": name, **more}


CONFIG: Tables = {
    "scoring_rules": [
        rule("open", "email_open", "1", max_points="5"),
        rule("click", "email_click", "2", counts_repeats="true"),
        rule("view", "page_view", "0.5", half_life_days="20"),
        rule("pricing", "page_view", "3", expires_after_days="45")
        | filtered("page_url", "starts_with", "https://x.io/pricing"),
        rule("blog", "page_view", "1", min_times="2", max_points="3", score_name="reading")
        | filtered("page_url", "contains", "/blog"),
        rule("call", "call_logged", "4", score_name="reading"),
        # a mistake that the evaluation finds where somebody asked for quotes
        rule("quote", "quote_requested", "-6", score_name="reading", half_life_days="9"),
        rule("lost", "deal_lost", "-3"),
        rule("small_deal", "purchase", "5") | filtered("detail", "equals", "small"),
        rule("webinar", "webinar", "5"),
    ],
    "scoring_rule_conditions": [],
    "disqualification_rules": [
        {
            "event_type": kind,
            "min_occurrences": minimum,
            "applies_to": "contact",
            "cleared_by": cleared,
        }
        for kind, minimum, cleared in (
            ("email_unsubscribe", "1", "email_resubscribe"),
            ("email_soft_bounce", "2", "email_open"),
        )
    ],
    "machine_user_agents": [{"pattern": "bot"}],
    "score_bands": [
        band("engagement", "30", "hot", "12", sales="true"),
        band("engagement", "30", "warm", "5"),
        band("engagement", "30", "cold", "1"),
    ],
    "outcomes": [
        outcome("purchase", "purchase", "30"),
        outcome("big_deal", "purchase", "60", repeats="true") | filtered("detail", "equals", "big"),
        outcome("left", "email_unsubscribe", "28", "false"),
        outcome("demo", "form_submission", "20"),
    ],
}


class Story:
    """A history while it is being told."""

    def __init__(self, seed: int, contacts: int, as_of: datetime) -> None:
        self.dice = random.Random(seed)
        self.as_of = as_of
        self.tables: Tables = {
            table: []
            for table in (
                "contacts", "identities", "consents", "email_events", "web_events", "activities",
            )
        }  # fmt: skip
        for number in range(contacts):
            self.contact(number, contacts)

    def chance(self, percent: float) -> bool:
        return self.dice.random() * 100 < percent

    def moment(self, longest_ago: float = DAYS) -> datetime:
        """Often at an edge: a period's, a day's, or another's very second."""
        at = self.as_of - timedelta(seconds=self.dice.randint(0, int(longest_ago * 86400)))
        if self.chance(10):
            at = at.replace(hour=self.dice.choice((0, 12)), minute=0, second=0)
        return at

    def received_at(self, at: datetime) -> Text:
        chance = self.dice.random()
        if chance < 0.2:
            return self.dice.choice((None, "", "soon"))
        delay = float(self.dice.choice((0, 1, 60, 3600)))
        if chance > 0.98:
            delay = -3600.0
        elif chance > 0.85:
            delay = 60 * 86400 * self.dice.random()
        received = at + timedelta(seconds=int(delay))
        if self.chance(3):
            received = received.replace(hour=0, minute=0, second=0) + timedelta(days=1)
        return received.isoformat()

    def event(self, source: str, kind: str, at: datetime, **columns: Text) -> Row:
        number = sum(len(self.tables[table]) for table in self.tables)
        row: Row = {"event_id": f"e{number}", "event_type": kind, "occurred_at": at.isoformat()}
        row |= {"received_at": self.received_at(at), **columns}
        self.tables[source].append(row)
        if self.chance(4):  # once more, received at another time
            again = at + timedelta(days=self.dice.randint(0, 20))
            self.tables[source].append(row | {"received_at": again.isoformat()})
        return row

    def contact(self, number: int, contacts: int) -> None:
        contact_id, address, visitor = f"c{number}", f"p{number}@x.io", f"v{number}"
        row: Row = {"contact_id": contact_id, "email_address": address}
        if self.chance(5) and number + 1 < contacts:
            row["merged_into_contact_id"] = f"c{number + 1}"
        self.tables["contacts"].append(row)
        if self.chance(60):
            linked = self.moment().isoformat() if self.chance(80) else None
            link: Row = {"identity_type": "visitor", "identity_value": visitor}
            self.tables["identities"].append(link | {"contact_id": contact_id, "linked_at": linked})
        for granted in ("true", "false")[: self.dice.choice((0, 1, 1, 1, 1, 2))]:
            decided = self.moment().isoformat() if self.chance(60) else None
            consent: Row = {"visitor_id": visitor, "is_granted": granted, "decided_at": decided}
            self.tables["consents"].append(consent)
        interest = self.dice.random() ** 2
        bought_at = self.moment(BUYING_DAYS)
        self.mails(address, visitor, interest, bought_at)
        self.visits(visitor, address, interest, bought_at)
        self.calls(contact_id, interest, bought_at)

    def when(self, interest: float, bought_at: datetime) -> datetime:
        """The interested do more in the month before they buy."""
        if self.dice.random() < interest:
            return bought_at - timedelta(seconds=self.dice.randint(0, 30 * 86400))
        return self.moment()

    def mails(self, address: str, visitor: str, interest: float, bought_at: datetime) -> None:
        def mail(kind: str, at: datetime, **columns: Text) -> Row:
            message = self.dice.choice((None, "m1", "m2", "m3"))
            agent = "Some Bot" if self.chance(6) else None
            what: dict[str, Text] = {"message_id": message, "link_url": "https://x.io/"}
            what |= {"email_address": address, "user_agent": agent, **columns}
            return self.event("email_events", kind, at, **what)

        for _ in range(self.dice.randint(0, 8)):
            mail("email_open", self.when(interest, bought_at))
        for _ in range(self.dice.randint(0, 3)):
            at = self.when(interest, bought_at)
            message = self.dice.choice(("m1", "m2"))
            if self.chance(30):
                mail("email_delivered", at - timedelta(seconds=3), message_id=message)
            links = range(self.dice.choice((1, 1, 1, 1, 3)))
            clicks = [
                mail("email_click", at, message_id=message, link_url=f"https://x.io/{link}")
                for link in links
            ]
            if self.chance(40):
                self.event(
                    "web_events", "page_view", at, visitor_id=visitor,
                    email_click_event_id=clicks[0]["event_id"], page_url="https://x.io/landing",
                )  # fmt: skip
        for kind, percent in (
            ("email_unsubscribe", 60 * (1 - interest)), ("email_resubscribe", 8),
            ("email_soft_bounce", 10), ("email_soft_bounce", 10),
        ):  # fmt: skip
            if self.chance(percent):
                mail(kind, self.moment(), message_id=None)

    def visits(self, visitor: str, address: str, interest: float, bought_at: datetime) -> None:
        pages = ("https://x.io/", "https://x.io/pricing", "https://x.io/blog/1", None)
        for _ in range(int(20 * interest * self.dice.random())):
            agent = "a bot" if self.chance(8) else None
            self.event(
                "web_events", "page_view", self.when(interest, bought_at), visitor_id=visitor,
                page_url=self.dice.choice(pages), user_agent=agent,
            )  # fmt: skip
        if self.chance(30 + 60 * interest):
            typed = address if self.chance(50) else None
            at = bought_at - timedelta(hours=self.dice.randint(-100, 400))
            self.event("web_events", "form_submission", at, visitor_id=visitor, email_address=typed)

    def calls(self, contact_id: str, interest: float, bought_at: datetime) -> None:
        for kind in ("call_logged", "deal_lost", "call_logged"):
            if self.chance(20):
                self.event("activities", kind, self.moment(), contact_id=contact_id)
        if self.chance(60 + 40 * interest):
            for _ in range(self.dice.choice((1, 1, 2))):
                size = self.dice.choice(("small", "big", "big", None))
                self.event("activities", "purchase", bought_at, contact_id=contact_id, detail=size)
                bought_at += timedelta(days=self.dice.randint(0, 90))


def told(seed: int, contacts: int = 150, as_of: datetime = AS_OF) -> Tables:
    """The raw tables of one history, always the same of a seed.

    With 400 contacts of seed 1 there are enough who buy, at 10 as-ofs, for every figure of §3.
    """
    return Story(seed, contacts, as_of).tables


def with_quotes(tables: Tables) -> Tables:
    """The same history in which whoever buys asked for a quote 25 days before."""
    quotes: list[Row] = [
        {
            "event_id": f"quote for {row['event_id']}",
            "event_type": "quote_requested",
            "occurred_at": (
                datetime.fromisoformat(row["occurred_at"] or "") - timedelta(days=25)
            ).isoformat(),
            "contact_id": row["contact_id"],
        }
        for row in tables["activities"]
        if row["event_type"] == "purchase"
    ]
    return tables | {"activities": [*tables["activities"], *quotes]}
