"""GB504: Dispose and callback share unguarded state."""

from __future__ import annotations

from collections.abc import Iterator

from gen_bindings.findings.finding import Finding
from gen_bindings.validate.checks.base import Check, Context, H, W
from gen_bindings.validate.teardown import changed, locked, uses


def run(context: Context) -> Iterator[Finding]:
    for info in context.own_types():
        inside = [m for m in info.all_methods() if m in context.inline and not m.static and m.name != ".ctor"]
        shared = changed(context, info) if inside else {}
        for member, place in shared.items():
            if member.type in ("bool", "int"):
                continue
            for method in inside:
                bare = not locked(context, place)
                use = next((u for u in uses(context, method, member) if bare or not locked(context, u)), None)
                if use is not None:
                    yield CHECK.at(
                        context.place(use),
                        f"{info.name}.{member.name} is used here on the library's thread and changed without "
                        f"a common lock when the object ends (line {place.line}).",
                        subject=f"{info.name}.{member.name}",
                    )
                    break


CHECK = Check(
    "GB504",
    "Dispose and callback share unguarded state",
    W,
    H,
    why="Dispose runs on one thread while the callback runs on another: the callback sees half of it.",
    fix="Take the same lock in both, exchange the value atomically, or post the event to one thread.",
    explanation="Looks at fields that Dispose writes, or whose plain collection it empties, and that a "
    "method on the library's thread reads, where one of the two is outside any lock. Flags: GB505.",
)
