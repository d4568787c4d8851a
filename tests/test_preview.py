"""`make preview`: what an edit of the rules would change, before it is built."""

import json
import re
import subprocess
import sys
from collections import Counter

import pytest
from conftest import Project

MOVES = """
import json, sys
from contact_scoring import preview
seeds, variables = json.loads(sys.argv[1]), {"as_of": "2026-11-16 00:00:00"}
with (
    preview.scratch_folder(None) as folder,
    preview.last_build(folder),
    preview.compared(seeds, variables, 30, folder, preview.no_progress) as connection,
):
    rows = connection.execute(
        "select score_name, contact_id, status_before, status_after, band_before, band_after, "
        "score_before::float, score_after::float, rank_before, rank_after, "
        "becomes_ready, ceases_ready, grade_before, grade_after from moves"
    ).fetchall()
print(json.dumps(rows))
"""

BUDGET_CALL = (
    "budget_call,buying_intent,call_logged,detail,contains,the budget,8,false,16,,,,,,"
    "Spoke of the budget on the phone\n"
)

SCORES = """
    select
        scores.score_name, scores.contact_id, scores.status, scores.band,
        coalesce(active.score, 0)::float, active.score_rank,
        case when grades.contact_id is not null then grades.is_sales_ready else exists (
            select 1 from staging.stg_score_bands as bands
            where bands.score_name = scores.score_name and bands.band = scores.band
            and bands.is_sales_ready
        ) end,
        grades.grade
    from marts.contact_scores as scores
    left join marts.active_contacts as active
        on active.contact_id = scores.contact_id and active.score_name = scores.score_name
        and active.window_days = 30
    left join marts.lead_grades as grades
        on scores.contact_id = grades.contact_id and scores.score_name = grades.score_name
    union all
    select score_name, contact_id, null, band, score::float, null, false, null
    from marts.fit_scores
"""


