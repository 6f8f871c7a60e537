"""Random scripts under random faults leave nothing; what leaks on purpose is found, and found again."""

from __future__ import annotations

import json
import random
import re
import shlex
import subprocess
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import soak_faults
import soak_lab
import soak_summary
from soak_campaign import MOST_FAILURES, Leak, Plan, Report, run
from soak_growth import growth

from faults import matrix
from gen_bindings.runtime.lanes import Lane
from gen_bindings.runtime.process import Outcome, Status
from gen_bindings.runtime.toolchain import Toolchain

# Every row once.
CYCLES = len(soak_faults.TABLE)


@pytest.fixture
def ready(toolchain: Toolchain, reference_library: Path) -> None:
    """Compilers, runtimes and the server itself."""


@pytest.mark.quick
def test_every_fault_comes_once_in_each_stretch() -> None:
    first = Counter(soak_faults.faults_of(7, cycle)[0].name for cycle in range(10_000))
    assert set(first) == {row.name for row in soak_faults.TABLE}
    assert min(first.values()) >= 10_000 // len(soak_faults.TABLE) >= 100
    again = [soak_faults.faults_of(7, cycle) for cycle in range(100)]
    assert again == [soak_faults.faults_of(7, cycle) for cycle in range(100)]
    assert again != [soak_faults.faults_of(8, cycle) for cycle in range(100)]


@pytest.mark.quick
def test_faults_beside_each_other_set_different_fields_that_may_be_set_together() -> None:
    pairs = [found for cycle in range(10_000) if len(found := soak_faults.faults_of(7, cycle)) == 2]
    assert len({frozenset(fault.name for fault in pair) for pair in pairs}) > 100
    for first, second in pairs:
        assert not first.fields.keys() & second.fields.keys()
        assert not first.fields.keys() & second.alone
        assert not second.fields.keys() & first.alone


@pytest.mark.quick
def test_the_table_has_every_fault(repo_root: Path) -> None:
    control = (repo_root / "native" / "protocol" / "control.proto").read_text("utf-8")
    message = re.search(r"^message Faults \{(.*?)^\}", control, re.MULTILINE | re.DOTALL)
    assert message is not None
    declared = re.findall(r"optional \w+ (\w+) = ", message[1])
    fields = {name for row in soak_faults.TABLE for name in row.fields}
    assert {name.title().replace("_", "") for name in declared} == fields
    assert set(matrix.FAULTS) <= {row.name for row in soak_faults.TABLE}


def _samples(level: float, slope: float, noise: float, seed: int) -> list[tuple[int, int]]:
    chance = random.Random(seed)
    return [(x, round(level + slope * x + chance.gauss(0, noise))) for x in range(0, 2500, 50)]


@pytest.mark.quick
def test_growth_is_a_slope_that_all_stretches_share() -> None:
    flat = growth([_samples(1e7, 0, 50_000, seed) for seed in range(4)])
    assert not flat.leaks
    leak = growth([_samples(1e7 * seed, 300, 50_000, seed) for seed in range(4)])
    assert leak.leaks
    assert leak.slope == pytest.approx(300, abs=4 * leak.error)
    settling = growth([[(x, round(1e7 - 3e6 / (1 + x / 300))) for x in range(0, 2500, 50)] for _ in range(4)])
    assert not settling.leaks
    step = growth(
        [[(x, 10_000_000 + (2_000_000 if x > 1700 else 0)) for x in range(0, 2500, 50)] for _ in range(4)]
    )
    assert not step.leaks
    assert growth([_samples(1e7, 300, 0, 1)[:12]]).slope is None
    assert growth([]).slope is None


def _run(plan: Plan) -> Report:
    return run(plan, lambda tally: None)


@pytest.mark.usefixtures("ready")
@pytest.mark.parametrize("lane", list(Lane))
def test_a_short_run_leaves_nothing(lane: Lane) -> None:
    report = _run(Plan(lane, seed=3, cycles=CYCLES))
    assert not report.failures, "\n".join(f"{found.text}\n{found.replay}" for found in report.failures)
    assert report.played == CYCLES
    assert min(report.faults.values()) >= 1
    # The faults and the steps strike: what only they bring was seen.
    assert {"frame", "packet", "panic", "repaired"} <= set(report.seen)


