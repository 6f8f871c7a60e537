"""The table of requests: complete against the protocol, and about scenarios that there are."""

from __future__ import annotations

import pytest
from livekit_lab import (
    CONFIGURATION,
    NEEDS_ROOM,
    SCENARIOS,
    Expectation,
    contradictions,
    request_table,
)

from gen_bindings.config import load_config
from gen_bindings.project.inputs import read_inputs

pytestmark = pytest.mark.quick

REFUSED = frozenset({"refused"})
OK = frozenset({"ok"})


def test_every_request_of_the_protocol_is_listed_and_nothing_else() -> None:
    envelope = read_inputs(load_config(CONFIGURATION)).schema.message("livekit.proto.FfiRequest")
    assert envelope is not None
    asked = {field.name for field in envelope.fields}
    assert len(asked) == 90
    listed = request_table()
    assert asked - listed.keys() == set(), "these requests have no line in requests.toml"
    assert listed.keys() - asked == set(), "requests.toml lists what the protocol does not have"


def test_every_scenario_of_the_table_exists_and_every_request_has_one() -> None:
    for request, expected in request_table().items():
        assert expected.scenarios, f"{request} is in no scenario"
        assert set(expected.scenarios) <= set(SCENARIOS), f"{request} names a scenario that is not run"


def test_a_request_is_listed_once() -> None:
    with pytest.raises(ValueError, match=r"listed twice: \['connect'\]"):
        request_table(
            '[run]\nconnect = ["A.B"]\n[refused]\nconnect = { in = "A.B", by = "x" }\n[needs-room]\n'
        )


@pytest.mark.parametrize(
    ("verdicts", "found"),
    [
        ({"a": OK}, []),
        ({"a": OK | REFUSED}, []),
        ({"a": REFUSED}, ["a is run in the table, and S met ['refused']"]),
        ({}, ["S does not send a"]),
        ({"a": OK, "b": OK}, ["S runs b, and the table does not say so"]),
        ({"a": OK, "b": REFUSED}, []),
        ({"a": OK, "new": OK}, ["new was sent and is not in the table"]),
    ],
)
def test_a_scenario_must_do_what_the_table_says(
    verdicts: dict[str, frozenset[str]], found: list[str]
) -> None:
    table = {"a": Expectation("run", ("S",)), "b": Expectation("run", ("Other",))}
    assert contradictions("S", verdicts, table) == found


def test_a_refusal_must_be_the_one_that_the_table_names() -> None:
    refused = Expectation("refused", ("S",), by="no device")
    assert refused.allows(frozenset({"error: there is no device"}))
    assert not refused.allows(frozenset({"error: there is no device", "error: out of memory"}))
    assert not refused.allows(OK)
    needed = Expectation("needs-room", (NEEDS_ROOM,))
    assert needed.allows(REFUSED)
    assert not needed.allows(OK)
    assert not needed.allows(REFUSED | OK)
    assert Expectation("needs-room", (NEEDS_ROOM,), answers=True).allows(OK)
