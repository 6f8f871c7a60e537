"""What ``[unity]`` says, checked: the package's facts, the start's arguments, the event that brings logs."""

from __future__ import annotations

import re
from dataclasses import dataclass

from gen_bindings.config import LoadedConfig, UnityLogsTable, UnityTable, key_path, nearest
from gen_bindings.errors import ConfigError
from gen_bindings.model.binding import Binding, Delivery, ThreadPolicy
from gen_bindings.model.expressions import Expression, Member, Name
from gen_bindings.model.messages import Cardinality, CsField, CsMessage, TypeKind
from gen_bindings.passes.surface.plan_surface import open_scope
from gen_bindings.passes.surface.scope import Scope
from gen_bindings.passes.surface.shape_deliveries import shape_delivery
from gen_bindings.passes.surface.start_library import start_options

_PACKAGE = re.compile(r"[a-z0-9][a-z0-9_-]*(\.[a-z0-9_-]+)+")
_LONGEST_NAME = 214
_VERSION = re.compile(
    r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?(\+[0-9A-Za-z.-]+)?"
)
_FRAMEWORK = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Logs:
    """The event with log records, in C# words.

    Attributes:
        event: the client's event; ``arguments`` is its class.
        records: property with the records, empty where the event is one.
        record: class of a record.
        level: property with the level, empty where there is none.
        errors: C# values of the level that are errors; ``warnings`` those that are warnings, ``hidden`` those
            that are not shown.
        message: property with the text; ``target`` the one that says where it comes from, or empty.
    """

    event: str
    arguments: str
    records: str
    record: str
    level: str
    errors: tuple[Expression, ...]
    warnings: tuple[Expression, ...]
    hidden: tuple[Expression, ...]
    message: str
    target: str


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument of ``Initialize``: the parameter, and C# of the configuration."""

    parameter: str
    value: str


@dataclass(frozen=True, slots=True)
class Settings:
    """The package.

    Attributes:
        library: import name of the native library.
        arguments: C# arguments of the client's ``Initialize``.
    """

    package: str
    library: str
    display_name: str
    version: str
    description: str
    author: str
    license: str
    ios_frameworks: tuple[str, ...]
    arguments: tuple[Argument, ...]
    logs: Logs | None


def settings(loaded: LoadedConfig, binding: Binding) -> Settings:
    """The package as configured.

    Raises:
        ConfigError: there is no ``[unity]``, or a value in it is no good.
    """
    scope = open_scope(binding)
    table = loaded.config.unity
    if table is None:
        raise ConfigError(
            f"{loaded.file}: unity is missing. A Unity package needs a name: add a table [unity] with"
            ' package = "com.company.name", or generate with --layout plain.'
        )
    if not _PACKAGE.fullmatch(table.package) or len(table.package) > _LONGEST_NAME:
        raise _error(
            loaded,
            "package",
            f'"{table.package}" is no name of a package. Expected lower-case words with dots between,'
            f' at most {_LONGEST_NAME} characters: "com.company.name".',
        )
    if not _VERSION.fullmatch(table.version):
        raise _error(
            loaded, "version", f'"{table.version}" is no semantic version. Expected one like "1.2.0".'
        )
    for position, name in enumerate(table.ios_frameworks):
        if not _FRAMEWORK.fullmatch(name):
            raise _error(
                loaded,
                f"ios_frameworks[{position}]",
                f'"{name}" is no name of a framework. Expected one without suffix, like "VideoToolbox".',
            )
    return Settings(
        package=table.package,
        library=loaded.config.input.import_name,
        display_name=table.display_name or scope.client,
        version=table.version,
        description=table.description or f"{scope.client}: C# bindings of a native library.",
        author=table.author,
        license=table.license,
        ios_frameworks=table.ios_frameworks,
        arguments=_arguments(loaded, table, scope),
        logs=_logs(loaded, table.logs, scope) if table.logs is not None else None,
    )


def _arguments(loaded: LoadedConfig, table: UnityTable, scope: Scope) -> tuple[Argument, ...]:
    known = _initialize_parameters(scope)
    for name in table.initialize:
        if name not in known:
            expected = f"Expected one of {', '.join(known)}." if known else "It has none to be given."
            raise _error(
                loaded,
                key_path("initialize", name),
                f"the library's start has no such parameter. {expected}{nearest(name, known)}",
            )
        if not table.initialize[name].strip():
            raise _error(loaded, key_path("initialize", name), 'is empty. Expected C#, such as "true".')
    arguments = []
    for name, option in zip(known, start_options(scope), strict=True):
        if name in table.initialize:
            arguments.append(Argument(option.name, table.initialize[name]))
        elif not option.default:
            raise _error(
                loaded,
                key_path("initialize", name),
                f"is missing: the library's start needs it. Expected a C# {option.type}.",
            )
    return tuple(arguments)


