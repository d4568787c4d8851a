"""TRUTH.md read a second time: do the scores predict anything? In plain Python, pair by pair.

It judges the evaluation marts and shares no line with them. It stands on the reference scorer: the
score at a past as-of is what `collect` makes of the raw tables without the event rows that were
received at or after it. `evaluate` gives every mart about the past as {grain: row}; `band_forecast`
is of one build, as are the changes (reference_changes.py).

Where the page is silent, the reading taken is in the docstring of the function that takes it.
"""

from __future__ import annotations

import copy
import hashlib
import math
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from statistics import median
from typing import Any

from reference_scorer import (
    ACTOR_COLUMNS,
    ALL_WINDOWS,
    DAY,
    HALF_DAY,
    Condition,
    Entry,
    Erasures,
    Event,
    Facts,
    Row,
    Rule,
    Tables,
    age_in_days,
    boolean,
    collect,
    decayed_points,
    driver,
    drivers_of,
    entries_of,
    erased_contacts,
    grouped,
    holds,
    read_bands,
    read_rules,
    text,
    time,
)

Z = 1.959963984540054  # §3: here and throughout
DEFAULT_WINDOW = 30  # §4: of a score name without bands
Mart = dict[tuple[Any, ...], Row]  # its grain -> its row


@dataclass(frozen=True)
class Settings:
    """The variables that a build and its evaluation are told, and the bounds of §3."""

    evaluation_as_ofs: int = 26
    evaluation_step_days: int = 7
    evaluation_settle_days: int = 3
    evaluation_contacts: int = 50_000
    website_tracking: bool = True
    require_consent: bool = True
    machine_click_seconds: float = 5
    fewest_contacts: int = 20  # with, and without, the outcome, for any figure
    fewest_to_choose: int = 100  # with the outcome, for a best window, half-life or what-if
    fewest_of_rule: int = 10  # with the outcome in the rows in which a rule earned, for its verdict


# Outcomes -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Outcome:
    """§1: one row of outcomes."""

    name: str
    event_type: str
    condition: Condition | None
    horizon_days: int
    is_wanted: bool
    repeats: bool

    def is_seen_in(self, event: Event) -> bool:
        """§1, §2: whether an engagement is this outcome of somebody: no machine's, and owned."""
        return (
            event.fate == "engagement"
            and event.machine_reason is None
            and event.contact_id is not None
            and event.event_type == self.event_type
            and (
                self.condition is None
                or holds(event.row.get(self.condition[0]), *self.condition[1:])
            )
        )


def read_outcomes(config: Tables) -> list[Outcome]:
    """§1: the outcomes. As every boolean (SPEC.md §2) a blank `is_wanted` is false."""
    return [
        Outcome(
            row["outcome"] or "",
            row["event_type"] or "",
            (text(row.get("match_field")) or "", text(row.get("match_operator")) or "", value)
            if (value := text(row.get("match_value")))
            else None,
            int(row["horizon_days"] or ""),
            boolean(row.get("is_wanted")),
            boolean(row.get("repeats")),
        )
        for row in config.get("outcomes", [])
    ]


def could_match_both(rule: Rule, outcome: Outcome) -> bool:
    """§1: the same event type, and no two filters that exclude each other for certain.

    Only the filters are looked at, two by two: a rule that is out of validity, or matches nothing
    at all, could still match.
    """
    if rule.event_type != outcome.event_type:
        return False
    wanted = outcome.condition
    return wanted is None or not any(exclude_each_other(one, wanted) for one in rule.conditions)


def exclude_each_other(one: Condition, other: Condition) -> bool:
    """§1: whether no text of one field, nor its absence, can hold two filters at once."""
    return one[0] == other[0] and (rules_out(one, other) or rules_out(other, one))


def rules_out(given: Condition, other: Condition) -> bool:
    """Whether a filter that holds says of another one, on the same field, that it cannot hold.

    What begins with, or contains, a text holds all that this text itself holds of beginnings and
    parts; and two beginnings of one text are one the beginning of the other.
    """
    (_, operator, value), (_, against, wanted) = given, other
    match operator, against:
        case "equals", _:
            return not holds(value, against, wanted)
        case "starts_with", "starts_with":
            return not (value.startswith(wanted) or wanted.startswith(value))
        case ("starts_with", "not_starts_with" | "not_contains") | ("contains", "not_contains"):
            return not holds(value, against, wanted)
    return False


# Past as-ofs --------------------------------------------------------------------------------


def evaluation_as_ofs(as_of: datetime, horizon_days: int, settings: Settings) -> list[datetime]:
    """§2: the as-ofs that an outcome is evaluated at, the oldest first."""
    known_until = as_of - (horizon_days + settings.evaluation_settle_days) * DAY
    newest = known_until.replace(hour=0, minute=0, second=0, microsecond=0)
    step = settings.evaluation_step_days * DAY
    return [newest - number * step for number in reversed(range(settings.evaluation_as_ofs))]


def looked_at(contact_ids: Iterable[str], settings: Settings) -> set[str]:
    """§2: the contacts that are looked at: those with the smallest md5 of their ids."""
    by_hash = sorted(contact_ids, key=lambda one: hashlib.md5(one.encode()).hexdigest())  # noqa: S324
    return set(by_hash[: settings.evaluation_contacts])


def received_before(raw: Tables, moment: datetime) -> Tables:
    """§2: the raw tables without any event row received at or after a moment.

    Without a readable `received_at` a row was received when it occurred (SPEC.md §2). One that has
    neither is rejected whenever it came in; it is left out.
    """

    def is_known(row: Mapping[str, str | None]) -> bool:
        received = time(row.get("received_at")) or time(row.get("occurred_at"))
        return received is not None and received < moment

    return {
        table: [row for row in rows if table not in ACTOR_COLUMNS or is_known(row)]
        for table, rows in raw.items()
    }


