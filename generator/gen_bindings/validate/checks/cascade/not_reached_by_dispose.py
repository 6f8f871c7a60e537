"""GB301: owned handle is not reached by any Dispose."""

from __future__ import annotations

from collections.abc import Iterator

from gen_bindings.findings.finding import Finding
from gen_bindings.validate.checks.base import Check, Context, E, H, P, W
from gen_bindings.validate.giving_back import keepers
from gen_bindings.validate.kept import containers_left, kinds_text, unreleased, way


def run(context: Context) -> Iterator[Finding]:
    for kept in unreleased(context):
        disposable = context.program.is_disposable(kept.type) or kept.type.static
        if kept.releases or (disposable and not kept.collection):
            text = (
                "is released only where no Dispose leads"
                if kept.releases
                else "is not disposed by its Dispose"
            )
            yield CHECK.at(
                context.place(kept.member),
                f"{kept.type.name}.{kept.member.name} owns a {kinds_text(context, kept)} and {text}.",
                path=way(kept),
                subject=f"{kept.type.name}.{kept.member.name}",
            )
    for info, member, holder in containers_left(context):
        yield CHECK.at(
            context.place(member),
            f"{info.name}.{member.name} is a {holder.name}, which keeps owners, and nothing disposes it.",
            severity=W,
            certainty=H,
            subject=f"{info.name}.{member.name} container",
        )
    for info, method in keepers(context):
        yield CHECK.at(
            context.place(method),
            f"{info.name} owns a handle, and its ReleaseHandle calls no release function of the library.",
            subject=f"{info.name} keeps",
        )


CHECK = Check(
    "GB301",
    "Owned handle is not reached by any Dispose",
    E,
    P,
    why="Ending the object or the session leaves the handle in the library.",
    fix="Dispose it from Dispose of the object that keeps it, and that object from its own owner.",
    explanation="A wrapper is looked at too: its ReleaseHandle, with the overrides that this very class "
    "has, must give its number to a release function or to a helper that does.",
)
