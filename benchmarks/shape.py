"""How large the project is, by dbt's manifest: `make shape`."""

from __future__ import annotations

import json
import statistics
import sys
from collections import Counter
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from jinja2 import Environment, nodes
from rich import box
from rich.console import Console
from rich.table import Table

JINJA = Environment(extensions=["jinja2.ext.do"], autoescape=False)  # noqa: S701 - never rendered


def shape(manifest: dict) -> list[tuple[str, str]]:
    """What is counted, and how many there are of it."""
    by_type = Counter(
        node["resource_type"]
        for node in manifest["nodes"].values()
        if node["config"].get("materialized") != "ephemeral"
    )
    models = [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]
    by_id = {model["unique_id"]: model for model in models}
    lines = {model["name"]: len(model["raw_code"].splitlines()) for model in models}
    incremental = named(m for m in models if m["config"]["materialized"] == "incremental")
    reading_themselves = named(m for m in models if reads_itself(m["raw_code"]))

    @cache
    def path_to(model: str) -> list[str]:
        """The longest path that ends in a model; the model that reads a raw table comes first."""
        parents = [name for name in by_id[model]["depends_on"]["nodes"] if name in by_id]
        longest = max((path_to(parent) for parent in parents), key=len, default=[])
        return [*longest, by_id[model]["name"]]

    paths = [path_to(model) for model in by_id]
    longest = max(paths, key=len)
    to_active = next(path for path in paths if path[-1] == "active_contacts")
    longest_model = max(lines, key=lines.get)
    macros = macro_lines(manifest)
    built = by_type["model"] + by_type["seed"] + by_type["test"]
    return [
        ("models", str(len(models))),
        ("incremental models", counted(incremental)),
        ("other models that read themselves", counted(reading_themselves - incremental)),
        ("models on the longest path to active_contacts", str(len(to_active))),
        ("models on the longest path of all", f"{len(longest)}: to {longest[-1]}"),
        ("models, seeds and data tests of a build", str(built)),
        ("lines of the median model", f"{statistics.median(lines.values()):g}"),
        ("lines of the longest model", f"{lines[longest_model]}: {longest_model}"),
        ("lines of macros", str(macros.total())),
        *((f"    of macros/{folder}", str(macros[folder])) for folder in sorted(macros) if folder),
    ]


def reads_itself(text: str) -> bool:
    """Whether a model's own text, not a hook in its config, names `this`."""
    return any(name.name == "this" for name in JINJA.parse(text).find_all(nodes.Name))


def named(models: Iterable[dict]) -> set[str]:
    return {model["name"] for model in models}


def counted(models: set[str]) -> str:
    return f"{len(models)}: {', '.join(sorted(models))}" if models else "0"


def macro_lines(manifest: dict) -> Counter[str]:
    """By folder of macros/, "" for itself, the lines of its files."""
    project = manifest["metadata"]["project_name"]
    files = {
        Path(macro["original_file_path"])
        for macro in manifest["macros"].values()
        if macro["package_name"] == project and macro["original_file_path"].startswith("macros/")
    }
    lines: Counter[str] = Counter()
    for file in files:
        folder = file.parts[1] if len(file.parts) > 2 else ""
        lines[folder] += len(file.read_text("utf-8").splitlines())
    return lines


def main(manifest: Path) -> None:
    table = Table(box=box.SIMPLE, show_header=False)
    for what, many in shape(json.loads(manifest.read_text("utf-8"))):
        table.add_row(what, many)
    Console().print(table)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
