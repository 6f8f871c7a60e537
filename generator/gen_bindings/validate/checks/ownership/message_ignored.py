"""GB202: message with an owned handle is received and ignored."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gen_bindings.findings.finding import Finding, Place
from gen_bindings.validate.checks.base import Check, Context, E, H, P, W
from gen_bindings.validate.exits import early_exits, uncovered
from gen_bindings.validate.kinds import kinds_without_wrapper
from gen_bindings.validate.owners import Fate, Status


def run(context: Context) -> Iterator[Finding]:
    exits: dict[tuple[Any, str], list[Fate]] = {}
    for fate in context.owners.fates:
        if fate.status is Status.IGNORED:
            kind = context.binding.kind(fate.acquisition.kind).type_name
            place = context.place(fate.place) if fate.place is not None else Place()
            yield CHECK.at(
                place,
                f"{fate.acquisition.id} hands over a {kind}; no code reads it.",
                path=(fate.text,),
                subject=fate.acquisition.id,
            )
        elif fate.status is Status.OWNED:
            for exit_, why in early_exits(context, fate):
                exits.setdefault((exit_, why), []).append(fate)
            for choice, left in uncovered(context, fate):
                yield CHECK.at(
                    context.place(choice),
                    f"No branch takes the handle of {fate.acquisition.id} for {left}.",
                    path=(fate.text,),
                    severity=W,
                    certainty=H,
                    subject=f"{fate.acquisition.id} branches",
                )
    for switch, left in kinds_without_wrapper(context):
        yield CHECK.at(
            context.place(switch),
            f"Each branch wraps the handle of one kind; there is none for {left}.",
            severity=W,
            certainty=H,
            subject=f"kinds {left}",
        )
    for (exit_, why), fates in exits.items():
        lost = sorted(fate.acquisition.id for fate in fates)
        yield CHECK.at(
            context.place(exit_),
            f"When {why}, nothing takes the handle of {', '.join(lost)}.",
            path=tuple(fate.text for fate in fates[:1]),
            severity=W,
            certainty=H,
            subject=f"{lost[0]} early",
        )


CHECK = Check(
    "GB202",
    "Message with an owned handle is received and ignored",
    E,
    P,
    why="The library has already handed over the handle; ignoring the message leaks it.",
    fix="Handle the message and wrap or release its handle, also when nobody is interested.",
    explanation="Also reported: a choice over the kind of a handle whose branches make wrappers, with no "
    "branch for a kind that other code names.",
)
