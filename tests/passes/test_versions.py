"""One configuration for several versions of a schema."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_schema import build

from gen_bindings.errors import ConfigError

pytestmark = pytest.mark.quick

# What only the newer version has: a kind, a request, an event and a field.
NEWER = """
Req: open OpenRequest?@m, poke PokeRequest?@m, prod ProdRequest?@m
Resp: open OpenResponse?@m, poke PokeResponse?@m, prod ProdResponse?@m
ThingEvent: thing_handle uint64!, poked Poked?@m, renamed Renamed?@m, worn Worn?@m
ProdRequest: thing_handle uint64!
ProdResponse: part OwnedPart!
OwnedPart: handle Handle!
OwnedShelf: handle Handle!
Poked: times uint32!, part_handle uint64!, level uint32!
Worn: thing_tag string!, part OwnedPart!, data_ptr uint64!
ThingInfo: name string!, tag string!
OpenResponse: thing OwnedThing!, spare OwnedThing!, shelf OwnedShelf!
"""
CONFIG = """
[kinds.Thing]
parents = ["Shelf?"]
key = "name"
references = ["thing_tag?"]
[kinds.Thing.state]
level = "thing_event.poked.level?"
[kinds.Thing.roles.Old]
acquired = ["OpenResponse.thing", "OpenResponse.spare?"]
operations = ["poke", "prod?"]
deliveries = ["thing_event.worn?"]
[kinds.Part]
where = "OwnedPart"
lifetime = "claimed"
[operations.prod]
where = "ProdRequest"
name = "Jab"
[deliveries."thing_event.worn"]
where = "Worn"
hidden = true
[[transfer]]
where = "Poked.part_handle"
field = "Poked.part_handle"
kind = "Part"
[[place]]
where = "Worn.part"
acquired = "Worn.part"
under = "Thing"
"""
TOP = 'not_keys = ["*name", "tag?", "Renamed.tag?"]\nnot_handles = ["PokeRequest.part_handle?"]'


def test_the_older_version(tmp_path: Path) -> None:
    binding = build(tmp_path, "", CONFIG, top=TOP)
    assert [kind.name for kind in binding.kinds] == ["Thing"]
    thing = binding.kind("Thing")
    assert (thing.parents, thing.state) == ((), ())
    assert [operation.name for operation in binding.operations] == ["open", "poke"]


def test_the_newer_version(tmp_path: Path) -> None:
    newer = NEWER.replace(", data_ptr uint64!", "")
    binding = build(tmp_path, newer, CONFIG, top=TOP)
    assert [kind.name for kind in binding.kinds] == ["Thing", "Part", "Shelf"]
    thing = binding.kind("Thing")
    assert thing.parents == ("Shelf",)
    assert [state.name for state in thing.state] == ["level"]
    assert binding.operation("prod").method == "Jab"
    assert binding.operation("prod").receiver_role == "Old"
    assert binding.delivery("thing_event.worn").hidden
    assert binding.acquisition("OpenResponse.spare").role == "Old"
    assert binding.acquisition("Poked.part_handle").transfers


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"Shelf?"', '"Shelf"', 'kinds.Thing.parents[0]: there is no kind "Shelf".'),
        (
            '"thing_tag?"',
            '"thing_tag"',
            'kinds.Thing.references[0]: no field of the schema is called "thing_tag".',
        ),
        ('level?"', 'level"', 'kinds.Thing.state.level: "level": Poked has no field "level".'),
        ('where = "OwnedPart"\n', "", "kinds.Part: the schema has no such kind"),
        ('where = "ProdRequest"\n', "", "operations.prod: the schema has no request of this name."),
        ('where = "Worn"\n', "", 'deliveries."thing_event.worn": the schema has no event of this name.'),
        (
            'where = "Poked.part_handle"\n',
            "",
            'transfer[0].field: "Poked.part_handle": Poked has no field "part_handle".',
        ),
        ('where = "Worn.part"\n', "", 'place[0].acquired: "Worn.part" names no field'),
        ('"prod?"', '"prod"', 'operations[1]: there is nothing called "prod" among the operations.'),
    ],
)
def test_without_a_mark_what_is_missing_is_an_error(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in CONFIG
    with pytest.raises(ConfigError) as caught:
        build(tmp_path, "", CONFIG.replace(old, new), top=TOP)
    assert message in str(caught.value)


def test_memory_and_preconditions(tmp_path: Path) -> None:
    memory = '[[memory]]\nwhere = "PokeRequest.data_ptr"\npointer = "PokeRequest.data_ptr"\nsize = "size"\n'
    condition = """
[[operations.poke.preconditions]]
field = "size"
minimum = 1
reason = "because"
where = "PokeRequest.size"
"""
    assert build(tmp_path, "", memory + condition).operation("poke").preconditions == ()
    types = "PokeRequest: thing_handle uint64!, data_ptr uint64!, size uint32!"
    binding = build(tmp_path, types, memory + condition)
    assert len(binding.memories) == len(binding.operation("poke").preconditions) == 1


def test_sessions(tmp_path: Path) -> None:
    config = """
[sessions.Thing]
open = "open"
handshake = "ready?"
close = "poke"
markers = ["thing_event.end?", "thing_event.poked", "shut?"]
"""
    (session,) = build(tmp_path, "", config).sessions
    assert (session.handshake, session.markers) == (None, ("thing_event.poked",))
    types = """
Req: open OpenRequest?@m, poke PokeRequest?@m, ready PokeRequest?@m
ThingEvent: thing_handle uint64!, poked Poked?@m, end Renamed?@m
"""
    (session,) = build(tmp_path, types, config).sessions
    assert (session.handshake, session.markers) == ("ready", ("thing_event.end", "thing_event.poked"))


def test_a_condition_that_two_messages_fulfil(tmp_path: Path) -> None:
    types = "a.Poked: times uint32!\nPoked: times uint32!"
    config = '[operations.poke]\nname = "Prod"\nwhere = "{}"'
    for where in ("Poked", "Poked.times", "a.Poked.times", "t.Poked"):
        assert build(tmp_path, types, config.format(where)).operation("poke").method == "Prod"
    for where in ("Poke", "Poked.time", "Poked.times.x", "b.Poked"):
        assert build(tmp_path, types, config.format(where)).operation("poke").method == "Poke"