class Past:
    """§2: what was known at any as-of, and today, under today's rules, lists and contacts.

    Erasures are those of today's build and final, as for any build that comes after it: a row that
    is erased today was never there.
    """

    def __init__(
        self,
        raw: Tables,
        config: Tables,
        as_of: datetime,
        settings: Settings = Settings(),
        windows: Iterable[int] = ALL_WINDOWS,
    ) -> None:
        self.raw, self.config, self.as_of, self.settings = raw, config, as_of, settings
        self.windows = sorted({*windows})
        self.rules = read_rules(config)
        self.bands = read_bands(config["score_bands"])
        self._erased = erased_contacts(raw)
        self._erasures = Erasures()
        self.today = self._facts(raw, as_of, [], self._erasures)
        self._facts_at: dict[datetime, Facts] = {}

    def _facts(
        self, raw: Tables, as_of: datetime, windows: Sequence[int], erasures: Erasures
    ) -> Facts:
        return collect(
            raw,
            self.config,
            as_of,
            self.settings.website_tracking,
            self.settings.require_consent,
            self.settings.machine_click_seconds,
            windows,
            erasures,
        )

    def at(self, moment: datetime) -> Facts:
        """§2, the contract: a full refresh at a past as-of."""
        if moment not in self._facts_at:
            known = received_before(self.raw, moment)
            erasures = copy.deepcopy(self._erasures) if self._erased else Erasures()
            self._facts_at[moment] = self._facts(known, moment, self.windows, erasures)
        return self._facts_at[moment]

    def later(self, moment: datetime) -> Facts:
        """A build at a later as-of over the same rows."""
        return self._facts(self.raw, moment, [], self._erasures)


# Rows ---------------------------------------------------------------------------------------

Points = Mapping[int, Mapping[str, Decimal]]  # window -> rule id -> points of its driver


@dataclass(frozen=True, eq=False)
class Observation:
    """§2: a row: a contact at an as-of, with its drivers then and whether the outcome came."""

    as_of: datetime
    contact_id: str
    y: bool
    drivers: Points = field(default_factory=dict)
    drivers_with_machines: Points = field(default_factory=dict)  # in which machines earn
    entries: tuple[Entry, ...] = ()  # what earned in the last 90 days: needed to change rules

    def score(self, window: int, rules: Iterable[Rule], with_machines: bool = False) -> Decimal:
        """SPEC.md §5: the sum of the drivers of some rules. Nobody here is disqualified."""
        points = (self.drivers_with_machines if with_machines else self.drivers)[window]
        return sum((points.get(rule.rule_id, Decimal(0)) for rule in rules), Decimal(0))


@dataclass(frozen=True)
class Panel:
    """§2: the rows of one outcome, population `all`, at every as-of that it is evaluated at."""

    as_of: datetime  # of the build
    outcome: Outcome
    rules: list[Rule]
    bands: list[Row]
    as_ofs: list[datetime]
    rows: list[Observation]
    settings: Settings = Settings()

    @property
    def score_names(self) -> list[str]:
        """SPEC.md §1: those that rules feed, rules that are the outcome included."""
        return sorted({rule.score_name for rule in self.rules})

    def rules_of(self, score_name: str) -> list[Rule]:
        """§1: the rules of a score that is evaluated: without those that could be the outcome."""
        return [
            rule
            for rule in self.rules
            if rule.score_name == score_name and not could_match_both(rule, self.outcome)
        ]

    def window_of(self, score_name: str) -> int:
        """§4: the band's window, 30 without."""
        windows = [row["window_days"] for row in self.bands if row["score_name"] == score_name]
        return int(windows[0]) if windows else DEFAULT_WINDOW

    def scores(self, score_name: str, window: int | None = None) -> list[Decimal]:
        """The score of every row, in the window of the band if no other is named."""
        rules = self.rules_of(score_name)
        window = self.window_of(score_name) if window is None else window
        return [row.score(window, rules) for row in self.rows]

    def band_of(self, score_name: str, score: Decimal) -> str | None:
        """SPEC.md §7: the highest band whose `min_score` is reached."""
        reached = [
            (band["min_score"], band["band"])
            for band in self.bands
            if band["score_name"] == score_name and band["min_score"] <= score
        ]
        return max(reached)[1] if reached else None

    def has_too_few(self, rows: Sequence[Observation] | None = None) -> bool:
        """§3: fewer than 20 contacts with the outcome, or fewer than 20 that never have it here.

        Of the outcome, or of some of its rows as well: a population of them.
        """
        rows = self.rows if rows is None else rows
        with_it = contacts_with_outcome(rows)
        without = {row.contact_id for row in rows} - with_it
        return min(len(with_it), len(without)) < self.settings.fewest_contacts

    def may_choose(self, rows: Sequence[Observation] | None = None) -> bool:
        """§3: whether there is a best window, half-life or what-if."""
        rows = self.rows if rows is None else rows
        enough = len(contacts_with_outcome(rows)) >= self.settings.fewest_to_choose
        return enough and not self.has_too_few(rows)


def contacts_with_outcome(rows: Iterable[Observation]) -> set[str]:
    """The contacts with the outcome after any of their as-ofs."""
    return {row.contact_id for row in rows if row.y}


