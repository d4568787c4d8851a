"""What was edited in the files of seeds/config, row by row."""

from collections.abc import Iterator

from contact_scoring import config_files
from contact_scoring.tables import cell

# the rows of each file
Rules = dict[str, list[config_files.Row]]
# what tells the rows of a config seed apart
ROW_KEYS = {
    "scoring_rules": ("rule_id",),
    "scoring_rule_conditions": ("rule_id", "match_field", "match_operator", "match_value"),
    "fit_rules": ("rule_id",),
    "disqualification_rules": ("event_type",),
    "score_bands": ("score_name", "band"),
    "lead_grades": ("fit_score_name", "fit_band", "score_name", "band"),
    "machine_user_agents": ("pattern",),
    "outcomes": ("outcome",),
}


def keyed(seed: str, rows: list[config_files.Row]) -> dict[str, config_files.Row]:
    """The rows by what a person calls them."""
    defaults = {"score_name": "engagement", "fit_score_name": "fit"}
    return {
        " ".join(row.get(column) or defaults.get(column, "") for column in ROW_KEYS[seed]): row
        for row in rows
    }


def rule_changes(
    seed: str, built: list[config_files.Row], edited: list[config_files.Row]
) -> Iterator[tuple[str, str, str]]:
    """File, rule and what was done to it."""
    before, after = keyed(seed, built), keyed(seed, edited)
    for key in [*after, *(key for key in before if key not in after)]:
        old, new = before.get(key), after.get(key)
        if old == new:
            continue
        if new is None:
            change = "removed"
        elif old is None:
            cells = (
                f"{column} {value}" for column, value in new.items() if column not in ROW_KEYS[seed]
            )
            change = ": ".join(filter(None, ("new", ", ".join(cells))))
        else:
            change = ", ".join(
                f"{column} {cell(old.get(column))} → {cell(new.get(column))}"
                for column in dict.fromkeys([*old, *new])
                if old.get(column) != new.get(column)
            )
        yield f"{seed}.csv", key, change


def changed_rows(
    seed: str, built: list[config_files.Row], edited: list[config_files.Row]
) -> dict[str, config_files.Row]:
    """The rows that are new or edited, by what a person calls them."""
    before, after = keyed(seed, built), keyed(seed, edited)
    return {key: row for key, row in after.items() if before.get(key) != row}


def rules_with_edited_filters(built: Rules, edited: Rules) -> list[str]:
    """The rules that are new or edited, or whose conditions are."""
    seed = "scoring_rules"
    changed = list(changed_rows(seed, built[seed], edited[seed]))
    left = keyed(seed, edited[seed])
    seed = "scoring_rule_conditions"
    added = changed_rows(seed, built[seed], edited[seed])
    removed = changed_rows(seed, edited[seed], built[seed])
    with_conditions = sorted({row["rule_id"] for row in (*added.values(), *removed.values())})
    return list(dict.fromkeys([*changed, *(rule for rule in with_conditions if rule in left)]))
