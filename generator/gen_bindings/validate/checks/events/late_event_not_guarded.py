"""GB403: late event after Dispose is not guarded."""

from __future__ import annotations

from collections.abc import Iterator

from gen_bindings.findings.finding import Finding
from gen_bindings.validate.checks.base import Check, Context, H, W
from gen_bindings.validate.teardown import handlers, looks_first, nulled, uses


def run(context: Context) -> Iterator[Finding]:
    for info in context.own_types():
        subscribed = [m for m in handlers(context, info) if m in context.inline]
        gone = nulled(context, info) if subscribed else {}
        for method in subscribed:
            for member, place in gone.items():
                use = next(uses(context, method, member), None)
                if use is not None and not looks_first(context, method, info, member, use):
                    yield CHECK.at(
                        context.place(use),
                        f"{info.name}.{method.name} uses {member.name}, which is null after line "
                        f"{place.line}; an event that is already on its way still comes.",
                        subject=f"{info.name}.{method.name} {member.name}",
                    )


CHECK = Check(
    "GB403",
    "Late event after Dispose is not guarded",
    W,
    H,
    why="The library's threads may be inside the event while it is unsubscribed; the handler then fails in a "
    "native callback.",
    fix="Return first thing when the object is disposed, and release what the message brought.",
    explanation="Looks at handlers that run on the library's thread and use a field that ending the object "
    "sets to null. A condition on that field, or on a flag that is set at the end, is taken as the guard.",
)
