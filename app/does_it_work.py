"""Whether the scores predict what they should: the last evaluation in plain words.

Source: the marts of the evaluation, by evaluation.py.
"""

from __future__ import annotations

from datetime import datetime

import pandas as pd
import streamlit as st

from app.bands import window_of
from app.choices import choose_score
from app.evaluated_rules import show_rules, show_what_to_try
from app.evaluation import (
    BANDS,
    CALLS,
    FEWEST,
    FEWEST_TO_CHOOSE,
    Outcome,
    evaluated_at,
    of,
    outcomes,
    windows,
)
from app.evaluation_charts import bands_chart, calls_chart, short, windows_chart
from app.published import as_of, plain
from app.times import as_text

WEEKLY = "Dagster evaluates every Sunday; `make evaluate` does it now."
VERDICTS = {
    "predicts": ":green[:material/check_circle: **Better than a coin**, which gets 50 right.]",
    "only just": ":green[:material/check_circle: **Better than a coin**, which gets 50 right, but "
    "only just.]",
    "misleads": ":red[:material/error: **Worse than a coin**, which gets 50 right: the score "
    "points the wrong way.]",
    "no evidence": ":material/help: **It cannot be told from a coin**, which gets 50 right.",
}
BIASES = """
- **Sales already calls those on top.** A call alone makes people buy more often, so the score looks
  better than it is. The table of the bands also says how much it is worth without contacts that had
  been handed to sales before.
- **Score and outcome go together; neither need cause the other.** More points make nobody buy.
- **Merges, e-mail addresses and deletions are taken as they are today**, because nobody records
  since when they hold. All else is as it was known then: an event that came in later does not
  count.
- **It judges the rules of the evaluation**, on all of the past. What your lists said at the time
  stands beside the bands, as far back as your builds go.
- **A rule without evidence is not a bad rule.** It may be right, and too few did what it looks for.
- **"Between" covers chance, 19 times in 20**, and nothing else on this list.
- Fit and grades are not evaluated.
"""
BAND_LABELS = {
    "band": "Band",
    "said": "As of",
    "rate": "Of 100",
    "low": "At least",
    "high": "At most",
    "lift": "Times as often",
    "lift_not_handed_off": "Without handed-off",
    "rate_last_quarter": "Newest quarter",
    "contacts": "Contacts looked at",
    "outcomes": "With the outcome",
}


def choose_outcome() -> Outcome:
    """The outcome; the page ends with a sentence where there is none."""
    found = {outcome.outcome: outcome for outcome in outcomes()}
    if not found:
        st.info(
            "`seeds/config/outcomes.csv` named no outcome, so nothing was evaluated. Say there "
            f"what a score should predict, such as a meeting. {WEEKLY}"
        )
        st.stop()
    return found[st.selectbox("Outcome", found, key="outcome", bind="query-params")]


def say_age(evaluated: datetime) -> None:
    if evaluated == as_of():
        st.caption(f"The evaluation is of {as_text(evaluated)}, like these scores.")
        return
    days = (as_of() - evaluated).total_seconds() / 86400
    st.caption(
        f"The evaluation is of {as_text(evaluated)}; these scores are {days:.3g} days newer. Rules "
        f"that were edited since are not judged here. {WEEKLY}"
    )


def say_too_few(outcome: Outcome, contacts: int, with_outcome: int) -> None:
    with st.container(border=True):
        st.markdown("## :gray[Too few outcomes to say]")
        st.markdown(
            f":gray[There were **{with_outcome:,}** contacts {outcome.who}, and "
            f"{contacts - with_outcome:,} others, at {outcome.as_ofs} moments from "
            f"{outcome.first_as_of:%Y-%m-%d} to {outcome.last_as_of:%Y-%m-%d}. It takes "
            f"**{FEWEST}** of each; with fewer, any figure would be chance. Wait for more, or name "
            "in `outcomes.csv` what happens more often.]"
        )


def say_in_a_sentence(outcome: Outcome, at: pd.Series, active: pd.Series | None) -> None:
    better = "higher" if outcome.is_wanted else "lower"
    with st.container(border=True):
        st.markdown(
            f"## Of 100 pairs, the one {outcome.who} had the {better} score in "
            f":primary[{at['in_order']:.0f}]; between {at['low']:.0f} and {at['high']:.0f}."
        )
        is_close = at["verdict"] == "predicts" and round(at["low"]) == 50
        st.markdown(VERDICTS["only just" if is_close else at["verdict"]])
        st.caption(
            f"A pair: somebody {outcome.who}, and somebody who did not. There were "
            f"{at['contacts_with_outcome']:,} such contacts among {at['contacts']:,}, at "
            f"{outcome.as_ofs} moments from {outcome.first_as_of:%Y-%m-%d} to "
            f"{outcome.last_as_of:%Y-%m-%d}. A tie counts half. The score is that of "
            f"{at['window_days']} days."
        )
        if active is not None and pd.notna(active["in_order"]):
            st.caption(
                f"Among those alone who had points in 90 days: {active['in_order']:.0f} of 100 "
                f"pairs; between {active['low']:.0f} and {active['high']:.0f}."
            )