def moments_of(outcome: Outcome, facts: Facts) -> dict[str, list[datetime]]:
    """Contact -> when it had the outcome, by what those facts know of it, the first one first."""
    moments: dict[str, list[datetime]] = defaultdict(list)
    for event in facts.events:
        if outcome.is_seen_in(event):
            moments[event.contact_id or ""].append(event.occurred_at)
    return {contact_id: sorted(found) for contact_id, found in moments.items()}


def comes(outcome: Outcome, moments: Sequence[datetime], moment: datetime) -> bool:
    """§2: y: whether the outcome first, or if it repeats again, comes within the horizon."""
    end = moment + outcome.horizon_days * DAY
    counted = moments if outcome.repeats else moments[:1]
    return any(moment <= one < end for one in counted)


def had_before(outcome: Outcome, facts: Facts) -> set[str]:
    """§2: who is out for having had the outcome before an as-of, by what was known then.

    That goes for whose an outcome was, too, and whether a machine's: "owned as today" are the
    outcomes that make y. Otherwise a row of later could change the population (§5, 1).
    """
    return {
        contact_id
        for contact_id, moments in moments_of(outcome, facts).items()
        if moments[0] < facts.as_of and not outcome.repeats
    }


def population(outcome: Outcome, facts: Facts) -> set[str]:
    """§2: not disqualified, and without the outcome before, by what was known then."""
    return facts.people.keys() - facts.disqualified.keys() - had_before(outcome, facts)


def points_by_contact(
    earning: Iterable[Entry], as_of: datetime, windows: Iterable[int]
) -> dict[str, dict[int, dict[str, Decimal]]]:
    """Contact -> window -> rule -> points of the driver."""
    windows = list(windows)
    points: dict[str, dict[int, dict[str, Decimal]]] = defaultdict(
        lambda: {window: {} for window in windows}
    )
    for window, drivers in drivers_of(earning, as_of, windows).items():
        for (_, contact_id, rule_id), one in drivers.items():
            points[contact_id][window][rule_id] = one.points
    return points


def entries_with_machines(facts: Facts) -> list[Entry]:
    """§4: what would be earned if machines' engagements earned; all else is as it was.

    So they still link nobody, clear nothing and make no repeat of what comes after them.
    """
    seen = [
        replace(event, machine_reason=None)
        for event in facts.events
        if event.fate == "engagement" and event.occurred_at < facts.as_of
    ]
    entries = entries_of(seen, facts.rules, facts.as_of)
    return [entry for entry in entries if entry.earns]


def panel(past: Past, outcome: Outcome) -> Panel:
    """§2: every contact that is looked at, at every as-of in whose population it is."""
    as_ofs = evaluation_as_ofs(past.as_of, outcome.horizon_days, past.settings)
    chosen = looked_at(past.today.people, past.settings)
    moments = moments_of(outcome, past.today)
    rows = []
    for moment in as_ofs:
        facts = past.at(moment)
        earning = [entry for entry in facts.ledger() if entry.earns]
        entries = grouped(earning, lambda entry: entry.event.contact_id)
        points = points_by_contact(earning, moment, past.windows)
        machine_points = points_by_contact(entries_with_machines(facts), moment, past.windows)
        for contact_id in sorted(population(outcome, facts) & chosen):
            rows.append(
                Observation(
                    moment,
                    contact_id,
                    comes(outcome, moments.get(contact_id, []), moment),
                    points[contact_id],
                    machine_points[contact_id],
                    tuple(entries.get(contact_id, ())),
                )
            )
    return Panel(past.as_of, outcome, past.rules, past.bands, as_ofs, rows, past.settings)


# AUC ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Auc:
    """§3: an AUC, and each contact's part in its error. Wins are counted in halves: whole."""

    pairs: int
    half_wins: int
    parts: Mapping[str, tuple[int, int]]  # contact -> halves it wins, pairs it stands in

    @property
    def auc(self) -> float | None:
        return self.half_wins / 2 / self.pairs if self.pairs else None

    def deviations(self) -> dict[str, float]:
        """§3: D of every contact: the sum over its rows of a - AUC * b."""
        auc = self.auc or 0.0
        return {one: halves / 2 - auc * pairs for one, (halves, pairs) in self.parts.items()}

    @property
    def error(self) -> float | None:
        """§3: the standard error, clustered by contact."""
        return root_of_squares(self.deviations().values()) / self.pairs if self.pairs else None

    def error_of_difference(self, other: Auc) -> float | None:
        """§3: the error of the difference of two AUCs on the same rows."""
        mine, others = self.deviations(), other.deviations()
        differences = (mine[one] - others[one] for one in mine)
        return root_of_squares(differences) / self.pairs if self.pairs else None


def root_of_squares(values: Iterable[float]) -> float:
    return math.sqrt(math.fsum(value * value for value in values))


def auc_of(
    rows: Sequence[Observation],
    scores: Sequence[Any],
    stratum: Callable[[Observation], Hashable] = lambda row: row.as_of,
) -> Auc:
    """§3: all pairs of a row with the outcome and one without, of the same as-of, one by one."""
    halves: dict[str, int] = defaultdict(int)
    stands_in: dict[str, int] = defaultdict(int)
    for row in rows:
        halves[row.contact_id] += 0
    pairs = half_wins = 0
    together = zip(rows, scores, strict=True)
    for members in grouped(together, lambda one: stratum(one[0])).values():
        with_it = [(row.contact_id, score) for row, score in members if row.y]
        without = [(row.contact_id, score) for row, score in members if not row.y]
        for one, high in with_it:
            for other, low in without:
                won = 2 if high > low else int(high == low)
                for contact_id in (one, other):
                    halves[contact_id] += won
                    stands_in[contact_id] += 1
                pairs += 1
                half_wins += won
    return Auc(pairs, half_wins, {one: (halves[one], stands_in[one]) for one in halves})


