"""Repeats a scenario in one process and decides what its end leaves: handles, sockets, threads, memory."""

from __future__ import annotations

import ipaddress
import json
import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

from gen_bindings.errors import ConfigError
from gen_bindings.findings import catalogue
from gen_bindings.findings.finding import Check, Finding
from gen_bindings.runtime import watch
from gen_bindings.runtime.lanes import Lane
from gen_bindings.runtime.process import Outcome, Status
from gen_bindings.runtime.scenario import Scenario, run_scenario

# Fewer cycles say nothing about memory: a run-time's own pools come and go by more than a session takes.
MEMORY_CYCLES = 50
# How many counts a message shows.
_SHOWN = 8
# The part of the cycles that may fill caches before memory is measured.
_MEMORY_WARM_UP = 0.5
# The name of tasks of which a scenario tells only how many there are.
_UNNAMED = ""


@dataclass(frozen=True)
class Plan:
    """What is repeated, and how it is judged.

    Attributes:
        name: for reports.
        lane: the runtime.
        entry: `Namespace.Class.Method`, which opens, uses and closes; `static string Run(string json)`.
        assemblies: compiled for the lane, one of them the binding.
        libraries: native libraries by the name that `DllImport` gives them.
        arguments: for the scenario.
        cycles: how often it is repeated.
        warm_up: how often it runs before, so that what is made only once is there.
        private_network: give the process a network of its own.
        deadline: seconds for everything.
        settle: seconds after each cycle for what ends late.
        memory_limit: bytes by which a cycle may grow the process.
        environment: added to the process's.
    """

    name: str
    lane: Lane
    entry: str
    assemblies: tuple[Path, ...]
    libraries: Mapping[str, Path]
    arguments: Any = None
    cycles: int = 10
    warm_up: int = 2
    private_network: bool = False
    deadline: float = 300.0
    settle: float = 2.0
    memory_limit: int = 64 * 1024
    environment: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Cycle:
    """What there was after a cycle and not before the first: counts, and bytes that the process holds."""

    handles: int
    udp_sockets: int
    other_descriptors: int
    threads: int
    tasks: int
    memory: int


@dataclass(frozen=True)
class CloseReport:
    """What a check found.

    Attributes:
        name: of the plan.
        lane: the runtime.
        outcome: how the process ended.
        cycles: one entry per cycle.
        growth: bytes per cycle over the second half of the cycles; None when there are too few.
        findings: GB901 to GB906 for what is left, GB910 to GB912 for a process that did not end well.
        failure: the exception that left the scenario.
    """

    name: str
    lane: Lane
    outcome: Outcome
    cycles: tuple[Cycle, ...]
    growth: float | None
    findings: tuple[Finding, ...]
    failure: str = ""

    @property
    def clean(self) -> bool:
        """Whether nothing is left and the scenario itself passed."""
        return not self.findings and not self.failure


def check_close(plan: Plan) -> CloseReport:
    """Runs the plan in a process of its own.

    Raises:
        ToolchainError: the lane's runtime is missing.
        ScenarioError: a native library is missing.
        ConfigError: there is no such scenario, or it returns something else than scenarios do.
    """
    outcome = run_scenario(
        Scenario(
            name=plan.name,
            lane=plan.lane,
            entry="gen_bindings.runtime.check_close:run",
            assemblies=plan.assemblies,
            args={
                "entry": plan.entry,
                "arguments": plan.arguments,
                "cycles": plan.cycles,
                "warm_up": plan.warm_up,
                "settle": plan.settle,
            },
            libraries=plan.libraries,
            deadline=plan.deadline,
            environment=plan.environment or {},
            private_network=plan.private_network,
        )
    )
    if outcome.status is not Status.OK:
        failure, found = _failed(outcome)
        return CloseReport(plan.name, plan.lane, outcome, (), None, found, failure)
    if "refused" in outcome.result:
        raise ConfigError(outcome.result["refused"])
    return judged(plan, outcome, outcome.result)


def judged(plan: Plan, outcome: Outcome, measured: Mapping[str, Any]) -> CloseReport:
    """The report of what `run` measured in a process that ended well."""
    cycles = tuple(Cycle(**cycle) for cycle in measured["cycles"])
    growth = _growth([cycle.memory for cycle in cycles])
    return CloseReport(plan.name, plan.lane, outcome, cycles, growth, _found(plan, measured, cycles, growth))


