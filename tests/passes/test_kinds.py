"""Kinds of handles, and what the configuration says of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_schema import build

from gen_bindings.errors import ConfigError
from gen_bindings.model.binding import IdType, Lifetime

pytestmark = pytest.mark.quick


def test_a_message_with_a_handle_is_a_kind(tmp_path: Path) -> None:
    binding = build(tmp_path)
    (thing,) = binding.kinds
    assert (thing.name, thing.type_name, thing.id_type) == ("Thing", "Thing", IdType.UINT64)
    assert (thing.owned_message, thing.handle_field) == ("t.OwnedThing", "handle")
    assert (thing.info_field, thing.info_message) == ("info", "t.ThingInfo")
    assert thing.release.function == "x_drop"
    assert thing.release.answers


def test_the_facts_may_be_called_otherwise_or_be_missing(tmp_path: Path) -> None:
    binding = build(tmp_path, "OwnedThing: handle Handle!, facts ThingInfo!, owner string!")
    assert (binding.kind("Thing").info_field, binding.kind("Thing").extra_fields) == ("facts", ("owner",))
    binding = build(tmp_path, "OwnedThing: handle Handle!, one ThingInfo!, other ThingInfo!")
    assert (binding.kind("Thing").info_field, binding.kind("Thing").extra_fields) == (None, ("one", "other"))


def test_small_ids(tmp_path: Path) -> None:
    binding = build(tmp_path, "Handle: id fixed32!")
    assert binding.kind("Thing").id_type is IdType.UINT32


def test_what_the_configuration_adds(tmp_path: Path) -> None:
    config = """
[kinds.Thing]
name = "Widget"
lifetime = "claimed"
self_released = true
column = "things"
[diagnostics]
columns = ["things", "other"]
reply = "other"
"""
    thing = build(tmp_path, "", config).kind("Thing")
    assert (thing.type_name, thing.lifetime, thing.column) == ("Widget", Lifetime.CLAIMED, "things")
    assert thing.release.self_released


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ("[kinds.Thng]", "kinds.Thng: the schema has no such kind; it has Thing. Did you mean Thing?"),
        (
            '[kinds.Thing]\nparents = ["Thong"]',
            'kinds.Thing.parents[0]: there is no kind "Thong". Did you mean Thing?',
        ),
        (
            '[kinds.Thing]\nkey = "nam"',
            'kinds.Thing.key: "nam": ThingInfo has no field "nam". Did you mean name?',
        ),
        ('[kinds.Thing]\nreferences = ["name"]', "kinds.Thing.references: the kind has no key"),
        (
            '[kinds.Thing]\ncolumn = "things"',
            'kinds.Thing.column: "things" is none of diagnostics.columns: other.',
        ),
        ("[kinds.Thing.roles.Thing]", "kinds.Thing.roles.Thing: the name is taken by a kind"),
        (
            '[kinds.Thing.roles.Big]\nacquired = ["OpenResponse.thin"]',
            'kinds.Thing.roles.Big.acquired[0]: "OpenResponse.thin": OpenResponse has no field "thin". Did '
            "you mean thing?",
        ),
        (
            '[kinds.Thing.roles.Big]\nacquired = ["Renamed.name"]',
            'kinds.Thing.roles.Big.acquired[0]: no Thing arrives at "Renamed.name"; they arrive at '
            "OpenResponse.thing.",
        ),
        (
            '[kinds.Thing.roles.Big]\nacquired = ["OpenResponse.thing"]\noperations = ["pok"]',
            'operations[0]: there is nothing called "pok" among the operations. Did you mean poke?',
        ),
        (
            '[kinds.Thing.roles.Big]\nacquired = ["OpenResponse.thing"]\noperations = ["open"]',
            'operations[0]: "open" belongs to the client, not to Thing.',
        ),
        (
            '[kinds.Thing]\nborrowed = ["thin_handle"]',
            'borrowed[0]: no field of the schema is called "thin_handle".',
        ),
    ],
)
def test_names_that_do_not_exist(tmp_path: Path, config: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        build(tmp_path, "", config)
    assert message in str(caught.value)
    assert str(tmp_path / "bindings.toml") in str(caught.value)


def test_roles(tmp_path: Path) -> None:
    types = """
OpenResponse: big OwnedThing!, small OwnedThing!
"""
    config = """
[kinds.Thing.roles.BigThing]
acquired = ["OpenResponse.big"]
operations = ["poke"]
deliveries = ["thing_event.poked"]
[kinds.Thing.roles.SmallThing]
acquired = ["OpenResponse.small"]
"""
    binding = build(tmp_path, types, config)
    assert binding.acquisition("OpenResponse.big").role == "BigThing"
    assert binding.acquisition("OpenResponse.small").role == "SmallThing"
    poke = binding.operation("poke")
    assert (poke.receiver, poke.receiver_role, poke.borrows[0].role) == ("Thing", "BigThing", "BigThing")
    assert binding.delivery("thing_event.poked").target_role == "BigThing"
    assert binding.delivery("thing_event.renamed").target_role is None
