"""Every message of every schema, filled at random, goes Python → C# → Python and comes back the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from wire_schemas import SCHEMAS, wire_schema

from gen_bindings.runtime.lanes import Lane
from gen_bindings.runtime.scenario import Scenario, run_scenario

# Examples of each message; the torture schema has few messages and every shape of field.
EXAMPLES = {"torture": 15, "reference": 4, "livekit": 4, "depot": 8}


@pytest.mark.timeout(600)
@pytest.mark.parametrize("lane", list(Lane))
@pytest.mark.parametrize("name", SCHEMAS)
def test_every_message_comes_back(name: str, lane: Lane, toolchain: object) -> None:
    schema = wire_schema(name)
    scenario = Scenario(
        name=f"round trip of {name}",
        lane=lane,
        entry="round_trip_child:run",
        assemblies=(schema.compile(lane),),
        args={
            "descriptors": str(schema.descriptors),
            "types": schema.types,
            "examples": EXAMPLES[name],
        },
        deadline=500,
        python_path=(Path(__file__).parent,),
    )
    counts = run_scenario(scenario).value()
    assert counts["filled"] >= len(schema.types)
    # Hypothesis gives up on an example here and there; that must stay rare.
    assert counts["unknown"] > counts["filled"] * 0.9
    # Damage must hit both ways, or the comparison of verdicts shows nothing.
    assert counts["refused"] > counts["filled"] / 20
    assert counts["accepted"] > counts["filled"] / 20
