"""Which messages a log may leave out once it is half full: those about nothing that lives long."""

from __future__ import annotations

from dataclasses import dataclass

from gen_bindings.model.binding import BorrowMode, MessageCall
from gen_bindings.trace.contract import Contract
from gen_bindings.trace.paths import Arrival
from gen_bindings.trace.plans import Plan


@dataclass(frozen=True, slots=True)
class Fold:
    """Messages of one case.

    Attributes:
        number: case of the envelope, ``arm`` the inner case or 0.
        kind: index of the short-lived kind that it brings, 0 for none.
        path: field numbers from the case's message to the id.
    """

    number: int
    arm: int = 0
    kind: int = 0
    path: tuple[int, ...] = ()


def folds(contract: Contract) -> tuple[tuple[int, ...], tuple[Fold, ...], tuple[Fold, ...]]:
    """Requests (by number), responses and events that bring, take and end nothing that lives long."""
    short = {name: index for index, name in enumerate(contract.short_kinds, 1)}
    requests: set[int] = set()
    responses, events = [], []
    for number, plans in contract.requests.items():
        if not all(_may_fold(plan, short) for plan in plans):
            continue
        requests.add(number)
        for plan in plans:
            call = plan.operation.call
            assert isinstance(call, MessageCall)
            arm = call.inner_response.number if call.inner_response is not None else 0
            responses.append(_fold(plan.response.number, arm, plan.response.arrivals, short))
            if plan.callback is not None:
                events.append(_fold(plan.callback.number, 0, plan.callback.arrivals, short))
    for heards in contract.deliveries.values():
        events += [
            _fold(heard.delivery.route.number, heard.delivery.route.arm_number, heard.arrivals, short)
            for heard in heards
            if not heard.delivery.ends
            and heard.delivery.detaches is None
            and _all_short(heard.arrivals, short)
        ]
    return tuple(sorted(requests)), tuple(responses), tuple(events)


def _may_fold(plan: Plan, short: dict[str, int]) -> bool:
    operation = plan.operation
    if operation.role or operation.adopts:
        return False
    if any(named.mode is BorrowMode.TAKE for named in plan.names):
        return False
    callback = plan.callback.arrivals if plan.callback is not None else ()
    return _all_short(plan.response.arrivals, short) and _all_short(callback, short)


def _all_short(arrivals: tuple[Arrival, ...], short: dict[str, int]) -> bool:
    if len(arrivals) > 1:
        return False
    for arrival in arrivals:
        path = arrival.acquisition.path
        if arrival.kind.name not in short or path is None or any(step.repeated for step in path.steps):
            return False
    return True


def _fold(number: int, arm: int, arrivals: tuple[Arrival, ...], short: dict[str, int]) -> Fold:
    if not arrivals:
        return Fold(number, arm)
    arrival = arrivals[0]
    return Fold(number, arm, short[arrival.kind.name], ((arm,) if arm else ()) + arrival.numbers)
