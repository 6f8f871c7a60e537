"""Which rule is tested under which fault: what must be filled, and why the rest is empty."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
RULES = tuple(f"L{number}" for number in range(1, 25))
LANES = ("mono", "coreclr")
NO_FAULT = "none"

# Each fault: the rules that it could break, which must have tests, and why it is nothing to the others.
FAULTS: Mapping[str, tuple[str, str]] = {
    NO_FAULT: (" ".join(RULES), ""),
    "callback_before_response": (
        "L14",
        "it changes the order of one answer and its callback; what they bring is dealt with as ever",
    ),
    "dirty_bool": ("L18", "it changes bytes that only a wrong declaration reads"),
    "republished_handle_is_new": ("L10", "it is about one number that hands over a handle"),
    "room_looked_up_late": ("L6", "it is about the moment in which a room's handle is released"),
    "publication_never_named": ("L24", "no message names the handle, so no binding can own or release it"),
    "disconnected_lost": ("L5 L6", "it is about how the end of a session is told"),
    "end_of_stream_lost": ("L5 L6", "it is about how the end of a session is told"),
    "disconnect_callback_lost": ("L5 L6", "it is about how the end of a session is told"),
    "close_takes_ms": (
        "L2 L5 L6 L11 L13",
        "it is about events between the request to end a session and its end",
    ),
    "callback_held": ("L8 L16", "a callback that comes later brings the same"),
    "callback_never": ("L8", "a callback that never comes brings nothing"),
    "callback_twice": ("L1 L8", "a callback that comes again names what it named before"),
    "ready_times_out": ("L5", "it is a connect that fails late"),
    "panic_event": ("L5 L6", "it is one event, and what it ends"),
    "drop_needs_runtime": ("L12", "it is about the thread on which a writer is released"),
    "malformed_bytes": ("L1 L15 L19 L21", "bytes that cannot be read begin nothing"),
    "socket_candidate_cycle": ("", "it is a leak inside the library, after everything was handed back"),
    "socket_checklist_kept": ("", "it is a leak inside the library, after everything was handed back"),
    "socket_selected_pair_kept": ("", "it is a leak inside the library, after everything was handed back"),
    "socket_mdns_query_kept": ("", "it is a leak inside the library, after everything was handed back"),
    "socket_dtls_task_stuck": ("", "it is a leak inside the library, after everything was handed back"),
}


# Scenarios of tests/faults/scenarios: the faults that each switches on, and the rules that it checks.
SCENARIOS: Mapping[str, tuple[str, str]] = {
    "Ends.DisconnectedLost": ("disconnected_lost", "L5 L6"),
    "Ends.EndOfStreamLost": ("end_of_stream_lost", "L5 L6"),
    "Ends.DisconnectCallbackLost": ("disconnect_callback_lost", "L5 L6"),
    "Ends.BothMarkersLost": ("end_of_stream_lost disconnect_callback_lost", "L5 L6"),
    "Ends.EverythingLost": ("disconnected_lost end_of_stream_lost disconnect_callback_lost", "L5 L6"),
    "Ends.SlowClose": ("close_takes_ms", "L2 L5 L6"),
    "Ends.CloseOutlastsDeadline": ("close_takes_ms", "L5 L6"),
    "Ends.HandlersOfTheEnd": (NO_FAULT, "L5 L6 L11"),
    "Ends.ClientDisposedInside": (NO_FAULT, "L5 L11 L16"),
    "Ends.ReadyTimesOut": ("ready_times_out", "L5"),
    "Ends.PanicEndsTheLibrarysSide": ("panic_event", "L5 L6"),
    "Ends.RoomLookedUpLate": ("room_looked_up_late", "L6"),
    "Late.CallbackComesLater": ("callback_held", "L8"),
    "Late.CallbackComesTwice": ("callback_twice", "L1 L8"),
    "Late.CallbackNeverComes": ("callback_never", "L8"),
    "Late.ConnectedWhileTheClientEnds": (NO_FAULT, "L8 L16"),
    "Left.WholeTree": (NO_FAULT, "L12"),
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
    if scenario in SCENARIOS:
        faults, rules = SCENARIOS[scenario]
        return frozenset(Cell(rule, fault, lane) for fault in faults.split() for rule in rules.split())
    rules = " ".join(rule for rule, red in breaks() if red == scenario)
    # Whatever a fault breaks, the rule is kept in the rest of the scenario as well.
    faults = {NO_FAULT, REFERENCE_FAULTS.get(scenario, NO_FAULT)}
    return frozenset(Cell(rule, fault, lane) for fault in faults for rule in rules.split())


def breaks() -> list[tuple[str, str]]:
    """Each deliberate break: its rule, and the scenario that it turns red."""
    read = [tomllib.loads(p.read_text("utf-8")) for p in sorted((ROOT / "tests" / "breaks").glob("*.toml"))]
    return [(entry["rule"], entry["scenario"]) for entry in read]


def marks(cells: Iterable[Cell]) -> list[pytest.MarkDecorator]:
    """What says of a test that it fills these cells."""
    return [pytest.mark.rule(cell.rule, fault=cell.fault, lane=cell.lane) for cell in sorted(set(cells))]


def wanted() -> frozenset[Cell]:
    """The cells that must be filled."""
    return frozenset(
        Cell(rule, fault, lane)
        for fault, (rules, _) in FAULTS.items()
        for rule in rules.split()
        for lane in LANES
    )


def reason(cell: Cell) -> str:
    """Why a cell may be empty; nothing for one that must be filled."""
    rules, otherwise = FAULTS[cell.fault]
    return "" if cell.rule in rules.split() else otherwise


def table(filled: Iterable[Cell], failed: Iterable[Cell] = ()) -> str:
    """The matrix as text: M and C for Mono and CoreCLR, small when nothing ran there, ! for a failure."""
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