def show_bands(outcome: Outcome, score_name: str) -> None:
    st.header("Bands")
    bands = of(BANDS, outcome, score_name)
    today = bands[bands["said"] == "by today's rules"]
    overall = 100 * today["outcomes"].sum() / today["contacts"].sum()
    st.altair_chart(
        bands_chart(bands, overall),
        height=120 + 45 * len(bands),
        alt="Of 100 contacts, how many had the outcome: "
        + ", ".join(f"{row['band']} {short(row['rate'])}" for row in today.to_dict("records")),
    )
    st.caption(
        f"All of them together: {short(overall)} of 100, the dashed line. A contact counts once at "
        "each moment. The thick lines are how far chance can take a rate."
    )
    with st.expander("The bands as a table", key="bands"):
        st.dataframe(
            bands[list(BAND_LABELS)].rename(columns=BAND_LABELS),
            hide_index=True,
            placeholder="–",
            alt=f"The bands of {score_name} and their rates",
            column_config=dict.fromkeys(
                (
                    "Of 100",
                    "At least",
                    "At most",
                    "Times as often",
                    "Without handed-off",
                    "Newest quarter",
                ),
                st.column_config.NumberColumn(format="%.1f"),
            ),
        )


def show_windows(by_window: pd.DataFrame, at: pd.Series) -> None:
    st.header("Windows")
    st.altair_chart(
        windows_chart(by_window, at["window_days"]),
        height=300,
        alt="Of 100 pairs, how many the score of each window from 1 to 90 days gets right; "
        f"that of {at['window_days']} days gets {at['in_order']:.0f}",
    )
    if pd.isna(at["behind_best"]):
        st.caption(
            f"To say which window is best takes {FEWEST_TO_CHOOSE} contacts with the outcome; "
            f"there are {at['contacts_with_outcome']:,}."
        )
        return
    best = by_window["behind_best"].idxmin()
    if at["behind_best"] == 0:
        st.caption(f"No window does better than yours of {best} days.")
    elif at["is_as_good_as_best"]:
        st.caption(
            f"Your window of {at['window_days']} days is as good as the best one, {best} days, as "
            "far as the data can tell."
        )
    else:
        st.caption(
            f"A window of {best} days does better than yours of {at['window_days']}: of 100 pairs, "
            f"{short(at['behind_best'])} more are in the right order."
        )


def show_calls(outcome: Outcome, score_name: str) -> None:
    st.header("How many calls")
    words, picture = st.columns(2)
    calls = of(CALLS, outcome, score_name)
    with words:
        chosen = st.select_slider(
            "How many contacts can you call at a time?",
            list(calls["calls"]),
            value=100,
            key="calls",
        )
        row = calls.set_index("calls").loc[chosen]
        called = f"everybody from **{row['min_score']:.10g} points** up"
        if row["min_score"] <= 0:
            called = "also some who have no points"
        st.markdown(
            f"Whoever calls the first **{chosen}** contacts calls {called}. Of 100 calls "
            f"**{short(row['hits'])}** reach somebody {outcome.who}; that is "
            f"**{short(row['captured'])}** of every 100 who did. As many calls at random reach "
            f"**{short(row['at_random'])}**, the orange marks."
        )
        if row["captured"] >= 100:
            st.caption("That is everybody: there are no more contacts.")
        if not outcome.is_wanted:
            st.caption("It is not wanted: the fewer of them on top of the list, the better.")
    picture.altair_chart(
        calls_chart(calls, chosen),
        height=220,
        alt="Of 100 contacts with the outcome, how many so many calls reach, with a mark where as "
        "many at random would: "
        + ", ".join(
            f"{row['calls']} calls {short(row['captured'])}" for row in calls.to_dict("records")
        ),
    )


def show_page() -> None:
    st.title("Does it work?")
    evaluated = evaluated_at()
    if evaluated is None:
        st.info(
            "No evaluation is published yet. It holds the scores of past weeks against what "
            f"happened then. {WEEKLY}"
        )
        return
    chosen_outcome, chosen_score = st.columns(2)
    with chosen_outcome:
        outcome = choose_outcome()
    with chosen_score:
        score_name = choose_score()
    say_age(evaluated)
    by_window, window = windows(outcome, score_name), window_of(score_name)
    if by_window.empty:
        st.info(f"The score {plain(score_name)} was not evaluated: nobody had it, or it is newer.")
        return
    at = by_window.loc[window]
    if pd.isna(at["in_order"]):
        say_too_few(outcome, at["contacts"], at["contacts_with_outcome"])
    else:
        active = windows(outcome, score_name, "active")
        say_in_a_sentence(outcome, at, active.loc[window] if len(active) else None)
        left, right = st.columns(2)
        with left:
            show_bands(outcome, score_name)
        with right:
            show_windows(by_window, at)
        show_calls(outcome, score_name)
        show_rules(outcome, score_name)
        show_what_to_try(outcome, score_name, at["contacts_with_outcome"])
    st.header("What this cannot tell")
    st.markdown(BIASES)


show_page()