def better_by(outcome: Outcome, one: Auc, other: Auc) -> float | None:
    """§3: how much higher q is with one than with the other, on the same rows.

    q is the AUC, or 1 - AUC of an outcome that is not wanted.
    """
    if not one.pairs:
        return None
    halves = one.half_wins - other.half_wins
    return (halves if outcome.is_wanted else -halves) / 2 / one.pairs


def interval(value: float | None, error: float | None) -> tuple[float | None, float | None]:
    """§3: z errors to either side."""
    if value is None or error is None:
        return None, None
    return value - Z * error, value + Z * error


def auc_interval(auc: Auc) -> tuple[float | None, float | None]:
    """§3: z errors to either side of its log odds, which have the error SE / (AUC (1 - AUC))."""
    value, error = auc.auc, auc.error
    if value is None or error is None or value in (0, 1):
        return value, value
    low, high = interval(math.log(value / (1 - value)), error / (value * (1 - value)))
    assert low is not None
    assert high is not None
    return 1 / (1 + math.exp(-low)), 1 / (1 + math.exp(-high))


# Rates and lifts ----------------------------------------------------------------------------


def rate_of(rows: Sequence[Observation]) -> float | None:
    """§3: outcomes / rows."""
    return sum(row.y for row in rows) / len(rows) if rows else None


def effective_rows(rows: Sequence[Observation]) -> float:
    """§3: n_eff: as many independent rows as would leave the rate as uncertain as it is.

    In whole numbers up to the last step, so that a variance of 0 is one. No more than the contacts
    if only one of them has the outcome, or only one is without it, in any of the rows.
    """
    n, outcomes = len(rows), sum(row.y for row in rows)
    by_contact = grouped(rows, lambda row: row.contact_id)
    m = len(by_contact)
    # n times the sum of a contact's rows of (y - p)
    residuals = [sum(n * row.y - outcomes for row in own) for own in by_contact.values()]
    if m == 1 or not any(residuals):
        return float(min(n, m))
    variance = sum(one * one for one in residuals) / n**4 * m / (m - 1)
    p = outcomes / n
    with_it, without = (len({row.contact_id for row in rows if row.y == y}) for y in (1, 0))
    return min(float(m if 1 in (with_it, without) else n), p * (1 - p) / variance)


def wilson(rows: Sequence[Observation]) -> tuple[float | None, float | None]:
    """§3: Wilson's interval of a rate, at n_eff rows."""
    p = rate_of(rows)
    if p is None:
        return None, None
    n = effective_rows(rows)
    middle = p + Z * Z / (2 * n)
    half = Z * math.sqrt(p * (1 - p) / n + Z * Z / (4 * n * n))
    return (middle - half) / (1 + Z * Z / n), (middle + half) / (1 + Z * Z / n)


def rates_by_as_of(rows: Iterable[Observation]) -> dict[datetime, float]:
    """§3: each as-of's overall rate."""
    by_as_of = grouped(rows, lambda row: row.as_of)
    return {moment: sum(row.y for row in own) / len(own) for moment, own in by_as_of.items()}


def expected_outcomes(rows: Sequence[Observation], is_inside: Sequence[bool]) -> float:
    """§3: the outcomes of a band if each of its rows had the rate of its as-of."""
    rates = rates_by_as_of(rows)
    pairs = zip(rows, is_inside, strict=True)
    return math.fsum(rates[row.as_of] for row, inside in pairs if inside)


def lift_and_error(
    rows: Sequence[Observation], is_inside: Sequence[bool]
) -> tuple[float | None, float | None]:
    """§3: outcomes / expected of a band, and the error of it, clustered by contact."""
    expected = expected_outcomes(rows, is_inside)
    if not expected:
        return None, None
    pairs = list(zip(rows, is_inside, strict=True))
    lift = sum(row.y for row, inside in pairs if inside) / expected
    rates = rates_by_as_of(rows)
    share = {
        moment: sum(inside for _, inside in own) / len(own)
        for moment, own in grouped(pairs, lambda pair: pair[0].as_of).items()
    }
    deviations: dict[str, float] = defaultdict(float)
    for row, inside in pairs:
        r, f = rates[row.as_of], share[row.as_of]
        deviations[row.contact_id] += inside * row.y - lift * (inside * r + f * (row.y - r))
    return lift, root_of_squares(deviations.values()) / expected


def rate_ratio(
    rows: Sequence[Observation], is_exposed: Sequence[bool]
) -> tuple[float | None, float | None, float | None]:
    """§3: Mantel and Haenszel's rate ratio over as-ofs, and its interval."""
    pairs = list(zip(rows, is_exposed, strict=True))
    strata = grouped(pairs, lambda pair: pair[0].as_of)
    counts: dict[datetime, tuple[int, int, int, int]] = {}
    for moment, own in strata.items():
        exposed = [row for row, inside in own if inside]
        others = [row for row, inside in own if not inside]
        with_it = sum(row.y for row in exposed), sum(row.y for row in others)
        counts[moment] = (len(exposed), len(others), *with_it)
    above = math.fsum(a * n0 / (n1 + n0) for n1, n0, a, _ in counts.values())  # R
    below = math.fsum(b * n1 / (n1 + n0) for n1, n0, _, b in counts.values())  # S
    if not above or not below:
        return None, None, None
    ratio = above / below
    deviations: dict[str, float] = defaultdict(float)  # U
    for row, inside in pairs:
        n1, n0, a, b = counts[row.as_of]
        usual = (a + b) / (ratio * n1 + n0)  # pi
        deviations[row.contact_id] += (
            n0 / (n1 + n0) * (row.y - ratio * usual)
            if inside
            else -ratio * n1 / (n1 + n0) * (row.y - usual)
        )
    spread = math.exp(Z * root_of_squares(deviations.values()) / above)
    return ratio, ratio / spread, ratio * spread


