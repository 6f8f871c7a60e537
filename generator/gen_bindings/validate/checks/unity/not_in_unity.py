"""GB605: feature that Unity or IL2CPP does not have."""

from __future__ import annotations

from collections.abc import Iterator

from gen_bindings.findings.finding import Finding
from gen_bindings.validate.checks.base import Check, Context, E, P
from gen_bindings.validate.facts import Member


def run(context: Context) -> Iterator[Finding]:
    if not context.unity:
        return
    for each in context.native.imports:
        if each.source_generated:
            yield CHECK.at(
                context.place(each.method),
                f"{each.method.name} uses [LibraryImport].",
                subject=each.method.name,
            )
    for name in ("DynamicMethod", "AssemblyBuilder", "TypeBuilder"):
        for new in context.program.news.get(name, ()):
            yield CHECK.at(context.place(new), f"{name} needs a JIT.", subject=name)
    for call in context.program.calls.get("Compile", ()):
        if isinstance(call.target, Member) and "Expression" in context.program.type_of(call.target.target):
            yield CHECK.at(context.place(call), "Expression.Compile needs a JIT.", subject="Compile")
    for info in context.own_types():
        for method in info.all_methods():
            if any(a.name == "UnmanagedCallersOnly" for a in method.attributes):
                yield CHECK.at(
                    context.place(method), f"{method.name} uses [UnmanagedCallersOnly].", subject=method.name
                )


CHECK = Check(
    "GB605",
    "Feature that Unity or IL2CPP does not have",
    E,
    P,
    why="The code does not compile in Unity, or throws on a device.",
    fix="Use DllImport, plain delegates and code that exists at compile time.",
)
