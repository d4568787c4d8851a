"""Cases of TRUTH.md worked out by hand; each names the sentence that its numbers come from.

With TRUTH_DATA naming a folder with the courses of §6 and truth_expected.json, those figures are
reproduced too.
"""

from __future__ import annotations

import itertools
import json
import math
import os
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from evaluation_histories import AS_OF as TOLD_AS_OF
from evaluation_histories import CONFIG as TOLD_CONFIG
from evaluation_histories import told
from reference_evaluation import (
    HALF_LIVES,
    Auc,
    Observation,
    Outcome,
    Panel,
    Past,
    Settings,
    auc_interval,
    auc_of,
    band_forecast,
    band_performance,
    better_by,
    capacity_thresholds,
    could_match_both,
    effective_rows,
    evaluate,
    evaluation_as_ofs,
    exclude_each_other,
    fold_of,
    half_life_performance,
    lift_and_error,
    looked_at,
    panel,
    rate_ratio,
    read_outcomes,
    received_before,
    rule_evidence,
    rule_what_ifs,
    said_performance,
    score_performance,
    top_calls,
    wilson,
    without_handed_off,
)
from reference_scorer import (
    DAY,
    Rule,
    holds,
    read_bands,
    read_rules,
    score,
)

AS_OF = datetime(2026, 4, 1, 12)
NEVER_TOO_FEW = Settings(fewest_contacts=0, fewest_to_choose=0)
CSV = dict[str, str | None]
T1, T2 = datetime(2026, 1, 1), datetime(2026, 1, 8)
BOUGHT = Outcome("bought", "purchase", None, 10, True, False)
LEFT = replace(BOUGHT, name="left", is_wanted=False)


def ago(**span: float) -> str:
    """A time before as-of, as a CSV has it."""
    return (AS_OF - timedelta(**span)).isoformat()


def event(event_id: str, kind: str, at: str, **columns: str) -> CSV:
    return {"event_id": event_id, "event_type": kind, "occurred_at": at, **columns}


def purchase(at: str, who: str = "ann", **columns: str) -> CSV:
    return event(f"bought {at} {who} {columns}", "purchase", at, contact_id=who, **columns)


def call(at: str, who: str = "ann", **columns: str) -> CSV:
    return event(f"call {at} {who} {columns}", "call", at, contact_id=who, **columns)


CONTACTS: list[CSV] = [
    {"contact_id": one, "email_address": f"{one}@x.io"} for one in ("ann", "bob")
]
CONFIG: dict[str, list[CSV]] = {
    "scoring_rules": [
        {"rule_id": "call", "event_type": "call", "points": "2"},
        {"rule_id": "view", "event_type": "page_view", "points": "1"},
        {"rule_id": "opened", "event_type": "email_open", "points": "1"},
    ],
    "disqualification_rules": [
        {"event_type": "gone", "min_occurrences": "1", "applies_to": "contact", "cleared_by": ""}
    ],
    "score_bands": [
        {"score_name": "engagement", "window_days": "30", "band": name, "min_score": minimum}
        for name, minimum in (("hot", "4"), ("warm", "1"))
    ],
    "machine_user_agents": [],
    "outcomes": [
        {
            "outcome": "bought",
            "event_type": "purchase",
            "horizon_days": "10",
            "is_wanted": "true",
        }
    ],
}
ONE = Settings(evaluation_as_ofs=1, fewest_contacts=0, fewest_to_choose=0)
THEN = datetime(2026, 3, 19)  # the newest as-of of a horizon of 10 days


def rows_of(settings: Settings = ONE, **raw: list[CSV]) -> dict[str, tuple[bool, Decimal]]:
    """Contact -> whether the outcome came, and its score of 90 days, at the one as-of."""
    past = Past({"contacts": CONTACTS, **raw}, CONFIG, AS_OF, settings)
    found = panel(past, read_outcomes(CONFIG)[0])
    scores = found.scores("engagement", 90)
    assert {row.as_of for row in found.rows} <= {THEN}
    return {row.contact_id: (row.y, score) for row, score in zip(found.rows, scores, strict=True)}


# §1: outcomes


def condition(operator: str, value: str, field: str = "detail") -> CSV:
    return {"match_field": field, "match_operator": operator, "match_value": value}


def scoring_rule(*conditions: CSV, event_type: str = "purchase") -> Rule:
    config: dict[str, list[CSV]] = {
        "scoring_rules": [{"rule_id": "r", "event_type": event_type, "points": "1"}],
        "scoring_rule_conditions": [{"rule_id": "r", **one} for one in conditions],
    }
    return read_rules(config)[0]


def outcome_with(found: CSV | None = None, **columns: str) -> Outcome:
    row: CSV = {"outcome": "o", "event_type": "purchase", "horizon_days": "10", **(found or {})}
    return read_outcomes({"outcomes": [row | columns]})[0]


def test_an_outcome_is_read_with_its_defaults() -> None:
    assert outcome_with() == Outcome("o", "purchase", None, 10, False, False)
    filled = outcome_with(condition("contains", "big"), is_wanted="TRUE", repeats="yes")
    assert filled == Outcome("o", "purchase", ("detail", "contains", "big"), 10, True, True)


