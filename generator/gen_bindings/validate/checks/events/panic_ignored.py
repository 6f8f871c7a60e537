"""GB406: panic of the native side is ignored."""

from __future__ import annotations

from collections.abc import Iterator

from gen_bindings.findings.finding import Finding
from gen_bindings.validate.checks.base import Check, Context, P, W
from gen_bindings.validate.endings import handled


def run(context: Context) -> Iterator[Finding]:
    envelope = context.binding.envelope
    for delivery in context.binding.deliveries:
        if delivery.ends != "panic" or envelope is None:
            continue
        if not context.owners.dispatch_place(envelope.event):
            continue
        if not handled(context, delivery):
            yield CHECK.at(
                context.place(context.owners.dispatch_place(envelope.event)),
                f"The event {delivery.name} is never looked at.",
                subject=delivery.name,
            )


CHECK = Check(
    "GB406",
    "Panic of the native side is ignored",
    W,
    P,
    why="The library is unusable after it, and nobody is told.",
    fix="Handle the event: end every session and report it.",
)
