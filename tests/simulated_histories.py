"""Histories of people whose propensity drives what they do and whether they have the outcome.

A contact's propensity stays, and both windows and horizons overlap from one weekly as-of to the
next, so the rows of a contact are alike. How likely outcomes are is known, and with it the truth.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

AS_OFS = 8
WINDOW, HORIZON = 4, 4  # in weeks, as the as-ofs are
TRUTH_CONTACTS, TRUTH_PARTS = 500_000, 4

Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class Rule:
    rule_id: str
    points: int
    times_a_week: float


@dataclass(frozen=True)
class Process:
    """How contacts behave."""

    effect: float  # correlation between what makes people act and what makes them have the outcome
    rules: tuple[Rule, ...]
    bands: tuple[tuple[str, int], ...] = (("cold", 1), ("warm", 10), ("hot", 25))
    spread_of_activity: float = 1.2  # of the logarithm
    outcomes_a_week: float = 0.008
    spread_of_outcomes: float = 1.3


@dataclass(frozen=True)
class Contacts:
    """What some contacts did in the window before each as-of, and had within the horizon after."""

    times: Numbers  # by contact, as-of and rule
    y: Numbers  # by contact and as-of; -1: had the outcome before

    @property
    def have_outcome(self) -> NDArray[np.bool_]:
        return (self.y == 1).any(axis=1)


def contacts_of(
    process: Process, number: int, dice: np.random.Generator
) -> tuple[Contacts, NDArray[np.float64]]:
    """Random contacts, and how many outcomes a week to expect of each."""
    active, other = dice.standard_normal(number), dice.standard_normal(number)
    inclined = process.effect * active + np.sqrt(1 - process.effect**2) * other
    activity = lognormal(active, process.spread_of_activity)
    rates = activity[:, None, None] * [rule.times_a_week for rule in process.rules]
    shape = (number, AS_OFS + WINDOW - 1, len(process.rules))
    so_far = np.zeros((number, AS_OFS + WINDOW, len(process.rules)), dtype=np.int64)
    so_far[:, 1:] = dice.poisson(rates, shape).cumsum(axis=1)
    hazard = process.outcomes_a_week * lognormal(inclined, process.spread_of_outcomes)
    weeks_ahead = np.floor(dice.exponential(1 / hazard))[:, None] - np.arange(AS_OFS)
    y = np.where(weeks_ahead < 0, -1, weeks_ahead < HORIZON)
    return Contacts(so_far[:, WINDOW:] - so_far[:, :-WINDOW], y), hazard


def lognormal(standard: NDArray[np.float64], spread: float) -> NDArray[np.float64]:
    """With a mean of 1."""
    return np.exp(spread * standard - spread**2 / 2)


def histories(process: Process, with_outcome: int, seed: int) -> Iterator[Contacts]:
    """Histories without end. To each, contacts come until so many of them have the outcome."""
    dice = np.random.default_rng([seed, with_outcome])
    enough = 30 * with_outcome
    while True:
        found, _ = contacts_of(process, enough, dice)
        last = found.have_outcome.nonzero()[0][with_outcome - 1]
        yield Contacts(found.times[: last + 1], found.y[: last + 1])


def truth(process: Process) -> dict[str, float]:
    """The AUC, and the rate of each band, of so many contacts that chance no longer matters.

    Their outcomes are not drawn: each row counts with the probabilities of both outcomes.
    """
    points = [rule.points for rule in process.rules]
    edges = [at_least for _, at_least in process.bands]
    wins = pairs = 0.0
    rows, outcomes = np.zeros(len(edges) + 1), np.zeros(len(edges) + 1)
    for part in range(TRUTH_PARTS):
        found, hazard = contacts_of(process, TRUTH_CONTACTS, np.random.default_rng([0, part]))
        scores = found.times @ points
        for week in range(AS_OFS):
            score, without = scores[:, week], np.exp(-hazard * (week + HORIZON))
            having = np.exp(-hazard * week) - without
            bands = np.searchsorted(edges, score, "right")
            rows += np.bincount(bands, having + without, len(rows))
            outcomes += np.bincount(bands, having, len(rows))
            high, low = np.bincount(score, having), np.bincount(score, without)
            wins += (high * (low.cumsum() - low / 2)).sum()
            pairs += high.sum() * low.sum()
    rates = (outcomes / rows).tolist()
    names = ["none", *(band for band, _ in process.bands)]
    return {"auc": wins / pairs, **dict(zip(names, rates, strict=True))}
