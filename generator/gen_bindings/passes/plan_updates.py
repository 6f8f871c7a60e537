"""Decides which present state of which object an event changes, and which object it removes from the tree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from gen_bindings.config import Config, DeliveryTable, KindTable, key_path, nearest
from gen_bindings.model.binding import (
    Acquisition,
    Delivery,
    FieldPath,
    KeyReference,
    Kind,
    StateProperty,
    Update,
)
from gen_bindings.model.schema import Field, Label
from gen_bindings.passes.index import SchemaIndex
from gen_bindings.passes.resolve_names import Names

_NONE = "none"


@dataclass(frozen=True, slots=True)
class _Way:
    """How a delivery finds an object: by a key, maybe of the object's parent, or as its target."""

    reference: FieldPath | None
    through: str | None = None


def plan_states(
    config: Config, kinds: tuple[Kind, ...], deliveries: tuple[Delivery, ...], names: Names
) -> tuple[Kind, ...]:
    """Kinds with the properties of ``state``, each set by a field of an event.

    Raises:
        ConfigError: ``state`` names an event or a field that does not exist.
    """
    known = {delivery.name: delivery for delivery in deliveries}

    def properties(kind: Kind) -> Iterator[StateProperty]:
        for name, source in config.kinds.get(kind.name, KindTable()).state.items():
            key = f"{key_path('kinds', kind.name)}.state.{key_path(name)}"
            event = next((d for d in known if source.startswith(d + ".")), None)
            if event is None:
                raise names.error(
                    key,
                    f'"{source}" names no field of an event: expected '
                    f"event.field.{nearest(source.rpartition('.')[0], known)}",
                )
            path = names.within(known[event].message, source.removeprefix(event + "."), key)
            yield StateProperty(name, event, path)

    return tuple(replace(kind, state=tuple(properties(kind))) for kind in kinds)


def plan_updates(
    config: Config,
    kinds: tuple[Kind, ...],
    acquisitions: tuple[Acquisition, ...],
    deliveries: tuple[Delivery, ...],
    names: Names,
    problems: list[str],
) -> tuple[Delivery, ...]:
    """Deliveries with their updates and detaches.

    Raises:
        ConfigError: ``[deliveries]`` names a kind or a field that does not exist.
    """
    planning = _Planning(config, kinds, acquisitions, names, problems)
    return tuple(planning.delivery(delivery) for delivery in deliveries)


