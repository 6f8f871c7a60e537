"""Decides which kinds of handles there are: one for each message with a field of the owned-handle type."""

from __future__ import annotations

from gen_bindings.config import Config, KindTable, key_path, nearest
from gen_bindings.model.binding import IdType, Key, Kind, Lifetime, Release, Role
from gen_bindings.model.schema import Field, Label, Message
from gen_bindings.passes.find_envelope import Protocol, id_type
from gen_bindings.passes.resolve_names import Names


def find_kinds(config: Config, protocol: Protocol, names: Names) -> tuple[Kind, ...]:
    """The kinds in the schema's order, with what ``[kinds]`` says of each.

    Raises:
        ConfigError: ``[kinds]`` names a kind, a parent, a role or a key field that does not exist.
    """
    index = names.index
    handle = index.field(protocol.envelope.owned_handle, protocol.envelope.owned_id)
    assert handle is not None
    width = IdType(id_type(handle))
    carriers = {
        message.name.removeprefix(protocol.table.owned_prefix): (message, field)
        for message in index.messages.values()
        for field in message.fields
        if field.message == protocol.envelope.owned_handle and field.label is not Label.REPEATED
    }
    for name in config.kinds:
        if name not in carriers:
            hint = nearest(name, carriers)
            raise names.error(
                key_path("kinds", name), f"the schema has no such kind; it has {', '.join(carriers)}.{hint}"
            )
    kinds = tuple(_kind(name, message, field, width, config) for name, (message, field) in carriers.items())
    _check(kinds, config, names)
    return kinds


def _kind(name: str, message: Message, handle: Field, width: IdType, config: Config) -> Kind:
    table = config.kinds.get(name, KindTable())
    info = _info_field(message, handle)
    rest = tuple(f.name for f in message.fields if f is not handle and f is not info)
    return Kind(
        name=name,
        type_name=table.name or name,
        id_type=width,
        release=Release(
            function=table.release or config.entry_points.release,
            answers=config.entry_points.release_answers,
            self_released=table.self_released,
            close_operation=table.close,
        ),
        owned_message=message.full_name,
        handle_field=handle.name,
        info_field=info.name if info else None,
        info_message=info.message if info else None,
        extra_fields=rest,
        lifetime=Lifetime(table.lifetime),
        parents=table.parents,
        key=Key(table.key) if table.key else None,
        roles=tuple(Role(name=role, kind=name, type_name=role) for role in table.roles),
        column=table.column,
        doc=message.doc,
    )


def _info_field(message: Message, handle: Field) -> Field | None:
    facts = [f for f in message.fields if f is not handle and f.message and f.label is not Label.REPEATED]
    named = [field for field in facts if field.name == "info"]
    if named:
        return named[0]
    return facts[0] if len(facts) == 1 else None


def _check(kinds: tuple[Kind, ...], config: Config, names: Names) -> None:
    known = {kind.name: kind for kind in kinds}
    roles: dict[str, str] = {}
    for kind in kinds:
        at = key_path("kinds", kind.name)
        for position, parent in enumerate(kind.parents):
            if parent not in known:
                hint = nearest(parent, known)
                raise names.error(f"{at}.parents[{position}]", f'there is no kind "{parent}".{hint}')
        for role in kind.roles:
            taken = "a kind" if role.name in known else roles.get(role.name)
            if taken:
                raise names.error(
                    f"{at}.roles.{role.name}",
                    f"the name is taken by {taken}; roles and kinds need names of their own.",
                )
            roles[role.name] = f"a role of {kind.name}"
        if kind.key is not None:
            if kind.info_message is None:
                owner = names.index.short(kind.owned_message or "")
                raise names.error(f"{at}.key", f"{owner} has no message with facts, so it has no key field.")
            names.within(kind.info_message, kind.key.field, f"{at}.key")
        elif kind.name in config.kinds and config.kinds[kind.name].references:
            raise names.error(
                f"{at}.references", "the kind has no key; set key to the field that names its objects."
            )
        column = kind.column
        if column not in config.diagnostics.columns:
            hint = nearest(column, config.diagnostics.columns)
            raise names.error(
                f"{at}.column",
                f'"{column}" is none of diagnostics.columns: {", ".join(config.diagnostics.columns)}.{hint}',
            )
