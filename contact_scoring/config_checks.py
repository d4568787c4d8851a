"""What is wrong with the rules in seeds/config, a second before dbt: `contact-scoring check-rules`.

The checks are the model config_errors and no others: its text is rendered as dbt does
it, and run in memory. That takes a second. dbt runs them again, however it was started. Exits
non-zero with every mistake.
"""

import re
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import CodeType, SimpleNamespace
from typing import Any

import duckdb
import jinja2
from jinja2.runtime import Macro

from contact_scoring import config_files
from contact_scoring.warehouse import NO_DOWNLOADS, PROJECT_ROOT

MACROS = PROJECT_ROOT / "macros"
MODELS = PROJECT_ROOT / "models"


class Returned(Exception):  # noqa: N818
    """What a macro gives that is no text; as in dbt, it ends the macro."""

    def __init__(self, value: object) -> None:
        super().__init__()
        self.value = value


def returning(function: Callable[..., object]) -> Callable[..., Any]:
    """A macro's function that gives what the macro returned."""

    def call(*arguments: object, **named: object) -> object:
        try:
            return function(*arguments, **named)
        except Returned as returned:
            return returned.value

    return call


def give_back(value: object) -> None:
    """The `return` of dbt's Jinja."""
    raise Returned(value)


def stop(message: str) -> None:
    """The end of a run, with its message."""
    raise SystemExit(message)


def jinja() -> jinja2.Environment:
    return jinja2.Environment(
        extensions=["jinja2.ext.do"],
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # noqa: S701 (it writes SQL)
    )


@cache
def macro_code() -> CodeType:
    """All macros in one text, for they call each other: to compile them takes most of a check."""
    text = "\n".join(file.read_text() for file in sorted(MACROS.rglob("*.sql")))
    return jinja().compile(text)


class Project:
    """The macros and models of the project, on a DuckDB database in memory with its rules.

    The rules are those of `folder`, or of seeds/config.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder
        self.connection = duckdb.connect(config=NO_DOWNLOADS)
        self.environment = jinja()
        self.macros: MutableMapping[str, Any] = self.environment.globals
        self.macros |= {
            "execute": True,
            "return": give_back,
            "config": lambda **_: "",
            "ref": lambda *names: self.ref(names[-1]),
            "project_name": "contact_scoring",
            "var": {"own_rules": False}.get,
            "run_query": self.run_query,
            "dbt": SimpleNamespace(
                type_string=lambda: "varchar", type_timestamp=lambda: "timestamp"
            ),
            "adapter": SimpleNamespace(
                dispatch=self.dispatch, get_columns_in_relation=self.columns_of
            ),
            "exceptions": SimpleNamespace(raise_compiler_error=stop),
        }
        text = jinja2.Template.from_code(self.environment, macro_code(), self.macros)
        for name, macro in vars(text.module).items():
            if isinstance(macro, Macro):
                macro._func = returning(macro._func)
                self.macros[name] = macro

    def dispatch(self, name: str, _: str) -> Any:
        return self.macros.get(f"duckdb__{name}") or self.macros[f"default__{name}"]

    def run_query(self, sql: str) -> SimpleNamespace:
        return SimpleNamespace(rows=self.connection.execute(sql).fetchall())

    def columns_of(self, relation: str) -> list[SimpleNamespace]:
        described = self.connection.execute(f"describe {relation}").fetchall()
        return [SimpleNamespace(name=column) for column, *_ in described]

    def ref(self, name: str) -> str:
        """The table of a file of rules, or the view of a model; made when it is first asked for."""
        known = "select 1 from information_schema.tables where table_name = $name"
        if not self.connection.execute(known, {"name": name}).fetchall():
            (self.load if name in config_files.SEEDS else self.render)(name)
        return name

    def load(self, seed: str) -> None:
        path = config_files.path_of(seed, self.folder)
        text = str(path).replace("'", "''")
        try:
            # by the same reader, and as little left to guess, as in dbt: see load_csv_rows
            self.connection.execute(
                f"create table {seed} as select * from read_csv('{text}', all_varchar = true, "
                "header = true, delim = ',', quote = '\"', escape = '\"', skip = 0, comment = '')"
            )
        except duckdb.Error as error:
            said = str(error).splitlines()[0]
            raise config_files.stop(path, f"cannot be read ({said}). Mend it") from None

    def render(self, model: str) -> None:
        (path,) = MODELS.rglob(f"{model}.sql")
        sql = self.environment.from_string(path.read_text()).render()
        self.connection.execute(f"create view {model} as {sql}")

    def named(self, seed: str) -> list[tuple[str, ...]]:
        """How messages about each row of a file may begin: with the row, its rule or its score."""
        names = [self.macros["config_subjects"]()[seed]]
        columns = self.macros["config_columns"]()[seed]
        if "rule_id" in columns:
            names.append("'rule ' || coalesce(rule_id, '')")
        if "score_name" in columns:
            names.append("'score name ' || coalesce(score_name, 'engagement')")
        rows = self.macros["config_rows"](seed)
        return self.connection.execute(f"select {', '.join(names)} from ({rows})").fetchall()


def check(folder: Path | None = None) -> None:
    """Make sure that there is no mistake in any of the files; exits with all that there are."""
    for seed in config_files.SEEDS:
        config_files.rows(seed, folder)
    project = Project(folder)
    project.macros["stop_on_config_errors"](project.ref("config_errors"))


@dataclass(frozen=True)
class Mistake:
    """A mistake and where it is, as far as its message says: none of either is the whole file."""

    seed: str
    message: str
    rows: tuple[int, ...]  # from 0, without the header
    columns: tuple[str, ...]


def mistakes(folder: Path) -> list[Mistake]:
    """What `check` would exit with, of files that are CSV."""
    project = Project(folder)
    found = project.connection.execute(
        f"select file, mistake from {project.ref('config_errors')} order by file, mistake"
    )
    return [located(project, file.removesuffix(".csv"), text) for file, text in found.fetchall()]


def located(project: Project, seed: str, message: str) -> Mistake:
    """A mistake with the rows that its message is about, and the columns that it names."""
    about: dict[int, str] = {}
    for row, names in enumerate(project.named(seed)):
        for name in names:
            if message.startswith(f"{name}: "):
                about[row] = name
    said = message.removeprefix(next(iter(about.values()), ""))
    # what stands in a cell names no column
    said = re.sub("'[^']*'", "", said)
    names = project.macros["config_columns"]()[seed]
    columns = tuple(name for name in names if re.search(rf"\b{name}\b", said))
    return Mistake(seed, message, tuple(about), columns)
