"""The marts of a build that passed all of its tests, for everybody who reads them.

    contact-scoring publish

    published/current -> generations/<name>     what readers open; replaced in one step
    published/generations/<name>/
        contact_scoring.duckdb                   the marts, and what their views read
        parquet/<mart>/rows.parquet              the same as files
        manifest.json                            as-of, revision, rules; rows and checksums
    published/replays/<name>/                    the same for an as-of before the current one
    published/handoffs.sqlite                    who was told of which hand-offs (handoffs.py)

A generation is complete when it gets its name, and is never changed. Who has opened one keeps it,
even when it is removed. The last few stay until a build erases somebody: then all before it go.
None of the demo or an example stays beside somebody's own.

The marts of an evaluation are published with the build that was evaluated, and kept by those that
were not, each with the evaluation's own as-of.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from contact_scoring.warehouse import (
    NO_DOWNLOADS,
    PROJECT_ROOT,
    DatabaseInUse,
    Settings,
    connect,
    database_path,
    memory_limit,
    named_windows,
    only_row,
)

DATABASE = "contact_scoring.duckdb"
# of earlier builds, what no raw table could tell a build whose own database was lost; which rows
REMEMBERED = {
    ("marts", "score_history"): "true",
    ("marts", "sales_handoffs"): "true",
    ("points", "history_builds"): "true",
    # or a feed that lost half of its rows with it would pass for a whole one
    ("staging", "raw_row_counts"): "true",
    # keys, by which a deleted contact's rows are known, though the contact's own row is gone
    ("engagement", "erased_actors"): "true",
    ("engagement", "event_log"): "is_erased",
}
GENERATIONS_KEPT = 3
UNFINISHED = ".unfinished-"

# whether anybody, or any row, was erased of which the older generation may have something: it
# cannot have a row that came in after its newest one. A contact whose row is only gone counts, too;
# one that was merged away is still an actor, by the key that lookup_key() makes
ERASED_SINCE = """
    select
        exists (
            select actor_key from engagement.erased_actors
            except
            select actor_key from older.engagement.erased_actors
        )
        or exists (
            select row_key from engagement.event_log
            where
                is_erased
                and not coalesce(
                    received_at > (select max(newest_received_at) from older.marts.scoring_status),
                    false
                )
            except
            select row_key from older.engagement.event_log
        )
        or exists (
            select hash('contact', contact_id) from older.marts.contact_scores
            except
            select actor_key from engagement.actors
        )
"""
VIEWS_BY_WINDOW = """
    select view_name, sql
    from duckdb_views() as views
    where
        database_name = current_database()
        and schema_name = 'marts'
        and exists (
            select 1 from duckdb_columns() as columns
            where columns.table_oid = views.view_oid and column_name = 'window_days'
        )
"""
RULES = (
    "scoring_rules",
    "fit_rules",
    "lead_grades",
    "disqualification_rules",
    "score_bands",
    "machine_user_agents",
)
FINGERPRINT = "select string_agg(rule, ' ' order by rule) from ({})".format(
    " union all ".join(f"select t::varchar as rule from staging.stg_{seed} as t" for seed in RULES)
)


class NotPublishedError(Exception):
    """Why the last build is not published, and what to do. What was published before stands."""


class InUseError(NotPublishedError):
    """A build is writing: that passes."""


@dataclass(frozen=True)
class TestedBuild:
    """What the last build says of itself, all of whose tests passed."""

    as_of: datetime
    is_demo: bool
    read_from: str
    marts: list[str]
    evaluated: list[str]
    """The marts of its evaluation; none where it was not evaluated."""


@dataclass(frozen=True)
class Evaluation:
    """The marts that hold the scores of an as-of against what happened."""

    as_of: datetime
    marts: list[str]


@dataclass(frozen=True)
class Generation:
    """The folder of one publication."""

    path: Path

    @property
    def database(self) -> Path:
        return self.path / DATABASE

    @property
    def manifest(self) -> dict[str, Any]:
        manifest: dict[str, Any] = json.loads((self.path / "manifest.json").read_text("utf-8"))
        return manifest

    @property
    def as_of(self) -> datetime:
        return datetime.fromisoformat(self.manifest["as_of"])

    @property
    def is_demo(self) -> bool:
        return bool(self.manifest["is_demo"])

    @property
    def evaluation(self) -> Evaluation | None:
        found = self.manifest.get("evaluation")
        return Evaluation(datetime.fromisoformat(found["as_of"]), found["marts"]) if found else None

    def as_of_mart(self, mart: str) -> datetime:
        """The as-of of a mart: that of the evaluation may be an earlier one."""
        evaluation = self.evaluation
        return evaluation.as_of if evaluation and mart in evaluation.marts else self.as_of

    @property
    def is_replay(self) -> bool:
        return self.path.parent.name == "replays"

    def parquet(self, mart: str) -> Path:
        return self.path / "parquet" / mart / "rows.parquet"

    def is_readable(self) -> bool:
        """Whether it is there, with a manifest that is whole, and of a form that is known here."""
        try:
            return {self.as_of, self.is_demo}.isdisjoint({None}) and self.database.exists()
        except (OSError, ValueError, KeyError):
            return False


def published_path() -> Path:
    """Where it all stands: CONTACT_SCORING_PUBLISHED, or the folder `published` of the project."""
    return Path(os.environ.get("CONTACT_SCORING_PUBLISHED", PROJECT_ROOT / "published")).resolve()


def current_generation() -> Generation | None:
    """What to read now, by a path that stays the same generation's; none where there is none."""
    generation = Generation((published_path() / "current").resolve())
    return generation if generation.is_readable() else None


