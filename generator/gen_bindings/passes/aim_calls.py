"""Decides of which object each operation is a method."""

from __future__ import annotations

from dataclasses import replace

from gen_bindings.config import Config, OperationTable, key_path, nearest
from gen_bindings.model.binding import Borrow, Kind, Operation
from gen_bindings.passes.assign_roles import check_role_lists, role_of
from gen_bindings.passes.resolve_names import Names

_CLIENT = "client"


def aim_calls(
    config: Config, kinds: tuple[Kind, ...], operations: tuple[Operation, ...], names: Names
) -> tuple[Operation, ...]:
    """Operations with their receivers: the first handle at the top level of the request that is required.

    Raises:
        ConfigError: ``on`` or ``operations`` of a role names something that does not fit.
    """
    aimed = tuple(_aim(config, kinds, operation, names) for operation in operations)
    check_role_lists(config, kinds, "operations", {o.name: o.receiver for o in aimed}, names)
    return aimed


def receiver_of(operation: Operation) -> Borrow | None:
    """The handle of the object that the operation is a method of."""
    fitting = (b for b in operation.borrows if _may_receive(b) and b.kind == operation.receiver)
    return next(fitting, None) if operation.receiver else None


def _aim(config: Config, kinds: tuple[Kind, ...], operation: Operation, names: Names) -> Operation:
    table = config.operations.get(operation.name, OperationTable())
    candidates = [borrow for borrow in operation.borrows if _may_receive(borrow)]
    if table.on == _CLIENT:
        return operation
    if table.on is not None:
        known = {kind.name: kind.name for kind in kinds}
        known |= {role.name: kind.name for kind in kinds for role in kind.roles}
        key = f"{key_path('operations', operation.name)}.on"
        if table.on not in known:
            raise names.error(
                key,
                f'there is no kind or role "{table.on}"; "client" is the client.{nearest(table.on, known)}',
            )
        candidates = [borrow for borrow in candidates if borrow.kind == known[table.on]]
        if not candidates:
            raise names.error(key, f"the request names no {table.on}, so it cannot be its method.")
    if not candidates:
        return operation
    receiver = candidates[0]
    kind = next(kind for kind in kinds if kind.name == receiver.kind)
    role = receiver.role or role_of(config, kind, operation.name, "operations")
    if table.on in {role.name for role in kind.roles}:
        role = table.on
    borrows = tuple(replace(b, role=role) if b is receiver else b for b in operation.borrows)
    return replace(operation, receiver=kind.name, receiver_role=role, borrows=borrows)


def _may_receive(borrow: Borrow) -> bool:
    return len(borrow.path.steps) == 1 and not borrow.optional and not borrow.path.last.repeated
