"""What the rules do: what each gives, to how many, and what never happens.

Source: marts.rule_performance, marts.score_drivers, marts.points_ledger and the rules that made
them, over the last 90 days; marts.fit_drivers.
"""

from __future__ import annotations

import altair as alt
import pandas as pd
import streamlit as st

from app.choices import choose_score
from app.published import plain, query
from app.times import time_column
from contact_scoring.questions import UNCOUNTED

RULES = """
    with lost as (
        select rule_id, sum(points_lost_to_cap) as points
        from marts.score_drivers
        where score_name = $score_name and window_days = 90 and not is_disqualified
        group by rule_id
    ),

    matched as (
        select rule_id, count(*) as engagements, {reasons}
        from marts.points_ledger
        where score_name = $score_name
        group by rule_id
    )

    select
        coalesce(rules.description, rules.rule_id) as "What for",
        rules.points::double as "Points each",
        performance.points_90d::double as "Points in all",
        100 * abs(performance.points_90d)::double
            / nullif(sum(abs(performance.points_90d)::double) over (), 0) as "Share",
        performance.times_earned_90d as "Times earned",
        performance.contacts_90d as "Contacts",
        coalesce(lost.points, 0)::double as "Lost to the cap",
        coalesce(matched.engagements, 0) as "Matched",
        matched.* exclude (rule_id, engagements),
        performance.last_matched_at as "Last matched",
        concat_ws(' ', rules.event_type, {conditions}) as "Looks at",
        concat_ws(
            '; ',
            case when rules.counts_repeats then 'repeats count' end,
            case when rules.min_times > 1 then 'from ' || rules.min_times || ' times on' end,
            'at most ' || (rules.max_points::double)::varchar,
            'expires after ' || (rules.expires_after_days::double)::varchar || ' days',
            'half after ' || (rules.half_life_days::double)::varchar || ' days',
            'from ' || rules.valid_from::varchar,
            'until ' || rules.valid_to::varchar
        ) as "Limits",
        rules.rule_id as "Rule"
    from marts.rule_performance as performance
    inner join config.scoring_rules as rules on performance.rule_id = rules.rule_id
    left join lost on performance.rule_id = lost.rule_id
    left join matched on performance.rule_id = matched.rule_id
    where performance.score_name = $score_name
    order by abs(performance.points_90d) desc, performance.rule_id
"""

# what did not earn, by its reason
REASONS = ", ".join(
    f"count(*) filter (where unearned_reason = '{reason}') as {reason}" for reason in UNCOUNTED
)

DISQUALIFIED = "Of the disqualified"
EXPLAINED = {
    "machine": "a mail scanner or a crawler did it.",
    "repeat": "the same event of the same message, once more.",
    "no_consent": "a web visit whose visitor has not agreed to be tracked.",
    "expired": "older than the rule's limit.",
    "no_contact": "no contact is known for the address or the visitor; it earns once one is.",
    "too_few": "fewer times than the rule asks for.",
}

# its own filter, and the further ones by their numbers: as many as most_conditions() of
# macros/points.sql says
CONDITIONS = "nullif(concat_ws(' and ', {}), '')".format(
    ", ".join(
        f"rules.match_field{number} || ' ' || rules.match_operator{number} || ' ' "
        f"|| rules.match_value{number}"
        for number in ("", *(f"_{number}" for number in range(1, 10)))
    )
)

DISQUALIFICATIONS = """
    select
        rules.event_type as "Event",
        count(distinct held_back.contact_id) as "Contacts held back",
        rules.description as "What for",
        rules.min_occurrences as "Times needed",
        rules.applies_to as "Of",
        rules.cleared_by as "Cleared by"
    from config.disqualification_rules as rules
    left join marts.disqualified_contacts as held_back on rules.event_type = held_back.event_type
    group by all
    order by "Contacts held back" desc, "Event"
"""

BANDS = """
    select
        band,
        min_score::double as min_score,
        window_days,
        -- where grades decide whom to call, the band does not
        case
            when $score_name not in (select score_name from config.lead_grades) then is_sales_ready
        end as is_sales_ready
    from config.score_bands
    where score_name = $score_name
    order by min_score desc
"""

IN_BANDS = """
    select coalesce(band, '(no band)') as band, count(*) as contacts
    from marts.contact_scores
    where score_name = $score_name and status = 'active'
    group by band
"""

