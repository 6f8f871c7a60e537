"""A binding written by hand: clean as it is, and each way of breaking it is found and shown again exactly."""

from __future__ import annotations

import re

import explore_lab
import pytest

from gen_bindings.explore.run import Limits

pytestmark = pytest.mark.usefixtures("ready")

ALL = ("Scenarios.Lamp", "Scenarios.Client")

# What is broken: the property that finds it, and the replacements.
BREAKS = {
    "used without being held": ("used after release", [("_handle.DangerousAddRef(ref held);", "")]),
    "not counted as a call": (
        "after dispose",
        [
            (
                "// A client that is disposed of releases its lamps",
                "_client.Forget(this); _handle.Dispose(); //",
            )
        ],
    ),
    "the answer's buffer is kept": ("left", [("Native.lamp_drop_handle(buffer);", "")]),
    "a lamp is released twice": (
        "released twice",
        [("_client.Forget(this);", "_client.Forget(this); Native.lamp_drop_handle(_handle.Id);")],
    ),
    "the table of lamps has no lock": (
        "race",
        [
            (
                "            lock (Gate)\n            {\n                _lamps.Remove",
                "            {\n _lamps.Remove",
            )
        ],
    ),
    "nobody is woken": ("deadlock", [("Monitor.PulseAll(Gate);", "")]),
    "lamps outlive the library": ("left", [("lamp.Release();", "")]),
    "an exception leaves the callback": (
        "exception in the callback",
        [("            if (lamp != null)\n            {\n", "            {\n")],
    ),
    "the client does not wait": ("after dispose", [("while (_calls > 0)", "while (_calls > 99)")]),
}


def test_the_careful_binding_is_clean() -> None:
    result = explore_lab.explore_lamps(explore_lab.lamps(), ALL, Limits(bound=2, seconds=100))

    assert [found.text for found in result.found] == []
    assert [one.whole for one in result.searched] == [True, True]
    assert result.coverage["sends", "burnt_out"] > 0


@pytest.mark.parametrize("name", BREAKS)
def test_a_break_is_found(name: str) -> None:
    kind, edits = BREAKS[name]

    result = explore_lab.explore_lamps(explore_lab.lamps(edits), ALL, Limits(bound=2, seconds=60))

    assert kind in {found.kind for found in result.found}, result.found


def test_a_schedule_is_replayed_exactly_and_no_choice_of_it_can_be_spared() -> None:
    kind, edits = BREAKS["not counted as a call"]
    assembly = explore_lab.lamps(edits)
    result = explore_lab.explore_lamps(assembly, ALL, Limits(bound=2, seconds=60))
    found = next(one for one in result.found if one.kind == kind)
    choices = found.choices.split(",")

    first = explore_lab.explore_lamps(assembly, [found.scenario], Limits(), replay=found.choices)
    second = explore_lab.explore_lamps(assembly, [found.scenario], Limits(), replay=found.choices)

    assert kind in {one.kind for one in first.found}
    assert [one.steps for one in first.found] == [one.steps for one in second.found]
    assert "!! " in found.steps[-1][1]
    assert any(re.search(r"\(Lamps\.cs:\d+\)", where) for _, _, where in found.steps)
    for spared in choices:
        fewer = ",".join(choice for choice in choices if choice != spared)
        without = explore_lab.explore_lamps(assembly, [found.scenario], Limits(), replay=fewer)
        assert kind not in {one.kind for one in without.found}


@pytest.mark.parametrize("entry", ALL)
def test_the_reduction_loses_no_order(entry: str) -> None:
    assembly = explore_lab.lamps()
    limits = Limits(bound=1, seconds=100, orders=True)
    reduced = explore_lab.explore_lamps(assembly, [entry], limits).searched[0]
    every = explore_lab.explore_lamps(
        assembly, [entry], Limits(bound=1, seconds=100, orders=True, reduce=False)
    ).searched[0]

    assert reduced.whole
    assert every.whole
    assert reduced.orders == every.orders
    assert reduced.schedules < every.schedules


def test_priorities_find_it_and_a_seed_repeats_them() -> None:
    assembly = explore_lab.lamps(BREAKS["used without being held"][1])
    limits = Limits(bound=0, pct=3000, depth=2, seed=7, seconds=60)

    first = explore_lab.explore_lamps(assembly, ["Scenarios.Lamp"], limits)
    second = explore_lab.explore_lamps(assembly, ["Scenarios.Lamp"], limits)

    assert [found.kind for found in first.found] == ["used after release"]
    assert first.found == second.found


def test_a_late_deviation_is_taken_and_counted() -> None:
    result = explore_lab.explore_lamps(
        explore_lab.lamps(), ["Scenarios.Lamp"], Limits(bound=1, deviations=1, seconds=60, go_on=True)
    )

    # The library refuses what `Dim` asks for: the scenario does not catch that.
    assert {found.kind for found in result.found} == {"unhandled"}
    assert result.coverage["refuses", "dim"] > 0
