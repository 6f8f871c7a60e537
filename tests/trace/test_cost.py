"""The recorder adds less than a microsecond to a request."""

from __future__ import annotations

import pytest
from cost import measure
from trace_fixtures import Recorded

pytestmark = pytest.mark.quick

MOST_NS = 1000
# FfiRequest.control_set_faults with no fault: the cheapest request that is granted.
REQUEST = bytes.fromhex("aa0702" + "1200")


@pytest.mark.parametrize("limit", [1 << 28, 1 << 17], ids=["recording", "folding"])
def test_a_request_takes_less_than_a_microsecond_more(reference: Recorded, limit: int) -> None:
    costs = [measure(reference, REQUEST, "reference_ffi_", rounds=20, limit=limit) for _ in range(3)]
    assert min(cost.more for cost in costs) < MOST_NS, costs
