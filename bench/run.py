"""The benchmarks: what the generated layer costs, against the same thing without it.

    python bench/run.py [--processes N] [--tiny]

Every figure is a ratio or a difference taken within one process, the median over interleaved rounds and then
over processes. Results go to build/bench/results.json and build/bench/chart.svg. A missed goal is no failure:
the exit code is 0.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from chart import Bar, svg
from google.protobuf import descriptor_pb2
from messages import Case, csharp, largest
from peer import DEFINE, NoPeerError, Peer, find_peer

from gen_bindings.config import load_config
from gen_bindings.errors import GenBindingsError
from gen_bindings.inputs import read_inputs
from gen_bindings.passes.pipeline import build_binding
from gen_bindings.render.emit import emit, message_layer
from gen_bindings.render.writer import write_tree
from gen_bindings.report.table import print_table
from gen_bindings.runtime import aot
from gen_bindings.runtime.compile import HARNESS_SOURCE, compile_library
from gen_bindings.runtime.lanes import Lane
from gen_bindings.runtime.process import Outcome
from gen_bindings.runtime.scenario import Scenario, run_scenario
from gen_bindings.runtime.toolchain import find_mcs
from gen_bindings.sources import python_module
from gen_bindings.sources.locate import locate

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
OUT = ROOT / "build" / "bench"
CSHARP = HERE / "csharp"
REFERENCE_LIBRARY = ROOT / "native" / "target" / "release" / "libreference_ffi.so"
LANES = (Lane.CORECLR.value, Lane.MONO.value, aot.LANE)

# protoc's C# for the same schema and its runtime, as measured once with csc: what counts without a peer.
_PEER_BYTES = 1_900_000
_PEER_LINES = 139_085
_PEER_SECONDS = 3.4

_PUSH_GOAL = 1.02
_NS_GOALS = {Lane.CORECLR.value: 80.0, Lane.MONO.value: 100.0, aot.LANE: 100.0}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; ``of_goal`` is the result as a part of the goal, ``None`` without one."""

    what: str
    lane: str
    result: str
    goal: str
    of_goal: float | None
    detail: dict[str, Any] = field(default_factory=dict)

    @property
    def verdict(self) -> str:
        """What the table says in its last column."""
        return "" if self.of_goal is None else "pass" if self.of_goal <= 1 else "MISS"


@dataclass(frozen=True, slots=True)
class Amount:
    """How much is measured: the tiny amount only shows that everything still runs."""

    processes: int
    rounds: int
    times: int
    events: int
    participants: tuple[int, ...]
    cascade_rounds: int
    requests: int


FULL = Amount(3, 400, 500, 4000, (10, 1000, 10000), 3, 80_000)
TINY = Amount(1, 2, 10, 200, (3,), 1, 800)


@dataclass(frozen=True, slots=True)
class Binding:
    """A generated binding on disk."""

    name: str
    sources: tuple[Path, ...]
    lines: int


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--processes", type=int, default=FULL.processes, help="processes per figure")
    parser.add_argument("--tiny", action="store_true", help="as little as possible, only to see that it runs")
    given = parser.parse_args()
    amount = TINY if given.tiny else Amount(given.processes, *list(_fields(FULL))[1:])
    try:
        rows, notes = measure(amount)
    except GenBindingsError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    table = [(r.what, r.lane, r.result, r.goal, r.verdict) for r in rows]
    print_table(("what", "lane", "result", "goal", ""), table)
    for note in notes:
        print(note)
    OUT.mkdir(parents=True, exist_ok=True)
    machine = {"processor": _processor(), "cores": os.cpu_count(), "system": platform.platform()}
    results = {
        "machine": machine,
        "notes": notes,
        "rows": [{**asdict(r), "verdict": r.verdict} for r in rows],
    }
    (OUT / "results.json").write_text(json.dumps(results, indent=1) + "\n", "utf-8")
    bars = [
        Bar(f"{r.what} ({r.lane})" if r.lane else r.what, r.result, r.of_goal)
        for r in rows
        if r.of_goal is not None
    ]
    (OUT / "chart.svg").write_text(
        svg(bars, "What the generated layer costs, as a part of its goal"), "utf-8"
    )
    print(f"\n{OUT / 'results.json'} and {OUT / 'chart.svg'} have the same.")
    return 0


