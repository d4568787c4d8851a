"""What the rules do for a score's predictions, and which change of them is worth a try.

Source: marts.rule_evidence, marts.rule_what_ifs and marts.half_life_performance, by evaluation.py.
"""

from __future__ import annotations

import streamlit as st

from app.evaluation import FEWEST_TO_CHOOSE, RULES, TRIED, Outcome, Z, of
from app.evaluation_charts import WORDS, rules_chart, short
from app.published import plain

LEFT_OUT = {
    "is the outcome": "Left out, because they are the outcome themselves",
    "never earned": "Never earned at these moments",
}
LABELS = {
    "rule_id": "Rule",
    "description": "What for",
    "loss": "Lost without it",
    "low": "At least",
    "high": "At most",
    "verdict": "Verdict",
    "coverage": "Times looked at",
    "rate_ratio": "Times as often",
}


def show_rules(outcome: Outcome, score_name: str) -> None:
    st.header("What the score loses without each rule")
    rules = of(RULES, outcome, score_name)
    judged = rules[rules["loss"].notna() & (rules["verdict"] != "never earned")]
    if not judged.empty:
        st.altair_chart(
            rules_chart(judged),
            height=140 + 32 * len(judged),
            alt="Of 100 pairs, how many fewer are right without each rule: "
            + ", ".join(f"{row['rule_id']} {row['loss']:.1f}" for row in judged.to_dict("records")),
        )
    for verdict, words in LEFT_OUT.items():
        named = ", ".join(map(plain, rules.loc[rules["verdict"] == verdict, "rule_id"]))
        if named:
            st.caption(f"{words}: {named}.")
    with st.expander("The rules as a table", key="rules"):
        shown = rules.assign(verdict=rules["verdict"].replace(WORDS))
        st.dataframe(
            shown[list(LABELS)].rename(columns=LABELS),
            hide_index=True,
            placeholder="–",
            alt=f"The rules of {score_name} by what it loses without them",
            column_config={
                name: st.column_config.NumberColumn(format="%.2f")
                for name in ("Lost without it", "At least", "At most", "Times as often")
            },
        )


def show_what_to_try(outcome: Outcome, score_name: str, with_outcome: int) -> None:
    st.header("Worth a try")
    if with_outcome < FEWEST_TO_CHOOSE:
        st.caption(
            f"Trying changes of rules takes {FEWEST_TO_CHOOSE} contacts with the outcome; there "
            f"are {with_outcome:,}."
        )
        return
    tried = of(TRIED, outcome, score_name)
    if tried.empty:
        st.caption(
            "Nothing that was tried helps for certain: each rule with more, fewer or capped "
            "points, and half-lives for all of them."
        )
        return
    st.markdown(
        "\n".join(
            f"- **{plain(row['what'])}**: of 100 pairs, {short(row['gain'])} more in the right "
            f"order; between {row['gain'] - Z * row['error']:.1f} and "
            f"{row['gain'] + Z * row['error']:.1f}."
            for row in tried.to_dict("records")
        )
    )
    st.caption("`make preview` shows what an edit does to the list. No rule edits itself.")
