"""Decides what different exports, messages, enums, memory and names mean for a binding."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gen_bindings.diff.change import Detail, Impact, Item, Meaning


def exports(model: Item) -> Mapping[str, Item]:
    """The functions of the contract by name."""
    functions = model["entry_points"]["functions"]
    return {function["name"]: {"signature": function["signature"]} for function in functions}


def export_added(function: Item, _before: Item, _after: Item) -> Meaning:
    """A function more."""
    return Meaning(Impact.NEW, f"{function['signature']}; the old binding does not call it")


def export_removed(_function: Item, _before: Item, _after: Item) -> Meaning:
    """A function less."""
    return Meaning(Impact.BREAKS, "the old binding calls a function that is not there")


def export_changed(_function: Item, _detail: Detail) -> Meaning:
    """Another signature."""
    return Meaning(Impact.BREAKS, "the old binding calls it with another signature")


def memory(model: Item) -> Mapping[str, Item]:
    """The pointers by message, field and direction."""
    return {f"{m['message']}.{m['pointer']} ({m['direction']})": m for m in model["memories"]}


def memory_added(entry: Item, _before: Item, _after: Item) -> Meaning:
    """A span more."""
    return Meaning(Impact.NEW, f"memory as a span of {entry['element']}")


def memory_removed(entry: Item, _before: Item, _after: Item) -> Meaning:
    """A span less."""
    return Meaning(Impact.SOURCE, f"the span of {entry['element']} goes")


def memory_changed(_entry: Item, detail: Detail) -> Meaning:
    """Another length, element or owner."""
    if detail.what == "owner":
        return Meaning(Impact.BREAKS, "the memory belongs to something else, and ends at another time")
    return Meaning(Impact.BREAKS, "the old binding takes the memory for longer, shorter or of another type")


def messages(model: Item) -> Mapping[str, Item]:
    """The messages by full name, each with its fields; those that all others travel in are no news."""
    found: dict[str, dict[str, Any]] = model.get("messages", {})
    envelope = (model.get("envelope") or {}).values()
    return {name: fields for name, fields in found.items() if name not in envelope}


def message_added(_message: Item, _before: Item, _after: Item) -> Meaning:
    """A class more."""
    return Meaning(Impact.NEW, "a new message")


def message_removed(_message: Item, _before: Item, _after: Item) -> Meaning:
    """A class less."""
    return Meaning(Impact.SOURCE, "its class goes")


def field_changed(message: Item, detail: Detail) -> Meaning:
    """A field came, went, or is written differently."""
    if detail.before is None:
        return Meaning(Impact.NEW, "what is new in it the old binding does not send, and skips when it comes")
    if detail.after is None:
        return _field_removed(message, detail.before)
    before, after = _field(detail.before), _field(detail.after)
    if before["number"] != after["number"] or not _same_on_the_wire(before["type"], after["type"]):
        return Meaning(Impact.BREAKS, "a field is written differently on the wire")
    if after["label"] == "required" != before["label"]:
        return Meaning(Impact.BREAKS, "a field must be there now, and the old binding may leave it out")
    if before["type"] != after["type"]:
        return Meaning(Impact.SOURCE, _other_type(before["type"][1], after["type"][1]))
    if after["label"] == "implicit":
        return Meaning(Impact.SOURCE, "the wire is the same; absent and default are no longer told apart")
    if before["label"] == "implicit":
        return Meaning(Impact.SOURCE, "the wire is the same; absent and default are told apart now")
    return Meaning(Impact.SOURCE, "a field may be left out now")


# Types of one row are written in the same way, whatever their width; with the bits of a value.
_ALIKE = (
    {"bool": 1, "int32": 32, "uint32": 32, "int64": 64, "uint64": 64},
    {"sint32": 32, "sint64": 64},
    {"fixed32": 32, "sfixed32": 32},
    {"fixed64": 64, "sfixed64": 64},
    {"string": 0, "bytes": 0},
)


def _same_on_the_wire(before: tuple[bool, str], after: tuple[bool, str]) -> bool:
    alike = any({before[1], after[1]} <= row.keys() for row in _ALIKE)
    return before == after or (before[0] == after[0] and alike)


def _other_type(before: str, after: str) -> str:
    text = f"the wire is the same; {before} is {after} in the C#"
    bits = {name: size for row in _ALIKE for name, size in row.items()}
    if bits[after] < bits[before]:
        return f"{text}, and what does not fit loses bits"
    return f"{text}, and bytes that are no text are refused" if after == "string" else text


def _field_removed(message: Item, before: str) -> Meaning:
    gone = _field(before)
    heir = next((f for f in map(_field, message.values()) if f["number"] == gone["number"]), None)
    if heir is None:
        return Meaning(Impact.SOURCE, "what goes is never set again")
    # Types with a dot are messages and enums, whose own changes are told where they are.
    if heir["type"] == gone["type"] or all("." in field["type"][1] for field in (heir, gone)):
        return Meaning(Impact.SOURCE, "what goes has another name, with the same number")
    return Meaning(Impact.BREAKS, "what goes has left its number to a field of another type")


def _field(text: str) -> Mapping[str, Any]:
    """A field as the model prints it: ``7 optional string``; implicit ones are without presence."""
    number, label, kind = text.split(" ", 2)
    return {"number": number, "label": label, "type": (label == "repeated", kind)}


def enums(model: Item) -> Mapping[str, Item]:
    """The enums by full name, each with its values."""
    found: dict[str, dict[str, Any]] = model.get("enums", {})
    return found


def enum_added(_enum: Item, _before: Item, _after: Item) -> Meaning:
    """An enum more."""
    return Meaning(Impact.NEW, "a new enum")


def enum_removed(_enum: Item, _before: Item, _after: Item) -> Meaning:
    """An enum less."""
    return Meaning(Impact.SOURCE, "its type goes")


def value_changed(_enum: Item, detail: Detail) -> Meaning:
    """A value came, went, or has another number."""
    if detail.before is None:
        return Meaning(Impact.NEW, "a new value is a number without a name for the old binding")
    if detail.after is None:
        return Meaning(Impact.SOURCE, "a value goes")
    return Meaning(Impact.BREAKS, "a value has another number")


def names(model: Item) -> Mapping[str, Item]:
    """What stands at the top of the model: names of the binding, the library and the envelopes."""
    found = {
        "binding": {"name": model["name"], "namespace": model["namespace"]},
        "library": {"name": model["entry_points"].get("library", "")},
        "entry points": {
            what: value
            for what, value in model["entry_points"].items()
            if what not in ("library", "functions")
        },
        "envelope": model.get("envelope") or {},
        "diagnostics": {"columns": model.get("columns", []), "reply": model.get("reply_column", "")},
    }
    return {name: item for name, item in found.items() if item}


def name_differs(_item: Item, _before: Item, _after: Item) -> Meaning:
    """A protocol where there was none, or the other way round."""
    return Meaning(Impact.BREAKS, "one side speaks in messages, the other does not")


def name_changed(_item: Item, detail: Detail) -> Meaning:
    """A name in C#, or one at the boundary."""
    if detail.what in ("columns", "reply"):
        return Meaning(Impact.RULE, "the diagnostics line has other columns")
    if detail.what in ("name", "namespace"):
        return Meaning(Impact.SOURCE, "what is generated, or what it loads, has another name")
    if detail.what == "initialize.options":
        return Meaning(Impact.SOURCE, "the library is started with other values")
    if detail.what in ("dispose", "error_text"):
        return Meaning(Impact.RULE, "the new binding asks another function")
    return Meaning(Impact.BREAKS, "calls and messages travel in another way")
