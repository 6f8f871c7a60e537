"""Decides what different kinds, handle paths and borrowed handles mean for a binding."""

from __future__ import annotations

from collections.abc import Mapping

from gen_bindings.diff.change import Detail, Impact, Item, Meaning
from gen_bindings.diff.facts import plain

# Facts of a kind on which the native side relies.
_KIND_AT_THE_BOUNDARY = ("id_type", "owned_message", "handle_field", "release.function")
_KIND_IN_CSHARP = ("type_name", "lifetime", "roles", "info_message", "key", "state", "extra_fields")


def kinds(model: Item) -> Mapping[str, Item]:
    """The kinds by name."""
    return {kind["name"]: kind for kind in model["kinds"]}


def kind_added(kind: Item, _before: Item, _after: Item) -> Meaning:
    """A new owned handle; whether one can be lost is said where it arrives."""
    parents = kind.get("parents")
    under = f" under {' or '.join(parents)}" if parents else " of the client"
    release = kind["release"]["function"]
    return Meaning(
        Impact.NEW, f"a new owned handle: the class {kind['type_name']}{under}, released with {release}"
    )


def kind_removed(kind: Item, _before: Item, _after: Item) -> Meaning:
    """Its class goes."""
    return Meaning(Impact.SOURCE, f"the class {kind['type_name']} goes")


def kind_changed(_kind: Item, detail: Detail) -> Meaning:
    """Its place at the boundary, its C#, or a rule of its release."""
    if detail.what in _KIND_AT_THE_BOUNDARY:
        return Meaning(
            Impact.BREAKS, "the old binding reads or releases handles of this kind in the wrong way"
        )
    if detail.what == "release.close_operation" and detail.after:
        return Meaning(Impact.LEAKS, "the old binding releases it without the request that closes it")
    if detail.what.startswith(_KIND_IN_CSHARP):
        return Meaning(Impact.SOURCE, "its class has other members or another name")
    return Meaning(Impact.RULE, "the new binding places, releases or counts it differently")


def paths(model: Item) -> Mapping[str, Item]:
    """The ways in which owned handles arrive, by id."""
    return {path["id"]: path for path in model["acquisitions"]}


def path_added(path: Item, before: Item, after: Item) -> Meaning:
    """Whether a binding that does not know the path can be sent a handle by it."""
    how = "a plain integer that hands over a " if path.get("transfers") else ""
    what = f"{how}{path['kind']} in {_carrier(path)}"
    if _reaches(path, before, after):
        return Meaning(Impact.LEAKS, f"a new owned handle: {what}; the old binding never releases it")
    return Meaning(Impact.NEW, f"a new owned handle: {what}; it comes only to who asks for it")


def path_removed(path: Item, _before: Item, after: Item) -> Meaning:
    """Whether the message stays and comes without the handle."""
    if _carried(path, after):
        return Meaning(
            Impact.BREAKS,
            f"{_carrier(path)} stays and brings no {path['kind']} here: the old binding wraps a handle that "
            "is none",
        )
    return Meaning(Impact.SOURCE, f"no {path['kind']} arrives here any more, {_carrier(path)} is gone")


def path_changed(_path: Item, detail: Detail) -> Meaning:
    """Another kind, another owner, or another class."""
    if detail.what in ("kind", "origin", "carrier"):
        return Meaning(Impact.BREAKS, "the old binding takes the handle for something else")
    if detail.what == "transfers" and detail.after:
        return Meaning(Impact.LEAKS, "the old binding does not know that the integer hands over ownership")
    if detail.what == "role":
        return Meaning(Impact.SOURCE, "the object is of another class")
    return Meaning(Impact.RULE, "the new binding finds its owner or its place differently")


def borrowed(model: Item) -> Mapping[str, Item]:
    """The handles that requests name, by request and path."""
    return {
        f"{operation['name']}.{plain(borrow['path'])}": {**borrow, "request": operation["name"]}
        for operation in model["operations"]
        for borrow in operation.get("borrows", ())
    }


def borrow_added(borrow: Item, before: Item, _after: Item) -> Meaning:
    """Whether the request was there without it."""
    text = f"{borrow['request']} names a {borrow['kind']}, which {_OWNERS[borrow['mode']]}"
    known = borrow["request"] in {operation["name"] for operation in before["operations"]}
    if known and not borrow.get("optional"):
        return Meaning(Impact.BREAKS, f"{text}; the old binding sends none")
    return Meaning(Impact.NEW, text)


def borrow_removed(borrow: Item, _before: Item, _after: Item) -> Meaning:
    """A parameter goes, with the request or without it."""
    return Meaning(Impact.SOURCE, f"{borrow['request']} names no {borrow['kind']} here any more")


def borrow_changed(_borrow: Item, detail: Detail) -> Meaning:
    """Who owns the handle after the call, or what it must be."""
    if detail.what == "mode" and detail.after == "take":
        return Meaning(
            Impact.BREAKS, "the library takes the handle now: the old binding would release it again"
        )
    if detail.what == "mode" and detail.before == "take":
        return Meaning(
            Impact.LEAKS, "the caller keeps the handle now: the old binding would never release it"
        )
    if detail.what == "mode" and detail.after == "late":
        return Meaning(
            Impact.BREAKS,
            "it is used until the callback came: the old binding may release it before the library used it",
        )
    if detail.what == "kind":
        return Meaning(Impact.BREAKS, "the library expects a handle of another kind")
    if detail.what in ("role", "optional", "path"):
        return Meaning(
            Impact.SOURCE, "the parameter is of another class, or may be left out where it could not"
        )
    return Meaning(Impact.RULE, "the new binding holds the handle for another time")


_OWNERS = {
    "borrow": "stays its owner's",
    "late": "stays its owner's and is used until the callback came",
    "take": "the library takes",
}


def _carrier(path: Item) -> str:
    if path["origin"] == "return":
        return f"the result of {path['carrier']}"
    article = "the event" if path["origin"] == "event" else f"the {path['origin']} of"
    return f"{article} {path['carrier']}"


def _reaches(path: Item, before: Item, after: Item) -> bool:
    """A binding of the older model can be sent this: it asks for it, or it comes by itself to what it has."""
    if path["origin"] != "event":
        return _carried(path, before)
    target = next((d.get("target") for d in after["deliveries"] if d["name"] == path["carrier"]), None)
    return target is None or target in kinds(before)


def _carried(path: Item, model: Item) -> bool:
    if path["origin"] == "event":
        return path["carrier"] in {delivery["name"] for delivery in model["deliveries"]}
    if path["origin"] == "return":
        return path["carrier"] in {function["name"] for function in model["entry_points"]["functions"]}
    return path["carrier"] in {operation["name"] for operation in model["operations"]}
