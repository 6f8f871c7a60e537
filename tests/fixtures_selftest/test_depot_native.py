"""The depot behaves as its header and its protocol say, so that tests of bindings can rely on it."""

from __future__ import annotations

import ctypes
import math
import random
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from fixtures.depot import NOTICE_FUNCTION, Depot, DepotError, message_classes

pytestmark = pytest.mark.quick

BAD_ARGUMENT, NOT_RUNNING, ALREADY_RUNNING, MALFORMED = -1, -2, -3, -4
UNKNOWN_COMMAND, UNKNOWN_GRIP, REFUSED = -5, -6, -7
BOX, ITEM, UNKNOWN = 7, 8, 0


@pytest.fixture
def depot() -> Iterator[Depot]:
    depot = Depot()
    depot.start()
    try:
        yield depot
    finally:
        depot.stop()


def open_box(depot: Depot, label: str = "crate", **fields: Any) -> int:
    grip: int = depot.command("open_box", label=label, **fields).opened.grip.number
    return grip


def put_item(depot: Depot, box: int, label: str, **facts: Any) -> int:
    grip: int = depot.command("put_item", box=box, facts={"label": label, **facts}).item.grip.number
    return grip


def counts(depot: Depot) -> tuple[int, int, int]:
    tally = depot.command("tally")
    return tally.boxes, tally.items, tally.replies


def refused(depot: Depot, status: int, what: str, **fields: Any) -> str:
    with pytest.raises(DepotError) as caught:
        depot.command(what, **fields)
    assert caught.value.status == status
    assert str(caught.value)
    return str(caught.value)


# Opening and closing.


def test_start_fails_with_a_reason() -> None:
    depot = Depot()
    assert depot.library.depot_start(NOTICE_FUNCTION(), None, 0) == BAD_ARGUMENT
    assert "null" in depot.last_error()
    with pytest.raises(DepotError, match="0x10") as caught:
        depot.start(flags=0x10)
    assert caught.value.status == BAD_ARGUMENT
    depot.start()
    try:
        with pytest.raises(DepotError, match="open already") as caught:
            depot.start()
        assert caught.value.status == ALREADY_RUNNING
    finally:
        depot.stop()
    depot.start()
    assert depot.last_error() == ""
    depot.stop()


def test_nothing_works_while_it_is_closed() -> None:
    depot = Depot()
    refused(depot, NOT_RUNNING, "tally")
    assert depot.release(1) == 0
    depot.stop()


def test_the_user_pointer_comes_back_with_every_notice() -> None:
    depot = Depot()
    depot.start(user=0xDEADBEEF)
    try:
        depot.command("ring_bell")
        depot.wait("bell_heard")
        assert depot.users == [0xDEADBEEF]
    finally:
        depot.stop()


def test_stop_forgets_grips_and_drops_notices(depot: Depot) -> None:
    box = open_box(depot)
    put_item(depot, box, "cup")
    depot.command("pack_box", box=box, item_labels=["plate"], delay_ms=600_000)
    assert depot.command("tally").pending == 1
    depot.stop()
    assert depot.library.depot_left_behind() == 2
    assert depot.release(box) == 0
    depot.start()
    assert counts(depot) == (0, 0, 0)
    depot.stop()
    assert depot.library.depot_left_behind() == 0
    assert depot.notices == []


def test_a_notice_can_call_everything_but_stop(depot: Depot) -> None:
    seen: list[Any] = []

    def on_notice(notice: Any) -> None:
        depot.stop()
        seen.append(depot.last_error())
        seen.append(open_box(depot, "from a notice"))
        seen.append(depot.release(seen[-1]))

    depot.on_notice = on_notice
    depot.command("ring_bell")
    depot.wait("bell_heard")
    assert seen[0] == "a notice cannot stop the depot"
    assert seen[2] == 1


# Boxes, items and the grips on them.


def test_open_box_hands_over_a_grip_of_32_bits(depot: Depot) -> None:
    opened = depot.command("open_box", label="Kiste ä", tags={"to": "Öland", "": ""}, lid=2).opened
    assert opened.grip.number > 0x80000000
    assert opened.facts.label == "Kiste ä"
    assert dict(opened.facts.tags) == {"to": "Öland", "": ""}
    assert opened.facts.lid == 2
    assert not opened.facts.HasField("capacity")
    assert opened.facts.capacity == 16
    assert counts(depot) == (1, 0, 0)


def test_a_lid_that_nobody_knows_is_taken_as_absent(depot: Depot) -> None:
    encoded = b"\x0a\x08" + b"\x12\x04lids" + b"\x30\x63"
    status, data = depot.command_bytes(encoded)
    assert status == 0
    assert not message_classes()["Reply"].FromString(data).box_opened.opened.facts.HasField("lid")


