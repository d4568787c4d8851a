"""`make explain`: why a contact scores as it does."""

import re

from conftest import Project


def explained(demo: Project, *arguments: str) -> str:
    done = demo.command("explain", *arguments)
    assert done.returncode == 0, done.stdout
    return done.stdout


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in re.split("[│┃]", line)[1:-1]]


def tables(text: str, title: str) -> list[list[list[str]]]:
    """The rows of each table with a title."""
    found = []
    for part in re.split(rf"^{re.escape(title)}.*$", text, flags=re.MULTILINE)[1:]:
        lines = part.strip("\n").split("└")[0].splitlines()
        found.append([cells(line) for line in lines if line.startswith("│")])
    return found


def test_the_drivers_shown_add_up_to_the_score_shown(demo: Project):
    for window in ("7", "30", "90"):
        text = explained(demo, "C001", "--window", window)
        scores = re.findall(rf"^(\w+): ([\d.,]+) points in {window} days", text, re.MULTILINE)
        drivers = tables(text, "What it is made of")
        assert [name for name, _ in scores] == ["engagement", "buying_intent"]
        *drivers, of_fit = drivers
        assert of_fit == [
            ["large_company", "employees", "1200", "20"],
            ["in_the_laboratory", "job_title", "Laboratory Technician", "15"],
        ]
        assert "fit: 35 points, whatever the contact does" in text
        for (name, score), rows in zip(scores, drivers, strict=True):
            assert sum(float(row[-1]) for row in rows) == float(score)
            ((wanted,),) = demo.query(
                "select score from marts.active_contacts "
                "where contact_id = 'C001' and score_name = ? and window_days = ?",
                name,
                int(window),
            )
            assert float(score) == float(wanted)


def test_every_event_behind_a_score_is_shown_with_what_it_earned(demo: Project):
    text = explained(demo, "C001", "--events", "1000")
    shown = [row for rows in tables(text, "The events behind it") for row in rows]
    ((count, points),) = demo.query(
        "select count(*), sum(points) from marts.points_ledger "
        "where contact_id = 'C001' and occurred_at >= as_of - interval 30 days"
    )
    assert len(shown) == count
    assert abs(sum(float(row[4]) for row in shown) - float(points)) < 1e-9
    assert "points over a cap" in text


def test_what_was_not_counted_says_why(demo: Project):
    assert "no: a machine (click_burst)" in explained(demo, "C002")
    assert "Not counted: 7 as repeats" in explained(demo, "C017")
    assert "70 web visits without consent" in explained(demo, "C001")
    ((expired,),) = demo.query(
        "select any_value(contact_id) from marts.points_ledger "
        "where unearned_reason = 'expired' and contact_id is not null"
    )
    assert re.search(r"Not counted: .*expired", explained(demo, expired, "--window", "90"))


def test_a_disqualified_contact_has_its_evidence(demo: Project):
    text = explained(demo, "C005")
    assert [["email_unsubscribe", "1", "2026-08-12 10:02", "em-c005-unsubscribe", "18"]] in tables(
        text, "Disqualified"
    )
    assert "engagement: 0 points in 30 days" in text
    assert tables(text, "What it would be made of, if the contact were not disqualified")


def test_standing_and_hand_off_say_since_when(demo: Project):
    text = explained(demo, "C001")
    assert "band hot since 2026-11-16 00:00, the first build" in text
    assert "grade A1 with fit" in text
    assert "Handed to sales 2026-11-16 00:00: A1 (hot) with 55 points" in text


def test_a_contact_is_found_by_address_in_any_case(demo: Project):
    by_id = explained(demo, "C005")
    assert explained(demo, "  Elodie.Dubreuil@AQUALYS.example ") == by_id


def test_an_unknown_contact_and_a_wrong_window_get_one_line(demo: Project):
    # merged away, deleted, never there, and a quote
    for contact in ("C011", "C018", "nobody@example.com", "o'x"):
        done = demo.command("explain", contact)
        assert done.returncode == 1
        assert done.stdout.startswith(f"No contact has the id or the current address '{contact}'")
        assert done.stdout.count("\n") == 1
    for window in ("0", "91", "x", "7.5"):
        done = demo.command("explain", "C001", "--window", window)
        assert done.returncode == 2
        assert "Invalid value for '--window'" in done.stdout


def test_contacts_that_share_an_address_are_told_apart_by_id(demo: Project):
    shared = demo.query(
        "select email_address, list(distinct contact_id order by contact_id) "
        "from marts.contact_scores where email_address is not null "
        "group by 1 having count(distinct contact_id) > 1"
    )
    for address, ids in shared:
        done = demo.command("explain", address)
        assert done.returncode == 1
        assert f"{len(ids)} contacts have that address: {', '.join(ids)}" in done.stdout
