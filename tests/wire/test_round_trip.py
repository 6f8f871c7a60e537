"""Every message of every schema, filled at random, goes Python → C# → Python and comes back the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from filling import examples
from wire_schemas import SCHEMAS, PythonMessages, WireSchema, wire_schema

from gen_bindings.runtime.lanes import Lane
from gen_bindings.runtime.scenario import Scenario, run_scenario
from shared_results import Once

# Examples of each message; the torture schema has few messages and every shape of field.
EXAMPLES = {"torture": 30, "reference": 8, "livekit": 8, "depot": 16}


@pytest.mark.timeout(600)
@pytest.mark.parametrize("lane", list(Lane))
@pytest.mark.parametrize("name", SCHEMAS)
def test_every_message_comes_back(
    name: str, lane: Lane, toolchain: object, once: Once, tmp_path: Path
) -> None:
    schema = wire_schema(name)
    lines = once(f"wire-examples-{name}", lambda: _lines(schema))
    made = tmp_path / "examples"
    made.write_text("\n".join(lines), "ascii")
    scenario = Scenario(
        name=f"round trip of {name}",
        lane=lane,
        entry="round_trip_child:run",
        assemblies=(schema.compile(lane),),
        args={
            "descriptors": str(schema.descriptors),
            "types": schema.types,
            "examples": str(made),
        },
        deadline=500,
        python_path=(Path(__file__).parent,),
    )
    counts = run_scenario(scenario).value()
    assert len(lines) == len(schema.types) * EXAMPLES[name]
    assert counts["unknown"] == counts["filled"] == len(lines)
    # Damage must hit both ways, or the comparison of verdicts shows nothing.
    assert counts["refused"] > counts["filled"] / 20
    assert counts["accepted"] > counts["filled"] / 20


def _lines(schema: WireSchema) -> list[str]:
    """The examples of every message: its name, and the parts in hexadecimal; the same for each lane."""
    python = PythonMessages(schema.descriptors)
    return [
        " ".join([name, *(part.hex() for part in example)])
        for name in schema.types
        for example in examples(python.cls(name), EXAMPLES[schema.name])
    ]