def test_labels_of_boxes_are_unique_while_held(depot: Depot) -> None:
    box = open_box(depot)
    assert "label" in refused(depot, REFUSED, "open_box", label="crate")
    refused(depot, REFUSED, "open_box", label="")
    depot.release(box)
    open_box(depot)


def test_an_items_facts_come_back_as_they_went_in(depot: Depot) -> None:
    classes = message_classes()
    oddments = classes["types.Oddments"](
        a_double=math.pi,
        an_int64=-1,
        some_bytes=b"\0\xff",
        mood=-2147483648,
        steps=[-1, 2],
        offsets=[-5, 5],
        pick_inner={"pick_bytes": b"deep"},
        inner=[{"a_bool": False}, {}],
        drawers={-3: {"namespace": "x"}},
        skies={"north": -5},
    )
    facts = classes["types.ItemFacts"](
        label="cup", weight=-70, marks=[0, 300, 2**32 - 1], notes=["a", "", "ß"], oddments=oddments
    )
    box = open_box(depot)
    held = depot.command("put_item", box=box, facts=facts).item
    assert held.facts == facts
    assert depot.command("inspect_item", box=box, item_label="cup").facts == facts
    assert depot.command("count_items", box=box).found["cup"] == facts


def test_put_item_is_refused_when_the_box_is_full(depot: Depot) -> None:
    box = open_box(depot, capacity=1)
    item = put_item(depot, box, "cup")
    assert "1 items" in refused(depot, REFUSED, "put_item", box=box, facts={"label": "plate"})
    depot.release(item)
    put_item(depot, box, "plate")
    assert depot.command("count_items", box=box).total == 1


def test_items_outlive_their_box(depot: Depot) -> None:
    box = open_box(depot)
    item = put_item(depot, box, "cup")
    assert depot.release(box) == 1
    assert depot.release(box) == 0
    assert counts(depot) == (0, 1, 0)
    depot.command("poke_item", item_ref=item)
    assert depot.release(item) == 1
    releases = [(r.number, r.kind, r.shipped) for r in depot.command("tally", forget=True).releases]
    assert releases == [(box, BOX, False), (box, UNKNOWN, False), (item, ITEM, False)]
    assert not depot.command("tally").releases


def test_a_borrowed_grip_must_be_held_and_of_its_kind(depot: Depot) -> None:
    box = open_box(depot)
    item = put_item(depot, box, "cup")
    assert str(item) in refused(depot, UNKNOWN_GRIP, "count_items", box=item)
    for what in ("count_items", "pack_box", "ship_box"):
        refused(depot, UNKNOWN_GRIP, what, box=1)
    refused(depot, UNKNOWN_GRIP, "put_item", box=1, facts={"label": "x"})
    refused(depot, UNKNOWN_GRIP, "inspect_item", box=1, item_label="x")
    refused(depot, UNKNOWN_GRIP, "deliver_item", box=1, label="x")
    refused(depot, UNKNOWN_GRIP, "relabel_box", box=1, label="x")
    refused(depot, UNKNOWN_GRIP, "poke_item", item_ref=box)
    refused(depot, UNKNOWN_GRIP, "weigh_item", item_ref=item, other_item_ref=box)
    refused(depot, REFUSED, "inspect_item", box=box, item_label="plate")


def test_weigh_item_compares_two(depot: Depot) -> None:
    box = open_box(depot)
    cup = put_item(depot, box, "cup", weight=70)
    pot = put_item(depot, box, "pot", weight=-900)
    assert depot.command("weigh_item", item_ref=cup).grams == 70
    assert depot.command("weigh_item", item_ref=pot, other_item_ref=cup).grams == -970


def test_ship_box_takes_the_grip(depot: Depot) -> None:
    box = open_box(depot)
    put_item(depot, box, "cup", weight=70)
    put_item(depot, box, "pot")
    shipped = depot.command("ship_box", box=box)
    assert dict(shipped.manifest) == {"cup": 70, "pot": -1}
    assert depot.release(box) == 0
    assert counts(depot) == (0, 2, 0)
    first = depot.command("tally").releases[0]
    assert (first.number, first.kind, first.shipped) == (box, BOX, True)


def test_a_torn_box_is_not_shipped_and_stays_held(depot: Depot) -> None:
    box = open_box(depot, lid=-1)
    assert refused(depot, REFUSED, "ship_box", box=box) == "the lid is torn"
    assert depot.release(box) == 1


def test_relabel_box_renews_the_label(depot: Depot) -> None:
    box = open_box(depot, "old", capacity=3)
    other = open_box(depot, "other")
    item = put_item(depot, box, "cup")
    assert "held already" in depot.command("relabel_box", box=box, label="other").trouble
    facts = depot.command("relabel_box", box=box, label="new").facts
    assert (facts.label, facts.capacity) == ("new", 3)
    changed = depot.wait("label_changed")
    assert [(c.former_label, c.facts) for c in changed] == [("old", facts)]
    depot.command("poke_item", item_ref=item)
    assert depot.wait("item_spoiled")[0].box_label == "new"
    depot.release(other)


