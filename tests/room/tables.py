"""Prints the results of the tests in rooms, from build/livekit/results.json, as tables."""

from __future__ import annotations

import json
import sys
from itertools import groupby
from typing import Any

import results
from rich.console import Console
from rich.table import Table

COLUMNS = (
    *("rooms", "participants", "tracks", "publications", "video_sources", "audio_sources"),
    *("video_streams", "audio_streams", "audio_frames", "data_buffers", "byte_boxes", "other"),
)


def main() -> int:
    if not results.FILE.is_file():
        print(f"{results.FILE} is not there: no test in a room was run.", file=sys.stderr)
        return 2
    found = json.loads(results.FILE.read_text("utf-8"))
    console = Console(width=None if sys.stdout.isatty() else 230)
    console.print(_handles(found.get("rooms", {})))
    console.print(_outcomes(found.get("rooms", {})))
    console.print(_releases(found.get("rooms", {})))
    console.print(_history(found.get("history", {})))
    return 0


def _handles(rooms: dict[str, Any]) -> Table:
    table = Table(title="live handles by the recorder's log")
    for heading in ("scenario", "moment", "total", *COLUMNS):
        table.add_column(
            heading.replace("_", " "), justify="right" if heading in ("total", *COLUMNS) else "left"
        )
    for name, result in rooms.items():
        for moment in (each for each in ("before", "during", "after") if each in result["table"]):
            counts = result["table"][moment]
            cells = [str(counts.get(column, 0)) for column in COLUMNS]
            table.add_row(name if moment == "before" else "", moment, str(sum(counts.values())), *cells)
    return table


def _outcomes(rooms: dict[str, Any]) -> Table:
    table = Table(title="rooms")
    for heading in ("scenario", "end", "seconds", "findings", "left", "microphone threads kept", "facts"):
        table.add_column(heading)
    for name, result in rooms.items():
        table.add_row(
            name,
            result["status"],
            str(result["seconds"]),
            "\n".join(result["findings"]) or "none",
            "\n".join(result["left"]) or "nothing",
            str(result["threads of microphones kept"]),
            ", ".join(f"{fact}: {value}" for fact, value in result["facts"].items()),
        )
    return table


def _releases(rooms: dict[str, Any]) -> Table:
    table = Table(title="releases")
    for heading in ("scenario", "answers", "threads", "order at the end of the last session"):
        table.add_column(heading)
    for name, result in rooms.items():
        found = result["releases"]
        if found:
            table.add_row(name, _counts(found["answers"]), _counts(found["threads"]), _order(found["order"]))
    return table


def _counts(found: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in found.items())


def _order(kinds: list[str]) -> str:
    """One word for several of a kind in a row."""
    runs = ((kind, len(list(same))) for kind, same in groupby(kinds))
    return ", ".join(kind if count == 1 else f"{count} {kind}" for kind, count in runs)


def _history(history: dict[str, Any]) -> Table:
    table = Table(title="releases with defects, and without")
    for heading in ("what", "result"):
        table.add_column(heading)
    for name, result in history.items():
        shown = result.get("ends", result) if isinstance(result, dict) else result
        if isinstance(shown, list):
            # One line for the same.
            shown = {each: shown.count(each) for each in shown} or "nothing found"
        table.add_row(name, str(shown))
    return table


if __name__ == "__main__":
    sys.exit(main())
