"""Collects which tests fill which cells of the rule matrix, and prints it at the end of a run."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from faults.matrix import Cell, table

PROPERTY = "rule matrix"


def pytest_itemcollected(item: pytest.Item) -> None:
    """Puts a test's cells where its report carries them, from another process too."""
    for cell in cells_of(item):
        item.user_properties.append(_property(cell))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Prints what ran; docs/fault-matrix.md says how to read it."""
    filled = _cells(terminalreporter, "passed")
    failed = _cells(terminalreporter, "failed") | _cells(terminalreporter, "error")
    if filled or failed:
        terminalreporter.section("rules under faults (docs/fault-matrix.md)")
        terminalreporter.write_line(table(filled, failed))


def cells_of(item: pytest.Item) -> frozenset[Cell]:
    """The cells that a test fills."""
    return cells_of_marks(item.iter_markers("rule"))


def cells_of_marks(marks: Iterable[pytest.Mark | pytest.MarkDecorator]) -> frozenset[Cell]:
    """The cells that marks name."""
    return frozenset(
        Cell(m.args[0], m.kwargs["fault"], str(m.kwargs["lane"])) for m in marks if m.name == "rule"
    )


def only(item: pytest.Item, cells: Iterable[Cell]) -> None:
    """Says of a test that is about to fail which of its cells are red; of the others it then says nothing."""
    item.user_properties[:] = [_property(cell) for cell in cells]


def _property(cell: Cell) -> tuple[str, tuple[str, str, str]]:
    # What goes to another process is plain text.
    return PROPERTY, (cell.rule, cell.fault, str(cell.lane))


def _cells(reporter: pytest.TerminalReporter, outcome: str) -> set[Cell]:
    return {
        Cell(*value)
        for report in reporter.stats.get(outcome, [])
        for name, value in getattr(report, "user_properties", [])
        if name == PROPERTY
    }
