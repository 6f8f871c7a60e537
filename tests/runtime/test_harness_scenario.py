"""A scenario's five ends are told apart, on both lanes, and each says where it happened."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import product
from pathlib import Path

import pytest

from gen_bindings.runtime.compile import HARNESS_SOURCE, compile_library
from gen_bindings.runtime.lanes import Lane
from gen_bindings.runtime.pool import run_scenarios
from gen_bindings.runtime.process import (
    RUNNING,
    STAGE_PREFIX,
    Outcome,
    ScenarioError,
    Status,
    run_child,
)
from gen_bindings.runtime.scenario import Scenario, run_scenario
from gen_bindings.runtime.toolchain import Toolchain

BuildC = Callable[[str, str], Path]

CRASHER = """
#include <stdlib.h>
#include <unistd.h>
void crasher_abort(void) { abort(); }
void crasher_write_nowhere(void) { *(volatile int *)16 = 1; }
void crasher_block(void) { for (;;) pause(); }
"""

SCENARIOS = """
using System;
using System.Runtime.InteropServices;
using System.Threading;
using GenBindings.Harness;

namespace Probe
{
    public static class Scenarios
    {
        [DllImport("crasher")] private static extern void crasher_abort();
        [DllImport("crasher")] private static extern void crasher_block();

        public static string Return(string arguments)
        {
            Scenario.Stage("answering");
            return Json.Object("given", Json.Parse(arguments), "mono", Type.GetType("Mono.Runtime") != null);
        }

        public static string Throw(string arguments)
        {
            Scenario.Stage("throwing");
            throw new InvalidOperationException("refused for a reason");
        }

        public static string Abort(string arguments)
        {
            Scenario.Stage("aborting");
            crasher_abort();
            return "null";
        }

        public static string Block(string arguments)
        {
            Scenario.Stage("blocking");
            crasher_block();
            return "null";
        }

        public static string Sleep(string arguments)
        {
            Scenario.Stage("sleeping");
            Thread.Sleep(Timeout.Infinite);
            return "null";
        }

        public static string Exit(string arguments)
        {
            Scenario.Stage("leaving");
            Environment.Exit(0);
            return "null";
        }

        public static string Upper(string text)
        {
            return text.ToUpperInvariant();
        }

