"""Who owns each handle that the library hands over: what wraps it, where that is kept, what releases it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING, Any

from gen_bindings.model.binding import Acquisition, MessageCall, Operation, Origin
from gen_bindings.validate.facts import (
    Assign,
    Call,
    Cast,
    Field,
    Lambda,
    Literal,
    Local,
    LocalFunction,
    Member,
    Method,
    Name,
    New,
    Property,
    Return,
    Switch,
)
from gen_bindings.validate.flow import Trace
from gen_bindings.validate.program import TypeInfo, protoc_name

if TYPE_CHECKING:
    from gen_bindings.validate.checks.base import Context

_ROOTS = {
    "Dispose",
    "DisposeAsync",
    "DisposeCore",
    "Close",
    "OnDestroy",
    "OnApplicationQuit",
    "Shutdown",
    "~",
}
_END_WORDS = ("Disconnect", "Leave", "Shutdown", "Cleanup", "CleanUp", "Teardown", "Unload", "Quit")


class Status(Enum):
    """What the sources do with an acquisition."""

    UNREQUESTED = "unrequested"
    IGNORED = "ignored"
    UNWRAPPED = "unwrapped"
    UNFOLLOWED = "unfollowed"
    OWNED = "owned"


@dataclass
class Fate:
    """An acquisition and what became of it."""

    acquisition: Acquisition
    path: tuple[str, ...]
    status: Status
    trace: Trace
    place: Any = None
    inside: bool = False  # the message layer itself wraps the id while it reads

    @property
    def text(self) -> str:
        """``ConnectCallback.Result.Room.Handle.Id``."""
        path = self.acquisition.path
        root = path.root.rpartition(".")[2] if path else self.acquisition.carrier
        return ".".join((root, *self.path))


@dataclass
class Site:
    """A place where an object begins to own handles.

    Attributes:
        node: the ``new`` (or factory call).
        type: the object's type.
        kinds: of the handles.
        text: the first handle's way, for messages.
    """

    node: Any
    type: TypeInfo | None
    kinds: set[str]
    text: str
    trace: Trace


@dataclass
class Kept:
    """A field that keeps owners.

    Attributes:
        releases: places where what it keeps is released; ``reached``: those that a Dispose root reaches.
    """

    member: Field
    type: TypeInfo
    collection: bool
    sites: list[Site] = field(default_factory=list)
    releases: list[Any] = field(default_factory=list)
    reached: list[Any] = field(default_factory=list)
    raw: bool = False


class Owners:
    """The ownership of one program."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.program = context.program
        self.flow = context.flow
        self.binding = context.binding
        self._live: dict[Method, bool] = {}
        self.mentioned = self._mentioned()
        self.fates = [fate for a in self.binding.acquisitions if (fate := self._fate(a)) is not None]
        self.replies = self._replies()
        self.kept: dict[Field, Kept] = {}
        self.sites: list[Site] = []
        self.lost: list[Site] = []
        self.published: list[Site] = []
        self._follow_owners()
        self._find_releases()

    # --- what is asked for

    def _mentioned(self) -> set[str]:
        """Names of messages that the sources construct or ask a helper for."""
        program = self.program
        found = set(program.news)
        for calls in program.calls.values():
            for call in calls:
                for text in call.types:
                    found.add(text.rpartition(".")[2])
        for info in self.context.own_types():
            for member in info.fields.values():
                if "new" not in member.modifiers and member.type:
                    found.add(member.type.rpartition(".")[2])
        return found

    def requested(self, operation: Operation) -> bool:
        """Whether the sources ask for an operation."""
        if operation.name in self.context.hints.requested:
            return True
        if not isinstance(operation.call, MessageCall):
            return operation.name in self.program.calls
        name = operation.call.message.rpartition(".")[2]
        if name in self.mentioned:
            return True
        property_name = protoc_name(operation.call.case)
        return any(
            isinstance(self.program.parent.get(node), Call | type(None)) is False
            and isinstance(node, Member)
            and self.program.message_named(self.program.type_of(node.target)) is not None
            and self.program.type_of(node) == f"proto:{operation.call.message}"
            for node in self.program.names.get(property_name, ())
        )

    def arrives(self, acquisition: Acquisition, seen: frozenset[str] = frozenset()) -> bool:
        """Whether the handle can arrive, by what the sources ask for."""
        if acquisition.id in seen:
            return False
        if acquisition.origin in (Origin.RESPONSE, Origin.CALLBACK):
            return any(o.name == acquisition.carrier and self.requested(o) for o in self.binding.operations)
        if acquisition.origin is Origin.EVENT:
            delivery = self.binding.delivery(acquisition.carrier)
            if delivery.target is None:
                return True
            session = next((s for s in self.binding.sessions if s.kind == delivery.target), None)
            if session is not None:
                return self.requested(self.binding.operation(session.open))
            makers = [a for a in self.binding.acquisitions if a.kind == delivery.target]
            return any(self.arrives(a, seen | {acquisition.id}) for a in makers)
        return False

    # --- from the message to the owner

    def _fate(self, acquisition: Acquisition) -> Fate | None:
        if acquisition.path is None or acquisition.origin is Origin.RETURN:
            return None
        kind = self.binding.kind(acquisition.kind)
        path = [protoc_name(step.field) for step in acquisition.path.steps]
        if not acquisition.transfers:
            assert self.binding.envelope is not None
            path += [protoc_name(kind.handle_field or "handle"), protoc_name(self.binding.envelope.owned_id)]
        names = tuple(path)
        inside = self._own_reading(kind.owned_message, names)
        if inside:
            trace = self.flow.trace([(node, len(names)) for node in inside], names)
            status = Status.OWNED if trace.owned else Status.UNWRAPPED
            return Fate(acquisition, names, status, trace, inside[0], True)
        if not self.arrives(acquisition):
            return Fate(acquisition, names, Status.UNREQUESTED, Trace(names))
        trace = self.flow.trace(self._starts(acquisition, names), names)
        length = len(names)
        owned_step = length if acquisition.transfers else length - 2
        deepest = max(trace.reached, default=0)
        if trace.owned:
            status = Status.OWNED
        elif trace.unfollowed and deepest >= owned_step:
            status = Status.UNFOLLOWED
        elif deepest >= owned_step and deepest > 0:
            status = Status.UNWRAPPED
        else:
            status = Status.IGNORED
        place = trace.reached[deepest][0] if trace.reached else self._carrier_place(acquisition)
        return Fate(acquisition, names, status, trace, place)

    def _replies(self) -> list[tuple[Call, Trace]]:
        """Calls of the request entry point, whose result is a handle, and what becomes of it."""
        request = self.binding.entry_points.request
        if request is None or request.result != "handle":
            return []
        found: list[tuple[Call, Trace]] = []
        for each in self.context.native.imports:
            if each.entry != request.function:
                continue
            for call in self.program.calls.get(each.method.name, ()):
                if each.method in self.program.resolve_call(call):
                    found.append((call, self.flow.trace([(call, 0)], ())))
        return found

    def _own_reading(self, owned_message: str | None, names: tuple[str, ...]) -> list[Any]:
        """Where a message class that is not protoc's hands its id on while it is read."""
        name = (owned_message or "").rpartition(".")[2]
        own = [info for info in self.program.by_name.get(name, ()) if info.message]
        found: list[Any] = []
        for node in self.program.names.get(names[-1], ()) if own else ():
            body = self.program.body_of.get(node)
            if body is None or body.type not in own or not isinstance(node, Member):
                continue
            above = self.program.parent.get(node)
            while isinstance(above, Cast):
                above = self.program.parent.get(above)
            if isinstance(above, Call):
                found.append(node)
        return found

    def _starts(self, acquisition: Acquisition, names: tuple[str, ...]) -> list[tuple[Any, int]]:
        assert acquisition.path is not None
        starts: list[tuple[Any, int]] = []
        steps = acquisition.path.steps
        for position, step in enumerate(steps):
            if position and self._shared(acquisition, position):
                continue
            for node in self.program.names.get(names[position], ()):
                if not isinstance(node, Member):
                    continue
                message = self.program.message_named(self.program.type_of(node.target))
                if message is not None and message.full_name == step.message and self._is_live(node):
                    starts.append((node, position + 1))
        return starts

    def _is_live(self, node: Any) -> bool:
        """Whether anything in the sources, or a caller outside, can run the code around a node."""
        method = self.program.method_at(node)
        if method is None or method in self._live:
            return method is None or self._live[method]
        special = method.name in (".ctor", ".init", ".static", "~", "operator") or method.name[:4] in (
            "get_",
            "set_",
            "add_",
        )
        open_ = method.modifiers & {"public", "protected", "override", "virtual"}
        inner = isinstance(self.program.parent.get(method), LocalFunction)
        body = self.program.bodies.get(method)
        # Unity calls a component's methods by their names.
        inner = inner or (body is not None and self.program.is_mono_behaviour(body.type))
        live = bool(
            special
            or open_
            or inner
            or method.attributes
            or method.interface
            or self.program.callers(method)
            or self.program.references(method)
        )
        self._live[method] = live
        return live

    def _shared(self, acquisition: Acquisition, position: int) -> bool:
        """Whether a message on the path is on the way of other handles too."""
        assert acquisition.path is not None
        steps = acquisition.path.steps
        mine = (acquisition.path.root, *(s.field for s in steps[:position]))
        for other in self.binding.acquisitions:
            if other.path is None:
                continue
            for index, step in enumerate(other.path.steps):
                same = (step.message, step.field) == (steps[position].message, steps[position].field)
                if same and (other.path.root, *(s.field for s in other.path.steps[:index])) != mine:
                    return True
        return False

    def _carrier_place(self, acquisition: Acquisition) -> Any:
        """Where the message would have to be read: the switch over its case, or the request's place."""
        program = self.program
        if acquisition.origin is Origin.EVENT:
            delivery = self.binding.delivery(acquisition.carrier)
            return self.dispatch_place(delivery.route.message if delivery.route.arm else "")
        operation = next((o for o in self.binding.operations if o.name == acquisition.carrier), None)
        if operation is not None and isinstance(operation.call, MessageCall):
            name = operation.call.message.rpartition(".")[2]
            for new in program.news.get(name, ()):
                return new
            for calls in program.calls.values():
                for call in calls:
                    if any(t.rpartition(".")[2] == name for t in call.types):
                        return call
        return self.dispatch_place("")

    def dispatch_place(self, message: str) -> Any:
        """Where messages of this type (or the event envelope) are told apart."""
        program = self.program
        envelope = self.binding.envelope
        wanted = message or (envelope.event if envelope else "")
        best: Any = None
        for nodes in (program.names.get("MessageCase", ()), *program.names.values()):
            for node in nodes:
                if not isinstance(node, Member):
                    continue
                found = program.message_named(program.type_of(node.target))
                if found is not None and found.full_name == wanted:
                    if isinstance(program.parent.get(node), Switch):
                        return node
                    best = best or node
            if best is not None:
                return best
        return None

    # --- from the owner to the root

    def _follow_owners(self) -> None:
        done: set[Any] = set()
        types: set[str] = set()
        queue: list[tuple[Any, set[str], str]] = []
        layered: set[Any] = set()
        for fate in self.fates:
            if fate.inside:
                layered |= set(fate.trace.wraps)
            reached = {n for nodes in fate.trace.reached.values() for n in nodes}
            for wrap in fate.trace.wraps:
                for made in [wrap] if fate.inside else self._makers(wrap, reached):
                    queue.append((made, {fate.acquisition.kind}, fate.text))
            if fate.trace.releases and not fate.trace.wraps:
                self._raw(fate, queue)
        request = self.binding.entry_points.request
        for _, trace in self.replies:
            reached = {n for nodes in trace.reached.values() for n in nodes}
            for wrap in trace.wraps if not layered else ():
                for made in self._makers(wrap, reached):
                    queue.append((made, {"reply"}, f"{request.function if request else ''} result"))
        while queue:
            node, kinds, text = queue.pop(0)
            if node in done:
                existing = next((s for s in self.sites if s.node is node), None)
                if existing is not None:
                    existing.kinds |= kinds
                continue
            done.add(node)
            info = self.program.type_named(self.program.type_of(node))
            trace = self.flow.trace([(node, 0)], (), through=False)
            site = Site(node, info, set(kinds), text, trace)
            self.sites.append(site)
            for member, _, collection in trace.stores:
                if not isinstance(member, Field) or member.owner is None:
                    continue
                holder = self.program.type_named(member.owner.name, member.owner.file)
                if holder is None or self.flow.is_wrapper(holder):
                    continue
                # The list grows while it is read: what one field hands on, the next one keeps.
                stored = {m for m, _, _ in trace.stores}
                trace.stores += [s for s in self._handed_on(member) if s[0] not in stored]
                kept = self.kept.setdefault(member, Kept(member, holder, collection))
                kept.sites.append(site)
                if node not in layered:
                    # What such a layer makes goes through its own containers; only the first one is followed.
                    self._queue_holder(holder, kinds, text, types, queue)
            if node in layered:
                continue
            if not (trace.stores or trace.disposed or trace.returned or trace.unfollowed):
                if trace.published:
                    self.published.append(site)
                elif not self._inside_wrapper(node) and not self._returned_by_lambda(node):
                    self.lost.append(site)

    def _handed_on(self, member: Field) -> list[tuple[Field | Property, Any, bool]]:
        """The fields that keep a value after this one, which a method empties as it gives the value away."""
        program = self.program
        emptied: set[Method | None] = set()
        given: list[tuple[Any, int]] = []
        for use in program.member_uses(member):
            outer = program.parent.get(use)
            if isinstance(outer, Assign) and outer.left is use:
                if isinstance(outer.right, Literal) and outer.right.kind == "null":
                    emptied.add(program.method_at(use))
            else:
                given.append((use, 0))
        starts = [
            (use, step)
            for use, step in given
            if program.method_at(use) in emptied or self._exchanged(program.parent.get(use))
        ]
        return list(self.flow.trace(starts, (), through=False).stores) if starts else []

    def _exchanged(self, call: Any) -> bool:
        return (
            isinstance(call, Call)
            and isinstance(call.target, Member)
            and call.target.name == "Exchange"
            and any(isinstance(a.value, Literal) and a.value.kind == "null" for a in call.arguments)
        )

    def _makers(self, node: Any, reached: set[Any], depth: int = 0) -> list[Any]:
        """Where an owner comes to be: the calls of the factory that makes it, on the way of this handle."""
        method = self.program.method_at(node)
        if not self._handed_out(node) or method is None or depth > 4:
            return [node]
        if any(isinstance(above, Lambda) for above in self.program.ancestors(node)):
            return [node]
        callers = self.program.callers(method)
        calls = [c for c in callers if any(a.value in reached for a in c.arguments)]
        return [m for call in calls for m in self._makers(call, reached, depth + 1)] or [node]

    def _handed_out(self, node: Any) -> bool:
        """Whether a method returns what is made here, at once or through a local."""
        parent = self.program.parent.get(node)
        if isinstance(parent, Local):
            body = self.program.body_of.get(parent)
            made = [v for v in (body.variables if body else ()) if v.node is parent]
            return any(isinstance(self.program.parent.get(use), Return) for v in made for use in v.uses)
        return isinstance(parent, Return)

    def _inside_wrapper(self, node: Any) -> bool:
        body = self.program.body_of.get(node)
        return body is not None and self.flow.is_wrapper(body.type) and body.method.name != ".ctor"

    def _returned_by_lambda(self, node: Any) -> bool:
        return self._handed_out(node) and any(
            isinstance(above, Lambda) for above in self.program.ancestors(node)
        )

    def _queue_holder(
        self, holder: TypeInfo, kinds: set[str], text: str, types: set[str], queue: list[Any]
    ) -> None:
        if holder.path in types:
            return
        types.add(holder.path)
        for info in (holder, *self.program.descendants(holder)):
            for new in self.program.news.get(info.name, ()):
                queue.append((new, kinds, text))

    def _raw(self, fate: Fate, queue: list[Any]) -> None:
        """Ids that are kept as plain numbers and released by hand: the object that keeps them owns them."""
        for member, _, collection in fate.trace.stores:
            if not isinstance(member, Field) or member.owner is None:
                continue
            holder = self.program.type_named(member.owner.name, member.owner.file)
            if holder is None:
                continue
            kept = self.kept.setdefault(member, Kept(member, holder, collection, raw=True))
            site = Site(fate.place, holder, {fate.acquisition.kind}, fate.text, fate.trace)
            kept.sites.append(site)
            for info in (holder, *self.program.descendants(holder)):
                for new in self.program.news.get(info.name, ()):
                    queue.append((new, {fate.acquisition.kind}, fate.text))

    # --- releases

    @cached_property
    def releasing(self) -> set[Method]:
        """Methods that release something they keep, themselves or by a call."""
        return set()

    def _find_releases(self) -> None:
        program = self.program
        traces: dict[Field, Trace] = {}
        for member in self.kept:
            uses = [
                (use, 0)
                for use in program.member_uses(member)
                if getattr(program.parent.get(use), "left", None) is not use
            ]
            traces[member] = self.flow.trace(uses, (), through=False)
        released = {member: self._release_places(member, trace) for member, trace in traces.items()}
        releasing = self.releasing
        changed = True
        while changed:
            changed = False
            for member, kept in self.kept.items():
                trace = traces[member]
                found = [*trace.disposed, *released[member]]
                for call in trace.invoked:
                    if any(m in releasing for m in program.resolve_call(call)):
                        found.append(call)
                for node in found:
                    if node not in kept.releases:
                        kept.releases.append(node)
                        changed = True
                    method = program.method_at(node)
                    while method is not None and method not in releasing:
                        releasing.add(method)
                        changed = True
                        method = program.method_at(program.parent.get(method))
            for method in list(releasing):
                for call in program.callers(method):
                    outer = program.method_at(call)
                    if outer is not None and outer not in releasing and outer.name != ".ctor":
                        same = outer.owner is not None and method.owner is not None
                        if same and self._related(outer, method):
                            releasing.add(outer)
                            changed = True
        for kept in self.kept.values():
            kept.reached = [n for n in kept.releases if self.from_root(program.method_at(n))]

    def _release_places(self, member: Field, trace: Trace) -> list[Any]:
        """Where what a field keeps is given to the library: the calls of helpers rather than inside them."""
        reached = {n for nodes in trace.reached.values() for n in nodes}
        own = {self.program.method_at(use) for use in self.program.member_uses(member)}
        found: list[Any] = []

        def visit(call: Any, depth: int) -> None:
            method = self.program.method_at(call)
            callers = [] if method is None or method in own or depth > 4 else self.program.callers(method)
            outer = [c for c in callers if any(a.value in reached for a in c.arguments)]
            for each in outer:
                visit(each, depth + 1)
            if not outer and call not in found:
                found.append(call)

        for call in trace.releases:
            visit(call, 0)
        return found

    def _related(self, one: Method, other: Method) -> bool:
        """Whether two methods belong to one object."""
        assert one.owner is not None
        assert other.owner is not None
        first = self.program.type_named(one.owner.name, one.owner.file)
        second = self.program.type_named(other.owner.name, other.owner.file)
        if first is None or second is None:
            return False
        return (
            first is second
            or second in self.program.bases_of(first)
            or first in self.program.bases_of(second)
        )

    def from_root(self, method: Method | None) -> bool:
        """Whether a Dispose root reaches a method."""
        return method is not None and any(self.is_root(m) for m in self.reaching(method))

    def is_root(self, method: Method) -> bool:
        """Dispose and its kin, and public methods that end something."""
        if method.name in _ROOTS:
            return True
        if "public" not in method.modifiers or not method.name.startswith(_END_WORDS):
            return False
        info = self.program.type_named(method.owner.name, method.owner.file) if method.owner else None
        return info is None or not self.program.is_disposable(info)

    def reaching(self, method: Method) -> list[Method]:
        """The method and every method from which it can be reached, through method groups too."""
        found = [method]
        queue = [method]
        while queue:
            current = queue.pop()
            nodes: list[Any] = [*self.program.callers(current), *self.program.references(current)]
            if current.name == ".ctor" and current.owner is not None:
                nodes += [
                    n
                    for n in self.program.news.get(current.owner.name, ())
                    if current in self.program.constructors(n)
                ]
            if current.name.startswith(("get_", "set_")) and current.owner is not None:
                info = self.program.type_named(current.owner.name, current.owner.file)
                accessor = info.properties.get(current.name[4:]) if info else None
                if accessor is not None:
                    nodes += self.program.member_uses(accessor)
            for node in nodes:
                parent = self.program.parent.get(node)
                if isinstance(parent, Assign) and parent.op == "-=":
                    continue
                outer = self.program.method_at(node)
                while outer is not None:
                    if outer not in found:
                        found.append(outer)
                        queue.append(outer)
                    outer = self.program.method_at(self.program.parent.get(outer))
        return found

    def _scope(self, node: Any) -> Any:
        """The switch section or the method around a node."""
        for above in self.program.ancestors(node):
            if isinstance(above, Method) or isinstance(self.program.parent.get(above), Switch):
                return above
        return None

    def taken_out(self) -> list[tuple[Any, Kept]]:
        """Places where an owner is removed from its collection by a method that releases nothing of it."""
        found: list[tuple[Any, Kept]] = []
        for member, kept in self.kept.items():
            if not kept.collection or not kept.releases:
                continue
            for use in self.program.member_uses(member):
                access = self.program.parent.get(use)
                call = self.program.parent.get(access)
                if not isinstance(access, Member) or access.name not in ("Remove", "TryRemove", "RemoveAt"):
                    continue
                method = self.program.method_at(use)
                if not isinstance(call, Call) or method is None:
                    continue
                if any(self._scope(n) is self._scope(use) for n in kept.releases):
                    continue
                if self.from_root(method):
                    continue
                scope = self._scope(use)
                around = scope.body if isinstance(scope, Method) else scope
                if around is not None and self.reachable([around]) & set(kept.releases):
                    continue
                found.append((call, kept))
        return found

    def reachable(self, starts: list[Any], limit: int = 4000) -> set[Any]:
        """Every node that executing these statements can reach, through calls, events and method groups."""
        from gen_bindings.validate.facts import walk

        seen: set[Any] = set()
        methods: set[Method] = set()
        queue = list(starts)
        while queue and len(methods) < limit:
            for node in walk(queue.pop()):
                if node in seen:
                    continue
                seen.add(node)
                targets: list[Method] = []
                if isinstance(node, Call):
                    targets = list(self.program.resolve_call(node))
                    inner = node.target
                    if isinstance(inner, Member) and inner.name == "Invoke":
                        targets += [t for t in self.flow.delegates(inner.target) if isinstance(t, Method)]
                        queue += [t.body for t in self.flow.delegates(inner.target) if isinstance(t, Lambda)]
                    elif not targets and isinstance(inner, Name | Member):
                        targets += [t for t in self.flow.delegates(inner) if isinstance(t, Method)]
                elif isinstance(node, New):
                    targets = list(self.program.constructors(node))
                elif isinstance(node, Name | Member):
                    member = self.program.member_of(node)
                    if isinstance(member, Property):
                        targets = [m for m in (member.getter, member.setter) if m is not None]
                    elif member is None:
                        targets = [t for t in self.flow._group(node) if isinstance(t, Method)]
                for method in targets:
                    if method not in methods:
                        methods.add(method)
                        if method.body is not None:
                            queue.append(method.body)
        return seen

    # --- kinds in the tree

    def kinds_in(self, kept: Kept) -> set[str]:
        """The kinds of handles that a field keeps, directly or inside the objects in it."""
        found: set[str] = set()
        seen: set[Field] = set()
        queue = [kept]
        while queue:
            current = queue.pop()
            if current.member in seen:
                continue
            seen.add(current.member)
            for site in current.sites:
                if not current.raw and site.type is not None and not self.flow.is_wrapper(site.type):
                    inner = [
                        k
                        for k in self.kept.values()
                        if k.type in (site.type, *self.program.bases_of(site.type))
                    ]
                    queue += inner
                    if not inner:
                        found |= site.kinds
                else:
                    found |= site.kinds
        return found

    def own_kinds(self, kept: Kept) -> set[str]:
        """The kinds that a field keeps directly: a wrapper, not an object with wrappers."""
        return {
            kind
            for site in kept.sites
            if kept.raw or site.type is None or self.flow.is_wrapper(site.type)
            for kind in site.kinds
        }