@pytest.mark.quick
def test_a_defect_in_every_cycle_ends_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    def left(lane: Lane, cycles: list[dict[str, Any]], *_: object) -> Outcome:
        number = cycles[0]["number"]
        told = {"cycle": number, "kind": "handles", "text": "one", "script": "Connect |"}
        result = {"played": 1, "left": told, "seen": {}, "samples": []}
        return Outcome("soak", lane, Status.OK, result, f"cycle {number}", "", "", "", 0, "", "", 1.0)

    monkeypatch.setattr(soak_lab, "run_batch", left)
    monkeypatch.setattr(soak_lab, "assembly", lambda lane: Path())
    report = _run(Plan(Lane.MONO, seed=5, cycles=1000, first=100))
    assert [found.cycle for found in report.failures] == list(range(100, 100 + MOST_FAILURES))
    assert report.played == MOST_FAILURES
    assert "given up" in soak_summary.text([report])


@pytest.mark.usefixtures("ready")
def test_a_handle_that_is_kept_is_told_and_the_command_finds_it_again(
    repo_root: Path, tmp_path: Path
) -> None:
    (found,) = _run(Plan(Lane.CORECLR, seed=5, cycles=2, leak=Leak("handle", 1))).failures
    assert (found.kind, found.seed, found.cycle, found.lane) == ("handles", 5, 1, Lane.CORECLR)
    assert "audio_sources=1" in found.text
    assert found.replay == "make soak SEED=5 FIRST=1 CYCLES=1 LANE=coreclr LEAK=handle@1"
    # What make would run, less what it sets up.
    words = found.replay.split()
    made = [words[0], "--no-print-directory", "-n", *words[1:]]
    said = subprocess.run(made, cwd=repo_root, capture_output=True, text=True, check=True).stdout
    command = [*shlex.split(said.strip().splitlines()[-1]), "--out", str(tmp_path)]
    ran = subprocess.run(command, cwd=repo_root, capture_output=True, text=True, check=False)
    assert ran.returncode == 1, ran.stderr
    assert found.replay in ran.stdout
    assert found.replay in (tmp_path / "summary.txt").read_text("utf-8")
    (summary,) = json.loads((tmp_path / "summary.json").read_text("utf-8"))
    (again,) = summary["failures"]
    assert (again["kind"], again["seed"], again["cycle"]) == (found.kind, found.seed, found.cycle)
    assert "audio_sources=1" in again["text"]


@pytest.mark.usefixtures("ready")
def test_a_socket_that_nobody_repairs_is_told_and_found_again() -> None:
    plan = Plan(Lane.MONO, seed=5, cycles=2, leak=Leak("socket", 1))
    (found,) = _run(plan).failures
    assert (found.kind, found.seed, found.cycle) == ("sockets", 5, 1)
    assert "media 127.0.0.1:" in found.text
    (again,) = _run(replace(plan, first=found.cycle, cycles=1)).failures
    assert (again.kind, again.cycle, again.replay) == (found.kind, found.cycle, found.replay)


@pytest.mark.usefixtures("ready")
def test_a_thread_that_does_not_end_is_told() -> None:
    (found,) = _run(Plan(Lane.MONO, seed=5, cycles=2, leak=Leak("thread", 1))).failures
    assert (found.kind, found.cycle) == ("threads", 1)
    assert "'kept': 1 more" in found.text


@pytest.mark.usefixtures("ready")
def test_the_cycle_that_ends_the_process_is_told_and_the_next_one_played() -> None:
    report = _run(Plan(Lane.CORECLR, seed=5, cycles=2, leak=Leak("crash", 0)))
    assert [(found.kind, found.cycle) for found in report.failures] == [("crash", 0), ("crash", 1)]
    assert "SIGABRT" in report.failures[0].text


@pytest.mark.usefixtures("ready")
@pytest.mark.parametrize(
    ("leak", "measure", "lane"), [("managed", "managed", Lane.CORECLR), ("memory", "native", Lane.MONO)]
)
def test_memory_that_is_kept_is_told(leak: str, measure: str, lane: Lane) -> None:
    report = _run(Plan(lane, seed=5, cycles=40, leak=Leak(leak, 0)))
    (found,) = report.failures
    assert (found.kind, found.seed, found.cycle) == ("memory", 5, 0)
    assert report.growth[measure].leaks
    assert report.growth[measure].slope == pytest.approx(500_000, rel=0.2)
    # The command is that of the run itself.
    assert found.replay == f"make soak SEED=5 FIRST=0 CYCLES=40 LANE={lane} LEAK={leak}@0"
