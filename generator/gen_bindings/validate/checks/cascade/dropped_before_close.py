"""GB308: session handle is dropped before the closing request is sent."""

from __future__ import annotations

from collections.abc import Iterator

from gen_bindings.findings.catalogue import NOT_CLOSED
from gen_bindings.findings.finding import Finding
from gen_bindings.validate.checks.base import Context
from gen_bindings.validate.order import before_close


def run(context: Context) -> Iterator[Finding]:
    for text, node in before_close(context):
        yield CHECK.at(
            context.place(node),
            f"{text} is released before the request that closes the session is made.",
            subject=text,
        )


CHECK = NOT_CLOSED
