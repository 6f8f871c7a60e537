"""The whole output for two tiny libraries, byte for byte as it is kept beside them, and compiled."""

from __future__ import annotations

import difflib
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

import gen_bindings
from gen_bindings.config import load_config
from gen_bindings.model.binding import (
    Acquisition,
    Binding,
    EntryPoints,
    FunctionCall,
    IdType,
    Kind,
    Operation,
    Origin,
    Place,
    Placement,
    Release,
)
from gen_bindings.passes.pipeline import build_binding, finish_binding
from gen_bindings.project.inputs import read_inputs
from gen_bindings.render.emit import emit
from gen_bindings.runtime.compile import compile_library
from gen_bindings.runtime.lanes import Lane
from gen_bindings.runtime.toolchain import Toolchain
from gen_bindings.sources.header import read_headers

GOLDEN = Path(__file__).resolve().parent / "golden"
UPDATE = "UPDATE_GOLDEN"
HOW = f"When the new output is right: {UPDATE}=1 python -m pytest {Path('tests', 'render', 'test_golden.py')}"


def bell() -> Binding:
    """A protocol with one kind, one operation and one event."""
    loaded = load_config(GOLDEN / "bell" / "bindings.toml")
    inputs = read_inputs(loaded)
    return build_binding(loaded, inputs.schema, inputs.header, inputs.exports)


def counter() -> Binding:
    """One kind that plain functions create, use and destroy; the model is made by hand."""
    header = read_headers([GOLDEN / "counter" / "counter.h"], "counter_")
    create = FunctionCall("counter_create", result_kind="Counter")
    return finish_binding(
        Binding(
            name="Counting",
            namespace="Acme.Counting",
            schema=None,
            header=header,
            exports=None,
            entry_points=EntryPoints("counter", header.functions),
            envelope=None,
            kinds=(
                Kind("Counter", "Counter", IdType.POINTER, Release("counter_destroy"), column="counters"),
            ),
            acquisitions=(
                Acquisition(
                    "counter_create.return",
                    "Counter",
                    None,
                    Origin.RETURN,
                    "counter_create",
                    None,
                    Placement(Place.CLIENT),
                ),
            ),
            operations=(
                Operation("create_counter", "", create),
                Operation("next", "", FunctionCall("counter_next", receiver=0), receiver="Counter"),
            ),
            deliveries=(),
            sessions=(),
            memories=(),
            columns=("counters",),
        )
    )


CASES: dict[str, Callable[[], Binding]] = {"bell": bell, "counter": counter}


def differences(expected: Path, produced: Mapping[str, str]) -> list[str]:
    """What keeps a folder from holding exactly these files, with the first lines that differ."""
    kept = {str(path.relative_to(expected)): path for path in expected.rglob("*") if path.is_file()}
    found = [f"{name}: is no longer emitted" for name in sorted(kept.keys() - produced.keys())]
    found += [f"{name}: is new" for name in sorted(produced.keys() - kept.keys())]
    for name in sorted(kept.keys() & produced.keys()):
        before, after = kept[name].read_bytes(), produced[name].encode()
        if before != after:
            lines = difflib.unified_diff(
                before.decode(errors="replace").splitlines(),
                after.decode().splitlines(),
                "kept",
                "emitted",
                lineterm="",
            )
            found.append("\n".join([f"{name}: differs", *list(lines)[:30]]))
    return found


@pytest.mark.quick
@pytest.mark.parametrize("case", CASES)
def test_output(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gen_bindings, "__version__", "0.0.0")
    produced = emit(CASES[case]())
    expected = GOLDEN / case / "expected"
    if os.environ.get(UPDATE) == "1":
        shutil.rmtree(expected, ignore_errors=True)
        for name, text in produced.items():
            (expected / name).parent.mkdir(parents=True, exist_ok=True)
            (expected / name).write_bytes(text.encode())
    found = differences(expected, produced)
    if found:
        pytest.fail("\n".join([*found, HOW]), pytrace=False)


@pytest.mark.parametrize("lane", list(Lane))
@pytest.mark.parametrize("case", CASES)
def test_it_compiles(case: str, lane: Lane, tmp_path: Path, toolchain: Toolchain) -> None:
    sources = sorted((GOLDEN / case / "expected").rglob("*.cs"))
    compile_library(sources, tmp_path / f"{case}.dll", lane, documentation=True)


@pytest.mark.quick
def test_every_difference_is_told(tmp_path: Path) -> None:
    (tmp_path / "A").mkdir()
    for name, text in {
        "A/same.cs": "x\n",
        "A/edited.cs": "one\n",
        "A/crlf.cs": "y\r\n",
        "gone.cs": "",
    }.items():
        (tmp_path / name).write_bytes(text.encode())
    produced = {"A/same.cs": "x\n", "A/edited.cs": "two\n", "A/crlf.cs": "y\n", "A/fresh.cs": ""}
    assert [line.splitlines()[0] for line in differences(tmp_path, produced)] == [
        "gone.cs: is no longer emitted",
        "A/fresh.cs: is new",
        "A/crlf.cs: differs",
        "A/edited.cs: differs",
    ]
    assert "+two" in differences(tmp_path, produced)[-1].splitlines()