def moves(project: Project, *seeds: str) -> list[list]:
    """What preview finds, of every score name and contact."""
    done = subprocess.run(
        [sys.executable, "-c", MOVES, json.dumps(seeds)],
        cwd=project.path,
        text=True,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return sorted(json.loads(done.stdout))


def scores(project: Project) -> dict[tuple, tuple]:
    return {tuple(row[:2]): row[2:] for row in project.query(SCORES)}


def expected_moves(before: dict[tuple, tuple], after: dict[tuple, tuple]) -> list[list]:
    """What really happened between two builds."""
    nothing = (None, None, 0.0, None, False, None)
    rows = []
    for key in before.keys() | after.keys():
        old, new = before.get(key, nothing), after.get(key, nothing)
        pairs = [value for pair in zip(old[:4], new[:4], strict=True) for value in pair]
        ready = [new[4] and not old[4], old[4] and not new[4]]
        rows.append([*key, *pairs, *ready, old[5], new[5]])
    return sorted(rows)


def edit(project: Project, seed: str, old: str, new: str) -> None:
    path = project.path / "seeds" / "config" / f"{seed}.csv"
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    project.write_config(seed, text.replace(old, new))


@pytest.mark.long
def test_a_preview_is_what_building_the_edit_does(project: Project):
    """A weight, a filter, a removed rule and who suits; then bands, and who counts at all."""
    click = "email_click,engagement,email_click,,,,"
    edits = [
        [
            ("scoring_rules", "page_view,engagement,page_view,,,,1", "page_view,,page_view,,,,2.5"),
            ("scoring_rules", click, click.replace(",,,,", ",link_url,contains,/pricing,")),
            ("scoring_rules", "demo_form,buying_intent", "demo_form,forms"),
            ("scoring_rules", BUDGET_CALL, ""),
            ("fit_rules", "employees,at_least,500", "employees,at_least,100"),
            ("lead_grades", "fit,B,engagement,warm,B2,false", "fit,B,engagement,warm,B2,true"),
        ],
        [
            ("score_bands", "engagement,30,hot,20,true", "engagement,7,hot,9.5,true"),
            ("score_bands", "engagement,30,warm,8,false", "engagement,7,warm,3,true"),
            ("score_bands", "engagement,30,cold,1,false", "engagement,7,cold,1,false"),
            (
                "disqualification_rules",
                "email_unsubscribe,1,contact",
                "email_unsubscribe,2,contact",
            ),
            ("machine_user_agents", "curl/,", "Mozilla,"),
        ],
    ]
    project.score()
    before = scores(project)
    for changes in edits:
        for change in changes:
            edit(project, *change)
        content = project.database.read_bytes()
        found = moves(project, *dict.fromkeys(seed for seed, *_ in changes))
        assert project.database.read_bytes() == content
        project.score()
        after = scores(project)
        assert found == expected_moves(before, after)
        assert before != after
        before = after


@pytest.mark.long
def test_a_marketer_reads_what_would_happen(project: Project):
    project.score()
    nothing = project.command("preview")
    assert nothing.returncode == 0
    assert "nothing would change" in nothing.stdout

    before = scores(project)
    edit(
        project, "scoring_rules", "page_view,engagement,page_view,,,,1", "page_view,,page_view,,,,3"
    )
    done = project.command("preview", "--top", "2")
    assert done.returncode == 0, done.stdout
    assert "points 1 → 3" in done.stdout
    assert ".csv: " not in done.stdout  # nothing about it is doubtful
    project.score()
    after = scores(project)
    ready = [key for key in after if after[key][4] and not before[key][4]]
    rises = Counter(key[0] for key in after if after[key][2] > before[key][2])
    assert len(ready) > 2
    assert f"and {len(ready) - 2} more" in done.stdout
    assert f"│ engagement    │ {rises['engagement']:>5} │" in done.stdout
    assert "Nothing was written" in done.stdout


@pytest.mark.long
def test_what_each_edited_rule_matches_is_told_and_what_is_hardly_meant(project: Project):
    """Of the page views one earns twice what it did; the others match nothing, or are slips."""
    project.score()
    views, earning, contacts = project.query(
        "select count(*), count(*) filter (where earns), "
        "count(distinct contact_id) filter (where earns) "
        "from marts.points_ledger where rule_id = 'page_view'"
    )[0]
    assert 0 < contacts < earning < views
    edit(
        project, "scoring_rules", "page_view,engagement,page_view,,,,1", "page_view,,page_view,,,,2"
    )
    more = (
        "never,,webinar_signup,,,,5,,,,,,,,\n"
        "slip,engagment,page_view,page_url,contains,/a%20b,1,,,,,,,,\n"
        "wild,,page_view,page_url,contains,%pricing%,1,,,,,,,,\n"
        "either,,page_view,page_url,contains,/pricing|/docs,1,,,,,,,,\n"
    )
    edit(project, "scoring_rules", BUDGET_CALL, BUDGET_CALL + more)
    done = project.command("preview")
    assert done.returncode == 0, done.stdout
    table = done.stdout.split("What these rules match")[1].split("└")[0]
    cells = [[cell.strip() for cell in line.split("│")[1:-1]] for line in table.splitlines()]
    matched = {row[0]: row[1:] for row in cells if row}
    assert matched["page_view"] == [f"{n:,}" for n in (views, earning, contacts, 2 * earning)]
    assert matched["never"] == ["0", "0", "0", "0"]
    assert set(matched) == {"page_view", "never", "slip", "wild", "either"}
    doubts = [line for line in done.stdout.splitlines() if line.startswith("scoring_rules.csv: ")]
    assert doubts == [
        *(
            f"scoring_rules.csv: {rule}: no event of the last 90 days matches. "
            "Is its event_type, or its filter, what the events say?"
            for rule in ("never", "slip", "wild", "either")
        ),
        "scoring_rules.csv: slip: the score name engagment is new. "
        "If that is a slip, write engagement.",
        "scoring_rules.csv: wild: % is looked for as it stands, and is no wildcard. Write pricing.",
        "scoring_rules.csv: either: | is looked for as it stands, and is no 'or'. "
        "Write a rule for each.",
    ]


DOUBTFUL = {
    "scoring_rules": """three_opens,,email_open,,,,10,,,3,7,,,,
small_cap,,open,,,,10,,3,,,,,,
no_trail,,meeting_bookd,,,,-1,,1,2,,,,,
either,,page_view,page_url,equals,"/a,/b",1,,,,,,,,
of_a_link,,page_view,link_url,contains,/a,1,,,,,,,,
""",
    "scoring_rule_conditions": """pricing_view,campaign_id,not_equals,careers
pricing_view,page_url,not_contains,utm_campaign=newsletter
demo_form,page_url,contains,webinar
""",
    "fit_rules": """no_vp,,job_titel,not_contains,vp,20,
no_title,target,job_titel,is_unknown,,1,
elsewhere,,country,equals,Atlantis,1,
""",
}
NO_EVENT = (
    "no event of the last 90 days matches. Is its event_type, or its filter, what the events say?"
)


def append(project: Project, seed: str, rows: str) -> None:
    path = project.path / "seeds" / "config" / f"{seed}.csv"
    project.write_config(seed, path.read_text(encoding="utf-8") + rows)


def shown(output: str, title: str) -> list[list[str]]:
    """The rows of the table with a title."""
    body = output.split(f"\n{title}")[1].split("└")[0]
    return [[cell.strip() for cell in line.split("│")[1:-1]] for line in body.splitlines()]


@pytest.mark.long
def test_each_doubt_about_an_edited_row_is_one_line(project: Project):
    """What conditions leave out, min_times and caps, names of events and attributes, and grades."""
    project.score()
    ((views, of_newsletters),) = project.query(
        "select count(*), count(*) filter (where contains(page_url, 'utm_campaign=newsletter')) "
        "from marts.points_ledger where rule_id = 'pricing_view'"
    )
    ((forms,),) = project.query(
        "select count(*) from marts.points_ledger where rule_id = 'demo_form'"
    )
    ((opens, openers, most),) = project.query(
        "select sum(times), count(*), max(times) from ("
        "select count(*) as times from marts.points_ledger where rule_id = 'email_open' and earns "
        "and occurred_at >= as_of - interval 7 days group by contact_id) where times < 3"
    )
    assert 0 < of_newsletters < views
    assert forms > 0
    for seed, rows in DOUBTFUL.items():
        append(project, seed, rows)
    done = project.command("preview")
    assert done.returncode == 0, done.stdout
    lines = done.stdout.splitlines()
    assert [line for line in lines if " leaves out " in line and ".csv: " not in line] == [
        f"pricing_view: page_url not_contains utm_campaign=newsletter leaves out "
        f"{of_newsletters} of {views} events"
    ]
    assert (
        f"three_opens: too few: {opens} events of {openers} contacts; "
        f"the most that any of them has is {most} of 3"
    ) in lines
    assert [line for line in lines if re.match(r"\w+\.csv: ", line)] == [
        f"scoring_rule_conditions.csv: demo_form: page_url contains webinar leaves out all {forms} "
        "events. Is its field, or its value, what the events say?",
        "scoring_rule_conditions.csv: pricing_view: campaign_id not_equals careers leaves out "
        f"none of {views} events. Is its field, or its value, what the events say?",
        *(
            f"scoring_rules.csv: {rule}: {NO_EVENT}"
            for rule in ("small_cap", "no_trail", "either", "of_a_link", "demo_form")
        ),
        "scoring_rules.csv: small_cap: no open was ever read. Did you mean email_open?",
        "scoring_rules.csv: no_trail: no meeting_bookd was ever read. Did you mean meeting_booked?",
        "scoring_rules.csv: of_a_link: page_view events have no link_url: look at page_url",
        "scoring_rule_conditions.csv: pricing_view: page_view events have no campaign_id: "
        "look at page_url",
        "scoring_rules.csv: three_opens: 3 events give 30 points; to give 10 once, "
        "set max_points to 10",
        "scoring_rules.csv: small_cap: max_points 3 is less than the 10 points of one event",
        *(
            f"fit_rules.csv: {rule}: no contact has an attribute 'job_titel'. Use job_title, "
            "country, company_name, owner, phone, full_name, email_domain, list "
            "or one of yours: employees"
            for rule in ("no_vp", "no_title")
        ),
        "fit_rules.csv: elsewhere: no contact matches. Is its value what the contacts have as "
        "country?",
        "scoring_rules.csv: either: a comma is looked for as it stands, and is no 'or'. "
        "Write a rule for each.",
        "lead_grades.csv: buying_intent has a sales-ready band and no grades: "
        "its hand-offs do not look at fit.",
        "lead_grades.csv: no row has the fit score target: it changes nobody's grade "
        "and no hand-off.",
    ]
    matched = {row[0]: row[4] for row in shown(done.stdout, "What these rules match") if row}
    assert re.fullmatch(r"\d+\.\d\d?", matched["pricing_view"])


def test_band_moves_come_first_and_each_band_has_its_window(project: Project):
    """The largest move is a student's, who is in no band before or after."""
    project.score()
    edit(project, "fit_rules", "contains,student,-1000,", "contains,student,-3000,")
    edit(project, "fit_rules", "contains,laboratory,15,", "contains,laboratory,35,")
    edit(project, "scoring_rules", "the budget,8,", "the budget,9,")
    done = project.command("preview", "--top", "300")
    assert done.returncode == 0, done.stdout
    assert "The bands of buying_intent go by points over 60 days, not 30." in done.stdout
    assert "The bands of engagement" not in done.stdout
    rows = [row for row in shown(done.stdout, "Largest moves") if row and row[0]]
    assert {row[4] for row in rows if row[0] == "fit"} == {""}
    assert "→" in "".join(row[4] for row in rows if row[0] == "buying_intent")
    moved = [before != after for before, _, after in (row[5].partition(" → ") for row in rows)]
    assert moved == sorted(moved, reverse=True)
    assert 0 < sum(moved) < len(moved)
    assert rows[sum(moved)][3] == "-1,005 → -3,005"

    edit(project, "scoring_rules", "the budget,9,", "the budget,8,")
    done = project.command("preview", "--top", "300")
    assert "The bands of" not in done.stdout
    header = done.stdout.split("\nLargest moves")[1].splitlines()[2]
    assert "points" in header
    assert "rank" not in header


@pytest.mark.long
def test_a_mistake_is_named_and_a_build_that_stopped_is_no_last_build(project: Project):
    project.score()
    edit(
        project, "scoring_rules", "page_view,engagement,page_view,,,,1", "page_view,,page_view,,,,2"
    )
    edit(
        project,
        "scoring_rules",
        BUDGET_CALL,
        BUDGET_CALL + "bad,,page_view,page_url,like,x,1,,,,,,,,\n",
    )
    assert project.dbt("build", "--exclude-resource-type", "unit_test", "test").returncode == 1
    done = project.command("preview")
    assert done.returncode == 1
    assert "scoring_rules.csv: rule bad: match_operator 'like' is unknown" in done.stdout
    assert "Traceback" not in done.stdout

    edit(project, "scoring_rules", "bad,,page_view,page_url,like,x,1,,,,,,,,\n", "")
    done = project.command("preview")
    assert done.returncode == 0, done.stdout
    assert "points 1 → 2" in done.stdout
    assert " bad " not in done.stdout
    assert not list((project.path / "warehouse").glob("preview-*"))


def test_without_a_build_there_is_nothing_to_compare_with(project: Project):
    done = project.command("preview")
    assert done.returncode == 1
    assert "Run `make build` first" in done.stdout
