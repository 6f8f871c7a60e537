"""Each rule's test can fail: with a template changed, the scenario that is named turns red, and says why.

A file `Lnn-….toml` is one break: `rule`, `what` is broken, the `scenario` that must find it, the `lane` (mono
when absent), how it `ends` (`failed` when absent; `crashed`; `refused` by the compiler), what it `says` (a
regular expression), and edits of templates, each of whose `find` stands once in its `file`. One of each rule
has `column`: the whole session finds it under every fault, but for those under which it is `hidden`, because
another check fails first or what is broken does not happen. The cells that turn red are printed.
"""

from __future__ import annotations

import os
import re
import shutil
import tomllib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

import reference_lab
from faults import faults_lab, matrix
from gen_bindings.errors import ToolchainError
from gen_bindings.render.folder import templates_folder
from gen_bindings.runtime.lanes import Lane
from gen_bindings.runtime.process import Status
from gen_bindings.runtime.toolchain import Toolchain

SLOW = os.environ.get("GEN_BINDINGS_SLOW") == "1"
BREAKS = {path.stem: path for path in sorted(Path(__file__).parent.glob("*.toml"))}


@pytest.fixture(scope="module")
def ready(toolchain: Toolchain, reference_library: Path) -> None:
    """Compilers, runtimes and the server itself."""


@pytest.mark.quick
def test_every_rule_that_holds_has_a_break() -> None:
    rules = {name: _read(name)["rule"] for name in BREAKS}

    assert sorted(set(rules.values())) == sorted(matrix.RULES)
    columns = [_read(name)["rule"] for name in BREAKS if _read(name).get("column")]
    assert sorted(columns) == sorted(rule for rule in matrix.RULES if rule != "L20")
    for name in BREAKS:
        assert _read(name)["scenario"] in {*reference_lab.SCENARIOS, *matrix.SCENARIOS}, name


@pytest.mark.quick
@pytest.mark.parametrize("name", BREAKS)
def test_a_break_changes_what_is_emitted(name: str, tmp_path: Path) -> None:
    broken = _read(name)
    lab = faults_lab if broken["scenario"] in matrix.SCENARIOS else reference_lab
    _emit_broken(broken["edit"], tmp_path / "templates", lab.emit_files)


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(BREAKS[name].read_text("utf-8"))


def _print_red(cells: Iterable[matrix.Cell]) -> None:
    print("red:", ", ".join(f"{cell.rule} × {cell.fault} on {cell.lane}" for cell in sorted(cells)))


@pytest.mark.usefixtures("ready")
@pytest.mark.parametrize("name", BREAKS)
def test_a_break_is_found(name: str, tmp_path: Path) -> None:
    broken = _read(name)
    in_faults = broken["scenario"] in matrix.SCENARIOS
    lab = faults_lab if in_faults else reference_lab
    binding = reference_lab.place(_emit_broken(broken["edit"], tmp_path / "templates", lab.emit_files))
    lane = Lane(broken.get("lane", "mono"))
    ends = broken.get("ends", "failed")
    says = broken.get("says", "")

    if ends == "refused":
        with pytest.raises(ToolchainError, match=says):
            reference_lab.compile_binding(binding, lane)
        _print_red(matrix.broken_cells(broken))
        return
    if in_faults:
        outcome = faults_lab.run(lane, {broken["scenario"]: None}, binding=binding, patience=4.0)
    else:
        outcome = reference_lab.run(broken["scenario"], lane, binding=binding, watched=False, patience=4.0)

    said = f"{outcome.error}{outcome.stdout}{outcome.stderr}"
    assert outcome.status is Status(ends), f"{outcome.describe()}\n{outcome.result}"
    if ends == "failed":
        assert outcome.error.startswith(f"Scenarios.RuleBrokenException: {broken['rule']} is broken: "), said
    assert re.search(says, said), said
    _print_red(matrix.broken_cells(broken))


@pytest.mark.skipif(not SLOW, reason="some ten minutes; set GEN_BINDINGS_SLOW=1")
@pytest.mark.usefixtures("ready")
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("name", [name for name in BREAKS if _read(name).get("column")])
def test_a_break_turns_its_column_red(name: str, tmp_path: Path) -> None:
    broken = _read(name)
    lane = Lane(broken.get("lane", "mono"))
    binding = reference_lab.place(_emit_broken(broken["edit"], tmp_path / "templates", faults_lab.emit_files))
    column = {cell for cell in matrix.scenario_cells(matrix.WHOLE, lane) if cell.rule == broken["rule"]}
    red: set[matrix.Cell] = set()
    together = [list(matrix.FAULTS)]
    while together:
        faults = together.pop()
        outcome = faults_lab.run(lane, {matrix.WHOLE: {"faults": faults}}, binding=binding, patience=4.0)
        # A process that ends so turns every cell of its row red.
        found = outcome.result[matrix.WHOLE] if outcome.status is Status.OK else {}
        rows = {cell for cell in matrix.red_cells(found, lane) if cell.fault in faults}
        if len(faults) > 1:
            # What a broken binding leaves spoils the sessions after it: they are run again by themselves.
            rows = rows & column if found else set()
            together += [[fault] for fault in faults if fault not in {cell.fault for cell in rows}]
        red |= rows

    _print_red(red)
    missed = {cell for cell in column - red if cell.fault not in broken.get("hidden", ())}
    assert missed == set()


def _emit_broken(
    edits: list[dict[str, Any]], templates: Path, emit_files: Callable[..., dict[str, str]]
) -> dict[str, str]:
    shutil.copytree(templates_folder(), templates)
    for edit in edits:
        path = templates / edit["file"]
        text = path.read_text("utf-8")
        assert text.count(edit["find"]) == 1, f"{edit['file']} has not once: {edit['find']}"
        path.write_text(text.replace(edit["find"], edit["replace"]), "utf-8")
    files = emit_files(templates=templates)
    assert files != emit_files(), "the break changes nothing that is emitted"
    return files
