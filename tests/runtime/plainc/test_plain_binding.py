"""A model made by hand, without one message: passes, templates, and the cascade on both runtimes."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from fixtures.build import build_fixture
from fixtures.plainc import plain_binding
from gen_bindings.errors import AuditError
from gen_bindings.model.binding import FunctionCall, Operation
from gen_bindings.output.write import put_files
from gen_bindings.passes.pipeline import finish_binding
from gen_bindings.render.emit import emit
from gen_bindings.runtime.compile import HARNESS_SOURCE, compile_library
from gen_bindings.runtime.lanes import Lane
from gen_bindings.runtime.pool import run_scenarios
from gen_bindings.runtime.process import Outcome
from gen_bindings.runtime.roslyn import Settings, diagnose_each
from gen_bindings.runtime.scenario import Scenario
from gen_bindings.runtime.toolchain import Toolchain

SCENARIOS = Path(__file__).resolve().parent / "PlainScenarios.cs"
CASES = re.findall(r'^        \{ "(\w+)", \w+ \},$', SCENARIOS.read_text("utf-8"), re.MULTILINE)
OF_MESSAGES = (
    "PendingCall",
    "HandleBag",
    "HandleSink",
    "WireReader",
    "WireWriter",
    "WireMessage",
    "Dispatcher",
    "Session",
    "Operation<",
    "Plain.Messages",
)


@pytest.fixture(scope="session")
def plain_files() -> dict[str, str]:
    """The generated C#, by path."""
    return emit(finish_binding(plain_binding()))


@pytest.fixture(scope="session")
def plain_sources(plain_files: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The generated C#, written."""
    out = tmp_path_factory.mktemp("plain")
    put_files(plain_files, out)
    return sorted(out.rglob("*.cs"))


@pytest.fixture(scope="session")
def plain_runs(
    plain_sources: list[Path], tmp_path_factory: pytest.TempPathFactory, toolchain: Toolchain
) -> dict[Lane, Outcome]:
    """Every case, in one child process per lane, both at once."""
    library = build_fixture("plainc")
    scenarios = []
    for lane in Lane:
        out = tmp_path_factory.mktemp("assembly") / "PlainScenarios.dll"
        assembly = compile_library([*plain_sources, SCENARIOS, HARNESS_SOURCE], out, lane)
        scenarios.append(
            Scenario(
                name="plain",
                lane=lane,
                entry="PlainScenarios.Run",
                assemblies=(assembly,),
                args={"cases": CASES},
                libraries={"plain": library},
                deadline=120,
            )
        )
    return dict(zip(Lane, run_scenarios(scenarios), strict=True))


@pytest.mark.parametrize("lane", list(Lane))
@pytest.mark.parametrize("case", CASES)
def test_case(case: str, lane: Lane, plain_runs: dict[Lane, Outcome]) -> None:
    assert plain_runs[lane].value()[case] == "ok"


@pytest.mark.parametrize("lane", list(Lane))
def test_the_binding_compiles_without_a_warning_and_is_documented(
    lane: Lane, plain_sources: list[Path], tmp_path: Path, toolchain: Toolchain
) -> None:
    compile_library(plain_sources, tmp_path / "Plain.dll", lane, documentation=True)


def test_a_current_compiler_has_nothing_to_say(plain_sources: list[Path], toolchain: Toolchain) -> None:
    assert diagnose_each(plain_sources, [Settings("7.3"), Settings("8")]) == [[], []]


@pytest.mark.quick
def test_nothing_of_the_message_layer_is_there(plain_files: dict[str, str]) -> None:
    assert not [path for path in plain_files if path.startswith(("Wire/", "Messages/", "Events/"))]
    found = [(path, word) for path, text in plain_files.items() for word in OF_MESSAGES if word in text]
    assert found == []


@pytest.mark.quick
def test_no_pointer_is_public(plain_files: dict[str, str]) -> None:
    public = [
        line.strip() for text in plain_files.values() for line in text.splitlines() if " public " in line
    ]
    assert public
    assert not [line for line in public if "*" in line or "IntPtr" in line]


@pytest.mark.quick
def test_a_function_with_a_public_pointer_is_refused() -> None:
    binding = plain_binding()
    order = next(f for f in binding.header.functions if f.name == "plain_order")
    entry_points = replace(binding.entry_points, functions=(*binding.entry_points.functions, order))
    operation = Operation("order", "GetOrder", FunctionCall("plain_order"))
    with pytest.raises(
        AuditError, match=r"order: the parameter kinds of plain_order is the pointer uint32\*"
    ):
        finish_binding(
            replace(binding, entry_points=entry_points, operations=(*binding.operations, operation))
        )
    with pytest.raises(AuditError, match="order: there is no entry point plain_order"):
        finish_binding(replace(binding, operations=(*binding.operations, operation)))
