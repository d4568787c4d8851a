"""What readers see: whole generations of the marts of builds that passed, and nothing else."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections import Counter
from hashlib import sha256
from pathlib import Path
from random import Random
from threading import Event, Thread

import duckdb
import pytest
from conftest import CLASSIC_RULES, EARLIER, NO_TESTS, NO_UNIT_TESTS, Project

# `make test-faults` says 20
RUNS = int(os.environ.get("FAULT_RUNS", "2"))
DEMO_AS_OF = "2026-11-16 00:00:00"
IN_FILES = "where window_days in (1, 7, 14, 30, 60, 90)"


@pytest.fixture
def published(demo: Project) -> Path:
    """The demo's folder of publications, with nothing in it."""
    folder = demo.path / "published"
    shutil.rmtree(folder, ignore_errors=True)
    return folder


def publish(project: Project) -> str:
    done = project.command("publish")
    assert done.returncode == 0, done.stdout
    return done.stdout


def assert_whole(generation: Path) -> dict:
    """Its files are those that its manifest tells of; the manifest."""
    manifest = json.loads((generation / "manifest.json").read_text())
    files = {generation / manifest["database"]["file"]: manifest["database"]["sha256"]}
    for mart, of_mart in manifest["marts"].items():
        files[generation / "parquet" / mart / "rows.parquet"] = of_mart["sha256"]
    found = {path for path in generation.rglob("*") if path.is_file()}
    assert found == {*files, generation / "manifest.json"}
    assert all(sha256(file.read_bytes()).hexdigest() == known for file, known in files.items())
    return manifest


def test_what_is_published_is_what_was_built(demo: Project, published: Path) -> None:
    said = publish(demo)
    current = published / "current" / "contact_scoring.duckdb"
    assert said == f"Published for 2026-11-16 00:00 UTC: {current}\n"
    manifest = assert_whole(published / "current")
    assert manifest["as_of"] == "2026-11-16 00:00:00"
    tables = "select table_name from information_schema.tables where table_schema = 'marts'"
    marts = [mart for (mart,) in demo.query(tables)]
    assert set(manifest["marts"]) == set(marts)
    assert len(marts) == 17
    with duckdb.connect() as connection:
        # under a name that is not the file's
        file = published / "current" / "contact_scoring.duckdb"
        connection.execute(f"attach '{file}' as theirs (read_only); use theirs")
        for mart in marts:
            ours = Counter(demo.query(f"select * from marts.{mart}"))
            assert Counter(connection.execute(f"select * from marts.{mart}").fetchall()) == ours
            by_window = "window_days" in connection.sql(f"select * from marts.{mart}").columns
            ours = Counter(
                demo.query(f"select * from marts.{mart} {IN_FILES if by_window else ''}")
            )
            files = f"{published}/current/parquet/{mart}/*.parquet"
            theirs = connection.execute(f"select * from read_parquet('{files}')").fetchall()
            assert Counter(theirs) == ours
            assert manifest["marts"][mart]["rows"] == len(theirs)
            (as_of,) = connection.execute(
                f"select value::varchar from parquet_kv_metadata('{files}') where key = 'as_of'"
            ).fetchone()
            assert as_of == "2026-11-16 00:00:00"
        # raw events, addresses of nobody and the like are the build's own
        schemas = connection.execute(
            "select distinct schema_name from duckdb_tables() where database_name = 'theirs'"
        ).fetchall()
        assert sorted(schema for (schema,) in schemas) == [
            *("config", "engagement", "marts", "points", "staging")
        ]
    for path in published.rglob("*"):
        if "current" not in path.parts and path.name != ".lock":
            assert path.stat().st_mode & 0o777 == (0o755 if path.is_dir() else 0o444)


