"""GB501: releaseHandle can block or call back."""

from __future__ import annotations

from collections.abc import Iterator

from gen_bindings.findings.finding import Finding
from gen_bindings.validate.checks.base import Check, Context, H, W
from gen_bindings.validate.facts import Lock, Member, walk


def run(context: Context) -> Iterator[Finding]:
    bad = {
        "Wait",
        "WaitOne",
        "Sleep",
        "Join",
        "Invoke",
        "Result",
        "GetResult",
        "Send",
        "SendRequest",
        "Enter",
    }
    for info in context.own_types():
        for method in info.methods.get("ReleaseHandle", ()):
            for node in walk(method.body):
                name = node.name if isinstance(node, Member) else "lock" if isinstance(node, Lock) else ""
                if name in bad or name == "lock":
                    yield CHECK.at(
                        context.place(node),
                        f"{info.name}.ReleaseHandle uses {name}.",
                        subject=f"{info.name} {name}",
                    )


CHECK = Check(
    "GB501",
    "ReleaseHandle can block or call back",
    W,
    H,
    why="It runs on the finalizer thread: a wait there stops all finalization, a callback may "
    "find dead objects.",
    fix="Call the release function and nothing else.",
)
