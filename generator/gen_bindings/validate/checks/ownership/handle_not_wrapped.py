"""GB201: owned handle is read but never wrapped."""

from __future__ import annotations

from collections.abc import Iterator

from gen_bindings.findings.finding import Finding
from gen_bindings.validate.answers import unreleased
from gen_bindings.validate.checks.base import Check, Context, E, P
from gen_bindings.validate.owners import Status


def run(context: Context) -> Iterator[Finding]:
    for fate in context.owners.fates:
        if fate.status is Status.UNWRAPPED:
            kind = context.binding.kind(fate.acquisition.kind).type_name
            yield CHECK.at(
                context.place(fate.place),
                f"The {kind} that {fate.acquisition.id} hands over is read here and never wrapped or "
                "released.",
                path=(fate.text,),
                subject=fate.acquisition.id,
            )
    for call, trace in context.owners.replies:
        if not trace.owned and not trace.unfollowed:
            yield CHECK.at(
                context.place(call),
                "The handle of the answer that this call returns is never wrapped or released.",
                subject="answer",
            )
    for call, name in unreleased(context):
        yield CHECK.at(
            context.place(call),
            f"{name} is given an answer here and never releases it.",
            subject=f"answer {name}",
        )


CHECK = Check(
    "GB201",
    "Owned handle is read but never wrapped",
    E,
    P,
    why="Nothing releases it: the object stays in the library until the process ends.",
    fix="Give the id to a SafeHandle (or to whatever releases it) where the message is read.",
    explanation="Follows every path by which the model says that a handle is handed over, from the "
    "message to a wrapper or a release. Operations that the sources never ask for are left "
    "out. Where a helper returns the answer in a value that keeps its handle, each caller must release "
    "it.",
)
