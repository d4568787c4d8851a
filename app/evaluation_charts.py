"""The figures of an evaluation as pictures, each with its 95 % interval where it has one."""

from __future__ import annotations

import altair as alt
import pandas as pd

TEAL, ORANGE, RED, GREY = "#0f8a7b", "#d9822b", "#c8553d", "#8a9a96"
# what a rule does, as people say it
WORDS = {
    "carries": "helps",
    "harms": "harms",
    "no evidence": "cannot be told",
    "too few outcomes": "cannot be told",
}
COLOURS = {"helps": TEAL, "harms": RED, "cannot be told": GREY}
Picture = alt.LayerChart | alt.FacetChart
INTERVAL = [alt.Tooltip("low:Q", format=".1f"), alt.Tooltip("high:Q", format=".1f")]


def bands_chart(bands: pd.DataFrame, overall: float) -> Picture:
    """How often each band had the outcome, the highest band on top."""
    said = list(bands["said"].unique())
    marks = bands.assign(label=bands["rate"].map(short))
    base = alt.Chart(marks).encode(
        y=alt.Y("band:N", title=None, sort=list(bands["band"].unique())),
        yOffset=alt.YOffset("said:N", sort=said),
        color=alt.Color(
            "said:N",
            title=None,
            scale=alt.Scale(domain=said, range=[TEAL, ORANGE]),
            legend=alt.Legend(orient="top", symbolOpacity=1) if len(said) > 1 else None,
        ),
        tooltip=["band", "said", alt.Tooltip("rate:Q", format=".1f"), *INTERVAL],
    )
    x = alt.X(
        "low:Q",
        title="of 100 contacts, so many had it",
        scale=alt.Scale(domainMin=0),
        axis=alt.Axis(tickMinStep=1),
    )
    whiskers = base.mark_rule(strokeWidth=3, opacity=0.45).encode(x=x, x2="high:Q")
    points = base.mark_point(filled=True, size=130, opacity=1).encode(x="rate:Q")
    words = base.mark_text(dy=-14, fontWeight="bold", fontSize=13).encode(
        x="rate:Q", text="label:N"
    )
    all_of_them = alt.Chart(pd.DataFrame({"rate": [overall]})).mark_rule(
        strokeDash=[4, 4], color=GREY
    )
    return alt.layer(all_of_them.encode(x="rate:Q"), whiskers, points, words)


def windows_chart(windows: pd.DataFrame, window: int) -> Picture:
    """How well the score of each window predicts, with the window of the bands marked."""
    base = alt.Chart(windows).encode(
        x=alt.X("window_days:Q", title="window in days", scale=alt.Scale(domain=[1, 90])),
        tooltip=[
            alt.Tooltip("window_days", title="days"),
            alt.Tooltip("in_order:Q", title="of 100", format=".1f"),
            *INTERVAL,
        ],
    )
    y = alt.Y("low:Q", title="of 100 pairs, right", scale=alt.Scale(zero=False))
    ribbon = base.mark_area(color=TEAL, opacity=0.2).encode(y=y, y2="high:Q")
    line = base.mark_line(color=TEAL).encode(y="in_order:Q")
    coin = alt.Chart(pd.DataFrame({"in_order": [50], "words": ["a coin"], "window_days": [90]}))
    today = alt.Chart(windows.loc[[window]].assign(words=f"{window} days, as today"))
    mark = today.mark_rule(strokeDash=[5, 3], color=ORANGE, strokeWidth=2)
    at_the_left = window < 60
    words = today.mark_text(
        color=ORANGE, y=8, align="left" if at_the_left else "right", dx=6 if at_the_left else -6
    )
    return alt.layer(
        ribbon,
        line,
        coin.mark_rule(strokeDash=[4, 4], color=GREY).encode(y="in_order:Q"),
        coin.mark_text(color=GREY, align="right", dy=-8).encode(
            x="window_days:Q", y="in_order:Q", text="words:N"
        ),
        mark.encode(x="window_days:Q"),
        today.mark_point(filled=True, size=110, opacity=1, color=ORANGE).encode(
            x="window_days:Q", y="in_order:Q"
        ),
        words.encode(x="window_days:Q", text="words:N"),
    )


def calls_chart(calls: pd.DataFrame, chosen: int) -> Picture:
    """Which part of all outcomes so many calls reach, beside what as many at random would."""
    base = alt.Chart(calls.assign(label=calls["captured"].map(short))).encode(
        x=alt.X("calls:O", title="calls", axis=alt.Axis(labelAngle=0)),
        y=alt.Y("captured:Q", title="of 100 with it, reached", scale=alt.Scale(domain=[0, 110])),
        color=alt.condition(alt.datum.calls == chosen, alt.value(TEAL), alt.value(GREY)),
        tooltip=[
            "calls",
            alt.Tooltip("captured:Q", format=".1f"),
            alt.Tooltip("at_random:Q", title="at random", format=".1f"),
        ],
    )
    words = base.mark_text(dy=-9, fontWeight="bold", fontSize=13).encode(text="label:N")
    at_random = base.mark_tick(thickness=3).encode(y="at_random:Q", color=alt.value(ORANGE))
    return alt.layer(base.mark_bar(), at_random, words)


def rules_chart(rules: pd.DataFrame) -> Picture:
    """What the score loses without each rule, the greatest loss on top."""
    base = alt.Chart(rules.assign(verdict=rules["verdict"].map(WORDS))).encode(
        y=alt.Y("rule_id:N", title=None, sort=list(rules["rule_id"])),
        color=alt.Color(
            "verdict:N",
            title=None,
            scale=alt.Scale(domain=list(COLOURS), range=list(COLOURS.values())),
            legend=alt.Legend(orient="top", symbolOpacity=1),
        ),
        tooltip=["rule_id", "verdict", alt.Tooltip("loss:Q", format=".2f"), *INTERVAL],
    )
    x = alt.X("low:Q", title="of 100 pairs, right thanks to it", axis=alt.Axis(tickCount=8))
    nothing = alt.Chart(pd.DataFrame({"loss": [0]})).mark_rule(strokeDash=[4, 4], color=GREY)
    return alt.layer(
        nothing.encode(x="loss:Q"),
        base.mark_rule(strokeWidth=3, opacity=0.45).encode(x=x, x2="high:Q"),
        base.mark_point(filled=True, size=110, opacity=1).encode(x="loss:Q"),
    )


def short(figure: float) -> str:
    """A figure of 100 as people say it."""
    return f"{figure:.0f}" if abs(figure) >= 10 else f"{figure:.1f}".removesuffix(".0")
