"""What the message layer promises holds on Mono, on CoreCLR and under full AOT."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from wire_schemas import wire_schema

from gen_bindings.runtime.aot import build_program, run_program
from gen_bindings.runtime.lanes import Lane
from gen_bindings.runtime.scenario import Scenario, run_scenario

FACTS = Path(__file__).resolve().parent / "Facts.cs"


def _run(lane: Lane, method: str) -> Any:
    assembly = wire_schema("torture").compile(lane, FACTS)
    return run_scenario(
        Scenario(method, lane, f"Wire.Test.Facts.{method}", assemblies=(assembly,), deadline=120)
    ).value()


@pytest.mark.parametrize("lane", list(Lane))
def test_facts(lane: Lane, toolchain: object) -> None:
    results = _run(lane, "Run")
    assert len(results) == 25
    assert {fact: failure for fact, failure in results.items() if failure} == {}


def test_facts_under_full_aot(toolchain: object) -> None:
    program = build_program([*wire_schema("torture").sources, FACTS], "Wire.Test.Facts.Run")
    results = run_program("wire facts", program, deadline=120).value()
    assert len(results) == 25
    assert {fact: failure for fact, failure in results.items() if failure} == {}


@pytest.mark.parametrize("lane", list(Lane))
def test_the_hot_path_allocates_nothing(lane: Lane, toolchain: object) -> None:
    measured = _run(lane, "Allocations")
    # The counter works: messages are objects, and are allocated.
    assert measured["messages"] > 100 * 100
    assert (measured["decode"], measured["encode"]) == (0, 0)
