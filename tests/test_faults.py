"""What goes wrong around a build: no room, no memory, another build, a broken file, a clock."""

import json
import os
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from datetime import datetime
from pathlib import Path
from random import Random

import duckdb
import psutil
import pytest
from conftest import (
    DBT,
    EARLIER,
    NO_TESTS,
    NO_UNIT_TESTS,
    REMEMBERING,
    ROOT,
    Project,
    copy_project,
)
from test_publishing import assert_is_current, publish
from test_soak import Crm

DEMO_AS_OF = "2026-11-16 00:00:00"
# `make test-faults` says 20, and 100 kills of a build
RUNS = int(os.environ.get("FAULT_RUNS", "2"))
KILLS = int(os.environ.get("FAULT_KILLS", "2"))
# how many earlier versions of the models an upgrade is tried from
VERSIONS = 5 if os.environ.get("FAULT_RUNS") else 1
IN_OWN_MOUNTS = ("unshare", "--map-root-user", "--mount")
HAS_OWN_MOUNTS = (
    shutil.which("unshare")
    and not subprocess.run(
        [*IN_OWN_MOUNTS, "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True, check=False
    ).returncode
)
a_small_disk = pytest.mark.skipif(not HAS_OWN_MOUNTS, reason="no tmpfs can be mounted here")

# Runs its steps with a small disk in the place of one folder; says how each of them ended.
STEPS = """
    import json
    import shutil
    import subprocess
    import sys

    folder, keep, steps = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
    ended = []
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1g", "tmpfs", folder], check=True)
    for room, command in steps:
        size = "1g" if room is None else shutil.disk_usage(folder).used + room
        subprocess.run(["mount", "-o", f"remount,size={size}", folder], check=True)
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        ended.append([done.returncode, done.stdout + done.stderr])
    shutil.copytree(folder, keep, symlinks=True)
    print(json.dumps(ended))
"""


def on_a_small_disk(
    project: Project, folder: Path, *steps: tuple[int | None, list[str]]
) -> list[tuple[int, str]]:
    """Commands with so many bytes free in a folder, or plenty; what is there then stays there."""
    folder.mkdir(exist_ok=True)
    kept = folder.with_name("kept")
    done = subprocess.run(
        [
            *(*IN_OWN_MOUNTS, sys.executable, "-c", textwrap.dedent(STEPS)),
            *(str(folder), str(kept), json.dumps(steps)),
        ],
        cwd=project.path,
        env=project.environment | {"DBT_PROFILES_DIR": str(project.path)},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    folder.rmdir()
    kept.rename(folder)
    return [tuple(ended) for ended in json.loads(done.stdout)]


def command(name: str) -> list[str]:
    return [sys.executable, "-m", "contact_scoring", name]


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(file): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


@a_small_disk
@pytest.mark.long
def test_a_full_disk_stops_a_build_and_the_next_one_recovers(
    demo: Project, project: Project
) -> None:
    build = [DBT, "--no-use-colors", "build", *NO_UNIT_TESTS]
    stopped, _, recovered, built = on_a_small_disk(
        project,
        project.database.parent,
        (2_000_000, build),
        # with the disk still full it may say so, but must not take that for damage
        (0, command("recover")),
        (None, command("recover")),
        (None, build),
    )
    assert not list(project.database.parent.glob("*.damaged-*"))
    assert stopped[0] != 0
    assert "No space left on device" in stopped[1]
    assert recovered[0] == 0, recovered[1]
    assert built[0] == 0, built[1]
    assert project.marts() == demo.marts()


@a_small_disk
@pytest.mark.long
def test_a_full_disk_stops_a_publication_and_the_next_one_is_whole(project: Project) -> None:
    published = project.path / "published"
    build = [DBT, "build", *NO_UNIT_TESTS]
    earlier = [*build, "--vars", json.dumps({"as_of": EARLIER})]
    publish, served = command("publish"), command("freshness")
    built, first, built_again, full, left_over, still_served, whole = on_a_small_disk(
        project,
        published,
        *((None, earlier), (None, publish), (None, build)),
        *((100_000, publish), (None, ["ls", "-A", str(published)]), (None, served)),
        (None, publish),
    )
    assert (built[0], first[0], built_again[0]) == (0, 0, 0), first[1]
    assert full[0] != 0
    assert "No space left on device" in full[1]
    assert "What was published before stands; mend this, and `make build`." in full[1]
    assert set(left_over[1].split()) == {".lock", "current", "generations", "replays"}
    assert "The published scores are for 2026-11-09 12:00 UTC" in still_served[1]
    assert whole[0] == 0, whole[1]
    assert (published / "current").resolve().name.startswith("2026-11-16T0000Z-")


def test_too_little_memory_is_said_and_the_next_build_is_whole(
    demo: Project, project: Project
) -> None:
    shutil.copy(demo.database, project.database)
    assert project.command("publish").returncode == 0
    current = (project.path / "published" / "current").resolve(strict=True)
    project.database.unlink()
    done = project.dbt("build", *NO_UNIT_TESTS, env={"CONTACT_SCORING_MEMORY_LIMIT": "8MB"})
    assert done.returncode != 0
    assert "Out of Memory Error" in done.stdout
    not_published = project.command("publish")
    assert not_published.returncode != 0
    assert "The last build is not published" in not_published.stdout
    assert (project.path / "published" / "current").resolve(strict=True) == current

    done = project.dbt("build", *NO_UNIT_TESTS)
    assert done.returncode == 0, done.stdout
    assert project.marts() == demo.marts()


def has_open(process: int, file: Path) -> bool:
    return any(Path(opened.path) == file for opened in psutil.Process(process).open_files())


def test_a_second_build_is_refused_while_one_runs(demo: Project, project: Project) -> None:
    first = subprocess.Popen(
        [DBT, "build", *NO_UNIT_TESTS],
        cwd=project.path,
        env=project.environment | {"DBT_PROFILES_DIR": str(project.path)},
        stdout=subprocess.DEVNULL,
    )
    try:
        while not has_open(first.pid, project.database):
            assert first.poll() is None, "it never had the database to itself"
        # or it might be done before the second one has parsed the project
        first.send_signal(signal.SIGSTOP)
        refused = project.command("recover")
        second = project.dbt("build", *NO_UNIT_TESTS, "--target-path", "target/second")
    finally:
        first.send_signal(signal.SIGCONT)
        ended = first.wait()
    assert refused.returncode != 0
    assert refused.stdout == (
        f"The database {project.database} is in use, by a build or an open reader. "
        "Try again when it is done, or close it.\n"
    )
    assert second.returncode != 0
    assert "Could not set lock on file" in second.stdout
    assert ended == 0
    assert project.marts() == demo.marts()


@pytest.mark.long
def test_a_tick_killed_at_any_moment_and_built_again_is_one_that_nothing_disturbed(
    project: Project,
) -> None:
    """What is published stays until then. The tick has late rows, copies and deleted contacts."""
    dice = Random(2)
    crm = Crm(Random(1), datetime.fromisoformat(EARLIER), datetime.fromisoformat(DEMO_AS_OF))
    build = [DBT, "build", *NO_UNIT_TESTS, "--vars", json.dumps({"raw_files": "exports"})]
    environment = {"DBT_PROFILES_DIR": str(project.path), "CONTACT_SCORING_AS_OF": EARLIER}

    exports = project.path / "exports"
    crm.fill(exports, datetime.fromisoformat(EARLIER))
    done = project.call(build, env=environment)
    assert done.returncode == 0, done.stdout
    publish(project)
    current = (project.path / "published" / "current").resolve()
    before, earlier = project.path / "before.duckdb", project.mart("contact_scores")
    shutil.copy(project.database, before)

    crm.fill(exports, datetime.fromisoformat(DEMO_AS_OF))
    environment["CONTACT_SCORING_AS_OF"] = DEMO_AS_OF
    done = project.call(build, env=environment)
    assert done.returncode == 0, done.stdout
    undisturbed, lines = project.marts(), len(done.stdout.splitlines())
    assert undisturbed["contact_scores"] != earlier

    for _ in range(KILLS):
        shutil.copy(before, project.database)
        with subprocess.Popen(
            build,
            cwd=project.path,
            env=project.environment | environment,
            stdout=subprocess.PIPE,
            text=True,
        ) as killed:
            # by what it has said: the time that one takes is not always the same
            for _ in range(dice.randrange(2, lines - 10)):
                killed.stdout.readline()
            time.sleep(dice.uniform(0, 0.2))
            killed.kill()
        assert killed.returncode == -signal.SIGKILL
        if project.command("publish").returncode == 0:
            # it had come to its end, and was killed on its way out; or it had not begun
            assert project.mart("contact_scores") in (undisturbed["contact_scores"], earlier)
            current = (project.path / "published" / "current").resolve()
        assert_is_current(project, current)
        recovered = project.command("recover")
        assert (recovered.returncode, recovered.stdout) == (0, "")
        done = project.call(build, env=environment)
        assert done.returncode == 0, done.stdout
        for mart, rows in project.marts().items():
            assert rows == undisturbed[mart], mart
    assert not list(project.database.parent.glob("*.damaged-*"))


@pytest.mark.long
def test_clocks_of_other_zones_give_the_same_scores(demo: Project, project: Project) -> None:
    """Summer time ends between two ticks, and the host moves half around the world."""
    for as_of, zone in (
        ("2026-11-01 00:00:00", "America/New_York"),
        ("2026-11-01 12:00:00", "America/New_York"),
        (DEMO_AS_OF, "Pacific/Auckland"),
    ):
        done = project.dbt("build", *NO_TESTS, as_of=as_of, env={"TZ": zone})
        assert done.returncode == 0, done.stdout
    marts, of_one_build = project.marts(), demo.marts()
    for remembers in REMEMBERING:
        del marts[remembers], of_one_build[remembers]
    assert marts == of_one_build


def git(*arguments: str) -> bytes:
    command = ["git", *arguments]
    return subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout


def earlier_versions() -> list[str]:
    """The commits before those that last changed what is built."""
    changes = git("log", f"--max-count={VERSIONS}", "--format=%H %P", "--", "models", "macros")
    lines = (line.split() for line in changes.decode().splitlines())
    return [parents[0] for _, *parents in lines if parents]


@pytest.mark.long
def test_a_database_of_an_earlier_version_is_upgraded(demo: Project, tmp_path: Path) -> None:
    versions = earlier_versions()
    if not versions:
        pytest.skip("this clone has no earlier version: git fetch --unshallow")
    for number, version in enumerate(versions):
        earlier = Project(tmp_path / f"earlier {number}")
        earlier.path.mkdir()
        archive = tmp_path / f"{version}.tar"
        archive.write_bytes(git("archive", version))
        shutil.unpack_archive(archive, earlier.path)
        earlier.score(as_of=EARLIER)

        upgraded = tmp_path / f"upgraded {number}"
        upgraded.mkdir()
        now = copy_project(upgraded)
        earlier.database.rename(now.database)
        now.score(as_of=DEMO_AS_OF)
        twice = (
            "select contact_id, score_name from marts.sales_handoffs where ended_at is null "
            "group by all having count(*) > 1"
        )
        assert now.query(twice) == [], version
        marts, of_one_build = now.marts(), demo.marts()
        # they go on from what the earlier version said
        for remembers in ("score_history", "sales_handoffs"):
            assert len(marts[remembers]) > len(of_one_build[remembers])
        for remembers in REMEMBERING:
            del marts[remembers], of_one_build[remembers]
        assert marts == of_one_build, version


@pytest.fixture
def exports(project: Project) -> Path:
    """The demo's tables as Parquet files, scored once."""
    folder = project.path / "exports"
    folder.mkdir()
    for seed in (project.path / "seeds" / "demo").glob("*.csv"):
        rows = duckdb.read_csv(str(seed), all_varchar=True, header=True)
        rows.to_parquet(str(folder / f"{seed.stem}.parquet"))
    project.score(raw_files="exports", as_of=EARLIER)
    return folder


def test_a_broken_file_is_named_and_the_last_scores_stand(project: Project, exports: Path) -> None:
    before = project.marts()
    file = exports / "email_events.parquet"
    content = file.read_bytes()
    for broken in (b"", content[:1000], content[:-1000], content[:100] + content[1100:]):
        file.write_bytes(broken)
        done = project.dbt("build", *NO_TESTS, raw_files="exports", as_of=DEMO_AS_OF)
        assert done.returncode != 0
        assert "email_events.parquet" in done.stdout
        assert project.marts() == before


@pytest.mark.long
def test_columns_that_come_go_or_change_their_type_are_read_or_refused_by_name(
    project: Project, exports: Path
) -> None:
    """A build that goes on from another type of them ends as a full refresh does."""
    file = exports / "email_events.parquet"
    before = exports.with_name("before.parquet")
    file.rename(before)
    variables = {"raw_files": "exports", "as_of": DEMO_AS_OF}
    as_timestamp = "try_cast(occurred_at as timestamp) as occurred_at"
    columns = f"* exclude (user_agent) replace ({as_timestamp}), 1 as another_column"
    duckdb.sql(f"copy (select {columns} from '{before}') to '{file}'")
    project.score(**variables)
    went_on = project.marts()
    done = project.dbt("build", "--full-refresh", *NO_TESTS, **variables)
    assert done.returncode == 0, done.stdout
    assert project.marts() == went_on

    duckdb.sql(f"copy (select * exclude (occurred_at) from '{before}') to '{file}'")
    done = project.dbt("build", *NO_TESTS, **variables)
    assert done.returncode != 0
    assert f"email_events in the folder {exports} has no column occurred_at" in done.stdout
    assert project.marts() == went_on
