"""GB208: raw handle escapes through a public member."""

from __future__ import annotations

from collections.abc import Iterator

from gen_bindings.findings.finding import Finding
from gen_bindings.validate.checks.base import Check, Context, P, W
from gen_bindings.validate.facts import Call, Member, Return, walk
from gen_bindings.validate.kept import is_public


def run(context: Context) -> Iterator[Finding]:
    for info in context.own_types():
        if not is_public(info):
            continue
        for method in info.all_methods():
            if "public" not in method.modifiers or method.body is None or "override" in method.modifiers:
                continue
            if method.type.rpartition(".")[2] not in ("IntPtr", "UIntPtr", "ulong", "long", "nint", "nuint"):
                continue
            for node in walk(method.body):
                if (
                    isinstance(node, Return)
                    and node.value is not None
                    and any(
                        isinstance(inner, Call)
                        and isinstance(inner.target, Member)
                        and inner.target.name == "DangerousGetHandle"
                        for inner in walk(node.value)
                    )
                ):
                    yield CHECK.at(
                        context.place(method),
                        f"{info.name}.{method.name.removeprefix('get_')} gives the raw handle away.",
                        subject=f"{info.name}.{method.name}",
                    )


CHECK = Check(
    "GB208",
    "Raw handle escapes through a public member",
    W,
    P,
    why="Callers can keep the number longer than the object lives.",
    fix="Keep raw handles internal; offer methods instead.",
)