def measure(amount: Amount, lanes: Sequence[str] = LANES) -> tuple[list[Row], list[str]]:
    """Every row, and what should be said besides."""
    notes: list[str] = []
    say("generating both bindings")
    livekit = generate("livekit")
    reference = generate("reference")
    files = schema_files()
    peer: Peer | None = None
    try:
        peer = find_peer(files, OUT / "peer")
    except (NoPeerError, OSError) as error:
        notes.append(f"Google.Protobuf was left out: {error}.")
    rows: list[Row] = []
    rows += calls(livekit, peer, amount, lanes)
    rows += events(reference, amount, lanes)
    rows += messages(livekit, files, peer, amount, lanes)
    rows += size(livekit, peer, amount)
    rows += cascade(reference, amount, lanes)
    rows += concurrency(reference, amount, lanes)
    rows += recorder(amount)
    rows += command_line(amount)
    return rows, notes


def calls(binding: Binding, peer: Peer | None, amount: Amount, lanes: Sequence[str]) -> list[Row]:
    """Requests through the generated API against the same bytes, sent raw."""
    loaded = load_config(ROOT / "examples" / "livekit" / "bindings.toml")
    assert loaded.config.input.library is not None
    library = {"livekit_ffi": locate(loaded.config.input.library, loaded.file.parent)}
    arguments = {"rounds": amount.rounds, "times": amount.times}
    rows = []
    for lane in lanes:
        say(f"calls, {lane}")
        with_peer = peer if lane != aot.LANE else None
        sources = [CSHARP / "Measure.cs", CSHARP / "Calls.cs"] + (
            [CSHARP / "PeerCalls.cs"] if with_peer else []
        )
        run = prepare(binding, sources, "Bench.Calls.Run", lane, with_peer)
        found = medians(run(arguments, library) for _ in range(amount.processes))
        push = found["push"]["generated"]
        rows.append(
            Row(
                "push of 10 ms of audio",
                lane,
                f"{push['ratio']:.3f} x, {push['bytes']:g} bytes",
                f"{_PUSH_GOAL} x, 0 bytes",
                _worst(push["ratio"] / _PUSH_GOAL, push["bytes"]),
                found["push"],
            )
        )
        goal = _NS_GOALS[lane]
        for what in ("mute", "empty push", "clear", "capture"):
            own = found[what]["generated"]
            beside = ""
            if "peer" in found[what]:
                more = found[what]["peer"]["more"]
                beside = f"; Google.Protobuf {more:.0f} ns, {found[what]['peer']['bytes']:g} bytes"
            rows.append(
                Row(
                    f"{what}, above the raw call",
                    lane,
                    f"{own['more']:.0f} ns, {own['bytes']:g} bytes{beside}",
                    f"{goal:.0f} ns, 0 bytes",
                    _worst(own["more"] / goal, own["bytes"]),
                    found[what],
                )
            )
            if "peer" in found[what]:
                times = found[what]["peer"]["more"] / max(1.0, own["more"])
                rows.append(
                    Row(
                        f"{what}, Google.Protobuf against ours",
                        lane,
                        f"{times:.1f} x",
                        "at least 5 x",
                        5 / times,
                    )
                )
    return rows