def publish() -> Generation:
    """Publish the last build, as a replay where a later as-of is out. Else NotPublishedError."""
    root = published_path()
    for folder in (root, root / "generations", root / "replays"):
        if not folder.exists():
            folder.mkdir(parents=True)
            folder.chmod(0o755)
    with locked(root / ".lock", "publication"), build_database() as connection:
        build, current = tested_build(connection), current_generation()
        check_place(build, current)
        for left_over in root.glob(f"{UNFINISHED}*"):
            remove(left_over)
        unfinished = root / f"{UNFINISHED}{os.getpid()}"
        try:
            write(connection, unfinished, build, current)
            generation = take_place(root, unfinished, build, current)
        finally:
            remove(unfinished)
        try:
            prune(root, generation, connection)
        except (OSError, duckdb.Error) as error:
            print(f"Older generations could not be removed: {error}", file=sys.stderr)
    return generation


@contextmanager
def locked(file: Path, what: str) -> Iterator[None]:
    """One of them at a time. The lock ends with the process that holds it."""
    with file.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print(f"Waiting for another {what} to end.", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def build_database() -> Iterator[duckdb.DuckDBPyConnection]:
    """The build's database by the name that its views know. No build begins while it is open."""
    try:
        connect().close()
    except DatabaseInUse as error:
        raise InUseError(str(error)) from None
    except SystemExit as error:
        raise NotPublishedError(str(error)) from None
    path = database_path()
    spilled = Path(f"{path}.publishing")
    settings: Settings = NO_DOWNLOADS | {
        "memory_limit": memory_limit(),
        "temp_directory": str(spilled),
        # a table that is missing is missing, whatever a function of this module is called
        "python_enable_replacements": False,
    }
    try:
        with duckdb.connect(config=settings) as connection:
            connection.execute(f"attach {literal(path)} as {name(path.stem)} (read_only)")
            connection.execute(f"use {name(path.stem)}")
            yield connection
    finally:
        # what a killed one spilled, too
        shutil.rmtree(spilled, ignore_errors=True)


def tested_build(connection: duckdb.DuckDBPyConnection) -> TestedBuild:
    try:
        as_of, is_demo, marts = only_row(
            connection, "select as_of, is_demo, marts from points.tested_build"
        )
    except duckdb.CatalogException:
        raise NotPublishedError(
            "The last build is not published: it did not come to its end, or a test failed, or it "
            "was of a part of the models. Mend what it said, and `make build`."
        ) from None
    try:
        (evaluated,) = only_row(connection, "select marts from points.tested_evaluation")
    except duckdb.CatalogException:
        evaluated = ""
    (read_from,) = only_row(connection, "select max(read_from) from staging.raw_row_counts")
    return TestedBuild(as_of, is_demo, read_from, marts.split(), evaluated.split())


def check_place(build: TestedBuild, current: Generation | None) -> None:
    """Keep the demo, an example and a time to come from taking the place of somebody's scores."""
    if current and build.is_demo and not current.is_demo:
        raise NotPublishedError(
            "The demo, or an example, is not published in the place of your own scores. To score "
            "your own input again, name it by raw_files or raw_schema, in dbt_project.yml or as "
            f"--vars. Where your own scores may go, remove {published_path()}."
        )
    if not build.is_demo and build.as_of.replace(tzinfo=UTC) > now():
        # each tick before it would be a replay
        raise NotPublishedError(
            f"{build.as_of:%Y-%m-%d %H:%M} UTC has not come yet: scores for it are not published."
        )


def write(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    build: TestedBuild,
    current: Generation | None,
) -> None:
    """Write a generation that has no name yet, down to the disk."""
    folder.mkdir()
    connection.execute(f"attach {literal(folder / DATABASE)} as generation")
    marts = [*build.marts, *build.evaluated]
    copy_marts(connection, marts, build.as_of)
    files = {
        mart: write_parquet(connection, mart, folder / "parquet" / mart, build.as_of)
        for mart in marts
    }
    evaluation = Evaluation(build.as_of, build.evaluated) if build.evaluated else None
    if current and not evaluation and (evaluation := evaluation_to_keep(build, current)):
        files |= keep(connection, evaluation, current, folder)
    connection.execute("checkpoint generation")
    connection.execute("detach generation")
    manifest = {
        "as_of": build.as_of.isoformat(sep=" "),
        "is_demo": build.is_demo,
        "read_from": build.read_from,
        "published_at": now().isoformat(sep=" ", timespec="seconds"),
        "git_revision": git_revision(),
        "rules": checksum_of(connection, FINGERPRINT),
        "database": {"file": DATABASE, "sha256": sha256(folder / DATABASE)},
        "marts": files,
        "evaluation": evaluation
        and {"as_of": evaluation.as_of.isoformat(sep=" "), "marts": evaluation.marts},
    }
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n", "utf-8")
    if left_over := list(folder.glob("*.wal")):
        raise NotPublishedError(f"{left_over[0].name} is left over: the file was not closed whole.")
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o444)
        sync(path)


