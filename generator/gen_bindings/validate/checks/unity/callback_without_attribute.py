"""GB601: native callback without MonoPInvokeCallback, or not static."""

from __future__ import annotations

from collections.abc import Iterator

from gen_bindings.findings.finding import Finding
from gen_bindings.validate.checks.base import Check, Context, E, P
from gen_bindings.validate.facts import Lambda, Method


def run(context: Context) -> Iterator[Finding]:
    if not context.ios:
        return
    for target, value in context.native.given_delegates():
        if isinstance(target, Lambda):
            yield CHECK.at(context.place(value), "A lambda is given to native code.", subject="lambda")
        elif isinstance(target, Method):
            marked = any(a.name in ("MonoPInvokeCallback", "UnmanagedCallersOnly") for a in target.attributes)
            if not marked or not target.static:
                lacks = "lacks [MonoPInvokeCallback]" if not marked else "is not static"
                yield CHECK.at(
                    context.place(target),
                    f"{target.name} is called by native code and {lacks}.",
                    subject=target.name,
                )


CHECK = Check(
    "GB601",
    "Native callback without MonoPInvokeCallback, or not static",
    E,
    P,
    why="Under IL2CPP the call ends in an ExecutionEngineException.",
    fix="Make it a static method with [MonoPInvokeCallback(typeof(TheDelegate))].",
)
