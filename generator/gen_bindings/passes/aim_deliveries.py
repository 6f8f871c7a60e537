"""Decides which object each event concerns."""

from __future__ import annotations

from dataclasses import replace

from gen_bindings.config import Config, DeliveryTable, key_path, nearest
from gen_bindings.model.binding import Delivery, FieldPath, Kind
from gen_bindings.model.schema import Field
from gen_bindings.passes.assign_roles import check_role_lists, role_of
from gen_bindings.passes.resolve_names import Names
from gen_bindings.passes.type_borrowed import HandleTypes


def aim_deliveries(
    config: Config,
    types: HandleTypes,
    kinds: tuple[Kind, ...],
    deliveries: tuple[Delivery, ...],
    names: Names,
    problems: list[str],
) -> tuple[Delivery, ...]:
    """Deliveries with their targets: by the integer of the event that names an object, else by a key.

    Raises:
        ConfigError: ``target`` or ``correlation`` names something that does not exist.
    """
    aimed = tuple(_aim(config, types, kinds, delivery, names, problems) for delivery in deliveries)
    check_role_lists(config, kinds, "deliveries", {d.name: d.target for d in aimed}, names)
    return aimed


def _aim(
    config: Config,
    types: HandleTypes,
    kinds: tuple[Kind, ...],
    delivery: Delivery,
    names: Names,
    problems: list[str],
) -> Delivery:
    table = config.deliveries.get(delivery.name, DeliveryTable())
    key = key_path("deliveries", delivery.name)
    known = {kind.name: kind for kind in kinds}
    if table.target is not None and table.target not in known:
        raise names.error(
            f"{key}.target", f'there is no kind "{table.target}".{nearest(table.target, known)}'
        )
    field = _correlation(types, delivery, table, names, key)
    target, role = table.target, None
    if field is not None:
        path = FieldPath(delivery.route.message, (names.index.step(delivery.route.message, field),))
        meaning = types.meaning(path)
        if not isinstance(meaning, str):
            target, role = target or meaning.kind, meaning.role
        elif target is None:
            short = names.index.short(path.root)
            problems.append(
                f"{delivery.name}: the handle {field.name} of {short} has no kind: {meaning}. Set target "
                f"under [{key}], or add "
                f'"{short}.{field.name}" to borrowed of its kind.'
            )
            return delivery
        route = replace(delivery.route, correlation=field.name, correlation_number=field.number)
        delivery = replace(delivery, route=route)
    elif target is not None:
        reference = next((k for k in delivery.keys if k.kind == target and not k.many), None)
        if reference is None:
            raise names.error(
                f"{key}.target", f"the event names no {target}, neither by an integer nor by a key."
            )
        delivery = replace(delivery, target_key=reference.path)
    if target is None:
        return delivery
    role = role or role_of(config, known[target], delivery.name, "deliveries")
    return replace(delivery, target=target, target_role=role)


def _correlation(
    types: HandleTypes, delivery: Delivery, table: DeliveryTable, names: Names, key: str
) -> Field | None:
    event = delivery.route.message
    if table.correlation is not None:
        return names.index.field_of(names.within(event, table.correlation, f"{key}.correlation").last)
    for field in names.index.message(event).fields:
        path = FieldPath(event, (names.index.step(event, field),))
        if types.is_handle(path, field):
            return field
    return None