class _Planning:
    def __init__(
        self,
        config: Config,
        kinds: tuple[Kind, ...],
        acquisitions: tuple[Acquisition, ...],
        names: Names,
        problems: list[str],
    ) -> None:
        self._config = config
        self._kinds = {kind.name: kind for kind in kinds}
        self._acquisitions = {acquisition.id: acquisition for acquisition in acquisitions}
        self._names = names
        self._index: SchemaIndex = names.index
        self._problems = problems

    def delivery(self, delivery: Delivery) -> Delivery:
        """The delivery with what it changes."""
        table = self._config.deliveries.get(delivery.name, DeliveryTable())
        key = key_path("deliveries", delivery.name)
        self._check_kinds(table, key)
        updates = [
            *self._replaced(delivery),
            *self._stated(delivery),
            *self._configured(delivery, table, key),
        ]
        if table.updates != _NONE:
            whole = tuple(self._whole(delivery))
            renewed = {update.kind for update in (*updates, *whole) if update.whole is not None}
            updates += whole
            updates += (u for u in self._by_name(delivery, table, key) if u.kind not in renewed)
        delivery = replace(delivery, updates=_merged(updates))
        if table.detaches is not None:
            way = self._way(delivery, table.detaches)
            if way is None or way.reference is None:
                raise self._names.error(
                    f"{key}.detaches", f"the event names no {table.detaches} by a key, nor its parent."
                )
            delivery = replace(
                delivery,
                detaches=table.detaches,
                detach_key=way.reference,
                detach_through=way.through,
            )
        return delivery

    def _check_kinds(self, table: DeliveryTable, key: str) -> None:
        named = [("detaches", table.detaches), *((f"of[{i}]", kind) for i, kind in enumerate(table.of))]
        if table.updates != _NONE:
            named.append(("updates", table.updates))
        for option, kind in named:
            if kind is not None and kind not in self._kinds:
                hint = nearest(kind, self._kinds)
                raise self._names.error(f"{key}.{option}", f'there is no kind "{kind}".{hint}')
        if (table.set or table.fields) and not table.of:
            raise self._names.error(f"{key}.of", "set and fields need of: the kind whose facts they change.")

    def _replaced(self, delivery: Delivery) -> Iterator[Update]:
        """A transfer with new facts for the object that gets the new handle."""
        for acquisition_id in delivery.acquisitions:
            acquisition = self._acquisitions[acquisition_id]
            if acquisition.replaces is not None and acquisition.info is not None:
                yield Update(
                    kind=acquisition.kind,
                    reference=acquisition.replaces,
                    whole=acquisition.info,
                    renews_key=True,
                )

    def _stated(self, delivery: Delivery) -> Iterator[Update]:
        for kind in self._kinds.values():
            for state in kind.state:
                if state.delivery == delivery.name:
                    way = self._way(delivery, kind.name)
                    if way is None:
                        self._problems.append(
                            f"{delivery.name}: it sets {kind.name}.{state.name}, but names no {kind.name}; "
                            "change state of "
                            f"[kinds.{kind.name}]."
                        )
                    else:
                        yield Update(
                            kind.name, way.reference, state=((state.name, state.path),), through=way.through
                        )

    def _configured(self, delivery: Delivery, table: DeliveryTable, key: str) -> Iterator[Update]:
        for name in table.of:
            kind = self._kinds[name]
            way = self._way(delivery, name)
            if way is None:
                raise self._names.error(f"{key}.of", f"the event names no {name}, nor its parent.")
            if kind.info_message is None:
                raise self._names.error(f"{key}.of", f"{name} has no message with facts.")
            for field, literal in table.set.items():
                at = f"{key}.set.{key_path(field)}"
                path = self._names.within(kind.info_message, field, at)
                self._names.check_literal(self._index.field_of(path.last), literal, at)
            fields = []
            for field, source in table.fields.items():
                self._names.within(kind.info_message, field, f"{key}.fields")
                fields.append(
                    (
                        field,
                        self._names.within(delivery.message, source, f"{key}.fields.{key_path(field)}"),
                    )
                )
            yield Update(
                kind=name,
                reference=way.reference,
                fields=tuple(fields),
                constants=tuple(table.set.items()),
                through=way.through,
            )

    def _whole(self, delivery: Delivery) -> Iterator[Update]:
        """Messages in the delivery that are exactly the facts of a kind that it names."""
        replaced = {self._acquisitions[i].info for i in delivery.acquisitions}
        for kind in self._kinds.values():
            if (
                kind.info_message is None
                or sum(other.info_message == kind.info_message for other in self._kinds.values()) > 1
            ):
                continue
            if delivery.message == kind.info_message:
                way = self._way(delivery, kind.name)
                if way is not None:
                    yield Update(kind.name, way.reference, whole=FieldPath(delivery.message, ()))
            for field in self._index.message(delivery.message).fields:
                path = FieldPath(delivery.message, (self._index.step(delivery.message, field),))
                if field.message != kind.info_message or field.is_map or path in replaced:
                    continue
                if field.label is Label.REPEATED:
                    if kind.key is not None:
                        yield Update(kind.name, whole=path, many=True)
                    continue
                way = self._way(delivery, kind.name)
                if way is not None:
                    yield Update(
                        kind=kind.name,
                        reference=way.reference,
                        whole=path,
                        renews_key=way.reference is not None and way.through is None,
                    )

    def _by_name(self, delivery: Delivery, table: DeliveryTable, key: str) -> Iterator[Update]:
        """Fields of the delivery that are called and typed like facts of the object that it names."""
        kinds = [table.updates] if table.updates else self._named_last_first(delivery)
        keys = {reference.path for reference in delivery.keys}
        for name in kinds:
            kind = self._kinds[name]
            way = self._way(delivery, name)
            if kind.info_message is None or way is None:
                if table.updates:
                    raise self._names.error(f"{key}.updates", f"the event names no {name} with facts.")
                continue
            fields = []
            for field in self._index.message(delivery.message).fields:
                fact = self._index.field(kind.info_message, field.name)
                path = FieldPath(delivery.message, (self._index.step(delivery.message, field),))
                same = fact is not None and _same_type(fact, field, self._index)
                if same and path not in keys and (kind.key is None or kind.key.field != field.name):
                    fields.append((field.name, path))
            if fields:
                yield Update(name, way.reference, fields=tuple(fields), through=way.through)
                return
        if table.updates:
            raise self._names.error(
                f"{key}.updates",
                f"the event has no field that is called and typed like one of {table.updates}.",
            )

    def _named_last_first(self, delivery: Delivery) -> list[str]:
        named = [reference.kind for reference in reversed(delivery.keys) if _usable(reference)]
        if delivery.target is not None:
            named.append(delivery.target)
        return list(dict.fromkeys(named))

    def _way(self, delivery: Delivery, kind: str) -> _Way | None:
        keys = [reference for reference in delivery.keys if _usable(reference)]
        for reference in keys:
            if reference.kind == kind:
                return _Way(reference.path)
        if delivery.target == kind:
            return _Way(None)
        for reference in keys:
            if reference.kind in self._kinds[kind].parents:
                return _Way(reference.path, reference.kind)
        return None


def _usable(reference: KeyReference) -> bool:
    return not reference.many and len(reference.path.steps) == 1


def _same_type(one: Field, other: Field, index: SchemaIndex) -> bool:
    if _is_dictionary(one, index) and _is_dictionary(other, index):
        return True
    return (one.scalar, one.message, one.enum) == (other.scalar, other.message, other.enum) and (
        (one.label is Label.REPEATED) == (other.label is Label.REPEATED)
    )


def _is_dictionary(field: Field, index: SchemaIndex) -> bool:
    """A map, or the repeated message of a key and a value that stands for one, from string to string."""
    if field.message is None or field.label is not Label.REPEATED:
        return False
    parts = {part.name: part.scalar for part in index.message(field.message).fields}
    return set(parts) == {"key", "value"} and len(set(parts.values())) == 1


def _merged(updates: list[Update]) -> tuple[Update, ...]:
    """One update for each object; what the configuration says of a field comes before what its name says."""
    merged: dict[tuple[str, FieldPath | None, bool], Update] = {}
    for update in updates:
        at = (update.kind, update.reference, update.many)
        known = merged.get(at)
        if known is None:
            merged[at] = update
            continue
        settled = {name for name, _ in known.fields} | {name for name, _ in known.constants}
        merged[at] = replace(
            known,
            whole=known.whole or update.whole,
            fields=known.fields + tuple(pair for pair in update.fields if pair[0] not in settled),
            constants=known.constants + update.constants,
            state=known.state + update.state,
            renews_key=known.renews_key or update.renews_key,
        )
    return tuple(merged.values())
