"""Events, delegates and the life of the native callback."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from gen_bindings.model.binding import MessageCall
from gen_bindings.validate.facts import (
    Assign,
    Block,
    Call,
    Do,
    Field,
    If,
    Index,
    Lambda,
    Local,
    Loop,
    Member,
    Method,
    Name,
    New,
    Return,
    Statement,
    Switch,
    Try,
    Using,
    walk,
)
from gen_bindings.validate.inline import own_nodes
from gen_bindings.validate.program import TypeInfo

if TYPE_CHECKING:
    from gen_bindings.validate.checks.base import Context

_ENGINE_TYPES = {"GameObject", "Texture2D", "RenderTexture", "Material", "Mesh"}
_ENGINE_CALLS = {
    "Instantiate",
    "GetComponent",
    "AddComponent",
    "FindObjectOfType",
    "LoadRawTextureData",
    "SetActive",
    "StartCoroutine",
}
_SAFE_CALLS = {"Invoke", "nameof", "Exchange", "CompareExchange", "Read", "Increment", "Decrement"}


def rooted(context: Context, value: Any) -> bool:
    """Whether a delegate that native code keeps is kept by a field too."""
    program = context.program
    if isinstance(value, Name) and value in program.variable_of:
        variable = program.variable_of[value]
        if variable.kind == "parameter":
            return True
        for use in variable.uses:
            parent = program.parent.get(use)
            if isinstance(parent, Assign) and parent.right is use and _is_field(context, parent.left):
                return True
            if (
                isinstance(parent, Call)
                and isinstance(parent.target, Member)
                and parent.target.name == "Alloc"
            ):
                return True
        initial = variable.value
        if isinstance(initial, Name | Member) and _is_field(context, initial):
            return True
        return isinstance(initial, Assign) and _is_field(context, initial.left)
    if isinstance(value, Name | Member):
        return _is_field(context, value)
    if isinstance(value, Assign):
        return _is_field(context, value.left)
    return not isinstance(value, Lambda | New)


def _is_field(context: Context, value: Any) -> bool:
    if isinstance(value, Index):
        return True
    return isinstance(value, Name | Member) and isinstance(context.program.member_of(value), Field)


def unremoved(context: Context) -> Iterator[tuple[Any, str, TypeInfo]]:
    """Subscriptions to events of objects that live longer, without their removal: (place, event, type)."""
    program = context.program
    removed: set[tuple[str, str]] = set()
    for assign in program.assigns:
        if assign.op == "-=" and isinstance(assign.left, Name | Member):
            body = program.body_of.get(assign)
            if body is not None:
                for info in (body.type, *program.bases_of(body.type), *program.descendants(body.type)):
                    removed.add((info.path, f"{assign.left.name} {_text(assign.right)}"))
    for assign in program.assigns:
        left = assign.left
        if assign.op != "+=" or not isinstance(left, Member):
            continue
        body = program.body_of.get(assign)
        if body is None or body.type.static:
            continue
        if not _is_event(context, left) or not _lives_longer(context, left):
            continue
        handlers = context.flow.delegates(assign.right)
        if any(isinstance(h, Method) and h.static for h in handlers):
            continue
        if (body.type.path, f"{left.name} {_text(assign.right)}") in removed:
            continue
        yield assign, f"{_text(left.target)}.{left.name}", body.type


def _text(value: Any) -> str:
    if isinstance(value, Name):
        return value.name
    if isinstance(value, Member):
        if isinstance(value.target, Name) and value.target.name == "this":
            return value.name
        return f"{_text(value.target)}.{value.name}"
    if isinstance(value, New) and value.arguments:
        return _text(value.arguments[0].value)
    return f"<{id(value)}>" if isinstance(value, Lambda) else type(value).__name__


def _is_event(context: Context, left: Member) -> bool:
    member = context.program.member_of(left)
    if member is not None:
        return member.sort == "event" or _delegate_type(context, member.type)
    return left.name in (
        "quitting",
        "wantsToQuit",
        "beforeAssemblyReload",
        "playModeStateChanged",
        "ProcessExit",
    )


def _delegate_type(context: Context, text: str) -> bool:
    name = text.partition("<")[0].rpartition(".")[2]
    if name in ("Action", "Func", "EventHandler", "UnityAction"):
        return True
    info = context.program.type_named(text)
    return info is not None and info.kind == "delegate"


def _lives_longer(context: Context, left: Member) -> bool:
    """Whether the event's object is static, a singleton, or one that the subscriber was given."""
    program = context.program
    member = program.member_of(left)
    if member is None:
        return True
    if member.static:
        return True
    target = left.target
    if isinstance(target, Name) and target.name in ("this", "base"):
        return False
    if isinstance(target, Member):
        inner = program.member_of(target)
        return inner is not None and inner.static
    if isinstance(target, Name):
        variable = program.variable_of.get(target)
        if variable is not None and variable.value is not None:
            source = program.member_of(variable.value) if isinstance(variable.value, Name | Member) else None
            return source is not None and source.static
        field = program.member_of(target)
        return field is not None and field.static
    return False