def test_a_rule_that_could_match_the_outcome() -> None:
    big, small = condition("equals", "big"), condition("equals", "small")
    elsewhere = condition("equals", "small", "campaign_id")
    assert could_match_both(scoring_rule(), outcome_with())
    assert could_match_both(scoring_rule(big), outcome_with())
    assert could_match_both(scoring_rule(), outcome_with(big))
    assert could_match_both(scoring_rule(elsewhere), outcome_with(big))
    assert not could_match_both(scoring_rule(small), outcome_with(big))
    assert not could_match_both(scoring_rule(elsewhere, small), outcome_with(big))
    assert not could_match_both(scoring_rule(event_type="call"), outcome_with())


OPERATORS = ("equals", "starts_with", "contains")


def some_texts(longest: int) -> Iterator[str]:
    for length in range(1, longest + 1):
        yield from ("".join(letters) for letters in itertools.product("ab", repeat=length))


def test_filters_exclude_each_other_exactly_where_no_text_holds_both() -> None:
    """Judged by every text of up to five letters: enough for filters of two."""
    texts = [None, *some_texts(5), "c"]
    filters = [
        ("detail", prefix + operator, value)
        for prefix in ("", "not_")
        for operator in OPERATORS
        for value in some_texts(2)
    ]
    held = {one: {text for text in texts if holds(text, *one[1:])} for one in filters}
    for one, other in itertools.product(filters, repeat=2):
        assert exclude_each_other(one, other) == (not held[one] & held[other]), (one, other)


# §2: past as-ofs


def test_as_ofs_are_a_step_apart_and_the_newest_has_settled() -> None:
    """The figures of §6 say which they are."""
    left = evaluation_as_ofs(datetime(2014, 5, 23), 28, Settings())
    assert (len(left), left[0], left[-1]) == (26, datetime(2013, 10, 29), datetime(2014, 4, 22))
    noon = evaluation_as_ofs(datetime(2014, 5, 23, 12), 28, Settings())
    assert noon == left
    night = evaluation_as_ofs(datetime(2014, 5, 22, 12), 28, Settings(evaluation_step_days=1))
    assert night[-2:] == [datetime(2014, 4, 20), datetime(2014, 4, 21)]


def test_of_many_contacts_those_with_the_smallest_md5_are_looked_at() -> None:
    """md5('a') begins 0cc1, md5('b') 92eb and md5('c') 4a8a."""
    assert looked_at("abc", Settings(evaluation_contacts=2)) == {"a", "c"}
    assert looked_at("abc", Settings()) == {"a", "b", "c"}


def test_a_row_counts_from_the_first_instant_after_it_was_received() -> None:
    then = THEN.isoformat()
    late = call("2026-03-10", received_at=then)
    just = call("2026-03-11", received_at=(THEN - timedelta(microseconds=1)).isoformat())
    unsaid = call("2026-03-12", received_at="soon")
    assert rows_of(activities=[late, just, unsaid]) == {"ann": (False, 4), "bob": (False, 0)}
    known = received_before({"contacts": CONTACTS, "activities": [late, just]}, THEN)
    assert known == {"contacts": CONTACTS, "activities": [just]}


def test_what_was_received_when_nobody_says_is_what_occurred_before() -> None:
    assert rows_of(activities=[call(THEN.isoformat())])["ann"] == (False, 0)
    assert rows_of(activities=[call("2026-03-18T23:59:59")])["ann"] == (False, 2)


def test_y_is_the_first_outcome_within_the_horizon() -> None:
    end = (THEN + 10 * DAY).isoformat()
    before_end = (THEN + 10 * DAY - timedelta(microseconds=1)).isoformat()
    assert rows_of(activities=[purchase(THEN.isoformat())])["ann"][0]
    assert rows_of(activities=[purchase(before_end)])["ann"][0]
    assert not rows_of(activities=[purchase(end)])["ann"][0]


def test_who_had_the_outcome_before_is_not_in_the_population() -> None:
    found = rows_of(activities=[purchase("2026-03-18"), purchase("2026-03-20")])
    assert found == {"bob": (False, 0)}


def test_an_earlier_outcome_that_was_received_later_gives_no_y() -> None:
    late = purchase("2026-03-18", received_at="2026-03-25")
    assert rows_of(activities=[late, purchase("2026-03-20")])["ann"] == (False, 0)


def test_an_outcome_that_repeats_may_have_been_before() -> None:
    repeating = {"outcomes": [CONFIG["outcomes"][0] | {"repeats": "true"}]}
    bought = [purchase("2026-03-18"), purchase("2026-03-20")]
    past = Past({"contacts": CONTACTS, "activities": bought}, CONFIG | repeating, AS_OF, ONE)
    found = panel(past, read_outcomes(repeating)[0])
    assert [(row.contact_id, row.y) for row in found.rows] == [("ann", True), ("bob", False)]


def test_the_disqualified_are_those_who_were_known_to_be() -> None:
    out = event("1", "gone", "2026-03-01", contact_id="ann")
    known_later = event("2", "gone", "2026-03-01", contact_id="bob", received_at="2026-03-20")
    assert rows_of(activities=[out, known_later]) == {"bob": (False, 0)}


VIEW = event("view", "page_view", "2026-03-10", visitor_id="v1")
CONSENT: CSV = {"visitor_id": "v1", "is_granted": "true", "decided_at": None}


def linked(at: str | None) -> CSV:
    visitor = {"identity_type": "visitor", "identity_value": "v1", "contact_id": "ann"}
    return visitor | {"linked_at": at}


