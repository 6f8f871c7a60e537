"""Ways out of a handler before the handle that it was given is wrapped."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from gen_bindings.model.binding import Origin
from gen_bindings.validate.facts import (
    Binary,
    Block,
    Call,
    Conditional,
    Do,
    Foreach,
    If,
    Jump,
    Lambda,
    Literal,
    Local,
    Member,
    Method,
    Name,
    Return,
    Statement,
    Switch,
    Test,
    Try,
    Unary,
    walk,
)

if TYPE_CHECKING:
    from gen_bindings.validate.checks.base import Context
    from gen_bindings.validate.flow import Trace
    from gen_bindings.validate.owners import Fate

_LOOKUPS = {"TryGetValue", "ContainsKey", "TryRemove", "Contains"}
_GIVEN_UP = {"iscancellationrequested", "iscanceled", "iscancelled", "cancelled", "canceled"}
_ENDED = {"disposed", "isdisposed", "ended", "isended", "closed", "isclosed", "destroyed", "isdestroyed"}


def exclusive(context: Context, first: Any, second: Any) -> bool:
    """Whether two places never both run: other branches of one condition, or a jump between them."""
    program = context.program
    above_first = [first, *program.ancestors(first)]
    above_second = [second, *program.ancestors(second)]
    for node in above_first:
        if node in above_second and isinstance(node, If | Switch | Conditional):
            below_first = above_first[above_first.index(node) - 1]
            below_second = above_second[above_second.index(node) - 1]
            return below_first is not below_second
        if node in above_second and isinstance(node, Block):
            inner = above_first[above_first.index(node) - 1]
            return isinstance(inner, If) and leaves(inner.then)
    return False


def leaves(block: Block) -> bool:
    """Whether a block always ends its method, loop or section."""
    return bool(block.statements) and isinstance(block.statements[-1], Return | Jump)


def _arriving(fate: Fate) -> list[Any]:
    """Where code has the message, or a part of it, before anything keeps it."""
    trace = fate.trace
    return [n for step, found in trace.reached.items() if step for n in found if n not in trace.kept]


def _before(context: Context, fate: Fate) -> Iterator[tuple[If, Method]]:
    """Conditions that leave the method that first holds the message, before its handle is on its way."""
    program = context.program
    if fate.inside:
        return
    seen: set[Any] = set()
    for node in _arriving(fate):
        method = program.method_at(node)
        if method is None or (method, node) in seen:
            continue
        seen.add((method, node))
        chain = [node, *program.ancestors(node)]
        for position, above in enumerate(chain):
            if isinstance(above, Lambda | Method):
                break
            if isinstance(above, Block) and position:
                inner = chain[position - 1]
                for statement in above.statements:
                    if statement is inner:
                        break
                    if isinstance(statement, If) and leaves(statement.then):
                        yield statement, method


def early_exits(context: Context, fate: Fate) -> Iterator[tuple[Any, str]]:
    """(the jump, when it happens) for exits because a look-up failed or the operation was given up."""
    done: set[Any] = set()
    for statement, method in _before(context, fate):
        last = statement.then.statements[-1]
        if isinstance(last, Jump) and last.kind == "throw":
            continue
        if last in done or _reads_message(context, fate, statement):
            continue
        if _tries_all(context, fate, method, statement):
            continue
        for node in walk(statement.condition):
            if _fails(context, node):
                done.add(last)
                yield last, "the look-up fails"
                break
            name = node.name.strip("_").lower() if isinstance(node, Name | Member) else ""
            if name in _GIVEN_UP:
                done.add(last)
                yield last, "the operation was cancelled"
                break
            if name in _ENDED and fate.acquisition.origin is Origin.CALLBACK:
                # Events stop with the object that they are about; what was asked for still comes.
                done.add(last)
                yield last, "the object has ended meanwhile"
                break
    for branch in _only_when_found(context, fate):
        yield branch, "the look-up fails"


def _only_when_found(context: Context, fate: Fate) -> Iterator[If]:
    """Conditions without ``else`` that hold when a look-up found something, around all uses of the handle."""
    program = context.program
    if fate.inside:
        return
    by_method: dict[Method, list[Any]] = {}
    for node in _arriving(fate):
        method = program.method_at(node)
        if method is not None:
            by_method.setdefault(method, []).append(node)
    done: set[Any] = set()
    for nodes in by_method.values():
        for above in program.ancestors(nodes[0]):
            if isinstance(above, Lambda | Method):
                break
            if not isinstance(above, If) or above in done or not _finds(context, above.condition):
                continue
            inside = set(walk(above.then))
            if above.other is None and all(node in inside for node in nodes):
                done.add(above)
                yield above


def _fails(context: Context, node: Any) -> bool:
    """Whether a part of a condition asks for an object that may not be there."""
    if isinstance(node, Call) and isinstance(node.target, Member) and node.target.name in _LOOKUPS:
        return True
    if isinstance(node, Binary) and node.op == "==" and isinstance(node.right, Literal):
        variable = context.program.variable_of.get(node.left) if isinstance(node.left, Name) else None
        if node.right.kind != "null" or variable is None or not isinstance(variable.value, Call):
            return False
        return context.program.message_named(context.program.type_of(node.left)) is None
    return False


def _finds(context: Context, node: Any) -> bool:
    """Whether a condition holds only when a look-up found something."""
    if isinstance(node, Call):
        return isinstance(node.target, Member) and node.target.name in _LOOKUPS
    if isinstance(node, Binary) and node.op == "!=" and isinstance(node.right, Literal):
        return _fails(context, Binary(node.line, node.column, "==", node.left, node.right))
    return False


def forgotten(context: Context, node: Any) -> Any:
    """A way between the making of an owner and its first use that leaves it, because a look-up failed."""
    program = context.program
    local = program.parent.get(node)
    block = program.parent.get(local)
    if not isinstance(local, Local) or local.using or not isinstance(block, Block):
        return None
    variable = next((v for v in program.body_of[local].variables if v.node is local), None)
    if variable is None:
        return None
    uses = set(variable.uses)
    position = block.statements.index(local)
    for statement in block.statements[position + 1 :]:
        inside = set(walk(statement))
        if (
            isinstance(statement, If)
            and leaves(statement.then)
            and not (uses & set(walk(statement.then)))
            and any(_fails(context, n) for n in walk(statement.condition))
        ):
            return statement.then.statements[-1]
        if uses & inside:
            rest = block.statements[block.statements.index(statement) + 1 :]
            only_here = (
                isinstance(statement, If)
                and statement.other is None
                and _finds(context, statement.condition)
                and not any(uses & set(walk(later)) for later in rest)
            )
            return statement if only_here else None
    return None


def abandoned(context: Context, node: Any) -> Any:
    """Where a method gives up, because of a cancellation, before it returns the owner that it made."""
    program = context.program
    local = program.parent.get(node)
    local = program.parent.get(local) if isinstance(local, Unary) else local
    block = program.parent.get(local)
    if not isinstance(local, Local) or local.using or not isinstance(block, Block):
        return None
    variable = next((v for v in program.body_of[local].variables if v.node is local), None)
    parents = [program.parent.get(use) for use in variable.uses] if variable is not None else []
    if not any(isinstance(p, Return) for p in parents):
        return None
    if not all(isinstance(p, Return | Member) for p in parents):
        return None
    uses = set(variable.uses) if variable is not None else set()
    for statement in block.statements[block.statements.index(local) + 1 :]:
        for inner in walk(statement):
            if isinstance(inner, If) and leaves_cancelled(inner) and not uses & set(walk(inner.then)):
                return inner.then.statements[-1]
        if _gives_up(statement):
            return statement
    return None


def leaves_cancelled(statement: If) -> bool:
    """Whether a condition asks for a cancellation and its branch leaves the method."""
    names = {n.name.strip("_").lower() for n in walk(statement.condition) if isinstance(n, Name | Member)}
    if not names & _GIVEN_UP:
        return False
    return leaves(statement.then) or any(_gives_up(inner) for inner in statement.then.statements)


def _gives_up(statement: Statement) -> bool:
    call = statement.value if isinstance(statement, Do) else None
    return (
        isinstance(call, Call)
        and isinstance(call.target, Member)
        and call.target.name == "ThrowIfCancellationRequested"
    )


def _reads_message(context: Context, fate: Fate, statement: If) -> bool:
    """Whether the condition asks the message itself, or the way out looks after the handle."""
    reached = {n for found in fate.trace.reached.values() for n in found}
    final = {*fate.trace.wraps, *fate.trace.releases}
    inside = set(walk(statement.then))
    if inside & final:
        return True
    if any(n in reached for n in inside):
        return True
    tested = set(walk(statement.condition))
    return any(
        n in reached for n in tested if not isinstance(context.program.parent.get(n), Member)
    ) and not any(isinstance(n, Call) for n in tested)


def _tries_all(context: Context, fate: Fate, method: Method, statement: If) -> bool:
    """Whether the wrap already happened when this statement is reached."""
    _ = context
    places = [n for n in (*fate.trace.wraps, *fate.trace.releases) if context.program.method_at(n) is method]
    return any(place.line < statement.line for place in places)


def throws_before(context: Context, fate: Fate) -> Iterator[Any]:
    """Exceptions that are thrown while the message is at hand and its handle not yet wrapped."""
    done: set[Any] = set()
    reached = {n for found in fate.trace.reached.values() for n in found}
    for statement, method in _before(context, fate):
        last = statement.then.statements[-1]
        if not (isinstance(last, Jump) and last.kind == "throw") or last in done:
            continue
        if _tries_all(context, fate, method, statement):
            continue
        first = min((n.line for n in reached if context.program.method_at(n) is method), default=0)
        # Before the message came, there is nothing to lose; what asks the message whether it failed is right.
        if statement.line <= _arrival(context, method, reached, first):
            continue
        if _asks_for_failure(statement):
            continue
        done.add(last)
        yield last


def unprotected_reply(context: Context, call: Call, trace: Trace) -> Any:
    """What can throw between a request and the release of its answer, where no ``finally`` releases it."""
    program = context.program
    method = program.method_at(call)
    if method is None or trace.wraps or not trace.releases:
        return None
    for release in trace.releases:
        if program.method_at(release) is not method:
            return None
        blocks = [above.final for above in program.ancestors(release) if isinstance(above, Try)]
        if any(block is not None and release in set(walk(block)) for block in blocks):
            return None
    end = min((release.line, release.column) for release in trace.releases)
    for node in walk(method.body):
        if not isinstance(node, Call) or node in trace.releases or node is call:
            continue
        name = node.target.name if isinstance(node.target, Name | Member) else ""
        if (call.line, call.column) < (node.line, node.column) < end and not name.startswith("To"):
            return node
    return None


def uncovered(context: Context, fate: Fate) -> Iterator[tuple[Any, str]]:
    """(the choice, what is left out) where every branch that takes the handle asks for one value of an enum,
    and some of its values have no branch."""
    program = context.program
    makers = [*fate.trace.wraps, *fate.trace.releases, *fate.trace.entered]
    chains: dict[Any, list[If]] = {}
    for node in makers:
        first: If | None = None
        chain: list[If] = []
        for above in program.ancestors(node):
            if isinstance(above, Method | Lambda):
                break
            if isinstance(above, If):
                first, chain = above, [*chain, above]
        if first is None:
            continue
        chains.setdefault(first, []).extend(each for each in chain if each not in chains.get(first, []))
    for first, branches in chains.items():
        asked = [_asked(context, branch) for branch in branches]
        if len(branches) < 2 or any(each is None for each in asked):
            continue
        if any(branch.other is not None and not _continues(branch.other) for branch in branches):
            continue
        enums = {each[0] for each in asked if each is not None}
        here = [node for node in makers if program.method_at(node) is program.method_at(first)]
        if len(enums) != 1 or any(first not in program.ancestors(node) for node in here):
            continue
        (enum,) = enums
        left = [v for v in program.enum_values(enum) if v not in {each[1] for each in asked if each}]
        if left:
            yield first, ", ".join(left)


def _continues(block: Block) -> bool:
    """Whether an ``else`` is only the next ``if``."""
    return len(block.statements) == 1 and isinstance(block.statements[0], If)


def _asked(context: Context, branch: If) -> tuple[str, str] | None:
    """(enum, value) of a condition ``x == Enum.Value``."""
    condition = branch.condition
    if not isinstance(condition, Binary) or condition.op != "==" or not isinstance(condition.right, Member):
        return None
    text = context.program.type_of(condition.left)
    return (text.removeprefix("enum:"), condition.right.name) if text.startswith("enum:") else None


def _arrival(context: Context, method: Method, reached: set[Any], first: int) -> int:
    """The line in which the message comes to the method: the call that made it, or the method's start."""
    program = context.program
    names = {p.name for p in method.parameters}
    here = [node for node in reached if program.method_at(node) is method]
    if any(isinstance(n, Name) and n.name in names for r in here for n in walk(r)):
        return 0
    lines = [first]
    for node in walk(method.body):
        text = program.type_of(node) if isinstance(node, Call) else getattr(node, "type", "")
        if isinstance(node, Call | Foreach | Local) and program.message_named(text) is not None:
            lines.append(node.line)
    return min(lines)


def _asks_for_failure(statement: If) -> bool:
    for node in walk(statement.condition):
        if isinstance(node, Name | Member) and (
            "error" in node.name.lower() or node.name.endswith("Case") or node.name in ("Result", "Message")
        ):
            return True
        if isinstance(node, Test):
            return True
    return any(
        isinstance(node, Name | Member) and node.name.startswith("Has") for node in walk(statement.condition)
    )