# Marts --------------------------------------------------------------------------------------


def without_figures(row: Row, figures: Iterable[str]) -> Row:
    """§3: the row with figures that are null: too few outcomes."""
    return row | dict.fromkeys(figures)


def counts_of(rows: Sequence[Observation]) -> Row:
    """What every mart counts of the rows that it is about."""
    return {
        "contacts": len({row.contact_id for row in rows}),
        "contacts_with_outcome": len(contacts_with_outcome(rows)),
        "rows": len(rows),
        "outcomes": sum(row.y for row in rows),
    }


PERFORMANCE_FIGURES = (
    "auc", "auc_se", "auc_low", "auc_high", "difference_to_best", "difference_se",
    "is_as_good_as_best",
)  # fmt: skip


def score_performance(found: Panel, windows: Iterable[int] = ALL_WINDOWS) -> Mart:
    """§4: outcome x score name x population x window.

    `active` goes by the score that is evaluated, and `with_machines` has the rows of `all`. Too few
    are the contacts of the outcome (§3), or of the population.
    """
    mart: Mart = {}
    for name in found.score_names:
        rules = found.rules_of(name)
        active = [row for row in found.rows if row.score(90, rules)]
        for population_name, rows in (
            ("all", found.rows),
            ("active", active),
            ("with_machines", found.rows),
        ):
            with_machines = population_name == "with_machines"
            aucs = {
                window: auc_of(rows, [row.score(window, rules, with_machines) for row in rows])
                for window in windows
            }
            for window, row in window_rows(found, rows, aucs).items():
                key = found.outcome.name, name, population_name, window
                grain = ("outcome", "score_name", "population", "window_days")
                mart[key] = dict(zip(grain, key, strict=True)) | row | {"as_of": found.as_of}
    return mart


def window_rows(
    found: Panel, rows: Sequence[Observation], aucs: Mapping[int, Auc]
) -> dict[int, Row]:
    """§4: the figures of one population in every window; of equal windows the shortest is best."""
    outcome = found.outcome
    is_hidden = found.has_too_few() or found.has_too_few(rows)
    is_judged = found.may_choose() and found.may_choose(rows)
    sign = 1 if outcome.is_wanted else -1
    best = max(sorted(aucs), key=lambda window: sign * aucs[window].half_wins)
    told = {}
    for window, auc in aucs.items():
        low, high = auc_interval(auc)
        row = {"as_ofs": len(found.as_ofs), **counts_of(rows), "pairs": auc.pairs}
        row |= {"auc": auc.auc, "auc_se": auc.error, "auc_low": low, "auc_high": high}
        row |= difference_to_best(outcome, aucs[best], auc) if is_judged else {}
        row = dict.fromkeys(PERFORMANCE_FIGURES) | row
        row["verdict"] = score_verdict(outcome, low, high)
        if is_hidden:
            row = without_figures(row, PERFORMANCE_FIGURES) | {"verdict": "too few outcomes"}
        told[window] = row
    return told


def difference_to_best(outcome: Outcome, best: Auc, auc: Auc) -> Row:
    """§4: how much q falls short of the best window's: 0 or more."""
    difference, error = better_by(outcome, best, auc), best.error_of_difference(auc)
    return {
        "difference_to_best": difference,
        "difference_se": error,
        "is_as_good_as_best": None
        if difference is None or error is None
        else difference <= Z * error,
    }


def score_verdict(outcome: Outcome, low: float | None, high: float | None) -> str:
    """Whether q is above or below one half for certain. The page names only the last of these."""
    if low is None or high is None:
        return "too few outcomes"
    if not outcome.is_wanted:
        low, high = 1 - high, 1 - low
    return "predicts" if low > 0.5 else "misleads" if high < 0.5 else "no evidence"


BAND_FIGURES = (
    "rate", "rate_low", "rate_high", "expected", "lift", "lift_se", "share_of_outcomes",
    "rate_last_quarter",
)  # fmt: skip


def band_performance(found: Panel, sales_handoffs: Sequence[Row] = ()) -> Mart:
    """§4: outcome x score name x band, none too, empty ones included, in the band's window.

    The lift also without contacts that had been handed off before.
    """
    mart, others = bands_of(found), bands_of(without_handed_off(found, sales_handoffs))
    for key, row in mart.items():
        row["lift_not_handed_off"] = others[key]["lift"]
        row["lift_not_handed_off_se"] = others[key]["lift_se"]
    return mart


def bands_of(found: Panel) -> Mart:
    """The figures of the bands of every score name, by today's rules."""
    mart: Mart = {}
    for name in found.score_names:
        bands = [found.band_of(name, score) for score in found.scores(name)]
        mart |= band_rows(found, name, found.rows, bands)
    return mart


def band_rows(
    found: Panel, name: str, rows: Sequence[Observation], bands: Sequence[str | None]
) -> Mart:
    """§4: the figures of each band, given the band of every row.

    What was said may be a band that has since gone from the file: it has its row, or bands would
    not add up to totals (§5, 3).
    """
    mart: Mart = {}
    named = [row["band"] for row in found.bands if row["score_name"] == name]
    for band in dict.fromkeys([*named, *bands, None]):
        key = found.outcome.name, name, band
        mart[key] = {
            "outcome": found.outcome.name,
            "score_name": name,
            "band": band,
            **band_figures(found, rows, [one == band for one in bands]),
            "as_of": found.as_of,
        }
        if found.has_too_few(rows):
            mart[key] = without_figures(mart[key], BAND_FIGURES)
    return mart


