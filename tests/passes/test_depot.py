"""A protocol that shares no habit with the examples, through the same passes."""

from __future__ import annotations

from pathlib import Path

import pytest

from gen_bindings.config import load_config
from gen_bindings.model.binding import Binding, BorrowMode, IdType, MessageCall, Place
from gen_bindings.passes.pipeline import build_binding
from gen_bindings.project.inputs import read_inputs

pytestmark = pytest.mark.quick


@pytest.fixture(scope="module")
def depot(repo_root: Path) -> Binding:
    loaded = load_config(repo_root / "tests" / "fixtures" / "depot" / "bindings.toml")
    inputs = read_inputs(loaded)
    return build_binding(loaded, inputs.schema, inputs.header, inputs.exports)


def test_kinds(depot: Binding) -> None:
    assert [(k.name, k.id_type, k.handle_field, k.info_field, k.parents) for k in depot.kinds] == [
        ("Box", IdType.UINT32, "grip", "facts", ()),
        ("Item", IdType.UINT32, "grip", "facts", ("Box",)),
    ]
    assert depot.release_order == ("Item", "Box")
    assert depot.envelope is not None
    assert (depot.envelope.owned_id, depot.envelope.async_id_type) == ("number", "uint32")


def test_every_grip(depot: Binding) -> None:
    assert {
        (a.id, a.kind, str(a.path), a.placement.place, a.placement.parent) for a in depot.acquisitions
    } == {
        ("BoxOpened.opened", "Box", "opened", Place.CLIENT, None),
        ("ItemPut.item", "Item", "item", Place.RECEIVER, "Box"),
        ("BoxPacked.contents.items", "Item", "contents?.items[]", Place.RECEIVER, "Box"),
        ("ItemArrived.item", "Item", "item", Place.KEY, "Box"),
        ("depot_command.reply", "buffer", "None", Place.CALL, None),
    }


def test_operations(depot: Binding) -> None:
    methods = {f"{o.receiver or 'client'}.{o.method}" for o in depot.operations}
    assert methods == {
        "client.OpenBox",
        "Box.CountItems",
        "Box.PackAsync",
        "Box.PutItem",
        "Box.InspectItem",
        "Item.Poke",
        "Box.DeliverItem",
        "Box.Relabel",
        "Box.Ship",
        "Item.Weigh",
        "client.RingBell",
        "client.Tally",
    }
    pack = depot.operation("pack_box").call
    assert isinstance(pack, MessageCall)
    assert pack.async_id is None
    assert pack.callback is not None
    assert (pack.response.async_id, pack.callback.case, pack.callback.async_id) == (
        "ticket",
        "box_packed",
        "ticket",
    )
    assert depot.operation("ship_box").borrows[0].mode is BorrowMode.TAKE
    assert [(b.path.plain, b.kind, b.optional) for b in depot.operation("weigh_item").borrows] == [
        ("item_ref", "Item", False),
        ("other_item_ref", "Item", True),
    ]


def test_events_and_keys(depot: Binding) -> None:
    assert [(d.name, d.target, [(k.path.plain, k.kind) for k in d.keys]) for d in depot.deliveries] == [
        ("item_spoiled", "Item", [("box_label", "Box"), ("item_label", "Item")]),
        ("item_arrived", "Box", [("box_label", "Box")]),
        ("label_changed", "Box", [("former_label", "Box")]),
        ("bell_heard", None, []),
    ]
    (relabelled,) = depot.delivery("label_changed").updates
    assert (relabelled.kind, str(relabelled.reference), str(relabelled.whole), relabelled.renews_key) == (
        "Box",
        "former_label",
        "facts",
        True,
    )


def test_entry_points(depot: Binding) -> None:
    points = depot.entry_points
    assert points.initialize is not None
    assert (points.initialize.user_data, points.initialize.options, points.initialize.fails) == (
        1,
        ((2, "flags", "0"),),
        True,
    )
    assert points.request is not None
    assert (points.request.result, points.request.release) == ("status", "depot_free")
    assert (points.dispose, points.error_text) == ("depot_stop", "depot_last_error")
    assert points.callback is not None
    assert (points.callback.user_data, points.callback.data, points.callback.size) == (0, 1, 2)