def run(lane: Lane, args: Mapping[str, Any]) -> dict[str, Any]:
    """Runs in the child: repeats the scenario, and looks after each cycle.

    A scenario may return an object that says what its library has left: `handles` by kind, and `tasks`, by
    name or how many. Without `handles` those count that the binding holds.
    """
    try:
        return _repeat(lane, args)
    except ConfigError as error:
        return {"refused": str(error)}


def _repeat(lane: Lane, args: Mapping[str, Any]) -> dict[str, Any]:
    from gen_bindings.runtime.child import stage

    line = _live_handles()
    method = _scenario(args["entry"], line.DeclaringType.Assembly)
    arguments = json.dumps(args["arguments"])

    def once() -> tuple[Counter[str], Counter[str]]:
        handles, tasks = told(args["entry"], method.Invoke(None, [arguments]))
        return _parsed(str(line.Invoke(None, []))) if handles is None else handles, tasks

    handles_before: Counter[str] = Counter()
    tasks_before: Counter[str] = Counter()
    for number in range(args["warm_up"]):
        stage(f"warm-up {number + 1}")
        handles_before, tasks_before = once()
    _collect()
    previous = before = watch.snapshot()
    cycles = []
    for number in range(args["cycles"]):
        stage(f"cycle {number + 1}")
        handles, tasks = once()
        # What ends a little later is waited for; what an earlier cycle left is not waited for again.
        watch.remaining(previous, lane, deadline=args["settle"])
        _collect()
        previous = watch.snapshot()
        left = watch.leftovers(before, previous, lane)
        cycle = Cycle(
            handles=(handles - handles_before).total(),
            udp_sockets=len(left.udp),
            other_descriptors=len(left.others),
            threads=left.threads.total(),
            tasks=(tasks - tasks_before).total(),
            memory=previous.uss,
        )
        cycles.append(asdict(cycle))
    return {
        "cycles": cycles,
        "handles": dict(handles - handles_before),
        "udp_sockets": [[found.kind, found.local] for found in left.udp],
        "other_descriptors": list(left.others),
        "threads": dict(left.threads),
        "tasks": dict(tasks - tasks_before),
    }


def _found(
    plan: Plan, measured: Mapping[str, Any], cycles: Sequence[Cycle], growth: float | None
) -> tuple[Finding, ...]:
    counted: tuple[tuple[Check, str, list[int], tuple[str, ...]], ...] = (
        (catalogue.NEVER_RELEASED, "handles", [c.handles for c in cycles], _counted(measured["handles"])),
        (
            catalogue.SOCKETS_REMAIN,
            "UDP sockets",
            [c.udp_sockets for c in cycles],
            _addresses(measured["udp_sockets"]),
        ),
        (
            catalogue.FDS_REMAIN,
            "TCP or unix sockets or other descriptors",
            [c.other_descriptors for c in cycles],
            _counted(Counter(measured["other_descriptors"])),
        ),
        (catalogue.THREADS_REMAIN, "threads", [c.threads for c in cycles], _counted(measured["threads"])),
        (
            catalogue.TASKS_REMAIN,
            "tasks of the library",
            [c.tasks for c in cycles],
            _counted({name: count for name, count in measured["tasks"].items() if name != _UNNAMED}),
        ),
    )
    found = [
        check.seen(f"{counts[-1]} {what} remain after {_cycles(counts)}.", details)
        for check, what, counts, details in counted
        if counts[-1] > 0
    ]
    if growth is not None and growth > plan.memory_limit:
        allowed = plan.memory_limit / 1024
        message = f"Memory grows by {growth / 1024:.0f} KiB per cycle; {allowed:.0f} KiB are allowed."
        found.append(catalogue.MEMORY_GROWS.seen(message))
    return tuple(found)


def _cycles(counts: Sequence[int]) -> str:
    if len(counts) == 1:
        return "1 cycle"
    grows = ", growing" if counts[-1] > counts[0] else ""
    shown = [str(count) for count in counts]
    if len(shown) > _SHOWN:
        shown = [*shown[: _SHOWN - 1], "…", shown[-1]]
    return f"{len(counts)} cycles{grows} ({', '.join(shown)})"


