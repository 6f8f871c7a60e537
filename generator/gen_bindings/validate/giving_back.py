"""Whether a wrapper gives its handle back to the library."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from gen_bindings.validate.facts import Call, Field, Member, Method, Name, walk
from gen_bindings.validate.order import is_value
from gen_bindings.validate.program import TypeInfo

if TYPE_CHECKING:
    from gen_bindings.validate.checks.base import Context


def keepers(context: Context) -> Iterator[tuple[TypeInfo, Method]]:
    """Wrappers of the library's handles whose ReleaseHandle reaches no release function, with that method."""
    program = context.program
    if not context.flow.release_methods:
        # Nothing could be found: the import is missing or has another name, which is said already.
        return
    traces = [f.trace for f in context.owners.fates] + [trace for _, trace in context.owners.replies]
    made = {program.type_named(program.type_of(node)) for trace in traces for node in trace.wraps}
    for info in sorted((i for i in made if i is not None), key=lambda i: i.path):
        release = _in(context, info, "ReleaseHandle", 0)
        if release is not None and program.is_safe_handle(info) and not _gives_back(context, info, release):
            yield info, release


def _in(context: Context, info: TypeInfo, name: str, count: int) -> Method | None:
    """The method of this name that an object of exactly this type runs."""
    for each in (info, *context.program.bases_of(info)):
        for method in each.methods.get(name, ()):
            if len(method.parameters) == count and method.body is not None:
                return method
    return None


def _gives_back(context: Context, info: TypeInfo, start: Method) -> bool:
    """Whether a release is reached through the wrapper's own methods and what they call with its number."""
    chain = (info, *context.program.bases_of(info))
    own = {m.name for each in chain for m in each.all_methods()}
    seen = {start}
    queue = [start]
    while queue:
        for node in walk(queue.pop().body):
            if not isinstance(node, Call):
                continue
            if context.flow.is_release(node):
                return True
            if _takes_own_id(context, node, chain) and _helps(context, node, 3):
                return True
            named = [a.value.name for a in node.arguments if isinstance(a.value, Name)]
            called = [(t.name, len(t.parameters)) for t in context.program.resolve_call(node)]
            # What a method is given by its name may run later, with the wrapper as its argument.
            for name, count in [*called, *((name, 1) for name in named), *((name, 0) for name in named)]:
                method = _in(context, info, name, count) if name in own else None
                if method is not None and method not in seen:
                    seen.add(method)
                    queue.append(method)
    return False


def _helps(context: Context, call: Call, depth: int) -> bool:
    """Whether a helper that is given the number releases it, or cannot be looked into."""
    targets = context.program.resolve_call(call)
    inner = [node for target in targets for node in walk(target.body) if isinstance(node, Call)]
    if not targets or any(context.flow.is_release(node) for node in inner):
        return True
    return depth > 0 and any(
        _helps(context, node, depth - 1) for node in inner if context.program.resolve_call(node)
    )


def _takes_own_id(context: Context, call: Call, chain: tuple[TypeInfo, ...]) -> bool:
    """Whether a call into other sources is given the number that the wrapper keeps."""
    body = context.program.body_of.get(call)
    if body is None or body.type not in chain:
        return False
    for argument in call.arguments:
        for node in walk(argument.value):
            if isinstance(node, Name | Member):
                member = context.program.member_of(node)
                inherited = node.name == "handle" and member is None
                own = isinstance(member, Field) and not member.static and member.type != "bool"
                if inherited or (own and isinstance(member, Field) and is_value(member.type)):
                    return not _counts(call)
    return False


def _counts(call: Call) -> bool:
    """Whether a call only exchanges or compares a number."""
    owner = call.target.target if isinstance(call.target, Member) else None
    return isinstance(owner, Name) and owner.name in ("Interlocked", "Volatile", "GC")
