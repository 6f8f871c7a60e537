"""The benchmarks still compile and run; a handful of rounds, so that no figure means anything here."""

from __future__ import annotations

import dataclasses
import os
import sys
from pathlib import Path

import pytest

from gen_bindings.runtime.lanes import Lane

BENCH = Path(__file__).resolve().parents[2] / "bench"
sys.path.insert(0, str(BENCH))

import chart  # noqa: E402
import peer  # noqa: E402
import rows  # noqa: E402
import run  # noqa: E402


@pytest.mark.quick
def test_the_chart_shows_each_row_on_its_side_of_the_goal() -> None:
    image = chart.bars([chart.Bar("a <b>", "40 ns", 0.5), chart.Bar("c", "200 ns", 2.0)], "Cost")
    assert "a &lt;b&gt;" in image
    assert image.count("#2da44e") == 1
    assert image.count("#cf222e") == 1


@pytest.mark.quick
def test_a_curve_falls_where_its_values_do() -> None:
    image = chart.curves([chart.Curve("mono", "raw", [(1, 4.0), (2, 2.0)])], "Requests")
    assert 'd="M60.0 60.0L620.0 190.0"' in image
    assert "mono, raw" in image


@pytest.mark.quick
def test_an_allocation_misses_a_goal_that_is_none() -> None:
    assert rows.worst(0.5, 0.0) == 0.5
    assert rows.worst(0.5, 24.0) > 1


@pytest.mark.quick
def test_processes_are_joined_by_their_median() -> None:
    found = [{"push": {"ns": 1.0}}, {"push": {"ns": 9.0}}, {"push": {"ns": 2.0}}]
    assert rows.medians(found) == {"push": {"ns": 2.0}}


@pytest.mark.skipif(
    "GEN_BINDINGS_SLOW" not in os.environ, reason="takes half a minute: set GEN_BINDINGS_SLOW=1"
)
def test_every_row_is_measured(
    toolchain: object, reference_library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def without(*_: object) -> peer.Peer:
        raise peer.NoPeerError("left out here")

    monkeypatch.setattr(rows, "OUT", tmp_path)
    monkeypatch.setattr(run, "find_peer", without)
    tiny = dataclasses.replace(rows.TINY, cascade_rounds=1)
    measured, notes = run.measure(tiny, [Lane.CORECLR.value])
    assert notes == ["Google.Protobuf was left out: left out here."]
    told = " ".join(row.what for row in measured)
    parts = "push mute clear capture frame dispatch encode size cascade threads recorder"
    for part in parts.split():
        assert part in told
    # Times are noise at this size; allocations are not.
    for row in measured:
        if "above the raw call" in row.what or "with a frame" in row.what:
            assert ", 0 bytes" in row.result, f"{row.what}: {row.result}"