def test_links_count_as_they_were() -> None:
    for at, points in (("2026-03-18", 1), (THEN.isoformat(), 0), (None, 1)):
        found = rows_of(web_events=[VIEW], identities=[linked(at)], consents=[CONSENT])
        assert found["ann"] == (False, points)


def test_a_typed_in_address_links_from_when_its_row_was_received() -> None:
    for received, points in (("2026-03-18", 2), ("2026-03-20", 0)):
        typed = event(
            "form", "page_view", "2026-03-12", visitor_id="v1", email_address="ann@x.io",
            received_at=received,
        )  # fmt: skip
        assert rows_of(web_events=[VIEW, typed], consents=[CONSENT])["ann"] == (False, points)


def test_consents_count_as_they_were() -> None:
    for at, points in (("2026-03-18", 0), ("2026-03-20", 1)):
        refused: CSV = {"visitor_id": "v1", "is_granted": "false", "decided_at": at}
        found = rows_of(web_events=[VIEW], identities=[linked(None)], consents=[CONSENT, refused])
        assert found["ann"] == (False, points)


def burst(received_at: str) -> list[CSV]:
    return [
        event(
            f"click {link}", "email_click", "2026-03-10", email_address="ann@x.io",
            message_id="m", link_url=link,
            received_at=received_at if link == "3" else "2026-03-10",
        )
        for link in "123"
    ]  # fmt: skip


def test_a_machine_mark_counts_once_all_rows_that_make_it_were_received() -> None:
    clicked = CONFIG["scoring_rules"] + [
        {"rule_id": "click", "event_type": "email_click", "points": "1"}
    ]
    for received, points in (("2026-03-18", 0), ("2026-03-20", 2)):
        raw = {"contacts": CONTACTS, "email_events": burst(received)}
        past = Past(raw, CONFIG | {"scoring_rules": clicked}, AS_OF, ONE)
        found = panel(past, read_outcomes(CONFIG)[0])
        assert found.scores("engagement", 90)[0] == points
        machine = [row.score(90, found.rules, with_machines=True) for row in found.rows]
        assert machine[0] == (3 if received < THEN.isoformat() else 2)


def test_the_outcome_of_a_machine_is_none() -> None:
    clicked = {"outcomes": [CONFIG["outcomes"][0] | {"event_type": "email_click"}]}
    rows = [event("1", "email_click", "2026-03-20", email_address="ann@x.io", is_machine="t")]
    past = Past({"contacts": CONTACTS, "email_events": rows}, CONFIG | clicked, AS_OF, ONE)
    assert not any(row.y for row in panel(past, read_outcomes(clicked)[0]).rows)


def test_outcomes_are_owned_as_today_and_the_population_as_it_was() -> None:
    """A form from before THEN, linked after it: it takes nobody out, and the next is no first."""
    filled = {"outcomes": [CONFIG["outcomes"][0] | {"event_type": "form_submission"}]}
    forms = [
        event(day, "form_submission", day, visitor_id="v1") for day in ("2026-03-10", "2026-03-21")
    ]
    for at, rows in (
        ("2026-03-20", [("ann", False), ("bob", False)]),
        ("2026-03-05", [("bob", False)]),
    ):
        raw = {"contacts": CONTACTS, "identities": [linked(at)], "consents": [CONSENT]}
        for number, expected in ((2, rows), (1, [("ann", True), ("bob", False)])):
            web = {"web_events": forms[-number:]}
            past = Past(raw | web, CONFIG | filled, AS_OF, ONE)
            found = panel(past, read_outcomes(filled)[0])
            assert [(row.contact_id, row.y) for row in found.rows] == expected


def test_merges_and_erasures_are_those_of_today() -> None:
    contacts = [
        {"contact_id": "ann", "email_address": "ann@x.io", "merged_into_contact_id": "bob"},
        {"contact_id": "bob", "email_address": "bob@x.io"},
        {"contact_id": "cy", "email_address": "cy@x.io", "deleted_at": "2026-03-31"},
    ]
    calls = [call("2026-03-01"), call("2026-03-02", "cy")]
    assert rows_of(contacts=contacts, activities=calls) == {"bob": (False, 2)}


# §3: figures


def observed(*rows: tuple[datetime, str, int]) -> list[Observation]:
    return [Observation(as_of, contact_id, bool(y)) for as_of, contact_id, y in rows]


FEW = observed((T1, "a", 1), (T1, "b", 0), (T1, "c", 0), (T2, "a", 0), (T2, "b", 1))
SCORES = [3, 3, 1, 2, 5]


def test_the_auc_and_its_error() -> None:
    """T1: a ties with b and beats c; T2: b beats a. 2.5 of 3 pairs.

    a: 2.5 of the 3 pairs that it stands in, b: 1.5 of 2, c: 1 of 1. D: 0, -1/6, 1/6.
    """
    found = auc_of(FEW, SCORES)
    assert (found.pairs, found.half_wins) == (3, 5)
    assert found.auc == pytest.approx(5 / 6)
    assert found.parts == {"a": (5, 3), "b": (3, 2), "c": (2, 1)}
    assert found.error == pytest.approx(math.sqrt(2 / 36) / 3)


def test_the_error_of_a_difference() -> None:
    """By the other score b wins at T1: a 2 of its 3 pairs, b 1 of 2, c 1 of 1; AUC 2/3."""
    other = auc_of(FEW, [2, 3, 1, 2, 5])
    assert other.half_wins == 4
    assert other.deviations() == pytest.approx({"a": 2 - 2, "b": 1 - 4 / 3, "c": 1 - 2 / 3})
    error = auc_of(FEW, SCORES).error_of_difference(other)
    assert error == pytest.approx(math.sqrt(2 * (1 / 6) ** 2) / 3)