def starts(context: Context) -> list[Call]:
    """Calls of the entry point that starts the library with a callback."""
    initialize = context.binding.entry_points.initialize
    if initialize is None:
        return []
    return _calls_of(context, initialize.function)


def _calls_of(context: Context, entry: str) -> list[Call]:
    found: list[Call] = []
    for each in context.native.imports:
        if each.entry == entry:
            for call in context.program.calls.get(each.method.name, ()):
                if each.method in context.program.resolve_call(call) and call not in found:
                    found.append(call)
    return found


def disposes_library(context: Context) -> bool:
    """Whether any code ends the library, by the function or by the request of its name."""
    return bool(_library_ends(context))


def _library_ends(context: Context) -> list[Any]:
    dispose = context.binding.entry_points.dispose
    if dispose is None:
        return []
    found: list[Any] = list(_calls_of(context, dispose))
    stem = dispose.removeprefix(context.prefix)
    for operation in context.binding.operations:
        if operation.name == stem and isinstance(operation.call, MessageCall):
            found += context.program.news.get(operation.call.message.rpartition(".")[2], ())
    return found


def hooked(context: Context, words: tuple[str, ...]) -> bool:
    """Whether the end of the library is reached from one of these hooks."""
    if context.binding.entry_points.dispose is None:
        return True
    for call in _library_ends(context):
        method = context.program.method_at(call)
        if method is None:
            continue
        for reaching in context.owners.reaching(method):
            if reaching.name in words:
                return True
            for node in context.program.references(reaching):
                assign = context.program.parent.get(node)
                if isinstance(assign, Assign) and assign.op == "+=" and _hook_name(assign.left) in words:
                    return True
    for assign in context.program.assigns:
        if assign.op == "+=" and _hook_name(assign.left) in words and isinstance(assign.right, Lambda):
            return True
    return False


def _hook_name(value: Any) -> str:
    return value.name if isinstance(value, Name | Member) else ""


def unprotected(context: Context, method: Method) -> Any:
    """The first thing in a native callback that can throw outside a try that catches everything."""
    if method.body is None:
        return None
    return _unprotected(context, method.body.statements)


def _unprotected(context: Context, statements: tuple[Statement, ...]) -> Any:
    for statement in statements:
        if isinstance(statement, Try):
            everything = any(
                c.type in ("", "Exception", "System.Exception") and not c.filtered for c in statement.catches
            )
            if everything:
                continue
            return statement
        if isinstance(statement, If):
            found = _throwing(statement.condition) or _unprotected(context, statement.then.statements)
            if found is None and statement.other is not None:
                found = _unprotected(context, statement.other.statements)
            if found is not None:
                return found
            continue
        if isinstance(statement, Block):
            found = _unprotected(context, statement.statements)
            if found is not None:
                return found
            continue
        if isinstance(statement, Using | Loop | Switch):
            return statement
        if isinstance(statement, (Local, Do | Return)):
            found = _throwing(statement.value) if statement.value is not None else None
        else:
            found = statement
        if found is not None:
            return found
    return None


def _throwing(value: Any) -> Any:
    for node in walk(value):
        if isinstance(node, Call):
            target = node.target
            if isinstance(target, Member) and target.name in _SAFE_CALLS - {"Invoke"}:
                continue
            return node
        if isinstance(node, Index):
            return node
    return None


def engine_uses(context: Context) -> Iterator[tuple[str, Any, str]]:
    """Engine API that a native callback reaches without posting to another thread."""
    if not context.unity:
        return
    for method in context.inline:
        name = method.name if isinstance(method, Method) else "a lambda"
        for node in own_nodes(method):
            if isinstance(node, New) and node.type in _ENGINE_TYPES:
                yield name, node, f"new {node.type}"
            elif isinstance(node, Call) and not context.program.resolve_call(node):
                called = node.target.name if isinstance(node.target, Name | Member) else ""
                if called in _ENGINE_CALLS:
                    yield name, node, called
