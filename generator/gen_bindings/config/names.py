"""Which values of a configuration become names in C#, in C or of files, and what such a name may be."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gen_bindings.errors import ConfigError
from gen_bindings.naming import KEYWORDS

if TYPE_CHECKING:
    from gen_bindings.config import Config

_C_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_LIBRARY = re.compile(r"\w[\w.+-]*", re.ASCII)
_MODULE = re.compile(r"(python:)?[^\W\d]\w*(\.[^\W\d]\w*)*")
_COLUMN = re.compile(r"\w+", re.ASCII)
_TYPE = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*", re.ASCII)
_LINE_ENDS = r"\x00-\x1f\x7f\x85\u2028\u2029"
_TEXT = re.compile(rf'[^"\\{_LINE_ENDS}]*')
# An expression ends no statement and opens no comment, and stands on one line; its quotes are closed, and a
# backslash means in them what it means everywhere.
_EXPRESSION = re.compile(
    rf"""(?: "(?:[^"\\{_LINE_ENDS}]|\\.)*" | '(?:[^'\\{_LINE_ENDS}]|\\.)*'
        | [^"';{{}}/{_LINE_ENDS}@$] | [@$](?!["@$]) | /(?![/*]) )+""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class _Sort:
    """A sort of name: whether a text is one, and what to say when it is none."""

    holds: Callable[[str], bool]
    expected: str


def _is_identifier(text: str) -> bool:
    return text.isidentifier() and unicodedata.normalize("NFC", text) == text


def _is_free_identifier(text: str) -> bool:
    return _is_identifier(text) and text not in KEYWORDS


_PREFIX = _Sort(_is_identifier, 'a C# identifier: letters, digits and "_", no digit first')
_IDENTIFIER = _Sort(_is_free_identifier, f"{_PREFIX.expected}, and no keyword")
_NAMESPACE = _Sort(
    lambda text: all(_is_free_identifier(part) for part in text.split(".")),
    "C# identifiers with dots between, none of them a keyword",
)
_FUNCTION = _Sort(lambda text: bool(_C_NAME.fullmatch(text)), "the name of a C function")
_IMPORT = _Sort(
    lambda text: bool(_LIBRARY.fullmatch(text)) and ".." not in text and not text.endswith("."),
    'the library\'s name without folder, prefix and suffix: letters, digits, "_", "-", "+" and "."',
)
_PYTHON = _Sort(lambda text: bool(_MODULE.fullmatch(text)), "the name of a Python module: package.module")
_WORD = _Sort(lambda text: bool(_COLUMN.fullmatch(text)), 'letters, digits and "_"')
_CS_TYPE = _Sort(lambda text: bool(_TYPE.fullmatch(text)), "the name of a C# type")
_INSIDE_QUOTES = _Sort(
    lambda text: bool(_TEXT.fullmatch(text)), "text on one line without quotes and backslashes"
)
_DECLARATION = _Sort(lambda text: "#" not in text, "a C declaration, and no directive")
_CS_VALUE = _Sort(
    lambda text: bool(_EXPRESSION.fullmatch(text)),
    'one C# expression, on one line and without ";", braces or a comment',
)


def check_names(file: Path, config: Config) -> None:
    """Nothing in the configuration that becomes a name can become a path or code instead.

    Args:
        file: where it is from, for the message.

    Raises:
        ConfigError: a value is no name of its sort; the message names the key.
    """
    for key, value, sort in _names(config):
        if not sort.holds(value):
            shown = value.encode("unicode_escape").decode("ascii")
            raise ConfigError(f'{file}: {key} is "{shown}". Expected {sort.expected}.')


def _names(config: Config) -> Iterator[tuple[str, str, _Sort]]:
    yield "binding.name", config.binding.name, _PREFIX
    yield "binding.namespace", config.binding.namespace, _NAMESPACE
    yield "input.import_name", config.input.import_name, _IMPORT
    yield from _given("input.module", config.input.module, _PYTHON)
    for number, version in enumerate(config.input.versions):
        yield from _given(f"input.versions[{number}].module", version.module, _PYTHON)
    yield from _entry_points(config)
    yield from _kinds(config)
    yield from _calls(config)
    for number, memory in enumerate(config.memory):
        yield f"memory[{number}].element", memory.element, _CS_TYPE
    for number, column in enumerate(config.diagnostics.columns):
        yield f"diagnostics.columns[{number}]", column, _WORD
    yield "diagnostics.reply", config.diagnostics.reply, _WORD
    if config.unity is not None:
        given = {name: text for name, text in config.unity.initialize.items() if text.strip()}
        yield from _values("unity.initialize", given, _CS_VALUE)


def _entry_points(config: Config) -> Iterator[tuple[str, str, _Sort]]:
    table = config.entry_points
    yield "entry_points.release", table.release, _FUNCTION
    yield from _given("entry_points.dispose", table.dispose, _FUNCTION)
    yield from _given("entry_points.error_text", table.error_text, _FUNCTION)
    if table.initialize is not None:
        yield "entry_points.initialize.function", table.initialize.function, _FUNCTION
        yield from _values("entry_points.initialize.defaults", table.initialize.defaults, _CS_VALUE)
    if table.request is not None:
        yield "entry_points.request.function", table.request.function, _FUNCTION
        yield "entry_points.request.release", table.request.release, _FUNCTION
    for name, text in table.declarations.items():
        yield _key("entry_points.declarations", name), name, _FUNCTION
        yield _key("entry_points.declarations", name), text, _DECLARATION


def _kinds(config: Config) -> Iterator[tuple[str, str, _Sort]]:
    for name, kind in config.kinds.items():
        yield _key("kinds", name), name, _IDENTIFIER
        key = f"kinds.{name}"
        yield from _given(f"{key}.name", kind.name, _IDENTIFIER)
        yield from _given(f"{key}.release", kind.release, _FUNCTION)
        yield f"{key}.column", kind.column, _WORD
        for one in kind.state:
            yield _key(f"{key}.state", one), one, _PREFIX
        for one in kind.roles:
            yield _key(f"{key}.roles", one), one, _IDENTIFIER


def _calls(config: Config) -> Iterator[tuple[str, str, _Sort]]:
    for name, operation in config.operations.items():
        key = _key("operations", name)
        yield from _given(f"{key}.name", operation.name, _IDENTIFIER)
        yield from _values(f"{key}.defaults", operation.defaults, _CS_VALUE)
        yield from _values(f"{key}.values", operation.values, _CS_VALUE)
        for number, condition in enumerate(operation.preconditions):
            yield f"{key}.preconditions[{number}].reason", condition.reason, _INSIDE_QUOTES
            yield from _given(f"{key}.preconditions[{number}].prefix", condition.prefix, _INSIDE_QUOTES)
    for name, delivery in config.deliveries.items():
        key = _key("deliveries", name)
        yield from _given(f"{key}.name", delivery.name, _IDENTIFIER)
        yield from _values(f"{key}.set", delivery.set, _CS_VALUE)


def _given(key: str, value: str | None, sort: _Sort) -> Iterator[tuple[str, str, _Sort]]:
    if value is not None:
        yield key, value, sort


def _values(key: str, table: Mapping[str, str], sort: _Sort) -> Iterator[tuple[str, str, _Sort]]:
    for name, value in table.items():
        yield _key(key, name), value, sort


def _key(table: str, name: str) -> str:
    return f"{table}.{name}" if re.fullmatch(r"[A-Za-z0-9_-]+", name) else f'{table}."{name}"'