def band_figures(found: Panel, rows: Sequence[Observation], is_inside: Sequence[bool]) -> Row:
    """§4: the figures of one band. The last quarter is the newest ceil(k / 4) of the k as-ofs."""
    inside = [row for row, one in zip(rows, is_inside, strict=True) if one]
    newest = found.as_ofs[-math.ceil(len(found.as_ofs) / 4) :]
    low, high = wilson(inside)
    lift, lift_se = lift_and_error(rows, is_inside)
    outcomes = sum(row.y for row in rows)
    return {
        **counts_of(inside),
        "rate": rate_of(inside),
        "rate_low": low,
        "rate_high": high,
        "expected": expected_outcomes(rows, is_inside),
        "lift": lift,
        "lift_se": lift_se,
        "share_of_outcomes": sum(row.y for row in inside) / outcomes if outcomes else None,
        "rate_last_quarter": rate_of([row for row in inside if row.as_of in newest]),
    }


RULE_FIGURES = (
    "share_of_points", "rate_ratio", "rate_ratio_low", "rate_ratio_high", "auc_without",
    "auc_change", "auc_change_se",
)  # fmt: skip


def rule_evidence(found: Panel) -> Mart:
    """§4: outcome x rule, in the band's window.

    A rule that could be the outcome has a verdict and no figure, nor a coverage. It earned in a row
    that has a driver of it, be that 0 points.
    """
    mart: Mart = {}
    for rule in found.rules:
        key = found.outcome.name, rule.rule_id
        row: Row = {"outcome": found.outcome.name, "rule_id": rule.rule_id}
        row |= {"score_name": rule.score_name, "as_of": found.as_of}
        row["contacts_with_outcome"] = len(contacts_with_outcome(found.rows))
        if could_match_both(rule, found.outcome):
            row |= dict.fromkeys(("coverage", *RULE_FIGURES)) | {"verdict": "is the outcome"}
        else:
            row |= rule_figures(found, rule)
            if found.has_too_few():
                row = without_figures(row, RULE_FIGURES) | {"verdict": "too few outcomes"}
        mart[key] = row
    return mart


def rule_figures(found: Panel, rule: Rule) -> Row:
    """§4: what one rule does for the score that it feeds."""
    window, rules = found.window_of(rule.score_name), found.rules_of(rule.score_name)
    others = [other for other in rules if other.rule_id != rule.rule_id]
    is_exposed = [rule.rule_id in row.drivers[window] for row in found.rows]
    with_it = auc_of(found.rows, found.scores(rule.score_name))
    without = auc_of(found.rows, [row.score(window, others) for row in found.rows])
    change, error = better_by(found.outcome, with_it, without), with_it.error_of_difference(without)
    ratio, low, high = rate_ratio(found.rows, is_exposed)
    return {
        "coverage": sum(is_exposed),
        "share_of_points": share_of_points(found, rule),
        "rate_ratio": ratio,
        "rate_ratio_low": low,
        "rate_ratio_high": high,
        "auc_without": without.auc,
        "auc_change": change,
        "auc_change_se": error,
        "verdict": rule_verdict(found, is_exposed, change, error),
    }


def share_of_points(found: Panel, rule: Rule) -> float | None:
    """§4: of all the points that the rules of the score give or take, added up without sign."""
    window = found.window_of(rule.score_name)
    total = own = Decimal(0)
    for row in found.rows:
        for other in found.rules_of(rule.score_name):
            points = abs(row.drivers[window].get(other.rule_id, Decimal(0)))
            total += points
            own += points if other.rule_id == rule.rule_id else 0
    return float(own / total) if total else None


def rule_verdict(
    found: Panel, is_exposed: Sequence[bool], change: float | None, error: float | None
) -> str:
    """§4: whether the interval of the change of q excludes 0, and on which side."""
    if not any(is_exposed):
        return "never earned"
    earned = [row for row, inside in zip(found.rows, is_exposed, strict=True) if inside]
    if len(contacts_with_outcome(earned)) < found.settings.fewest_of_rule:
        return "too few outcomes"
    low, high = interval(change, error)
    if low is None or high is None:
        return "no evidence"
    return "carries" if low > 0 else "harms" if high < 0 else "no evidence"


# Changed rules ------------------------------------------------------------------------------

HALF_LIVES = (None, 3, 7, 14, 30, 60)
# the name of a change -> the rule as it changes it
CHANGES: dict[str, Callable[[Rule], Rule]] = {
    "points x 0": lambda rule: replace(rule, points=rule.points * 0),
    "points x 0.5": lambda rule: replace(rule, points=rule.points / 2),
    "points x 2": lambda rule: replace(rule, points=rule.points * 2),
    "points x 4": lambda rule: replace(rule, points=rule.points * 4),
    "max_points 5": lambda rule: replace(rule, max_points=Decimal(5)),
    "max_points 10": lambda rule: replace(rule, max_points=Decimal(10)),
    "max_points 20": lambda rule: replace(rule, max_points=Decimal(20)),
    "max_points 50": lambda rule: replace(rule, max_points=Decimal(50)),
}


def changed_driver(row: Observation, window: int, rule: Rule) -> Decimal:
    """SPEC.md §5: the driver that a rule of this id would make, its points or decay changed.

    What earns does not depend on points, cap or decay, so the same engagements do.
    """
    start = row.as_of - window * DAY
    earned = [
        replace(entry, points=decayed_points(rule, age_in_days(entry.event, row.as_of)))
        for entry in row.entries
        if entry.rule.rule_id == rule.rule_id and entry.event.occurred_at >= start
    ]
    if len(earned) < rule.min_times:
        return Decimal(0)
    return driver(rule, earned).points


