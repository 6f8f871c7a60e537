"""A recording as text, and the histories of single handles."""

from __future__ import annotations

from collections import Counter

from gen_bindings.findings.finding import Finding
from gen_bindings.trace.life import Call, Life
from gen_bindings.trace.lives import Lives
from gen_bindings.trace.trace import Trace, diagnostics_line

_USES_SHOWN = 6


def report_text(trace: Trace, *, payloads: bool = False) -> str:
    """Everything that a terminal gets: processes, counts, findings with their handles' histories."""
    lines: list[str] = []
    for process in trace.processes:
        lines += _process(trace, process)
    for problem in trace.problems:
        lines.append(f"warning: {problem}")
    lines.append("")
    if not trace.findings:
        lines.append("Nothing found: every handle was released, once, in order.")
    for finding in trace.findings:
        lines += _finding(trace, finding, payloads)
    if trace.findings:
        counts = Counter(finding.id for finding in trace.findings)
        listed = ", ".join(f"{count} × {id_}" for id_, count in sorted(counts.items()))
        lines.append(f"{_counted(len(trace.findings), 'finding')}: {listed}.")
    return "\n".join(lines).strip() + "\n"


def history(life: Life, *, payloads: bool = False) -> list[str]:
    """What happened to a handle, a line each."""
    lines = [f"{_at(life.born)} born: {life.path}, on {life.thread}"]
    if life.client is not None and life.client.several:
        lines[0] += f", for {life.client}"
    if life.parent is not None:
        lines[0] += f", under {life.parent.label}"
    told = [(time, f"{_at(time)} {what}, on {on}") for time, what, on in life.events]
    uses = [(call.time, _use(call, payloads)) for call in life.uses]
    if len(uses) > _USES_SHOWN:
        first, last = uses[: _USES_SHOWN // 2], uses[-_USES_SHOWN // 2 :]
        between = (first[-1][0], f"{'…':>13} {len(uses) - _USES_SHOWN} more uses")
        uses = [*first, between, *last]
    told += uses
    if life.gone:
        by = f" by {life.by}" if life.by else ""
        on = f", on {life.released_on}" if life.released_on is not None else ""
        answer = ", answer true" if life.answered else ""
        told.append((life.ended, f"{_at(life.ended)} {_GONE[life.gone]}{answer}{by}{on}"))
    lines += [text for _, text in sorted(told, key=lambda entry: entry[0])]
    if not life.gone:
        lines.append("still held at the end")
    return lines


def _use(call: Call, payloads: bool) -> str:
    late = f", callback {_ms(call.callback - call.time)} later" if call.callback else ""
    if call.waits and not call.callback:
        late = ", callback never came"
    refused = ", refused" if call.refused else ""
    sizes = f"{call.size} bytes" + (f", answer {call.reply_size} bytes" if call.reply_size else "")
    payload = f" {call.data.hex()}" if payloads else ""
    return f"{_at(call.time)} used by {call.name} ({sizes}{late}{refused}), on {call.thread}{payload}"


_GONE = {
    "released": "released",
    "taken": "taken",
    "disposed": "went with the library",
    "library": "released, answer false: the library had let go of it",
    "swept": "released by the census",
}


def how_it_ended(process: Lives) -> str:
    """How a process ended, as far as that is known."""
    status = process.log.head.status
    if status is not None:
        return f"ended by signal {-status}" if status < 0 else f"exited with {status}"
    return "exited" if process.exited else "still running, killed, or ended without its exit handlers"


def _process(trace: Trace, process: Lives) -> list[str]:
    head = process.log.head
    forked = f", forked from {head.parent}" if head.parent else ""
    lines = [
        f"process {head.process}{forked}: {_counted(len(process.calls), 'request')}, "
        f"{_counted(len(process.lives), 'handle')}, {_counted(len(process.marks), 'record')} "
        f"in {max(0, process.last - process.began) / 1e9:.3f} s, {how_it_ended(process)}",
        f"  at the end   {diagnostics_line(trace.contract, process.at_end())}",
    ]
    born, gone = Counter(life.kind for life in process.lives), Counter[str]()
    for life in process.lives:
        gone[life.kind] += life.gone == "released"
    for kind, count in sorted(born.items()):
        lines.append(f"  {kind:<24} {count:>7} born {gone[kind]:>7} released")
    for kind, count in sorted(trace.folded.items()):
        lines.append(f"  {kind:<24} {count:>7} more born and released, folded")
    return lines


def _finding(trace: Trace, finding: Finding, payloads: bool) -> list[str]:
    lines = [str(finding)]
    for key in finding.handles:
        life = trace.life(key)
        of = f" of process {life.process}" if len(trace.processes) > 1 else ""
        lines.append(f"  {life.label}{of}")
        lines += [f"    {line}" for line in history(life, payloads=payloads)]
    return lines


def _at(time: int) -> str:
    return f"{time / 1e6:>10.3f} ms"


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _ms(nanoseconds: int) -> str:
    return f"{nanoseconds / 1e6:.3f} ms"
