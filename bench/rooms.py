"""Events, the cascade of a room, and many threads at once, on the reference server."""

from __future__ import annotations

from collections.abc import Sequence

from bindings import Binding, prepare, shim
from rows import CSHARP, REFERENCE_LIBRARY, Amount, Row, medians, say, worst


def events(binding: Binding, amount: Amount, lanes: Sequence[str]) -> list[Row]:
    """Frames inside the callback, and events that go to the dispatch thread."""
    library = {"reference_ffi": shim()}
    rows = []
    for lane in lanes:
        say(f"events, {lane}")
        run = prepare(binding, [CSHARP / "Measure.cs", CSHARP / "Rooms.cs"], "Bench.Rooms.Events", lane)
        arguments = {"library": str(REFERENCE_LIBRARY), "events": amount.events}
        found = medians(run(arguments, library) for _ in range(amount.processes))
        frame, over = found["frame"], found["hand-over"]
        rows.append(
            Row(
                "event with a frame, above the callback",
                lane,
                f"{frame['more']:.0f} ns, {frame['bytes']:g} bytes",
                "1000 ns, 0 bytes",
                worst(frame["more"] / 1000, frame["bytes"]),
                frame,
            )
        )
        ratio = over["generated"] / over["bare"]
        beyond = max(0.0, over["bytes"] - over["own bytes"])
        rows.append(
            Row(
                "event handed to the dispatch thread",
                lane,
                f"{ratio:.2f} x, {beyond:g} bytes",
                "1.5 x, 0 bytes",
                worst(ratio / 1.5, beyond),
                over,
            )
        )
        burst = over["burst"] / over["burst bare"]
        rows.append(
            Row("the same in a burst, per event", lane, f"{over['burst']:.0f} ns, {burst:.2f} x", "", None)
        )
    return rows


def cascade(binding: Binding, amount: Amount, lanes: Sequence[str]) -> list[Row]:
    """A room's cascade against raw drops of as many handles."""
    library = {"reference_ffi": shim()}
    rows = []
    for lane in lanes:
        per_handle: list[float] = []
        for participants in amount.participants:
            say(f"cascade of {participants}, {lane}")
            run = prepare(binding, [CSHARP / "Measure.cs", CSHARP / "Rooms.cs"], "Bench.Rooms.Cascade", lane)
            # Small rooms end fast, and the clock needs many of them.
            rounds = amount.cascade_rounds * max(1, min(10, 1000 // participants))
            arguments = {"library": str(REFERENCE_LIBRARY), "participants": participants, "rounds": rounds}
            found = run(arguments, library)
            ratio = found["cascade"] / found["raw"]
            per_handle.append(found["cascade"])
            rows.append(
                Row(
                    f"cascade of a room with {participants:,} participants",
                    lane,
                    f"{ratio:.2f} x, {found['cascade']:.0f} ns per handle (raw {found['raw']:.0f})",
                    "2 x",
                    ratio / 2,
                    found,
                )
            )
        growth = per_handle[-1] / per_handle[0]
        rows.append(Row("its cost per handle, largest against smallest", lane, f"{growth:.2f} x", "", None))
    return rows


def concurrency(binding: Binding, amount: Amount, lanes: Sequence[str]) -> list[Row]:
    """Throughput by number of threads and rooms."""
    library = {"reference_ffi": shim()}
    rows = []
    for lane in lanes:
        say(f"concurrency, {lane}")
        run = prepare(binding, [CSHARP / "Measure.cs", CSHARP / "Rooms.cs"], "Bench.Rooms.Concurrency", lane)
        arguments = {
            "library": str(REFERENCE_LIBRARY),
            "requests": amount.requests,
            "events": amount.requests // 8,
            "rounds": min(5, amount.rounds),
        }
        for point in run(arguments, library):
            many = point["threads"]
            part = point["generated"] / point["raw"]
            rows.append(
                Row(
                    f"{many} threads request, {many} rooms receive",
                    lane,
                    f"{point['generated'] / 1e6:.2f} M requests/s, "
                    f"raw {point['raw'] / 1e6:.2f} ({part:.2f} x); "
                    f"{point['events'] / 1e3:.0f} k events/s",
                    "",
                    None,
                    point,
                )
            )
    return rows
