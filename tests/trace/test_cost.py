"""What the recorder adds to a request can be measured; the figures stand in the docs."""

from __future__ import annotations

import pytest
from cost import REQUEST, measure
from trace_fixtures import Recorded

pytestmark = pytest.mark.quick


@pytest.mark.parametrize("limit", [1 << 28, 1 << 17], ids=["recording", "folding"])
def test_the_cost_of_a_request_is_measured(reference: Recorded, limit: int) -> None:
    cost = measure(reference, REQUEST, "reference_ffi_", rounds=3, limit=limit)
    assert cost.plain > 0
    assert cost.recorded > 0
