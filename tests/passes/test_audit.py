"""Everything that is missing is told at once; members of one name; protocols of another shape."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_schema import CONFIG, build

from gen_bindings.errors import AuditError, ConfigError

pytestmark = pytest.mark.quick


def problems(tmp_path: Path, types: str, config: str = "") -> tuple[str, ...]:
    with pytest.raises(AuditError) as caught:
        build(tmp_path, types, config)
    return caught.value.problems


def test_all_problems_at_once(tmp_path: Path) -> None:
    types = """
PokeRequest: thing_handle uint64!, door_handle uint64!, data_ptr uint64!
PokeResponse: async_id uint64!
"""
    found = problems(tmp_path, types)
    assert [problem.partition(":")[0] for problem in found] == ["poke", "poke", "PokeRequest.data_ptr"]


@pytest.mark.parametrize(
    ("types", "config", "problem"),
    [
        (
            "ThingInfo: poke string!",
            "",
            "the operation poke and the fact poke would both be the member Poke of Thing: set name under "
            "[operations.poke].",
        ),
        (
            "",
            '[deliveries."thing_event.poked"]\nname = "Poke"',
            "the event thing_event.poked and the operation poke would both be the member Poke of Thing: "
            "set name under "
            '[deliveries."thing_event.poked"].',
        ),
        (
            "",
            '[operations.poke]\nname = "Dispose"',
            "the operation poke and Dispose would both be the member Dispose of Thing: set name under "
            "[operations.poke].",
        ),
        (
            "",
            '[operations.poke]\non = "client"\nname = "Open"',
            "the operation poke and the operation open would both be the member Open of the client: set "
            "name under "
            "[operations.poke].",
        ),
        (
            "OpenResponse: thing OwnedThing!, part OwnedPart!\nOwnedPart: handle Handle!",
            '[kinds.Part]\nname = "Thing"',
            "the kind Part and the kind Thing would both be the C# class Thing: set name under [kinds.Part].",
        ),
        (
            "",
            '[kinds.Thing]\nname = "TestClient"',
            "the kind Thing and the client would both be the C# class TestClient: set name under "
            "[kinds.Thing].",
        ),
    ],
)
def test_two_members_of_one_name(tmp_path: Path, types: str, config: str, problem: str) -> None:
    assert problems(tmp_path, types, config) == (problem,)


def test_roles_may_share_a_name_but_not_with_their_kind(tmp_path: Path) -> None:
    types = """
Req: open OpenRequest?@m, poke PokeRequest?@m, prod PokeRequest?@m
OpenResponse: big OwnedThing!, small OwnedThing!
"""
    config = """
[operations.poke]
name = "Touch"
[operations.prod]
name = "Touch"
[kinds.Thing.roles.Big]
acquired = ["OpenResponse.big"]
operations = ["poke"]
[kinds.Thing.roles.Small]
acquired = ["OpenResponse.small"]
operations = {}
"""
    binding = build(tmp_path, types, config.format('["prod"]'))
    assert [o.method for o in binding.operations] == ["Open", "Touch", "Touch"]
    assert problems(tmp_path, types, config.format("[]")) == (
        "the operation prod and the operation poke would both be the member Touch of Big: set name under "
        "[operations.prod].",
    )


def test_a_kind_that_nothing_brings(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, "OwnedPart: handle Handle!")
    assert problem.startswith("Part: no response, callback or event brings one")
    assert "t.OwnedPart" in problem


def test_a_handle_without_a_role(tmp_path: Path) -> None:
    types = "OpenResponse: big OwnedThing!, small OwnedThing!"
    config = '[kinds.Thing.roles.Big]\nacquired = ["OpenResponse.big"]'
    assert problems(tmp_path, types, config) == (
        "OpenResponse.small: a Thing arrives without a role: add the path to acquired of one of "
        "[kinds.Thing.roles].",
    )


def test_a_close_operation_that_does_not_exist(tmp_path: Path) -> None:
    assert problems(tmp_path, "", '[kinds.Thing]\nclose = "shut"') == (
        "Thing: there is no operation shut to close it with: correct close of [kinds.Thing].",
    )
    assert (
        build(tmp_path, "", '[kinds.Thing]\nclose = "poke"').kind("Thing").release.close_operation == "poke"
    )


def test_memory_in_a_callback_has_no_owner(tmp_path: Path) -> None:
    types = """
PokeResponse: async_id uint64!
PokeCallback: async_id uint64!, data_ptr uint64!, size uint32!
Ev: thing_event ThingEvent?@m, poked PokeCallback?@m
"""
    config = '[[memory]]\npointer = "PokeCallback.data_ptr"\nsize = "size"\nowner = "receiver"'
    assert problems(tmp_path, types, config) == (
        "poke: nothing owns the memory behind data_ptr: put it into the facts of a handle.",
    )


def test_memory_in_an_event_has_no_owner(tmp_path: Path) -> None:
    types = "Poked: data_ptr uint64!, size uint32!"
    config = '[[memory]]\npointer = "Poked.data_ptr"\nsize = "size"'
    assert problems(tmp_path, types, config) == (
        "thing_event.poked: nothing owns the memory behind data_ptr: put it into the facts of a handle.",
    )


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            'request = "Req"',
            'request = "Rq"',
            'protocol.request: the schema has no message "Rq". Did you mean Req?',
        ),
        (
            'event = "Ev"',
            'event = "Poked"',
            "protocol.event: Poked has no oneof of messages; expected the envelope of all messages.",
        ),
        (
            'owned_handle = "Handle"',
            'owned_handle = "Handel"',
            'protocol.owned_handle: the schema has no message "Handel". Did you mean Handle?',
        ),
        (
            'owned_handle = "Handle"',
            'owned_handle = "ThingInfo"\nid_field = "name"',
            "protocol.id_field: ThingInfo.name is no integer; expected the handle's id.",
        ),
        (
            'owned_handle = "Handle"',
            'owned_handle = "Handle"\nid_field = "di"',
            'protocol.id_field: "di": Handle has no field "di".',
        ),
    ],
)
def test_a_protocol_that_does_not_fit(tmp_path: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        build(tmp_path, base=CONFIG.replace(old, new))
    assert message in str(caught.value)


def test_no_protocol(tmp_path: Path) -> None:
    base = CONFIG[: CONFIG.index("[protocol]")] + CONFIG[CONFIG.index("[entry_points]") :]
    with pytest.raises(
        ConfigError,
        match=r"protocol is missing. Expected a table with request, response, event and owned_handle",
    ):
        build(tmp_path, base=base)
