"""Decides which version of a library a configuration is read for, and that each entry is for one of them."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from gen_bindings.config import LoadedConfig, VersionTable, nearest
from gen_bindings.errors import ConfigError, SourceError
from gen_bindings.model.schema import Schema
from gen_bindings.passes.apply_where import Condition, apply_where
from gen_bindings.passes.index import SchemaIndex
from gen_bindings.passes.resolve_names import Names
from gen_bindings.project.inputs import read_schema

_INPUT = "[input]"
_PROTOCOLS = ("proto", "descriptor_set", "module")


def select_version(loaded: LoadedConfig, name: str | None) -> LoadedConfig:
    """The configuration with the inputs of the version ``name`` in place of ``[input]``; with none as it is.

    Raises:
        ConfigError: it declares no version of this name, or several.
    """
    if name is None:
        return loaded
    versions = loaded.config.input.versions
    found = [version for version in versions if version.name == name]
    if not found:
        declared = ", ".join(version.name for version in versions)
        expected = f"It declares {declared}." if declared else "It declares none."
        hint = nearest(name, [version.name for version in versions])
        raise ConfigError(f'{loaded.file}: input.versions: there is no version "{name}". {expected}{hint}')
    if len(found) > 1:
        raise ConfigError(f'{loaded.file}: input.versions: two versions are called "{name}". Rename one.')
    selected = _with_inputs_of(loaded, found[0])
    # What the others leave out is as in the [input] of the file, which is no longer there.
    inputs = msgspec.structs.replace(
        selected.config.input, versions=(_as_version(loaded), *(_completed(loaded, v) for v in versions))
    )
    return LoadedConfig(loaded.file, msgspec.structs.replace(selected.config, input=inputs))


def check_versions(loaded: LoadedConfig, schema: Schema) -> list[str]:
    """Notes about entries for other versions; those versions are read only when there are such entries.

    Args:
        schema: that of the version which ``loaded`` is for.

    Raises:
        ConfigError: an entry names something that no declared version has.
    """
    open_ = [condition for condition in _conditions(loaded, schema) if not condition.holds]
    if not open_:
        return []
    versions = loaded.config.input.versions
    if not versions:
        return [
            "note versions: the schema lacks what these entries name, and no other version is declared: "
            f"{_keys(open_)}. Correct them, or declare the versions that have it with [[input.versions]]."
        ]
    unread: list[str] = []
    for version in versions:
        try:
            read = read_schema(_with_inputs_of(loaded, version))
        except SourceError as error:
            unread.append(f"Version {version.name} cannot be read: {error}")
            continue
        held = {condition.key for condition in _conditions(loaded, read) if condition.holds}
        open_ = [condition for condition in open_ if condition.key not in held]
        if not open_:
            return []
    if unread:
        return [f"note versions: not checked: {_keys(open_)}. {' '.join(unread)}"]
    raise ConfigError("\n".join(_unknown(loaded, condition, schema) for condition in open_))


def _conditions(loaded: LoadedConfig, schema: Schema) -> tuple[Condition, ...]:
    table = loaded.config.protocol
    if table is None:
        return ()
    return apply_where(loaded.config, table, Names(loaded.file, SchemaIndex(schema)))[1]


def _keys(conditions: Sequence[Condition]) -> str:
    return ", ".join(condition.key for condition in conditions)


def _unknown(loaded: LoadedConfig, condition: Condition, schema: Schema) -> str:
    index = SchemaIndex(schema)
    fields = (field.name for message in schema.messages for field in message.fields)
    hint = nearest(condition.name, {*index.short_names.values(), *fields})
    read = ", ".join(dict.fromkeys((_INPUT, *(version.name for version in loaded.config.input.versions))))
    return (
        f'{loaded.file}: {condition.key}: no declared version has "{condition.name}" (there are {read}).'
        f"{hint} Correct it, or declare the version that has it with [[input.versions]]."
    )


def _with_inputs_of(loaded: LoadedConfig, version: VersionTable) -> LoadedConfig:
    given = {key: value for key, value in msgspec.structs.asdict(version).items() if value is not None}
    del given["name"]
    if any(key in given for key in _PROTOCOLS):
        given = {"proto": (), "descriptor_set": None, "module": None, **given}
    inputs = msgspec.structs.replace(loaded.config.input, **given)
    return LoadedConfig(loaded.file, msgspec.structs.replace(loaded.config, input=inputs))


def _completed(loaded: LoadedConfig, version: VersionTable) -> VersionTable:
    return msgspec.structs.replace(_as_version(_with_inputs_of(loaded, version)), name=version.name)


def _as_version(loaded: LoadedConfig) -> VersionTable:
    inputs = msgspec.structs.asdict(loaded.config.input)
    fields = (field.name for field in msgspec.structs.fields(VersionTable) if field.name != "name")
    return VersionTable(name=_INPUT, **{name: inputs[name] for name in fields})
