"""Each rule's test can fail: with a template changed, the scenario that is named turns red, and says why.

A file `Lnn-….toml` is one break: `rule`, `what` is broken, the `scenario` that must find it, the `lane` (mono
when absent), how it `ends` (`failed` when absent; `crashed`; `refused` by the compiler), what it `says` (a
regular expression), and edits of templates, each of whose `find` stands once in its `file`.
"""

from __future__ import annotations

import re
import shutil
import tomllib
from collections.abc import Callable
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

BREAKS = {path.stem: path for path in sorted(Path(__file__).parent.glob("*.toml"))}


@pytest.fixture(scope="module")
def ready(toolchain: Toolchain, reference_library: Path) -> None:
    """Compilers, runtimes and the server itself."""


@pytest.mark.quick
def test_every_rule_that_holds_has_a_break() -> None:
    rules = {name: tomllib.loads(path.read_text("utf-8"))["rule"] for name, path in BREAKS.items()}

    assert sorted(set(rules.values())) == sorted(matrix.RULES)
    for name, path in BREAKS.items():
        assert tomllib.loads(path.read_text("utf-8"))["scenario"] in {
            *reference_lab.SCENARIOS,
            *matrix.SCENARIOS,
        }, name


@pytest.mark.usefixtures("ready")
@pytest.mark.parametrize("name", BREAKS)
def test_a_break_is_found(name: str, tmp_path: Path) -> None:
    broken = tomllib.loads(BREAKS[name].read_text("utf-8"))
    in_faults = broken["scenario"] in matrix.SCENARIOS
    lab = faults_lab if in_faults else reference_lab
    binding = reference_lab.place(_emit_broken(broken["edit"], tmp_path / "templates", lab.emit_files))
    lane = Lane(broken.get("lane", "mono"))
    ends = broken.get("ends", "failed")
    says = broken.get("says", "")

    if ends == "refused":
        with pytest.raises(ToolchainError, match=says):
            reference_lab.compile_binding(binding, lane)
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
