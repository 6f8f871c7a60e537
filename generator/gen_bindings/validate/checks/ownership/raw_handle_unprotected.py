"""GB209: raw handle is used while its wrapper may be finalised."""

from __future__ import annotations

from collections.abc import Iterator

from gen_bindings.findings.finding import Finding
from gen_bindings.validate.checks.base import Check, Context, H, W
from gen_bindings.validate.facts import Call, Member, Name, walk


def run(context: Context) -> Iterator[Finding]:
    program = context.program
    by_type: dict[str, list[Call]] = {}
    for call in program.calls.get("DangerousGetHandle", ()):
        body = program.body_of.get(call)
        method = program.method_at(call)
        if body is None or method is None or context.flow.is_wrapper(body.type):
            continue
        names = {n.name for n in walk(method.body) if isinstance(n, Member | Name)}
        if names & {"DangerousAddRef", "KeepAlive"}:
            continue
        if any(name.endswith(("KeepAlive", "AddRef")) for name in names):
            continue
        by_type.setdefault(body.type.name, []).append(call)
    for name, calls in by_type.items():
        lines = ", ".join(str(call.line) for call in calls)
        yield CHECK.at(
            context.place(calls[0]),
            f"{name} takes raw handles out of wrappers (line {lines}) and nothing keeps the wrappers alive.",
            subject=name,
        )


CHECK = Check(
    "GB209",
    "Raw handle is used while its wrapper may be finalised",
    W,
    H,
    why="Once the last use of the wrapper is behind, a collection may release the handle during the call.",
    fix="Pass the SafeHandle itself, or bracket the call with DangerousAddRef and "
    "DangerousRelease, or end with GC.KeepAlive(wrapper).",
)
