"""Causes worked out by hand, for the brute force that score_changes is held against."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from histories import Build, Tables, batch, unite
from reference_changes import CAUSES, Input, causes, counted, engagements, owned
from reference_scorer import Erasures, collect, read_rules
from test_reference_evaluation import AS_OF, CONFIG, CONTACTS, CSV, ago, call

RULE = CONFIG["scoring_rules"][0]


def built(raw: Tables, rule: CSV, as_of: datetime) -> Input:
    config = {"scoring_rules": [rule], "score_bands": [], "machine_user_agents": []}
    return Input(Build(as_of, True, True, config), raw)


def changed(
    before: list[CSV], now: list[CSV], rule: CSV = RULE, contacts: list[CSV] = CONTACTS
) -> dict[str, object]:
    """The causes of the one change, by their names, those that are 0 left out."""
    then = built({"contacts": CONTACTS, "activities": before}, RULE, AS_OF - timedelta(hours=12))
    (row,) = causes(then, built({"contacts": contacts, "activities": now}, rule, AS_OF))
    return {cause: row[cause] for cause in CAUSES if row[cause]}


def test_causes_of_a_change() -> None:
    old, leaving = call(ago(days=5)), call(ago(days=30, hours=1))
    late, new = call(ago(days=3), received_at=ago(hours=1)), call(ago(hours=1))
    assert changed([old], [old, new]) == {"by_new": 2}
    assert changed([old], [old, late]) == {"by_late": 2}
    assert changed([leaving], [leaving]) == {"by_expired": -2}
    assert changed([leaving], [leaving, late, new]) == {"by_late": 2, "by_expired": -2, "by_new": 2}
    assert changed([old], [old], RULE | {"points": "5"}) == {"by_rules": 3}
    recent = call(ago(hours=13))
    # half a day old at the build before, as its period began at noon, and a day old now
    assert changed([recent], [recent], RULE | {"half_life_days": "0.5"}) == {
        "by_rules": Decimal(-1),
        "by_decayed": Decimal("-0.5"),
    }


def test_whose_things_are_is_a_cause() -> None:
    merged = [CONTACTS[0] | {"merged_into_contact_id": "bob"}, CONTACTS[1]]
    old = call(ago(days=5))
    assert changed([old], [old], contacts=merged) == {"by_owners": 2}


def test_causes_add_up_from_the_build_before_to_this_one() -> None:
    """§5, 7, on random histories of two builds: both ends are the reference scorer's drivers."""
    for start in range(20, 28):
        builds, histories = batch(start, 3, builds=2)
        then, now = (Input(build, raw) for raw, build in zip(unite(histories), builds, strict=True))
        for one in (then, now):
            events = engagements(one.build, one.raw)
            owned(events, one)
            rules = read_rules(one.build.config)
            drivers = counted(events, rules, now.windows(), one.as_of)
            assert drivers == drivers_of_build(one, now.windows())
        for row in causes(then, now):
            assert sum(row[cause] for cause in CAUSES) == row["change"] != 0


def drivers_of_build(one: Input, windows: dict[str, int]) -> dict[object, Decimal]:
    told = one.build
    needed = {*(days for days in windows.values() if days), 30}
    facts = collect(
        one.raw, told.config, told.as_of, told.website_tracking,
        told.require_consent, told.machine_click_seconds, needed, Erasures(),
    )  # fmt: skip
    return {
        key: driver.points
        for window, drivers in facts.drivers.items()
        for key, driver in drivers.items()
        if (windows.get(key[0]) or 30) == window
    }
