"""One person's points and scores as pictures."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import altair as alt
import pandas as pd

# as many as there are colours; of further ones the smallest share the last
RULES_NAMED = 8
OTHER_RULES = "other rules"
Chart = alt.Chart | alt.LayerChart | alt.FacetChart
DAYS = alt.Axis(format="%b %d", labelOverlap=True)
HOURS = alt.Axis(format="%b %d %H:%M", labelOverlap=True)


def windows_chart(by_window: pd.DataFrame, window: int) -> Chart:
    """The score of each window, with the chosen one marked."""
    curve = (
        alt.Chart(by_window)
        .mark_line(interpolate="step-after")
        .encode(
            x=alt.X("window_days:Q", title="window in days", scale=alt.Scale(domain=[1, 90])),
            y=alt.Y("points:Q", title="points"),
            tooltip=[alt.Tooltip("window_days", title="days"), alt.Tooltip("points")],
        )
    )
    chosen = alt.Chart(pd.DataFrame({"window_days": [window]})).mark_rule(strokeDash=[4, 4])
    return alt.layer(curve, chosen.encode(x="window_days:Q"))


def named_rules(by_day: pd.DataFrame) -> pd.Series:
    """What each row is called in the legend: its rule, or with the smallest ones others."""
    points = by_day["points"].abs().groupby(by_day["rule_id"]).sum()
    if len(points) <= RULES_NAMED:
        return by_day["rule_id"]
    largest = points.nlargest(RULES_NAMED - 1).index
    return by_day["rule_id"].where(by_day["rule_id"].isin(largest), OTHER_RULES)


def days_chart(by_day: pd.DataFrame, rules: pd.Series, last: date) -> Chart:
    """What was earned on each of the 90 days to the last, by rule."""
    # a time without a zone is one of the browser's
    days = [f"{day}T00:00:00" for day in (last - timedelta(days=90), last)]
    named = sorted(rules.unique(), key=lambda rule: (rule == OTHER_RULES, rule))
    chart: alt.Chart = (
        alt.Chart(by_day.assign(day=by_day["day"].astype(str) + "T00:00:00", rule=rules))
        .mark_bar(size=4)
        .encode(
            x=alt.X("day:T", title=None, scale=alt.Scale(domain=days), axis=DAYS),
            y=alt.Y("sum(points):Q", title="points"),
            color=alt.Color(
                "rule:N",
                title=None,
                scale=alt.Scale(domain=named),
                legend=alt.Legend(orient="bottom", columns=2, labelLimit=140),
            ),
            detail="rule_id:N",
            tooltip=[
                alt.Tooltip("day:T", format="%Y-%m-%d"),
                alt.Tooltip("rule_id", title="rule"),
                alt.Tooltip("sum(points):Q", title="points"),
            ],
        )
    )
    return chart


def past_chart(spans: pd.DataFrame, as_of: datetime) -> Chart:
    """The score of 30 days from build to build, the newest span first in the rows."""
    # which lasts until now
    steps = pd.concat([spans.assign(time=spans["valid_from"]), spans.head(1).assign(time=as_of)])
    steps = pd.DataFrame(
        {
            "time": pd.to_datetime(steps["time"]).dt.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "score": steps["score_30d"].astype(float),
            "status": steps["status"],
            "band": steps["band"].fillna("–"),
        }
    ).sort_values("time")
    is_long = as_of - spans["valid_from"].min() > timedelta(days=6)
    chart: alt.Chart = (
        alt.Chart(steps)
        .mark_line(interpolate="step-after", point=True)
        .encode(
            x=alt.X("time:T", title=None, axis=DAYS if is_long else HOURS),
            y=alt.Y("score:Q", title="score of 30 days"),
            tooltip=[alt.Tooltip("time:T", format="%Y-%m-%d %H:%M"), "score", "status", "band"],
        )
    )
    return chart
