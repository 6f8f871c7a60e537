"""Writes docs/fault-matrix.md from the matrix and the tests that fill it."""

from __future__ import annotations

from collections.abc import Mapping

from faults import matrix

_HEAD = """\
# Rules under faults

Each of the [lifetime rules](lifetime-rules.md) is tested on Mono and on CoreCLR, without a fault and
under each fault of the [reference server](reference-server.md). `make test` prints this table at the
end, with what ran: `M` on Mono, `C` on CoreCLR, `!` where a test failed, `-` where a cell must be filled
and did not run. A cell with `.` is empty for the reason that stands below. `tests/faults/matrix.py`
declares all of it; a test compares it with the tests that are there, and with this page
(`UPDATE_MATRIX=1 python -m pytest tests/faults/test_matrix.py` rewrites it).

One session fills a cell of every rule but L20 in every row: `Whole.Sessions`
(`tests/faults/scenarios/Whole.cs`) connects, publishes, receives, reconnects, loses, throws and ends
with the fault switched on, checks each rule in a step of its own, and says which steps it did; a rule
that it skipped turns its cell red. Where a rule needs a fault of its own to be seen (an answer before
the response, a number that hands over a handle), that one is switched on as well. `ready_times_out` and
`panic_event` end what is open: the first strikes before the session, the second ends it.

`callback_held` stands for callbacks that come later: held back by the control request, or late by
themselves. `panic_event` is a panic that the control request causes, `malformed_bytes` are events that
a test delivers itself.

"""


_BREAKS = """
## Deliberate breaks

With a template broken on purpose (`tests/breaks/`), the scenario turns red: its cells of the rule are
then `!`. One break of each rule is run against the whole session as well, under every fault, with
`GEN_BINDINGS_SLOW=1`; the last column says which of the rule's cells it turns red. Under the faults that
are left out another check fails first, or what is broken does not happen.

| rule | scenarios | cells of the whole session |
| --- | --- | --- |
"""


def render(filled: Mapping[matrix.Cell, frozenset[str]]) -> str:
    """The page's text."""
    parts = [_HEAD, "```\n", matrix.table(filled), "\n```\n\n## What else fills the cells\n\n"]
    for fault in matrix.FAULTS:
        lines = []
        for rule in matrix.RULES:
            scenarios = {
                scenario
                for lane in matrix.LANES
                for scenario in filled.get(matrix.Cell(rule, fault, lane), ())
                if scenario != matrix.WHOLE
            }
            if scenarios:
                lines.append(f"- {rule}: {', '.join(f'`{name}`' for name in sorted(scenarios))}\n")
        if lines:
            parts += [f"**{fault}**\n\n", *lines, "\n"]
    parts.append("## Why the rest is empty\n\n| rule | fault | reason |\n| --- | --- | --- |\n")
    reasons: dict[tuple[str, str], list[str]] = {}
    for (rule, fault), reason in matrix.EMPTY.items():
        reasons.setdefault((rule, reason), []).append(fault)
    for (rule, reason), faults in reasons.items():
        every = len(faults) == len(matrix.FAULTS) - 1
        which = "each" if every else ", ".join(f"`{fault}`" for fault in faults)
        parts.append(f"| {rule} | {which} | {reason} |\n")
    parts.append(_BREAKS)
    for rule in matrix.RULES:
        red = sorted({scenario for broken, scenario in matrix.breaks() if broken == rule})
        names = ", ".join(f"`{name}`" for name in red)
        parts.append(f"| {rule} | {names} | {_column(rule)} |\n")
    return "".join(parts)


def _column(rule: str) -> str:
    hidden = matrix.columns().get(rule)
    if hidden is None:
        return "none: the compiler refuses the code"
    left_out = [*hidden, *(fault for fault in matrix.FAULTS if (rule, fault) in matrix.EMPTY)]
    return "every fault" + (" but " + ", ".join(f"`{fault}`" for fault in left_out) if left_out else "")
