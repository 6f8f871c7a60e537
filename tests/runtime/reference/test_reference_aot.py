"""The generated binding without a JIT, as on a device; without the callback's attribute it cannot run."""

from __future__ import annotations

from pathlib import Path

import pytest

import reference_lab
from gen_bindings.runtime.aot import build_program, run_program
from gen_bindings.runtime.process import Outcome, Status

_ATTRIBUTE = "        [AOT.MonoPInvokeCallback(typeof(NativeCallback))]\n"


def _run(binding: tuple[Path, ...], entry: str) -> Outcome:
    program = build_program([*binding, *reference_lab.scenario_sources()], f"Scenarios.{entry}")
    return run_program(entry, program, libraries={"reference_ffi": reference_lab.LIBRARY})


@pytest.mark.parametrize(
    "entry", ["Sessions.ClientEnds", "Sessions.ServerEnds", "Sessions.Reconnect", "Tree.State", "Media.Sound"]
)
def test_a_session_runs_without_a_jit(entry: str) -> None:
    _run(reference_lab.sources(), entry).value()


def test_without_the_attribute_the_callback_needs_a_jit(tmp_path: Path) -> None:
    binding = []
    for path in reference_lab.sources():
        text = path.read_text("utf-8")
        if _ATTRIBUTE in text:
            path = tmp_path / path.name
            path.write_text(text.replace(_ATTRIBUTE, ""), "utf-8")
            binding.append(path)
        else:
            binding.append(path)
    changed = [path for path in binding if path.parent == tmp_path]
    assert [path.name for path in changed] == ["ReferenceClient.Callbacks.g.cs"]

    outcome = _run(tuple(binding), "Sessions.ClientEnds")

    assert outcome.status is not Status.OK
    said = outcome.error + outcome.stdout + outcome.stderr
    assert "ExecutionEngineException" in said
    assert "native-to-managed" in said
    assert "OnNativeEvent" in said
