"""Decides which events there are: a case of the event envelope, or one for each arm of its oneof."""

from __future__ import annotations

from gen_bindings.config import Config, DeliveryTable, key_path, nearest
from gen_bindings.model.binding import Delivery, MessageCall, Operation, Route, ThreadPolicy
from gen_bindings.model.schema import Field, Message
from gen_bindings.naming import pascal
from gen_bindings.passes.find_envelope import Protocol
from gen_bindings.passes.resolve_names import Names

_CASE_SUFFIX = "_event"


def route_deliveries(
    config: Config, protocol: Protocol, operations: tuple[Operation, ...], names: Names, problems: list[str]
) -> tuple[Delivery, ...]:
    """Every event that is no callback; their targets and contents are not known yet.

    Raises:
        ConfigError: ``[deliveries]`` names an event that does not exist.
    """
    callbacks = {
        o.call.callback.case for o in operations if isinstance(o.call, MessageCall) and o.call.callback
    }
    deliveries: list[Delivery] = []
    for case in protocol.events:
        if case.name in callbacks:
            continue
        message = names.index.message(case.message or "")
        if protocol.table.async_id in {field.name for field in message.fields}:
            problems.append(
                f"{case.name}: {message.name} answers an asynchronous operation by its "
                f"{protocol.table.async_id}, but no operation "
                f'has it as its callback: name it with callback = "{message.name}" under the operation.'
            )
        arms = _arms(message)
        if arms:
            deliveries += (_delivery(config, case, message, names, arm) for arm in arms)
        else:
            deliveries.append(_delivery(config, case, message, names))
    known = [delivery.name for delivery in deliveries]
    for name in config.deliveries:
        if name not in known:
            key = key_path("deliveries", name)
            raise names.error(key, f"the schema has no event of this name.{nearest(name, known)}")
    return tuple(deliveries)


def _arms(message: Message) -> tuple[Field, ...]:
    arms = tuple(field for field in message.fields if field.oneof)
    return arms if len(message.oneofs) == 1 and all(arm.message for arm in arms) else ()


def _delivery(
    config: Config, case: Field, message: Message, names: Names, arm: Field | None = None
) -> Delivery:
    name = f"{case.name}.{arm.name}" if arm else case.name
    table = config.deliveries.get(name, DeliveryTable())
    payload = names.index.message(arm.message or "") if arm else message
    return Delivery(
        name=name,
        event=table.name or pascal(arm.name if arm else case.name.removesuffix(_CASE_SUFFIX)),
        message=payload.full_name,
        route=Route(
            case=case.name,
            number=case.number,
            message=message.full_name,
            arm=arm.name if arm else None,
            arm_number=arm.number if arm else 0,
        ),
        ends=table.ends,
        thread=ThreadPolicy(table.thread),
        hidden=table.hidden,
        doc=payload.doc or (arm or case).doc,
    )
