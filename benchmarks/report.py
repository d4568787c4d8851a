"""The results as Markdown: medians, the ratios with their bars, the machine."""

from __future__ import annotations

import os
import platform
import re
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from statistics import median

from measure import Measure

from tools import postgres

INSTEAD = {
    "dense": "dense table of 90 windows, plain dbt",
    "dense: running sum": "the same by a running sum, plain dbt",
    "polars": "30 and 90 days, polars script",
    "polars: 90 windows": "90 windows, polars script",
    "view": "30 and 90 days, materialized view, PostgreSQL",
    "view: 90 windows": "90 windows, materialized view, PostgreSQL",
    "dense: first": "dense table, plain dbt, what people write first",
    "polars: first": "30 days, polars script, what people write first",
    "view: first": "30 days, materialized view, PostgreSQL, what people write first",
    "counter: first": "points counter, PostgreSQL, one UPDATE per event",
}
GIBIBYTE = 1 << 30
MEMORY_BAR = 3.5


@dataclass
class Results:
    """What was measured in one run."""

    events: int
    runs: int
    measures: dict[str, list[Measure]]
    reads: dict[str, float] = field(default_factory=dict)
    bytes_stored: dict[str, int] = field(default_factory=dict)
    differences: dict[str, int] = field(default_factory=dict)

    def median(self, name: str, figure: str) -> float | None:
        """The median of one of a measure's figures, if the case has it."""
        values = [getattr(measure, figure) for measure in self.measures[name]]
        known = [value for value in values if value is not None]
        return median(known) if known else None


@dataclass(frozen=True)
class Bar:
    """A ratio of two cases and the most that it may be."""

    text: str
    upper: str
    lower: str
    figure: str
    bar: float

    def row(self, results: Results) -> list[str]:
        upper, lower = (results.median(name, self.figure) for name in (self.upper, self.lower))
        return ratio_row(f"{self.text}, {FIGURES[self.figure]}", upper / lower, self.bar)


FIGURES = {
    "seconds": "whole command",
    "cpu_seconds": "whole command, CPU",
    "sql_seconds": "SQL",
    "sql_cpu_seconds": "SQL, CPU",
}

BARS = (
    Bar("tick to the limit", "tick", "limit", "cpu_seconds", 1.7),
    Bar("tick to the limit", "tick", "limit", "sql_seconds", 1.3),
    Bar("tick to the dense table in plain dbt", "tick", "dense", "seconds", 0.8),
    Bar("tick to the materialized view", "tick", "view", "seconds", 1),
    Bar("tick to the polars script", "tick", "polars", "seconds", 1),
    Bar("full refresh to the limit", "full refresh", "limit", "sql_seconds", 3.5),
    Bar("tick on 5 years to tick on 1", "tick: 5 years", "tick", "seconds", 1.5),
    Bar(
        "tick on 5 years to the limit on 5 years",
        "tick: 5 years",
        "limit: 5 years",
        "sql_seconds",
        0.5,
    ),
    Bar("90 windows to one 90-day table", "90 windows", "90-day table", "sql_seconds", 1.5),
    Bar("demo to one `select 1`", "demo", "one model", "seconds", 3),
    Bar("tick to one without fit and accounts", "tick", "tick: no fit", "cpu_seconds", 1.15),
    Bar("tick to empty tick", "tick", "empty tick", "seconds", 1.5),
)


def table(results: Results) -> str:
    """Everything that one run has to say."""
    header = ["case", *FIGURES.values(), "peak memory"]
    parts = [
        f"{results.events:,} events of one year; medians of {results.runs} runs.",
        markdown(header, case_rows(results)),
    ]
    if rows := bar_rows(results):
        parts.append(markdown(["figure", "ratio", "bar", "met"], rows))
    if faster := instead_rows(results):
        header = ["times as fast as", "whole command", "whole command, CPU", "SQL"]
        parts.append("The project's tick is\n\n" + markdown(header, faster))
    if results.reads:
        rows = [[name, f"{value:.1f} ms"] for name, value in results.reads.items()]
        parts.append(markdown(["read", "median"], rows))
    if results.differences:
        rows = [[cases, str(number)] for cases, number in results.differences.items()]
        parts.append(markdown(["the same scores", "rows that differ"], rows))
    parts.append(machine())
    return "\n\n".join(parts) + "\n"


def memory(events: int, peaks: dict[str, Measure]) -> str:
    rows = [
        [limit, seconds(m.seconds), seconds(m.cpu_seconds), mebibytes(m.peak_mib)]
        for limit, m in peaks.items()
    ]
    default = next(iter(peaks.values())).peak_mib * (1 << 20) / GIBIBYTE
    parts = [
        f"Full refresh of {events:,} events.",
        markdown(["memory limit", "whole command", "whole command, CPU", "peak memory"], rows),
        markdown(["figure", "GiB", "bar", "met"], [ratio_row("peak memory", default, MEMORY_BAR)]),
        machine(),
    ]
    return "\n\n".join(parts) + "\n"


def case_rows(results: Results) -> list[list[str]]:
    return [
        [
            INSTEAD.get(name, name),
            *(seconds(results.median(name, figure)) for figure in FIGURES),
            mebibytes(results.median(name, "peak_mib")),
        ]
        for name in results.measures
    ]


def bar_rows(results: Results) -> list[list[str]]:
    rows = [bar.row(results) for bar in BARS if {bar.upper, bar.lower} <= set(results.measures)]
    if stored := results.bytes_stored:
        ratio = stored["steps"] / stored["dense"]
        rows.append(ratio_row("bytes of the steps to bytes of the dense table", ratio, 0.15))
    return rows


def instead_rows(results: Results) -> list[list[str]]:
    """How many of the project's ticks fit into one of theirs."""
    if "tick" not in results.measures:
        return []
    figures = ("seconds", "cpu_seconds", "sql_seconds")
    return [
        [title, *(times_as_fast(results, name, figure) for figure in figures)]
        for name, title in INSTEAD.items()
        if name in results.measures
    ]


def times_as_fast(results: Results, name: str, figure: str) -> str:
    theirs, ours = results.median(name, figure), results.median("tick", figure)
    return f"{theirs / ours:.2f}" if theirs and ours else ""


def ratio_row(text: str, value: float, bar: float) -> list[str]:
    return [text, f"{value:.2f}", f"{bar:g}", met(value, bar)]


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