def test_better_is_worse_where_the_outcome_is_not_wanted() -> None:
    one, other = auc_of(FEW, SCORES), auc_of(FEW, [2, 3, 1, 2, 5])
    assert better_by(BOUGHT, one, other) == pytest.approx(1 / 6)
    assert better_by(LEFT, one, other) == pytest.approx(-1 / 6)
    assert better_by(BOUGHT, Auc(0, 0, {}), Auc(0, 0, {})) is None


def test_what_must_hold_of_an_auc() -> None:
    """§5, 4."""
    auc = auc_of(FEW, SCORES).auc or 0
    assert auc_of(FEW, [math.exp(one) for one in SCORES]).auc == auc
    assert auc_of(FEW, [-one for one in SCORES]).auc == pytest.approx(1 - auc)
    assert auc_of(FEW, [7] * 5).auc == 0.5
    assert auc_of(FEW[:1], [1]).auc is None


def test_wilsons_interval_at_as_many_rows_as_are_independent() -> None:
    """a: 2 of 2, b: 0 of 2; p = 1/2. v = (1 + 1) / 16 * 2 = 1/4, so n_eff = 1."""
    rows = observed((T1, "a", 1), (T2, "a", 1), (T1, "b", 0), (T2, "b", 0))
    assert effective_rows(rows) == pytest.approx(1)
    z2 = 1.959963984540054**2
    half = math.sqrt(z2) / (1 + z2) * math.sqrt(1 / 4 + z2 / 4)
    assert wilson(rows) == pytest.approx((0.5 - half, 0.5 + half))


def test_rows_that_do_not_vary_count_as_contacts() -> None:
    """n_eff = min(n, m) if v is 0 or m = 1; never more than n."""
    assert effective_rows(observed((T1, "a", 0), (T2, "a", 0), (T1, "b", 0))) == 2
    assert effective_rows(observed((T1, "a", 0), (T2, "a", 1))) == 1
    even = observed((T1, "a", 0), (T2, "a", 1), (T1, "b", 1), (T2, "b", 0))
    assert effective_rows(even) == 2
    assert wilson([]) == (None, None)


def test_one_contact_with_the_outcome_does_not_tell_how_alike_rows_are() -> None:
    """One: v = 1/36, p (1 - p) / v = 5, but 3 contacts. Two: v = 1/36, p (1 - p) / v = 8."""
    rows = [(moment, contact_id, 0) for contact_id in "abc" for moment in (T1, T2)]
    assert effective_rows(observed((T1, "a", 1), *rows[1:])) == 3
    assert effective_rows(observed((T1, "a", 0), *((*row[:2], 1) for row in rows[1:]))) == 3
    assert effective_rows(observed((T1, "a", 1), rows[1], (T1, "b", 1), *rows[3:])) == 6


def test_an_aucs_interval_is_symmetric_in_log_odds() -> None:
    """Three of four pairs; D is 1/2 for a and c, -1/2 for b and d, so the error is 1/4."""
    auc = auc_of(observed((T1, "a", 1), (T1, "b", 1), (T1, "c", 0), (T1, "d", 0)), [3, 1, 0, 2])
    assert (auc.auc, auc.error) == (0.75, pytest.approx(0.25))
    low, high = auc_interval(auc)
    assert low is not None
    assert high is not None
    assert low / (1 - low) * high / (1 - high) == pytest.approx(3 * 3)
    assert math.log(high / (1 - high) / 3) == pytest.approx(1.959963984540054 * 0.25 / 0.75 / 0.25)
    assert auc_interval(auc_of(FEW[:2], [2, 1])) == (1, 1)


def test_a_lift_and_its_error() -> None:
    """T1: rate 1/3; T2: 1/2. The band has a and b of T1, and b of T2: 2 outcomes, 7/6 expected.

    f is 2/3 and 1/2. D is a sum over rows of w y - lift (w r + f (y - r)).
    """
    inside = [True, True, False, False, True]
    lift, error = lift_and_error(FEW, inside)
    assert lift == pytest.approx(12 / 7)
    level = 12 / 7
    a = 1 - level * (1 / 3 + 2 / 3 * 2 / 3) - level * (1 / 2 * -1 / 2)
    b = -level * (1 / 3 + 2 / 3 * -1 / 3) + 1 - level * (1 / 2 + 1 / 2 * 1 / 2)
    c = -level * (2 / 3 * -1 / 3)
    assert error == pytest.approx(math.sqrt(a * a + b * b + c * c) / (7 / 6))
    assert lift_and_error(FEW, [False] * 5) == (None, None)


def test_a_rate_ratio() -> None:
    """One as-of: 2 of 3 exposed and 1 of 4 others: R = 2 * 4/7, S = 1 * 3/7, ratio 8/3.

    pi = 3 / (8/3 * 3 + 4) = 1/4. U of an exposed one 4/7 (y - 2/3), else -8/3 * 3/7 (y - 1/4).
    """
    rows = observed(*[(T1, name, int(name in "abd")) for name in "abcdefg"])
    ratio, low, high = rate_ratio(rows, [name in "abc" for name in "abcdefg"])
    squares = [(4 / 7 * (y - 2 / 3)) ** 2 for y in (1, 1, 0)]
    squares += [(8 / 7 * (y - 1 / 4)) ** 2 for y in (1, 0, 0, 0)]
    spread = math.exp(1.959963984540054 * math.sqrt(sum(squares)) / (8 / 7))
    assert (ratio, low, high) == pytest.approx((8 / 3, 8 / 3 / spread, 8 / 3 * spread))
    assert rate_ratio(rows, [name in "c" for name in "abcdefg"]) == (None, None, None)
    assert rate_ratio(rows, [True] * 7) == (None, None, None)


