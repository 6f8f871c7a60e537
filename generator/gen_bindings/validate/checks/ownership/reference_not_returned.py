"""GB210: DangerousAddRef without DangerousRelease on all paths, or the other way round."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gen_bindings.findings.finding import Finding
from gen_bindings.validate.checks.base import Check, Context, H, W
from gen_bindings.validate.facts import Call, If, Lambda, Local, Member, Method, Name, Try, walk
from gen_bindings.validate.program import Variable


def _receiver(call: Call) -> str:
    target = call.target.target if isinstance(call.target, Member) else None
    return target.name if isinstance(target, Name | Member) else ""


def _calls(node: Any, name: str) -> Iterator[Call]:
    for inner in walk(node):
        if isinstance(inner, Call) and isinstance(inner.target, Member) and inner.target.name == name:
            yield inner


def _local(context: Context, value: Any) -> Variable | None:
    variable = context.program.variable_of.get(value) if isinstance(value, Name) else None
    return variable if variable is not None and isinstance(variable.node, Local) else None


def _stays(context: Context, call: Call) -> bool:
    """Whether only this method can give the reference back: no other code gets the wrapper, or it asks here
    whether the reference was added."""
    variable = _local(context, call.target.target if isinstance(call.target, Member) else None)
    if variable is None:
        return False
    if all(isinstance(context.program.parent.get(use), Member) for use in variable.uses):
        return True
    flag = _local(context, call.arguments[0].value) if call.arguments else None
    tests = [context.program.parent.get(use) for use in flag.uses] if flag is not None else []
    asked = [test for test in tests if isinstance(test, If)]
    given = {use for use in variable.uses if not isinstance(context.program.parent.get(use), Member)}
    return bool(asked) and not any(given & set(walk(test.then)) for test in asked)


def _never_added(context: Context, call: Call) -> bool:
    """Whether a release waits for a flag that no DangerousAddRef sets."""
    for above in context.program.ancestors(call):
        if isinstance(above, If):
            flag = _local(context, above.condition)
            parents = [context.program.parent.get(use) for use in flag.uses] if flag is not None else []
            return bool(parents) and all(isinstance(parent, If) for parent in parents)
        if isinstance(above, Method | Lambda):
            break
    return False


def _releases_elsewhere(context: Context, call: Call, method: Method) -> bool:
    body = context.program.body_of[call]
    return not _stays(context, call) and any(
        isinstance(node, Member) and node.name == "DangerousRelease"
        for other in body.type.all_methods()
        if other is not method
        for node in walk(other.body)
    )


def run(context: Context) -> Iterator[Finding]:
    program = context.program
    for call in program.calls.get("DangerousAddRef", ()):
        method = program.method_at(call)
        if method is None or method.body is None or call not in program.body_of:
            continue
        in_finally = any(
            _receiver(inner) == _receiver(call)
            for node in walk(method.body)
            if isinstance(node, Try) and node.final is not None
            for inner in _calls(node.final, "DangerousRelease")
        )
        if not in_finally and not _releases_elsewhere(context, call, method):
            name = f"{program.body_of[call].type.name}.{method.name}"
            yield CHECK.at(
                context.place(call),
                f"{name} adds a reference and does not give it back in a finally block.",
                subject=f"{name} {_receiver(call)}",
            )
    for call in program.calls.get("DangerousRelease", ()):
        method = program.method_at(call)
        if method is not None and _never_added(context, call):
            name = f"{program.body_of[call].type.name}.{method.name}"
            yield CHECK.at(
                context.place(call),
                f"{name} gives back a reference of {_receiver(call)} that it never adds: another thread may "
                "release what it uses in between.",
                subject=f"{name} {_receiver(call)} unbalanced",
            )


CHECK = Check(
    "GB210",
    "DangerousAddRef without DangerousRelease on all paths",
    W,
    H,
    why="The handle is never released, because its count never comes back to zero.",
    fix="Add the reference and give it back once each, the latter in a finally block.",
    explanation="A wrapper in a local must be balanced in its method, unless other code is given it. A "
    "wrapper in a field may be given back by another method of the type.",
)
