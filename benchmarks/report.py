"""The results as Markdown: medians, the ratios with their bars, the machine."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from statistics import median

from measure import Measure

from engines import postgres

INSTEAD = {
    "dense": "dense table, plain dbt",
    "polars": "30-day table, polars script",
    "view": "30-day materialized view, PostgreSQL",
    "counter": "points counter, PostgreSQL, one UPDATE per event",
}
GIBIBYTE = 1 << 30


@dataclass
class Results:
    """What was measured in one run."""

    events: int
    runs: int
    measures: dict[str, list[Measure]]
    reads: dict[str, float] = field(default_factory=dict)
    bytes_stored: dict[str, int] = field(default_factory=dict)
    difference: int | None = None

    def seconds(self, name: str) -> float:
        return median(measure.seconds for measure in self.measures[name])

    def sql_seconds(self, name: str) -> float | None:
        known = [m.sql_seconds for m in self.measures[name] if m.sql_seconds is not None]
        return median(known) if known else None

    def peak(self, name: str) -> float | None:
        known = [m.peak_mib for m in self.measures[name] if m.peak_mib is not None]
        return median(known) if known else None


@dataclass(frozen=True)
class Bar:
    """A ratio of two cases and the most that it may be."""

    figure: str
    upper: str
    lower: str
    bar: float
    of: Callable[[Results, str], float | None]


BARS = (
    Bar("full refresh to the limit, SQL time", "full refresh", "limit", 2.0, Results.sql_seconds),
    Bar("tick to empty tick, whole command", "tick", "empty tick", 1.5, Results.seconds),
    Bar(
        "tick on 5 years to tick on 1, whole command",
        "tick: 5 years",
        "tick",
        1.15,
        Results.seconds,
    ),
    Bar(
        "tick on 5 years to tick on 1, SQL time", "tick: 5 years", "tick", 1.15, Results.sql_seconds
    ),
    Bar("tick to full refresh, SQL time", "tick", "full refresh", 0.1, Results.sql_seconds),
    Bar(
        "90 windows to one 30-day table, SQL time",
        "90 windows",
        "30-day table",
        1.5,
        Results.sql_seconds,
    ),
    Bar("whole demo to one `select 1`, whole command", "demo", "one model", 4.0, Results.seconds),
)


def table(results: Results) -> str:
    """Everything that one run has to say."""
    parts = [
        f"{results.events:,} events of one year; medians of {results.runs} runs.",
        markdown(["case", "whole command", "SQL", "peak memory"], case_rows(results)),
        markdown(["figure", "ratio", "bar", "met"], bar_rows(results)),
    ]
    faster = instead_rows(results)
    if faster:
        parts.append(
            markdown(
                ["the project's tick in place of", "times as fast, whole command", "SQL"], faster
            )
        )
    if results.reads:
        rows = [[name, f"{value:.1f} ms"] for name, value in results.reads.items()]
        parts.append(markdown(["read", "median"], rows))
    if results.difference is not None:
        parts.append(f"Steps in which the limit and the project differ: {results.difference}.")
    parts.append(machine())
    return "\n\n".join(parts) + "\n"


def memory(events: int, peaks: dict[str, Measure]) -> str:
    rows = [[limit, seconds(m.seconds), mebibytes(m.peak_mib)] for limit, m in peaks.items()]
    default = next(iter(peaks.values())).peak_mib * (1 << 20) / GIBIBYTE
    parts = [
        f"Full refresh of {events:,} events.",
        markdown(["memory limit", "whole command", "peak memory"], rows),
        markdown(
            ["figure", "GiB", "bar", "met"],
            [["peak memory", f"{default:.2f}", "4", met(default, 4)]],
        ),
        machine(),
    ]
    return "\n\n".join(parts) + "\n"


def case_rows(results: Results) -> list[list[str]]:
    return [
        [
            INSTEAD.get(name, name),
            seconds(results.seconds(name)),
            seconds(results.sql_seconds(name)),
            mebibytes(results.peak(name)),
        ]
        for name in results.measures
    ]


def bar_rows(results: Results) -> list[list[str]]:
    rows = []
    for bar in BARS:
        if bar.upper in results.measures and bar.lower in results.measures:
            ratio = bar.of(results, bar.upper) / bar.of(results, bar.lower)
            rows.append([bar.figure, f"{ratio:.2f}", f"{bar.bar}", met(ratio, bar.bar)])
    if {"tick", "90 windows", "30-day table"} <= set(results.measures):
        tick = results.sql_seconds("tick")
        windows = results.sql_seconds("90 windows") - results.sql_seconds("30-day table")
        ratio = tick / (tick - windows)
        figure = "a tick to one with a 30-day table in place of 90 windows, SQL time"
        rows.append([figure, f"{ratio:.2f}", "1.5", met(ratio, 1.5)])
    if results.bytes_stored:
        ratio = results.bytes_stored["steps"] / results.bytes_stored["dense"]
        rows.append(
            [
                "bytes of the steps to bytes of the dense table",
                f"{ratio:.3f}",
                "0.15",
                met(ratio, 0.15),
            ]
        )
    return rows


def instead_rows(results: Results) -> list[list[str]]:
    """How many of the project's ticks fit into one of theirs."""
    rows = []
    for name, title in INSTEAD.items():
        if "tick" in results.measures and name in results.measures:
            row = [title, f"{results.seconds(name) / results.seconds('tick'):.2f}"]
            sql_seconds = results.sql_seconds(name)
            row.append(f"{sql_seconds / results.sql_seconds('tick'):.2f}" if sql_seconds else "")
            rows.append(row)
    return rows


def met(value: float, bar: float) -> str:
    return "yes" if value <= bar else "no"


def seconds(value: float | None) -> str:
    return "" if value is None else f"{value:.2f} s"


def mebibytes(value: float | None) -> str:
    return "" if value is None else f"{value:,.0f} MiB"


def markdown(header: list[str], rows: list[list[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def machine() -> str:
    """What it ran on."""
    model = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / GIBIBYTE
    packages = ", ".join(f"{name} {version(name)}" for name in ("duckdb", "dbt-core", "polars"))
    return (
        f"{len(os.sched_getaffinity(0))} cores of {model[1] if model else platform.machine()}, "
        f"{total:.0f} GiB of memory; {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}, {packages}, PostgreSQL {postgres.version()}."
    )
