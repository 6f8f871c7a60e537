"""GB211: exception between acquiring and wrapping can lose the handle."""

from __future__ import annotations

from collections.abc import Iterator

from gen_bindings.findings.finding import Finding
from gen_bindings.validate.answers import unprotected
from gen_bindings.validate.checks.base import Check, Context, H, W
from gen_bindings.validate.exits import throws_before, unprotected_reply
from gen_bindings.validate.owners import Status


def run(context: Context) -> Iterator[Finding]:
    for fate in context.owners.fates:
        if fate.status is Status.OWNED:
            for jump in throws_before(context, fate):
                yield CHECK.at(
                    context.place(jump),
                    f"This exception leaves before the handle of {fate.acquisition.id} is wrapped.",
                    path=(fate.text,),
                    subject=fate.acquisition.id,
                )
    for call, trace in context.owners.replies:
        between = unprotected_reply(context, call, trace)
        if between is not None:
            yield CHECK.at(
                context.place(between),
                f"When this throws, the answer of the request in line {call.line} is not released.",
                subject="answer",
            )
    for call, between, name in unprotected(context):
        yield CHECK.at(
            context.place(between),
            f"When this throws, {name} does not release the answer of line {call.line}.",
            subject=f"answer {name}",
        )


CHECK = Check(
    "GB211",
    "Exception between acquiring and wrapping can lose the handle",
    W,
    H,
    why="The message was received, its handle belongs to nobody yet, and an exception ends the method.",
    fix="Wrap first, then check and throw; release an answer in a finally block.",
)
