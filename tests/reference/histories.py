"""Random builds and histories for the parity tests, as hypothesis strategies.

A history is what arrives in a handful of raw tables before a build, or before each of several over
one database. It is small and made to collide: few addresses, links, messages and times, most of
them at the edge of something. A row may come in however late (§5), so what arrives before a later
build is often older than all that the builds before it have read. Its ids are bare; `unite` puts
each history into an id space of its own, so that one build can judge many.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any, TypeVar

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from reference_scorer import ACTOR_COLUMNS, COLUMNS, time, trimmed

Text = str | None
Row = dict[str, Text]
Tables = dict[str, list[Row]]
History = list[Tables]  # what arrives before each build; rows stay where they are
Thing = TypeVar("Thing")

SECOND = timedelta(seconds=1)
HALF_DAY = timedelta(hours=12)
TICK = timedelta(microseconds=1)

AS_OFS = (
    datetime(2026, 4, 1, 12),
    datetime(2026, 3, 1),
    datetime(2024, 2, 29, 12),
    datetime(2026, 1, 1),
)
BLANKS = ("", " ", "\t\n", "\u00a0", "\u2003 ", "\u200b", "\ufeff \u2060", "\u200d\u200c", None)
INVISIBLE = ("\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\ufeff ")
UNREADABLE = (
    "yesterday", "now", "infinity", "-infinity", "epoch", "NaN", "soon", "1767225600",
    "2026-02-30", "2025-02-29", "2026-13-01", "2026-1-1", "26-01-01", "0000-01-01", "20260301",
    "2026-03-01T10", "2026-03-01T25:00", "2026-03-01T10:61", "2026-03-01T23:59:60",
    "2026-03-01T24:01", "2026-03-01 10:00 PM", "2026-03-01 (BC)", "2026-03-01Z",
    "2026-03-01T10:00:00+24:00", "2026-03-01T10:00:00+9", "2026-03-01T10:00:00 Europe/Berlin",
    "2026-03-01 10:00:00UTC", "2026-03-01 10:00:00 GMT", "2026-03-01 UTC",
    "2026-03-01 10:00:00Z UTC", "2026-03-01 10:00:00+00:00 UTC", "2026-03-01\u200b10:00",
    "2026-03-01T10:00:00.Z", "2026-03-01T10:00:00,5", "+2026-03-01", "12026-03-01",
    "\u0662\u0660\u0662\u0666-03-01", "0001-01-01T00:00:00+01:00",
)  # fmt: skip
FAR_TIMES = ("0001-01-01", "1969-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.9999999")
ZONES = (("", 0), ("", 0), ("", 0), ("Z", 0), ("z", 0), (" UTC", 0), (" UTC", 0), ("+00:00", 0),
         ("+02:00", 120), ("-0530", -330), ("+05:45", 345), ("-11", -660),
         ("+23:59", 1439))  # fmt: skip
DELETIONS = ("2020-01-01", "2020-01-01", "2999-01-01T00:00Z", "soon")
EDITS = (
    "points",
    "rule",
    "conditions",
    "fit",
    "grades",
    "grades",
    "bands",
    "bands",
    "readiness",
    "readiness",
    "disqualification",
    "machines",
)
STEPS = (1, 1, 1, 2, 2, 3, 4, 6, 14, 60)  # in half days, from one as-of to a newer one
TRUTHS = ("true", "TRUE", "t", "T", "Yes", "1", " true ", "yes\u00a0", "tRuE\t", "\ufeff1\u200b")
UNTRUTHS = ("false", "", "0", "no", "y", "on", "2", "-1", "True.", "t\u200brue", "ja", None)

TEXTS = (  # of links, pages, campaigns and details; each near to being another
    "https://x.io/a_b", "https://x.io/aXb", "https://x.io/a%b", "https://x.io/A_B",
    "https://x.io/it's", 'https://x.io/"q"', "https://x.io/\u00fcn\u00ef?q=1,2", "https://x.io/",
    "100%", "100x", "a\\b", "a\\_b", "%", "_", "caf\u00e9", "cafe\u0301", "\U0001f600 smile",
    "two\nlines", " padded ", "\u200bunseen\ufeff", "null",
)  # fmt: skip
NAMES = (
    None, "Ann", 'M\u00fcller, "J\u00f6"', "O'Brien\nJr", "50% \\n", "\u674e\u96f7", "  ", "",
    "null", "=1+1", "\U0001d518 \U0001f600", " padded ", "\u200b", "\ufeffunseen", "-",
    "o'brien\u00a0\u2003 JR", "M\u00dcLLER,\t\"J\u00f6\"", "ANN",
)  # fmt: skip
CONTACT_IDS = ("c1", "c2", "C2", "\u00e73", " c4", "c'5", "\ufeffc1", "c2\u200b")
ADDRESSES = ("ann@x.io", "bob@x.io", "j\u00f6rg@x.io", "o'x%_@x.io", "li@x.io")
VISITORS = ("v1", "V1", "v 2", "\u00fc3", "v1\u200d")
MESSAGES = ("m1", "m2", "M1", "m1\u2060")
# of fit rules, and in the raw table attributes; some are columns of contacts as well
FIT_NAMES = ("", "suits", "passend 'x'", "  ")
ATTRIBUTES = (
    "job_title", "country", "company_name", "owner", "phone", "full_name", "email_domain", "list",
    "list", "employees", "employees", "employees", "Employees", "industry",
)  # fmt: skip
ATTRIBUTE_VALUES = ("5", "10", " 7", "7.0", "-2", "about 5", "1e3", "", "  ", "Stra\u00dfe", "A")
ACCOUNTS = ("a1", "a1", "A1", "a 2", " a1", "", None, None)
LISTS = ("l1", "L1", "l,2")
USER_AGENTS = (None, "", "Mozilla/5.0", "a 100%_BOT!", "a 100 xbot", "\u00dcN\u00cf x", "it's\\")
PATTERNS = ("bot", "100%_Bot", "\u00fcn\u00ef", "'", "\\", " bot", "mozilla/5.0", "_")
SCORE_NAMES = ("", "engagement", "fit", "\u00c4rger 'x'", "  ")

EVENT_TYPES = {
    "email_events": (
        "email_open", "email_click", "email_click", "email_sent", "email_delivered",
        "email_deferred", "email_reply", "email_hard_bounce", "email_soft_bounce",
        "email_unsubscribe", "email_resubscribe", "email_spam_complaint",
    ),
    "web_events": ("page_view", "page_view", "form_submission"),
    "activities": ("call", "sales_rejected", "x", "email_click", "email_opened", "page_view"),
}  # fmt: skip
UNKNOWN_TYPES = {
    "email_events": (
        "email_opened", "page_view", "Email_open", "call", "email_open ", "email_open\u200b",
    ),
    "web_events": ("email_open", "page_views", "PAGE_VIEW", "call", "\ufeffpage_view"),
    "activities": (
        "Call", "7up", "_call", "call-back", "\u00e7all", "call\n", "a call", "call\u200d",
    ),
}  # fmt: skip
SCORED_TYPES = (
    "email_open", "email_open", "email_click", "email_click", "page_view", "page_view",
    "form_submission", "email_reply", "call", "call", "sales_rejected",
)  # fmt: skip
COMMON_TYPES = ("email_click", "email_click", "email_open", "page_view", "call")
RARE_TYPES = ("email_reply", "email_sent", "email_deferred", "form_submission")
DISQUALIFYING_TYPES = (
    "email_hard_bounce", "email_soft_bounce", "email_unsubscribe", "email_spam_complaint",
    "sales_rejected", "page_view", "email_open",
)  # fmt: skip
CLEARING_TYPES = (
    "email_delivered", "email_resubscribe", "page_view", "call", "email_open", "email_click",
)  # fmt: skip
READY, NOT_READY = ("true", "yes", " T "), ("false", "", "0")
POINTS = (
    "1", "1", "2", "3", "0", "0.5", "-1", "-2.25", "0.005", "0.333333", "-0.015", "10", "+3", ".5",
    " 2.",
)  # fmt: skip
FILTERED_FIELDS = {
    "email_events": (*6 * ("link_url",), *3 * ("campaign_id",), "page_url"),
    "web_events": (*9 * ("page_url",), "link_url"),
    "activities": (*9 * ("detail",), "campaign_id"),
}
OPERATORS = (
    "equals", "starts_with", "contains", "not_equals", "not_starts_with", "not_contains",
)  # fmt: skip
RULE_SETTINGS = (
    "max_points", "expires_after_days", "half_life_days", "min_times", "valid_from", "valid_to",
)  # fmt: skip
FILTER = ("match_field", "match_operator", "match_value")  # blank together or not at all
# the grid of the edges, in half days before as-of: of windows, periods, expiry and validity
EDGES = (
    -2, -1, 0, 1, 1, 1, 2, 2, 2, 3, 4, 5, 13, 14, 14, 15, 28, 59, 60, 60, 61, 90, 120, 178, 179,
    180, 180, 181, 900,
)  # fmt: skip
OFFSETS = (
    timedelta(0), timedelta(0), timedelta(0), SECOND, -SECOND, TICK, -TICK, 10 * SECOND,
    timedelta(hours=6), timedelta(minutes=-1),
)  # fmt: skip
DELAYS = (
    timedelta(0), timedelta(0), SECOND, timedelta(hours=1), timedelta(days=2), timedelta(days=5),
    timedelta(hours=-24), timedelta(hours=-24) - TICK, timedelta(hours=-24) - SECOND,
    timedelta(hours=-24) + SECOND, timedelta(hours=-1),
)  # fmt: skip
# how long before the newest as-of a row was received that comes in only now; 3 is late_load_days
LATENESS = (
    timedelta(hours=1), timedelta(days=3) - TICK, timedelta(days=3), timedelta(days=3) + TICK,
    timedelta(days=4), timedelta(days=30), timedelta(days=90), timedelta(days=365),
    timedelta(days=365), timedelta(days=2000),
)  # fmt: skip
# of a click behind a delivery, in seconds more or less than machine_click_seconds
CLICK_SECONDS = (0, 0, 0, 1, -1, -2)
# how long after it happened a row of a dense history came in
LONG_DELAYS = (
    timedelta(0), timedelta(0), SECOND, HALF_DAY, timedelta(days=1), timedelta(days=3),
    timedelta(days=8), timedelta(days=20), timedelta(days=40), timedelta(hours=-20),
)  # fmt: skip
SOONER = (TICK, SECOND, timedelta(hours=12), timedelta(days=4), timedelta(days=365))


@dataclass(frozen=True)
class Build:
    """What a build is told besides its raw tables."""

    as_of: datetime
    website_tracking: bool
    require_consent: bool
    config: Tables
    absent: tuple[str, ...] = ()  # the tables, and `table.column`s, that no history has
    full_refresh: bool = False
    machine_click_seconds: int = 5


@cache
def index_below(size: int) -> st.SearchStrategy[int]:
    """A place in a sequence; kept, for to make a strategy takes longer than to draw from it."""
    return st.sampled_from(range(size))


class Dice:
    """Choices, each drawn by hypothesis."""

    def __init__(self, draw: Callable[[st.SearchStrategy[int]], int]) -> None:
        self._draw = draw

    def number(self, smallest: int, largest: int) -> int:
        return smallest + self._draw(index_below(largest - smallest + 1))

    def of(self, options: Sequence[Thing]) -> Thing:
        return options[self._draw(index_below(len(options)))]

    def chance(self, percent: int) -> bool:
        return self.number(1, 100) > 100 - percent

    def some(self, options: Sequence[Thing], smallest: int, largest: int) -> list[Thing]:
        """Different ones, by place, in a random order."""
        left, wanted = list(options), self.number(smallest, largest)
        return [left.pop(self.number(0, len(left) - 1)) for _ in range(wanted)]

    def spelled(self, moment: datetime) -> str:
        """A time as one of the many texts that it can be read from."""
        zone, minutes = self.of(ZONES)
        local = moment + timedelta(minutes=minutes)
        written = local.isoformat(sep=self.of("TTT t"), timespec="microseconds")
        if not local.microsecond:
            written = written[: 16 if not local.second and self.chance(30) else 19]
        elif self.chance(30):
            written = written.rstrip("0")
        elif self.chance(30):
            written += self.of(("9", "5", "999", "000999"))
        if not zone and local.time() == datetime.min.time() and self.chance(40):
            return local.date().isoformat()
        if self.chance(5):
            return self.of((" ", *INVISIBLE)) + written + zone + self.of(("\t", *INVISIBLE))
        return written + zone


# Builds -------------------------------------------------------------------------------------


def source_of(event_type: str) -> str:
    """The raw table in which an event of a type is expected."""
    return {"email": "email_events", "page": "web_events", "form": "web_events"}.get(
        event_type.partition("_")[0], "activities"
    )


def filter_of(dice: Dice, event_type: str, operator: str) -> Row:
    """A filter of a rule: of a text that histories have, or nearly."""
    value = dice.of(TEXTS)
    begin = dice.number(0, len(value) - 1) if operator.endswith("contains") else 0
    end = len(value) if operator.endswith("equals") else dice.number(begin + 1, len(value))
    part = value[begin:end]
    if not trimmed(part):
        part = value
    if dice.chance(50):
        part = dice.of((part.swapcase(), f"{part}%", f"%{part}", f"{part}_", part[:-1] + "_"))
    if part.lower() == "null":
        # as a seed of dbt's own, which PostgreSQL and Spark load, that is a blank cell
        part = part[:-1]
    field = dice.of(FILTERED_FIELDS[source_of(event_type)])
    return {"match_field": field, "match_operator": operator, "match_value": part}


def nearly(value: str) -> tuple[str, ...]:
    """Texts that a filter finds, if it is read rightly, or finds only if it is not."""
    wild = value.replace("%", "yy").replace("_", "y")
    return value, value.swapcase(), f"x{value}", f"{value}x", wild, f"x{wild}", f"{wild}x"


def setting_of(dice: Dice, kind: str, event_type: str, as_of: datetime) -> Row:
    """One thing that a rule may say beyond its event type and its points."""
    match kind:
        case _ if kind in OPERATORS:
            return filter_of(dice, event_type, kind)
        case "min_times":
            return {kind: dice.of(("1", "2", "2", "3", " 02 "))}
        case "max_points":
            return {kind: dice.of(("0.004", "0.01", "1", "2.5", "3", "10", "1.005"))}
        case "expires_after_days":
            return {kind: dice.of(("0.25", "0.5", "1", "1.5", "7", "30", "90", "120"))}
        case "half_life_days":
            return {kind: dice.of(("0.1", "0.5", "1", "7", "30", "45.5", "1000"))}
        case "valid_from" | "valid_to":
            bound = as_of - dice.of(EDGES) * HALF_DAY + dice.of(OFFSETS)
            return {kind: dice.spelled(bound)}
    return {}


def scoring_rule(
    dice: Dice, rule_id: str, score_names: Sequence[str], as_of: datetime, *kinds: str
) -> Row:
    """A rule of one kind, or of several; none or one of them is a bound of its validity."""
    event_type = dice.of(SCORED_TYPES if len(kinds) > 1 else COMMON_TYPES)
    row: Row = {"rule_id": rule_id, "score_name": dice.of(score_names), "event_type": event_type}
    row |= dict.fromkeys(FILTER)
    row["points"] = dice.of(POINTS)
    row |= {"counts_repeats": dice.of(("", "false", "true", "TRUE", "Yes", "1", " t ", "0", "no"))}
    row |= dict.fromkeys((*RULE_SETTINGS, "description"))
    for kind in kinds:
        row |= setting_of(dice, kind, event_type, as_of)
    if not row["half_life_days"] and dice.chance(5):
        row["points"] = dice.of(("1000000", "-1000000", "999999.999999", "-0.000001"))
    return row


def mixed_rule(dice: Dice, rule_id: str, score_names: Sequence[str], as_of: datetime) -> Row:
    kinds = [kind for kind in RULE_SETTINGS[:4] if dice.chance(30)]
    kinds += [dice.of(OPERATORS)] if dice.chance(50) else []
    kinds += [dice.of(("valid_from", "valid_to"))] if dice.chance(30) else []
    return scoring_rule(dice, rule_id, score_names, as_of, "mixed", *kinds)


def conditions(dice: Dice, rules: Sequence[Row]) -> list[Row]:
    """Further conditions of some rules: none of two is twice the same."""
    rows = [
        {"rule_id": rule["rule_id"]} | filter_of(dice, rule["event_type"] or "", dice.of(OPERATORS))
        for rule in rules
        for _ in range(dice.of((0, 0, 0, 0, 1, 1, 2)))
    ]
    return list({tuple(row.values()): row for row in rows}.values())


def fit_rules(dice: Dice, score_names: Sequence[str]) -> list[Row]:
    """Rules of who somebody is, under names that no scoring rule feeds."""
    fed = {name.strip() or "engagement" for name in score_names}
    names = [name for name in FIT_NAMES if (name.strip() or "fit") not in fed]
    rows: list[Row] = []
    kinds = (*OPERATORS, "is_known", "is_unknown", "at_least", "at_most")
    # one of each, which much is seen through
    for number, operator in enumerate((*kinds, *dice.some(kinds, 0, 6))):
        attribute = dice.of(ATTRIBUTES)
        row: Row = {"rule_id": f"f{number}", "score_name": dice.of(names), "attribute": attribute}
        value = dice.of(
            {"list": (*LISTS, *NAMES), "email_domain": ("x.example", "example")}.get(
                attribute, NAMES if attribute in ATTRIBUTES[:6] else ATTRIBUTE_VALUES
            )
        )
        if operator in ("at_least", "at_most"):
            value = dice.of(("0", "5", "7", "-1.5", "10", " 7 "))
        elif not trimmed(value or "") or (value or "").lower() == "null":
            value = "a"
        elif dice.chance(30):
            value = (value or "").swapcase()
        row |= {"match_operator": operator, "points": dice.of(POINTS)}
        row["match_value"] = None if operator.startswith("is_") else value
        rows.append(row)
    return rows


def fit_bands(dice: Dice, rules: Sequence[Row]) -> list[Row]:
    """Bands of most fit scores: they have no window."""
    rows: list[Row] = []
    for name in sorted({(rule["score_name"] or "").strip() or "fit" for rule in rules}):
        minima = dice.some(("-5", "0", "0.01", "0.5", "1", "2.0", "3.5"), 1, 3)
        for band, minimum in zip(("A", "B", "C"), minima, strict=False):
            rows.append({"score_name": name, "window_days": None, "band": band})
            rows[-1] |= {"min_score": minimum, "is_sales_ready": None}
    return rows if dice.chance(80) else []


def lead_grades(dice: Dice, rules: Sequence[Row], bands: Sequence[Row]) -> list[Row]:
    """Grades of one to three pairs of a fit score and another, most of their bands among them."""
    scores = sorted({(rule["score_name"] or "").strip() or "engagement" for rule in rules})
    fits = sorted({band["score_name"] or "" for band in bands if not band["window_days"]})
    rows: list[Row] = []
    if not fits or dice.chance(20):
        return rows
    for fit, name in sorted({(dice.of(fits), dice.of(scores)) for _ in range(3)}):
        bands_of = {
            one: [
                None,
                *(band["band"] for band in bands if (band["score_name"] or "").strip() == one),
            ]
            for one in (fit, name)
        }
        if name == "engagement":
            blank = [band["band"] for band in bands if not (band["score_name"] or "").strip()]
            bands_of[name] += blank
        for fit_band in bands_of[fit]:
            for band in bands_of[name]:
                if dice.chance(80):
                    row: Row = {"fit_score_name": fit, "fit_band": fit_band, "score_name": name}
                    row |= {"band": band, "grade": dice.of(("A1", "A2", "b", "\u00e9", "C3"))}
                    rows.append(row | {"is_sales_ready": dice.of(READY + NOT_READY)})
    return rows


def sound_grades(config: Tables) -> list[Row]:
    """The grades whose scores have rules, and whose bands there are."""

    def named(row: Row, column: str, default: str) -> str:
        return (row[column] or "").strip() or default

    fed = {named(rule, "score_name", "engagement") for rule in config["scoring_rules"]}
    fits = {named(rule, "score_name", "fit") for rule in config.get("fit_rules", [])}
    bands = {(named(row, "score_name", "engagement"), row["band"]) for row in config["score_bands"]}
    return [
        row
        for row in config.get("lead_grades", [])
        if (fit := named(row, "fit_score_name", "fit")) in fits
        and (name := named(row, "score_name", "engagement")) in fed
        and (row["fit_band"] is None or (fit, row["fit_band"]) in bands)
        and (row["band"] is None or (name, row["band"]) in bands)
    ]


def disqualification_rules(dice: Dice) -> list[Row]:
    return [
        {
            "event_type": event_type,
            "min_occurrences": dice.of(("1", "1", "2", "3", " 02 ")),
            "applies_to": dice.of(("current_address", "contact")),
            "cleared_by": dice.of((" ", " ", "  ")).join(dice.some(CLEARING_TYPES, 0, 3)),
            "description": dice.of(NAMES),
        }
        for event_type in dice.some(DISQUALIFYING_TYPES, 0, 4)
    ]


def score_bands(dice: Dice, score_names: Sequence[str]) -> list[Row]:
    """Bands of most score names, sometimes of one that no rule feeds."""
    rows: list[Row] = []
    for name in dict.fromkeys(name.strip() or "engagement" for name in (*score_names, "unfed")):
        if dice.chance(20):
            continue
        window = dice.of(("1", "2", "7", "30", "45", "90"))
        minima = dice.some(("-5", "-0.02", "0", "0.01", "0.5", "1", "2.0", "3.5", "10"), 2, 4)
        for band, minimum in zip(("warm", "hot", "hei\u00df", "it's"), minima, strict=False):
            spelled = dice.of(("", " ", name)) if name == "engagement" else name
            rows.append({"score_name": spelled, "window_days": window, "band": band})
            rows[-1] |= {"min_score": minimum, "is_sales_ready": dice.of(READY + NOT_READY)}
    return rows


def machine_user_agents(dice: Dice) -> list[Row]:
    return [
        {"pattern": pattern, "description": dice.of(NAMES)} for pattern in dice.some(PATTERNS, 0, 5)
    ]


def with_comings_and_goings(build: Build) -> Build:
    """The build with rules that disqualify for a while, besides its own."""
    rules = list(build.config["disqualification_rules"])
    named = {row["event_type"] for row in rules}
    for event_type, occurrences, applies_to, cleared_by in (
        ("email_unsubscribe", "1", "contact", "email_resubscribe call"),
        ("email_soft_bounce", "2", "current_address", "email_click email_open"),
        ("sales_rejected", "2", "contact", ""),
    ):
        row: Row = {"event_type": event_type, "min_occurrences": occurrences}
        row |= {"applies_to": applies_to, "cleared_by": cleared_by, "description": None}
        rules += [] if event_type in named else [row]
    return replace(build, config=build.config | {"disqualification_rules": rules})


def outcomes(dice: Dice, build: Build) -> list[Row]:
    """What scores should predict: most of it things that rules look at, too."""
    types = [row["event_type"] or "" for row in build.config["scoring_rules"]]
    types += [row["event_type"] or "" for row in build.config["disqualification_rules"]]
    rows: list[Row] = []
    for number in range(4):
        event_type = dice.of((*types, "email_unsubscribe", "sales_rejected"))
        row: Row = {"outcome": f"o{number}", "event_type": event_type}
        row |= filter_of(dice, event_type, dice.of(OPERATORS)) if dice.chance(40) else {}
        row |= {"horizon_days": dice.of(("1", "2", "5", " 12 ", "30")), "description": None}
        row |= {"is_wanted": dice.of(("true", "no")), "repeats": dice.of(("", "false", "yes"))}
        rows.append(row)
    return rows


def first_build(dice: Dice) -> Build:
    as_of = dice.of(AS_OFS)
    score_names = dice.some(SCORE_NAMES, 1, 3)
    rules = [
        mixed_rule(dice, f"r{number}", score_names, as_of) for number in range(dice.number(0, 5))
    ]
    for kind in ("plain", *RULE_SETTINGS, *OPERATORS):  # one of each, which much is seen through
        rules.append(scoring_rule(dice, kind, score_names, as_of, kind))
    for event_type in dice.some(RARE_TYPES, 2, 2):  # that few histories have a part in
        rule = scoring_rule(dice, f"only_{event_type}", score_names, as_of)
        rules.append(rule | {"event_type": event_type})
    fit = fit_rules(dice, score_names)
    bands = score_bands(dice, score_names) + fit_bands(dice, fit)
    optional = [f"{table}.{column}" for table, column in OPTIONAL_COLUMNS]
    absent = dice.some([*optional, *OPTIONAL_TABLES], 1, 3) if dice.chance(30) else []
    return Build(
        as_of=as_of,
        website_tracking=not dice.chance(10),
        require_consent=dice.chance(50),
        config={
            "scoring_rules": rules,
            "scoring_rule_conditions": conditions(dice, rules),
            "fit_rules": fit,
            "disqualification_rules": disqualification_rules(dice),
            "score_bands": bands,
            "lead_grades": lead_grades(dice, rules, bands),
            "machine_user_agents": machine_user_agents(dice),
        },
        absent=tuple(absent),
        machine_click_seconds=dice.of((5, 5, 5, 2, 0)),
    )


def next_as_of(dice: Dice, built: Sequence[datetime], kind: str) -> datetime:
    """A newer one, the newest again, one that was built before it, or any older one."""
    newest = max(built)
    match kind:
        case "newer":
            return newest + dice.of(STEPS) * HALF_DAY
        case "replay":
            return dice.of([as_of for as_of in built if as_of < newest])
        case "older":
            return newest - dice.of(STEPS) * HALF_DAY
    return newest


def edit(dice: Dice, kind: str, config: Tables, as_of: datetime) -> None:
    """Changes something in a config."""
    rules, bands = config["scoring_rules"], config["score_bands"]
    score_names = [rule["score_name"] or "" for rule in rules]
    match kind:
        case "points":
            dice.of(rules)["points"] = dice.of(POINTS)
        case "rule":
            place = dice.number(0, len(rules) - 1)
            rules[place] = mixed_rule(dice, rules[place]["rule_id"] or "", score_names, as_of)
        case "conditions":
            config["scoring_rule_conditions"] = conditions(dice, rules)
        case "bands":
            fit = fit_bands(dice, config["fit_rules"])
            config["score_bands"] = score_bands(dice, score_names) + fit
            config["lead_grades"] = lead_grades(dice, rules, config["score_bands"])
        case "fit":
            config["fit_rules"] = fit_rules(dice, score_names)
            others = [band for band in bands if band["window_days"]]
            config["score_bands"] = others + fit_bands(dice, config["fit_rules"])
            config["lead_grades"] = lead_grades(dice, rules, config["score_bands"])
        case "grades":
            config["lead_grades"] = lead_grades(dice, rules, bands)
        case "readiness" if bands:
            band = dice.of(bands)
            is_ready = band["is_sales_ready"] in READY
            band["is_sales_ready"] = dice.of(NOT_READY if is_ready else READY)
        case "disqualification":
            config["disqualification_rules"] = disqualification_rules(dice)
        case "machines":
            config["machine_user_agents"] = machine_user_agents(dice)


def without_a_score_name(dice: Dice, config: Tables) -> Tables:
    """The config without the rules of a score name, where another is left."""
    rules = config["scoring_rules"]
    gone = dice.of(rules)["score_name"]
    left = [row for row in rules if row["score_name"] != gone] or rules
    ids = {row["rule_id"] for row in left}
    config = config | {
        "scoring_rules": left,
        "scoring_rule_conditions": [
            row for row in config["scoring_rule_conditions"] if row["rule_id"] in ids
        ],
    }
    return config | {"lead_grades": sound_grades(config)}


@st.composite
def some_builds(draw: Callable[[st.SearchStrategy[Any]], Any], number: int) -> list[Build]:
    """As many over one database, up to 6: each is judged, so no sequence has to be shorter."""
    dice = Dice(draw)
    builds = [first_build(dice)]
    config = builds[0].config
    # a newer one first: before it, there is nothing that one of the others could undo
    kinds = ["newer", *dice.some(("newer", "again", "replay", "older"), 4, 4)]
    full_refreshes = dice.some(range(len(kinds)), 2, 2)
    for place, kind in enumerate(kinds[: number - 1]):
        as_of = next_as_of(dice, [build.as_of for build in builds], kind)
        config = {seed: [dict(row) for row in rows] for seed, rows in config.items()}
        for what in dice.some(EDITS, 0, 3):
            edit(dice, what, config, as_of)
        config["lead_grades"] = sound_grades(config)
        build = replace(builds[0], as_of=as_of, config=config)
        build = replace(build, full_refresh=place in full_refreshes)
        if dice.chance(25):
            build = replace(build, config=without_a_score_name(dice, config))
        if dice.chance(10):
            build = replace(build, require_consent=not build.require_consent)
        if dice.chance(10):
            build = replace(build, machine_click_seconds=dice.of((5, 2, 0)))
        builds.append(build)
    return builds


OPTIONAL_TABLES = (
    "identities", "email_events", "web_events", "consents", "lists", "list_memberships",
    "attributes",
)  # fmt: skip
OPTIONAL_COLUMNS = (
    ("contacts", "updated_at"), ("contacts", "merged_into_contact_id"), ("contacts", "deleted_at"),
    ("contacts", "phone"), ("identities", "linked_at"), ("email_events", "received_at"),
    ("email_events", "contact_id"),
    ("email_events", "message_id"), ("email_events", "link_url"), ("email_events", "is_machine"),
    ("email_events", "campaign_id"), ("web_events", "received_at"), ("web_events", "user_agent"),
    ("web_events", "email_click_event_id"), ("web_events", "email_address"),
    ("web_events", "page_url"), ("activities", "received_at"), ("activities", "detail"),
    ("lists", "list_name"), ("list_memberships", "added_at"), ("list_memberships", "removed_at"),
    ("attributes", "updated_at"),
)  # fmt: skip


# Histories ----------------------------------------------------------------------------------


class Story(Dice):
    """One history while it is being told; every `*_scene` adds rows to its tables."""

    def __init__(
        self, draw: Callable[[st.SearchStrategy[int]], int], first: Build, is_dense: bool = False
    ) -> None:
        super().__init__(draw)
        # more happens and changes in the weeks before the last, and rows come in long after
        self.is_dense = is_dense
        self.contact_ids = self.some(CONTACT_IDS, 1, 5)
        self.addresses = self.some(ADDRESSES, 2, 4)  # the first is nobody's but by a link
        self.visitors = self.some(VISITORS, 1, 3)
        rules = first.config["scoring_rules"]
        self.rule = self.of([row for row in rules if row["match_value"]] or rules)
        near = nearly(self.rule["match_value"]) if self.rule["match_value"] else TEXTS
        self.links = [*self.some(near, 3, 4), *self.some(TEXTS, 2, 3), None]
        self.event_count = 0
        self.changed_at = first.as_of
        self.tables: Tables = {table: [] for table in COLUMNS}  # all that has arrived
        self.last_rows: dict[str, Row] = {}  # of each contact
        self.turn_to(first)

    def turn_to(self, build: Build) -> None:
        """From here on it is told for a build: at its edges, and of what its rules look at."""
        self.as_of, self.config = build.as_of, build.config
        self.machine_click = timedelta(seconds=build.machine_click_seconds)
        self.anchors = [self.as_of - self.of(EDGES) * HALF_DAY for _ in range(self.number(1, 4))]
        bounds = [
            time(row["valid_from"] or row["valid_to"]) for row in build.config["scoring_rules"]
        ]
        self.bounds = [bound for bound in bounds if bound]
        self.dates = [self.moment() for _ in range(3)]
        configured = 5 * [self.rule["event_type"] or ""]  # one rule that it is about
        configured += [row["event_type"] or "" for row in self.config["scoring_rules"]]
        for row in self.config["disqualification_rules"]:
            configured += [row["event_type"] or "", *(row["cleared_by"] or "").split()]
        self.event_types = {
            source: [*types, *2 * [kind for kind in configured if source_of(kind) == source]]
            for source, types in EVENT_TYPES.items()
        }
        self.arriving: Tables = {table: [] for table in COLUMNS}

    # values

    def moment(self) -> datetime:
        if self.is_dense and self.chance(60):
            return self.as_of - self.number(0, 160) * HALF_DAY + self.of(OFFSETS)
        if self.chance(15):
            return self.as_of - self.number(-2, 184) * HALF_DAY + self.of(OFFSETS)
        if self.chance(8):
            return self.as_of + self.of(OFFSETS[:7])
        if self.bounds and self.chance(20):
            return self.of(self.bounds) + self.of(OFFSETS[:7])
        return self.of(self.anchors) + self.of(OFFSETS)

    def some_time(self) -> Text:
        """A time of a link, decision, membership or contact; or none. Many are equal."""
        if self.is_dense and self.chance(70):
            return self.spelled(self.moment())
        if self.chance(25):
            return self.spelled(self.as_of + self.of((-SECOND, timedelta(0), SECOND, TICK, -TICK)))
        if self.chance(35):
            return self.of((*6 * BLANKS, *UNREADABLE, *FAR_TIMES))
        return self.spelled(self.of(self.dates))

    def contact_id(self) -> Text:
        return "ghost" if self.chance(8) else self.of(self.contact_ids)

    def address(self, known: Sequence[str] = ()) -> str:
        written = "nobody@x.io" if self.chance(8) else self.of(known or self.addresses)
        if self.chance(25):
            written = self.of((written.upper(), f" {written}", f"{written}\u00a0", written.title()))
        if self.chance(10):
            unseen = self.of(INVISIBLE)
            inside = f"{written[:2]}{unseen}{written[2:]}"  # another address
            ends = f"{unseen}{written}", f"{written}{unseen}", f"{unseen}{written} {unseen}"
            written = self.of((*ends, *ends, inside))
        return written

    def event_id(self) -> Text:
        """A new one, or sometimes one that some table may have already."""
        if self.event_count and self.chance(12):
            return self.some_event_id()
        self.event_count += 1
        return self.of(("e", "e", "E", "\u00e9", " e", "e,")) + str(self.event_count)

    def some_event_id(self) -> Text:
        ids = [row["event_id"] for source in ACTOR_COLUMNS for row in self.tables[source]]
        return self.of(ids) if ids and not self.chance(10) else "ghost"

    def received_at(self, occurred_at: datetime) -> Text:
        if self.is_dense and self.chance(70):
            return self.spelled(occurred_at + self.of(LONG_DELAYS))
        if self.chance(40):
            return self.of((None, "", "soon", "2026-02-30", " "))
        return self.spelled(occurred_at + self.of(DELAYS))

    def value(self, source: str, column: str) -> Text:
        """A value for a column of an event, times left out."""
        match column:
            case "event_id":
                return self.event_id()
            case "event_type":
                return self.of(self.event_types[source])
            case "email_address":
                if source == "web_events":
                    return self.address() if self.chance(20) else None
                return None if self.chance(12) else self.address()
            case "visitor_id":
                return self.of(self.visitors)
            case "contact_id":
                if source == "email_events" and self.chance(40):
                    return None
                return self.contact_id()
            case "message_id":
                return self.of((None, *MESSAGES[:2], *MESSAGES))
            case "email_click_event_id":
                return self.some_event_id() if self.chance(25) else None
            case "user_agent":
                return self.of(USER_AGENTS) if self.chance(35) else None
            case "is_machine":
                return self.of(TRUTHS) if self.chance(12) else self.of(UNTRUTHS)
        return self.of(self.links)

    # people

    def contact_scene(self, contact_id: str) -> None:
        """A contact, perhaps in rows that disagree."""
        row: Row = {}
        for number in range(self.of((1, 1, 2, 3))):
            row = {} if number == 0 or self.chance(50) else dict(row)
            row["contact_id"] = contact_id
            current = self.address(self.addresses if self.chance(20) else self.addresses[1:])
            row["email_address"] = self.of((current, current, current, None))
            row["merged_into_contact_id"] = self.merged_into(contact_id)
            row["account_id"] = self.of(ACCOUNTS)
            row["deleted_at"] = None
            if self.chance(10):
                row["deleted_at"] = self.of(DELETIONS)
            for column in COLUMNS["contacts"]:
                if column in ("created_at", "updated_at"):
                    row.setdefault(column, self.some_time())
                else:
                    row.setdefault(column, self.of(NAMES))
            self.add_contact(contact_id, row)
        if self.chance(40):  # a row that one column tells apart from the last
            column = self.of(("full_name", "company_name", "phone", "owner", "account_id"))
            self.add_contact(contact_id, row | {column: self.of(NAMES)})

    def merged_into(self, contact_id: str, percent: int = 35) -> Text:
        """Nobody, or a contact that stands later: no loops; or the contact itself."""
        if self.chance(8):
            return contact_id
        later = self.contact_ids[self.contact_ids.index(contact_id) + 1 :]
        return self.of([*later, "ghost"]) if self.chance(percent) else None

    def change_scene(self) -> None:
        """A new row of a contact, most often its newest, in which something is different."""
        contact_id = self.of(list(self.last_rows))
        row = dict(self.last_rows[contact_id])
        self.changed_at += SECOND
        row["updated_at"] = self.spelled(self.changed_at)
        if self.chance(15):
            row["updated_at"] = self.some_time()
        match self.of(("email", "email", "merge", "merge", "merge", "delete", "delete", "call")):
            case "email":
                if old := row["email_address"]:  # what was sent to it may come in now
                    self.event("email_events", email_address=old)
                row["email_address"] = self.address()
            case "merge":
                row["merged_into_contact_id"] = self.merged_into(contact_id, 65)
            case "delete":
                row["deleted_at"] = None if row["deleted_at"] else self.of(DELETIONS)
            case _:
                row |= {"phone": self.of(NAMES), "owner": self.of(NAMES)}
        self.add_contact(contact_id, row)

    def old_address_scene(self) -> None:
        """An older row of a contact, and what its address then did, was linked to or typed in."""
        if not self.last_rows:
            return
        contact_id = self.of(list(self.last_rows))
        address, at = self.address(), self.some_time()
        row = self.last_rows[contact_id] | {"email_address": address, "updated_at": at}
        self.add("contacts", row)
        self.event("email_events", email_address=address)
        if self.chance(30):
            self.event("web_events", email_address=address)
        if self.chance(40):
            row = {"identity_type": "email", "identity_value": address}
            row |= {"contact_id": self.contact_id(), "linked_at": self.of((at, self.some_time()))}
            self.add("identities", row)

    def add_contact(self, contact_id: str, row: Row) -> None:
        self.last_rows[contact_id] = row
        self.add("contacts", row)

    def identities_scene(self) -> None:
        for _ in range(self.number(0, 4)):
            kind = self.of(("visitor", "visitor", "email", "email", "email", " email", "phone"))
            addresses = (self.addresses[0], *self.addresses)
            value = self.address(addresses) if "email" in kind else self.of(self.visitors)
            row = {"identity_type": kind, "identity_value": value, "contact_id": self.contact_id()}
            row["linked_at"] = self.some_time()
            self.add("identities", row)
            if self.chance(35):  # at the same time to somebody else
                self.add("identities", row | {"contact_id": self.contact_id()})

    def consents_scene(self) -> None:
        for _ in range(self.number(0, 4)):
            granted = self.of(TRUTHS) if self.chance(75) else self.of(UNTRUTHS)
            row = {"visitor_id": self.of(self.visitors), "is_granted": granted}
            self.add("consents", row | {"decided_at": self.some_time()})

    def lists_scene(self) -> None:
        for _ in range(self.number(0, 3)):
            self.add("lists", {"list_id": self.of(LISTS), "list_name": self.of(NAMES)})
        for _ in range(self.number(0, 5)):
            row = {"list_id": self.of(LISTS), "contact_id": self.contact_id()}
            row["added_at"] = self.some_time()
            row["removed_at"] = self.some_time() if self.chance(40) else None
            self.add("list_memberships", row)

    def attributes_scene(self) -> None:
        """What is known of contacts, some of it twice, by any of their ids."""
        for _ in range(self.number(0, 8)):
            row = {"contact_id": self.contact_id(), "attribute_name": self.of(ATTRIBUTES[8:])}
            row["attribute_value"] = self.of(ATTRIBUTE_VALUES)
            row["updated_at"] = self.some_time()
            self.add("attributes", row)

    # events

    def event(self, source: str, at: datetime | None = None, **given: Text) -> Row:
        at = at or self.moment()
        row = {"occurred_at": self.spelled(at), "received_at": self.received_at(at)}
        row |= given
        row = {
            column: row[column] if column in row else self.value(source, column)
            for column in COLUMNS[source]
        }
        self.add(source, row)
        return row

    def plain_scene(self) -> None:
        self.event(self.of(("email_events", "email_events", "web_events", "activities")))

    def rubbish_scene(self) -> None:
        """A row with one fault or several, so that the first of them has to be found."""
        source = self.of(tuple(ACTOR_COLUMNS))
        at = self.moment()
        faults: Row = {
            "event_id": self.of(BLANKS),
            "occurred_at": self.of((*BLANKS, *UNREADABLE, *FAR_TIMES)),
            ACTOR_COLUMNS[source][1]: self.of(BLANKS),
            "event_type": self.of((*UNKNOWN_TYPES[source], *BLANKS)),
            "received_at": self.spelled(at - timedelta(days=1) - self.of((SECOND, TICK))),
        }
        chosen = self.some(list(faults), 1, 3)
        self.event(source, at, **{column: faults[column] for column in chosen})

    def redelivery_scene(self) -> None:
        """A copy of an event, with some columns, and perhaps its times, told differently."""
        source = self.of(tuple(ACTOR_COLUMNS))
        if not self.tables[source]:
            return
        row = dict(self.of(self.tables[source]))
        for column in self.some(COLUMNS[source][1:], 0, 3):
            if column == "occurred_at":
                row[column] = self.spelled(self.moment())
            elif column == "received_at":
                row[column] = self.received_at(self.moment())
            else:
                row[column] = self.value(source, column)
        self.add(source, row)

    def twin_scene(self) -> None:
        """An event in two copies that only one column tells apart, and a repeat of one of them."""
        source = self.of(("email_events", "email_events", "web_events", "activities"))
        row = self.event(source)
        column = self.of([name for name in COLUMNS[source][1:] if not name.endswith("_at")])
        if source == "email_events":
            column = self.of((column, "message_id", "link_url", "campaign_id"))
        others = TRUTHS if column == "is_machine" else (None, *2 * (self.value(source, column),))
        twin = row | {column: self.of(others)}
        self.add(source, twin)
        if source == "email_events":
            self.add(source, self.of((row, twin)) | {"event_id": self.event_id()})

    def repeat_scene(self) -> None:
        """Another event with the same thing done, received at the same time or another."""
        if not self.tables["email_events"]:
            return
        row = dict(self.of(self.tables["email_events"]))
        row["event_id"] = self.event_id()
        if self.chance(50):
            at = self.moment()
            row |= {"occurred_at": self.spelled(at), "received_at": self.received_at(at)}
        if self.chance(20):
            row["link_url"] = self.of(BLANKS)
        self.add("email_events", row)

    def burst_scene(self) -> None:
        """Clicks on three links of a message in a span of ten seconds, or just longer."""
        at = self.moment()
        address, message = self.address(), self.of(MESSAGES)
        length = self.of((10 * SECOND, 10 * SECOND + TICK, 10 * SECOND - TICK))
        steps = [timedelta(0), self.of((timedelta(0), 5 * SECOND)), length]
        for step in [*steps, 14 * SECOND][: self.of((3, 3, 4))]:
            click: Row = {"event_type": "email_click", "message_id": message}
            click |= {"email_address": address, "link_url": self.of(self.links)}
            if step <= length and self.chance(80):
                click["link_url"] = self.links[steps.index(step) if step != length else 2]
            self.event("email_events", at + step, **click, is_machine=None, user_agent=None)

    def delivery_scene(self) -> None:
        """A message that comes in, perhaps twice, and a click on it in seconds, or just later."""
        at = self.moment()
        same: Row = {"email_address": self.address(), "message_id": self.of(MESSAGES)}
        for _ in range(self.of((1, 1, 2))):
            machine = self.of((None, None, None, *TRUTHS[:1]))
            self.event("email_events", at, event_type="email_delivered", is_machine=machine, **same)
            at += self.of((SECOND, -SECOND, 4 * SECOND, timedelta(hours=1)))
        for _ in range(self.of((1, 1, 2))):
            clicked_at = at + self.machine_click + self.of(CLICK_SECONDS) * SECOND
            clicked_at += self.of((timedelta(0), timedelta(0), TICK, -TICK))
            if self.chance(15):
                clicked_at = at - self.of((timedelta(0), TICK, SECOND))
            row = self.event("email_events", clicked_at, event_type="email_click", **same)
            if self.chance(25):
                self.event("web_events", email_click_event_id=row["event_id"])

    def doubtful_scene(self) -> None:
        """A click that is a machine's, or no longer, once a delivery or other clicks come in.

        And the same click again, which is a repeat for as long as the first is a person's.
        """
        at = self.moment() - timedelta(days=2)
        same: Row = {"email_address": self.address(self.addresses), "message_id": MESSAGES[0]}
        mail: Row = {"event_type": "email_delivered", **same}
        click: Row = {"event_type": "email_click", "is_machine": None, "user_agent": None, **same}
        clicked_at = at + self.machine_click
        days = [timedelta(days=self.number(0, 12)) for _ in range(5)]
        if self.chance(70):
            received = {"received_at": self.spelled(at + days[0])}
            self.event("email_events", at, **mail, **received)
        if self.chance(50):
            before = at - self.of((TICK, SECOND, timedelta(hours=1)))
            self.event("email_events", before, **mail, received_at=self.spelled(at + days[1]))
        links = self.links[: self.of((1, 1, 3))]
        for link, delay in zip(links, days[2:], strict=False):
            received = {"received_at": self.spelled(clicked_at + delay), "link_url": link}
            row = self.event("email_events", clicked_at, **click, **received)
        if self.chance(50):
            self.event("web_events", clicked_at, email_click_event_id=row["event_id"])
        for _ in range(self.number(0, 2)):
            again = clicked_at + self.of((HALF_DAY, timedelta(days=1), timedelta(days=6)))
            received = {"received_at": self.spelled(again + days[2]), "link_url": links[0]}
            self.event("email_events", again, **click, **received)

    def conflict_scene(self) -> None:
        """An id that its tool gives to every event of a kind, or of a message."""
        source = self.of(("email_events", "email_events", "web_events", "activities"))
        row = self.event(source)
        actor = ACTOR_COLUMNS[source][1]
        for _ in range(self.number(1, 3)):
            copy = dict(row)
            for column in self.of(((actor,), (actor,), ("event_type",), (actor, "event_type"))):
                copy[column] = self.value(source, column)
            if self.chance(40):
                at = self.moment()
                copy |= {"occurred_at": self.spelled(at), "received_at": self.received_at(at)}
            self.add(source, copy)

    def tablet_scene(self) -> None:
        """A visitor whom several people use, each with an address of theirs."""
        visitor, at = self.of(self.visitors), self.moment()
        if self.chance(60):
            row = {"visitor_id": visitor, "is_granted": "true", "decided_at": None}
            self.add("consents", row)
        for _ in range(self.number(2, 5)):
            at += self.of((timedelta(0), SECOND, timedelta(minutes=1), HALF_DAY))
            kind = self.of(("form_submission", "form_submission", "page_view"))
            typed = self.address()
            self.event("web_events", at, visitor_id=visitor, email_address=typed, event_type=kind)
        for _ in range(self.number(0, 2)):
            self.event("web_events", visitor_id=visitor, email_address=None)

    def landing_scene(self) -> None:
        """A click, or what is none, and a visit that names it; a machine may have made either."""
        kind = self.of((*5 * ("email_click",), "email_open", "email_unsubscribe"))
        click = self.event("email_events", event_type=kind)
        user_agent = self.of((None, None, *USER_AGENTS))
        clicked = click["event_id"]
        self.event("web_events", email_click_event_id=clicked, user_agent=user_agent)

    def standing_scene(self) -> None:
        """As many events as disqualify, or one fewer or more, and what clears them."""
        rules = self.config["disqualification_rules"]
        if not rules:
            return
        rule = self.of(rules)
        at = self.as_of if self.chance(20) else self.moment()
        same = {"email_address": self.of(self.addresses), "contact_id": self.of(self.contact_ids)}
        occurrences = int(rule["min_occurrences"] or "") + self.number(-1, 1)
        kinds = [rule["event_type"]] * occurrences
        if (clearing := (rule["cleared_by"] or "").split()) and self.chance(50):
            kinds.insert(self.number(0, len(kinds)), self.of(clearing))
        messages = self.of((None, MESSAGES[:1], MESSAGES[:2]))  # any, the retries of one, or two
        in_order = self.chance(50)
        for kind in kinds:
            source = source_of(kind or "")
            columns = {name: text for name, text in same.items() if name in COLUMNS[source]}
            if source == "email_events" and messages:
                columns["message_id"] = self.of(messages)
                if self.chance(20):
                    columns["email_address"] = self.of(self.addresses)
            if source == "email_events" and self.chance(25):
                columns["email_address"] = None
            offset = self.of((timedelta(0), timedelta(0), SECOND, -SECOND, TICK))
            at += abs(offset) if in_order else timedelta(0)
            self.event(source, at if in_order else at + offset, event_type=kind, **columns)

    # what comes in late

    def known_rows(self, source: str) -> list[Row]:
        """The rows of a raw table that a build before this one has read."""
        arriving = {id(row) for row in self.arriving[source]}
        return [row for row in self.tables[source] if id(row) not in arriving]

    def late_scene(self) -> None:
        """A row that was received long before those that are known."""
        source = self.of(("email_events", "email_events", "web_events", "activities"))
        received = self.as_of - self.of(LATENESS) + self.of(OFFSETS)
        at = received - self.of((timedelta(0), timedelta(0), SECOND, timedelta(days=2)))
        if self.chance(30):  # of a time that windows look at
            at = min(self.moment(), received + timedelta(days=1))
        given = {"received_at": self.spelled(received)}
        named = [row["email_click_event_id"] for row in self.tables["web_events"]]
        named = [event_id for event_id in named if event_id]
        if source == "email_events" and named and self.chance(30):  # visits that name it are known
            given |= {"event_id": self.of(named), "event_type": "email_click"}
        self.event(source, at, **given)

    def late_delivery_scene(self) -> None:
        """The delivery of a message on which a click is known already."""
        clicks = [
            (row, at)
            for row in self.tables["email_events"]
            if row["event_type"] == "email_click"
            and row["message_id"]
            and (at := time(row["occurred_at"]))
            and 1900 < at.year < 2900
        ]
        if not clicks:
            return
        row, at = self.of(clicks)
        at -= self.machine_click + self.of(CLICK_SECONDS) * SECOND
        same = {name: row[name] for name in ("email_address", "message_id")}
        self.event("email_events", at, event_type="email_delivered", **same)

    def earlier_copy_scene(self) -> None:
        """A copy of a known event that was received before it: the one that counts, from now on."""
        source = self.of(tuple(ACTOR_COLUMNS))
        known = self.known_rows(source)
        if not known:
            return
        row = dict(self.of(known))
        received = time(row["received_at"]) or time(row["occurred_at"])
        if received is None or not 1900 < received.year < 2900:  # none can be much earlier
            return
        sooner = self.of(SOONER)
        row["received_at"] = self.spelled(received - sooner)
        for column in self.some(COLUMNS[source][1:], 0, 2):
            if column == "occurred_at":
                row[column] = self.spelled(received - sooner - self.of(DELAYS))
            elif column != "received_at":
                row[column] = self.value(source, column)
        self.add(source, row)

    def redelivery_of_everything_scene(self) -> None:
        """Every known event row of a table once more, as it was or as received some other time."""
        source = self.of(tuple(ACTOR_COLUMNS))
        again = self.of(("same", "same", "later", "earlier", "blank"))
        received: Row = {}
        if again != "same":
            at = self.as_of - self.of(LATENESS) if again == "earlier" else self.as_of
            received = {"received_at": None if again == "blank" else self.spelled(at)}
        for row in self.known_rows(source):
            self.add(source, row | received)

    def come_late(self) -> None:
        scenes = 4 * (self.late_scene,) + 3 * (self.earlier_copy_scene,)
        scenes += (self.late_delivery_scene, self.redelivery_of_everything_scene)
        for _ in range(self.number(0, 4)):
            self.of(scenes)()

    # all of it

    def add(self, table: str, row: Row) -> None:
        """A row, before or after the others, now and then with something blank in it."""
        if self.chance(5):
            row = row | {self.of(list(row)): self.of(BLANKS)}
        for rows in (self.tables[table], self.arriving[table]):
            rows.insert(0 if self.chance(50) else len(rows), row)

    def begin(self, contact_ids: Sequence[str]) -> None:
        for contact_id in contact_ids:
            self.contact_scene(contact_id)
        self.identities_scene()
        self.consents_scene()
        self.lists_scene()
        self.attributes_scene()
        for _ in range(self.of((0, 1, 2))):
            self.old_address_scene()

    def go_on(self) -> None:
        """What may change after a build, but for events."""
        if newcomers := [name for name in self.contact_ids if name not in self.last_rows]:
            self.contact_scene(newcomers[0])
        scenes = 4 * (self.change_scene,) + 2 * (self.old_address_scene,)
        scenes += (
            self.identities_scene,
            self.consents_scene,
            self.lists_scene,
            self.attributes_scene,
        )
        for _ in range(self.number(0, 3)):
            self.of(scenes)()

    def happen(self, fewest: int, most: int) -> None:
        scenes = 5 * (self.plain_scene,)
        scenes += 2 * (self.twin_scene, self.repeat_scene, self.standing_scene, self.landing_scene)
        scenes += 2 * (self.tablet_scene, self.delivery_scene)
        scenes += (self.redelivery_scene, self.burst_scene, self.rubbish_scene, self.conflict_scene)
        for _ in range(self.number(fewest, most)):
            self.of(scenes)()

    def change_often(self) -> None:
        """Whatever an as-of in between may know otherwise than the last one."""
        scenes = 3 * (self.burst_scene, self.delivery_scene, self.standing_scene)
        scenes += 2 * (self.landing_scene, self.consents_scene, self.identities_scene)
        scenes += (self.tablet_scene, self.old_address_scene, self.repeat_scene)
        for _ in range(self.number(8, 20)):
            self.of(scenes)()
        for _ in range(self.number(1, 4)):
            self.doubtful_scene()

    def told(self, builds: Sequence[Build]) -> History:
        late = self.number(0, 1) if len(builds) > 1 else 0
        self.begin(self.contact_ids[late:])
        if self.is_dense:
            self.change_often()
        self.happen(5, 30)
        history = [self.arriving]
        for build in builds[1:]:
            self.turn_to(build)
            self.go_on()
            self.happen(0, 8)
            self.come_late()
            history.append(self.arriving)
        absent = builds[0].absent
        return [
            {
                table: [
                    {name: text for name, text in row.items() if f"{table}.{name}" not in absent}
                    for row in rows
                ]
                for table, rows in arriving.items()
                if table not in absent
            }
            for arriving in history
        ]


@st.composite
def some_history(
    draw: Callable[[st.SearchStrategy[Any]], Any], builds: Sequence[Build], is_dense: bool = False
) -> History:
    return Story(draw, builds[0], is_dense).told(builds)


# Many of them -------------------------------------------------------------------------------


def drawn(strategy: st.SearchStrategy[Thing], start: int) -> Thing:
    """A random example of a strategy, always the same of a seed.

    The first example of a run is the simplest one and the third may be a variation of the second,
    so each run is for its second.
    """
    found: list[Thing] = []

    @seed(start)
    @settings(
        max_examples=2,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def collect(example: Thing) -> None:
        found.append(example)

    collect()
    return found[-1]


def batch(
    start: int, size: int, builds: int = 1, is_dense: bool = False
) -> tuple[list[Build], list[History]]:
    """As many builds, and histories, as are asked for; all of a seed."""
    known = drawn(some_builds(builds), start)
    if is_dense:
        known = [with_comings_and_goings(build) for build in known]
    strategy = some_history(known, is_dense)
    return known, [drawn(strategy, start + number) for number in range(size)]


ID_COLUMNS = {
    "contact_id", "merged_into_contact_id", "identity_value", "event_id", "visitor_id",
    "email_click_event_id", "message_id", "list_id", "email_address", "account_id",
}  # fmt: skip


def prefixed(value: Text, prefix: str) -> Text:
    """An id or address in another id space; space before it stays before it, blank stays blank."""
    bare = trimmed(value)
    return value.replace(bare, prefix + bare, 1) if value and bare else value


def unite(histories: Sequence[History]) -> list[Tables]:
    """The raw tables at each build, of many histories with ids of their own: h0_, h1_ and so on.

    Rows are appended as they come in, however late: §5 asks that no order of arrival matter.
    """
    raw: list[Tables] = []
    for arriving in zip(*histories, strict=True):
        tables = {table: list(rows) for table, rows in raw[-1].items()} if raw else {}
        for number, arrived in enumerate(arriving):
            for table, rows in arrived.items():
                tables.setdefault(table, []).extend(
                    {
                        column: prefixed(value, f"h{number}_") if column in ID_COLUMNS else value
                        for column, value in row.items()
                    }
                    for row in rows
                )
        raw.append(tables)
    return raw
