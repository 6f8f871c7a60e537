"""GB308: session handle is dropped before the closing request is sent."""

from __future__ import annotations

from collections.abc import Iterator

from gen_bindings.findings.catalogue import NOT_CLOSED
from gen_bindings.findings.finding import Finding
from gen_bindings.validate.checks.base import Check, Context, P, W
from gen_bindings.validate.order import before_close


def _run(context: Context) -> Iterator[Finding]:
    for text, node in before_close(context):
        yield CHECK.at(
            context.place(node),
            f"{text} is released before the request that closes the session is made.",
            subject=text,
        )


CHECK = Check(
    NOT_CLOSED.id,
    NOT_CLOSED.title,
    W,
    P,
    why="The library no longer finds the session, and some abort.",
    fix=NOT_CLOSED.fix,
    run=_run,
)