# Notices.


def test_pack_box_is_answered_later(depot: Depot) -> None:
    box = open_box(depot)
    first = depot.command("pack_box", box=box, item_labels=["a", "b"]).ticket
    packed = depot.wait("box_packed")[0]
    assert packed.ticket == first > 0x7FFFFFFF
    assert [item.facts.label for item in packed.contents.items] == ["a", "b"]
    assert all(depot.release(item.grip.number) for item in packed.contents.items)
    empty = depot.command("pack_box", box=box).ticket
    assert empty != first
    assert depot.wait("box_packed", 2)[1].HasField("contents")


@pytest.mark.parametrize(
    ("labels", "why"),
    [
        (["a", "b", "c"], "too small"),
        (["a", "a"], "one label"),
        (["cup"], "already"),
        ([""], "no label"),
    ],
)
def test_packing_can_be_refused(depot: Depot, labels: list[str], why: str) -> None:
    box = open_box(depot, capacity=3)
    put_item(depot, box, "cup")
    depot.command("pack_box", box=box, item_labels=labels)
    assert why in depot.wait("box_packed")[0].refusal
    assert counts(depot) == (1, 1, 0)


def test_packing_a_box_that_goes_away_is_refused(depot: Depot) -> None:
    box = open_box(depot)
    depot.command("pack_box", box=box, item_labels=["a"], delay_ms=20)
    depot.release(box)
    assert depot.wait("box_packed")[0].refusal == "the box is gone"


def test_an_eager_notice_comes_before_its_reply(depot: Depot) -> None:
    box = open_box(depot)
    ticket = depot.command("pack_box", box=box, item_labels=["a"], eager=True).ticket
    assert [notice.box_packed.ticket for notice in depot.notices] == [ticket]


def test_a_delayed_notice_lets_others_pass(depot: Depot) -> None:
    box = open_box(depot)
    depot.command("deliver_item", box=box, label="slow", delay_ms=50)
    depot.command("deliver_item", box=box, label="fast")
    arrived = depot.wait("item_arrived", 2)
    assert [a.item.facts.label for a in arrived] == ["fast", "slow"]
    assert depot.command("tally").notices == 2


def test_a_delivery_arrives_even_if_its_box_was_given_up(depot: Depot) -> None:
    box = open_box(depot)
    depot.command("deliver_item", box=box, label="late", delay_ms=20)
    depot.release(box)
    arrived = depot.wait("item_arrived")[0]
    assert arrived.box_label == "crate"
    assert counts(depot) == (0, 1, 0)
    assert depot.release(arrived.item.grip.number) == 1


def test_a_poked_item_is_spoiled_once(depot: Depot) -> None:
    box = open_box(depot)
    item = put_item(depot, box, "egg")
    depot.command("poke_item", item_ref=item)
    spoiled = depot.wait("item_spoiled")[0]
    assert (spoiled.box_label, spoiled.item_label) == ("crate", "egg")
    assert depot.command("inspect_item", box=box, item_label="egg").facts.spoiled
    assert "spoiled" in refused(depot, REFUSED, "poke_item", item_ref=item)
    assert depot.release(item) == 1


def test_the_bell_is_heard_unless_muted(depot: Depot) -> None:
    depot.command("ring_bell")
    depot.command("ring_bell", tone=-0.25, melody=b"\0\1")
    first, second = depot.wait("bell_heard", 2)
    assert (first.tone, first.HasField("melody")) == (440, False)
    assert (second.tone, second.melody) == (-0.25, b"\0\1")
    depot.stop()
    depot.start(flags=1)
    depot.command("ring_bell")
    assert depot.command("tally").pending == 0


# Replies.


def test_live_replies_are_counted_until_freed(depot: Depot) -> None:
    encoded = message_classes()["Command"](ring_bell={}).SerializeToString()
    reply, size = ctypes.c_void_p(), ctypes.c_uint32()
    assert depot.library.depot_command(encoded, len(encoded), ctypes.byref(reply), ctypes.byref(size)) == 0
    assert counts(depot)[2] == 1
    depot.library.depot_free(reply)
    assert counts(depot)[2] == 0
    depot.library.depot_free(None)
    assert depot.command("tally").bad_frees == 0
    depot.library.depot_free(ctypes.cast(ctypes.create_string_buffer(8), ctypes.c_void_p))
    assert depot.command("tally").bad_frees == 1