def events(binding: Binding, amount: Amount, lanes: Sequence[str]) -> list[Row]:
    """Frames inside the callback, and events that go to the dispatch thread."""
    library = {"reference_ffi": shim()}
    rows = []
    for lane in lanes:
        say(f"events, {lane}")
        run = prepare(binding, [CSHARP / "Measure.cs", CSHARP / "Rooms.cs"], "Bench.Rooms.Events", lane)
        arguments = {"library": str(REFERENCE_LIBRARY), "events": amount.events}
        found = medians(run(arguments, library) for _ in range(amount.processes))
        frame, over = found["frame"], found["hand-over"]
        rows.append(
            Row(
                "event with a frame, above the callback",
                lane,
                f"{frame['more']:.0f} ns, {frame['bytes']:g} bytes",
                "1000 ns, 0 bytes",
                _worst(frame["more"] / 1000, frame["bytes"]),
                frame,
            )
        )
        ratio = over["generated"] / over["bare"]
        beyond = max(0.0, over["bytes"] - over["own bytes"])
        rows.append(
            Row(
                "event handed to the dispatch thread",
                lane,
                f"{ratio:.2f} x, {beyond:g} bytes",
                "1.5 x, 0 bytes",
                _worst(ratio / 1.5, beyond),
                over,
            )
        )
        burst = over["burst"] / over["burst bare"]
        rows.append(
            Row("the same in a burst, per event", lane, f"{over['burst']:.0f} ns, {burst:.2f} x", "", None)
        )
    return rows


