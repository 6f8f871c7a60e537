"""GB505: disposed flag is not atomic."""

from __future__ import annotations

from collections.abc import Iterator

from gen_bindings.findings.finding import Finding
from gen_bindings.validate.checks.base import Check, Context, I, P
from gen_bindings.validate.facts import If, Lock, Member, Name, walk


def run(context: Context) -> Iterator[Finding]:
    for info in {kept.type.path: kept.type for kept in context.owners.kept.values()}.values():
        for method in info.methods.get("Dispose", ()):
            body = method.body
            if (
                body is None
                or any(isinstance(n, Lock) for n in walk(body))
                or any(isinstance(n, Name) and n.name == "Interlocked" for n in walk(body))
            ):
                continue
            tested = [
                n
                for s in body.statements
                if isinstance(s, If)
                for n in walk(s.condition)
                if isinstance(n, Name | Member) and "disposed" in n.name.lower()
            ]
            for name in tested[:1]:
                yield CHECK.at(
                    context.place(name),
                    f"{info.name}.{name.name} is tested and set in two steps.",
                    subject=f"{info.name}.{name.name}",
                )


CHECK = Check(
    "GB505",
    "Disposed flag is not atomic",
    I,
    P,
    why="Two threads that dispose at once both pass the test.",
    fix="Use Interlocked.Exchange.",
)
