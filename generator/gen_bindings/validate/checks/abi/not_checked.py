"""GB130: A check could not run."""

from __future__ import annotations

from collections.abc import Iterator

from gen_bindings.findings.finding import Finding, Place
from gen_bindings.validate.checks.base import Check, Context, I, P
from gen_bindings.validate.owners import Status


def run(context: Context) -> Iterator[Finding]:
    if not context.libraries:
        yield CHECK.at(
            Place(), "No library was given: exports were not compared (--library FILE).", subject="library"
        )
    if not context.native.functions:
        yield CHECK.at(
            Place(), "The header declares no function: imports were not compared.", subject="header"
        )
    elif not context.native.imports:
        yield CHECK.at(
            Place(),
            "No import of the library was found in the sources: signatures were not compared.",
            subject="imports",
        )
    seen: set[str] = set()
    for each in context.native.imports:
        for parameter in each.method.parameters:
            shape = context.native.shape(parameter.type, each.type, parameter.attributes)
            if shape.sort == "unknown" and shape.text not in seen:
                seen.add(shape.text)
                yield CHECK.at(
                    context.place(parameter),
                    f"{each.entry}: the type {shape.text} is not in the sources; this parameter was not "
                    "compared.",
                    subject=f"{each.entry} {shape.text}",
                )
    for fate in context.owners.fates:
        if fate.status is Status.UNFOLLOWED:
            for node, name in fate.trace.unfollowed[:1]:
                yield CHECK.at(
                    context.place(node),
                    f"The handle of {fate.acquisition.id} goes into {name}, which could not be followed.",
                    path=(fate.text,),
                    subject=fate.acquisition.id,
                )
    for site in context.owners.sites:
        trace = site.trace
        if trace.unfollowed and not (trace.stores or trace.disposed or trace.returned):
            node, name = trace.unfollowed[0]
            yield CHECK.at(
                context.place(node),
                f"The owner of a {', '.join(sorted(site.kinds))} goes into {name}, which could not be "
                "followed.",
                path=(site.text,),
                subject=f"{site.text} {name}",
            )


CHECK = Check(
    "GB130",
    "A check could not run",
    I,
    P,
    why="What was not looked at is not known to be right.",
    fix="Give what is missing; with --strict this is an error.",
)
