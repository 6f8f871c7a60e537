"""Events: callbacks of requests, and what comes by itself."""

from __future__ import annotations

from gen_bindings.trace.arrivals import adopt, arrive
from gen_bindings.trace.checks import processes
from gen_bindings.trace.life import Client, Thread
from gen_bindings.trace.lives import Lives
from gen_bindings.trace.log import Record
from gen_bindings.trace.plans import Heard, Plan
from gen_bindings.trace.wire import Wire


def event(lives: Lives, record: Record, time: int, thread: Thread) -> None:
    """An event was delivered."""
    client = lives.client(record.function + 1, time)
    lives.delivered(record, client)
    envelope = Wire(record.data)
    contract = lives.contract
    numbers = envelope.numbers()
    number = next((n for n in numbers if n in contract.callbacks or n in contract.deliveries), 0)
    message = envelope.message(number)
    plan = contract.callbacks.get(number)
    if message is None:
        name = f"event {numbers[0]}" if numbers else "event"
        lives.note(record, time, thread, "event", name, record.data)
    elif plan is not None:
        _callback(lives, record, plan, message, time, thread, client)
    else:
        _delivery(lives, record, number, message, time, thread, client)
    if lives.disposed and time > lives.disposed:
        processes.late_event(lives, lives.marks[-1])


def _callback(
    lives: Lives, record: Record, plan: Plan, message: Wire, time: int, thread: Thread, client: Client
) -> None:
    reply = plan.callback
    assert reply is not None
    async_id = message.integer(reply.async_id) if reply.async_id else 0
    key = (reply.number, async_id)
    waiting = lives.waiting.get(key)
    call = waiting.pop(0) if waiting else None
    if waiting == []:
        del lives.waiting[key]
    mark = lives.note(record, time, thread, "callback", plan.name, record.data)
    born = arrive(lives, message, reply.arrivals, time, thread, client, call)
    if call is None:
        lives.early[key] = time, born
        return
    call.callback = time
    adopt(call, born)
    if call.lives and mark.handle is None:
        mark.handle = call.lives[0].key


def _delivery(
    lives: Lives, record: Record, number: int, message: Wire, time: int, thread: Thread, client: Client
) -> None:
    heard = _heard(lives, number, message)
    name = heard.delivery.name if heard is not None else f"event {number}"
    mark = lives.note(record, time, thread, "event", name, record.data)
    if heard is None:
        return
    delivery, route = heard.delivery, heard.delivery.route
    target = None
    if route.correlation_number:
        target = lives.by_id.get(message.integer(route.correlation_number))
        if target is not None:
            mark.handle = target.key
    content = message.message(route.arm_number) if route.arm_number else message
    if content is None:
        return
    if target is not None and delivery.ends in ("session", "stream", "announce"):
        target.events.append((time, delivery.name, thread))
        target.closed = True
    if delivery.ends == "panic":
        for life in lives.by_id.values():
            if life.kind in lives.sessions:
                life.closed = life.doubtful = True
    arrive(lives, content, heard.arrivals, time, thread, client, None, target, heard)


def _heard(lives: Lives, number: int, message: Wire) -> Heard | None:
    present = message.numbers()
    for heard in lives.contract.deliveries.get(number, ()):
        arm = heard.delivery.route.arm_number
        if not arm or arm in present:
            return heard
    return None
