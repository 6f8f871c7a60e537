"""Which rule is tested under which fault: what must be filled, and why the rest is empty."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
RULES = tuple(f"L{number}" for number in range(1, 25))
LANES = ("mono", "coreclr")
NO_FAULT = "none"

FAULTS = (
    NO_FAULT,
    "callback_before_response",
    "dirty_bool",
    "republished_handle_is_new",
    "room_looked_up_late",
    "publication_never_named",
    "disconnected_lost",
    "end_of_stream_lost",
    "disconnect_callback_lost",
    "close_takes_ms",
    "callback_held",
    "callback_never",
    "callback_twice",
    "ready_times_out",
    "panic_event",
    "drop_needs_runtime",
    "malformed_bytes",
    "socket_candidate_cycle",
    "socket_checklist_kept",
    "socket_selected_pair_kept",
    "socket_mdns_query_kept",
    "socket_dtls_task_stuck",
)

# What a compiler says.
_COMPILED = "it is about the code before it runs; the assembly that runs is the same in every row"

# Cells that nothing fills, and why.
EMPTY: Mapping[tuple[str, str], str] = {
    **{("L20", fault): _COMPILED for fault in FAULTS if fault != NO_FAULT},
    ("L14", "callback_never"): "no answer comes, early or late",
    ("L19", "callback_never"): "the connect that shows which fields are sent would have no answer",
}


# The session that runs under every fault; tests/faults/scenarios/Whole.cs.
WHOLE = "Whole.Sessions"


def whole_rules(fault: str) -> frozenset[str]:
    """The rules that the whole session checks under a fault."""
    return frozenset(rule for rule in RULES if rule != "L20" and (rule, fault) not in EMPTY)


# Scenarios of tests/faults/scenarios: the faults that each switches on, and the rules that it checks.
SCENARIOS: Mapping[str, tuple[str, str]] = {
    "Ends.DisconnectedLost": ("disconnected_lost", "L5 L6"),
    "Ends.EndOfStreamLost": ("end_of_stream_lost", "L5 L6"),
    "Ends.DisconnectCallbackLost": ("disconnect_callback_lost", "L5 L6"),
    "Ends.BothMarkersLost": ("end_of_stream_lost disconnect_callback_lost", "L5 L6"),
    "Ends.EverythingLost": ("disconnected_lost end_of_stream_lost disconnect_callback_lost", "L5 L6"),
    "Ends.SlowClose": ("close_takes_ms", "L2 L5 L6"),
    "Ends.CloseOutlastsDeadline": ("close_takes_ms", "L5 L6"),
    "Ends.DisposedAtOnce": ("close_takes_ms", "L6"),
    "Ends.HandlersOfTheEnd": (NO_FAULT, "L5 L6 L11"),
    "Ends.ClientDisposedInside": (NO_FAULT, "L5 L11 L16"),
    "Ends.ReadyTimesOut": ("ready_times_out", "L5"),
    "Ends.PanicEndsTheLibrarysSide": ("panic_event", "L5 L6"),
    "Ends.RoomLookedUpLate": ("room_looked_up_late", "L6"),
    "Draining.HandlersWhenMarkersAreLost": (
        "disconnected_lost end_of_stream_lost disconnect_callback_lost",
        "L5 L6 L11",
    ),
    "GivenUp.ThenAnsweredLate": ("callback_held", "L8"),
    "GivenUp.ThenAnsweredTwice": ("callback_held callback_twice", "L8"),
    "GivenUp.ThenNeverAnswered": ("callback_never", "L8"),
    "GivenUp.Forgotten": ("callback_held", "L8 L12"),
    "Late.CallbackComesLater": ("callback_held", "L8"),
    "Late.CallbackComesTwice": ("callback_twice", "L1 L8"),
    "Late.CallbackNeverComes": ("callback_never", "L8"),
    "Late.ConnectedWhileTheClientEnds": (NO_FAULT, "L8 L16"),
    "Left.WholeTree": (NO_FAULT, "L12"),
    "Depths.Every": (NO_FAULT, "L12"),
    "Left.FrameAndWriter": ("drop_needs_runtime", "L12"),
    "Left.WritersAreClosed": ("drop_needs_runtime", "L12"),
    "Left.Silent": (NO_FAULT, "L12"),
    "Threads.RequestsDuringTheEnd": ("close_takes_ms", "L11 L13"),
    "Threads.DisposeInsideAFrame": (NO_FAULT, "L11"),
    "Threads.CompleteMeansReleased": (NO_FAULT, "L5"),
    "Taken.DisposedMeanwhile": (NO_FAULT, "L9"),
    "Taken.NumberTwiceInTheQueue": ("republished_handle_is_new", "L10"),
    "Taken.NeverNamed": ("publication_never_named", "L24"),
    "Again.HundredGenerations": ("callback_held", "L16"),
    "Again.OlderCallbacks": ("callback_held", "L16"),
    "Fuzz.Parsers": ("malformed_bytes", "L19"),
    "Fuzz.Callback": ("malformed_bytes", "L1 L15"),
    "Fuzz.MalformedCallback": ("malformed_bytes", "L1 L19 L21"),
}

# How a scenario says which rule it found broken.
_BROKEN = re.compile(r"^\S*RuleBrokenException: (L\d+) is broken")

# The rooms that test_the_race_is_survived ends.
RACE = "Race.Rooms"

# The sessions that test_sockets.py repeats, without a fault and with each that keeps sockets.
SOCKETS = "Sockets.Session"

# Faults that scenarios of tests/runtime/reference switch on.
REFERENCE_FAULTS = {
    "Use.CallbackFirst": "callback_before_response",
    "Surface.DirtyBool": "dirty_bool",
    "Sessions.RepublishedHandle": "republished_handle_is_new",
    "Sessions.Panic": "panic_event",
}


@dataclass(frozen=True, order=True)
class Cell:
    """A rule under a fault on a lane."""

    rule: str
    fault: str
    lane: str


def scenario_cells(scenario: str, lane: str) -> frozenset[Cell]:
    """The cells that a scenario fills.

    Those of the reference scenarios are the rules whose deliberate break turns them red.
    """
    if scenario == WHOLE:
        return frozenset(Cell(rule, fault, lane) for fault in FAULTS for rule in whole_rules(fault))
    if scenario == RACE:
        return frozenset(Cell("L6", fault, lane) for fault in (NO_FAULT, "room_looked_up_late"))
    if scenario == SOCKETS:
        kept = [fault for fault in FAULTS if fault == NO_FAULT or fault.startswith("socket_")]
        return frozenset(Cell(rule, fault, lane) for fault in kept for rule in ("L4", "L5", "L24"))
    if scenario in SCENARIOS:
        faults, rules = SCENARIOS[scenario]
        return frozenset(Cell(rule, fault, lane) for fault in faults.split() for rule in rules.split())
    broken = [rule for rule, red in breaks() if red == scenario]
    # Whatever a fault breaks, the rule is kept in the rest of the scenario as well.
    played = {NO_FAULT, REFERENCE_FAULTS.get(scenario, NO_FAULT)}
    return frozenset(Cell(rule, fault, lane) for fault in played for rule in " ".join(broken).split())


def fills() -> Mapping[Cell, frozenset[str]]:
    """The scenarios of each cell."""
    filled: dict[Cell, set[str]] = {}
    for scenario in {WHOLE, RACE, SOCKETS, *SCENARIOS, *(red for _, red in breaks())}:
        for lane in LANES:
            for cell in scenario_cells(scenario, lane):
                filled.setdefault(cell, set()).add(scenario)
    return {cell: frozenset(scenarios) for cell, scenarios in filled.items()}


def red_cells(found: Mapping[str, list[str] | str], lane: str) -> frozenset[Cell]:
    """The cells that whole sessions turn red: what broke or was not checked, or all where nothing says which.

    Args:
        found: of each fault the rules that held, or what was thrown.
        lane: the runtime.
    """
    red = set()
    for fault in FAULTS:
        rules = whole_rules(fault)
        said = found.get(fault, "")
        if isinstance(said, list):
            red |= {Cell(rule, fault, lane) for rule in rules.symmetric_difference(said)}
        else:
            named = _BROKEN.search(said)
            red |= {Cell(rule, fault, lane) for rule in ([named[1]] if named else rules)}
    return frozenset(red)


def breaks() -> list[tuple[str, str]]:
    """Each deliberate break: its rule, and the scenario that it turns red."""
    return [(entry["rule"], entry["scenario"]) for entry in _read_breaks()]


def columns() -> Mapping[str, tuple[str, ...]]:
    """The rules with a break that the whole session finds, each with the faults under which it is hidden."""
    return {entry["rule"]: tuple(entry.get("hidden", ())) for entry in _read_breaks() if entry.get("column")}


@cache
def _read_breaks() -> list[dict[str, Any]]:
    return [tomllib.loads(p.read_text("utf-8")) for p in sorted((ROOT / "tests" / "breaks").glob("*.toml"))]


def broken_cells(broken: Mapping[str, Any]) -> frozenset[Cell]:
    """The cells of its rule that a deliberate break turns red, by its scenario."""
    lane = broken.get("lane", LANES[0])
    return frozenset(cell for cell in scenario_cells(broken["scenario"], lane) if cell.rule == broken["rule"])


def marks(cells: Iterable[Cell]) -> list[pytest.MarkDecorator]:
    """What says of a test that it fills these cells."""
    return [pytest.mark.rule(cell.rule, fault=cell.fault, lane=cell.lane) for cell in sorted(set(cells))]


def wanted() -> frozenset[Cell]:
    """The cells that must be filled."""
    return frozenset(
        Cell(rule, fault, lane)
        for rule in RULES
        for fault in FAULTS
        for lane in LANES
        if (rule, fault) not in EMPTY
    )


def table(filled: Iterable[Cell], failed: Iterable[Cell] = ()) -> str:
    """The matrix as text: M and C for the lanes that passed, ! for a failure, - for not run, . for empty."""
    green, red = set(filled), set(failed)
    width = max(map(len, FAULTS))
    lines = [" " * width + " " + " ".join(f"{rule[1:]:>2}" for rule in RULES)]
    for fault in FAULTS:
        marks = []
        for rule in RULES:
            mark = ""
            for lane in LANES:
                cell = Cell(rule, fault, lane)
                letter = lane[0].upper()
                mark += "!" if cell in red else letter if cell in green else "-" if cell in wanted() else "."
            marks.append(mark)
        lines.append(f"{fault:<{width}} " + " ".join(marks))
    return "\n".join(lines)