        public static string RoundTrip(string arguments)
        {
            return Json.Text(Json.Parse(arguments));
        }
    }
}
"""

ENTRIES = {
    "return": "Probe.Scenarios.Return",
    "throw": "Probe.Scenarios.Throw",
    "abort": "Probe.Scenarios.Abort",
    "block": "Probe.Scenarios.Block",
    "sleep": "Probe.Scenarios.Sleep",
    "exit": "Probe.Scenarios.Exit",
    "round trip": "Probe.Scenarios.RoundTrip",
    "misnamed": "Probe.Scenarios.Nowhere",
    "python": "harness_drivers:call_into_csharp",
    "python throw": "harness_drivers:catch_nothing",
}

AWKWARD = {"text": 'a "quoted" \\ line\n\t\u0001 \u00fc \U0001f3a7', "deep": [{"empty": []}, {}, [[]]]} | {
    "numbers": [0, -1, 2**63 - 1, 2**64 - 1, 1.5, -2.25e-3],
    "words": [True, False, None],
}

Outcomes = dict[tuple[str, Lane], Outcome]


@pytest.fixture(scope="module")
def crasher(build_c: BuildC) -> Path:
    return build_c("crasher", CRASHER)


@pytest.fixture(scope="module")
def outcomes(toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory, crasher: Path) -> Outcomes:
    folder = tmp_path_factory.mktemp("scenarios")
    source = folder / "Scenarios.cs"
    source.write_text(SCENARIOS)
    assemblies = {
        lane: compile_library([source, HARNESS_SOURCE], folder / lane / "Probe.dll", lane) for lane in Lane
    }
    keys = list(product(ENTRIES, Lane))
    found = run_scenarios(
        [
            Scenario(
                name=name,
                lane=lane,
                entry=ENTRIES[name],
                assemblies=(assemblies[lane],),
                args=AWKWARD if name == "round trip" else {"text": "hello"},
                libraries={"crasher": crasher},
                deadline=3.0 if name in ("block", "sleep") else 30.0,
                python_path=(Path(__file__).parent,),
            )
            for name, lane in keys
        ],
        # Those that hang wait without work.
        workers=4,
    )
    return dict(zip(keys, found, strict=True))


@pytest.fixture(params=list(Lane))
def lane(request: pytest.FixtureRequest) -> Lane:
    found: Lane = request.param
    return found


def test_a_result_comes_back_from_the_right_runtime(outcomes: Outcomes, lane: Lane) -> None:
    outcome = outcomes["return", lane]
    assert outcome.value() == {"given": {"text": "hello"}, "mono": lane is Lane.MONO}
    assert (outcome.status, outcome.stage, outcome.finding()) == (Status.OK, "answering", None)


def test_an_exception_has_its_message_and_its_managed_stack(outcomes: Outcomes, lane: Lane) -> None:
    outcome = outcomes["throw", lane]
    assert (outcome.status, outcome.stage) == (Status.FAILED, "throwing")
    assert outcome.error.startswith("System.InvalidOperationException: refused for a reason")
    assert "Probe.Scenarios.Throw" in outcome.error
    assert outcome.finding() is None
    with pytest.raises(ScenarioError, match="refused for a reason"):
        outcome.value()


def test_a_crash_names_the_signal_and_the_stage(outcomes: Outcomes, lane: Lane) -> None:
    outcome = outcomes["abort", lane]
    assert (outcome.status, outcome.signal, outcome.stage) == (Status.CRASHED, "SIGABRT", "aborting")
    finding = outcome.finding()
    assert finding is not None
    assert finding.id == "GB910"
    assert "SIGABRT in stage 'aborting'" in finding.message
    assert list(Path.cwd().glob("mono_crash*")) == [], "the crash reporter's files stay in the child's folder"


@pytest.mark.parametrize("name", ["block", "sleep"])
def test_a_hang_has_a_thread_dump(outcomes: Outcomes, lane: Lane, name: str) -> None:
    outcome = outcomes[name, lane]
    stage = {"block": "blocking", "sleep": "sleeping"}[name]
    assert (outcome.status, outcome.stage, outcome.signal) == (Status.HUNG, stage, "")
    finding = outcome.finding()
    assert finding is not None
    assert finding.id == "GB911"
    dump = "\n".join(finding.details)
    assert "thread " in dump, "the system's list of threads"
    assert "child.py" in dump or "Probe.Scenarios" in dump, "a stack of the blocked thread"


def test_mono_dumps_the_managed_stack_of_a_hang(outcomes: Outcomes) -> None:
    assert "Probe.Scenarios.Sleep" in outcomes["sleep", Lane.MONO].dump


def test_a_clean_exit_without_a_result_is_no_pass(outcomes: Outcomes, lane: Lane) -> None:
    outcome = outcomes["exit", lane]
    assert (outcome.status, outcome.exit_code, outcome.stage) == (Status.NO_RESULT, 0, "leaving")
    finding = outcome.finding()
    assert finding is not None
    assert finding.id == "GB912"


def test_a_misnamed_entry_is_named(outcomes: Outcomes, lane: Lane) -> None:
    outcome = outcomes["misnamed", lane]
    assert outcome.status is Status.FAILED
    assert "Probe.Scenarios.Nowhere(string)" in outcome.error


def test_a_python_entry_drives_csharp(outcomes: Outcomes, lane: Lane) -> None:
    assert outcomes["python", lane].value() == {"lane": lane, "echo": "HELLO"}


def test_an_exception_through_a_python_entry_has_both_stacks(outcomes: Outcomes, lane: Lane) -> None:
    outcome = outcomes["python throw", lane]
    assert (outcome.status, outcome.stage) == (Status.FAILED, "throwing")
    assert "Probe.Scenarios.Throw" in outcome.error
    assert "in catch_nothing" in outcome.error


def test_json_survives_csharp(outcomes: Outcomes, lane: Lane) -> None:
    assert outcomes["round trip", lane].value() == AWKWARD


def test_a_deadline_counts_from_when_the_scenario_runs(tmp_path: Path) -> None:
    """A machine that is busy while the runtime starts makes no hang."""
    result = tmp_path / "result.json"
    answer = json.dumps({"status": "ok", "result": "late"})
    script = f"sleep 1; echo '{STAGE_PREFIX}{RUNNING}' >&2; echo '{answer}' > {result}"
    outcome = run_child("slow start", "none", ["sh", "-c", script], {}, tmp_path, result, 0.9, [])
    assert outcome.value() == "late"


def test_a_missing_native_library_is_named_before_anything_runs(tmp_path: Path) -> None:
    absent = tmp_path / "libnowhere.so"
    scenario = Scenario("s", Lane.MONO, "A.B.C", libraries={"nowhere": absent})
    with pytest.raises(ScenarioError, match=r"libnowhere\.so, which the C# imports as 'nowhere'"):
        run_scenario(scenario)
