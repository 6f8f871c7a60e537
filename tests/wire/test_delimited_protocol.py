"""A protocol that is delimited all through works as one with lengths: requests, answers, events, handles."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from wire_schemas import PythonMessages

from cli_runner import gen_bindings
from fixtures.build import FIXTURES, build_fixture
from gen_bindings.runtime.compile import HARNESS_SOURCE, compile_library
from gen_bindings.runtime.lanes import Lane
from gen_bindings.runtime.scenario import Scenario, run_scenario

PROJECT = FIXTURES / "delimited"


@pytest.mark.parametrize("lane", list(Lane))
def test_every_way_of_a_message(lane: Lane, toolchain: object, tmp_path: Path) -> None:
    done = gen_bindings("generate", "--config", PROJECT / "bindings.toml", "--out", tmp_path / "cs")
    assert done.code == 0, done.err
    sources = [*sorted((tmp_path / "cs").rglob("*.cs")), HARNESS_SOURCE]
    python = PythonMessages(_descriptors(tmp_path))
    request, response, event = (
        python.cls(f"delimited.Lamp{kind}") for kind in ("Request", "Response", "Event")
    )
    library = build_fixture("delimited")
    replies: dict[str, Any] = {
        "new_lamp": response(new_lamp={"lamp": {"handle": {"id": 7}, "info": {"place": "x" * 200}}}),
        "dim": response(dim={"before": {"percent": 80}}),
        "paint": response(paint={}),
        "close_lamp": response(close_lamp={}),
        "burnt_out": event(burnt_out={"lamp_handle": 7, "reason": {"text": "old"}}),
    }
    outcome = run_scenario(
        Scenario(
            name="delimited protocol",
            lane=lane,
            entry="delimited_child:run",
            assemblies=(compile_library(sources, tmp_path / "Delimited.dll", lane),),
            args={
                "library": str(library),
                "replies": {name: reply.SerializeToString().hex() for name, reply in replies.items()},
            },
            libraries={"lamp": library},
            python_path=(Path(__file__).parent,),
        )
    ).value()
    sent = {name: bytes.fromhex(data) for name, data in outcome["requests"].items()}
    assert {name: request.FromString(data) for name, data in sent.items()} == {
        "new_lamp": request(new_lamp={"info": {"place": "hall"}}),
        "dim": request(dim={"lamp_handle": 7, "level": {"percent": 30, "slowly": True}}),
        "paint": request(paint={"lamp_handle": 7, "coats": [{"color": "c" * 200, "mixed": [{}]}, {}]}),
        "close_lamp": request(close_lamp={"lamp_handle": 7}),
    }
    # What Python reads could have lengths all the same.
    assert {name: data[0] & 7 for name, data in sent.items()} == dict.fromkeys(sent, 3)
    assert (outcome["place"], outcome["before"]) == ("x" * 200, 80)
    assert outcome["reasons"] == ["old"]
    assert outcome["dropped"] == [7]


def _descriptors(folder: Path) -> Path:

    out = folder / "set.binpb"
    command = [sys.executable, "-m", "grpc_tools.protoc", f"-I{PROJECT}", f"-o{out}", "lamp.proto"]
    subprocess.run(command, check=True)
    return out