# §4: marts

RULES = read_rules(CONFIG)
BANDS = read_bands(CONFIG["score_bands"])


def scored(as_of: datetime, who: str, y: int, call: str = "0", view: str = "0") -> Observation:
    points = {"call": Decimal(call), "view": Decimal(view)}
    earned = {rule_id: one for rule_id, one in points.items() if one}
    return Observation(as_of, who, bool(y), {30: earned, 90: earned}, {30: earned, 90: earned})


def panel_of(
    *rows: Observation, settings: Settings = NEVER_TOO_FEW, outcome: Outcome = BOUGHT
) -> Panel:
    as_ofs = sorted({row.as_of for row in rows})
    return Panel(AS_OF, outcome, RULES, BANDS, as_ofs, list(rows), settings)


SMALL = panel_of(
    scored(T1, "a", 1, call="4"),
    scored(T1, "b", 0, call="2", view="3"),
    scored(T1, "c", 0, view="1"),
    scored(T2, "a", 1, call="2"),
    scored(T2, "b", 0),
    scored(T2, "c", 0, view="2"),
)


def test_score_performance_by_population() -> None:
    """T1: a (4) is below b (5) and above c (1); T2: a (2) above b (0), and ties with c (2)."""
    mart = score_performance(SMALL, (30, 90))
    row = mart["bought", "engagement", "all", 30]
    assert (row["as_ofs"], row["rows"], row["outcomes"], row["pairs"]) == (2, 6, 2, 4)
    assert (row["contacts"], row["contacts_with_outcome"]) == (3, 1)
    assert row["auc"] == pytest.approx(2.5 / 4)
    active = mart["bought", "engagement", "active", 30]
    assert (active["rows"], active["pairs"], active["auc"]) == (5, 3, 0.5)
    best = mart["bought", "engagement", "all", 90]
    assert (best["difference_to_best"], best["is_as_good_as_best"]) == (0, True)


def test_too_few_outcomes() -> None:
    """Fewer than 20 with, or without: no figure. Fewer than 100 with: no best."""

    def told_of(with_it: int, without: int) -> dict[str, Any]:
        rows = [scored(T1, f"w{n}", 1, call=str(n)) for n in range(with_it)]
        rows += [scored(T1, f"o{n}", 0, call=str(n)) for n in range(without)]
        found = panel_of(*rows, settings=Settings())
        return score_performance(found, (30, 90))["bought", "engagement", "all", 30]

    assert told_of(19, 20)["verdict"] == told_of(20, 19)["verdict"] == "too few outcomes"
    assert told_of(19, 20)["auc"] is None
    assert told_of(19, 20)["rows"] == 39
    assert told_of(20, 20)["auc"] == 0.5
    assert told_of(20, 20)["difference_to_best"] is None
    assert told_of(100, 20)["is_as_good_as_best"] is True


def test_band_performance() -> None:
    """Hot from 4, warm from 1: a and b of T1 are hot; c of both and a of T2 warm; b of T2 none."""
    mart = band_performance(SMALL)
    counts = {key[2]: (row["rows"], row["outcomes"], row["contacts"]) for key, row in mart.items()}
    assert counts == {"hot": (2, 1, 2), "warm": (3, 1, 2), None: (1, 0, 1)}
    hot, none = mart["bought", "engagement", "hot"], mart["bought", "engagement", None]
    assert hot["expected"] == pytest.approx(2 / 3)
    assert hot["lift"] == pytest.approx(1.5)
    assert hot["share_of_outcomes"] == 0.5
    assert (hot["rate_last_quarter"], none["rate_last_quarter"]) == (None, 0)


def test_rule_evidence() -> None:
    """Without call: T1 a 0, b 3, c 1: no win; T2 a 0, b 0, c 2: a tie. So .125, and .5 by call."""
    row = rule_evidence(SMALL)["bought", "call"]
    assert (row["coverage"], row["contacts_with_outcome"]) == (3, 1)
    assert row["auc_without"] == pytest.approx(0.125)
    assert row["auc_change"] == pytest.approx(0.5)
    assert row["share_of_points"] == pytest.approx(8 / 14)
    assert rule_evidence(SMALL)["bought", "opened"]["verdict"] == "never earned"
    left = replace(SMALL, outcome=LEFT)
    assert rule_evidence(left)["left", "call"]["auc_change"] == pytest.approx(-0.5)


def test_a_rule_that_is_the_outcome_is_left_out() -> None:
    """§5, 10: here it gives the points that predict best."""
    called = replace(SMALL, outcome=replace(BOUGHT, event_type="call"))
    assert rule_evidence(called)["bought", "call"]["verdict"] == "is the outcome"
    assert [str(one) for one in called.scores("engagement")] == ["0", "3", "1", "0", "0", "2"]
    assert score_performance(called, (30,))["bought", "engagement", "all", 30]["auc"] == 0.125


