"""Requests and their responses: which lives they name, take and bring."""

from __future__ import annotations

from gen_bindings.model.binding import BorrowMode
from gen_bindings.trace import ends
from gen_bindings.trace.arrivals import adopt, arrive
from gen_bindings.trace.checks import requests as checks
from gen_bindings.trace.contract import REPLY_KIND
from gen_bindings.trace.life import Call, Thread
from gen_bindings.trace.lives import Lives
from gen_bindings.trace.log import Record
from gen_bindings.trace.plans import Plan
from gen_bindings.trace.wire import Wire

_NOTHING = Wire(b"")


def request(lives: Lives, record: Record, time: int, thread: Thread) -> None:
    """A request was sent."""
    envelope = Wire(record.data)
    plan, number = _plan_of(lives, envelope)
    name = plan.name if plan is not None else f"request {number}"
    mark = lives.note(record, time, thread, "request", name, record.data)
    call = Call(name, lives.function(record), time, thread, len(lives.marks) - 1, record.data, plan)
    call.ended = record.ended + lives.offset if record.finished else 0
    lives.asked[record.offset] = call
    lives.calls.append(call)
    if lives.disposed:
        lives.late_calls.append((time, name))
    if plan is None:
        return
    message = envelope.message(plan.number) or _NOTHING
    for named in plan.names:
        for _, value in message.follow(named.numbers):
            if isinstance(value, int) and (value or not named.optional):
                _use(lives, call, value, named.kind, named.mode)
    if call.lives:
        mark.handle = call.lives[0].key
    if plan.callback is not None:
        call.waits = True
        if plan.async_id and message.all(plan.async_id):
            _wait(lives, call, plan.callback.number, message.integer(plan.async_id))
    if plan.ends and call.lives:
        call.lives[0].closed = True
        mark.what = "close"


def response(lives: Lives, record: Record, time: int, thread: Thread) -> None:
    """A request came back."""
    call = lives.asked.get(record.link)
    if call is None:
        call = Call("request", lives.function(record), time, thread, len(lives.marks) - 1, b"")
    call.ended = call.ended or time
    call.reply_size = len(record.data)
    call.refused = (record.answer != 0) if lives.contract.by_address else (record.answer == 0)
    checks.misused(lives, call)
    if call.refused:
        for life in call.taken:
            life.doubtful = True
        call.waits = False
        return
    client = lives.client_of(record, call.thread)
    if record.id:
        lives.born(record.id, REPLY_KIND, "", f"{call.name} response", "return", time, thread, client)
    for life in call.taken:
        lives.end(life, "taken", time, thread, call.name)
    plan = call.plan
    if plan is None:
        return
    if plan.operation.role == "shutdown":
        ends.all_disposed(lives, time)
    reply = plan.response
    message = Wire(record.data).message(reply.number)
    if message is None:
        return
    if reply.arrivals:
        content = (message.message(reply.inner) or _NOTHING) if reply.inner else message
        arrive(lives, content, reply.arrivals, time, thread, client, call)
    if plan.callback is not None:
        if reply.async_id and message.all(reply.async_id):
            _wait(lives, call, plan.callback.number, message.integer(reply.async_id))
        if reply.failure and message.at(reply.failure) is not None:
            call.waits = False


def _plan_of(lives: Lives, envelope: Wire) -> tuple[Plan | None, int]:
    number = 0
    for number in envelope.numbers():
        plans = lives.contract.requests.get(number)
        if not plans:
            continue
        if len(plans) > 1:
            message = envelope.message(number)
            present = message.numbers() if message is not None else ()
            for plan in plans:
                if plan.inner and plan.inner in present:
                    return plan, number
        return plans[0], number
    return None, number


def _use(lives: Lives, call: Call, value: int, kind: str, mode: BorrowMode) -> None:
    life = lives.by_id.get(value)
    if life is None:
        call.unknown.append((kind, value))
        return
    life.uses.append(call)
    call.lives.append(life)
    if mode is BorrowMode.TAKE:
        call.taken.append(life)


def _wait(lives: Lives, call: Call, number: int, async_id: int) -> None:
    key = (number, async_id)
    early = lives.early.pop(key, None)
    if early is not None:
        call.callback, born = early
        adopt(call, born)
        return
    waiting = lives.waiting.setdefault(key, [])
    if call not in waiting and not call.callback:
        waiting.append(call)
