"""What a build has found, as a short table: `contact-scoring summary`.

Source: the marts of the last build. Exits non-zero where there are none.
"""

import duckdb
from rich.console import Console

from contact_scoring.tables import console, number, printable, table
from contact_scoring.warehouse import Row, database_path, marts, only_row

WINDOW_DAYS = 30
TOP = 10

TOP_CONTACTS = """
    with strongest_drivers as (
        select
            contact_id,
            arg_max(rule_id, (points, rule_id)) as rule_id,
            max(points) as points
        from marts.score_drivers
        where window_days = $window_days and score_name = $score_name
        group by contact_id
    ),

    grades as (
        select contact_id, min(grade) as grade
        from marts.lead_grades
        where score_name = $score_name
        group by contact_id
    )

    select
        contacts.score_rank,
        coalesce(contacts.full_name, contacts.email_address, contacts.contact_id) as contact,
        contacts.company_name,
        contacts.score,
        contacts.band,
        grades.grade,
        drivers.rule_id,
        drivers.points
    from marts.active_contacts as contacts
    inner join strongest_drivers as drivers
        on contacts.contact_id = drivers.contact_id
    left join grades
        on contacts.contact_id = grades.contact_id
    where contacts.window_days = $window_days and contacts.score_name = $score_name
    order by contacts.score_rank, contacts.contact_id
    limit $top
"""

STATUSES = """
    select
        score_name,
        count(*) filter (where status = 'active') as active,
        count(*) filter (where status = 'inactive') as inactive,
        count(*) filter (where status = 'disqualified') as disqualified
    from marts.contact_scores
    group by score_name
    order by score_name
"""

ROWS = """
    select source, rows_read, engagements, duplicates, rejected, erased
    from marts.scoring_status
    order by source
"""

REJECTED = """
    select reason, count(*) as n_rows, string_agg(distinct source, ', ' order by source) as sources
    from marts.rejected_events
    group by reason
    order by n_rows desc, reason
"""


HANDOFFS = """
    select count(*)
    from marts.sales_handoffs
    where handed_off_at = (select max(as_of) from marts.contact_scores)
"""

NEVER_MATCHED = """
    select rule_id
    from marts.rule_performance
    where last_matched_at is null
    order by rule_id
"""

FITTING_NOBODY = """
    select rule_id
    from staging.stg_fit_rules
    where rule_id not in (select rule_id from marts.fit_drivers)
    order by rule_id
"""


def print_summary(connection: duckdb.DuckDBPyConnection, console: Console) -> None:
    """Print the top of the list, who is active and what was read."""
    statuses = connection.execute(STATUSES).fetchall()
    score_names = [row[0] for row in statuses]
    (as_of,) = only_row(connection, "select max(as_of) from marts.scoring_status")

    # the first score by which anybody is in the list
    top: list[Row] = []
    for score_name in sorted(score_names, key=lambda name: name != "engagement"):
        top = connection.execute(
            TOP_CONTACTS, {"window_days": WINDOW_DAYS, "score_name": score_name, "top": TOP}
        ).fetchall()
        if top:
            break
    if top:
        columns = ["rank", "contact", "company", "score", "band", "grade", "strongest driver"]
        rows = [(*row[:6], f"{row[6]} ({number(row[7])})") for row in top]
        if not any(row[5] for row in top):
            columns.remove("grade")
            rows = [(*row[:5], row[6]) for row in rows]
        title = (
            f"Top {len(rows)} by {score_name}, the {WINDOW_DAYS} days to {as_of:%Y-%m-%d %H:%M} UTC"
        )
        console.print(table(title, columns, rows))
    else:
        console.print(
            f"Nobody earned a point in the {WINDOW_DAYS} days to {as_of:%Y-%m-%d %H:%M} UTC. "
            "Are the events older, or is a rule missing for their type?"
        )
    console.print()
    console.print(
        table(
            "Contacts, by the last 90 days",
            ["score", "active", "inactive", "disqualified"],
            statuses,
        )
    )
    (handoffs,) = only_row(connection, HANDOFFS)
    if handoffs:
        console.print(f"{number(handoffs)} handed to sales at this as-of (marts.sales_handoffs)")
    console.print()
    columns = ["raw table", "rows read", "engagements", "duplicates", "rejected", "erased"]
    console.print(table("Rows", columns, connection.execute(ROWS).fetchall()))
    rejected = connection.execute(REJECTED).fetchall()
    if rejected:
        console.print()
        console.print(table("Rejected rows", ["reason", "rows", "raw tables"], rejected))
    never_matched = [printable(rule) for (rule,) in connection.execute(NEVER_MATCHED).fetchall()]
    if never_matched:
        rules = "rule" if len(never_matched) == 1 else "rules"
        console.print(
            f"\nNo event ever matched the {rules} {', '.join(never_matched)}. "
            "Is its event_type, or its filter, what the events say, and is its valid_from past?"
        )
    fitting_nobody = [printable(rule) for (rule,) in connection.execute(FITTING_NOBODY).fetchall()]
    if fitting_nobody:
        rules = "rule" if len(fitting_nobody) == 1 else "rules"
        console.print(
            f"\nNo contact matches the fit {rules} {', '.join(fitting_nobody)}. "
            "Is its attribute, or its value, what the contacts have?"
        )
    console.print(
        f"\nOf the last build, {database_path()}. To read the marts, open what is published.",
        soft_wrap=True,
    )


def main() -> None:
    """Print the summary; one clear line where no build has finished yet."""
    with marts() as connection:
        print_summary(connection, console())
