"""What the explorer's library may do, as JSON: entry points, requests with answers, events, sessions."""

from __future__ import annotations

from typing import Any

from gen_bindings.explore.templates import Templates
from gen_bindings.model.binding import (
    Acquisition,
    Binding,
    Delivery,
    MessageCall,
    Operation,
    Origin,
    Session,
)


def contract_of(binding: Binding) -> dict[str, Any]:
    """The contract of a binding's library, from its model alone.

    Args:
        binding: the model after the passes.

    Returns:
        A document that ``Contract.cs`` reads.
    """
    templates = Templates(binding)
    requests = [_request(binding, templates, operation) for operation in binding.operations]
    callback = binding.entry_points.callback
    return {
        "callback": {
            "data": callback.data if callback else 0,
            "size": callback.size if callback else 1,
            "user_data": callback.user_data if callback and callback.user_data is not None else -1,
        },
        "functions": _functions(binding),
        "requests": _one_for_each_number([request for request in requests if request is not None]),
        "events": [_event(binding, templates, delivery) for delivery in binding.deliveries],
        "sessions": [_session(binding, session) for session in binding.sessions],
        "key_prefixes": sorted(_key_prefixes(binding)),
        "self_released": [kind.name for kind in binding.kinds if kind.release.self_released],
    }


def _key_prefixes(binding: Binding) -> set[tuple[str, str]]:
    """What the keys of a kind begin with, where an operation accepts no others."""
    return {
        (key.kind, condition.prefix)
        for operation in binding.operations
        for condition in operation.preconditions
        for key in operation.keys
        if condition.prefix and condition.path == key.path
    }


def _functions(binding: Binding) -> list[dict[str, Any]]:
    points = binding.entry_points
    roles: dict[str, dict[str, Any]] = {}
    for kind in binding.kinds:
        release = kind.release
        roles[release.function] = {
            "role": "release",
            "handle": 0,
            "kind": kind.name,
            "answers": release.answers,
        }
    if points.request is not None:
        request = points.request
        roles.setdefault(request.release, {"role": "release", "handle": 0, "kind": "reply", "answers": True})
        roles[request.function] = {
            "role": "request",
            "data": request.data,
            "size": request.size,
            "reply": request.reply,
            "reply_size": request.reply_size,
            "result": request.result,
        }
    if points.initialize is not None:
        roles[points.initialize.function] = {"role": "initialize", "callback": points.initialize.callback}
    if points.dispose is not None:
        roles[points.dispose] = {"role": "dispose"}
    return [
        {"name": function.name, **roles.get(function.name, {"role": "other"})}
        for function in points.functions
    ]


def _one_for_each_number(requests: list[dict[str, Any]]) -> list[dict[str, Any]]:
    # Requests that are nested in one case of the envelope have its number; the first stands for them.
    kept: dict[int, dict[str, Any]] = {}
    for request in requests:
        kept.setdefault(request["number"], request)
    return list(kept.values())


def _request(binding: Binding, templates: Templates, operation: Operation) -> dict[str, Any] | None:
    call = operation.call
    if not isinstance(call, MessageCall) or binding.schema is None or binding.envelope is None:
        return None
    prefix = () if call.inner is None else (call.inner.number,)
    borrows = [
        {
            "path": [*prefix, *(step.number for step in borrow.path.steps)],
            "kind": borrow.kind,
            "mode": borrow.mode.value,
        }
        for borrow in operation.borrows
        if not any(step.repeated for step in borrow.path.steps)
    ]
    response = templates.answer(
        call.response, _of(binding, operation.name, Origin.RESPONSE), call.inner_response
    )
    document: dict[str, Any] = {
        "name": operation.name,
        "number": call.number,
        "role": operation.role,
        "async": _async_path(templates, call),
        "borrows": borrows,
        "response": [["m", call.response.number, response]],
        "callback": None,
        "failure": None,
    }
    if call.callback is not None and operation.role != "shutdown":
        callback = templates.answer(call.callback, _of(binding, operation.name, Origin.CALLBACK), None)
        document["callback"] = [["m", call.callback.number, callback]]
        failure = templates.failure(call.callback)
        if failure is not None:
            document["failure"] = [["m", call.callback.number, failure]]
    return document


def _async_path(templates: Templates, call: MessageCall) -> list[int]:
    if call.async_id is None:
        return []
    return [templates.number(call.message, call.async_id)]


def _of(binding: Binding, carrier: str, origin: Origin) -> list[Acquisition]:
    return [a for a in binding.acquisitions if a.carrier == carrier and a.origin is origin]


def _event(binding: Binding, templates: Templates, delivery: Delivery) -> dict[str, Any]:
    brought = _of(binding, delivery.name, Origin.EVENT)
    return {
        "name": delivery.name,
        "target": delivery.target or "",
        "ends": delivery.ends,
        "brings": [a.kind for a in brought],
        "template": templates.event(delivery, brought),
    }


def _session(binding: Binding, session: Session) -> dict[str, Any]:
    marker = next(
        (d.name for d in binding.deliveries if d.ends == "session" and d.target == session.kind), ""
    )
    return {
        "kind": session.kind,
        "open": session.open,
        "close": session.close,
        "announced": session.announced or "",
        "marker": marker,
    }
