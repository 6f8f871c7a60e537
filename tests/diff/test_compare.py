"""What came, went or changed between two models of small schemas, and what it is said to mean."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from small_schema import HEADER, SIZE, VOID, build, function

from gen_bindings.diff.change import Change, Impact, Section
from gen_bindings.diff.compare import compare
from gen_bindings.model.abi import Header
from gen_bindings.report.model import model_json
from gen_bindings.report.model_diff import to_json, to_text

pytestmark = pytest.mark.quick

# A thing with parts that are given out, lent and taken; a session with its end; an enum and memory.
TYPES = """
Req: open OpenRequest?@m, poke PokeRequest?@m, prod ProdRequest?@m, shut ShutRequest?@m
Resp: open OpenResponse?@m, poke PokeResponse?@m, prod ProdResponse?@m, shut ShutResponse?@m
Ev: thing_event ThingEvent?@m, open_callback OpenCallback?@m, shut ShutCallback?@m
ThingEvent: thing_handle uint64!, poked Poked?@m, renamed Renamed?@m, ended Renamed?@m
OpenResponse: async_id uint64!
OpenCallback: async_id uint64!, thing OwnedThing!
OwnedPart: handle Handle!
PokeRequest: thing_handle uint64!, force uint32?, data_ptr uint64!, size uint32!
PokeResponse: part OwnedPart!, spare OwnedPart?
ProdRequest: thing_handle uint64!, part_handle uint64!
ProdResponse: done bool?
ShutRequest: thing_handle uint64!
ShutResponse: async_id uint64!
ShutCallback: async_id uint64!
Poked: times uint32!, part_handle uint64!, colour Colour!
enum Colour: RED, GREEN
"""
CONFIG = """
[sessions.Thing]
open = "open"
close = "shut"
markers = ["thing_event.ended", "shut"]
[kinds.Part]
parents = ["Thing"]
[operations.open]
callback = "OpenCallback"
[operations.poke]
[[memory]]
pointer = "PokeRequest.data_ptr"
size = "size"
[[transfer]]
field = "Poked.part_handle"
kind = "Part"
"""
CALL = function("x_more", VOID, ("size", SIZE))


def model(folder: Path, types: str = "", config: str = CONFIG, header: Header = HEADER) -> Any:
    """The model of the schema above with some messages replaced, as it is printed."""
    top = "" if "[[transfer]]" in config else 'not_handles = ["Poked.part_handle"]'
    return json.loads(model_json(build(folder, TYPES + types, config, header=header, top=top)))


def between(before: Any, after: Any, section: Section, name: str) -> Change:
    found = [c for c in compare(before, after) if (c.section, c.name) == (section, name)]
    assert len(found) == 1, [(c.section.value, c.name) for c in compare(before, after)]
    return found[0]


def test_the_same_model_has_no_changes(tmp_path: Path) -> None:
    assert compare(model(tmp_path), model(tmp_path)) == ()
    assert to_text("a", "b", ()) == "a -> b\nThe models are the same: nothing has to be done.\n"
    assert json.loads(to_json("a", "b", ()))["same"] is True


def test_presence_is_seen_in_both_directions(tmp_path: Path) -> None:
    without, with_presence = (model(tmp_path, f"ThingInfo: name string{mark}") for mark in ".?")
    gained = between(without, with_presence, Section.MESSAGES, "t.ThingInfo")
    assert [(m.impact, m.text) for m in gained.meanings] == [
        (Impact.SOURCE, "the wire is the same; absent and default are told apart now")
    ]
    lost = between(with_presence, without, Section.MESSAGES, "t.ThingInfo")
    assert [(m.impact, m.text) for m in lost.meanings] == [
        (Impact.SOURCE, "the wire is the same; absent and default are no longer told apart")
    ]


# What replaces a part of the schema or of the configuration in the newer model; then where the change is
# seen, how it is called, and what it means. With a dash the replaced one is the older.
CASES = {
    "a kind comes": (
        "PokeResponse: part OwnedPart!, spare OwnedPart?, lid OwnedLid!\nOwnedLid: handle Handle!",
        {},
        (Section.KINDS, "Lid", "added", Impact.NEW, "a new owned handle: the class Lid"),
    ),
    "a handle comes in an old answer": (
        "PokeResponse: part OwnedPart!, spare OwnedPart?, third OwnedPart?",
        {},
        (Section.HANDLES, "PokeResponse.third", "added", Impact.LEAKS, ": Part in the response of poke"),
    ),
    "a handle comes in an old event": (
        "Renamed: name string!, part OwnedPart?",
        {"[[memory]]": '[[place]]\nacquired = "Renamed.part"\nunder = "Thing"\n[[memory]]'},
        (Section.HANDLES, "Renamed.part", "added", Impact.LEAKS, "the old binding never releases it"),
    ),
    "a handle comes in a new event": (
        "ThingEvent: thing_handle uint64!, poked Poked?@m, renamed Renamed?@m, ended Renamed?@m, "
        "grew Grew?@m\n"
        "Grew: part OwnedPart!",
        {},
        (Section.HANDLES, "Grew.part", "added", Impact.LEAKS, "the event thing_event.grew"),
    ),
    "a handle comes in a new request's answer": (
        "Req: open OpenRequest?@m, poke PokeRequest?@m, prod ProdRequest?@m, shut ShutRequest?@m, "
        "dig DigRequest?@m\n"
        "Resp: open OpenResponse?@m, poke PokeResponse?@m, prod ProdResponse?@m, shut ShutResponse?@m, "
        "dig DigResponse?@m\n"
        "DigRequest: thing_handle uint64!\nDigResponse: part OwnedPart!",
        {},
        (Section.HANDLES, "DigResponse.part", "added", Impact.NEW, "it comes only to who asks for it"),
    ),
    "a handle no longer comes": (
        "PokeResponse: part OwnedPart!",
        {},
        (Section.HANDLES, "PokeResponse.spare", "removed", Impact.BREAKS, "wraps a handle that is none"),
    ),
    "an integer does not hand over any more": (
        "",
        {'[[transfer]]\nfield = "Poked.part_handle"\nkind = "Part"\n': ""},
        (Section.HANDLES, "Poked.part_handle", "removed", Impact.BREAKS, "the event thing_event.poked stays"),
    ),
    "a handle is taken": (
        "",
        {"[operations.poke]": '[operations.prod]\nconsumes = ["part_handle"]'},
        (Section.BORROWED, "prod.part_handle", "changed", Impact.BREAKS, "would release it again"),
    ),
    "a handle is used for longer": (
        "",
        {"[operations.poke]": '[operations.prod]\nlate = ["part_handle"]'},
        (Section.BORROWED, "prod.part_handle", "changed", Impact.BREAKS, "before the library used it"),
    ),
    "a request names a handle more": (
        "ShutRequest: thing_handle uint64!, part_handle uint64!",
        {},
        (Section.BORROWED, "shut.part_handle", "added", Impact.BREAKS, "the old binding sends none"),
    ),
    "a handle may be left out": (
        "ProdRequest: thing_handle uint64!, part_handle uint64?",
        {},
        (Section.BORROWED, "prod.part_handle", "changed", Impact.SOURCE, "may be left out"),
    ),
    "a request goes": (
        "Req: open OpenRequest?@m, poke PokeRequest?@m, shut ShutRequest?@m",
        {},
        (Section.REQUESTS, "prod", "removed", Impact.BREAKS, "Thing.Prod of the old binding fails"),
    ),
    "a request is numbered differently": (
        "Req: poke PokeRequest?@m, open OpenRequest?@m, prod ProdRequest?@m, shut ShutRequest?@m",
        {},
        (Section.REQUESTS, "open", "changed", Impact.BREAKS, "written differently"),
    ),
    "a request gets a parameter that must be given": (
        "PokeRequest: thing_handle uint64!, force uint32?, data_ptr uint64!, size uint32!, why string!",
        {},
        (Section.REQUESTS, "poke", "changed", Impact.BREAKS, "why is new and must be given"),
    ),
    "a request gets a parameter that may be given": (
        "PokeRequest: thing_handle uint64!, force uint32?, data_ptr uint64!, size uint32!, why string?",
        {},
        (Section.REQUESTS, "poke", "changed", Impact.NEW, "why is new and may be left out"),
    ),
    "a parameter must be given": (
        "PokeRequest: thing_handle uint64!, force uint32!, data_ptr uint64!, size uint32!",
        {},
        (Section.REQUESTS, "poke", "changed", Impact.BREAKS, "force must be given now"),
    ),
    "a method has another name": (
        "",
        {"[operations.poke]": '[operations.poke]\nname = "Jab"'},
        (Section.REQUESTS, "poke", "changed", Impact.SOURCE, "another name"),
    ),
    "a value is refused": (
        "",
        {
            "[operations.poke]": "[[operations.poke.preconditions]]\n"
            'field = "force"\nmaximum = 3\nreason = "so"'
        },
        (Section.REQUESTS, "poke", "changed", Impact.RULE, "refuses a value"),
    ),
    "an answer says more": (
        "ProdResponse: done bool?, times uint32?",
        {},
        (Section.REQUESTS, "prod", "changed", Impact.SOURCE, "gives something else back"),
    ),
    "an event comes": (
        "ThingEvent: thing_handle uint64!, poked Poked?@m, renamed Renamed?@m, ended Renamed?@m, "
        "fell Renamed?@m",
        {},
        (Section.EVENTS, "thing_event.fell", "added", Impact.NEW, "Thing.Fell"),
    ),
    "an event goes": (
        "ThingEvent: thing_handle uint64!, poked Poked?@m, ended Renamed?@m",
        {},
        (
            Section.EVENTS,
            "thing_event.renamed",
            "removed",
            Impact.SOURCE,
            "handlers of the old binding never",
        ),
    ),
    "an event is numbered differently": (
        "ThingEvent: thing_handle uint64!, renamed Renamed?@m, poked Poked?@m, ended Renamed?@m",
        {},
        (Section.EVENTS, "thing_event.poked", "changed", Impact.BREAKS, "written differently"),
    ),
    "an event does something to the tree": (
        "",
        {"[[memory]]": '[deliveries."thing_event.renamed"]\nends = "stream"\n[[memory]]'},
        (Section.EVENTS, "thing_event.renamed", "changed", Impact.RULE, "keeps the tree"),
    ),
    "a session starts with a handshake": (
        "",
        {'open = "open"\n': 'open = "open"\nhandshake = "poke"\n'},
        (Section.SESSIONS, "Thing", "changed", Impact.BREAKS, "only after the handshake"),
    ),
    "a session ends at something else": (
        "",
        {', "shut"]': "]"},
        (Section.SESSIONS, "Thing", "changed", Impact.RULE, "other marks of the end"),
    ),
    "memory is of another type": (
        "",
        {'size = "size"': 'element = "short"\nsize = "size"'},
        (Section.MEMORY, "t.PokeRequest.data_ptr (in)", "changed", Impact.BREAKS, "of another type"),
    ),
    "a field comes": (
        "Renamed: name string!, old string?",
        {},
        (Section.MESSAGES, "t.Renamed", "changed", Impact.NEW, "skips when it comes"),
    ),
    "a field goes": (
        "ThingInfo: name string!, age uint32?",
        {"-": "-"},
        (Section.MESSAGES, "t.ThingInfo", "changed", Impact.SOURCE, "never set again"),
    ),
    "a field has another type": (
        "Renamed: name uint32!",
        {},
        (Section.MESSAGES, "t.Renamed", "changed", Impact.BREAKS, "written differently on the wire"),
    ),
    "a field has another type that is written alike": (
        "Renamed: name bytes!",
        {},
        (Section.MESSAGES, "t.Renamed", "changed", Impact.SOURCE, "same; string is bytes in the C#"),
    ),
    "bytes become text": (
        "Renamed: name bytes!",
        {"-": "-"},
        (Section.MESSAGES, "t.Renamed", "changed", Impact.SOURCE, "bytes that are no text are refused"),
    ),
    "a field has a narrower type": (
        "Poked: times uint64!, part_handle uint64!, colour Colour!",
        {"-": "-"},
        (Section.MESSAGES, "t.Poked", "changed", Impact.SOURCE, "what does not fit loses bits"),
    ),
    "a number is written in zigzag": (
        "Poked: times sint32!, part_handle uint64!, colour Colour!",
        {},
        (Section.MESSAGES, "t.Poked", "changed", Impact.BREAKS, "written differently on the wire"),
    ),
    "a field without presence must be there": (
        "ThingInfo: name string.",
        {"-": "-"},
        (Section.MESSAGES, "t.ThingInfo", "changed", Impact.BREAKS, "must be there now"),
    ),
    "a field is without presence": (
        "ThingInfo: name string.",
        {},
        (Section.MESSAGES, "t.ThingInfo", "changed", Impact.SOURCE, "no longer told apart"),
    ),
    "a field has another name": (
        "Renamed: title string!",
        {},
        (Section.MESSAGES, "t.Renamed", "changed", Impact.SOURCE, "another name, with the same number"),
    ),
    "a number has another field": (
        "Renamed: age uint32!",
        {},
        (Section.MESSAGES, "t.Renamed", "changed", Impact.BREAKS, "left its number"),
    ),
    "a value of an enum comes": (
        "enum Colour: RED, GREEN, BLUE",
        {},
        (Section.ENUMS, "t.Colour", "changed", Impact.NEW, "a number without a name"),
    ),
    "values of an enum change places": (
        "enum Colour: GREEN, RED",
        {},
        (Section.ENUMS, "t.Colour", "changed", Impact.BREAKS, "another number"),
    ),
    "a class has another name": (
        "",
        {"[kinds.Part]": '[kinds.Part]\nname = "Piece"'},
        (Section.KINDS, "Part", "changed", Impact.SOURCE, "another name"),
    ),
    "a kind is closed before its release": (
        "",
        {"[kinds.Part]": '[kinds.Part]\nclose = "prod"'},
        (Section.KINDS, "Part", "changed", Impact.LEAKS, "without the request that closes it"),
    ),
    "the diagnostics line has another column": (
        "",
        {"[[transfer]]": '[diagnostics]\ncolumns = ["parts", "other"]\n[[transfer]]'},
        (Section.NAMES, "diagnostics", "changed", Impact.RULE, "other columns"),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_a_change_means(tmp_path: Path, case: str) -> None:
    types, replaced, (section, name, how, impact, text) = CASES[case]
    config = CONFIG
    for old, new in replaced.items():
        assert old in config or old == "-"
        config = config.replace(old, new)
    before, after = model(tmp_path), model(tmp_path, types, config)
    if "-" in replaced:
        before, after = after, before
    change = between(before, after, section, name)
    assert (change.how, change.impact) == (how, impact), change
    assert text in change.meanings[0].text
    assert text in to_text("a", "b", (change,))
    (told,) = json.loads(to_json("a", "b", (change,)))["changes"]
    assert (told["section"], told["name"], told["how"], told["impact"]) == (section, name, how, impact)


def test_what_comes_and_what_goes_are_each_other_s_reverse(tmp_path: Path) -> None:
    old, new = model(tmp_path), model(tmp_path, CASES["a handle comes in a new event"][0])
    there = {(c.section, c.name, c.how) for c in compare(old, new)}
    back = {
        (c.section, c.name, {"added": "removed", "removed": "added"}.get(c.how, c.how))
        for c in compare(new, old)
    }
    assert there == back
    assert there


def test_functions_come_go_and_change(tmp_path: Path) -> None:
    old = model(tmp_path)
    more = model(tmp_path, header=Header((*HEADER.functions, CALL), ()))
    other = replace(CALL, type=replace(CALL.type, parameters=()))
    changed = model(tmp_path, header=Header((*HEADER.functions, other), ()))
    assert between(old, more, Section.EXPORTS, "x_more").impact is Impact.NEW
    assert between(more, old, Section.EXPORTS, "x_more").impact is Impact.BREAKS
    differs = between(more, changed, Section.EXPORTS, "x_more")
    assert (differs.how, differs.impact) == ("changed", Impact.BREAKS)
    assert differs.details[0].after == "void x_more()"


def test_the_worst_of_a_change_counts_and_is_told_first(tmp_path: Path) -> None:
    new = model(
        tmp_path,
        "PokeRequest: thing_handle uint64!, data_ptr uint64!, size uint32!, why string?, how string!",
    )
    change = between(model(tmp_path), new, Section.REQUESTS, "poke")
    assert [meaning.impact for meaning in change.meanings] == [Impact.BREAKS, Impact.SOURCE, Impact.NEW]
    report = to_text("old", "new", compare(model(tmp_path), new))
    assert "Generate again before the new library is used: the old binding does not work with it." in report
