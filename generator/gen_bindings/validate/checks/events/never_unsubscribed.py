"""GB402: subscription to a longer-lived event is never removed."""

from __future__ import annotations

from collections.abc import Iterator

from gen_bindings.findings.finding import Finding
from gen_bindings.validate.checks.base import Check, Context, P, W
from gen_bindings.validate.subscriptions import unremoved


def run(context: Context) -> Iterator[Finding]:
    for node, event, info in unremoved(context):
        yield CHECK.at(
            context.place(node),
            f"{info.name} subscribes to {event} and never unsubscribes.",
            subject=f"{info.name} {event}",
        )


CHECK = Check(
    "GB402",
    "Subscription to a longer-lived event is never removed",
    W,
    P,
    why="The event keeps the object and everything under it alive, and its handlers keep running.",
    fix="Remove the handler in Dispose.",
)