def panel_with(
    activities: list[CSV], rules: list[CSV] | None = None, as_ofs: int = 1, **raw: list[CSV]
) -> Panel:
    config = CONFIG | ({"scoring_rules": rules} if rules else {})
    settings = replace(NEVER_TOO_FEW, evaluation_as_ofs=as_ofs)
    past = Past({"contacts": CONTACTS, "activities": activities, **raw}, config, AS_OF, settings)
    return panel(past, read_outcomes(config)[0])


def test_half_lives_change_who_is_ahead() -> None:
    """ann called twice long ago, bob once just now; ann buys."""
    calls = [call("2026-02-01"), call("2026-02-02"), call("2026-03-18", "bob")]
    found = panel_with([*calls, purchase("2026-03-20")])
    mart = half_life_performance(found)
    assert {key[2]: row["auc"] for key, row in mart.items()} == {
        half_life: float(half_life in (None, 60)) for half_life in HALF_LIVES
    }
    assert mart["bought", "engagement", 3]["difference_to_none"] == -1


def test_what_ifs_on_all_rows() -> None:
    """Capped at 5, three calls of ann tie with bob's five views, and beat four."""
    rules = [
        {"rule_id": "call", "event_type": "call", "points": "2"},
        {"rule_id": "met", "event_type": "met", "points": "1"},
    ]
    calls = [call(f"2026-03-0{day}") for day in (1, 2, 3)]
    met = [event(f"m{n}", "met", "2026-03-01", contact_id="bob") for n in range(5)]
    mart = rule_what_ifs(panel_with([*calls, *met, purchase("2026-03-20", "bob")], rules))
    changes = {key[1:]: row["auc_change"] for key, row in mart.items()}
    assert changes["call", "max_points 5"] == 0.5
    assert changes["call", "max_points 10"] == 0
    assert changes["call", "points x 0"] == changes["call", "points x 0.5"] == 1
    assert changes["met", "points x 2"] == 1


def test_folds_are_of_the_contact() -> None:
    """md5('fold:a') begins 0ccd0405: 214762501 mod 5 = 1."""
    assert fold_of("a") == 214762501 % 5 == 1


