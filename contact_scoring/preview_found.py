"""What a preview finds, kept for the page *Try a change*: a DuckDB file, and one row of each table.

The connection is one of `preview.compared`, whose table `moves` it reads. Contacts for whom nothing
would change are counted and not kept.
"""

from pathlib import Path

import duckdb

from contact_scoring.warehouse import Row, database_path

# one row per score name and contact for whom something would change
MOVING = """
    select * from moves
    where
        score_change <> 0
        or band_before is distinct from band_after
        or grade_before is distinct from grade_after
        or status_before is distinct from status_after
        or becomes_ready
        or ceases_ready
"""

# the order in which people are told: who changes band or grade first, then by how far they move
MOST_MOVED = """
        (band_before is distinct from band_after or grade_before is distinct from grade_after) desc,
        abs(score_change) desc, score_name, contact_id
"""

# one row per score name and band: contacts in it, now and then, in and out
BANDS = """
    with held as (
        select score_name, contact_id, band_before as band, 1 as n_before, 0 as n_after
        from moves where band_before is not null
        union all
        select score_name, contact_id, band_after, 0, 1 from moves where band_after is not null
    ),

    contacts as (
        select score_name, band, contact_id, sum(n_before) as n_before, sum(n_after) as n_after
        from held
        group by score_name, band, contact_id
    )

    select
        contacts.score_name,
        contacts.band,
        cast(sum(n_before) as bigint) as contacts_before,
        count(*) filter (where n_before < n_after) as entering,
        count(*) filter (where n_before > n_after) as leaving,
        cast(sum(n_after) as bigint) as contacts_after,
        any_value(cast(bands.min_score as double)) as min_score
    from contacts
    left join staging.stg_score_bands as bands
        on contacts.score_name = bands.score_name and contacts.band = bands.band
    group by contacts.score_name, contacts.band
    order by contacts.score_name <> 'engagement', contacts.score_name, min_score desc nulls last
"""

# one row per scoring rule of either build: its events of the last 90 days
RULES = """
    with matched as (
        {sides}
    )

    select
        rule_id,
        {columns}
    from matched
    group by rule_id
    order by
        (events_before, earning_before, points_before)
        is distinct from (events_after, earning_after, points_after) desc,
        rule_id
"""
RULES_OF_A_SIDE = """
    select
        '{side}' as side,
        rules.rule_id,
        count(ledger.rule_id) as events,
        count(*) filter (where ledger.earns) as earning,
        count(distinct ledger.contact_id) filter (where ledger.earns) as contacts,
        coalesce(sum(ledger.points) filter (where ledger.earns), 0) as points
    from {database}.staging.stg_scoring_rules as rules
    left join {database}.marts.points_ledger as ledger on rules.rule_id = ledger.rule_id
    group by rules.rule_id
"""

# one row per contact that moves, score name and rule of either build; fit rules have no times
DRIVERS = """
    with drivers as (
        {sides}
    )

    select
        score_name,
        contact_id,
        rule_id,
        {columns}
    from drivers
    where (score_name, contact_id) in (select (score_name, contact_id) from found.moves)
    group by score_name, contact_id, rule_id
"""
DRIVERS_OF_A_SIDE = """
    select '{side}' as side, score_name, contact_id, rule_id, times_earned as times, points
    from {database}.marts.score_drivers
    where window_days = {window} and not is_disqualified

    union all

    select '{side}' as side, score_name, contact_id, rule_id, null as times, points
    from {database}.marts.fit_drivers
    where not is_disqualified
"""


def side_by_side(sql: str, of_a_side: str, columns: list[str], window: int) -> str:
    """A query of both builds, with each column as it was before and as it is after."""
    name = database_path().stem
    sides = {"before": name, "after": f"{name}_preview"}
    return sql.format(
        sides=" union all ".join(
            of_a_side.format(side=side, database=f'"{database}"', window=window)
            for side, database in sides.items()
        ),
        columns=", ".join(
            f"cast(sum({column}) filter (where side = '{side}') as double) as {column}_{side}"
            for column in columns
            for side in sides
        ),
    )


def keep(
    connection: duckdb.DuckDBPyConnection,
    file: Path,
    window: int,
    changes: list[Row],
    remarks: list[str],
) -> None:
    """Write the file: the tables changes, remarks, bands, rules, moves and drivers."""
    path = str(file).replace("'", "''")
    connection.execute(f"attach '{path}' as found")
    connection.execute("create table found.changes (file text, rule text, change text)")
    connection.execute("create table found.remarks (remark text)")
    for change in changes:
        connection.execute("insert into found.changes values (?, ?, ?)", change)
    for remark in remarks:
        connection.execute("insert into found.remarks values (?)", [remark])
    columns = ["events", "earning", "contacts", "points"]
    queries = {
        "bands": BANDS,
        "rules": side_by_side(RULES, RULES_OF_A_SIDE, columns, window),
        "moves": MOVING,
        "drivers": side_by_side(DRIVERS, DRIVERS_OF_A_SIDE, ["times", "points"], window),
    }
    for table, query in queries.items():
        connection.execute(f"create table found.{table} as {query}")
    connection.execute("detach found")
