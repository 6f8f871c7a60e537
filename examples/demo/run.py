"""The demo: LiveKit's whole protocol turned into C# and run, and what forgetting to clean up costs.

    python examples/demo/run.py

Exit code 0 when everything that the last line says was proven, 1 when something was not.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from gen_bindings.errors import GenBindingsError
from gen_bindings.model.binding import Binding
from gen_bindings.output.write import put_files
from gen_bindings.project.project import Project, open_project
from gen_bindings.render.emit import emit
from gen_bindings.report.model import summary
from gen_bindings.report.table import print_table
from gen_bindings.runtime.compile import HARNESS_SOURCE, compile_library
from gen_bindings.runtime.lanes import Lane
from gen_bindings.runtime.pool import run_scenarios
from gen_bindings.runtime.process import Outcome
from gen_bindings.runtime.scenario import Scenario

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
OUT = ROOT / "build" / "demo"
REFERENCE_LIBRARY = ROOT / "native" / "target" / "release" / "libreference_ffi.so"

# Below this the wide table of handles does not fit on its lines.
_WIDE = 130


@dataclass(frozen=True)
class Generated:
    """A binding on disk and what it was made of."""

    project: Project
    binding: Binding
    files: tuple[Path, ...]
    lines: int


def main() -> int:
    """Runs all of it."""
    started = time.monotonic()
    failures: list[str] = []

    headline(1, "LiveKit's FFI protocol, as its PyPI package ships it, turned into C#")
    livekit = generate("livekit")
    counts = dict(summary(livekit.binding))
    table_of_counts(livekit.binding)
    say(f"{len(livekit.files)} files, {livekit.lines} lines of C# in {shown(livekit.files[0].parents[1])}")
    real = {lane: compiled(livekit, [HERE / "LiveKit.cs"], lane) for lane in Lane}

    headline(2, "loaded through pythonnet and run against LiveKit's native library")
    failures += run_real_library(livekit, real)

    headline(3, "a client that forgets to clean up, and the generated one, in the same session")
    reference = generate("reference")
    clients = [HERE / "HandWritten.cs", HERE / "Generated.cs"]
    assemblies = {lane: compiled(reference, clients, lane) for lane in Lane}
    left, problems = run_clients(assemblies)
    failures += problems

    say("")
    if failures:
        for failure in failures:
            say(f"not proven: {failure}")
        return 1
    lanes = " and ".join(Lane)
    say(
        f"Proven in {time.monotonic() - started:.0f} s: all {counts['requests']} requests of LiveKit's "
        f"protocol became C#, which ran against its library on {lanes} and left its handle table at zero; "
        f"where a client that forgets leaves {left} handles, the generated one leaves 0."
    )
    return 0


def generate(example: str) -> Generated:
    """Emits the binding of an example into the demo's folder."""
    step(f"reading and deciding: examples/{example}/bindings.toml")
    begun = time.monotonic()
    project = open_project(ROOT / "examples" / example / "bindings.toml")
    binding = project.binding
    files = emit(binding)
    put_files(files, OUT / example)
    done(begun)
    lines = sum(text.count("\n") for text in files.values())
    return Generated(project, binding, tuple(OUT / example / name for name in sorted(files)), lines)


def compiled(generated: Generated, scenarios: Sequence[Path], lane: Lane) -> Path:
    """One assembly of binding and scenarios."""
    step(f"compiling {generated.binding.name} for {lane}, warnings are errors")
    begun = time.monotonic()
    out = OUT / "assemblies" / lane / f"{generated.binding.name}.dll"
    compile_library([*generated.files, *scenarios, HARNESS_SOURCE], out, lane)
    done(begun, f"{out.stat().st_size / 1e6:.1f} MB")
    return out


def table_of_counts(binding: Binding) -> None:
    """What the protocol has, and how handles arrive."""
    counts = dict(summary(binding))
    paths = Counter(acquisition.kind for acquisition in binding.acquisitions)
    what = ("requests", "responses", "events", "callbacks", "kinds", "borrowed handles", "key references")
    rows = [(name, str(counts[name])) for name in what]
    rows.append(("paths by which a handle arrives", str(sum(paths.values()))))
    print_table(("LiveKit's protocol", "count"), rows, numbers=(1,))


