"""GB607: static state survives a disabled domain reload."""

from __future__ import annotations

from collections.abc import Iterator

from gen_bindings.findings.finding import Finding
from gen_bindings.validate.checks.base import Check, Context, P, W
from gen_bindings.validate.subscriptions import starts


def run(context: Context) -> Iterator[Finding]:
    if not context.unity:
        return
    dispose = context.binding.entry_points.dispose
    if dispose is None or not starts(context):
        return
    info = context.program.body_of[starts(context)[0]].type
    held = [
        m
        for m in info.fields.values()
        if m.static and not m.modifiers & {"readonly", "const"} and m.sort != "event"
    ]
    reset = any(
        a.name in ("RuntimeInitializeOnLoadMethod", "InitializeOnEnterPlayMode", "InitializeOnLoadMethod")
        for each in context.own_types()
        for m in each.all_methods()
        for a in m.attributes
    )
    if held and not reset:
        yield CHECK.at(
            context.place(held[0]),
            f"{info.name}.{held[0].name} is static and nothing resets it when play mode starts.",
            subject=f"{info.name}.{held[0].name}",
        )


CHECK = Check(
    "GB607",
    "Static state survives a disabled domain reload",
    W,
    P,
    why="With domain reload off, the second play session sees handles and callbacks of the first.",
    fix="Reset it in a method with "
    "[RuntimeInitializeOnLoadMethod(RuntimeInitializeLoadType.SubsystemRegistration)].",
)
