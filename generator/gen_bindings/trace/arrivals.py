"""Handles that a message brings: each a life, under the life that it belongs to."""

from __future__ import annotations

from collections.abc import Iterable

from gen_bindings.model.binding import Place
from gen_bindings.trace.life import Call, Client, Life, Thread
from gen_bindings.trace.lives import Lives
from gen_bindings.trace.paths import Arrival
from gen_bindings.trace.plans import Heard
from gen_bindings.trace.wire import Wire

_Places = dict[str, list[tuple[tuple[int, ...], Life]]]


def arrive(
    lives: Lives,
    message: Wire,
    arrivals: Iterable[Arrival],
    time: int,
    thread: Thread,
    client: Client | None,
    call: Call | None,
    target: Life | None = None,
    heard: Heard | None = None,
) -> list[Life]:
    """The lives that a message begins.

    Args:
        call: the request that it answers.
        target: the life that the event concerns.
        heard: the event, where it is one.
    """
    born: list[Life] = []
    here: _Places = {}
    mark = lives.marks[-1] if lives.marks else None
    for arrival in arrivals:
        acquisition = arrival.acquisition
        for positions, value in message.follow(arrival.numbers):
            if not isinstance(value, int) or value == 0:
                continue
            if acquisition.transfers and value in lives.by_id:
                continue
            life = lives.born(
                value,
                acquisition.kind,
                acquisition.role or "",
                acquisition.id,
                acquisition.origin.value,
                time,
                thread,
                client,
            )
            born.append(life)
            if arrival.key:
                _name(lives, life, arrival, message, positions)
            place = positions[: arrival.owned]
            parent = _parent(lives, arrival, message, here, place, call, target, heard)
            if parent is not None:
                life.put_under(parent)
            here.setdefault(acquisition.id, []).append((place, life))
            if mark is not None and mark.handle is None:
                mark.handle = life.key
    return born


def adopt(call: Call, born: list[Life]) -> None:
    """Puts what a callback brought in its place, and under it what the request says it adopts."""
    plan = call.plan
    if plan is None or plan.callback is None or not born:
        return
    placements = {a.acquisition.id: a.acquisition.placement for a in plan.callback.arrivals}
    for life in born:
        placement = placements[life.path]
        if life.parent is None and placement.place in (Place.RECEIVER, Place.BORROWED):
            parent = _named(call, placement.parent)
            if parent is not None:
                life.put_under(parent)
    kinds = {named.kind for named in plan.names if named.adopted}
    for life in call.lives:
        if life.kind in kinds and not life.gone:
            life.put_under(born[0])
            life.adopted = True


def _named(call: Call | None, kind: str | None) -> Life | None:
    lives = call.lives if call is not None else []
    return next((life for life in lives if life.kind == kind), None)


def _name(lives: Lives, life: Life, arrival: Arrival, message: Wire, positions: tuple[int, ...]) -> None:
    for where, owned in message.follow(arrival.numbers[: arrival.owned]):
        if where == positions[: len(where)] and isinstance(owned, bytes):
            life.name = Wire(owned).text(arrival.key)
            lives.by_key.setdefault((life.kind, life.name), []).append(life)


def _parent(
    lives: Lives,
    arrival: Arrival,
    message: Wire,
    here: _Places,
    positions: tuple[int, ...],
    call: Call | None,
    target: Life | None,
    heard: Heard | None,
) -> Life | None:
    placement = arrival.acquisition.placement
    keys = heard.keys.get(arrival.acquisition.id) if heard is not None else None
    match placement.place:
        case Place.RECEIVER | Place.BORROWED:
            return _named(call, placement.parent)
        case Place.SIBLING:
            return _nearest(here.get(placement.via, ()), positions)
        case Place.TARGET:
            return target
        case Place.KEY if keys and placement.parent is not None:
            return _keyed(lives, placement.parent, message.text(keys), target)
        case Place.REPLACED if keys:
            old = _keyed(lives, arrival.acquisition.kind, message.text(keys), target)
            return old.parent if old is not None else None
        case _:
            return None


def _nearest(places: Iterable[tuple[tuple[int, ...], Life]], positions: tuple[int, ...]) -> Life | None:
    """The life whose place has the longest beginning in common with another place."""
    best: Life | None = None
    length = -1
    for place, life in places:
        common = 0
        for one, other in zip(place, positions, strict=False):
            if one != other:
                break
            common += 1
        if common > length:
            best, length = life, common
    return best


def _keyed(lives: Lives, kind: str, key: str, target: Life | None) -> Life | None:
    found = [life for life in lives.by_key.get((kind, key), ()) if not life.gone]
    within = [life for life in found if target is None or life.root is target.root]
    candidates = within or found
    return candidates[-1] if candidates else None
