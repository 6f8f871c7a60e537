"""GB204: wrapper is kept nowhere and not disposed."""

from __future__ import annotations

from collections.abc import Iterator

from gen_bindings.findings.finding import Finding
from gen_bindings.validate.checks.base import Check, Context, H, W
from gen_bindings.validate.exits import abandoned, forgotten
from gen_bindings.validate.facts import Call
from gen_bindings.validate.handed_out import dropped, undisposed, unlike_others
from gen_bindings.validate.removed import unclaimed


def _around(context: Context, call: Call) -> str:
    method = context.program.method_at(call)
    return f"{context.program.body_of[call].type.name}.{method.name if method else ''}"


def run(context: Context) -> Iterator[Finding]:
    for site in context.owners.lost:
        yield CHECK.at(
            context.place(site.node),
            f"What owns a {', '.join(sorted(site.kinds))} is made here and neither stored nor disposed.",
            path=(site.text,),
            subject=site.text,
        )
    for site in context.owners.sites:
        jump = forgotten(context, site.node)
        if jump is not None:
            yield CHECK.at(
                context.place(jump),
                f"What owns a {', '.join(sorted(site.kinds))} (line {site.node.line}) is forgotten when "
                "this look-up fails.",
                path=(site.text,),
                subject=f"{site.text} forgotten",
            )
        given_up = abandoned(context, site.node)
        if given_up is not None:
            yield CHECK.at(
                context.place(given_up),
                f"What owns a {', '.join(sorted(site.kinds))} (line {site.node.line}) is forgotten when the "
                "operation was cancelled.",
                path=(site.text,),
                subject=f"{site.text} cancelled",
            )
    for call, kept in context.owners.taken_out():
        yield CHECK.at(
            context.place(call),
            f"An owner is taken out of {kept.type.name}.{kept.member.name} here and not disposed.",
            subject=f"{kept.type.name}.{kept.member.name} taken out",
        )
    for call in dropped(context):
        name = _around(context, call)
        yield CHECK.at(
            context.place(call),
            f"{name} takes a wrapper out here, and neither keeps it nor disposes it.",
            subject=f"{name} dropped",
        )
    for made, method, others in unlike_others(context):
        yield CHECK.at(
            context.place(made.new),
            f"{made.type.name} owns a wrapper that was taken out; {others} others are given to {method}, "
            "this one is not.",
            subject=f"{made.type.name} without {method}",
        )
    for new, others in undisposed(context):
        body = context.program.body_of[new]
        name = f"{body.type.name}.{body.method.name}"
        yield CHECK.at(
            context.place(new),
            f"{name} makes a {new.type}, which keeps wrappers, and does not dispose it; {others} others are "
            "disposed by using.",
            subject=f"{name} {new.type}",
        )
    for handler, delivery, kind in unclaimed(context):
        yield CHECK.at(
            context.place(handler),
            f"{delivery.name} brings a {context.binding.kind(kind).type_name} for the time of the event; "
            f"{handler.name} neither keeps nor disposes it.",
            subject=f"{delivery.name} unclaimed",
        )
    for site in context.owners.published:
        yield CHECK.at(
            context.place(site.node),
            f"What owns a {', '.join(sorted(site.kinds))} is only handed to event handlers; without "
            "one it is lost.",
            path=(site.text,),
            subject=site.text,
        )


CHECK = Check(
    "GB204",
    "Wrapper is kept nowhere and not disposed",
    W,
    H,
    why="Only the finalizer releases it, late and on another thread, or never.",
    fix="Store it in an object that disposes it, or dispose it with using.",
    explanation="Also for what a container gives away: a wrapper that is taken out and goes nowhere, an "
    "object made of it that is not attached as the others of its base class are, and an object that lasts "
    "for one event and is handed to handlers only. A container of wrappers in a local is reported when "
    "others like it are disposed and this one is not.",
)
