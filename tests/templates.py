"""The project's models and macros, read but not run: whom they call, and which tables they name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from jinja2 import Environment, nodes

JINJA = Environment(extensions=["jinja2.ext.do"], autoescape=False)  # noqa: S701 - never rendered
MACRO = re.compile(r"{%-? macro (\w+)\(.*?{%-? endmacro -?%}", re.S)

Labels = Mapping[str, str]  # by the name of a variable: what it holds, in words

WRITES = re.compile(
    r"\b(?:delete\s+from|insert\s+(?:into|overwrite)|merge\s+into|update(?!\s+set\b)|truncate(?:\s+table)?"
    r"|(?:create|drop|alter)\s+(?:or\s+replace\s+)?(?:temp(?:orary)?\s+)?(?:table|view|schema)"
    r"(?:\s+if\s+(?:not\s+)?exists)?)\s+([^\s;)]+)",
    re.I,
)
WRITERS = re.compile(
    r"(adapter\.)?(drop|truncate|rename|create)_(relation|relation_if_exists|schema)"
)
QUALIFIED = re.compile(r"\b(?:from|join|into|update|table|view|exists)\s+(\w+(?:\.\w+)+)", re.I)
LOOKED_UP = re.compile(
    r"(adapter|api|dbt)\..*(get_relation|Relation\.create)|get_or_create_relation"
)
LOADED = re.compile(r"(dbt\.)?load_(cached_)?relation")


@dataclass(eq=False)
class Template:
    """The text of a model, a hook or a single macro."""

    name: str
    text: str

    @cached_property
    def tree(self) -> nodes.Template:
        return JINJA.parse(self.text)

    @cached_property
    def parameters(self) -> list[str]:
        macro = self.tree.find(nodes.Macro)
        return [argument.name for argument in macro.args] if macro else []

    def labels(self, passed: Labels) -> dict[str, str]:
        """What its variables hold: what was passed to it, and what it sets."""
        known = dict(passed)
        for assign in self.tree.find_all(nodes.Assign):
            pairs = [(assign.target, assign.node)]
            if isinstance(assign.target, nodes.Tuple) and isinstance(assign.node, nodes.Tuple):
                pairs = list(zip(assign.target.items, assign.node.items, strict=True))
            known |= {to.name: label(node, known) for to, node in pairs if hasattr(to, "name")}
        return known

    def calls(self, known: Labels) -> Iterator[tuple[str, list[str]]]:
        """Every call, with its arguments in words."""
        for call in self.tree.find_all(nodes.Call):
            yield label(call.node, known), arguments(call, known)

    def sql(self, known: Labels) -> str:
        """All that it may write out, with its variables in words and without comments."""
        return re.sub("--[^\n]*", "", label(self.tree, known))

    def writes(self, passed: Labels) -> set[str]:
        """The tables that it changes itself; `this` is the model's own."""
        known = self.labels(passed)
        called = {given[0] for name, given in self.calls(known) if WRITERS.fullmatch(name)}
        return called | set(WRITES.findall(self.sql(known)))

    def unseen(self, passed: Labels, schemas: Iterable[str]) -> set[str]:
        """The tables that it names other than by ref() or `this`: dbt knows nothing of them."""
        known = self.labels(passed)
        places = {*schemas, "information_schema", "schema", "database"}
        found = {
            name for name in QUALIFIED.findall(self.sql(known)) if places & {*name.split(".")[:-1]}
        }
        for name, given in self.calls(known):
            is_known = given and (given[0] == "this" or given[0].startswith("ref:"))
            if (LOADED.fullmatch(name) and not is_known) or LOOKED_UP.fullmatch(name):
                found.add(f"{name}({', '.join(given)})")
        return found


def label(node: nodes.Node, known: Labels) -> str:
    """An expression in words: `ref:event_log` for a variable that was set to ref('event_log')."""
    if isinstance(node, nodes.Name):
        return known.get(node.name, node.name)
    if isinstance(node, nodes.Const):
        return str(node.value)
    if isinstance(node, nodes.TemplateData):
        return node.data
    if isinstance(node, nodes.Getattr):
        return f"{label(node.node, known)}.{node.attr}"
    if isinstance(node, nodes.Call):
        name, given = label(node.node, known), arguments(node, known)
        if name == "ref" or LOADED.fullmatch(name):
            return f"ref:{given[-1]}" if name == "ref" else given[0]
        return f"{name}({', '.join(given)})"
    glue = "" if isinstance(node, nodes.Output | nodes.Concat) else " "
    return glue.join(label(child, known) for child in node.iter_child_nodes())


def arguments(call: nodes.Call, known: Labels) -> list[str]:
    given = [*call.args, *(pair.value for pair in call.kwargs)]
    return [label(argument, known) for argument in given]


@dataclass(eq=False)
class Macros:
    """The project's own macros, by name."""

    root: Path
    named: dict[str, Template] = field(init=False)

    def __post_init__(self) -> None:
        texts = [path.read_text("utf-8") for path in sorted((self.root / "macros").rglob("*.sql"))]
        found = [match for text in texts for match in MACRO.finditer(text)]
        self.named = {match[1]: Template(match[1], match[0]) for match in found}

    def called(self, template: Template, passed: Labels) -> Iterator[tuple[Template, Labels]]:
        """The macros that it calls, on whatever engine, with what it passes to each."""
        known = template.labels(passed)
        for call in template.tree.find_all(nodes.Call):
            given = [label(argument, known) for argument in call.args]
            by_name = {pair.key: label(pair.value, known) for pair in call.kwargs}
            for name in self.meant(call.node):
                macro = self.named[name]
                named = dict(zip(macro.parameters, given, strict=False)) | by_name
                # a statement is judged where it is written, not where it is run
                yield macro, {name: words for name, words in named.items() if " " not in words}

    def meant(self, called: nodes.Node) -> list[str]:
        """The names of those that a call may run: a dispatched one, every engine's."""
        if isinstance(called, nodes.Name):
            return [called.name] if called.name in self.named else []
        of_dbt = isinstance(called, nodes.Getattr) and label(called.node, {}) == "dbt"
        dispatched = isinstance(called, nodes.Call) and label(called.node, {}) == "adapter.dispatch"
        if not of_dbt and not dispatched:
            return []
        wanted = called.attr if of_dbt else called.args[0].value
        return [name for name in self.named if name.partition("__")[2] == wanted]

    def reached(
        self, start: Template, without: Iterable[str] = ()
    ) -> list[tuple[Template, Labels]]:
        """A template and every macro it leads to, each with what is passed to it."""
        found, to_visit = {}, [(start, {})]
        while to_visit:
            template, passed = to_visit.pop()
            visit = (template.name, *sorted(passed.items()))
            if visit not in found and template.name not in without:
                found[visit] = (template, passed)
                to_visit += self.called(template, passed)
        return list(found.values())