def copy_marts(connection: duckdb.DuckDBPyConnection, marts: list[str], as_of: datetime) -> None:
    """Copy the marts, those by window as views on what is stored of them, all else as tables."""
    build = database_path().stem
    # without the name of its file a view can be read wherever that is attached
    relation = re.compile(rf"(?:{re.escape(name(build))}|\b{re.escape(build)})\.(\w+)\.(\w+)")
    found = connection.execute(VIEWS_BY_WINDOW).fetchall()
    views = {mart: sql for mart, sql in found if mart in marts}
    tables = {("marts", mart) for mart in marts if mart not in views}
    for sql in views.values():
        tables |= set(relation.findall(sql))
    for schema, table in sorted(tables.union(REMEMBERED)):
        rows = REMEMBERED.get((schema, table), "true")
        connection.execute(f"create schema if not exists generation.{schema}")
        connection.execute(
            f"create table generation.{schema}.{table} as "
            f"select * from {schema}.{table} where {rows}"
        )
    # the rules that made these scores, typed, for whoever explains them
    connection.execute("create schema generation.config")
    for rules in RULES:
        connection.execute(
            f"create table generation.config.{rules} as select * from staging.stg_{rules}"
        )
    connection.execute("use generation")
    for sql in views.values():
        connection.execute(relation.sub(r"\1.\2", sql))
    for mart in marts:
        kind = "view" if mart in views else "table"
        connection.execute(f"comment on {kind} marts.{mart} is 'as of {as_of} UTC'")
    connection.execute(f"use {name(build)}")


def write_parquet(
    connection: duckdb.DuckDBPyConnection, mart: str, folder: Path, as_of: datetime
) -> dict[str, Any]:
    """Write a mart as a file that carries its as-of; what the manifest says of it."""
    folder.mkdir(parents=True)
    file = folder / "rows.parquet"
    by_window = {view for view, _ in connection.execute(VIEWS_BY_WINDOW).fetchall()}
    part = {"where": in_named_windows(connection)} if mart in by_window else {}
    (count,) = only_row(
        connection,
        f"copy (select * from generation.marts.{mart} where {part.get('where', 'true')}) "
        f"to {literal(file)} (format parquet, kv_metadata {{as_of: '{as_of}'}})",
    )
    return {"rows": count, "sha256": sha256(file), **part}


def evaluation_to_keep(build: TestedBuild, current: Generation) -> Evaluation | None:
    """The last one, unless its input is forgotten, its as-of is a later one, or it is damaged."""
    evaluation, manifest = current.evaluation, current.manifest
    if evaluation is None or evaluation.as_of > build.as_of:
        return None
    if (build.is_demo or current.is_demo) and build.read_from != manifest["read_from"]:
        return None
    try:
        for mart in evaluation.marts:
            if sha256(current.parquet(mart)) != manifest["marts"][mart]["sha256"]:
                raise OSError(f"{current.parquet(mart)} was changed")
    except OSError as error:
        print(f"The last evaluation is lost, evaluate again: {error}", file=sys.stderr)
        return None
    return evaluation