def messages(
    binding: Binding,
    files: descriptor_pb2.FileDescriptorSet,
    peer: Peer | None,
    amount: Amount,
    lanes: Sequence[str],
) -> list[Row]:
    """Encode and decode of the largest messages."""
    loaded = load_config(ROOT / "examples" / "livekit" / "bindings.toml")
    inputs = read_inputs(loaded)
    layer = message_layer(build_binding(loaded, inputs.schema, inputs.header, inputs.exports))
    assert layer is not None
    cases: list[Case] = largest(files, layer)
    source = OUT / "Messages.cs"
    source.parent.mkdir(parents=True, exist_ok=True)
    source.write_text(csharp(cases, loaded.config.binding.namespace), "utf-8")
    rows = []
    for lane in lanes:
        say(f"messages, {lane}")
        with_peer = peer if lane != aot.LANE else None
        run = prepare(binding, [CSHARP / "Measure.cs", source], "Bench.Messages.Run", lane, with_peer)
        arguments = {"rounds": max(2, amount.rounds // 8), "times": amount.times}
        found = medians(run(arguments, {}) for _ in range(amount.processes))
        for way in ("encode", "decode"):
            mine = {name: both for name, both in found.items() if name.startswith(way)}
            ns = sum(both["generated"]["ns"] for both in mine.values())
            allocated = sum(both["generated"]["bytes"] for both in mine.values())
            strings = sum(case.strings for case in cases)
            what = f"{way} of the ten largest messages"
            if with_peer is None:
                rows.append(Row(what, lane, f"{ns:.0f} ns, {allocated:.0f} bytes", "", None, mine))
                continue
            faster = statistics.geometric_mean([both["peer"]["ratio"] for both in mine.values()])
            theirs = sum(both["peer"]["bytes"] for both in mine.values())
            part = allocated / theirs
            told = f"; {allocated:,.0f} of {theirs:,.0f}, strings alone {strings:,}" if allocated else ""
            slowest = min(both["peer"]["ratio"] for both in mine.values())
            rows.append(
                Row(
                    what,
                    lane,
                    f"{faster:.1f} x faster (least {slowest:.1f}), {part:.2f} of the bytes{told}",
                    "2 x faster, 0.5 of the bytes",
                    max(2 / faster, part / 0.5),
                    mine,
                )
            )
    return rows


def size(binding: Binding, peer: Peer | None, amount: Amount) -> list[Row]:
    """Compiled bytes and the time to compile."""
    say("size and compile time")
    times = 1 if amount is TINY else 5
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        own = folder / "own.dll"
        theirs = folder / "peer.dll"
        seconds: list[float] = []
        peers: list[float] = []
        for _ in range(times):
            seconds.append(_compile(binding.sources, own, ["-unsafe"]))
            if peer is not None:
                options = [
                    f"-define:{DEFINE}",
                    f"-r:{peer.assembly}",
                    f"-r:{_netstandard()}",
                    "-nowarn:612,618",
                ]
                peers.append(_compile(peer.sources, theirs, options))
        compiled = own.stat().st_size
        against = theirs.stat().st_size + peer.assembly.stat().st_size if peer is not None else _PEER_BYTES
    lines = peer.lines if peer is not None else _PEER_LINES
    mine = statistics.median(seconds)
    other = statistics.median(peers) if peers else _PEER_SECONDS
    once = "" if peers else " (measured once, with csc)"
    return [
        Row(
            "size of LiveKit's binding, compiled",
            "",
            f"{compiled:,} bytes, {binding.lines:,} lines; protoc's {against:,}, {lines:,}{once}",
            "1/3",
            compiled / against * 3,
        ),
        Row(
            "time to compile it",
            "",
            f"{mine:.2f} s; protoc's {other:.2f} s{once}",
            "1/2",
            mine / other * 2,
        ),
    ]


def cascade(binding: Binding, amount: Amount, lanes: Sequence[str]) -> list[Row]:
    """A room's cascade against raw drops of as many handles."""
    library = {"reference_ffi": shim()}
    rows = []
    for lane in lanes:
        per_handle: list[float] = []
        for participants in amount.participants:
            say(f"cascade of {participants}, {lane}")
            run = prepare(binding, [CSHARP / "Measure.cs", CSHARP / "Rooms.cs"], "Bench.Rooms.Cascade", lane)
            # Small rooms end fast, and the clock needs many of them.
            rounds = amount.cascade_rounds * max(1, min(10, 1000 // participants))
            arguments = {"library": str(REFERENCE_LIBRARY), "participants": participants, "rounds": rounds}
            found = run(arguments, library)
            ratio = found["cascade"] / found["raw"]
            per_handle.append(found["cascade"])
            rows.append(
                Row(
                    f"cascade of a room with {participants:,} participants",
                    lane,
                    f"{ratio:.2f} x, {found['cascade']:.0f} ns per handle (raw {found['raw']:.0f})",
                    "2 x",
                    ratio / 2,
                    found,
                )
            )
        growth = per_handle[-1] / per_handle[0]
        rows.append(Row("its cost per handle, largest against smallest", lane, f"{growth:.2f} x", "", None))
    return rows


def concurrency(binding: Binding, amount: Amount, lanes: Sequence[str]) -> list[Row]:
    """Throughput by number of threads and rooms."""
    library = {"reference_ffi": shim()}
    rows = []
    for lane in lanes:
        say(f"concurrency, {lane}")
        run = prepare(binding, [CSHARP / "Measure.cs", CSHARP / "Rooms.cs"], "Bench.Rooms.Concurrency", lane)
        arguments = {
            "library": str(REFERENCE_LIBRARY),
            "requests": amount.requests,
            "events": amount.requests // 8,
            "rounds": min(5, amount.rounds),
        }
        for point in run(arguments, library):
            many = point["threads"]
            part = point["generated"] / point["raw"]
            rows.append(
                Row(
                    f"{many} threads request, {many} rooms receive",
                    lane,
                    f"{point['generated'] / 1e6:.2f} M requests/s, "
                    f"raw {point['raw'] / 1e6:.2f} ({part:.2f} x); "
                    f"{point['events'] / 1e3:.0f} k events/s",
                    "",
                    None,
                    point,
                )
            )
    return rows


def recorder(amount: Amount) -> list[Row]:
    """A request through the recorder of `gen-bindings trace`, against the same without it."""
    say("the recorder")
    sys.path.append(str(ROOT / "tests" / "trace"))
    from cost import REQUEST
    from cost import measure as cost_of
    from trace_fixtures import recorded

    library = recorded(ROOT / "examples" / "reference" / "bindings.toml", REFERENCE_LIBRARY)
    found = []
    for _ in range(amount.processes):
        cost = cost_of(library, REQUEST, "reference_ffi_", rounds=max(3, amount.rounds // 4))
        found.append({"more": cost.more, "plain": cost.plain})
    middle = medians(found)
    return [
        Row(
            "request through the recorder",
            "",
            f"{middle['more']:.0f} ns more (without {middle['plain']:.0f})",
            "1000 ns",
            middle["more"] / 1000,
            middle,
        )
    ]


def command_line(amount: Amount) -> list[Row]:
    """Generating from nothing and again, and the command's start."""
    say("the command line")
    times = 1 if amount is TINY else 5
    config = ROOT / "examples" / "livekit" / "bindings.toml"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environment = {**os.environ, "GEN_BINDINGS_CACHE": str(folder / "cache")}
        command = ["-m", "gen_bindings", "generate", "--config", str(config), "--out", str(folder / "out")]

        def clear() -> None:
            shutil.rmtree(folder / "cache", ignore_errors=True)
            shutil.rmtree(folder / "out", ignore_errors=True)

        first = _seconds(command, environment, times, clear)
        again = _seconds(command, environment, times)
        imports = (
            "import gen_bindings.cli, gen_bindings.inputs, gen_bindings.passes.pipeline, "
            "gen_bindings.render.emit, gen_bindings.render.writer"
        )
        start = _seconds(["-c", imports], environment, times)
        nothing = _seconds(["-c", "pass"], environment, times)
        help_ = _seconds(["-m", "gen_bindings", "--help"], environment, times)
    return [
        Row(
            "generating LiveKit's binding from nothing",
            "",
            f"{first:.2f} s (imports alone {start:.2f} s)",
            "1.5 s",
            first / 1.5,
        ),
        Row("again with nothing changed", "", f"{again:.2f} s", "0.5 s", again / 0.5),
        Row(
            "gen-bindings --help, above python -c pass",
            "",
            f"{help_ - nothing:.2f} s",
            "0.2 s",
            (help_ - nothing) / 0.2,
        ),
    ]


def generate(example: str) -> Binding:
    """Emits an example's binding into the build folder."""
    loaded = load_config(ROOT / "examples" / example / "bindings.toml")
    inputs = read_inputs(loaded)
    files = emit(build_binding(loaded, inputs.schema, inputs.header, inputs.exports), inputs.digest)
    folder = OUT / example
    write_tree(files, folder)
    lines = sum(text.count("\n") for text in files.values())
    return Binding(example, tuple(sorted(folder.rglob("*.cs"))), lines)


def schema_files() -> descriptor_pb2.FileDescriptorSet:
    """LiveKit's schema as a descriptor set."""
    loaded = load_config(ROOT / "examples" / "livekit" / "bindings.toml")
    assert loaded.config.input.module is not None
    module = loaded.config.input.module.removeprefix("python:")
    collector = Path(python_module.__file__).with_name("collect_descriptors.py")
    with tempfile.TemporaryDirectory() as name:
        out = Path(name) / "set.binpb"
        request = json.dumps({"module": module, "path": sys.path, "output": str(out)})
        subprocess.run([sys.executable, "-P", collector, request], check=True)
        files = {f.name: f for f in descriptor_pb2.FileDescriptorSet.FromString(out.read_bytes()).file}
    # Whoever reads them wants every file behind those that it imports.
    ordered: dict[str, descriptor_pb2.FileDescriptorProto] = {}

    def add(name: str) -> None:
        for imported in files[name].dependency:
            add(imported)
        ordered.setdefault(name, files[name])

    for name in sorted(files):
        add(name)
    return descriptor_pb2.FileDescriptorSet(file=ordered.values())


def shim() -> Path:
    """The library that times callbacks, compiled."""
    out = OUT / "shim" / "libreference_ffi.so"
    out.parent.mkdir(parents=True, exist_ok=True)
    options = ["-O2", "-Wall", "-Werror", "-shared", "-fPIC", "-o"]
    subprocess.run(["gcc", *options, out, HERE / "shim.c", "-ldl"], check=True)
    return out


Run = Callable[[Any, dict[str, Path]], Any]


def prepare(
    binding: Binding, sources: Sequence[Path], entry: str, lane: str, peer: Peer | None = None
) -> Run:
    """Compiles a benchmark with its binding in one assembly, and gives what runs it in a fresh process."""
    everything = [*binding.sources, *sources]
    if lane == aot.LANE:
        program = aot.build_program(everything, entry, warnings_as_errors=False)

        def ahead(arguments: Any, libraries: dict[str, Path]) -> Any:
            done = aot.run_program(entry, program, args=arguments, libraries=libraries, deadline=_DEADLINE)
            return _value(done)

        return ahead
    folder = OUT / lane
    folder.mkdir(parents=True, exist_ok=True)
    references: list[Path] = []
    defines = []
    if peer is not None:
        runtime = folder / peer.assembly.name
        shutil.copy(peer.assembly, runtime)
        references = [runtime]
        if Lane(lane) is Lane.MONO:
            references.append(_netstandard())
        compiled = compile_library(
            peer.sources,
            folder / "Peer.dll",
            Lane(lane),
            defines=[DEFINE],
            references=references,
            warnings_as_errors=False,
        )
        references = [*references, compiled]
        defines = ["PEER"]
    assembly = compile_library(
        [*everything, HARNESS_SOURCE],
        folder / f"{entry.replace('.', '')}.dll",
        Lane(lane),
        defines=defines,
        references=references,
        warnings_as_errors=False,
    )
    loaded = tuple(path for path in references if path.parent == folder)

    def run(arguments: Any, libraries: dict[str, Path]) -> Any:
        scenario = Scenario(
            name=entry,
            lane=Lane(lane),
            entry=entry,
            assemblies=(*loaded, assembly),
            args=arguments,
            libraries=libraries,
            deadline=_DEADLINE,
        )
        return _value(run_scenario(scenario))

    return run


_DEADLINE = 600.0


def medians(found: Iterable[Any]) -> Any:
    """The same structure with the median of each number over the processes."""
    several = list(found)
    if isinstance(several[0], dict):
        return {name: medians(one[name] for one in several) for name in several[0]}
    return statistics.median(several)


def say(what: str) -> None:
    print(f"[bench] {what}", file=sys.stderr, flush=True)


def _value(outcome: Outcome) -> Any:
    return outcome.value()


def _worst(part: float, allocated: float) -> float:
    """A call that allocates misses its goal however fast it is."""
    return max(part, 1 + allocated) if allocated else part


def _fields(amount: Amount) -> Iterable[Any]:
    return (getattr(amount, name) for name in Amount.__slots__)


def _netstandard() -> Path:
    """The facade through which Mono sees assemblies made for .NET Standard."""
    facade = find_mcs().path.resolve().parents[1] / "lib" / "mono" / "4.5" / "Facades" / "netstandard.dll"
    if not facade.is_file():
        raise GenBindingsError(f"{facade} is missing; on Debian the package mono-devel brings it.")
    return facade


def _compile(sources: Sequence[Path], out: Path, options: Sequence[str]) -> float:
    mcs = find_mcs().path
    started = time.monotonic()
    common = ["-nologo", "-optimize+", "-target:library", "-langversion:7.2", f"-out:{out}"]
    subprocess.run([mcs, *common, *options, *sources], check=True, capture_output=True)
    return time.monotonic() - started


def _seconds(
    arguments: Sequence[str],
    environment: dict[str, str],
    times: int,
    before: Callable[[], None] | None = None,
) -> float:
    found = []
    for _ in range(times):
        if before is not None:
            before()
        started = time.monotonic()
        subprocess.run([sys.executable, *arguments], env=environment, check=True, capture_output=True)
        found.append(time.monotonic() - started)
    return statistics.median(found)


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown"
    )


if __name__ == "__main__":
    sys.exit(main())
