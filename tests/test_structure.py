"""A model writes only itself, reads only what comes before it, and dbt sees all that it reads."""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest
from conftest import EVALUATION, Project, copy_project
from templates import Macros, Template

pytestmark = pytest.mark.xdist_group("structure")

# in the order in which data flows: a model reads its own folder and those before it
FOLDERS = [
    {"connectors"},
    {"staging", "config"},
    {"engagement"},
    {"points"},
    {"marts"},
    {"evaluation"},
]

# model, what it or its hooks write other than the model itself: why
WRITES_ANOTHER = {
    ("erased_rows", "event_log"): "rows of deleted contacts have to leave the one memory of events",
    ("event_log", "new_event_rows"): "on Spark a table of raw rows, which nobody may read after it",
    ("raw_tables", "table_of_last_build(event_log)"): "its rows were read under other rules",
    (
        "raw_tables",
        "table_of_last_build(erased_actors)",
    ): "what it remembers is of the log that goes",
    (
        "raw_tables",
        "adapter.get_relation(target.database, schema, name)",
    ): "tables of earlier releases, which hold deleted contacts",
}

# macro that dbt_project.yml calls before or after a run, what it leads to writing: why
WRITTEN_AROUND_A_RUN = {
    ("forget_tested_build", "points.tested_build"): "a table may change from here on",
    ("forget_tested_build", "points.tested_evaluation"): "a table may change from here on",
    ("note_tested_build", "points.tested_build"): "tests come after models, so no model can say it",
    ("note_tested_build", "points.tested_evaluation"): "tests come after models, here too",
    (
        "check_engine",
        "target.schema.contact_scoring_view_check",
    ): "a view of its own, made and dropped at once",
}

# model, what it depends on in a later folder: why
WAITS_FOR = {
    ("rules_as_scored", "contact_scores"): "it reads nothing of it, and has to be built after it",
}

# macro or model that names a table other than by ref() or `this`: why
NAMES_TABLES_ITSELF = {
    "table_of_last_build": "what is new is told by the log as it was, which is made of what is new",
    "raw_schema_relation": "raw tables are named by a variable, and are nobody's models",
    "default__tables_named": "the catalog says which raw tables there are",
    "drop_retired_tables": "no model makes these any more",
    "duckdb__forget_tested_build": "it is no model",
    "duckdb__note_tested_build": "it is no model",
    "spark__check_engine": "a view of its own, made and dropped at once",
}


@dataclass
class Structure:
    """What a parsed project says of its nodes, and what its macros do."""

    nodes: dict[str, dict]
    macros: Macros

    @classmethod
    def of(cls, project: Project) -> "Structure":
        done = project.dbt("parse", env=EVALUATION)
        assert done.returncode == 0, done.stdout
        manifest = json.loads((project.path / "target" / "manifest.json").read_text("utf-8"))
        return cls(manifest["nodes"], Macros(project.path))

    def of_types(self, *types: str) -> list[dict]:
        return [node for node in self.nodes.values() if node["resource_type"] in types]

    def written_by(self, text: Template) -> set[str]:
        """What a model's text or a hook changes, itself or by a macro, other than `this`."""
        reached = self.macros.reached(text)
        written = {name for template, passed in reached for name in template.writes(passed)}
        return {name.removeprefix("ref:") for name in written - {"this"}}

    def writing_others(self) -> set[tuple[str, str]]:
        return {
            (node["name"], written)
            for node in self.of_types("model", "seed", "snapshot")
            for text in texts(node)
            for written in self.written_by(text)
        }

    def written_around_a_run(self) -> set[tuple[str, str]]:
        return {
            (node["raw_code"].strip("{ ").partition("(")[0], written)
            for node in self.of_types("operation")
            for written in self.written_by(Template(node["name"], node["raw_code"]))
        }

    def reading_later_folders(self) -> set[tuple[str, str]]:
        place = {folder: place for place, folders in enumerate(FOLDERS) for folder in folders}
        models = {node["unique_id"]: node for node in self.of_types("model")}
        assert {node["fqn"][1] for node in models.values()} <= place.keys()
        return {
            (node["name"], models[read]["name"])
            for node in models.values()
            for read in node["depends_on"]["nodes"]
            if read in models and place[models[read]["fqn"][1]] > place[node["fqn"][1]]
        }

    def naming_tables(self) -> set[str]:
        """The models and macros that name tables of which dbt knows nothing."""
        schemas = {node["schema"] for node in self.of_types("model", "seed")}
        return {
            template.name
            for node in self.of_types("model", "operation")
            for text in texts(node)
            for template, passed in self.macros.reached(text)
            if template.unseen(passed, schemas)
        }


