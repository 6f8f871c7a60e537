"""Tasks, async methods and events under the scheduler: right programs are clean, wrong ones are found."""

from __future__ import annotations

import explore_lab
import pytest

from gen_bindings.explore.build import rewrite
from gen_bindings.explore.contract import contract_of
from gen_bindings.explore.run import Exploration, Limits, explore
from gen_bindings.runtime.compile import compile_library
from gen_bindings.runtime.lanes import Lane

pytestmark = pytest.mark.usefixtures("ready")

# Each method is a scenario; what it must be found for, or nothing.
SCENARIOS = {
    "AwaitedResult": "",
    "AwaitedFailure": "",
    "SemaphoreGuards": "",
    "EventIsNotLost": "",
    "DelayPasses": "",
    "SetTwice": "unhandled",
    "NeverSet": "deadlock",
    "NobodyLooks": "unobserved exception",
    "Unguarded": "race",
    "LostUpdate": "expectation",
}
SOURCE = """
using System;
using System.Threading;
using System.Threading.Tasks;
using GenBindings.Explore;

public static class Small
{
    private static int _count;
    private static volatile int _seen;

    public static void AwaitedResult()
    {
        TaskCompletionSource<int> source = new TaskCompletionSource<int>();
        World.Explore();
        Task<int> doubled = Twice(source.Task);
        Thread sets = new Thread((ThreadStart)delegate { source.SetResult(21); });
        sets.Start();
        World.Expect(doubled.Result == 42, "the answer");
        sets.Join();
        World.CheckTheEnd();
    }

    private static async Task<int> Twice(Task<int> task)
    {
        int once = await task;
        await Task.Delay(10).ConfigureAwait(false);
        return once + await task;
    }

    public static void AwaitedFailure()
    {
        World.Explore();
        bool caught = false;
        try
        {
            Fails().Wait();
        }
        catch (AggregateException)
        {
            caught = true;
        }

        World.Expect(caught, "the failure was seen");
        World.CheckTheEnd();
    }

    private static async Task Fails()
    {
        await Task.Run((Action)delegate { });
        throw new InvalidOperationException("It fails.");
    }

    public static void SemaphoreGuards()
    {
        SemaphoreSlim one = new SemaphoreSlim(1);
        int inside = 0;
        World.Explore();
        Action work = delegate
        {
            one.Wait();
            inside++;
            World.Expect(inside == 1, "one at a time");
            inside--;
            one.Release();
        };
        Task.WhenAll(Task.Run(work), Task.Run(work)).Wait();
        World.CheckTheEnd();
    }

    public static void EventIsNotLost()
    {
        ManualResetEventSlim ready = new ManualResetEventSlim();
        AutoResetEvent done = new AutoResetEvent(false);
        World.Explore();
        ThreadPool.QueueUserWorkItem(delegate
        {
            ready.Wait();
            done.Set();
        });
        ready.Set();
        World.Expect(done.WaitOne(1000), "it was set");
        World.Quiet();
        World.CheckTheEnd();
    }

    public static void DelayPasses()
    {
        World.Explore();
        DateTime before = DateTime.UtcNow;
        Task.Delay(5000).Wait();
        World.Expect((DateTime.UtcNow - before).TotalSeconds >= 5, "time went on");
        World.CheckTheEnd();
    }

    public static void SetTwice()
    {
        TaskCompletionSource<int> source = new TaskCompletionSource<int>();
        World.Explore();
        Thread one = new Thread((ThreadStart)delegate { source.SetResult(1); });
        one.Start();
        source.TrySetResult(2);
        one.Join();
    }

    public static void NeverSet()
    {
        World.Explore();
        new TaskCompletionSource<int>().Task.Wait();
    }

    public static void NobodyLooks()
    {
        World.Explore();
        Task.Run((Action)delegate { throw new InvalidOperationException("Nobody looks."); });
        World.Quiet();
        World.CheckTheEnd();
    }

    public static void Unguarded()
    {
        World.Explore();
        Task other = Task.Run((Action)delegate { _count++; });
        _count++;
        other.Wait();
    }

    public static void LostUpdate()
    {
        World.Explore();
        Task other = Task.Run((Action)delegate { _seen = _seen + 1; });
        _seen = _seen + 1;
        other.Wait();
        World.Expect(_seen == 2, "both count");
    }
}
"""


@pytest.fixture(scope="module")
def explored(tmp_path_factory: pytest.TempPathFactory) -> Exploration:
    """All of them, in one process."""
    folder = tmp_path_factory.mktemp("tasks")
    source = folder / "Small.cs"
    source.write_text(SOURCE, "utf-8")
    program = rewrite([explore_lab.lamps()]).program
    assembly = compile_library(
        [source], folder / "Small.dll", Lane.MONO, references=[program], warnings_as_errors=False
    )
    documents = [{"name": name, "entry": f"Small.{name}"} for name in SCENARIOS]
    return explore(
        rewrite([assembly]),
        contract_of(explore_lab.lamp_model()),
        None,
        documents,
        Limits(bound=2, seconds=20),
    )


@pytest.mark.parametrize("name", SCENARIOS)
def test_tasks(explored: Exploration, name: str) -> None:
    kinds = {found.kind for found in explored.found if found.scenario == name}
    searched = {one.scenario: one for one in explored.searched}

    assert kinds == ({SCENARIOS[name]} if SCENARIOS[name] else set()), [
        found for found in explored.found if found.scenario == name
    ]
    assert SCENARIOS[name] or searched[name].whole


def test_statics_begin_anew(explored: Exploration) -> None:
    # `LostUpdate` counts a static from 0 in every schedule: what it is found for needs a preemption.
    found = next(one for one in explored.found if one.scenario == "LostUpdate")

    assert found.choices != ""
