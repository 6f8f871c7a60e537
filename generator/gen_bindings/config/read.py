"""Reads ``bindings.toml``: what is wrong in it is told with its key and what was expected."""

from __future__ import annotations

import re
import tomllib
import types
import typing
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeVar

import msgspec

from gen_bindings.config.keys import join, nearest
from gen_bindings.config.names import check_names
from gen_bindings.config.tables import Config, LoadedConfig
from gen_bindings.errors import ConfigError
from gen_bindings.input_file import unfit

_T = TypeVar("_T", bound=msgspec.Struct)


def load_config(path: Path) -> LoadedConfig:
    """The configuration in ``path``.

    Raises:
        ConfigError: the file is missing or no TOML, or a key in it is unknown, missing or has the wrong
            value.
    """
    try:
        if (why := unfit(path)) is not None:
            raise ConfigError(f"The configuration {path} {why}")
        data = path.read_bytes()
    except OSError as error:
        raise ConfigError(
            f"The configuration {path} cannot be read: {error.strerror}. Name an existing bindings.toml, "
            "or write a first one with `gen-bindings init`."
        ) from error
    return parse_config(path, data)


def parse_config(path: Path, data: bytes) -> LoadedConfig:
    """The configuration in ``data``, with ``path`` for messages and relative paths.

    Raises:
        ConfigError: it is no TOML, or a key in it is unknown, missing or has the wrong value.
    """
    try:
        table = tomllib.loads(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise ConfigError(f"{path}:{line}: the configuration is not UTF-8. Save it as UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(_syntax_error(path, str(error), data)) from error
    config = _read_table(path, "", table, Config)
    check_names(path, config)
    return LoadedConfig(file=path, config=config)


def _syntax_error(path: Path, text: str, data: bytes) -> str:
    position = re.search(r"\(at line (\d+), column (\d+)\)", text)
    what = re.sub(r"\s*\(at .*\)$", "", text)
    last_line = data.count(b"\n") + 1
    where = f"{path}:{position[1]}:{position[2]}" if position else f"{path}:{last_line}"
    return f"{where}: the configuration is not valid TOML: {what[:1].lower()}{what[1:]}."


@cache
def _keys(table: type[msgspec.Struct]) -> tuple[dict[str, msgspec.structs.FieldInfo], dict[str, Any]]:
    """The keys of a table and their types; evaluating annotations takes long, and a file has many tables."""
    return {field.name: field for field in msgspec.structs.fields(table)}, typing.get_type_hints(table)


def _read_table(path: Path, key: str, value: object, table: type[_T]) -> _T:
    if not isinstance(value, dict):
        raise _wrong(path, key, value, "a table")
    fields, hints = _keys(table)
    for name in value:
        if name not in fields:
            expected = f"Expected one of {', '.join(fields)}." + nearest(name, fields)
            raise ConfigError(f"{path}: {join(key, name)} is no known key. {expected}")
    read: dict[str, Any] = {}
    for name, field in fields.items():
        if name in value:
            read[name] = _read(path, join(key, name), value[name], hints[name])
        elif field.required:
            expected = _describe(hints[name])
            raise ConfigError(f"{path}: {join(key, name)} is missing. Expected {expected}.")
    return table(**read)


def _read(path: Path, key: str, value: object, expected: Any) -> Any:
    origin, arguments = typing.get_origin(expected), typing.get_args(expected)
    if origin is types.UnionType:
        plain = [option for option in arguments if option is not types.NoneType]
        if len(plain) == 1:
            return _read(path, key, value, plain[0])
        if type(value) in plain:
            return value
        raise _wrong(path, key, value, _describe(expected))
    if isinstance(expected, type) and issubclass(expected, msgspec.Struct):
        return _read_table(path, key, value, expected)
    if origin is tuple:
        if not isinstance(value, list):
            raise _wrong(path, key, value, _describe(expected))
        return tuple(_read(path, f"{key}[{i}]", item, arguments[0]) for i, item in enumerate(value))
    if origin is dict:
        if not isinstance(value, dict):
            raise _wrong(path, key, value, _describe(expected))
        return {name: _read(path, join(key, name), item, arguments[1]) for name, item in value.items()}
    try:
        return msgspec.convert(value, expected)
    except msgspec.ValidationError:
        known = [str(choice) for choice in arguments] if origin is Literal else []
        hint = nearest(value, known) if isinstance(value, str) else ""
        raise _wrong(path, key, value, _describe(expected), hint) from None


def _wrong(path: Path, key: str, value: object, expected: str, hint: str = "") -> ConfigError:
    return ConfigError(f"{path}: {key} is {_show(value)}. Expected {expected}.{hint}")


def _show(value: object) -> str:
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, bool):
        return "true" if value else "false"
    return f'"{value}"' if isinstance(value, str) else str(value)


def _describe(expected: Any) -> str:
    origin, arguments = typing.get_origin(expected), typing.get_args(expected)
    if origin is types.UnionType:
        return " or ".join(_describe(option) for option in arguments if option is not types.NoneType)
    if origin is Literal:
        return "one of " + ", ".join(f'"{choice}"' for choice in arguments)
    if origin is tuple:
        return f"a list, each {_describe(arguments[0])}"
    if origin is dict:
        return f"a table, each value {_describe(arguments[1])}"
    return {str: "a string", bool: "true or false", int: "a whole number"}.get(expected, "a table")