def test_a_change_is_chosen_on_other_people_and_times() -> None:
    """Who is called twice a week will buy, who is met three times will not, early and late.

    With calls doubled the buyers are above all others, and tie only with those who buy later.
    """
    names = [f"n{number}" for number in range(40)]
    contacts: list[CSV] = [{"contact_id": name} for name in names]
    rules = [
        {"rule_id": "call", "event_type": "call", "points": "1"},
        {"rule_id": "met", "event_type": "met", "points": "1"},
    ]
    activities = []
    for number, name in enumerate(names):
        kind, times = ("call", 2) if number % 2 else ("met", 3)
        for week in range(16):
            for one in range(times):
                at = ago(days=7 * week + 13 + one)
                activities.append(event(f"{kind} {name} {at}", kind, at, contact_id=name))
    activities += [
        purchase(ago(days=7 * (number // 4) + 10), name)
        for number, name in enumerate(names)
        if number % 2
    ]
    found = panel_with(activities, rules, as_ofs=10, contacts=contacts)
    mart = rule_what_ifs(found)
    row = mart["bought", "call", "points x 2"]
    (base, tried) = (buyers_ahead(found, wins) for wins in (0, 2))
    assert row["auc_change"] == pytest.approx(tried - base)
    assert row["unseen_change"] > 0.5
    assert row["is_suggested"]
    worse = mart["bought", "met", "points x 4"]
    assert (worse["unseen_change"], worse["is_suggested"]) == (0, False)


def buyers_ahead(found: Panel, wins: int) -> float:
    """The AUC where buyers tie with buyers, and win so many halves against the others."""
    pairs = halves = 0
    for one, other in itertools.product(found.rows, repeat=2):
        if one.as_of == other.as_of and one.y and not other.y:
            pairs += 1
            halves += 1 if int(other.contact_id[1:]) % 2 else wins
    return halves / 2 / pairs


def test_capacity_shares_ties() -> None:
    """Two calls: one for 5, and half of one for each of two with 3, of whom one buys."""
    rows = observed((T1, "a", 1), (T1, "b", 1), (T1, "c", 0), (T1, "d", 1))
    scores = [Decimal(one) for one in (5, 3, 3, 0)]
    assert top_calls(zip(rows, scores, strict=True), 2) == (3, 2, 1.5)
    assert top_calls(zip(rows, scores, strict=True), 9) == (0, 4, 3)
    row = capacity_thresholds(SMALL)["bought", "engagement", 25]
    assert row["min_score"] == 0.5  # of 1 and 0
    assert (row["precision"], row["captured"]) == (pytest.approx(2 / 6), 1)


def test_what_was_said_then() -> None:
    history = [
        {
            "contact_id": who,
            "score_name": "engagement",
            "status": status,
            "band": band,
            "valid_from": THEN - since * DAY,
            "valid_to": until and THEN + until * DAY,
        }
        for who, status, band, since, until in (
            ("ann", "active", "warm", 9, 1),
            ("ann", "active", "hot", -1, None),
            ("bob", "disqualified", None, 9, None),
        )
    ]
    raw = {"contacts": CONTACTS, "activities": [purchase("2026-03-20")]}
    past = Past(raw, CONFIG, AS_OF, ONE)
    mart = said_performance(past, panel(past, read_outcomes(CONFIG)[0]), history)
    counts = {key[2]: (row["rows"], row["outcomes"]) for key, row in mart.items()}
    assert counts == {"hot": (0, 0), "warm": (1, 1), None: (0, 0)}
    history[0]["band"] = "tepid"  # which is no band today
    mart = said_performance(past, panel(past, read_outcomes(CONFIG)[0]), history)
    assert {key[2]: row["rows"] for key, row in mart.items()} == {
        "hot": 0, "warm": 0, "tepid": 1, None: 0,
    }  # fmt: skip


def test_without_those_who_had_been_handed_off() -> None:
    handoffs = [{"contact_id": "a", "handed_off_at": T1}, {"contact_id": "b", "handed_off_at": T2}]
    left = without_handed_off(SMALL, handoffs).rows
    kept = [(row.as_of, row.contact_id) for row in left]
    assert kept == [(T1, "a"), (T1, "b"), (T1, "c"), (T2, "b"), (T2, "c")]


def test_a_band_changes_when_its_points_leave_the_window() -> None:
    """The window is 30 days: a call 20 days ago is out at the first grid instant 30 days after."""
    calls = [call(ago(days=20)), call(ago(days=2), "bob")]
    mart = band_forecast({"contacts": CONTACTS, "activities": calls}, CONFIG, AS_OF)
    assert list(mart) == [("engagement", "ann")]
    row = mart["engagement", "ann"]
    assert row["changes_at"] == AS_OF + 10 * DAY + timedelta(hours=12)
    assert (row["band"], row["next_band"], row["score_then"]) == ("warm", None, 0)


# All of it, on a history


@pytest.fixture(scope="module")
def history() -> dict[str, list[CSV]]:
    return told(1, 60)


SOME = Settings(evaluation_as_ofs=4, fewest_contacts=1, fewest_to_choose=1)


def test_bands_add_up_to_totals(history: dict[str, list[CSV]]) -> None:
    """§5, 3."""
    marts = evaluate(history, TOLD_CONFIG, TOLD_AS_OF, SOME, windows=(30, 90))
    totals = marts["score_performance"]
    by_score: dict[Any, list[Any]] = defaultdict(list)
    for (outcome, name, _), row in marts["band_performance"].items():
        by_score[outcome, name].append(row)
    for (outcome, name), rows in by_score.items():
        total = totals[outcome, name, "all", 30]
        assert sum(row["rows"] for row in rows) == total["rows"]
        assert sum(row["outcomes"] for row in rows) == total["outcomes"]
        if total["auc"] is not None:
            assert sum(row["expected"] for row in rows) == pytest.approx(total["outcomes"])


def test_no_row_of_later_changes_a_score_or_a_population(history: dict[str, list[CSV]]) -> None:
    """§5, 1: rows that were received at or after an as-of are replaced by other people's."""
    past = Past(history, TOLD_CONFIG, TOLD_AS_OF, SOME, (30, 90))
    for outcome in read_outcomes(TOLD_CONFIG)[::2]:
        found = panel(past, outcome)
        as_of = found.as_ofs[1]
        known = received_before(history, as_of)
        later = {
            table: [row if row in known[table] else scrambled(row, as_of) for row in rows]
            for table, rows in history.items()
        }
        other = panel(Past(later, TOLD_CONFIG, TOLD_AS_OF, SOME, (30, 90)), outcome)
        told_of = [
            [(row.contact_id, row.drivers) for row in one.rows if row.as_of == as_of]
            for one in (found, other)
        ]
        assert told_of[0] == told_of[1]


def scrambled(row: CSV, as_of: datetime) -> CSV:
    """Another row that was received no earlier."""
    kind = "email_click" if (row["event_type"] or "").startswith("email") else "page_view"
    changed_row = row | {"event_type": kind, "occurred_at": as_of.isoformat()}
    return changed_row | {"received_at": as_of.isoformat(), "email_address": "p1@x.io"}


def test_scores_are_those_of_a_full_refresh(history: dict[str, list[CSV]]) -> None:
    """§5, 2."""
    past = Past(history, TOLD_CONFIG, TOLD_AS_OF, SOME)
    outcome = next(one for one in read_outcomes(TOLD_CONFIG) if one.name == "demo")
    found = panel(past, outcome)
    as_of = found.as_ofs[1]
    marts = score(received_before(history, as_of), TOLD_CONFIG, as_of, windows=(30,))
    refreshed = {
        (row["score_name"], row["contact_id"]): row["score_60d"] for row in marts["contact_scores"]
    }
    for name in found.score_names:
        for row, points in zip(found.rows, found.scores(name, 60), strict=True):
            if row.as_of == as_of:
                assert points == refreshed[name, row.contact_id]


def test_without_a_rule_is_a_build_without_it(history: dict[str, list[CSV]]) -> None:
    """§5, 5."""
    outcome = read_outcomes(TOLD_CONFIG)[0]
    found = panel(Past(history, TOLD_CONFIG, TOLD_AS_OF, SOME, (30, 90)), outcome)
    for gone in ("open", "click", "lost"):
        left = [row for row in TOLD_CONFIG["scoring_rules"] if row["rule_id"] != gone]
        config = TOLD_CONFIG | {"scoring_rules": left}
        other = panel(Past(history, config, TOLD_AS_OF, SOME, (30, 90)), outcome)
        auc = auc_of(other.rows, other.scores("engagement")).auc
        assert rule_evidence(found)["purchase", gone]["auc_without"] == auc


def test_the_order_of_rows_changes_nothing(history: dict[str, list[CSV]]) -> None:
    """§5, 8."""
    outcomes = {"outcomes": TOLD_CONFIG["outcomes"][:1]}
    turned = {table: rows[::-1] for table, rows in history.items()}
    first, second = (
        evaluate(raw, TOLD_CONFIG | outcomes, TOLD_AS_OF, SOME, windows=(30,))
        for raw in (history, turned)
    )
    assert first == second


# §6: figures to reproduce

TRUTH_DATA = os.environ.get("TRUTH_DATA")
COURSE_WINDOWS = (1, 7, 14, 30, 60, 90)
COURSE_CONFIG: dict[str, list[CSV]] = {
    "scoring_rules": [
        {"rule_id": "view", "event_type": "page_view", "points": "1", "counts_repeats": "true"}
    ],
    "score_bands": [
        {"score_name": "engagement", "window_days": "30", "band": name, "min_score": minimum}
        for name, minimum in (("hot", "200"), ("warm", "50"), ("cold", "1"))
    ],
}
COURSE_OUTCOMES = {
    "left": (Outcome("left", "email_unsubscribe", None, 28, False, False), 26),
    "passed": (Outcome("passed", "course_passed", None, 90, True, False), 13),
}


def course_panel(folder: Path, what: str, build_as_of: datetime) -> Panel:
    """§6: a course in which every click is a point; whoever has left is disqualified.

    Nothing there comes in late, links late or is a machine's, so views are simply counted.
    """
    outcome, as_ofs = COURSE_OUTCOMES[what]
    settings = Settings(evaluation_as_ofs=as_ofs)

    def dates(query: str) -> dict[str, list[datetime]]:
        found: dict[str, list[datetime]] = defaultdict(list)
        for contact_id, at in duckdb.sql(query.replace("DIR", str(folder))).fetchall():
            found[contact_id].append(at)
        return {contact_id: sorted(times) for contact_id, times in found.items()}

    contacts = dates("select contact_id, created_at from 'DIR/contacts.parquet'")
    views = dates(
        "select contact_id, occurred_at from 'DIR/web_events.parquet' join 'DIR/identities.parquet'"
        " on identity_value = visitor_id and identity_type = 'visitor'"
    )
    left = dates(
        "select contact_id, occurred_at from 'DIR/email_events.parquet' join 'DIR/contacts.parquet'"
        " using (email_address) where event_type = 'email_unsubscribe'"
    )
    passed = dates(
        "select contact_id, occurred_at from 'DIR/activities.parquet'"
        " where event_type = 'course_passed'"
    )
    came = left if what == "left" else passed
    moments = evaluation_as_ofs(build_as_of, outcome.horizon_days, settings)
    rows = []
    for moment in moments:
        for contact_id in sorted(contacts):
            first = [found[contact_id][0] for found in (left, came) if contact_id in found]
            if any(at < moment for at in first):
                continue
            ends = moment + outcome.horizon_days * DAY
            y = contact_id in came and moment <= came[contact_id][0] < ends
            points = counted(views.get(contact_id, []), moment, COURSE_WINDOWS)
            rows.append(Observation(moment, contact_id, y, points, points))
    rules, bands = read_rules(COURSE_CONFIG), read_bands(COURSE_CONFIG["score_bands"])
    return Panel(build_as_of, outcome, rules, bands, moments, rows, settings)


def counted(
    views: list[datetime], moment: datetime, windows: Iterable[int]
) -> dict[int, dict[str, Decimal]]:
    end = bisect_left(views, moment)
    times = {window: end - bisect_left(views, moment - window * DAY) for window in windows}
    return {window: {"view": Decimal(one)} if one else {} for window, one in times.items()}


@pytest.mark.skipif(not TRUTH_DATA, reason="TRUTH_DATA names no folder with the courses of §6")
@pytest.mark.parametrize("name", ["aaa13j/left", "aaa13j/passed", "aaa14j/left", "aaa14j/passed"])
def test_the_figures_of_two_courses(name: str) -> None:
    folder = Path(TRUTH_DATA or "")
    expected = json.loads((folder / "truth_expected.json").read_text())[name]
    course, what = name.split("/")
    build_as_of = datetime.fromisoformat(expected["build_as_of"])
    found = course_panel(folder / f"oulad_aaa_20{course[3:]}", what, build_as_of)
    spans = [str(moment.date()) for moment in (found.as_ofs[0], found.as_ofs[-1])]
    assert spans == [expected["first_as_of"], expected["last_as_of"]]
    mart = score_performance(found, COURSE_WINDOWS)
    for window in COURSE_WINDOWS:
        row = mart[what, "engagement", "all", window]
        assert round(row["auc"], 6) == expected["auc"][str(window)]
        assert round(row["auc_se"], 6) == expected["se"][str(window)]
        for column in ("as_ofs", "rows", "contacts", "contacts_with_outcome", "pairs"):
            assert row[column] == expected[column]
        assert row["outcomes"] == expected["outcome_rows"]
    bands = band_performance(found)
    for band in expected["bands_30d"]:
        row = bands[what, "engagement", None if band["band"] == "none" else band["band"]]
        for column, value in band.items():
            if column == "band":
                continue
            places = 4 if column == "expected" else 6
            assert round(row[column], places) == value, (band["band"], column)
