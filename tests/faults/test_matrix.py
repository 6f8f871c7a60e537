"""Every cell of the matrix is filled by a collected test or says why it is empty; the page says the same."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from faults import matrix
from faults.page import render

pytestmark = pytest.mark.quick
PAGE = matrix.ROOT / "docs" / "fault-matrix.md"


# Run in a process of its own: collecting imports every test module again.
_COLLECT = """
import json, sys
import pytest
from rule_matrix import cells_of

class Collector:
    def pytest_collection_finish(self, session):
        self.found = [
            [cell.rule, cell.fault, cell.lane, item.nodeid]
            for item in session.items
            if not any(m.name == "skip" or (m.name == "skipif" and m.args[0]) for m in item.iter_markers())
            for cell in cells_of(item)
        ]

collector = Collector()
pytest.main(["--collect-only", "-q", "-p", "no:xdist", *sys.argv[1:]], plugins=[collector])
print("CELLS" + json.dumps(collector.found))
"""


@pytest.fixture(scope="module")
def filled() -> dict[matrix.Cell, set[str]]:
    """The tests of each cell, of those that could fill one."""
    done = subprocess.run(
        [sys.executable, "-c", _COLLECT, "tests/faults", "tests/runtime/reference"],
        cwd=matrix.ROOT,
        env={**os.environ, "PYTHONPATH": str(matrix.ROOT / "tests")},
        capture_output=True,
        text=True,
        check=True,
    )
    line = next(line for line in done.stdout.splitlines() if line.startswith("CELLS"))
    tests: dict[matrix.Cell, set[str]] = {}
    for rule, fault, lane, node in json.loads(line.removeprefix("CELLS")):
        tests.setdefault(matrix.Cell(rule, fault, lane), set()).add(node)
    return tests


def test_every_cell_is_filled_or_has_its_reason(filled: dict[matrix.Cell, set[str]]) -> None:
    empty = [cell for cell in sorted(matrix.wanted()) if cell not in filled]
    assert empty == []
    for fault, (rules, otherwise) in matrix.FAULTS.items():
        assert otherwise or rules.split() == list(matrix.RULES), (
            f"{fault} does not say why it leaves rules alone"
        )
    known = {(rule, fault) for rule in matrix.RULES for fault in matrix.FAULTS}
    assert {(cell.rule, cell.fault) for cell in filled} <= known


def test_the_page_shows_the_matrix(filled: dict[matrix.Cell, set[str]]) -> None:
    text = render(filled)
    if os.environ.get("UPDATE_MATRIX") == "1":
        PAGE.write_text(text, "utf-8")
    assert PAGE.read_text("utf-8") == text, "UPDATE_MATRIX=1 python -m pytest tests/faults/test_matrix.py"
