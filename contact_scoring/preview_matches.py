"""What the new and edited rules match, and what in them is no mistake but hardly meant.

The connection is one of `preview.compared`: the edited rules are its own database, and the last
build is beside it.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from difflib import get_close_matches

import duckdb

from contact_scoring import config_checks, config_files
from contact_scoring.config_edits import Rules, changed_rows, keyed, rules_with_edited_filters
from contact_scoring.questions import UNCOUNTED
from contact_scoring.tables import number
from contact_scoring.warehouse import Row, database_path

Connection = duckdb.DuckDBPyConnection
# the rows by what a person calls them
Named = dict[str, config_files.Row]

# whether it earns or not; a rule that matches nothing has no row
MATCHED = """
    select
        rule_id,
        count(*) as events,
        count(*) filter (where earns) as earning,
        count(distinct contact_id) filter (where earns) as contacts,
        cast(coalesce(sum(points) filter (where earns), 0) as decimal(18, 2)) as points,
        histogram(unearned_reason) as unearned
    from marts.points_ledger
    where rule_id in (select unnest($rules))
    group by rule_id
"""

# of those who have fewer events than the rule's min_times
TOO_FEW = """
    with by_contact as (
        select rule_id, contact_id, count(*) as times
        from marts.points_ledger
        where unearned_reason = 'too_few' and rule_id in (select unnest($rules))
        group by rule_id, contact_id
    )

    select rule_id, sum(times), count(*), max(times) from by_contact group by rule_id
"""

# of the events that a rule looks at, how many a further condition leaves out
LEFT_OUT = """
    select
        rules.rule_id,
        concat_ws(
            ' ', rules.match_field{n}, rules.match_operator{n}, rules.match_value{n}
        ) as condition,
        count(*) as events,
        count(*) filter (where not {passes}) as left_out
    from {built}.engagement.engagements as engagements
    inner join staging.stg_scoring_rules as rules on {is_looked_at}
    where
        rules.rule_id in (select unnest($rules))
        and rules.match_field{n} is not null
        and engagements.occurred_at >= cast($as_of as timestamp) - interval 90 days
        and engagements.occurred_at < cast($as_of as timestamp)
    group by all
    order by all
"""

TYPES_EVER_READ = (
    "select distinct event_type from {built}.engagement.event_log where event_type is not null"
)

# a row for each event type and each field that any of its events has
FIELDS = """
    select event_type, field
    from (
        select event_type, link_url, page_url, campaign_id, detail
        from {built}.engagement.event_log
        where event_type in (select unnest($types))
    )
    unpivot (value for field in (link_url, page_url, campaign_id, detail))
    group by event_type, field
    order by event_type, field
"""

# a rule that matches nobody has no row
FIT_MATCHED = """
    select rule_id, count(*) as contacts, count(*) filter (where is_disqualified) as disqualified
    from marts.fit_drivers
    where rule_id in (select unnest($rules))
    group by rule_id
"""

OWN_ATTRIBUTES = """
    select distinct attribute_name
    from {built}.staging.stg_attributes
    where attribute_name is not null
    order by attribute_name
    limit 20