def _initialize_parameters(scope: Scope) -> list[str]:
    entry_points = scope.binding.entry_points
    call = entry_points.initialize
    if call is None:
        return []
    function = next(f for f in entry_points.functions if f.name == call.function)
    return [function.type.parameters[index].name for index, _, _ in call.options]


def _logs(loaded: LoadedConfig, table: UnityLogsTable, scope: Scope) -> Logs:
    deliveries = {d.name: d for d in scope.binding.deliveries}
    delivery = deliveries.get(table.event)
    if delivery is None:
        hint = nearest(table.event, deliveries)
        raise _error(loaded, "logs.event", f'there is no event "{table.event}".{hint}')
    event = shape_delivery(scope, delivery).event
    if event is None or not event.arguments_type or delivery.target is not None:
        raise _error(
            loaded, "logs.event", f'"{table.event}" is no public event of the client with arguments.'
        )
    if delivery.thread is ThreadPolicy.INLINE:
        raise _error(loaded, "logs.event", f'"{table.event}" is inline. Its thread must be "dispatch".')
    record, records = _record(loaded, table, delivery, scope)
    message = _field(loaded, record, "message", table.message)
    target = _field(loaded, record, "target", table.target) if table.target is not None else None
    for key, field in (("message", message), ("target", target)):
        if field is not None and field.type_name != "string":
            raise _error(loaded, f"logs.{key}", f'"{field.name}" is no string. Expected a string field.')
    level = _field(loaded, record, "level", table.level) if table.level is not None else None
    _each_once(loaded, table)
    return Logs(
        event=event.name,
        arguments=event.arguments_type,
        records=records.property_name if records is not None else "",
        record=record.type.global_name if records is not None else event.arguments_type,
        level=level.property_name if level is not None else "",
        errors=_values(loaded, level, "errors", table.errors, scope),
        warnings=_values(loaded, level, "warnings", table.warnings, scope),
        hidden=_values(loaded, level, "hidden", table.hidden, scope),
        message=message.property_name,
        target=target.property_name if target is not None else "",
    )


def _each_once(loaded: LoadedConfig, table: UnityLogsTable) -> None:
    seen: dict[str, str] = {}
    for key, names in (("errors", table.errors), ("warnings", table.warnings), ("hidden", table.hidden)):
        for name in names:
            if name in seen:
                raise _error(
                    loaded, f"logs.{key}", f'"{name}" is in logs.{seen[name]} already. Name it once.'
                )
            seen[name] = key


def _record(
    loaded: LoadedConfig, table: UnityLogsTable, delivery: Delivery, scope: Scope
) -> tuple[CsMessage, CsField | None]:
    payload = scope.message(delivery.message)
    if table.records is None:
        return payload, None
    records = _field(loaded, payload, "records", table.records)
    if records.cardinality is not Cardinality.REPEATED or records.type.kind is not TypeKind.MESSAGE:
        raise _error(
            loaded,
            "logs.records",
            f'"{table.records}" is no list of messages. Leave records out when the event is one record.',
        )
    return scope.message(records.type.full_name), records


def _field(loaded: LoadedConfig, message: CsMessage, key: str, name: str) -> CsField:
    field = message.field(name)
    if field is None:
        hint = nearest(name, [f.name for f in message.fields])
        raise _error(loaded, f"logs.{key}", f'{message.full_name} has no field "{name}".{hint}')
    return field


def _values(
    loaded: LoadedConfig, level: CsField | None, key: str, names: tuple[str, ...], scope: Scope
) -> tuple[Expression, ...]:
    if not names:
        return ()
    if level is None or level.type.kind is not TypeKind.ENUM:
        raise _error(loaded, f"logs.{key}", "needs level, the enum field whose values it names.")
    assert scope.layer is not None
    enum = scope.layer.enum(level.type.full_name)
    found = []
    for position, name in enumerate(names):
        member = enum.member(name)
        if member is None:
            hint = nearest(name, [value.schema_name for value in enum.values])
            raise _error(loaded, f"logs.{key}[{position}]", f'{enum.full_name} has no value "{name}".{hint}')
        found.append(Member(Name(enum.type.global_name), member.name))
    return tuple(found)


def _error(loaded: LoadedConfig, key: str, text: str) -> ConfigError:
    return ConfigError(f"{loaded.file}: unity.{key}: {text}")
