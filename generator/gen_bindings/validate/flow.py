"""Where a value goes: through locals, fields, properties, collections, calls, events, lambdas and awaits.

A trace starts at the places where a message is at hand and follows one path of fields through the program
(``Result.Room.Handle.Id``), until the id is given to a wrapper, released, or the trail ends. What cannot be
followed is listed, never guessed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gen_bindings.validate.facts import (
    Assign,
    Binary,
    Call,
    Cast,
    Choice,
    Conditional,
    Declares,
    Do,
    Field,
    Foreach,
    Index,
    Lambda,
    Local,
    Member,
    Method,
    Name,
    New,
    Property,
    Return,
    Switch,
    Test,
    Tuple,
    Unary,
    Using,
)
from gen_bindings.validate.program import TypeInfo, Variable, split_type

if TYPE_CHECKING:
    from gen_bindings.validate.checks.base import Context

_ADDERS = {
    "Add": -1,
    "TryAdd": -1,
    "Enqueue": 0,
    "Push": 0,
    "Insert": -1,
    "AddLast": 0,
    "AddFirst": 0,
    "AddRange": 0,
    "AddOrUpdate": 1,
    "GetOrAdd": 1,
    "TryUpdate": 1,
    "Append": 0,
}
_COMPLETIONS = {"SetResult", "TrySetResult"}
# What hands a value to whoever subscribed.
_PUBLISHERS = {"OnNext"}
_TAKERS = {"TryGetValue", "TryRemove", "TryDequeue", "TryPop", "TryTake", "Remove", "TryPeek"}
_PASS = {
    "First",
    "FirstOrDefault",
    "Single",
    "SingleOrDefault",
    "Last",
    "LastOrDefault",
    "ElementAt",
    "ToList",
    "ToArray",
    "Where",
    "OrderBy",
    "Reverse",
    "AsEnumerable",
    "Clone",
    "Peek",
    "Dequeue",
    "Pop",
    "ConfigureAwait",
    "GetAwaiter",
    "GetResult",
    "Distinct",
    "Cast",
    "OfType",
    "Values",
    "Value",
    "Result",
    "Current",
    "Task",
    "GetEnumerator",
    "Take",
    "TakeUntil",
    "TakeWhile",
    "SkipWhile",
    "ObserveOn",
    "ObserveOnMainThread",
    "ObserveOnCurrentSynchronizationContext",
    "Do",
    "Share",
    "AsObservable",
    "AttachExternalCancellation",
    "ToInt64",
    "ToUInt64",
    "ToPointer",
    "GetValueOrDefault",
}
_LAMBDA_TAKERS = {
    "Select",
    "ForEach",
    "Where",
    "SelectMany",
    "Any",
    "All",
    "First",
    "FirstOrDefault",
    "ToDictionary",
    "Subscribe",
    "SubscribeAwait",
    "Do",
    "TakeWhile",
    "SkipWhile",
}
_CONVERSIONS = {"IntPtr", "UIntPtr", "nint", "nuint", "HandleRef"}
HARMLESS = {
    "Equals",
    "CompareTo",
    "ToString",
    "GetHashCode",
    "ContainsKey",
    "Contains",
    "Remove",
    "ReferenceEquals",
    "KeepAlive",
    "SuppressFinalize",
    "Format",
    "Log",
    "LogError",
    "LogWarning",
    "LogFormat",
    "Write",
    "WriteLine",
    "Append",
    "AppendLine",
    "IndexOf",
    "Debug",
    "Info",
    "Warning",
    "Error",
    "Trace",
    "Assert",
    "IsNullOrEmpty",
    "ThrowIfNull",
    "CalculateSize",
    "WriteTo",
    "ToByteArray",
    "ParseFrom",
}


@dataclass
class Trace:
    """What became of a value.

    Attributes:
        reached: how far along the path some code got, with the places for each step.
        wraps: expressions that make an owner of the id.
        entered: objects whose constructor was given the value on the way.
        releases: calls of a release function with the id.
        stores: fields in which the value (at the end of the path) was kept, with the place, and whether the
            field is a collection.
        disposed: places where the value itself is disposed.
        returned: methods that give the value to callers outside the sources.
        unfollowed: places where the trail was lost.
        borrowed: places where it only names the object in a message.
        invoked: methods called on the value; ``published``: events that carry it to handlers outside.
        kept: places that get it from a field, in which it was kept before.
    """

    path: tuple[str, ...]
    reached: dict[int, list[Any]] = field(default_factory=dict)
    wraps: list[New | Call] = field(default_factory=list)
    entered: list[New] = field(default_factory=list)
    releases: list[Call] = field(default_factory=list)
    stores: list[tuple[Field | Property, Any, bool]] = field(default_factory=list)
    disposed: list[Any] = field(default_factory=list)
    returned: list[Method] = field(default_factory=list)
    unfollowed: list[tuple[Any, str]] = field(default_factory=list)
    borrowed: list[Any] = field(default_factory=list)
    locals: list[Variable] = field(default_factory=list)
    invoked: list[Call] = field(default_factory=list)
    published: list[Call] = field(default_factory=list)
    kept: set[Any] = field(default_factory=set)

    @property
    def owned(self) -> bool:
        """Whether somebody became responsible."""
        return bool(self.wraps or self.releases)


class Flow:
    """Follows values through one program."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.program = context.program
        releases = {k.release.function for k in context.binding.kinds}
        request = context.binding.entry_points.request
        if request is not None:
            releases.add(request.release)
        self.release_methods = [i.method for i in context.native.imports if i.entry in releases]
        self.wrapper_names = set(context.hints.wrappers)

    # --- recognition

    def is_wrapper(self, info: TypeInfo | None) -> bool:
        """Whether objects of this type own the handle that they are made with."""
        if info is None:
            return False
        return self.program.is_safe_handle(info) or info.name in self.wrapper_names

    def is_release(self, call: Call) -> bool:
        """Whether a call gives a handle back to the library."""
        target = call.target
        if not isinstance(target, Name | Member):
            return False
        if target.name in self.context.hints.releases:
            return True
        names = {m.name for m in self.release_methods}
        if target.name not in names:
            return False
        return any(m in self.release_methods for m in self.program.resolve_call(call))

    # --- forward

    def trace(self, starts: Iterable[tuple[Any, int]], path: tuple[str, ...], through: bool = True) -> Trace:
        """Follows the path from each start; ``through`` fields as well, else a store ends the trail."""
        trace = Trace(path)
        run = _Run(self, trace, through)
        for node, step in starts:
            run.push(node, step)
        run.finish()
        return trace

    # --- backward: which field a value really stands in

    def originals(self, member: Field | Property, depth: int = 0) -> list[Field | Property]:
        """The fields behind one that only refers to their collections: its constructor was given them."""
        if depth > 3 or not isinstance(member, Field) or member.value is not None:
            return [member]
        found: list[Field | Property] = []
        for use in self.program.member_uses(member):
            assign = self.program.parent.get(use)
            if not isinstance(assign, Assign) or assign.left is not use:
                continue
            variable = self.program.variable_of.get(assign.right) if isinstance(assign.right, Name) else None
            if variable is None or variable.kind != "parameter" or not isinstance(variable.owner, Method):
                return [member]
            for call in self._calls_into(variable.owner):
                value = call.arguments[variable.index].value if variable.index < len(call.arguments) else None
                given = self.program.member_of(value) if isinstance(value, Name | Member) else None
                if given is None or given is member:
                    return [member]
                found += [each for each in self.originals(given, depth + 1) if each not in found]
        return found or [member]

    # --- backward: what a delegate may be

    def delegates(self, value: Any, depth: int = 0) -> list[Any]:
        """The methods, lambdas (or the variable's node, when it is not known) that a value may call."""
        if depth > 6:
            return []
        program = self.program
        if isinstance(value, Lambda):
            return [value]
        if isinstance(value, Cast):
            return self.delegates(value.value, depth + 1)
        if isinstance(value, New):
            return [m for a in value.arguments[:1] for m in self.delegates(a.value, depth + 1)]
        if isinstance(value, Conditional):
            return self.delegates(value.then, depth + 1) + self.delegates(value.other, depth + 1)
        if isinstance(value, Binary) and value.op == "??":
            return self.delegates(value.left, depth + 1) + self.delegates(value.right, depth + 1)
        if isinstance(value, Name) and value in program.variable_of:
            return self._delegates_of_variable(program.variable_of[value], depth)
        if isinstance(value, Name | Member):
            member = program.member_of(value)
            if member is not None:
                return self._delegates_of_member(member, depth)
            return self._group(value)
        return []

    def _group(self, value: Name | Member) -> list[Any]:
        program = self.program
        body = program.body_of.get(value)
        if body is None:
            return []
        if isinstance(value, Name):
            local = program._local_function(value, value.name)
            if local is not None:
                return [local]
            info: TypeInfo | None = body.type
            while info is not None:
                found = program.find_methods(info, value.name)
                if found:
                    return list(found)
                info = info.outer
            return []
        target = value.target
        if isinstance(target, Name) and target.name in ("this", "base"):
            return list(program.find_methods(body.type, value.name))
        owner = program.type_named(program.type_of(target))
        return list(program.find_methods(owner, value.name)) if owner is not None else []

    def _delegates_of_variable(self, variable: Variable, depth: int) -> list[Any]:
        program = self.program
        found: list[Any] = []
        if variable.value is not None and variable.kind == "local":
            found += self.delegates(variable.value, depth + 1)
        if variable.kind == "parameter" and isinstance(variable.owner, Method):
            for call in self._calls_into(variable.owner):
                arguments = call.arguments
                if variable.index < len(arguments):
                    found += self.delegates(arguments[variable.index].value, depth + 1)
        if variable.kind == "out":
            look_up = program.parent.get(variable.node)
            if isinstance(look_up, Call) and isinstance(look_up.target, Member):
                found += self._delegates_in(look_up.target.target, depth)
        if variable.kind in ("each",) and variable.value is not None:
            found += self._delegates_in(variable.value, depth)
        for use in variable.uses:
            outer = program.parent.get(use)
            if isinstance(outer, Assign) and outer.left is use:
                found += self.delegates(outer.right, depth + 1)
        return found

    def _calls_into(self, method: Method) -> list[Call | New]:
        program = self.program
        if method.name == ".ctor" and method.owner is not None:
            return [n for n in program.news.get(method.owner.name, ()) if method in program.constructors(n)]
        return list(program.callers(method))

    def _delegates_in(self, collection: Any, depth: int) -> list[Any]:
        member = self.program.member_of(collection) if isinstance(collection, Name | Member) else None
        if isinstance(collection, Member) and collection.name == "Values":
            return self._delegates_in(collection.target, depth)
        if member is None:
            return []
        found: list[Any] = []
        for use in self.program.member_uses(member):
            outer = self.program.parent.get(use)
            if isinstance(outer, Member):
                call = self.program.parent.get(outer)
                if isinstance(call, Call) and outer.name in _ADDERS and call.arguments:
                    found += self.delegates(call.arguments[-1].value, depth + 1)
            elif isinstance(outer, Index):
                assign = self.program.parent.get(outer)
                if isinstance(assign, Assign) and assign.left is outer:
                    found += self.delegates(assign.right, depth + 1)
        return found

    def _delegates_of_member(self, member: Field | Property, depth: int) -> list[Any]:
        found: list[Any] = []
        for use in self.program.member_uses(member):
            outer = self.program.parent.get(use)
            if isinstance(outer, Assign) and outer.left is use:
                found += self.delegates(outer.right, depth + 1)
        if isinstance(member, Field):
            # An initial value or, for an object initialiser, the value given there.
            for news in self.program.news.get(member.owner.name if member.owner else "", ()):
                found += [
                    d for name, v in news.members if name == member.name for d in self.delegates(v, depth + 1)
                ]
        return found


