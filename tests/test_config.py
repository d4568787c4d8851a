"""Mistakes in the config seeds: each stops the build, names its row and says how to mend it."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from conftest import CLASSIC_RULES, Project, copy_project
from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest

from contact_scoring import config_checks, config_files

RULE_COLUMNS = CLASSIC_RULES.splitlines()[0].split(",")
DISQUALIFICATION_HEADER = "event_type,min_occurrences,applies_to,cleared_by,description\n"
CONDITIONS_HEADER = "rule_id,match_field,match_operator,match_value"
BANDS_HEADER = "score_name,window_days,band,min_score,is_sales_ready\n"
FIT_COLUMNS = [
    "rule_id", "score_name", "attribute", "match_operator", "match_value", "points", "description",
]  # fmt: skip
GRADES_HEADER = "fit_score_name,fit_band,score_name,band,grade,is_sales_ready"


def rule(**changes: str) -> tuple[str, str]:
    """The classic rules and one more, with changes."""
    row = {"rule_id": "extra", "event_type": "page_view", "points": "1"} | changes
    return "scoring_rules", CLASSIC_RULES + ",".join(row.get(name, "") for name in RULE_COLUMNS)


def rules_file(columns: list[str], rules: list[dict[str, str]]) -> str:
    lines = [columns, *([row.get(name, "") for name in columns] for row in rules)]
    return "".join(",".join(line) + "\n" for line in lines)


def rule_in_numbers(min_times: str) -> tuple[str, str]:
    """A file with the column that those of an earlier version have not."""
    row = {"rule_id": "extra", "event_type": "page_view", "points": "1", "min_times": min_times}
    return "scoring_rules", rules_file([*RULE_COLUMNS, "min_times"], [row])


def disqualification(row: str) -> tuple[str, str]:
    return "disqualification_rules", DISQUALIFICATION_HEADER + row


def conditions(*rows: str) -> tuple[str, str]:
    return "scoring_rule_conditions", "\n".join((CONDITIONS_HEADER, *rows))


def bands(*rows: str) -> tuple[str, str]:
    return "score_bands", BANDS_HEADER + "\n".join(rows)


def fit_rule(**changes: str) -> tuple[str, str]:
    """A fit rule beside the one that gives the fit score its name, with changes."""
    row = {"rule_id": "country", "attribute": "country", "match_operator": "is_known"}
    extra = row | {"rule_id": "extra", "match_operator": "equals", "match_value": "x"} | changes
    return "fit_rules", rules_file(FIT_COLUMNS, [row | {"points": "1"}, {"points": "1"} | extra])


def outcome(**changes: str) -> tuple[str, str]:
    """An outcome, with changes."""
    row = {"outcome": "extra", "event_type": "meeting_booked", "horizon_days": "30"}
    columns = [*row, "match_field", "match_operator", "match_value", "is_wanted", "repeats"]
    return "outcomes", rules_file(
        [*columns, "description"], [row | {"is_wanted": "true"} | changes]
    )


def grades(*rows: str) -> tuple[str, str]:
    return "lead_grades", "\n".join((GRADES_HEADER, *rows))


FILTER = {"match_field": "page_url", "match_operator": "contains", "match_value": "x"}

MISTAKES = {
    "unknown operator": (
        rule(**FILTER | {"match_operator": "like"}),
        "rule extra: match_operator 'like' is unknown: use equals, starts_with or contains, or one",
    ),
    "unknown field": (
        rule(**FILTER | {"match_field": "page"}),
        "rule extra: match_field 'page' is unknown: use link_url, page_url, campaign_id or detail",
    ),
    "half a filter": (
        rule(**FILTER | {"match_value": " "}),
        "rule extra: the filter is half there: fill in match_field, match_operator and match_value",
    ),
    "duplicate rule": (rule(rule_id="open"), "rule open: rule_id stands on 2 rows"),
    "blank rule": (rule(rule_id=" "), "rule (no rule_id, for page_view): rule_id is blank"),
    "rule in capitals": (
        rule(rule_id="Extra"),
        "rule Extra: rule_id is not lower_snake_case: write extra",
    ),
    "words for points": (rule(points="ten"), "rule extra: points 'ten' is not a number"),
    "a decimal comma": (
        rule(points='"-0,5"'),
        "rule extra: points '-0,5' is not a number: write -0.5",
    ),
    "a cap with a decimal comma": (
        rule(max_points='"7,25"'),
        "rule extra: max_points '7,25' is not a positive number: write 7.25, or leave it empty",
    ),
    "an activity in words": (
        rule(event_type="Webinar Sign-up"),
        "rule extra: event_type 'Webinar Sign-up' is no event type: write webinar_sign_up",
    ),
    "an activity in another script": (
        rule(event_type="тест"),
        "rule extra: event_type 'тест' is no event type: write it in lower_snake_case",
    ),
    "a dash for a minus": (
        rule(points="\u2013100"),
        "rule extra: points '\u2013100' is not a number: write -100 with a plain minus",
    ),
    "a minus sign as in print": (
        fit_rule(points="\u22120.5"),
        "rule extra: points '\u22120.5' is not a number: write -0.5 with a plain minus",
    ),
    "no points": (rule(points=""), "rule extra: points (blank) is not a number"),
    "too many points": (rule(points="1000001"), "rule extra: points '1000001' is out of range"),
    "cap of zero": (rule(max_points="0"), "rule extra: max_points '0' is not a positive number"),
    "negative half-life": (
        rule(half_life_days="-7"),
        "rule extra: half_life_days '-7' is not a positive number",
    ),
    "expiry in words": (
        rule(expires_after_days="week"),
        "rule extra: expires_after_days 'week' is not a positive number",
    ),
    "unreadable validity": (
        rule(valid_from="1.1.2026"),
        "rule extra: valid_from '1.1.2026' is not a time",
    ),
    "empty validity": (
        rule(valid_from="2026-02-01", valid_to="2026-01-01"),
        "rule extra: valid_from is not before valid_to",
    ),
    "typo in a boolean": (
        rule(counts_repeats="ture"),
        "rule extra: counts_repeats 'ture' is neither true nor false",
    ),
    "unknown e-mail event": (
        rule(event_type="email_opened"),
        "rule extra: event_type 'email_opened' is no e-mail event type: use one of email_sent,",
    ),
    "unknown page event": (
        rule(event_type="page_viewed"),
        "rule extra: event_type 'page_viewed' is no web event type: use page_view or form",
    ),
    "unknown form event": (
        rule(event_type="form_filled"),
        "rule extra: event_type 'form_filled' is no web event type",
    ),
    "a number of times in words": (
        rule_in_numbers("three"),
        "rule extra: min_times 'three' is not a whole number of 1 or more; leave it empty for 1",
    ),
    "no times": (
        rule_in_numbers("0"),
        "rule extra: min_times '0' is not a whole number of 1 or more; leave it empty for 1",
    ),
    "unknown operator of fit": (
        fit_rule(match_operator="like"),
        "rule extra: match_operator 'like' is unknown: use equals, starts_with or contains, one of",
    ),
    "fit by a number that is none": (
        fit_rule(match_operator="at_least", match_value='"5,5"'),
        "rule extra: match_value '5,5' is not a number: write 5.5",
    ),
    "fit by nothing": (
        fit_rule(match_value=" "),
        "rule extra: match_value is blank: say what equals compares with",
    ),
    "fit by a value that is not looked for": (
        fit_rule(match_operator="is_unknown"),
        "rule extra: is_unknown looks for no value: leave match_value empty",
    ),
    "fit of no attribute": (
        fit_rule(attribute=""),
        "rule extra: attribute is blank: name a column of contacts, email_domain, list or an",
    ),
    "fit without points": (fit_rule(points=""), "rule extra: points (blank) is not a number"),
    "fit of too many points": (
        fit_rule(points="1000001"),
        "rule extra: points '1000001' is out of range",
    ),
    "a fit rule twice": (fit_rule(rule_id="country"), "rule country: rule_id stands on 2 rows"),
    "a fit rule in capitals": (
        fit_rule(rule_id="Extra"),
        "rule Extra: rule_id is not lower_snake_case: write extra",
    ),
    "a fit rule without a name": (
        fit_rule(rule_id=""),
        "rule (no rule_id, for country): rule_id is blank",
    ),
    "a score fed by both kinds of rule": (
        fit_rule(score_name="engagement"),
        "rule extra: scoring_rules.csv feeds the score engagement: give the fit rules one of their",
    ),
    "a band of a fit score with a window": (
        bands("fit,30,A,1,", "engagement,30,hot,1,"),
        "band A of fit: a score of fit_rules.csv has no window: leave window_days empty",
    ),
    "a grade for a fit band that does not exist": (
        grades("fit,D,engagement,hot,D1,true"),
        "grade D1 for D and hot: score_bands.csv has no band 'D' of the score fit (was it renamed",
    ),
    "a grade for a band that does not exist": (
        grades(",A,,lukewarm,A2,true"),
        "grade A2 for A and lukewarm: score_bands.csv has no band 'lukewarm' of the score engage",
    ),
    "a grade of a fit score without rules": (
        grades("suits,,engagement,hot,A1,true"),
        "grade A1 for no band and hot: no rule of fit_rules.csv feeds the fit score suits: name",
    ),
    "a grade of a score without rules": (
        grades("fit,A,engagment,,A1,true"),
        "grade A1 for A and no band: no rule of scoring_rules.csv feeds the score engagment: name",
    ),
    "a grade without a name": (
        grades("fit,A,engagement,hot,,true"),
        "grade (blank) for A and hot: grade is blank: name it, or remove the row",
    ),
    "a grade twice": (
        grades("fit,A,engagement,hot,A1,true", ",A,,hot,A2,"),
        "grade A2 for A and hot: the two bands stand on 2 rows: keep one",
    ),
    "a typo in a grade": (
        grades("fit,A,engagement,hot,A1,ture"),
        "grade A1 for A and hot: is_sales_ready 'ture' is neither true nor false",
    ),
    "a condition of nothing": (
        conditions("webinar,link_url,contains,x"),
        "condition of rule webinar: scoring_rules.csv has no such rule: name one that it has,",
    ),
    "a condition of a misspelt rule": (
        conditions("docs_veiw,page_url,contains,x"),
        "condition of rule docs_veiw: scoring_rules.csv has no such rule: did you mean docs_view?",
    ),
    "a condition of no rule": (
        conditions(",link_url,contains,x"),
        "condition of rule (blank): rule_id is blank: name the rule that the condition belongs to",
    ),
    "half a condition": (
        conditions("open,link_url,contains,"),
        "condition of rule open: it is half there: fill in match_field, match_operator and",
    ),
    "a condition with an unknown operator": (
        conditions("open,link_url,not,x"),
        "condition of rule open: match_operator 'not' is unknown: use equals, starts_with",
    ),
    "a condition on an unknown field": (
        conditions("open,url,contains,x"),
        "condition of rule open: match_field 'url' is unknown: use link_url, page_url,",
    ),
    "ten conditions": (
        conditions(*(f"open,link_url,not_contains,{number}" for number in range(10))),
        "rule open: it has 10 further conditions: at most 9 are read",
    ),
    "no event type": (rule(event_type=""), "rule extra: event_type is blank"),
    "no rule": (("scoring_rules", CLASSIC_RULES.splitlines()[0] + "\n"), "there is no rule"),
    "disqualification of an unknown event": (
        disqualification("email_bounce,1,contact,,"),
        "rule email_bounce: event_type 'email_bounce' is no e-mail event type",
    ),
    "cleared by an unknown event": (
        disqualification("email_unsubscribe,1,contact,email_resubscribed,"),
        "rule email_unsubscribe: cleared_by 'email_resubscribed' is no e-mail event type",
    ),
    "disqualified twice": (
        disqualification("email_unsubscribe,1,contact,,\nemail_unsubscribe,2,contact,,"),
        "rule email_unsubscribe: event_type stands on 2 rows",
    ),
    "no occurrence": (
        disqualification("email_unsubscribe,0,contact,,"),
        "rule email_unsubscribe: min_occurrences '0' is not a whole number of 1 or more",
    ),
    "unknown scope": (
        disqualification("email_unsubscribe,1,person,,"),
        "rule email_unsubscribe: applies_to 'person' is unknown: use current_address or contact",
    ),
    "two windows": (
        bands("engagement,30,hot,40,true", "engagement,60,cold,1,false"),
        "score name engagement: its bands have different window_days (30 and 60)",
    ),
    "window too long": (
        bands("engagement,91,hot,40,true"),
        "band hot of engagement: window_days '91' is not a whole number from 1 to 90",
    ),
    "words for a threshold": (
        bands("engagement,30,hot,many,true"),
        "band hot of engagement: min_score 'many' is not a number",
    ),
    "one threshold twice": (
        bands("engagement,30,hot,40,true", ",30,warm,40.0,false"),
        "score name engagement: the bands hot and warm begin at the same min_score",
    ),
    "one band twice": (
        bands("engagement,30,hot,40,true", "engagement,30,hot,50,true"),
        "band hot of engagement: the band stands on 2 rows",
    ),
    "missing column": (
        (
            "scoring_rules",
            "".join(
                ",".join(line.split(",")[:8] + line.split(",")[9:])
                for line in CLASSIC_RULES.splitlines(keepends=True)
            ),
        ),
        "column max_points is missing: put it into the header; its cells may be empty",
    ),
    "misspelt column": (
        ("scoring_rules", CLASSIC_RULES.replace("max_points", "max_point")),
        "column max_point is unknown: use rule_id, score_name, event_type,",
    ),
    "blank pattern": (
        ("machine_user_agents", "pattern,description\n,every agent there is\n"),
        "row every agent there is: pattern is blank",
    ),
    "an outcome without a name": (
        outcome(outcome=""),
        "outcome (no name, for meeting_booked): outcome is blank: give it a name of its own",
    ),
    "an outcome in words": (
        outcome(outcome="Booked a meeting"),
        "outcome Booked a meeting: outcome is not lower_snake_case: write booked_a_meeting",
    ),
    "one outcome twice": (
        ("outcomes", outcome()[1] + outcome()[1].splitlines()[1]),
        "outcome extra: outcome stands on 2 rows: every outcome needs a name of its own",
    ),
    "an outcome of nothing": (
        outcome(event_type=""),
        "outcome extra: event_type is blank: name the event that the scores should predict",
    ),
    "an unknown outcome": (
        outcome(event_type="email_opened"),
        "outcome extra: event_type 'email_opened' is no e-mail event type",
    ),
    "half a filter of an outcome": (
        outcome(**FILTER | {"match_field": ""}),
        "outcome extra: the filter is half there: fill in match_field, match_operator and",
    ),
    "an unknown operator of an outcome": (
        outcome(**FILTER | {"match_operator": "is"}),
        "outcome extra: match_operator 'is' is unknown: use equals, starts_with or contains, or",
    ),
    "an unknown field of an outcome": (
        outcome(**FILTER | {"match_field": "amount"}),
        "outcome extra: match_field 'amount' is unknown: use link_url, page_url, campaign_id or",
    ),
    "no horizon": (
        outcome(horizon_days=""),
        "outcome extra: horizon_days (blank) is not a whole number from 1 to 180",
    ),
    "a horizon of half a year and a day": (
        outcome(horizon_days="181"),
        "outcome extra: horizon_days '181' is not a whole number from 1 to 180",
    ),
    "neither wanted nor not": (
        outcome(is_wanted=""),
        "outcome extra: is_wanted is blank: write true, or false for what should not happen",
    ),
    "a typo in whether it is wanted": (
        outcome(is_wanted="flase"),
        "outcome extra: is_wanted 'flase' is neither true nor false",
    ),
    "a typo in whether it repeats": (
        outcome(repeats="often"),
        "outcome extra: repeats 'often' is neither true nor false",
    ),
}


def put_back(project: Project) -> Iterator[Project]:
    """Lend a project, and restore its config after the edits."""
    folder = project.path / "seeds" / "config"
    shutil.copytree(folder, project.path / "kept", dirs_exist_ok=True)
    yield project
    shutil.copytree(project.path / "kept", folder, dirs_exist_ok=True)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = copy_project(tmp_path_factory.mktemp("built"))
    project.score()
    return project


@pytest.fixture
def config(built: Project) -> Iterator[Project]:
    """A project with scores, whose config may be edited."""
    yield from put_back(built)


@dataclass
class Parsed(Project):
    """A project for dbt in this process, which keeps the database open and parses once."""

    manifest: Manifest

    @property
    def folders(self) -> list[str]:
        return ["--project-dir", str(self.path), "--profiles-dir", str(self.path)]


@pytest.fixture(scope="module")
def unbuilt(tmp_path_factory: pytest.TempPathFactory) -> Parsed:
    project = Parsed(copy_project(tmp_path_factory.mktemp("unbuilt")).path, Manifest())
    project.manifest = dbtRunner().invoke(["--quiet", "parse", *project.folders]).result
    return project


@pytest.fixture
def checked(unbuilt: Parsed) -> Iterator[Parsed]:
    yield from put_back(unbuilt)


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_stops_the_build_and_is_named(
    checked: Parsed, mistake: str, monkeypatch: pytest.MonkeyPatch
):
    (seed, text), message = MISTAKES[mistake]
    checked.write_config(seed, text)
    # in this process: a dbt process each would take minutes
    choice = ("--select", "+config_errors", "--exclude", "resource_type:test", "--no-write-json")
    done = dbtRunner(checked.manifest).invoke(["--quiet", "build", *choice, *checked.folders])
    assert not done.success
    failed = {r.node.name: r.message for r in done.result.results if r.status == "error"}
    assert list(failed) == ["config_errors"]
    assert f"{seed}.csv: {message}" in failed["config_errors"]

    # and before dbt starts, in the same words
    monkeypatch.setattr(config_files, "FOLDER", checked.path / "seeds" / "config")
    with pytest.raises(SystemExit) as stopped:
        config_checks.check()
    first, *mistakes = str(stopped.value).splitlines()
    assert first in failed["config_errors"]
    found = [line.strip() for line in failed["config_errors"].splitlines()]
    assert [line for line in found if ".csv: " in line] == [line.strip() for line in mistakes]


def test_rules_without_a_mistake_pass_in_silence(config: Project):
    done = config.command("check-rules")
    assert (done.returncode, done.stdout) == (0, "")


def test_several_mistakes_are_one_message_and_nothing_is_scored(config: Project):
    before = {name: config.mart(name) for name in ("contact_scores", "points_ledger")}
    config.write_config(*rule(points="ten", rule_id="open"))
    config.write_config(*bands("engagement,0,hot,40,true"))
    done = config.dbt("build")
    assert done.returncode != 0
    assert done.stdout.count("Nothing was scored; the last scores stand.") == 1
    for message in ("points 'ten' is not a number", "stands on 2 rows", "window_days '0' is not"):
        assert message in done.stdout
    assert "START sql table model points." not in done.stdout
    for mart in ("contact_scores", "points_ledger"):
        assert config.mart(mart) == before[mart]


def test_what_is_only_odd_is_a_warning(config: Project):
    config.write_config(*rule(expires_after_days="91"))
    config.write_config(*bands("engagement,30,hot,40,true", "no_such_score,30,hot,1,true"))
    done = config.dbt(
        "build",
        "--exclude-resource-type",
        "unit_test",
        "--exclude",
        "tag:demo_story",
    )
    assert done.returncode == 0, done.stdout
    assert "WARN 1 every_band_has_a_rule_that_feeds_its_score" in done.stdout
    assert "WARN 1 no_effect_beyond_90_days_stg_scoring_rules_expires_after_days" in done.stdout


@pytest.mark.long
def test_text_is_taken_literally_with_its_quotes(config: Project):
    """And a score name without the blanks around it."""
    config.write_config(
        "scoring_rules",
        CLASSIC_RULES.splitlines()[0] + "\n"
        "quoted,engagement ,page_view,page_url,contains,'50%',1,,,,,,,\n"
        "padded,,page_view,page_url,contains, null ,1,,,,,,,\n",
    )
    config.score()
    rules = "select rule_id, score_name, match_value from staging.stg_scoring_rules order by 1"
    assert config.query(rules) == [
        ("padded", "engagement", " null "),
        ("quoted", "engagement", "'50%'"),
    ]


def test_rules_that_are_not_in_utf_8_are_named_before_a_build(config: Project):
    path = config.path / "seeds" / "config" / "scoring_rules.csv"
    path.write_bytes(CLASSIC_RULES.encode() + "x,,page_view,,,,1,,,,,,,Öl\n".encode("latin-1"))
    for report in ("check-rules", "preview"):
        done = config.command(report)
        assert done.returncode == 1
        assert done.stdout.startswith("seeds/config/scoring_rules.csv: line 5 is not in UTF-8.")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty. Put its header back."),
        (
            CLASSIC_RULES.replace(",", ";"),
            "is separated by semicolons. Save it with commas.",
        ),
        (CLASSIC_RULES.replace(",", "\t"), "is separated by tabs. Save it with commas."),
        (
            CLASSIC_RULES + "\ufeff" + CLASSIC_RULES,
            "line 5 is the header again. Remove it.",
        ),
        (
            "\0".join(CLASSIC_RULES),
            'is in UTF-16, or broken: it holds zero bytes. Save it as "CSV UTF-8".',
        ),
        (
            CLASSIC_RULES + "x,,page_view,,,,1,,,,,,,Viewed a page, any page\n",
            "line 5 has 15 cells and the header 14.",
        ),
        (CLASSIC_RULES + "x,,page_view\n", "line 5 has 3 cells and the header 14."),
        (CLASSIC_RULES + 'x,,page_view,,,,1,,,,,,,"Viewed\n', "line 5 is no CSV"),
    ],
    ids=(
        "empty",
        "semicolons",
        "tabs",
        "joined",
        "UTF-16",
        "a comma too many",
        "commas left out",
        "a quote left open",
    ),
)
def test_a_file_that_is_no_csv_is_named_with_its_line(config: Project, text: str, message: str):
    config.write_config("scoring_rules", text)
    done = config.command("check-rules")
    assert done.returncode == 1
    assert done.stdout.startswith(f"seeds/config/scoring_rules.csv: {message}")


def test_what_is_no_file_of_rules_is_one_line(config: Project):
    file = config.path / "seeds" / "config" / "scoring_rules.csv"
    text = file.read_text("utf-8")
    file.unlink()
    said = []
    for kind in ("nothing", "a folder"):
        if kind == "a folder":
            file.mkdir()
        done = config.command("check-rules")
        assert done.returncode == 1
        said += done.stdout.splitlines()
    file.rmdir()
    file.write_text(text, "utf-8")
    assert [line.split(". ")[0] for line in said] == [
        "seeds/config/scoring_rules.csv: is missing",
        "seeds/config/scoring_rules.csv: is a folder",
    ]


@pytest.mark.long
def test_a_rule_that_never_matches_is_told(config: Project):
    open_rule = {"rule_id": "open", "event_type": "email_open", "points": "1"}
    never = {"rule_id": "never", "event_type": "demo_booked", "points": "5"}
    config.write_config("scoring_rules", rules_file(RULE_COLUMNS, [open_rule, never]))
    config.score()
    performance = (
        "select times_earned_90d, contacts_90d, points_90d, last_matched_at "
        "from marts.rule_performance where rule_id = 'never'"
    )
    assert config.query(performance) == [(0, 0, 0, None)]
    summary = config.command("summary")
    assert summary.returncode == 0
    assert "No event ever matched the rule never." in summary.stdout


def test_an_edited_weight_rescores_history_at_the_next_build(config: Project):
    # the columns moved
    rules = [
        {"rule_id": "open", "event_type": "email_open", "points": "11"},
        {"rule_id": "click", "event_type": "email_click", "points": "1"},
        {"rule_id": "view", "event_type": "page_view", "points": "1"},
    ]
    config.write_config("scoring_rules", rules_file(RULE_COLUMNS[::-1], rules))
    config.score()
    times = dict(
        config.query(
            "select rule_id, times_earned from marts.score_drivers "
            "where contact_id = 'C001' and window_days = 90"
        )
    )
    assert times["open"] > 0
    expected = 11 * times["open"] + times["click"] + times["view"]
    score = "select score_90d from marts.contact_scores where contact_id = 'C001'"
    assert config.query(score) == [(expected,)]
