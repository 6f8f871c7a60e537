"""The order in which a cascade releases things, and what finalizers touch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from gen_bindings.model.binding import MessageCall
from gen_bindings.validate.facts import (
    Assign,
    Call,
    Field,
    If,
    Lambda,
    Literal,
    Local,
    LocalFunction,
    Member,
    Method,
    Name,
    New,
    Return,
    children,
    walk,
)
from gen_bindings.validate.program import TypeInfo, split_type

if TYPE_CHECKING:
    from gen_bindings.validate.checks.base import Context
    from gen_bindings.validate.owners import Kept

_VALUES = {
    "bool",
    "byte",
    "int",
    "uint",
    "long",
    "ulong",
    "IntPtr",
    "UIntPtr",
    "nint",
    "nuint",
    "float",
    "double",
    "short",
    "ushort",
}


def is_value(text: str) -> bool:
    """Whether a type is plain data that a finalizer may read."""
    return split_type(text)[0].rpartition(".")[2] in _VALUES


def finalizer_uses(context: Context, names: tuple[str, ...]) -> Iterator[tuple[TypeInfo, Method, Field, Any]]:
    """Fields of the own object that a finalizer (or ReleaseHandle) names."""
    for info in context.own_types():
        for name in names:
            for method in info.methods.get(name, ()):
                for node in walk(method.body):
                    if isinstance(node, Name | Member):
                        member = context.program.member_of(node)
                        if isinstance(member, Field) and not member.static and member.sort != "event":
                            yield info, method, member, node


def guarded(context: Context, method: Method, release: Call) -> bool:
    """Whether a release in Dispose happens once: behind a flag, an exchange, or with the id zeroed."""
    names = {n.name for a in release.arguments for n in walk(a.value) if isinstance(n, Name | Member)}
    body = method.body
    assert body is not None
    for node in walk(body):
        if isinstance(node, Name) and node.name == "Interlocked":
            return True
        if (
            isinstance(node, Assign)
            and isinstance(node.left, Name | Member)
            and node.left.name in names
            and isinstance(node.right, Literal | Member | Name)
        ):
            return True
        if isinstance(node, Call) and isinstance(node.target, Member) and node.target.name == "Clear":
            target = node.target.target
            if isinstance(target, Name | Member):
                return True
        if isinstance(node, If) and node.line < release.line:
            tested = {n.name for n in walk(node.condition) if isinstance(n, Name | Member)}
            written = {
                n.left.name for n in walk(body) if isinstance(n, Assign) and isinstance(n.left, Name | Member)
            }
            if tested & written and (release in set(walk(node.then)) or _returns(node)):
                return True
    return context.program.method_at(release) is not method and not names


def replaces(context: Context, method: Method, bases: list[Method]) -> bool:
    """Whether an override loses nothing of what the base would have released."""
    releases = {n for k in context.owners.kept.values() for n in k.releases}
    theirs = [b.body for b in bases if b.body is not None and len(b.parameters) == len(method.parameters)]
    wanted = context.owners.reachable(list(theirs)) & releases
    if bases and not wanted:
        return True
    return bool(wanted) and method.body is not None and wanted <= context.owners.reachable([method.body])


def _returns(node: If) -> bool:
    return bool(node.then.statements) and isinstance(node.then.statements[-1], Return)


def _dispose_methods(context: Context) -> Iterator[Method]:
    owners = context.owners
    for info in context.own_types():
        for method in info.all_methods():
            if owners.is_root(method) and method.name != "~" and method.body is not None:
                yield method


def _events(context: Context, method: Method) -> list[tuple[str, Any, Any]]:
    """What a cascade does, in order: ``release`` of a field, ``close`` request, end of the ``library``."""
    owners, program = context.owners, context.program
    releases: dict[Any, Kept] = {}
    for kept in owners.kept.values():
        for node in kept.releases:
            releases.setdefault(node, kept)
    closing = {
        operation.call.message.rpartition(".")[2]
        for session in context.binding.sessions
        for operation in (context.binding.operation(session.close),)
        if isinstance(operation.call, MessageCall)
    }
    dispose = context.binding.entry_points.dispose
    found: list[tuple[str, Any, Any]] = []
    seen: set[Method] = set()

    def visit(node: Any) -> None:
        if isinstance(node, Lambda | LocalFunction):
            return
        for child in children(node):
            visit(child)
        if node in releases and isinstance(node, Call | Local):
            found.append(("release", releases[node], node))
        if isinstance(node, New) and split_type(node.type)[0].rpartition(".")[2] in closing:
            found.append(("close", node.type, node))
        if isinstance(node, Call):
            if any(t.rpartition(".")[2] in closing for t in node.types):
                found.append(("close", node.types[0], node))
            for target in program.resolve_call(node):
                if any(i.method is target and i.entry == dispose for i in context.native.imports):
                    found.append(("library", dispose, node))
                elif target not in seen and target.body is not None:
                    if node in releases and target in owners.releasing:
                        # The object releases what it keeps: the caller's field stands for it.
                        continue
                    seen.add(target)
                    visit(target.body)

    if method.body is not None:
        visit(method.body)
    return found


def inversions(context: Context) -> Iterator[tuple[str, str, Any]]:
    """(parent, child, place) where a cascade releases a parent's handle before a child's."""
    done: set[tuple[Field, Field]] = set()
    for method in _dispose_methods(context):
        events = [(kept, node) for what, kept, node in _events(context, method) if what == "release"]
        for position, (first, node) in enumerate(events):
            own = context.owners.own_kinds(first)
            for second, _ in events[position + 1 :]:
                if first is second or (first.member, second.member) in done:
                    continue
                if second.type is not first.type and first.type in context.program.bases_of(second.type):
                    # One of several overrides; each calls its base in its own order.
                    continue
                below = context.owners.kinds_in(second)
                if own and not own & below and below and _all_below(context, own, below):
                    done.add((first.member, second.member))
                    yield (
                        f"{first.type.name}.{first.member.name}",
                        f"{second.type.name}.{second.member.name}",
                        node,
                    )


def _all_below(context: Context, parents: set[str], kinds: set[str]) -> bool:
    return all(any(_below(context, kind, parent) for parent in parents) for kind in kinds)


def _below(context: Context, kind: str, parent: str) -> bool:
    parents = {k.name: k.parents for k in context.binding.kinds}
    seen: set[str] = set()
    queue = [kind]
    while queue:
        current = queue.pop()
        for above in parents.get(current, ()):
            if above == parent:
                return True
            if above not in seen:
                seen.add(above)
                queue.append(above)
    return False


def after_library(context: Context) -> Iterator[tuple[str, Any]]:
    """Releases that follow the end of the library in one cascade."""
    for method in _dispose_methods(context):
        ended = False
        for what, kept, node in _events(context, method):
            if what == "library":
                ended = True
            elif what == "release" and ended:
                yield f"{kept.type.name}.{kept.member.name}", node


def before_close(context: Context) -> Iterator[tuple[str, Any]]:
    """Releases of a session's handle that come before the request that closes it."""
    sessions = {s.kind for s in context.binding.sessions}
    for method in _dispose_methods(context):
        dropped: list[tuple[str, Any]] = []
        for what, kept, node in _events(context, method):
            if what == "release" and context.owners.own_kinds(kept) & sessions:
                dropped.append((f"{kept.type.name}.{kept.member.name}", node))
            elif what == "close":
                yield from dropped
                dropped = []