def texts(node: dict) -> list[Template]:
    """A node's own text, and its hooks."""
    hooks = node["config"]["pre-hook"] + node["config"]["post-hook"]
    found = [node["raw_code"], *(hook["sql"] for hook in hooks)]
    return [Template(node["name"], text) for text in found]


@pytest.fixture(scope="module")
def structure(tmp_path_factory: pytest.TempPathFactory) -> Structure:
    return Structure.of(copy_project(tmp_path_factory.mktemp("structure")))


def test_a_model_writes_only_itself(structure: Structure):
    assert structure.writing_others() == WRITES_ANOTHER.keys()


def test_what_is_written_around_a_run_is_listed(structure: Structure):
    assert structure.written_around_a_run() == WRITTEN_AROUND_A_RUN.keys()


def test_no_model_reads_a_later_folder(structure: Structure):
    assert structure.reading_later_folders() == WAITS_FOR.keys()


def test_dbt_sees_every_reference(structure: Structure):
    assert structure.naming_tables() == NAMES_TABLES_ITSELF.keys()


PLANTED_MACROS = """
{% macro empty(relation, other) %}{% do run_statement('delete from ' ~ other) %}{% endmacro %}
{% macro empty_both(relation, other) %}
    {% do empty(other, relation) %}
    {% do empty(relation, other) %}
{% endmacro %}
{% macro empty_own(relation) %}{% do empty_both(relation, relation) %}{% endmacro %}
{% macro drop_other(relation) %}
    {% set other = load_relation(ref('event_log')) %}
    {% do adapter.drop_relation(other) if other %}
{% endmacro %}
{% macro scores() %}
    {{ return(adapter.get_relation(target.database, 'marts', 'contact_scores')) }}
{% endmacro %}
"""

WRITING_OTHERS = {  # a hook, and what it changes
    "named": ("delete from {{ ref('event_log') }}", "event_log"),
    "literal": ("update marts.contact_scores set score_30d = 0", "marts.contact_scores"),
    "passed_on": ("{{ empty_both(this, ref('event_log')) }}", "event_log"),
    "dropped": ("{{ drop_other(this) }}", "event_log"),
}
NAMING_TABLES = {
    "literal_name": "select * from marts.contact_scores",
    "own_schema": "select * from {{ this.schema }}.contact_scores",
    "made_name": "select * from {{ api.Relation.create(schema='marts', identifier='lists') }}",
    "looked_up": "select * from {{ load_relation(scores()) or this }}",
}


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Structure:
    """The project with a model for each fault."""
    project = copy_project(tmp_path_factory.mktemp("planted"))
    (project.path / "macros" / "planted.sql").write_text(PLANTED_MACROS, "utf-8")
    later = "select * from {{ ref('contact_scores') }}"
    plant(project.path / "models" / "engagement" / "reads_later.sql", later)
    own = 'select 1 as one {{ config(post_hook=["{{ empty_own(this) }}", "analyze {{ this }}"]) }}'
    plant(project.path / "models" / "points" / "writes_itself.sql", own)
    for name, (hook, _) in WRITING_OTHERS.items():
        text = f'{{{{ config(post_hook="{hook}") }}}} select 1 as one'
        plant(project.path / "models" / "points" / f"{name}.sql", text)
    in_passing = "{% do run_query('drop table points.lists') if execute %} select 1 as one"
    plant(project.path / "models" / "points" / "in_passing.sql", in_passing)
    for name, text in NAMING_TABLES.items():
        plant(project.path / "models" / "points" / f"{name}.sql", text)
    return Structure.of(project)


def plant(path: Path, text: str) -> None:
    path.write_text(text, "utf-8")


@pytest.mark.parametrize("name", WRITING_OTHERS)
def test_a_hook_that_writes_another_table_is_found(planted: Structure, name: str):
    assert (name, WRITING_OTHERS[name][1]) in planted.writing_others()


def test_a_model_that_writes_another_table_in_passing_is_found(planted: Structure):
    assert ("in_passing", "points.lists") in planted.writing_others()


def test_a_hook_that_writes_its_own_table_is_not(planted: Structure):
    assert "writes_itself" not in {model for model, _ in planted.writing_others()}


def test_a_model_that_reads_a_later_folder_is_found(planted: Structure):
    found = planted.reading_later_folders() - WAITS_FOR.keys()
    assert found == {("reads_later", "contact_scores")}


@pytest.mark.parametrize("name", NAMING_TABLES)
def test_a_table_that_dbt_does_not_see_is_found(planted: Structure, name: str):
    # a macro is to blame for what it looks up
    assert {"looked_up": "scores"}.get(name, name) in planted.naming_tables()