@pytest.mark.long
def test_a_build_that_failed_or_is_a_part_is_not_published(project: Project) -> None:
    project.score(*NO_UNIT_TESTS, as_of=EARLIER)
    publish(project)
    current = (project.path / "published" / "current").resolve()

    claim = project.path / "tests" / "claims" / "assert_false.sql"
    claim.write_text("select contact_id from {{ ref('contact_scores') }}\n")
    assert project.dbt("build", *NO_UNIT_TESTS).returncode != 0
    assert_refused(project, current)
    claim.unlink()

    project.score(*NO_TESTS)
    assert_refused(project, current)

    # the same as-of again, and then a part of it, whose mistake no test would see
    project.score(*NO_UNIT_TESTS)
    assert project.dbt("run", "--select", "rule_performance").returncode == 0
    assert_refused(project, current)

    project.score(*NO_UNIT_TESTS)
    # a mistake in a variable is seen before anything changes
    assert project.dbt("build", as_of="yesterday").returncode != 0
    publish(project)
    assert (project.path / "published" / "current").resolve() != current


def assert_refused(project: Project, current: Path) -> None:
    done = project.command("publish")
    assert done.returncode == 1
    assert done.stdout.startswith("The last build is not published:")
    assert len(done.stdout.splitlines()) == 1
    assert_is_current(project, current)


def assert_is_current(project: Project, generation: Path) -> None:
    assert (project.path / "published" / "current").resolve() == generation
    assert_whole(generation)


@pytest.mark.long
def test_a_replay_stands_beside_the_current_generation_and_a_deleted_contact_in_none(
    project: Project,
) -> None:
    folder = project.path / "published"
    project.score(*NO_UNIT_TESTS)
    publish(project)
    current = (folder / "current").resolve()
    project.score(*NO_UNIT_TESTS, as_of=EARLIER)
    assert publish(project).splitlines()[1].startswith("A later as-of is out")
    assert (folder / "current").resolve() == current
    publish(project)
    (replay,) = (folder / "replays").iterdir()
    assert assert_whole(replay)["as_of"] == EARLIER

    contacts = project.path / "seeds" / "demo" / "contacts.csv"
    first, *rest = contacts.read_text("utf-8").splitlines()
    columns = first.split(",")
    row = rest[0].split(",")
    row[columns.index("deleted_at")] = "2026-11-15 00:00:00"
    contacts.write_text("\n".join([first, ",".join(row), *rest[1:]]) + "\n", "utf-8")
    build = project.dbt("build", *NO_UNIT_TESTS, "--exclude", "tag:demo_story")
    assert build.returncode == 0, build.stdout
    publish(project)
    assert [path.name for path in (folder / "generations").iterdir()] == [
        (folder / "current").resolve().name
    ]
    assert not list((folder / "replays").iterdir())
    found = [path for path in folder.rglob("*.duckdb") if row[1].encode() in path.read_bytes()]
    assert not found


def test_the_last_few_generations_stay(demo: Project, published: Path) -> None:
    names = []
    for _ in range(5):
        publish(demo)
        names.append((published / "current").resolve().name)
    assert sorted(path.name for path in (published / "generations").iterdir()) == names[-3:]


KILLED = """
import os, signal, sys
from threading import Timer
from contact_scoring import publishing

moment, kind = float(sys.argv[1]), sys.argv[2]
die = lambda: os.kill(os.getpid(), signal.SIGKILL)
seen = 0
def look(event, arguments):
    global seen
    if event.startswith(("os.", "shutil.")) or event == "open":
        seen += 1
        if seen == moment:
            die()
if kind == "seconds":
    Timer(moment, die).start()
else:
    sys.addaudithook(look)
publishing.main()
print(seen)
"""


def kill_at(project: Project, moment: float, kind: str) -> subprocess.CompletedProcess[str]:
    """Publish, and be killed at a step that the process takes in the file system, or at a time."""
    return subprocess.run(
        [sys.executable, "-c", KILLED, str(moment), kind],
        cwd=project.path,
        env=project.environment,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )


def test_killed_at_any_stage_it_leaves_the_old_generation_or_the_new(
    demo: Project, published: Path
) -> None:
    publish(demo)
    steps = int(kill_at(demo, 0, "step").stdout.splitlines()[-1])
    dice = Random(1)
    moments = [
        (number, "step") for number in dice.sample(range(1, steps + 1), min(4 * RUNS, steps))
    ]
    moments += [(dice.uniform(0.2, 1.5), "seconds") for _ in range(RUNS)]
    killed = 0
    for moment in moments:
        killed += kill_at(demo, *moment).returncode == -signal.SIGKILL
        assert_whole((published / "current").resolve())
        for generation in (published / "generations").iterdir():
            assert_whole(generation)
    assert killed > len(moments) / 2
    before = (published / "current").resolve()
    publish(demo)
    assert (published / "current").resolve() != before
    assert not list(published.glob(".unfinished*"))
    assert not list(demo.database.parent.glob("*.publishing"))


