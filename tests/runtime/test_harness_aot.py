"""Full AOT refuses what a device refuses, and says which wrapper was missing."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from gen_bindings.errors import ToolchainError
from gen_bindings.runtime.aot import build_program, run_program
from gen_bindings.runtime.pool import run_jobs
from gen_bindings.runtime.process import Outcome, Status
from gen_bindings.runtime.toolchain import Toolchain

BuildC = Callable[[str, str], Path]

CALLER = """
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>
typedef void (*callback)(int);
static void *run(void *given) { ((callback)given)(42); return 0; }
void caller_call(callback given) {
    pthread_t thread;
    pthread_create(&thread, 0, run, (void *)given);
    pthread_join(thread, 0);
}
void caller_abort(void) { abort(); }
void caller_block(void) { for (;;) pause(); }
"""

PROGRAM = """
using System;
using System.Runtime.InteropServices;
using GenBindings.Harness;

namespace Probe
{
    [AttributeUsage(AttributeTargets.Method)]
    internal sealed class MonoPInvokeCallbackAttribute : Attribute
    {
        public MonoPInvokeCallbackAttribute(Type type) { }
    }

    public static class Ahead
    {
        private delegate void Callback(int value);
        private static readonly Callback Rooted = OnCall;
        private static int received;

        [DllImport("caller")] private static extern void caller_call(Callback callback);
        [DllImport("caller")] private static extern void caller_abort();
        [DllImport("caller")] private static extern void caller_block();

#if ATTRIBUTE
        [MonoPInvokeCallback(typeof(Callback))]
#endif
        private static void OnCall(int value)
        {
            received = value;
        }

        public static string Run(string arguments)
        {
            var given = (string)Json.Parse(arguments);
            Scenario.Stage(given);
            if (given == "abort") { caller_abort(); }
            if (given == "block") { caller_block(); }
            if (given == "throw") { throw new InvalidOperationException("refused for a reason"); }
            caller_call(Rooted);
            return Json.Object("received", received);
        }
    }
}
"""


@pytest.fixture(scope="module")
def outcomes(
    toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory, build_c: BuildC
) -> dict[str, Outcome]:
    source = tmp_path_factory.mktemp("aot") / "Ahead.cs"
    source.write_text(PROGRAM)
    libraries = {"caller": build_c("caller", CALLER)}
    entry = "Probe.Ahead.Run"
    programs = {
        True: build_program([source], entry, defines=["ATTRIBUTE"]),
        False: build_program([source], entry),
    }
    runs = {
        name: partial(
            run_program,
            name,
            programs[attribute],
            args=argument,
            libraries=libraries,
            deadline=2.0 if argument == "block" else 30.0,
        )
        for name, attribute, argument in [
            ("with", True, "call"),
            ("without", False, "call"),
            ("throw", True, "throw"),
            ("abort", True, "abort"),
            ("block", True, "block"),
        ]
    }
    return dict(zip(runs, run_jobs(list(runs.values())), strict=True))


def test_a_callback_with_the_attribute_runs(outcomes: dict[str, Outcome]) -> None:
    assert outcomes["with"].value() == {"received": 42}


def test_a_callback_without_it_fails_with_the_wrapper_named(outcomes: dict[str, Outcome]) -> None:
    outcome = outcomes["without"]
    assert (outcome.status, outcome.stage) == (Status.FAILED, "call")
    assert "ExecutionEngineException" in outcome.error
    assert "native-to-managed" in outcome.error
    assert "Probe.Ahead:OnCall" in outcome.error


def test_exceptions_crashes_and_hangs_are_told_apart(outcomes: dict[str, Outcome]) -> None:
    assert outcomes["throw"].status is Status.FAILED
    assert "refused for a reason" in outcomes["throw"].error
    assert (outcomes["abort"].status, outcomes["abort"].signal) == (Status.CRASHED, "SIGABRT")
    assert outcomes["abort"].stage == "abort"
    assert (outcomes["block"].status, outcomes["block"].stage) == (Status.HUNG, "block")
    assert "thread " in outcomes["block"].dump


def test_what_the_aot_compiler_refuses_is_an_error(tmp_path: Path, toolchain: Toolchain) -> None:
    source = tmp_path / "Instance.cs"
    source.write_text(
        PROGRAM.replace("private static void OnCall", "private void OnCall")
        .replace("public static class Ahead", "public sealed class Ahead")
        .replace("private static readonly Callback Rooted = OnCall", "private readonly Callback rooted")
        .replace("caller_call(Rooted)", "var one = new Ahead(); caller_call(one.rooted ?? one.OnCall)")
        .replace("received = value", "received = value + (rooted == null ? 0 : 1)")
    )
    with pytest.raises(ToolchainError, match=r"The AOT compiler refused scenario\.exe"):
        build_program([source], "Probe.Ahead.Run", defines=["ATTRIBUTE"], warnings_as_errors=False)