def half_life_performance(found: Panel) -> Mart:
    """§4: outcome x score name x half-life, at 90 days: every rule of the score has that one.

    With fewer than 100 contacts with the outcome (§3) no half-life is compared with none.
    """
    mart: Mart = {}
    for name in found.score_names:
        aucs = {half_life: half_life_auc(found, name, half_life) for half_life in HALF_LIVES}
        for half_life, auc in aucs.items():
            row: Row = {"outcome": found.outcome.name, "score_name": name}
            row |= {"half_life_days": half_life, "auc": auc.auc, "auc_se": auc.error}
            row["difference_to_none"] = better_by(found.outcome, auc, aucs[None])
            row["difference_se"] = auc.error_of_difference(aucs[None])
            if not found.may_choose():
                row = without_figures(row, ("difference_to_none", "difference_se"))
            if found.has_too_few():
                row = without_figures(row, ("auc", "auc_se"))
            mart[found.outcome.name, name, half_life] = row | {"as_of": found.as_of}
    return mart


def half_life_auc(found: Panel, name: str, half_life: int | None) -> Auc:
    days = None if half_life is None else Decimal(half_life)
    rules = [replace(rule, half_life_days=days) for rule in found.rules_of(name)]
    scores = [
        sum((changed_driver(row, 90, rule) for rule in rules), Decimal(0)) for row in found.rows
    ]
    return auc_of(found.rows, scores)


def fold_of(contact_id: str) -> int:
    """§4: one of five parts of the contacts."""
    hashed = hashlib.md5(f"fold:{contact_id}".encode()).hexdigest()  # noqa: S324
    return int(hashed[:8], 16) % 5


def chosen_folds(
    found: Panel, usual: Sequence[Decimal], changed: Sequence[Decimal], learned: Sequence[datetime]
) -> set[int]:
    """§4: the folds for which a change is chosen: q rises on the other four folds, as learned."""
    chosen = set()
    for fold in range(5):
        rows, before, after = [], [], []
        for row, one, other in zip(found.rows, usual, changed, strict=True):
            if row.as_of in learned and fold_of(row.contact_id) != fold:
                rows.append(row)
                before.append(one)
                after.append(other)
        change = better_by(found.outcome, auc_of(rows, after), auc_of(rows, before))
        if change is not None and change > 0:
            chosen.add(fold)
    return chosen