SUMS = (
    "select sum(score) from marts.active_contacts where window_days = 30",
    "select sum(score_30d) from marts.contact_scores",
    "select sum(points) from marts.score_drivers where window_days = 30 and not is_disqualified",
)


@pytest.mark.long
def test_readers_never_see_a_mix(project: Project) -> None:
    """Each takes the current generation, and asks it several things, while builds are published."""
    published = project.path / "published"
    ended, failures, seen = Event(), [], set()

    def read() -> None:
        is_last = False
        while not is_last:
            is_last = ended.is_set()  # and so the last generation is read, however slow the machine
            try:
                database = (published / "current").resolve() / "contact_scoring.duckdb"
                with duckdb.connect(str(database), read_only=True) as connection:
                    sums = {connection.execute(sql).fetchone()[0] for sql in SUMS}
                assert len(sums) == 1, sums
                seen.add(sums.pop())
            except Exception as error:
                failures.append(error)

    readers = [Thread(target=read) for _ in range(2)]
    rules = set()
    for number in range(max(RUNS // 2, 1) + 1):
        # each build has sums of its own
        project.write_config("scoring_rules", CLASSIC_RULES.replace(",1,", f",{number + 1},"))
        build = project.dbt("build", *NO_UNIT_TESTS, "--exclude", "tag:demo_story")
        assert build.returncode == 0, build.stdout
        publish(project)
        rules.add(json.loads((published / "current" / "manifest.json").read_text())["rules"])
        if not number:
            for reader in readers:
                reader.start()
    ended.set()
    for reader in readers:
        reader.join()
    assert not failures
    assert len(seen) > 1
    assert len(rules) == number + 1


def write_large_table(database: Path) -> None:
    """A table of more rows than are read after each build, behind all that the file holds.

    Each step is a checkpoint of its own: only then are the blocks of what was dropped free.
    """
    for step in (
        "create table points.padding as select hash(range) as number from range(500000)",
        "create table points.large as select hash(range) as number from range(500000)",
        "drop table points.padding",
        "create table points.after_it as select 1 as number",
    ):
        with duckdb.connect(str(database)) as connection:
            connection.execute(step)


def end_of_large_table(database: Path) -> int:
    with duckdb.connect(str(database), read_only=True) as connection:
        (block,) = connection.execute(
            "select max(block_id) from pragma_storage_info('points.large')"
        ).fetchone()
    return 3 * 4096 + (block + 1) * (1 << 18)


def damage(database: Path, how: str) -> None:
    content = bytearray(database.read_bytes())
    if how == "none at all":
        content = bytearray(b"garbage" * 1000)
    elif how == "half":
        del content[len(content) // 2 :]
    elif how == "the end of a large table":
        # written by an earlier build: all else lies before it, and can be read
        end = end_of_large_table(database)
        assert len(content) >= end
        del content[end - 1000 :]
    elif how == "headers":
        for header in (4096, 8192):
            content[header + 20] ^= 0xFF
    elif how == "what a build looks at first":
        with duckdb.connect(str(database), read_only=True) as connection:
            (block,) = connection.execute(
                "select max(block_id) from pragma_storage_info('staging.raw_row_counts')"
            ).fetchone()
        content[3 * 4096 + block * (1 << 18) + 5000] ^= 0xFF
    elif how == "rows":
        for place in range(1 << 18, len(content), 1 << 18):
            content[place + 5000] ^= 0xFF
    database.write_bytes(content)


@pytest.mark.parametrize(
    ("how", "last_build"),
    [
        ("none at all", "passed"),
        ("half", "passed"),
        ("what a build looks at first", "passed"),
        ("the end of a large table", "passed"),
        ("headers", "failed"),
        ("rows", "failed"),
    ],
)
def test_damage_is_noticed_and_set_aside(
    demo: Project, project: Project, how: str, last_build: str
) -> None:
    shutil.copy(demo.database, project.database)
    if last_build == "failed":
        # by this damage, perhaps
        with duckdb.connect(str(project.database)) as connection:
            connection.execute("drop table points.tested_build")
    if how == "the end of a large table":
        write_large_table(project.database)
    assert project.command("recover").stdout == ""
    damage(project.database, how)
    done = project.command("recover")
    assert done.returncode == 0, done.stdout
    assert done.stdout.startswith(f"The database {project.database} is damaged")
    assert not project.database.exists()
    (kept,) = project.database.parent.glob("*.duckdb.damaged-*")

    # one is kept, the last
    kept.rename(kept.with_name(f"{project.database.name}.damaged-20260101T000000Z"))
    project.database.write_bytes(b"garbage" * 1000)
    assert project.command("recover").returncode == 0
    (kept,) = project.database.parent.glob("*.duckdb.damaged-*")
    assert kept.read_bytes() == b"garbage" * 1000


def test_a_file_that_became_shorter_is_whole(demo: Project, project: Project) -> None:
    """DuckDB cuts free blocks from the end of the file, and goes on counting them."""
    shutil.copy(demo.database, project.database)
    with duckdb.connect(str(project.database)) as connection:
        connection.execute("create table points.b as select hash(range) as n from range(500000)")
        connection.execute("checkpoint")
        connection.execute("drop table points.b")
    # what somebody else keeps there, under a name that has to be quoted
    with duckdb.connect(str(project.database)) as connection:
        connection.execute('create table points."my rows" as select 1 as whole_row')
    with duckdb.connect(str(project.database)) as connection:
        counted = connection.execute(
            "select block_size * total_blocks from pragma_database_size() "
            "where database_name = current_database()"
        ).fetchone()[0]
    before = project.database.read_bytes()
    assert len(before) < counted
    done = project.command("recover")
    assert (done.returncode, done.stdout) == (0, "")
    assert project.database.read_bytes() == before


@pytest.mark.long
def test_what_a_lost_database_remembered_goes_on_from_what_is_published(project: Project) -> None:
    for as_of in (EARLIER, DEMO_AS_OF):
        project.score(*NO_UNIT_TESTS, as_of=as_of)
        publish(project)
    with duckdb.connect(str(project.database)) as connection:
        # as if it had been evaluated
        connection.execute("create table marts.figures as select 0.71 as auc")
        connection.execute("create table points.tested_evaluation as select 'figures' as marts")
    publish(project)
    before = project.marts()
    assert len({row[-2] for row in before["score_history"]}) == 2

    # not even what is published can be read
    database = (project.path / "published" / "current").resolve() / "contact_scoring.duckdb"
    whole = database.read_bytes()
    shutil.copy(project.database, project.path / "kept.duckdb")
    project.database.unlink()
    database.chmod(0o644)
    database.write_bytes(whole[: len(whole) // 2])
    done = project.command("recover")
    assert done.returncode == 1
    assert done.stdout.startswith(f"The history of scores cannot be taken from {database}")
    assert "put its file back from a backup" in done.stdout
    assert not list(project.database.parent.iterdir())
    database.write_bytes(whole)
    shutil.move(project.path / "kept.duckdb", project.database)

    counts = "select * from staging.raw_row_counts order by raw_table"
    rows_read = project.query(counts)
    project.database.unlink()
    # a command that builds nothing begins an empty one
    assert project.dbt("show", "--inline", "select 1").returncode == 0
    assert project.database.exists()
    done = project.command("recover")
    assert done.stdout.startswith("The history of scores goes on from the one published")
    assert project.query(counts) == rows_read
    build = project.dbt("build", *NO_UNIT_TESTS, as_of=DEMO_AS_OF)
    assert build.returncode == 0, build.stdout
    # what the build before it counted is lost: there is nothing to compare this one with
    assert project.marts() == before | {"score_changes": []}

    # the last evaluation is in the generation alone, and the next one takes it from there
    assert not project.query("select 1 from duckdb_tables() where table_name = 'figures'")
    publish(project)
    current = (project.path / "published" / "current").resolve()
    assert assert_whole(current)["evaluation"] == {"as_of": DEMO_AS_OF, "marts": ["figures"]}
    with duckdb.connect(str(current / "contact_scoring.duckdb"), read_only=True) as connection:
        assert connection.execute("select auc::varchar from marts.figures").fetchall() == [
            ("0.71",)
        ]


def test_the_demo_does_not_take_the_place_of_own_scores(project: Project) -> None:
    own = {"raw_files": str(project.path / "seeds" / "demo"), "as_of": EARLIER}
    project.score(*NO_UNIT_TESTS, **own)
    publish(project)
    current = (project.path / "published" / "current").resolve()
    project.score(*NO_UNIT_TESTS)
    done = project.command("publish")
    assert done.returncode == 1
    assert done.stdout.startswith("The demo, or an example, is not published in the place of your")
    assert (project.path / "published" / "current").resolve() == current


WITH_A_LOG = """
import os, sys, duckdb
connection = duckdb.connect(sys.argv[1], config={"storage_compatibility_version": "v1.5.0"})
connection.execute("create table rows as select range as number from range(1000)")
os._exit(0)
"""


@pytest.mark.parametrize("whose", ["another's", "its own, which was changed"])
def test_a_log_that_cannot_be_taken_in_is_set_aside_with_its_database(
    project: Project, whose: str
) -> None:
    """Both, for nobody knows what the database is without it."""
    another = project.path / "another.duckdb"
    for path in (project.database, another):
        subprocess.run([sys.executable, "-c", WITH_A_LOG, str(path)], check=True)
    log = Path(f"{project.database}.wal")
    if whose == "another's":
        shutil.copy(f"{another}.wal", log)
    else:
        # where its rows are: a log whose beginning or end was changed is not always taken for one
        content = bytearray(log.read_bytes())
        content[len(content) // 2] ^= 0xFF
        log.write_bytes(content)
    done = project.command("recover")
    assert done.returncode == 0, done.stdout
    assert done.stdout.startswith(f"The database {project.database} is damaged")
    assert not project.database.exists()
    assert not log.exists()
    assert project.command("recover").stdout == ""


def test_a_time_to_come_is_not_published(project: Project) -> None:
    own = {"raw_files": str(project.path / "seeds" / "demo"), "as_of": "2999-01-01 00:00:00"}
    project.score(*NO_TESTS, **own)
    with duckdb.connect(str(project.database)) as connection:
        connection.execute(
            "create table points.tested_build as "
            "select timestamp '2999-01-01' as as_of, false as is_demo, 'contact_scores' as marts"
        )
    done = project.command("publish")
    assert done.returncode == 1
    assert done.stdout.startswith("2999-01-01 00:00 UTC has not come yet")
    assert not (project.path / "published" / "current").exists()


def test_a_log_that_is_left_over_is_set_aside(project: Project) -> None:
    project.database.parent.mkdir(exist_ok=True)
    duckdb.connect(str(project.database)).close()
    log = Path(f"{project.database}.wal")
    log.write_bytes(b"garbage" * 1000)
    done = project.command("recover")
    assert done.returncode == 0
    assert done.stdout.startswith(f"{log} is no log of this database.")
    assert not log.exists()
    assert project.command("recover").stdout == ""


@pytest.mark.parametrize(
    ("grace", "code", "said"),
    [
        ("60", 1, "STALE: The published scores are for 2026-11-16 00:00 UTC, "),
        ("99999999", 0, "OK: The published scores are for 2026-11-16 00:00 UTC, "),
        ("an hour", 1, "CONTACT_SCORING_GRACE_MINUTES: 'an hour' is no number of minutes."),
    ],
)
def test_the_age_of_what_is_published_is_one_line_and_an_exit_code(
    demo: Project, published: Path, grace: str, code: int, said: str
) -> None:
    check, environment = "freshness", {"CONTACT_SCORING_GRACE_MINUTES": grace}
    nothing = demo.command(check, env=environment)
    assert nothing.returncode == 1
    assert nothing.stdout.startswith(f"Nothing is published in {published}.")
    publish(demo)
    done = demo.command(check, env=environment)
    assert (done.returncode, done.stdout.splitlines()[0][: len(said)]) == (code, said)
    assert len(done.stdout.splitlines()) == 1