def run_real_library(generated: Generated, assemblies: dict[Lane, Path]) -> list[str]:
    """Runs both lanes against the real library; returns what was not proven."""
    table = generated.project.config
    assert generated.project.library is not None
    library = generated.project.library.resolve()
    args = {"library": str(library), "drop": table.entry_points.release}
    scenarios = [
        Scenario(
            name="LiveKit's library",
            lane=lane,
            entry="real_library:run",
            assemblies=(assembly,),
            args=args,
            libraries={table.input.import_name: library},
            python_path=(HERE,),
        )
        for lane, assembly in assemblies.items()
    ]
    failures = []
    for outcome in run_all(scenarios, "sources, tracks, mute, capture, resampling, then a census"):
        if not isinstance(outcome.result, dict):
            failures.append(outcome.describe())
            continue
        found = outcome.result
        say(f"  {outcome.lane:<8} during  {found['during']}")
        say(f"  {'':<8} after   {found['after']}; the census found {len(found['in_table'])} handles")
        if found["after"] != found["before"] or not found["after"].startswith("total=0 "):
            failures.append(f"{outcome.lane}: the binding still owns handles: {found['after']}")
        if found["in_table"]:
            failures.append(f"{outcome.lane}: the library's table still holds {found['in_table']}")
        failures += [f"{outcome.lane}: {report}" for report in found["reported"]]
    return failures


def run_clients(assemblies: dict[Lane, Path]) -> tuple[int, list[str]]:
    """Runs both clients on both lanes; returns what the first one leaves, and what was not proven."""
    entries = {"by hand": "Demo.HandWritten.Run", "generated": "Demo.Generated.Run"}
    scenarios = [
        Scenario(name, lane, entry, (assembly,), libraries={"reference_ffi": REFERENCE_LIBRARY})
        for lane, assembly in assemblies.items()
        for name, entry in entries.items()
    ]
    failures = []
    answers: dict[str, dict[str, Any]] = {}
    for outcome in run_all(scenarios, "connect, publish, subscribe, frames, a data packet, disconnect"):
        if not isinstance(outcome.result, dict):
            failures.append(outcome.describe())
        elif answers.setdefault(outcome.name, outcome.result) != outcome.result:
            failures.append(f"{outcome.name} counts differently on {outcome.lane}: {outcome.result}")
    if failures:
        return 0, failures
    table_of_handles(answers)
    left = {name: answer["after"]["total"] for name, answer in answers.items()}
    alive = {name: answer["during"]["rooms"] for name, answer in answers.items()}
    if not left["by hand"]:
        failures.append("the client that forgets to clean up left nothing, so the comparison shows nothing")
    if any(answers["generated"]["after"].values()):
        failures.append(f"the generated client left {answers['generated']['after']}")
    if set(alive.values()) != {1}:
        failures.append(f"not every client held a room: {alive}")
    return left["by hand"], failures


def table_of_handles(answers: dict[str, dict[str, Any]]) -> None:
    """The server's count of live handles, one column for each of its diagnostics line; turned when narrow."""
    say("live handles before connecting, during the session, and after disconnecting")
    moments = ("before", "during", "after")
    headings = ["client", "moment", *next(iter(answers.values()))["before"]]
    rows = [
        [name, moment, *map(str, answer[moment].values())]
        for name, answer in answers.items()
        for moment in moments
    ]
    console = Console()
    if console.is_terminal and console.width < _WIDE:
        turned = [
            [headings[at].replace("_", " "), *(row[at] for row in rows)] for at in range(2, len(headings))
        ]
        clients = ["handles", *(f"{row[0]}\n{row[1]}" for row in rows)]
        print_table(clients, turned, numbers=range(1, len(clients)))
        return
    print_table(headings, rows, numbers=range(2, len(headings)))


def run_all(scenarios: Sequence[Scenario], what: str) -> tuple[Outcome, ...]:
    """Runs scenarios side by side, each in a process of its own."""
    step(f"running {len(scenarios)} processes: {what}")
    begun = time.monotonic()
    outcomes = run_scenarios(scenarios)
    done(begun)
    return outcomes


def headline(number: int, text: str) -> None:
    """A part of the demo begins."""
    say(f"\n[{number}/3] {text}")


def step(text: str) -> None:
    """Something begins that takes a while."""
    print(f"  {text} …", end="", flush=True)


def done(begun: float, extra: str = "") -> None:
    """The step is over."""
    say(f" {time.monotonic() - begun:.1f} s{', ' + extra if extra else ''}")


def say(text: str) -> None:
    """A line."""
    print(text, flush=True)


def shown(path: Path) -> str:
    """A path as seen from the checkout."""
    return str(path.relative_to(ROOT))


if __name__ == "__main__":
    try:
        sys.exit(main())
    except GenBindingsError as error:
        print(f"\nerror: {error}", file=sys.stderr)
        sys.exit(2)
