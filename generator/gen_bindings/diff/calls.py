"""Decides what different requests, events and sessions mean for a binding."""

from __future__ import annotations

from collections.abc import Mapping

from gen_bindings.diff.change import Detail, Impact, Item, Meaning
from gen_bindings.diff.facts import plain

# A field whose value the generated code fills in asks nothing of a caller.
_GIVEN_BY_CALLER = ("argument", "object", "key", "memory", "struct")


def requests(model: Item) -> Mapping[str, Item]:
    """The operations by name."""
    return {operation["name"]: operation for operation in model["operations"]}


def request_added(request: Item, _before: Item, after: Item) -> Meaning:
    """A method more."""
    return Meaning(
        Impact.NEW, f"generate again for {_member(request, after)}; the old binding never sends it"
    )


def request_removed(request: Item, before: Item, _after: Item) -> Meaning:
    """A method less, and a library that refuses what the old one sends."""
    return Meaning(
        Impact.BREAKS,
        f"the library does not know it any more: {_member(request, before)} of the old binding fails",
    )


def request_changed(request: Item, detail: Detail) -> Meaning:
    """Its encoding, its shape in C#, or a rule around it."""
    what = detail.what
    if what.startswith("preconditions"):
        return _precondition(detail)
    if what == "message.callback.case" and detail.before is None:
        return Meaning(Impact.BREAKS, "it ends with a callback now, for which the old binding does not wait")
    if what == "message.callback.case" and detail.after is None:
        return Meaning(Impact.BREAKS, "it has no callback any more, for which the old binding waits")
    if what.startswith("fields[") and what.endswith("]"):
        return _field(request, detail)
    if ".callback." in what or ".response." in what:
        return _answer(detail)
    if what.startswith("keys["):
        return Meaning(Impact.RULE, "the new binding knows which object a text in it names")
    if what.endswith((".path", ".optional", ".default")) and what.startswith("fields["):
        return _necessity(detail)
    if what.startswith(("message.", "function.")):
        return Meaning(Impact.BREAKS, "it is written differently on the wire")
    if what in ("role", "adopts"):
        return Meaning(Impact.RULE, "the new binding uses it, or places what it brings, differently")
    return Meaning(Impact.SOURCE, "its method has another name, place or parameter")


def _precondition(detail: Detail) -> Meaning:
    if detail.after is None:
        return Meaning(Impact.RULE, "the new binding lets a value through that the old one refuses")
    return Meaning(Impact.RULE, "the new binding refuses a value that the old one lets through")


def _field(request: Item, detail: Detail) -> Meaning:
    path = detail.what.removeprefix("fields[").removesuffix("]")
    if detail.after is None:
        return Meaning(Impact.SOURCE, f"{path} goes: the method has one parameter less")
    field = next(field for field in request["fields"] if plain(field["path"]) == path)
    if field.get("source") not in _GIVEN_BY_CALLER:
        return Meaning(Impact.RULE, f"{path} is new, and the new binding fills it in")
    if field.get("optional") or field.get("default"):
        return Meaning(Impact.NEW, f"{path} is new and may be left out")
    return Meaning(Impact.BREAKS, f"{path} is new and must be given: the old binding does not send it")


def _necessity(detail: Detail) -> Meaning:
    name = detail.what.removeprefix("fields[").partition("]")[0]
    if detail.what.endswith(".optional") and detail.after is None:
        return Meaning(Impact.BREAKS, f"{name} must be given now, and the old binding may leave it out")
    return Meaning(Impact.SOURCE, f"the parameter for {name} may be left out now, or has another default")


def _answer(detail: Detail) -> Meaning:
    if detail.what.endswith((".case", ".number", ".message", ".async_id")):
        return Meaning(Impact.BREAKS, "its answer is written differently on the wire")
    if detail.what.endswith(".acquisitions"):
        return Meaning(Impact.SOURCE, "its answer brings other handles; see the handle paths")
    return Meaning(Impact.SOURCE, "its method gives something else back")


def events(model: Item) -> Mapping[str, Item]:
    """The deliveries by name."""
    return {delivery["name"]: delivery for delivery in model["deliveries"]}


def event_added(event: Item, _before: Item, after: Item) -> Meaning:
    """What the old binding skips; a handle in it is said where handles arrive."""
    name = f"{event.get('target') or _client(after)}.{event['event']}"
    brings = "; it brings a handle, see the handle paths" if event.get("acquisitions") else ""
    return Meaning(Impact.NEW, f"generate again for {name}; the old binding does not see it{brings}")


def event_removed(event: Item, _before: Item, _after: Item) -> Meaning:
    """What never comes again; the end of a session may hang on it."""
    if event.get("ends"):
        return Meaning(Impact.BREAKS, "it marks an end, for which the old binding waits")
    return Meaning(Impact.SOURCE, f"the event {event['event']} goes; handlers of the old binding never run")


def event_changed(_event: Item, detail: Detail) -> Meaning:
    """Its encoding, its event in C#, or what it does to the tree."""
    if detail.what.startswith("route.") or detail.what == "message":
        return Meaning(Impact.BREAKS, "it is written differently on the wire")
    if detail.what.startswith(("updates", "detach", "ends", "reason")):
        return Meaning(Impact.RULE, "the new binding keeps the tree or the state of an object differently")
    return Meaning(Impact.SOURCE, "its event has another name, place, thread or arguments")


def sessions(model: Item) -> Mapping[str, Item]:
    """The sessions by kind."""
    return {session["kind"]: session for session in model["sessions"]}


def session_added(session: Item, _before: Item, _after: Item) -> Meaning:
    """A kind that begins and ends."""
    return Meaning(Impact.SOURCE, f"{session['kind']} has a beginning and an end now, with methods for both")


def session_removed(session: Item, _before: Item, _after: Item) -> Meaning:
    """A kind without beginning and end."""
    return Meaning(Impact.SOURCE, f"{session['kind']} has no beginning and end any more")


def session_changed(_session: Item, detail: Detail) -> Meaning:
    """How it is opened, waited for and closed."""
    if detail.what == "handshake" and detail.after:
        return Meaning(
            Impact.BREAKS, "events start only after the handshake, which the old binding does not send"
        )
    if detail.what == "handshake":
        return Meaning(Impact.RULE, "there is no handshake any more")
    if detail.what in ("open", "close"):
        return Meaning(Impact.BREAKS, "it is opened or closed by another request")
    return Meaning(Impact.RULE, "the new binding waits for other marks of the end, or gives other reasons")


def _member(request: Item, model: Item) -> str:
    owner = request.get("receiver_role") or request.get("receiver") or _client(model)
    return f"{owner}.{request['method']}"


def _client(model: Item) -> str:
    return f"{model['name']}Client"