def _failed(outcome: Outcome) -> tuple[str, tuple[Finding, ...]]:
    if outcome.status is Status.FAILED:
        return f"The scenario failed at the stage {outcome.stage!r}: {outcome.error.strip()}", ()
    check, what = {
        Status.CRASHED: (catalogue.CRASHED, f"The process crashed with {outcome.signal}"),
        Status.HUNG: (catalogue.HUNG, "The process did not end before its deadline"),
    }.get(outcome.status, (catalogue.NO_RESULT, f"The process ended with {outcome.exit_code} and no result"))
    lines = (outcome.dump or outcome.stderr).splitlines()
    return "", (check.seen(f"{what}, at the stage {outcome.stage!r}.", tuple(lines)),)


def _growth(memory: Sequence[int]) -> float | None:
    """The median slope between any two of the later cycles: single jumps do not move it."""
    if len(memory) < MEMORY_CYCLES:
        return None
    later = list(enumerate(memory))[int(len(memory) * _MEMORY_WARM_UP) :]
    return statistics.median((b - a) / (j - i) for (i, a), (j, b) in combinations(later, 2))


def _addresses(sockets: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """One line per address, with how many there are of it."""
    shown: Counter[str] = Counter()
    for kind, local in sockets:
        host, _, _ = local.rpartition(":")
        multicast = ipaddress.ip_address(host.strip("[]")).is_multicast
        shown[f"{kind} {local}" + (" (multicast)" if multicast else "")] += 1
    return _counted(shown)


def _counted(counts: Mapping[str, int]) -> tuple[str, ...]:
    return tuple(f"{name}: {count}" for name, count in sorted(counts.items()) if count)


def _parsed(line: str) -> Counter[str]:
    pairs = (word.partition("=") for word in line.split())
    return Counter({name: int(number) for name, _, number in pairs if name != "total"})


def _collect() -> None:
    from System import GC

    for _ in range(3):
        GC.Collect()
        GC.WaitForPendingFinalizers()


def told(entry: str, result: Any) -> tuple[Counter[str] | None, Counter[str]]:
    """What a scenario says is left: handles, or None where it leaves them to the binding, and tasks.

    Raises:
        ConfigError: it says something else.
    """
    text = "null" if result is None else str(result)
    try:
        said = json.loads(text)
        left = said if isinstance(said, dict) else {}
        handles = left.get("handles")
        tasks = left.get("tasks", 0)
        return (
            None if handles is None else _numbers(handles),
            _numbers(tasks if isinstance(tasks, dict) else {_UNNAMED: tasks}),
        )
    except (ValueError, TypeError, AttributeError):
        raise ConfigError(
            f"{entry} returned {text!r}. A scenario returns JSON: an object such as "
            '{"handles": {"room": 1}, "tasks": 2} for what is left, or anything else, such as "null".'
        ) from None


def _numbers(counts: Any) -> Counter[str]:
    return Counter({str(name): int(count) for name, count in counts.items()})


def _scenario(entry: str, binding: Any) -> Any:
    """The method; where there is none, the message names those beside the binding."""
    type_name, _, name = entry.rpartition(".")
    for assembly in _assemblies() if type_name else ():
        found = assembly.GetType(type_name)
        for method in found.GetMethods() if found is not None else ():
            if method.Name == name and _is_scenario(method):
                return method
    methods = [method for found in binding.GetTypes() for method in found.GetMethods()]
    there = sorted(f"{m.DeclaringType.FullName}.{m.Name}" for m in methods if _is_scenario(m))
    raise ConfigError(
        f"--entry {entry}: there is no `public static string {name}(string json)`. "
        f"The scenario's files have {', '.join(there[:_SHOWN]) or 'no such method at all'}."
    )


def _is_scenario(method: Any) -> bool:
    takes = [str(parameter.ParameterType) for parameter in method.GetParameters()]
    return method.IsStatic and str(method.ReturnType) == "System.String" and takes == ["System.String"]


def _live_handles() -> Any:
    """The binding's own count, whatever its namespace."""
    for assembly in _assemblies():
        for found in assembly.GetExportedTypes():
            if found.Name == "LiveHandles" and found.GetMethod("Line") is not None:
                return found.GetMethod("Line")
    raise LookupError("No assembly has a LiveHandles class: the binding was not compiled with the scenario.")


def _assemblies() -> list[Any]:
    from System import AppDomain

    return [assembly for assembly in AppDomain.CurrentDomain.GetAssemblies() if not assembly.IsDynamic]