FIT_RULES = """
    with matched as (
        select rule_id, count(*) as contacts
        from marts.fit_drivers
        where not is_disqualified
        group by rule_id
    )

    select
        coalesce(rules.description, rules.rule_id) as "What for",
        rules.points::double as "Points",
        coalesce(matched.contacts, 0) as "Contacts",
        concat_ws(' ', rules.attribute, rules.match_operator, rules.match_value) as "Looks at",
        rules.rule_id as "Rule",
        rules.score_name as "Fit score"
    from config.fit_rules as rules
    left join matched on rules.rule_id = matched.rule_id
    order by rules.score_name, rules.points desc, rules.rule_id
"""

# of fit scores, which have no window
FIT_BANDS = """
    select
        score_name as "Fit score",
        band as "Band",
        min_score::double as "From score"
    from config.score_bands
    where window_days is null
    order by score_name, min_score desc
"""

GRADES = """
    select
        grades.fit_score_name,
        coalesce(grades.fit_band, '(no band)') as fit_band,
        coalesce(grades.band, '(no band)') as band,
        bands.min_score::double as from_score,
        grades.grade,
        grades.is_sales_ready
    from config.lead_grades as grades
    left join config.score_bands as fit_bands
        on grades.fit_score_name = fit_bands.score_name and grades.fit_band = fit_bands.band
    left join config.score_bands as bands
        on grades.score_name = bands.score_name and grades.band = bands.band
    where grades.score_name = $score_name
    order by grades.fit_score_name, fit_bands.min_score desc nulls last
"""

# in at most forty columns of equal width
DISTRIBUTION = """
    with scores as (
        select score::double as score from marts.active_contacts
        where score_name = $score_name and window_days = $window
    ),

    width as (
        select greatest(1, ceil((max(score) - min(score)) / 40)) as width from scores
    )

    select
        floor(scores.score / width.width) * width.width as from_score,
        (floor(scores.score / width.width) + 1) * width.width as to_score,
        count(*) as contacts
    from scores
    cross join width
    group by all
    order by from_score
"""


def show_rules(score_name: str) -> None:
    rules = query(RULES.format(conditions=CONDITIONS, reasons=REASONS), score_name=score_name)
    st.header("Scoring rules, over the last 90 days")
    st.dataframe(
        rules.drop(columns=list(UNCOUNTED)),
        hide_index=True,
        placeholder="–",
        alt=f"The rules of {score_name}",
        column_config={
            "Points each": st.column_config.NumberColumn(
                format="localized", help="Points for one engagement, before decay"
            ),
            "Matched": st.column_config.NumberColumn(
                format="localized",
                help="Engagements that the rule matched, also those that earned nothing",
            ),
            "Times earned": st.column_config.NumberColumn(format="localized"),
            "Contacts": st.column_config.NumberColumn(format="localized"),
            "Points in all": st.column_config.NumberColumn(
                format="localized", help="Before caps, without the disqualified"
            ),
            "Share": st.column_config.ProgressColumn(
                format="%.0f%%",
                min_value=0,
                max_value=100,
                help="Of all points of this score, given or taken",
            ),
            "Lost to the cap": st.column_config.NumberColumn(format="localized"),
            "Last matched": time_column(),
        },
    )
    st.caption("Points are before caps, and without those of the disqualified.")
    never = rules.loc[rules["Last matched"].isna(), "Rule"]
    if not never.empty:
        st.warning(
            f"No event ever matched {', '.join(f'`{rule}`' for rule in never)}. Is the event_type, "
            "or the filter, what the events say?"
        )
    show_unearned(rules)


def show_unearned(rules: pd.DataFrame) -> None:
    """Why a rule earned less often than it matched."""
    st.header("Matched, not earned")
    counts = rules[["Rule", "Matched", "Times earned"]].copy()
    for reason, words in UNCOUNTED.items():
        counts[heading(words)] = rules[reason].fillna(0).astype(int)
    told = counts.drop(columns=["Rule", "Matched"]).sum(axis=1)
    counts[DISQUALIFIED] = counts["Matched"] - told
    counts = counts[counts["Matched"] > counts["Times earned"]]
    if counts.empty:
        st.caption("All that was matched was earned.")
        return
    there = [column for column in counts.columns if column == "Rule" or counts[column].any()]
    st.dataframe(
        counts[there],
        hide_index=True,
        alt="What was matched and not earned, by reason",
        column_config=dict.fromkeys(there[1:], st.column_config.NumberColumn(format="localized")),
    )
    st.caption(
        " ".join(
            f"{heading(words)}: {EXPLAINED[reason]}"
            for reason, words in UNCOUNTED.items()
            if heading(words) in there
        )
    )


