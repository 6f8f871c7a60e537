"""Every cell of the matrix is filled by a test or says why it is empty; the page says the same."""

from __future__ import annotations

import os

import pytest
import test_reference_scenarios

from faults import matrix, test_faults, test_sockets
from faults.page import render
from rule_matrix import cells_of_marks

pytestmark = pytest.mark.quick
PAGE = matrix.ROOT / "docs" / "fault-matrix.md"
SOURCES = (matrix.ROOT / "tests/faults/scenarios", matrix.ROOT / "tests/runtime/reference/scenarios")


def _marked() -> frozenset[matrix.Cell]:
    """The cells that the parametrized tests say they fill."""
    return frozenset(
        cell
        for module in (test_faults, test_sockets, test_reference_scenarios)
        for function in vars(module).values()
        for parametrize in getattr(function, "pytestmark", ())
        if parametrize.name == "parametrize"
        for parameters in parametrize.args[1]
        for cell in cells_of_marks(getattr(parameters, "marks", ()))
    )


def test_every_cell_is_filled_or_has_its_reason() -> None:
    filled = _marked()

    assert [cell for cell in sorted(matrix.wanted()) if cell not in filled] == []
    assert {(cell.rule, cell.fault) for cell in filled}.isdisjoint(matrix.EMPTY)
    assert {cell.fault for cell in filled} <= set(matrix.FAULTS)
    assert filled == set(matrix.fills())
    assert all(matrix.EMPTY.values())


def test_every_scenario_that_is_named_exists() -> None:
    methods = {
        f"{path.stem}.{line.split('(')[0].split()[-1]}"
        for folder in SOURCES
        for path in folder.glob("*.cs")
        for line in path.read_text("utf-8").splitlines()
        if line.startswith("        public static string ") and line.endswith("(string arguments)")
    }

    assert set.union(*(set(names) for names in matrix.fills().values())) <= methods
    faults = {path.stem for path in SOURCES[0].glob("*.cs")}
    own = {name for name in methods if name.partition(".")[0] in faults}
    run = {*matrix.SCENARIOS, matrix.WHOLE, matrix.RACE, matrix.SOCKETS}
    assert own == run, "a scenario that no test runs"


def test_the_page_shows_the_matrix() -> None:
    text = render(matrix.fills())
    if os.environ.get("UPDATE_MATRIX") == "1":
        PAGE.write_text(text, "utf-8")
    assert PAGE.read_text("utf-8") == text, "UPDATE_MATRIX=1 python -m pytest tests/faults/test_matrix.py"