def test_a_reply_can_be_freed_after_stop(depot: Depot) -> None:
    encoded = message_classes()["Command"](ring_bell={}).SerializeToString()
    reply, size = ctypes.c_void_p(), ctypes.c_uint32()
    assert depot.library.depot_command(encoded, len(encoded), ctypes.byref(reply), ctypes.byref(size)) == 0
    depot.stop()
    depot.library.depot_free(reply)
    depot.start()
    tally = depot.command("tally")
    assert (tally.replies, tally.bad_frees) == (0, 0)


# Protocol and robustness.


def test_commands_and_replies_are_paired_by_number() -> None:
    classes = message_classes()
    what = classes["Command"].DESCRIPTOR.fields_by_number
    how = classes["Reply"].DESCRIPTOR.fields_by_number
    assert what.keys() == how.keys()


def test_the_types_of_a_command_must_be_known(depot: Depot) -> None:
    assert depot.command_bytes(b"") == (UNKNOWN_COMMAND, None)
    assert depot.command_bytes(b"\xfa\x01\x00") == (UNKNOWN_COMMAND, None)
    status = depot.library.depot_command(None, 0, None, None)
    assert status == BAD_ARGUMENT


def test_required_fields_are_required(depot: Depot) -> None:
    for number in range(1, 11):
        assert depot.command_bytes(bytes([number << 3 | 2, 0])) == (MALFORMED, None)
        assert "required" in depot.last_error()
    assert depot.command_bytes(b"\x0a\x04\x12\x02\xc3\x28")[0] == MALFORMED


def test_unknown_fields_and_groups_are_skipped(depot: Depot) -> None:
    unknown = b"\xa3\x06\x0b\x0c\x08\x01\xa4\x06" + b"\xad\x06abcd" + b"\xb1\x06abcdefgh"
    inner = unknown + b"\x12\x01x" + unknown
    status, data = depot.command_bytes(unknown + b"\x0a" + bytes([len(inner)]) + inner)
    assert status == 0
    assert message_classes()["Reply"].FromString(data).box_opened.opened.facts.label == "x"
    assert depot.command_bytes(b"\xa3\x06" + b"\x0a\x03\x12\x01x")[0] == MALFORMED


def test_malformed_bytes_never_crash(depot: Depot) -> None:
    classes = message_classes()
    box = open_box(depot, "box", capacity=2**32 - 1)
    item = put_item(depot, box, "item")
    commands: list[dict[str, Any]] = [
        {"open_box": {"label": "another", "capacity": 3, "tags": {"a": "b"}, "lid": -1}},
        {"count_items": {"box": box}},
        {"pack_box": {"box": box, "item_labels": ["a", "b"], "delay_ms": 5}},
        {"put_item": {"box": box, "facts": {"label": "c", "weight": -9, "marks": [1, 999], "notes": ["n"]}}},
        {"put_item": {"box": box, "facts": {"label": "d", "oddments": {"inner": [{"doubles": [1.0]}]}}}},
        {"inspect_item": {"box": box, "item_label": "item"}},
        {"poke_item": {"item_ref": item}},
        {"deliver_item": {"box": box, "label": "e"}},
        {"relabel_box": {"box": box, "label": "renamed"}},
        {"weigh_item": {"item_ref": item, "other_item_ref": item}},
        {"ring_bell": {"tone": 1.5, "melody": b"abc"}},
        {"tally": {"forget": True}},
    ]
    known = {0, MALFORMED, UNKNOWN_COMMAND, UNKNOWN_GRIP, REFUSED}
    seeds = [classes["Command"](**command).SerializeToString() for command in commands]
    dice = random.Random(20)
    inputs = [seed[:end] for seed in seeds for end in range(len(seed))]
    inputs += [dice.randbytes(dice.randrange(40)) for _ in range(2000)]
    for _ in range(4000):
        data = bytearray(dice.choice(seeds))
        for _ in range(dice.randint(1, 3)):
            data[dice.randrange(len(data))] = dice.choice((0, 1, 0x7F, 0x80, 0xFF, dice.randrange(256)))
        inputs.append(bytes(data))
    seen = set()
    for data in inputs:
        status, reply = depot.command_bytes(data)
        seen.add(status)
        assert (reply is None) == (status != 0)
        assert (depot.last_error() == "") == (status == 0)
        if reply is not None:
            assert classes["Reply"].FromString(reply).WhichOneof("how")
    assert seen == known
    assert counts(depot)[2] == 0


def test_many_threads_at_once(depot: Depot) -> None:
    errors: list[BaseException] = []

    def use(name: int) -> None:
        try:
            for turn in range(100):
                box = open_box(depot, f"{name}/{turn}")
                item = put_item(depot, box, "a")
                depot.command("deliver_item", box=box, label="b")
                depot.command("poke_item", item_ref=item)
                assert depot.release(item) == depot.release(box) == 1
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=use, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    for arrived in depot.wait("item_arrived", 400):
        assert depot.release(arrived.item.grip.number) == 1
    assert counts(depot) == (0, 0, 0)
