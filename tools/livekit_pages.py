"""Writes the parts of docs/ that are made from LiveKit's schemas.

python tools/livekit_pages.py

The example of docs/model-diff.md needs an older release: python tools/setup.py livekit-wheels
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from gen_bindings.diff.compare import compare
from gen_bindings.model.binding import Binding
from gen_bindings.passes.cover_protocol import Served, cover_events, cover_requests
from gen_bindings.passes.index import SchemaIndex
from gen_bindings.project.project import open_project
from gen_bindings.report.model import model_json
from gen_bindings.report.model_diff import to_text

ROOT = Path(__file__).resolve().parents[1]
CONFIGURATION = ROOT / "examples" / "livekit" / "bindings.toml"
COVERAGE_PAGE = ROOT / "docs" / "livekit-coverage.md"
DIFF_PAGE = ROOT / "docs" / "model-diff.md"
OLD, NEW = "1.1.7", "1.2.0"
_BEGIN = "<!-- example: written by tools/livekit_pages.py -->"
_END = "<!-- end of the example -->"


@cache
def binding(version: str | None = None) -> Binding:
    """LiveKit's model, of the installed release or of one that the configuration declares."""
    return open_project(CONFIGURATION, version).binding


def diff_page() -> str:
    """docs/model-diff.md with its example brought up to date."""
    before, after = (json.loads(model_json(binding(version))) for version in (OLD, NEW))
    report = to_text(f"bindings.toml@{OLD}", f"bindings.toml@{NEW}", compare(before, after))
    head, _, rest = DIFF_PAGE.read_text(encoding="utf-8").partition(_BEGIN)
    tail = rest.partition(_END)[2]
    return f"{head}{_BEGIN}\n\n```\n{report}```\n\n{_END}{tail}"


def coverage_page() -> str:
    """docs/livekit-coverage.md."""
    model = binding()
    assert model.schema is not None
    index = SchemaIndex(model.schema)
    requests, events = cover_requests(model, index), cover_events(model, index)
    return f"""\
# What serves LiveKit's protocol

Every request and every event of the protocol of the PyPI package `livekit` {NEW}, with the C# member that
serves it. A request or an event that nothing serves stops the generation. This page is written by
`tools/livekit_pages.py`.

## Requests ({len(requests)})

{_table(requests)}

## Events ({len(events)})

{_table(events)}
"""


def _table(served: tuple[Served, ...]) -> str:
    rows = ["| case | number | message | member | |", "| --- | --- | --- | --- | --- |"]
    for row in served:
        members = ", ".join(f"`{member}`" for member in row.members)
        rows.append(f"| `{row.case}` | {row.number} | `{row.message}` | {members} | {row.why} |")
    return "\n".join(rows)


if __name__ == "__main__":
    COVERAGE_PAGE.write_text(coverage_page(), encoding="utf-8")
    DIFF_PAGE.write_text(diff_page(), encoding="utf-8")