def keep(
    connection: duckdb.DuckDBPyConnection,
    evaluation: Evaluation,
    current: Generation,
    folder: Path,
) -> dict[str, Any]:
    """Copy the marts of the last evaluation as they are; what the manifest says of them."""
    for mart in evaluation.marts:
        file = current.parquet(mart)
        shutil.copytree(file.parent, folder / "parquet" / mart)
        connection.execute(
            f"create table generation.marts.{mart} as from read_parquet({literal(file)})"
        )
        connection.execute(
            f"comment on table generation.marts.{mart} is 'as of {evaluation.as_of} UTC'"
        )
    return {mart: current.manifest["marts"][mart] for mart in evaluation.marts}


def take_place(
    root: Path, unfinished: Path, build: TestedBuild, current: Generation | None
) -> Generation:
    """Give a complete generation its name, and make it current in one step unless it is older."""
    is_replay = (
        current is not None and current.is_demo == build.is_demo and build.as_of < current.as_of
    )
    minute = f"{build.as_of:%Y-%m-%dT%H%MZ}"
    generation = Generation(
        root / ("replays" if is_replay else "generations") / f"{minute}-{now():%Y%m%dT%H%M%S%fZ}"
    )
    unfinished.rename(generation.path)
    sync(generation.path.parent)
    if is_replay:
        for older in generation.path.parent.glob(f"{minute}-*"):
            if older != generation.path:
                remove(older)
        return generation
    link = root / f"{UNFINISHED}current"
    link.unlink(missing_ok=True)
    link.symlink_to(generation.path.relative_to(root))
    link.replace(root / "current")
    sync(root)
    return generation


def prune(root: Path, newest: Generation, connection: duckdb.DuckDBPyConnection) -> None:
    """Remove old generations, those from before an erasure, and a demo beside somebody's own."""
    current = current_generation()
    published = sorted(
        map(Generation, (root / "generations").iterdir()),
        key=lambda generation: generation.path.name.rpartition("-")[2],
        reverse=True,
    )
    for generation in [*published, *map(Generation, (root / "replays").iterdir())]:
        if generation not in (newest, current) and (
            generation in published[GENERATIONS_KEPT:]
            or not generation.is_readable()
            or (generation.is_demo and not newest.is_demo)
            or is_erased_since(connection, generation)
        ):
            remove(generation.path)


def is_erased_since(connection: duckdb.DuckDBPyConnection, generation: Generation) -> bool:
    """Whether the build erased what an older generation may still have."""
    connection.execute(f"attach {literal(generation.database)} as older (read_only)")
    try:
        (answer,) = only_row(connection, ERASED_SINCE)
    except duckdb.CatalogException:
        # an earlier version of the project published no keys
        answer = connection.execute("select 1 from engagement.erased_actors limit 1").fetchone()
    finally:
        connection.execute("detach older")
    return bool(answer)


def in_named_windows(connection: duckdb.DuckDBPyConnection) -> str:
    """The part of a mart by window that is written out: all 90 would be too many rows."""
    return f"window_days in ({', '.join(map(str, named_windows(connection)))})"


def remove(path: Path) -> None:
    """Remove a file or a folder, which nobody sees in half."""
    if path.is_symlink() or path.is_file():
        path.unlink()
    elif path.exists():
        hidden = path
        if not path.name.startswith(UNFINISHED):
            hidden = published_path() / f"{UNFINISHED}removed-{path.name}"
            path.rename(hidden)
        shutil.rmtree(hidden)


def sync(path: Path) -> None:
    """Have a file, or the names in a folder, on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sha256(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def checksum_of(connection: duckdb.DuckDBPyConnection, query: str) -> str:
    (text,) = only_row(connection, query)
    return hashlib.sha256((text or "").encode()).hexdigest()


def now() -> datetime:
    return datetime.now(UTC)


def git_revision() -> str | None:
    """What the project was at, `-dirty` where files differ; none outside a clone."""
    command = ["git", "-C", str(PROJECT_ROOT), "describe", "--always", "--dirty", "--abbrev=40"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    except FileNotFoundError:
        return None
    return done.stdout.strip() or None


def literal(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def name(identifier: str) -> str:
    return '"' + identifier.replace('"', '""') + '"'


def main() -> None:
    """Publish, and say where in one line. Exits non-zero where nothing was published."""
    try:
        generation = publish()
    except NotPublishedError as error:
        raise SystemExit(str(error)) from None
    except (OSError, duckdb.Error) as error:
        print(f"{type(error).__name__}: {error}".splitlines()[0], file=sys.stderr)
        raise SystemExit(
            f"The marts could not be published in {published_path()}. What was published before "
            "stands; mend this, and `make build`."
        ) from None
    # not the generation's own path, which goes after a few newer ones
    place = generation if generation.is_replay else Generation(published_path() / "current")
    print(f"Published for {generation.as_of:%Y-%m-%d %H:%M} UTC: {place.database}")
    if generation.is_replay:
        print(f"A later as-of is out: {published_path() / 'current'} stays as it is.")
