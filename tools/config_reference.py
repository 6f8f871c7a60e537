"""Writes the reference part of docs/configuration.md from the documentation of the configuration's tables.

python tools/config_reference.py
"""

from __future__ import annotations

import inspect
import re
import types
import typing
from pathlib import Path
from typing import Any, Literal

import msgspec

from gen_bindings import config
from gen_bindings.config import tables as of_the_model
from gen_bindings.config import unity, validate
from gen_bindings.config.table import Table

PAGE = Path(__file__).resolve().parents[1] / "docs" / "configuration.md"
BEGIN = "<!-- reference: written by tools/config_reference.py -->"
END = "<!-- end of the reference -->"


def tables() -> list[type[msgspec.Struct]]:
    """The tables of the configuration, the whole file first, in the order of their definition."""
    found = [
        value
        for module in (of_the_model, validate, unity)
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Table) and value.__module__ == module.__name__
    ]
    return [config.Config, *(each for each in found if each is not config.Config)]


def documented(table: type[msgspec.Struct]) -> dict[str, str]:
    """What the documentation of a table says of each key; a key that another's text explains refers to it."""
    text = inspect.getdoc(table) or ""
    attributes: dict[str, str] = {}
    name = ""
    for line in text.partition("Attributes:\n")[2].splitlines():
        if entry := re.match(r"    (\w+): (.*)", line):
            name = entry[1]
            attributes[name] = entry[2]
        elif name:
            attributes[name] += f" {line.strip()}"
    for field in msgspec.structs.fields(table):
        if field.name not in attributes:
            explained = [key for key, said in attributes.items() if f"``{field.name}``" in said]
            if explained:
                attributes[field.name] = f"See ``{explained[0]}``."
    return attributes


def reference() -> str:
    """The reference as Markdown."""
    parts = []
    for table in tables():
        heading, text = _heading(table)
        rows = ["| key | value | default | meaning |", "| --- | --- | --- | --- |"]
        said = documented(table)
        hints = typing.get_type_hints(table)
        for field in msgspec.structs.fields(table):
            meaning = _markdown(said.get(field.name) or _subtable(hints[field.name]))
            rows.append(f"| `{field.name}` | {_type(hints[field.name])} | {_default(field)} | {meaning} |")
        parts.append("\n\n".join(part for part in (f"### {heading}", text, "\n".join(rows)) if part))
    return "\n\n".join(parts)


def page() -> str:
    """The page with its reference brought up to date."""
    text = PAGE.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise SystemExit(f"{PAGE.name} lacks the marks between which the reference stands.")
    return f"{before}{BEGIN}\n\n{reference()}\n\n{END}{after}"


def _heading(table: type[msgspec.Struct]) -> tuple[str, str]:
    text = " ".join((inspect.getdoc(table) or "").partition("\n\nAttributes:")[0].split())
    if table is config.Config:
        return "The top level", "Keys that stand before the first table, and the tables."
    name, _, rest = text.partition(": ")
    entry = re.fullmatch(r"One entry of ``(.+?)``", name)
    plain = name.replace("``", "`")
    if entry:
        plain = f"`{entry[1]}`, one entry" if not entry[1].startswith("[[") else f"`{entry[1]}`"
    rest = rest[:1].upper() + rest[1:]
    return plain, _markdown(rest)


def _type(hint: Any) -> str:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is types.UnionType:
        return " or ".join(_type(option) for option in arguments if option is not types.NoneType)
    if origin is Literal:
        return ", ".join(f'`"{choice}"`' for choice in arguments)
    if origin is tuple:
        return f"list of {_type(arguments[0])}s".replace("tables", "tables")
    if origin is dict:
        return f"table, each value a {_type(arguments[1])}"
    return {str: "string", bool: "true or false", int: "whole number"}.get(hint, "table")


def _subtable(hint: Any) -> str:
    """What the key of a table of tables leads to."""
    for inner in (hint, *typing.get_args(hint)):
        if isinstance(inner, type) and issubclass(inner, msgspec.Struct):
            return f"See {_heading(inner)[0].replace('`', '``')}."
    return ""


def _default(field: msgspec.structs.FieldInfo) -> str:
    if field.required:
        return "needed"
    value = field.default
    if (
        value is msgspec.NODEFAULT
        or value is None
        or value in ("", (), {})
        or isinstance(value, msgspec.Struct)
    ):
        return ""
    if isinstance(value, bool):
        return "`true`" if value else "`false`"
    if isinstance(value, tuple):
        return "`[" + ", ".join(f'"{item}"' for item in value) + "]`"
    return f'`"{value}"`' if isinstance(value, str) else f"`{value}`"


def _markdown(text: str) -> str:
    return text.replace("``", "`").replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
