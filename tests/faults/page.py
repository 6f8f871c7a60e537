"""Writes docs/fault-matrix.md from the matrix and the tests that fill it."""

from __future__ import annotations

from collections.abc import Mapping

from faults import matrix

_HEAD = """\
# Rules under faults

Each of the [lifetime rules](lifetime-rules.md) is tested on Mono and on CoreCLR, without a fault and
under each fault of the [reference server](reference-server.md) that could break it. `make test` prints
this table at the end, with what ran: `M` on Mono, `C` on CoreCLR, `!` where a test failed, `-` where a
cell must be filled and did not run. A cell with `.` is empty for the reason that stands below.
`tests/faults/matrix.py` declares all of it; a test compares it with the tests that are there, and with
this page (`UPDATE_MATRIX=1 python -m pytest tests/faults/test_matrix.py` rewrites it).

`callback_held` stands for callbacks that the control request holds back, `panic_event` for a panic that
the control request causes, `malformed_bytes` for events that a test delivers itself.

"""


def render(filled: Mapping[matrix.Cell, set[str]]) -> str:
    """The page's text."""
    parts = [_HEAD, "```\n", matrix.table(filled), "\n```\n\n## What fills the cells\n\n"]
    for fault in matrix.FAULTS:
        rules = [
            rule
            for rule in matrix.RULES
            if any(matrix.Cell(rule, fault, lane) in filled for lane in matrix.LANES)
        ]
        if not rules:
            continue
        parts.append(f"**{fault}**\n\n")
        for rule in rules:
            scenarios = sorted(
                name
                for name in {*matrix.SCENARIOS, *(red for _, red in matrix.breaks())}
                if any(
                    matrix.Cell(rule, fault, lane) in matrix.scenario_cells(name, lane)
                    for lane in matrix.LANES
                )
            )
            parts.append(
                f"- {rule}: {', '.join(f'`{name}`' for name in scenarios) or '`test_the_race_is_survived`'}\n"
            )
        parts.append("\n")
    parts.append(
        "## Why the rest is empty\n\n| fault | the other rules are not touched, because |\n| --- | --- |\n"
    )
    parts += [
        f"| `{fault}` | {otherwise} |\n" for fault, (_, otherwise) in matrix.FAULTS.items() if otherwise
    ]
    parts.append("\n## Deliberate breaks\n\nWith a template broken on purpose, the scenario turns red.\n\n")
    parts.append("| rule | scenarios |\n| --- | --- |\n")
    for rule in matrix.RULES:
        red = sorted({scenario for broken, scenario in matrix.breaks() if broken == rule})
        parts.append(f"| {rule} | {', '.join(f'`{name}`' for name in red)} |\n")
    return "".join(parts)
