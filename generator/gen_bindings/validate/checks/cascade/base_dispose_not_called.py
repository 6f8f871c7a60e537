"""GB306: base Dispose is not called."""

from __future__ import annotations

from collections.abc import Iterator

from gen_bindings.findings.finding import Finding
from gen_bindings.validate.checks.base import Check, Context, E, P
from gen_bindings.validate.facts import Call, Member, Name, walk
from gen_bindings.validate.order import replaces


def run(context: Context) -> Iterator[Finding]:
    program = context.program
    for info in context.own_types():
        for name in ("Dispose", "DisposeAsync", "DisposeCore", "DisposeAsyncCore", "OnDestroy"):
            for method in info.methods.get(name, ()):
                if "override" not in method.modifiers or method.body is None:
                    continue
                bases = [m for base in program.bases_of(info) for m in base.methods.get(name, ())]
                if not any(m.body is not None and m.body.statements for m in bases):
                    outside = name == "Dispose" and not bases and info.bases
                    if not outside or not method.parameters:
                        continue
                called = any(
                    isinstance(node, Call)
                    and isinstance(node.target, Member)
                    and node.target.name == name
                    and isinstance(node.target.target, Name)
                    and node.target.target.name == "base"
                    for node in walk(method.body)
                )
                if not called and not replaces(context, method, bases):
                    yield CHECK.at(
                        context.place(method),
                        f"{info.name}.{name} overrides {name} and does not call base.{name}.",
                        subject=f"{info.name}.{name}",
                    )


CHECK = Check(
    "GB306",
    "Base Dispose is not called",
    E,
    P,
    why="What the base class owns is never released.",
    fix="Call base.Dispose(…) at the end.",
)