class _Run:
    """One trace while it runs."""

    def __init__(self, flow: Flow, trace: Trace, through: bool) -> None:
        self.flow = flow
        self.program = flow.program
        self.trace = trace
        self.through = through
        self.queue: deque[tuple[Any, int]] = deque()
        self.seen: set[tuple[Any, int]] = set()
        self.in_tuples: set[str] = set()
        self.from_field = False

    def push(self, node: Any, step: int) -> None:
        if (node, step) not in self.seen:
            self.seen.add((node, step))
            self.trace.reached.setdefault(step, []).append(node)
            self.queue.append((node, step))
            if self.from_field:
                self.trace.kept.add(node)

    def finish(self) -> None:
        while self.queue:
            node, step = self.queue.popleft()
            self.from_field = node in self.trace.kept
            self._consume(node, step)

    @property
    def _end(self) -> int:
        return len(self.trace.path)

    def _variable(self, variable: Variable, step: int) -> None:
        if step == self._end and variable not in self.trace.locals:
            self.trace.locals.append(variable)
        for use in variable.uses:
            outer = self.program.parent.get(use)
            if isinstance(outer, Assign) and outer.left is use and outer.op == "=":
                continue
            self.push(use, step)

    def _bound(self, node: Any, step: int, name: str) -> None:
        body = self.program.body_of.get(node)
        for variable in body.variables if body else ():
            if variable.node is node and variable.name == name:
                self._variable(variable, step)

    def _consume(self, node: Any, step: int) -> None:
        outer: Any = self.program.parent.get(node)
        kind = type(outer)
        if kind is Member:
            self._member(node, outer, step)
        elif kind is Local:
            if outer.using and step == self._end:
                self.trace.disposed.append(outer)
            self._bound(outer, step, outer.name)
        elif kind is Foreach and outer.collection is node:
            self._bound(outer, step, outer.name)
        elif kind is Assign:
            if outer.right is node and outer.op in ("=", "??="):
                self._assign(outer, step)
        elif kind is Call:
            if outer.target is node:
                return
            self._argument(node, outer, step)
        elif kind is New:
            self._new(node, outer, step)
        elif kind is Return:
            self._return(outer, step)
        elif kind is Method:
            self._chained(node, outer, step)
        elif kind in (Conditional, Choice):
            if (kind is Conditional and outer.condition is node) or (kind is Choice and outer.value is node):
                return
            self.push(outer, step)
        elif kind is Cast:
            self.push(outer, step)
        elif kind is Binary:
            if outer.op == "??":
                self.push(outer, step)
        elif kind is Unary:
            if outer.op in ("await", "ref", "checked", "(", "-", "&", "*"):
                self.push(outer, step)
        elif kind is Test:
            if outer.binds:
                self._bound(outer, step, outer.binds)
        elif kind is Switch:
            for section in outer.sections:
                for name, _ in section.binds:
                    self._bound(outer, step, name)
        elif kind is Using or kind is Do:
            above = self.program.parent.get(outer)
            if step == self._end and isinstance(above, Using) and kind is Do and above.resource is outer:
                self.trace.disposed.append(outer)
        elif kind is Index:
            if outer.target is node:
                self.push(outer, step)
        elif kind is Tuple and outer.kind == "tuple":
            self.in_tuples.add(self.program.type_of(node))
            self.push(outer, step)

    def _member(self, node: Any, outer: Member, step: int) -> None:
        path = self.trace.path
        if outer.name[:1] == "$":
            # A part of a pair or tuple: a dictionary's value, or what has the type of what was put in.
            if outer.name == "$1" if not self.in_tuples else self.program.type_of(outer) in self.in_tuples:
                self.push(outer, step)
            return
        call = self.program.parent.get(outer)
        if step < self._end and outer.name == path[step]:
            self.push(outer, step + 1)
            return
        if (
            step == self._end
            and outer.name in ("Dispose", "DisposeAsync", "Close")
            and isinstance(call, Call)
        ):
            self.trace.disposed.append(call)
            return
        if isinstance(call, Call) and call.target is outer:
            if step == self._end:
                self.trace.invoked.append(call)
            if outer.name in _LAMBDA_TAKERS:
                for argument in call.arguments:
                    self._into_delegate(argument.value, 0, step)
            if outer.name == "Select":
                return
            if outer.name == "CopyTo" and call.arguments:
                self._collection(call.arguments[0].value, call, step)
                return
            if outer.name in _PASS:
                self.push(call, step)
                return
            if outer.name in _TAKERS:
                for argument in call.arguments:
                    if isinstance(argument.value, Declares):
                        self._bound(argument.value, step, argument.value.name)
                    elif argument.mode == "out" and isinstance(argument.value, Name):
                        variable = self.program.variable_of.get(argument.value)
                        if variable is not None:
                            self._variable(variable, step)
                return
            # An extension method or a method of a type that the value is an object of.
            for method in self.program.resolve_call(call):
                if method.parameters and method.parameters[0].mode == "this":
                    self._parameter(method, 0, step)
            return
        if outer.name in _PASS and not (step < self._end and self._is_message(node)):
            self.push(outer, step)

    def _is_message(self, node: Any) -> bool:
        text = self.program.type_of(node)
        return bool(text) and self.program.message_named(text) is not None

    def _parameter(self, method: Method, index: int, step: int) -> None:
        body = self.program.bodies.get(method)
        if body is None:
            if (
                method.body is None
                and "extern" not in method.modifiers
                and "abstract" not in method.modifiers
            ):
                info = self.program.type_named(method.owner.name) if method.owner else None
                if info is not None and info.kind == "interface":
                    for each in self.program.descendants(info):
                        for other in each.methods.get(method.name, ()):
                            if other.body is not None:
                                self._parameter(other, index, step)
            return
        parameters = method.parameters
        index = min(index, len(parameters) - 1)
        if index < 0:
            return
        for variable in body.variables:
            if variable.owner is method and variable.index == index:
                self._variable(variable, step)

    def _into_delegate(self, value: Any, index: int, step: int) -> None:
        for target in self.flow.delegates(value):
            if isinstance(target, Method):
                self._parameter(target, index, step)
            elif isinstance(target, Lambda):
                body = self.program.body_of.get(target)
                for variable in body.variables if body else ():
                    if variable.owner is target and variable.index == index:
                        self._variable(variable, step)

    def _assign(self, outer: Assign, step: int) -> None:
        left = outer.left
        self.push(outer, step)
        if isinstance(left, Index):
            self._collection(left.target, outer, step)
            return
        if isinstance(left, Name) and left in self.program.variable_of:
            self._variable(self.program.variable_of[left], step)
            return
        if isinstance(left, Name | Member):
            body = self.program.body_of.get(outer)
            if (
                isinstance(left, Name)
                and left.name == "handle"
                and body is not None
                and self.flow.is_wrapper(body.type)
            ):
                self._wrap_inside(body.type)
                return
            if isinstance(left, Member):
                owner = self.program.type_of(left.target)
                if left.name == "handle" and self.flow.is_wrapper(self.program.type_named(owner)):
                    self._given_handle(left, None)
                    return
                if self.program.message_named(owner) is not None:
                    self.trace.borrowed.append(outer)
                    return
            member = self.program.member_of(left)
            if member is not None:
                self._store(member, outer, step, False)
            elif isinstance(left, Member) and not self.program.type_of(left.target):
                self.trace.borrowed.append(outer)

    def _given_handle(self, target: Any, own: TypeInfo | None) -> None:
        """``SetHandle(id)`` inside a wrapper, or on one that a factory has just made."""
        receiver = target.target if isinstance(target, Member) else None
        if isinstance(receiver, Name) and receiver.name not in ("this", "base"):
            variable = self.program.variable_of.get(receiver)
            made = variable.value if variable is not None else None
            if isinstance(made, New):
                if made not in self.trace.wraps:
                    self.trace.wraps.append(made)
                return
            self.trace.unfollowed.append((target, "SetHandle"))
        elif own is not None:
            self._wrap_inside(own)

    def _wrap_inside(self, info: TypeInfo) -> None:
        for new in self.program.news.get(info.name, ()):
            if new in set(self.trace.entered) and new not in self.trace.wraps:
                self.trace.wraps.append(new)

    def _store(self, member: Field | Property, place: Any, step: int, collection: bool) -> None:
        if isinstance(member, Property):
            if member.setter is not None:
                self._parameter(member.setter, len(member.setter.parameters) - 1, step)
            return
        if step == self._end:
            self.trace.stores.append((member, place, collection))
            if not self.through:
                return
        self.from_field = True
        for use in self.program.member_uses(member):
            outer = self.program.parent.get(use)
            if isinstance(outer, Assign) and outer.left is use:
                continue
            self.push(use, step)

    def _collection(self, target: Any, place: Any, step: int) -> None:
        if isinstance(target, Member) and target.name in ("Values", "Keys"):
            target = target.target
        if isinstance(target, Name) and target in self.program.variable_of:
            self._variable(self.program.variable_of[target], step)
            return
        if isinstance(target, Name | Member):
            owner = self.program.type_of(target.target) if isinstance(target, Member) else ""
            if owner and self.program.message_named(owner) is not None:
                self.trace.borrowed.append(place)
                return
            member = self.program.member_of(target)
            if isinstance(member, Property) and member.getter is not None:
                member = self._backing(member) or member
            if member is not None:
                for original in self.flow.originals(member):
                    self._store(original, place, step, True)

    def _backing(self, accessor: Property) -> Field | None:
        assert accessor.getter is not None
        body = accessor.getter.body
        if body is not None and len(body.statements) == 1 and isinstance(body.statements[0], Return):
            value = body.statements[0].value
            if isinstance(value, Name | Member):
                found = self.program.member_of(value)
                return found if isinstance(found, Field) else None
        return None

    def _argument(self, node: Any, call: Call, step: int) -> None:
        program, end = self.program, self._end
        index = next((i for i, a in enumerate(call.arguments) if a.value is node), 0)
        label = call.arguments[index].name
        target = call.target
        name = target.name if isinstance(target, Name | Member) else ""
        if step == end and self.flow.is_release(call):
            self.trace.releases.append(call)
            return
        body = program.body_of.get(call)
        if name == "SetHandle":
            if step == end and body is not None:
                self._given_handle(target, body.type)
            return
        methods = program.resolve_call(call)
        if methods:
            for method in methods:
                position = index
                if label:
                    position = next((i for i, p in enumerate(method.parameters) if p.name == label), index)
                if (
                    method.parameters
                    and method.parameters[0].mode == "this"
                    and len(call.arguments) < len(method.parameters)
                ):
                    position += 1
                self._parameter(method, position, step)
            return
        if isinstance(target, Member) and name in _ADDERS:
            self._collection(target.target, call, step)
            return
        if isinstance(target, Member) and name in _PUBLISHERS:
            if step == end:
                self.trace.published.append(call)
            self._completion(target.target, step)
            return
        if isinstance(target, Member) and name in _COMPLETIONS:
            self._completion(target.target, step)
            return
        if isinstance(target, Member) and name in ("Exchange", "CompareExchange") and call.arguments:
            first = call.arguments[0].value
            if index >= 1 and isinstance(first, Name | Member):
                member = program.member_of(first)
                if member is not None:
                    self._store(member, call, step, False)
            elif index == 0:
                self.push(call, step)
            return
        if name == "FromResult":
            self.push(call, step)
            return
        # A delegate: an event, a parameter, a field.
        invoked = (
            target.target if isinstance(target, Member) and name in ("Invoke", "BeginInvoke") else target
        )
        if isinstance(invoked, Name | Member):
            known = self.flow.delegates(invoked)
            if known:
                self._into_delegate(invoked, index, step)
                return
            member = program.member_of(invoked)
            if (member is not None and getattr(member, "sort", "") == "event") or invoked is not target:
                if step == end:
                    self.trace.published.append(call)
                return
        if name in HARMLESS or name in _TAKERS:
            return
        if isinstance(target, Member) and isinstance(target.target, Name):
            receiver = target.target.name
            if receiver[:1].isupper() and target.target not in program.variable_of:
                if receiver in ("Unsafe", "Interlocked", "Volatile", "Convert", "Task"):
                    self.push(call, step)
                elif program.type_named(receiver) is not None:
                    self.trace.unfollowed.append((call, name))
                return
        self.trace.unfollowed.append((call, name))

    def _completion(self, target: Any, step: int) -> None:
        if isinstance(target, Name) and target in self.program.variable_of:
            self._variable(self.program.variable_of[target], step)
            # The source may have been taken out of a collection: whoever put it there waits for it.
            variable = self.program.variable_of[target]
            if variable.kind == "out":
                call = self.program.parent.get(variable.node)
                if isinstance(call, Call) and isinstance(call.target, Member):
                    self._awaiters(call.target.target, step)
            return
        if isinstance(target, Name | Member):
            member = self.program.member_of(target)
            if member is not None:
                self._plain_uses(member, step)

    def _awaiters(self, collection: Any, step: int) -> None:
        member = self.program.member_of(collection) if isinstance(collection, Name | Member) else None
        if member is None:
            return
        for use in self.program.member_uses(member):
            outer = self.program.parent.get(use)
            value: Any = None
            if isinstance(outer, Member):
                call = self.program.parent.get(outer)
                if isinstance(call, Call) and outer.name in _ADDERS and call.arguments:
                    value = call.arguments[-1].value
            elif isinstance(outer, Index):
                assign = self.program.parent.get(outer)
                if isinstance(assign, Assign) and assign.left is outer:
                    value = assign.right
            if isinstance(value, Name) and value in self.program.variable_of:
                self._variable(self.program.variable_of[value], step)

    def _plain_uses(self, member: Field | Property, step: int) -> None:
        for use in self.program.member_uses(member):
            self.push(use, step)

    def _new(self, node: Any, new: New, step: int) -> None:
        program = self.program
        body = program.body_of.get(new)
        for name, value in new.members:
            if value is node:
                self._initialised(new, name, step)
                return
        index = next((i for i, a in enumerate(new.arguments) if a.value is node), 0)
        type_ = program.type_of(new)
        plain = split_type(type_)[0].rpartition(".")[2]
        if plain in _CONVERSIONS:
            self.push(new, step)
            return
        info = program.type_named(type_, body.type.file if body else "")
        if info is None:
            if program.message_named(type_) is not None or plain.endswith(("Exception", "EventArgs")):
                return
            if plain in ("List", "Queue", "KeyValuePair", "Tuple", "ValueTuple", "Nullable", "Lazy"):
                self.push(new, step)
                return
            if plain in self.flow.wrapper_names:
                self.trace.wraps.append(new)
                return
            self.trace.unfollowed.append((new, plain))
            return
        if step == self._end and self.flow.is_wrapper(info):
            if new not in self.trace.wraps:
                self.trace.wraps.append(new)
            return
        if new not in self.trace.entered:
            self.trace.entered.append(new)
        for method in program.constructors(new):
            label = new.arguments[index].name
            position = index
            if label:
                position = next((i for i, p in enumerate(method.parameters) if p.name == label), index)
            self._parameter(method, position, step)

    def _initialised(self, new: New, name: str, step: int) -> None:
        program = self.program
        type_ = program.type_of(new)
        if program.message_named(type_) is not None:
            if step == self._end:
                self.trace.borrowed.append(new)
            return
        if not name:
            self.push(new, step)
            return
        info = program.type_named(type_)
        member = program.find_member(info, name) if info is not None else None
        if member is not None:
            self._store(member, new, step, False)

    def _chained(self, node: Any, method: Method, step: int) -> None:
        """An argument of ``: base(…)`` or ``: this(…)``."""
        index = next((i for i, a in enumerate(method.chained) if a.value is node), None)
        if index is None or method.owner is None:
            return
        info = self.program.type_named(method.owner.name, method.owner.file)
        if info is None:
            return
        targets = [info] if method.chain == "this" else self.program.bases_of(info)
        for target in targets:
            for constructor in target.methods.get(".ctor", ()):
                if constructor is not method and len(constructor.parameters) == len(method.chained):
                    self._parameter(constructor, index, step)

    def _return(self, statement: Return, step: int) -> None:
        program = self.program
        node: Any = statement
        while node is not None and not isinstance(node, Method | Lambda):
            node = program.parent.get(node)
        if isinstance(node, Lambda):
            outer = program.parent.get(node)
            if isinstance(outer, Call):
                target = outer.target
                if isinstance(target, Member) and target.name in _ADDERS:
                    self._collection(target.target, outer, step)
                    self.push(outer, step)
                elif isinstance(target, Member) and target.name in (
                    "Select",
                    "SelectMany",
                    "Run",
                    "StartNew",
                ):
                    self.push(outer, step)
            return
        if node is None:
            return
        method: Method = node
        if method.name.startswith("get_"):
            owner = program.type_named(method.owner.name, method.owner.file) if method.owner else None
            accessor = owner.properties.get(method.name[4:]) if owner else None
            if accessor is not None:
                for use in program.member_uses(accessor):
                    self.push(use, step)
            return
        callers: list[Any] = list(program.callers(method))
        if method.name == "operator":
            return
        for call in callers:
            self.push(call, step)
        if step == self._end and not callers:
            self.trace.returned.append(method)
