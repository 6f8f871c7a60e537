"""Why there are preconditions: what the library does with values that the typed methods refuse."""

from __future__ import annotations

from pathlib import Path

import pytest
from livekit_lab import Lab, run

from gen_bindings.runtime.lanes import Lane
from gen_bindings.runtime.process import Status


@pytest.mark.parametrize("which", ["queue_size_ms", "ice_transport_type", "abgr", "components"])
def test_the_library_aborts_on_what_the_binding_refuses(lab: Lab, which: str, tmp_path: Path) -> None:
    # The library's own behaviour: one runtime is enough to see it.
    done = run(lab, Lane.CORECLR, "Lifecycle.RawAbort", tmp_path / "record", {"which": which})
    assert done.outcome.status is Status.CRASHED
    assert done.outcome.signal == "SIGABRT"
    assert [entry.kind for entry in done.record.entries] == ["I", "Q"], "the request has no answer"