def unseen_change(
    found: Panel, usual: Sequence[Decimal], changed: Sequence[Decimal]
) -> tuple[float | None, float | None]:
    """§4: the change of q, and its error, for people and as-ofs that did not choose it.

    Over the pairs of all folds; in those for which it was not chosen the scores stay as they are.
    """
    learned = found.as_ofs[: len(found.as_ofs) * 6 // 10]
    chosen = chosen_folds(found, usual, changed, learned)
    rows, before, after = [], [], []
    for row, one, other in zip(found.rows, usual, changed, strict=True):
        if row.as_of not in learned:
            rows.append(row)
            before.append(one)
            after.append(other if fold_of(row.contact_id) in chosen else one)

    def stratum(row: Observation) -> Hashable:
        return row.as_of, fold_of(row.contact_id)

    base, tried = auc_of(rows, before, stratum), auc_of(rows, after, stratum)
    return better_by(found.outcome, tried, base), tried.error_of_difference(base)


WHAT_IF_FIGURES = ("auc_change", "auc_change_se", "unseen_change", "unseen_se")


def rule_what_ifs(found: Panel) -> Mart:
    """§4: outcome x rule x change, in the band's window; null for a rule that is the outcome."""
    mart: Mart = {}
    for rule in found.rules:
        for name, change in CHANGES.items():
            row: Row = {"outcome": found.outcome.name, "rule_id": rule.rule_id, "change": name}
            if could_match_both(rule, found.outcome) or not found.may_choose():
                row |= dict.fromkeys(WHAT_IF_FIGURES) | {"is_suggested": False}
            else:
                row |= what_if(found, rule, change(rule))
            mart[tuple(row[column] for column in ("outcome", "rule_id", "change"))] = row | {
                "score_name": rule.score_name,
                "as_of": found.as_of,
            }
    return mart


def what_if(found: Panel, rule: Rule, changed_rule: Rule) -> Row:
    """§4: the figures of one change of one rule."""
    window = found.window_of(rule.score_name)
    usual = found.scores(rule.score_name)
    changed = [
        score
        - row.drivers[window].get(rule.rule_id, Decimal(0))
        + changed_driver(row, window, changed_rule)
        for row, score in zip(found.rows, usual, strict=True)
    ]
    base, tried = auc_of(found.rows, usual), auc_of(found.rows, changed)
    all_of_it = better_by(found.outcome, tried, base), tried.error_of_difference(base)
    unseen = unseen_change(found, usual, changed)
    lowest = [interval(*one)[0] for one in (all_of_it, unseen)]
    return {
        "auc_change": all_of_it[0],
        "auc_change_se": all_of_it[1],
        "unseen_change": unseen[0],
        "unseen_se": unseen[1],
        "is_suggested": all(one is not None and one > 0 for one in lowest),
    }


# Capacity, and what was said ------------------------------------------------------------------

CALLS = (25, 50, 100, 200, 400)


def capacity_thresholds(found: Panel) -> Mart:
    """§4: outcome x score name x calls, in the band's window.

    Of ties at the end of the list each has the same part of a call. Precision is of all calls made
    at any as-of, and captured of all outcomes; as-ofs without anybody to call have no lowest score.
    """
    mart: Mart = {}
    for name in found.score_names:
        scored = list(zip(found.rows, found.scores(name), strict=True))
        by_as_of = grouped(scored, lambda pair: pair[0].as_of)
        for calls in CALLS:
            tops = [top_calls(own, calls) for own in by_as_of.values()]
            made, reached = sum(top[1] for top in tops), math.fsum(top[2] for top in tops)
            outcomes = sum(row.y for row in found.rows)
            row: Row = {"outcome": found.outcome.name, "score_name": name, "calls": calls}
            row["min_score"] = median([float(top[0]) for top in tops]) if tops else None
            row["precision"] = reached / made if made else None
            row["captured"] = reached / outcomes if outcomes else None
            if found.has_too_few():
                row = without_figures(row, ("min_score", "precision", "captured"))
            mart[found.outcome.name, name, calls] = row | {"as_of": found.as_of}
    return mart


def top_calls(
    scored: Iterable[tuple[Observation, Decimal]], calls: int
) -> tuple[Decimal, int, float]:
    """The lowest score among the top calls of one as-of, how many calls, the outcomes in them."""
    ordered = sorted(scored, key=lambda pair: pair[1], reverse=True)
    made = min(calls, len(ordered))
    lowest = ordered[made - 1][1]
    above = [row.y for row, score in ordered if score > lowest]
    tied = [row.y for row, score in ordered if score == lowest]
    return lowest, made, sum(above) + sum(tied) * (made - len(above)) / len(tied)


def said_performance(past: Past, found: Panel, score_history: Iterable[Row]) -> Mart:
    """§4: the figures of bands, of what score_history said at each as-of.

    Who was disqualified, too, is as it was said; who had the outcome before is as it was known. A
    contact of which nothing was said then has no row. The rules that could be the outcome were part
    of what was said.
    """
    outcome = found.outcome
    moments = moments_of(outcome, past.today)
    chosen = looked_at(past.today.people, past.settings)
    history = grouped(score_history, lambda span: span["score_name"])
    mart: Mart = {}
    for name in found.score_names:
        rows, bands = [], []
        for moment in found.as_ofs:
            counted = chosen - had_before(outcome, past.at(moment))
            for span in sorted(history.get(name, []), key=lambda span: span["contact_id"]):
                contact_id = span["contact_id"]
                is_said = span["valid_from"] <= moment and (
                    span["valid_to"] is None or moment < span["valid_to"]
                )
                if is_said and contact_id in counted and span["status"] != "disqualified":
                    y = comes(outcome, moments.get(contact_id, []), moment)
                    rows.append(Observation(moment, contact_id, y))
                    bands.append(span["band"])
        mart |= band_rows(found, name, rows, bands)
    return mart


def without_handed_off(found: Panel, sales_handoffs: Iterable[Row]) -> Panel:
    """§4: the panel without contacts that had been handed off, by any score, before the as-of."""
    first: dict[str, datetime] = {}
    for row in sales_handoffs:
        at = row["handed_off_at"]
        first[row["contact_id"]] = min(at, first.get(row["contact_id"], at))
    rows = [row for row in found.rows if first.get(row.contact_id, row.as_of) >= row.as_of]
    return replace(found, rows=rows)


def evaluate(
    raw: Tables,
    config: Tables,
    as_of: datetime,
    settings: Settings = Settings(),
    windows: Iterable[int] = ALL_WINDOWS,
    score_history: Sequence[Row] = (),
    sales_handoffs: Sequence[Row] = (),
) -> dict[str, Mart]:
    """§4: every mart about the past, by name; `windows` restricts score_performance."""
    bands = {row["window_days"] for row in read_bands(config["score_bands"])} - {None}
    windows = list(windows)
    past = Past(raw, config, as_of, settings, {*windows, *bands, DEFAULT_WINDOW, 90})
    marts: dict[str, Mart] = defaultdict(dict)
    for outcome in read_outcomes(config):
        found = panel(past, outcome)
        marts["score_performance"] |= score_performance(found, windows)
        marts["half_life_performance"] |= half_life_performance(found)
        marts["band_performance"] |= band_performance(found, sales_handoffs)
        marts["rule_evidence"] |= rule_evidence(found)
        marts["rule_what_ifs"] |= rule_what_ifs(found)
        marts["capacity_thresholds"] |= capacity_thresholds(found)
        marts["said_performance"] |= said_performance(past, found, score_history)
    return dict(marts)


# What every build tells ---------------------------------------------------------------------

FORECAST_DAYS = 14


def band_forecast(
    raw: Tables, config: Tables, as_of: datetime, settings: Settings = Settings()
) -> Mart:
    """§4: score name x contact whose band changes if nothing further happens.

    By real builds at the later as-ofs over the same rows, up to the one 14 days on. So a row that
    occurs a little after as-of, or a link or consent dated later, is no further event.
    """
    past = Past(raw, config, as_of, settings, [])
    bands = past.today.reached_bands()
    named = {row["score_name"]: row["window_days"] for row in past.bands}
    mart: Mart = {}
    for step in range(1, 2 * FORECAST_DAYS + 1):
        moment = as_of + step * HALF_DAY
        later = past.later(moment)
        for (name, contact_id), band in later.reached_bands().items():
            if (name, contact_id) in mart or band == bands[name, contact_id]:
                continue
            mart[name, contact_id] = {
                "score_name": name,
                "contact_id": contact_id,
                "changes_at": moment,
                "band": bands[name, contact_id],
                "next_band": band,
                "score_then": later.scores(named[name])[name, contact_id],
                "as_of": as_of,
            }
    return mart