"""


def built() -> str:
    """The database of the last build, in SQL."""
    return f'"{database_path().stem}"'


def uncounted(connection: Connection, rules: Named, found: dict[str, Row]) -> Iterator[str]:
    """Why events that the rules match earn nothing."""
    too_few = connection.execute(TOO_FEW, {"rules": list(rules)}).fetchall()
    few = {rule: counts for rule, *counts in too_few}
    for rule, row in rules.items():
        *_, unearned = found.get(rule, (None,))
        often_first = sorted((unearned or {}).items(), key=lambda item: (-item[1], item[0]))
        reasons = [
            f"{number(times)} {UNCOUNTED[why]}" for why, times in often_first if why != "too_few"
        ]
        if reasons:
            yield f"{rule}: matched, but not counted: {', '.join(reasons)}"
        if rule in few:
            events, contacts, most = few[rule]
            yield (
                f"{rule}: too few: {number(events)} events of {number(contacts)} contacts; "
                f"the most that any of them has is {most} of {row['min_times']}"
            )


def conditions_of(rules: Named, edited: Rules) -> list[config_files.Row]:
    return [row for row in edited["scoring_rule_conditions"] if row["rule_id"] in rules]


def left_out(connection: Connection, rules: Named, edited: Rules, as_of: datetime) -> Iterator[str]:
    """How many events each further condition leaves out, of those that its rule looks at."""
    named = [row["rule_id"] for row in conditions_of(rules, edited)]
    macros = config_checks.Project().macros if named else {}
    for place in range(1, max(map(named.count, named), default=0) + 1):
        sql = LEFT_OUT.format(
            n=f"_{place}",
            passes=macros["passes_filter"]("engagements", "rules", f"_{place}"),
            is_looked_at=macros["is_looked_at"]("engagements", "rules"),
            built=built(),
        )
        counts = connection.execute(sql, {"rules": named, "as_of": as_of}).fetchall()
        for rule, condition, events, without in counts:
            if 0 < without < events:
                yield (
                    f"{rule}: {condition} leaves out {number(without)} of {number(events)} events"
                )
            else:
                share = f"all {number(events)}" if without else f"none of {number(events)}"
                yield (
                    f"scoring_rule_conditions.csv: {rule}: {condition} leaves out {share} events. "
                    "Is its field, or its value, what the events say?"
                )


def fields_that_no_event_has(connection: Connection, rules: Named, edited: Rules) -> Iterator[str]:
    """Filters and further conditions on what events of that type never say."""
    filters = [("scoring_rules", row) for row in rules.values() if "match_field" in row]
    filters += [("scoring_rule_conditions", row) for row in conditions_of(rules, edited)]
    types = {rules[row["rule_id"]]["event_type"] for _, row in filters}
    fields: dict[str, list[str]] = {}
    for event_type, field in connection.execute(
        FIELDS.format(built=built()), {"types": list(types)}
    ).fetchall():
        fields.setdefault(event_type, []).append(field)
    for seed, row in filters:
        event_type = rules[row["rule_id"]]["event_type"]
        has = fields.get(event_type)
        if has and row["match_field"] not in has:
            yield (
                f"{seed}.csv: {row['rule_id']}: {event_type} events have no {row['match_field']}: "
                f"look at {' or '.join(has)}"
            )


def types_never_read(connection: Connection, rules: Named) -> Iterator[str]:
    """Event types that look like another, which there is."""
    found = connection.execute(TYPES_EVER_READ.format(built=built())).fetchall()
    macros = config_checks.Project().macros
    listed = [*macros["event_types"]("email_events"), *macros["event_types"]("web_events")]
    known = {event_type: event_type for event_type in (*listed, *(name for (name,) in found))}
    # open for email_open, view for page_view
    short = {event_type.partition("_")[2]: event_type for event_type in listed}
    names = short | known
    for rule, row in rules.items():
        close = get_close_matches(row["event_type"], sorted(names), n=1, cutoff=0.8)
        if row["event_type"] not in known and close:
            yield (
                f"scoring_rules.csv: {rule}: no {row['event_type']} was ever read. "
                f"Did you mean {names[close[0]]}?"
            )


def caps_that_surprise(rules: Named) -> Iterator[str]:
    """What min_times and max_points do, and people do not expect."""
    for rule, row in rules.items():
        points, times = Decimal(row["points"]), int(row.get("min_times", 1))
        cap = Decimal(row["max_points"]) if "max_points" in row else None
        if times > 1 and cap is None:
            yield (
                f"scoring_rules.csv: {rule}: {times} events give {number(times * points)} points; "
                f"to give {number(points)} once, set max_points to {number(abs(points))}"
            )
        if cap is not None and cap < abs(points):
            yield (
                f"scoring_rules.csv: {rule}: max_points {number(cap)} is less than "
                f"the {number(abs(points))} points of one event"
            )


def matches(
    connection: Connection, before: Rules, edited: Rules, as_of: datetime
) -> tuple[list[Row], list[str]]:
    """What each new and edited rule matches, and what is to be said of it.

    The row of a rule: events matched, those that earn, contacts, and points before caps.
    """
    now = keyed("scoring_rules", edited["scoring_rules"])
    rules = {rule: now[rule] for rule in rules_with_edited_filters(before, edited)}
    if not rules:
        return [], []
    found = {
        rule: tuple(counts)
        for rule, *counts in connection.execute(MATCHED, {"rules": list(rules)}).fetchall()
    }
    unmatched = (
        f"scoring_rules.csv: {rule}: no event of the last 90 days matches. "
        "Is its event_type, or its filter, what the events say?"
        for rule in rules
        if rule not in found
    )
    said = [
        *uncounted(connection, rules, found),
        *left_out(connection, rules, edited, as_of),
        *unmatched,
        *types_never_read(connection, rules),
        *fields_that_no_event_has(connection, rules, edited),
        *caps_that_surprise(rules),
    ]
    return [(rule, *found.get(rule, (0, 0, 0, 0, None))[:4]) for rule in rules], said


def attributes_to_use(connection: Connection, attribute: str) -> str:
    """The attributes that a fit rule may look at, for one that looks at none of them."""
    macros = config_checks.Project().macros
    fields = [*macros["contact_fields"](), "email_domain", "list"]
    if attribute in fields:
        return ""
    found = connection.execute(OWN_ATTRIBUTES.format(built=built())).fetchall()
    own = [name for (name,) in found if name not in fields]
    yours = f" or one of yours: {', '.join(own)}" if own else ""
    return f" Use {', '.join(fields)}{yours}"


def fit_doubts(connection: Connection, rules: Named, matched: Iterable[str]) -> Iterator[str]:
    """Fit rules that look at what no contact has, or for what no contact has."""
    found = connection.execute("select distinct attribute_name from points.contact_attributes")
    had = {name for (name,) in found.fetchall()}
    for rule, row in rules.items():
        attribute = row["attribute"]
        if attribute not in had:
            others = attributes_to_use(connection, attribute)
            yield f"fit_rules.csv: {rule}: no contact has an attribute '{attribute}'.{others}"
        elif rule not in matched:
            yield (
                f"fit_rules.csv: {rule}: no contact matches. "
                f"Is its value what the contacts have as {attribute}?"
            )


def fit_matches(
    connection: Connection, before: Rules, edited: Rules
) -> tuple[list[Row], list[str]]:
    """Whom each new and edited fit rule matches, and what is to be said of it.

    The row of a rule: contacts, and how many of them are disqualified.
    """
    rules = changed_rows("fit_rules", before["fit_rules"], edited["fit_rules"])
    if not rules:
        return [], []
    matched = connection.execute(FIT_MATCHED, {"rules": list(rules)}).fetchall()
    found = {rule: counts for rule, *counts in matched}
    rows = [(rule, *found.get(rule, (0, 0))) for rule in rules]
    return rows, list(fit_doubts(connection, rules, found))


def slips(seed: str, before: list[config_files.Row], rules: Named) -> Iterator[str]:
    """What in the text of the new and edited rows is hardly meant."""
    known = {row.get("score_name", "engagement") for row in before}
    for key, row in rules.items():
        score_name, value = row.get("score_name", "engagement"), row.get("match_value", "")
        close = get_close_matches(score_name, sorted(known), n=1, cutoff=0.8)
        if score_name not in known and close:
            yield f"{key}: the score name {score_name} is new. If that is a slip, write {close[0]}."
        if "|" in value:
            yield f"{key}: | is looked for as it stands, and is no 'or'. Write a rule for each."
        if "," in value and row.get("match_operator") == "equals":
            yield (
                f"{key}: a comma is looked for as it stands, and is no 'or'. Write a rule for each."
            )
        # %20 and the like stand in many a link
        if re.search("%(?![0-9A-Fa-f]{2})", value):
            without = value.strip("%")
            yield f"{key}: % is looked for as it stands, and is no wildcard. Write {without}."


def ungraded(edited: Rules) -> Iterator[str]:
    """Scores that hand contacts over whoever they are, and fit that decides about nobody."""
    graded = {row.get("score_name", "engagement") for row in edited["lead_grades"]}
    of_fit = {row.get("score_name", "fit") for row in edited["fit_rules"]}
    ready = {
        row.get("score_name", "engagement")
        for row in edited["score_bands"]
        if row.get("is_sales_ready", "").lower() in ("true", "t", "yes", "1")
    }
    if graded:
        for score_name in sorted(ready - graded - of_fit):
            yield (
                f"lead_grades.csv: {score_name} has a sales-ready band and no grades: "
                "its hand-offs do not look at fit."
            )
    bands_with_grades = {
        (row.get("score_name", "engagement"), row.get("band")) for row in edited["lead_grades"]
    }
    for row in edited["score_bands"]:
        score_name, band = row.get("score_name", "engagement"), row.get("band")
        if score_name in graded and (score_name, band) not in bands_with_grades:
            yield (
                f"lead_grades.csv: no row has the band {band} of {score_name}: whoever is in it "
                "has no grade and is not handed to sales. Add a row for each fit band."
            )
    asked = {row.get("fit_score_name", "fit") for row in edited["lead_grades"]}
    for score_name in sorted(of_fit - asked):
        yield (
            f"lead_grades.csv: no row has the fit score {score_name}: it changes nobody's grade "
            "and no hand-off."
        )


def doubts(connection: Connection, before: Rules, edited: Rules) -> Iterator[str]:
    """What else in the edited files is hardly meant."""
    changed = {seed: changed_rows(seed, before[seed], edited[seed]) for seed in edited}
    for seed, rows in changed.items():
        yield from (f"{seed}.csv: {slip}" for slip in slips(seed, before[seed], rows))
    of_grades = ("fit_rules", "lead_grades", "score_bands")
    if any(keyed(seed, before[seed]) != keyed(seed, edited[seed]) for seed in of_grades):
        yield from ungraded(edited)
    seed = "disqualification_rules"
    if changed[seed]:
        found = connection.execute(TYPES_EVER_READ.format(built=built())).fetchall()
        unread = [event_type for event_type in changed[seed] if (event_type,) not in found]
        yield from (f"{seed}.csv: no {name} was ever read. Is it misspelt?" for name in unread)
