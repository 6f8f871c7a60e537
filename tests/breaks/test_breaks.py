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
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import reference_lab
from faults import faults_lab, matrix
from gen_bindings.errors import ToolchainError
from gen_bindings.render.environment import environment
from gen_bindings.render.folder import templates_folder, templates_from
from gen_bindings.runtime.lanes import Lane
from gen_bindings.runtime.process import Status
from gen_bindings.runtime.toolchain import Toolchain

SLOW = os.environ.get("GEN_BINDINGS_SLOW") == "1"
# Seconds for which a scenario waits for anything that must happen.
_SHORT, _LONG = 3.0, 20.0
BREAKS = {path.stem: path for path in sorted(Path(__file__).parent.glob("*.toml"))}


@pytest.fixture(scope="module")
def ready(toolchain: Toolchain, reference_library: Path) -> None:
    """Compilers, runtimes and the server itself."""


@pytest.fixture(scope="module")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The templates, to be broken and mended; those that a break leaves alone are compiled once."""
    folder = tmp_path_factory.mktemp("broken") / "templates"
    shutil.copytree(templates_folder(), folder)
    return folder


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
def test_a_break_changes_what_is_emitted(name: str, templates: Path) -> None:
    broken = _read(name)
    lab = faults_lab if broken["scenario"] in matrix.SCENARIOS else reference_lab
    _emit_broken(broken["edit"], templates, lab)


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(BREAKS[name].read_text("utf-8"))


def _print_red(cells: Iterable[matrix.Cell]) -> None:
    print("red:", ", ".join(f"{cell.rule} × {cell.fault} on {cell.lane}" for cell in sorted(cells)))


@pytest.mark.usefixtures("ready")
@pytest.mark.parametrize("name", BREAKS)
def test_a_break_is_found(name: str, templates: Path) -> None:
    broken = _read(name)
    in_faults = broken["scenario"] in matrix.SCENARIOS
    lab = faults_lab if in_faults else reference_lab
    binding = reference_lab.place(_emit_broken(broken["edit"], templates, lab))
    lane = Lane(broken.get("lane", "mono"))
    ends = broken.get("ends", "failed")
    says = broken.get("says", "")

    if ends == "refused":
        with pytest.raises(ToolchainError, match=says):
            reference_lab.compile_binding(binding, lane)
        _print_red(matrix.broken_cells(broken))
        return
    # What a break keeps from happening is waited for in vain. Where a short patience shows something else,
    # that may only be late: then a long one says what happens.
    for patience in (_SHORT, _LONG):
        if in_faults:
            outcome = faults_lab.run(lane, {broken["scenario"]: None}, binding=binding, patience=patience)
        else:
            outcome = reference_lab.run(broken["scenario"], lane, binding=binding, patience=patience)
        said = f"{outcome.error}{outcome.stdout}{outcome.stderr}"
        red = outcome.status is Status(ends) and re.search(says, said) is not None
        if ends == "failed":
            broke = f"Scenarios.RuleBrokenException: {broken['rule']} is broken: "
            red = red and outcome.error.startswith(broke)
        if red:
            break
    assert red, f"{outcome.describe()}\n{outcome.result}\n{said}"
    _print_red(matrix.broken_cells(broken))


@pytest.mark.skipif(not SLOW, reason="some ten minutes; set GEN_BINDINGS_SLOW=1")
@pytest.mark.usefixtures("ready")
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("name", [name for name in BREAKS if _read(name).get("column")])
def test_a_break_turns_its_column_red(name: str, templates: Path) -> None:
    broken = _read(name)
    lane = Lane(broken.get("lane", "mono"))
    binding = reference_lab.place(_emit_broken(broken["edit"], templates, faults_lab))
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


@cache
def _emit_whole(lab: ModuleType) -> dict[str, str]:
    files: dict[str, str] = lab.emit_files()
    return files


def _emit_broken(edits: list[dict[str, Any]], templates: Path, lab: ModuleType) -> dict[str, str]:
    before: dict[Path, str] = {}
    with templates_from(templates):
        loaded = environment().cache
    assert loaded is not None
    try:
        for edit in edits:
            path = templates / edit["file"]
            text = path.read_text("utf-8")
            before.setdefault(path, text)
            assert text.count(edit["find"]) == 1, f"{edit['file']} has not once: {edit['find']}"
            path.write_text(text.replace(edit["find"], edit["replace"]), "utf-8")
        # A template that was loaded keeps what it imported, in whatever state that was.
        loaded.clear()
        files: dict[str, str] = lab.emit_files(templates=templates)
    finally:
        for path, text in before.items():
            path.write_text(text, "utf-8")
    assert files != _emit_whole(lab), "the break changes nothing that is emitted"
    return files