def heading(words: str) -> str:
    return words[0].upper() + words[1:]


def show_bands(score_name: str) -> None:
    st.header("Bands")
    bands = query(BANDS, score_name=score_name)
    if bands.empty:
        st.caption(f"`{score_name}` has no bands: add them to `seeds/config/score_bands.csv`.")
        return
    window = int(bands["window_days"].iloc[0])
    distribution = query(DISTRIBUTION, score_name=score_name, window=window)
    if distribution.empty:
        st.caption(f"Nobody earned a point in the {window} days that the bands look at.")
        return
    bars = (
        alt.Chart(distribution)
        .mark_bar()
        .encode(
            x=alt.X("from_score:Q", bin="binned", title=f"score of {window} days"),
            x2="to_score:Q",
            y=alt.Y("contacts:Q", title="contacts"),
            tooltip=["from_score", "to_score", "contacts"],
        )
    )
    lines = alt.Chart(bands).mark_rule(strokeWidth=2, strokeDash=[5, 3], color="#d9822b")
    words = alt.Chart(bands).mark_text(align="left", dx=5, y=10, color="#d9822b")
    st.altair_chart(
        bars
        + lines.encode(x="min_score:Q", tooltip=["band", "min_score"])
        + words.encode(x="min_score:Q", text="band:N"),
        height=300,
        alt=f"How many contacts have which score of {window} days, with the bands' thresholds",
    )
    in_bands = query(IN_BANDS, score_name=score_name)
    shown = bands.merge(in_bands, on="band", how="outer").sort_values(
        "min_score", ascending=False, na_position="last"
    )
    shown["contacts"] = shown["contacts"].fillna(0).astype(int)
    if shown["is_sales_ready"].isna().all():
        shown = shown.drop(columns="is_sales_ready")
    st.dataframe(
        shown.rename(
            columns={
                "band": "Band",
                "min_score": "From score",
                "window_days": "Window in days",
                "is_sales_ready": "Sales-ready",
                "contacts": "Active contacts in it",
            }
        ),
        hide_index=True,
        placeholder="–",
        alt=f"The bands of {score_name}",
    )


def show_fit_rules() -> None:
    rules = query(FIT_RULES)
    if rules.empty:
        return
    st.header("Fit rules")
    st.dataframe(
        rules,
        hide_index=True,
        placeholder="–",
        alt="The fit rules",
        column_config={
            "Contacts": st.column_config.NumberColumn(
                format="localized", help="Contacts that the rule matches, without the disqualified"
            ),
        },
    )
    bands = query(FIT_BANDS)
    if not bands.empty:
        st.dataframe(bands, hide_index=True, alt="The bands of fit")


def show_grades(score_name: str) -> None:
    """The grade of each fit band, down, and band of the score, across."""
    for fit_score_name, grades in query(GRADES, score_name=score_name).groupby("fit_score_name"):
        st.header("Grades")
        grid = grades.pivot(index="fit_band", columns="band", values="grade")
        across = grades.sort_values("from_score", ascending=False)["band"].unique()
        grid = grid.loc[grades["fit_band"].unique(), across]
        st.dataframe(
            grid.reset_index(names="Fit band"),
            hide_index=True,
            placeholder="–",
            alt=f"Grades of {fit_score_name} and {score_name}",
        )
        ready = sorted(grades.loc[grades["is_sales_ready"], "grade"].unique())
        called = ", ".join(map(plain, ready)) or "none of them"
        st.caption(
            f"Down: {plain(str(fit_score_name))}, across: {plain(score_name)}. Sales should call: "
            f"{called}. The grade decides, in place of the band."
        )


def show_disqualifications() -> None:
    st.header("Disqualification rules")
    rules = query(DISQUALIFICATIONS)
    if rules.empty:
        st.caption("There are none.")
    else:
        st.dataframe(rules, hide_index=True, placeholder="–", alt="The disqualification rules")
        st.caption("One contact may be held back by several.")


def show_page() -> None:
    st.title("Rules")
    score_name = choose_score()
    show_rules(score_name)
    show_bands(score_name)
    show_grades(score_name)
    show_fit_rules()
    show_disqualifications()


show_page()
