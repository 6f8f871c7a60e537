"""Single fields are found in encoded messages, whatever stands around them."""

from __future__ import annotations

import pytest

from gen_bindings.trace.wire import Wire

pytestmark = pytest.mark.quick


def test_a_group_is_read_as_a_message_behind_a_length_is() -> None:
    # 1: {2: 5, 3: {1: 1}, 3: "AB"}, 1: {}, 4: 7
    wire = Wire(bytes.fromhex("0b 1005 1b 0801 1c 1a024142 0c 0a00 2007"))
    first, second = wire.all(1)
    assert (first, second) == (bytes.fromhex("1005 1b 0801 1c 1a024142"), b"")
    assert wire.integer(4) == 7
    assert Wire(bytes.fromhex("0b 1005 1b 0801 1c 0c")).at((1, 3, 1)) == 1


@pytest.mark.parametrize("data", ["0b 1005", "0b 1b 0c", "0b 14", "0b 0f 0c", "0b 1aff 0c"])
def test_a_group_that_does_not_end_ends_the_message(data: str) -> None:
    wire = Wire(bytes.fromhex("2007") + bytes.fromhex(data))
    assert wire.numbers() == (4,)
