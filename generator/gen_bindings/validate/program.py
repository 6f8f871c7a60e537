"""An index over facts: merged types, who is meant by a name, what type a value has, who calls whom."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from gen_bindings.model.schema import Field as MessageField
from gen_bindings.model.schema import Label, Message, Schema
from gen_bindings.validate import facts
from gen_bindings.validate.facts import (
    Assign,
    Block,
    Call,
    Cast,
    Conditional,
    Declares,
    Field,
    Foreach,
    Index,
    Lambda,
    Literal,
    Local,
    LocalFunction,
    Member,
    Method,
    Name,
    New,
    Parameter,
    Property,
    Return,
    SourceFile,
    Switch,
    Test,
    Try,
    Type,
    Unary,
    Value,
)

_GENERIC = re.compile(r"^([\w.:]+)<(.*)>$")
_SAME_ELEMENTS = {
    "ToList",
    "ToArray",
    "Where",
    "OrderBy",
    "Reverse",
    "Values",
    "AsEnumerable",
    "Distinct",
    "Concat",
    "Take",
    "Skip",
    "ToHashSet",
    "Clone",
    "Cast",
    "AsReadOnly",
    "OfType",
    "ConfigureAwait",
    "AsTask",
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
}
_ONE_ELEMENT = {
    "First",
    "FirstOrDefault",
    "Single",
    "SingleOrDefault",
    "Last",
    "LastOrDefault",
    "ElementAt",
    "Peek",
    "Dequeue",
    "Pop",
    "Find",
    "Result",
    "Current",
    "Value",
    "GetValueOrDefault",
    "GetResult",
    "GetAwaiter",
    "Take",
}
# Names that every class library type may have: a call by such a name alone says nothing.
_COMMON = {
    "Add",
    "Remove",
    "Clear",
    "Contains",
    "ContainsKey",
    "ToString",
    "Equals",
    "GetHashCode",
    "Invoke",
    "TryGetValue",
    "Dispose",
    "Close",
    "Start",
    "Stop",
    "Send",
    "Get",
    "Set",
    "Create",
    "Write",
    "Read",
    "Log",
    "Wait",
    "Copy",
    "Enqueue",
    "TryAdd",
    "TryRemove",
    "TryDequeue",
    "SetResult",
    "TrySetResult",
    "Insert",
}


def split_type(text: str) -> tuple[str, tuple[str, ...]]:
    """A type's name and its type arguments; arrays are ``[]`` of their element, nullable marks go."""
    text = text.rstrip("?")
    if text.endswith("[]"):
        return "[]", (text[:-2],)
    match = _GENERIC.match(text)
    if match is None:
        return text, ()
    depth = 0
    parts: list[str] = []
    start = 0
    inner = match.group(2)
    for position, letter in enumerate(inner):
        if letter in "<(":
            depth += 1
        elif letter in ">)":
            depth -= 1
        elif letter == "," and depth == 0:
            parts.append(inner[start:position])
            start = position + 1
    parts.append(inner[start:])
    return match.group(1), tuple(parts)


def element_type(text: str) -> str:
    """What enumerating, awaiting or looking into a value of this type gives; a dictionary's values."""
    _name, arguments = split_type(text)
    return arguments[-1] if arguments else ""


def protoc_name(field_name: str) -> str:
    """The property that protoc's C# generator makes of a field's name."""
    out: list[str] = []
    upper = True
    for letter in field_name:
        if letter == "_":
            upper = True
        elif letter.isdigit():
            out.append(letter)
            upper = True
        else:
            out.append(letter.upper() if upper else letter)
            upper = False
    return "".join(out)


@dataclass(slots=True, eq=False)
class Variable:
    """A local, a parameter or what a pattern binds."""

    name: str
    type: str
    kind: str  # local, parameter, each, out, test, lambda
    node: Any
    value: Value | None = None
    index: int = 0
    owner: Any = None  # the method or lambda of a parameter
    uses: list[Name] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Body:
    """A method with a body, its type, and what its names mean."""

    method: Method
    type: TypeInfo
    variables: list[Variable] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class TypeInfo:
    """A type with all its parts."""

    name: str
    path: str
    kind: str
    file: str
    line: int
    parts: list[Type]
    bases: tuple[str, ...]
    type_parameters: tuple[str, ...]
    fields: dict[str, Field]
    properties: dict[str, Property]
    methods: dict[str, list[Method]]
    outer: TypeInfo | None = None
    generated: bool = False
    message: bool = False  # written out, but with the fields of a message of the schema

    @property
    def static(self) -> bool:
        """A static class."""
        return any("static" in part.modifiers for part in self.parts)

    def all_methods(self) -> Iterable[Method]:
        """Methods, constructors and accessors."""
        for methods in self.methods.values():
            yield from methods
        for accessor in self.properties.values():
            if accessor.getter is not None:
                yield accessor.getter
            if accessor.setter is not None:
                yield accessor.setter


class Program:
    """All sources of one configuration; ``owned`` names messages whose own code is read."""

    def __init__(
        self, files: Sequence[SourceFile], schema: Schema | None, owned: frozenset[str] = frozenset()
    ) -> None:
        self.files = files
        self.types: list[TypeInfo] = []
        self.by_name: dict[str, list[TypeInfo]] = defaultdict(list)
        self.file_of: dict[str, SourceFile] = {file.path: file for file in files}
        self.messages: dict[str, list[Message]] = defaultdict(list)
        self.message_by_full: dict[str, Message] = {}
        self.message_fields: dict[str, dict[str, MessageField]] = {}
        self.parent: dict[Any, Any] = {}
        self.body_of: dict[Any, Body] = {}
        self.variable_of: dict[Name, Variable] = {}
        self.names: dict[str, list[Name | Member]] = defaultdict(list)
        self.calls: dict[str, list[Call]] = defaultdict(list)
        self.news: dict[str, list[New]] = defaultdict(list)
        self.assigns: list[Assign] = []
        self.bodies: dict[Method, Body] = {}
        self.derived: dict[str, list[TypeInfo]] = defaultdict(list)
        self._type_cache: dict[Any, str] = {}
        self._lookup_cache: dict[tuple[str, str], TypeInfo | None] = {}
        self._busy: set[Any] = set()
        self._static_types: list[TypeInfo] = []
        self.enums = {enum.full_name: enum for enum in schema.enums} if schema is not None else {}
        if schema is not None:
            self._index_messages(schema)
        self._merge(files)
        for info in self.types:
            for base in info.bases:
                self.derived[split_type(base)[0].rpartition(".")[2]].append(info)
        self._static_types = [info for info in self.types if info.static and not info.generated]
        for info in self.types:
            if info.message and info.name not in owned:
                continue
            if not info.generated:
                self._index_bodies(info)
        for new in self.news.pop("", []):
            self.news[split_type(self.type_of(new))[0].rpartition(".")[2]].append(new)

    # --- types

    def _index_messages(self, schema: Schema) -> None:
        for message in schema.messages:
            self.messages[message.name].append(message)
            self.message_by_full[message.full_name] = message

    def _merge(self, files: Sequence[SourceFile]) -> None:
        by_path: dict[str, TypeInfo] = {}
        for file in files:
            for part in file.types:
                info = by_path.get(part.path)
                if info is None or info.kind != part.kind or info.type_parameters != part.type_parameters:
                    info = TypeInfo(
                        part.name,
                        part.path,
                        part.kind,
                        part.file,
                        part.line,
                        [],
                        (),
                        part.type_parameters,
                        {},
                        {},
                        {},
                        generated=file.generated,
                    )
                    by_path[part.path] = info
                    self.types.append(info)
                    self.by_name[part.name].append(info)
                info.parts.append(part)
                info.bases += tuple(base for base in part.bases if base not in info.bases)
                for member in part.fields:
                    info.fields[member.name] = member
                for accessor in part.properties:
                    info.properties[accessor.name] = accessor
                for method in part.methods:
                    info.methods.setdefault(method.name, []).append(method)
                info.generated = info.generated or any(
                    base.startswith(("IMessage<", "pb::IMessage<", "Google.Protobuf.IMessage<"))
                    for base in part.bases
                )
        for info in self.types:
            info.message = self._mirrors(info)
            outer = info.parts[0].outer
            if outer is not None:
                info.outer = by_path.get(outer.path)
                info.generated = info.generated or (info.outer is not None and info.outer.generated)

    def _mirrors(self, info: TypeInfo) -> bool:
        """Whether a class is the schema's message of its name, made by something else than protoc."""
        if info.kind != "class" or info.generated:
            return False
        members = {name.lower() for name in (*info.fields, *info.properties)}
        return any(
            all(entry.name.replace("_", "").lower() in members for entry in message.fields)
            for message in self.messages.get(info.name, ())
            if message.fields
        )

    def type_named(self, text: str, file: str = "") -> TypeInfo | None:
        """The program's own type of this name, if it has exactly one (the nearest, if several)."""
        key = (text, file)
        if key in self._lookup_cache:
            return self._lookup_cache[key]
        name = split_type(text)[0]
        source = self.file_of.get(file)
        if source is not None and name in source.aliases:
            name = split_type(source.aliases[name])[0]
        last = name.rpartition(".")[2]
        found = [info for info in self.by_name.get(last, ()) if not info.generated]
        if len(found) > 1 and "." in name:
            exact = [info for info in found if info.path.endswith("." + name) or info.path == name]
            found = exact or found
        result: TypeInfo | None = found[0] if found else None
        if len(found) > 1:
            arity = len(split_type(text)[1])
            fitting = [info for info in found if len(info.type_parameters) == arity]
            near = [info for info in fitting if info.file == file]
            result = (near or fitting or found)[0]
        self._lookup_cache[key] = result
        return result

    def message_named(self, text: str) -> Message | None:
        """The schema's message that a type of this name is, by protoc's naming."""
        if text.startswith("proto:"):
            return self.message_by_full.get(text[6:].rstrip("?"))
        name = split_type(text)[0]
        last = name.rpartition(".")[2]
        found = self.messages.get(last)
        if not found:
            return None
        own = self.by_name.get(last)
        if own and not any(info.generated or info.message for info in own):
            return None
        if len(found) > 1 and ".Types." in name:
            outer = name.rpartition(".Types.")[0].rpartition(".")[2]
            for message in found:
                if (message.parent or "").rpartition(".")[2] == outer:
                    return message
        return found[0]

    def message_field(self, message: Message, name: str) -> MessageField | None:
        """The field behind a property of a message class."""
        table = self.message_fields.get(message.full_name)
        if table is None:
            table = {}
            for entry in message.fields:
                pascal = protoc_name(entry.name)
                table[pascal + "_" if pascal == message.name else pascal] = entry
            self.message_fields[message.full_name] = table
        return table.get(name)

    def enum_values(self, full_name: str) -> list[str]:
        """The values of one of the schema's enums, as protoc's C# generator names them."""
        enum = self.enums.get(full_name)
        if enum is None:
            return []
        prefix = enum.name.lower()
        names = [protoc_name(value.name.lower()) for value in enum.values]
        return [
            n[len(prefix) :] if n.lower().startswith(prefix) and n.lower() != prefix else n for n in names
        ]

    def bases_of(self, info: TypeInfo) -> list[TypeInfo]:
        """The program's own base types and interfaces, nearest first, without the type itself."""
        found: list[TypeInfo] = []
        queue = list(info.bases)
        while queue:
            base = self.type_named(queue.pop(0), info.file)
            if base is not None and base is not info and base not in found:
                found.append(base)
                queue += base.bases
        return found

    def descendants(self, info: TypeInfo) -> list[TypeInfo]:
        """Types that derive from this one, however far."""
        found: list[TypeInfo] = []
        queue = [info]
        while queue:
            for child in self.derived.get(queue.pop().name, ()):
                if child not in found:
                    found.append(child)
                    queue.append(child)
        return found

    def derives_from(self, info: TypeInfo, names: Iterable[str]) -> bool:
        """Whether the type or one of its bases is written as one of these library types."""
        wanted = set(names)
        return any(
            split_type(base)[0].rpartition(".")[2] in wanted
            for each in (info, *self.bases_of(info))
            for base in each.bases
        )

    def is_disposable(self, info: TypeInfo) -> bool:
        """Implements IDisposable or IAsyncDisposable, or is a SafeHandle."""
        return self.derives_from(info, ("IDisposable", "IAsyncDisposable")) or self.is_safe_handle(info)

    def is_safe_handle(self, info: TypeInfo) -> bool:
        """A SafeHandle class of the program."""
        return self.derives_from(
            info,
            (
                "SafeHandle",
                "SafeHandleZeroOrMinusOneIsInvalid",
                "SafeHandleMinusOneIsInvalid",
                "CriticalHandle",
                "CriticalHandleZeroOrMinusOneIsInvalid",
            ),
        )

    def is_mono_behaviour(self, info: TypeInfo) -> bool:
        """A Unity component."""
        return self.derives_from(info, ("MonoBehaviour",))

    def find_member(self, info: TypeInfo, name: str) -> Field | Property | None:
        """A field or property of the type or its bases."""
        for each in (info, *self.bases_of(info)):
            if name in each.fields:
                return each.fields[name]
            if name in each.properties:
                return each.properties[name]
        return None

    def find_methods(self, info: TypeInfo, name: str) -> list[Method]:
        """Methods of this name in the type, its bases, and overrides in its descendants."""
        found = [m for each in (info, *self.bases_of(info)) for m in each.methods.get(name, ())]
        if any(m.modifiers & {"virtual", "abstract", "override"} for m in found) or info.kind == "interface":
            found += [m for each in self.descendants(info) for m in each.methods.get(name, ())]
        return found

    # --- bodies

    def _index_bodies(self, info: TypeInfo) -> None:
        for method in info.all_methods():
            if method.body is not None or method.chained:
                self._index_body(method, info)
        for member in info.fields.values():
            if member.value is not None:
                block = Block(member.line, member.column, (_initial(member),))
                method = Method(
                    member.line,
                    member.column,
                    ".init" if not member.static else ".static",
                    "void",
                    (),
                    member.modifiers & {"static", "const"},
                    (),
                    block,
                    member.line,
                    owner=member.owner,
                )
                self._index_body(method, info)

    def _index_body(self, method: Method, info: TypeInfo) -> None:
        body = Body(method, info)
        self.bodies[method] = body
        scope: dict[str, Variable] = {}
        self._declare_parameters(method.parameters, method, body, scope)
        for argument in method.chained:
            self.parent[argument.value] = method
            self._visit(argument.value, body, scope)
        if method.body is not None:
            self.parent[method.body] = method
            self._visit(method.body, body, scope)

    def _declare_parameters(
        self, parameters: Sequence[Parameter], owner: object, body: Body, scope: dict[str, Variable]
    ) -> None:
        kind = "lambda" if isinstance(owner, Lambda) else "parameter"
        for index, parameter in enumerate(parameters):
            variable = Variable(parameter.name, parameter.type, kind, parameter, None, index, owner)
            scope[parameter.name] = variable
            body.variables.append(variable)

    def _declare(
        self,
        name: str,
        type_: str,
        kind: str,
        node: object,
        value: Value | None,
        body: Body,
        scope: dict[str, Variable],
    ) -> None:
        variable = Variable(name, type_, kind, node, value)
        scope[name] = variable
        body.variables.append(variable)

    def _visit(self, node: Any, body: Body, scope: dict[str, Variable]) -> None:
        kind = type(node)
        parent = self.parent
        if kind is Name:
            self.body_of[node] = body
            variable = scope.get(node.name)
            if variable is not None:
                self.variable_of[node] = variable
                variable.uses.append(node)
            else:
                self.names[node.name].append(node)
            return
        if kind is Member:
            self.body_of[node] = body
            self.names[node.name].append(node)
            if type(node.target) not in (Name, Member) and node.target in parent:
                # The subject of a conditional chain was seen already.
                return
            parent[node.target] = node
            self._visit(node.target, body, scope)
            return
        if kind is Literal:
            self.body_of[node] = body
            return
        if kind is Call:
            self.body_of[node] = body
            target = node.target
            if type(target) is Name or type(target) is Member:
                self.calls[target.name].append(node)
        elif kind is New:
            self.body_of[node] = body
            self.news[split_type(node.type)[0].rpartition(".")[2]].append(node)
        elif kind is Assign:
            self.body_of[node] = body
            self.assigns.append(node)
        elif kind is Declares:
            self.body_of[node] = body
            self._declare(node.name, node.type, "out", node, None, body, scope)
            return
        elif kind is Block or kind is Lambda:
            self.body_of[node] = body
            scope = dict(scope)
            if kind is Lambda:
                self._declare_parameters(node.parameters, node, body, scope)
        elif kind is Local:
            self.body_of[node] = body
            if node.value is not None:
                parent[node.value] = node
                self._visit(node.value, body, scope)
            self._declare(node.name, node.type, "local", node, node.value, body, scope)
            return
        elif kind is Foreach:
            self.body_of[node] = body
            parent[node.collection] = node
            self._visit(node.collection, body, scope)
            scope = dict(scope)
            self._declare(node.name, node.type, "each", node, node.collection, body, scope)
            parent[node.body] = node
            self._visit(node.body, body, scope)
            return
        elif kind is LocalFunction:
            method = node.method
            method.owner = body.method.owner
            self.bodies[method] = body
            inner = dict(scope)
            self._declare_parameters(method.parameters, method, body, inner)
            if method.body is not None:
                parent[method.body] = method
                parent[method] = node
                self._visit(method.body, body, inner)
            return
        elif kind is Switch:
            self.body_of[node] = body
            parent[node.value] = node
            self._visit(node.value, body, scope)
            for section in node.sections:
                inner = dict(scope)
                for name, type_ in section.binds:
                    self._declare(name, type_, "test", node, node.value, body, inner)
                parent[section.body] = node
                self._visit(section.body, body, inner)
            return
        elif kind is Try:
            self.body_of[node] = body
            parent[node.body] = node
            self._visit(node.body, body, scope)
            for clause in node.catches:
                inner = dict(scope)
                if clause.name:
                    self._declare(clause.name, clause.type, "local", node, None, body, inner)
                parent[clause.body] = node
                self._visit(clause.body, body, inner)
            if node.final is not None:
                parent[node.final] = node
                self._visit(node.final, body, scope)
            return
        else:
            self.body_of[node] = body
        for child in facts.children(node):
            parent[child] = node
            self._visit(child, body, scope)
        if kind is Test and node.binds:
            self._declare(node.binds, node.type or "var", "test", node, node.value, body, scope)

    # --- what a type is

    def type_of(self, value: Any) -> str:
        """The type of a value as text (``proto:…`` for messages), empty when it is not known."""
        cached = self._type_cache.get(value)
        if cached is not None:
            return cached
        if value in self._busy:
            return ""
        self._busy.add(value)
        try:
            result = self._infer(value)
        finally:
            self._busy.discard(value)
        self._type_cache[value] = result
        return result

    def variable_type(self, variable: Variable) -> str:
        """The declared or inferred type of a variable."""
        if variable.type not in ("", "var"):
            return variable.type
        if variable.kind == "each" and variable.value is not None:
            return self.item_type(self.type_of(variable.value))
        if variable.kind == "out":
            return self._out_type(variable)
        if variable.kind == "lambda":
            return self._lambda_parameter_type(variable)
        if variable.value is not None:
            return self.type_of(variable.value)
        return ""

    def item_type(self, text: str) -> str:
        """What a foreach over a value of this type gives."""
        name, arguments = split_type(text)
        if len(arguments) == 2 and "Dictionary" in name:
            return f"KeyValuePair<{arguments[0]},{arguments[1]}>"
        return element_type(text)

    def _out_type(self, variable: Variable) -> str:
        call = self.parent.get(variable.node)
        if not isinstance(call, Call):
            return ""
        if isinstance(call.target, Member) and call.target.name in (
            "TryGetValue",
            "TryRemove",
            "TryDequeue",
            "TryPop",
            "TryTake",
            "Remove",
        ):
            return element_type(self.type_of(call.target.target))
        position = next((i for i, a in enumerate(call.arguments) if a.value is variable.node), 0)
        for method in self.resolve_call(call):
            if position < len(method.parameters):
                return method.parameters[position].type
        return ""

    def _lambda_parameter_type(self, variable: Variable) -> str:
        outer = self.parent.get(variable.owner)
        if isinstance(outer, Assign) and outer.op in ("+=", "="):
            return self._delegate_parameter(self.type_of(outer.left), variable.index)
        if isinstance(outer, Call):
            target = outer.target
            methods = self.resolve_call(outer)
            position = next((i for i, a in enumerate(outer.arguments) if a.value is variable.owner), 0)
            for method in methods:
                if position < len(method.parameters):
                    mapping = dict(zip(method.type_parameters, outer.types, strict=False))
                    kind = _substitute(method.parameters[position].type, mapping)
                    return self._delegate_parameter(kind, variable.index)
            if isinstance(target, Member) and not methods:
                return self.item_type(self.type_of(target.target)) if variable.index == 0 else ""
        if isinstance(outer, New):
            position = next((i for i, a in enumerate(outer.arguments) if a.value is variable.owner), 0)
            body = self.body_of.get(outer)
            made = self.type_named(self.type_of(outer), body.type.file if body else "")
            return self._given_to_constructor(
                variable, made, self.type_of(outer), position, self.constructors(outer)
            )
        if isinstance(outer, Method) and outer.owner is not None:
            position = next((i for i, a in enumerate(outer.chained) if a.value is variable.owner), 0)
            own = self.type_named(outer.owner.name, outer.owner.file)
            for base, text in self._chain_targets(own, outer.chain):
                constructors = fitting(base.methods.get(".ctor", []), len(outer.chained))
                if constructors:
                    return self._given_to_constructor(variable, base, text, position, constructors)
        return ""

    def _given_to_constructor(
        self, variable: Variable, made: TypeInfo | None, text: str, position: int, constructors: list[Method]
    ) -> str:
        """The type of a lambda's parameter, when the lambda is an argument of a constructor of ``text``."""
        mapping = dict(zip(made.type_parameters, split_type(text)[1], strict=False)) if made else {}
        for constructor in constructors:
            if position < len(constructor.parameters):
                kind = _substitute(constructor.parameters[position].type, mapping)
                return self._delegate_parameter(kind, variable.index)
        return ""

    def _chain_targets(self, own: TypeInfo | None, chain: str) -> list[tuple[TypeInfo, str]]:
        """The types whose constructor ``: this(…)`` or ``: base(…)`` calls, as they are written."""
        if own is None:
            return []
        if chain == "this":
            return [(own, own.name)]
        written = {info: text for text in own.bases if (info := self.type_named(text)) is not None}
        return [(base, written.get(base, base.name)) for base in self.bases_of(own)]

    def _delegate_parameter(self, text: str, index: int) -> str:
        name, arguments = split_type(text)
        last = name.rpartition(".")[2]
        if last in ("Action", "Func", "Predicate") and index < len(arguments):
            return arguments[index]
        if last == "EventHandler":
            return arguments[0] if arguments and index == 1 else ""
        info = self.type_named(text)
        if info is not None and info.kind == "delegate":
            signature = info.parts[0].signature
            if signature is not None and index < len(signature.parameters):
                return signature.parameters[index].type
        return ""

    def _infer(self, value: Any) -> str:
        kind = type(value)
        if kind is Name:
            variable = self.variable_of.get(value)
            if variable is not None:
                return self.variable_type(variable)
            return self._type_of_name(value)
        if kind is Member:
            return self._type_of_member(value)
        if kind is Call:
            return self._type_of_call(value)
        if kind is New:
            return str(value.type) or self._target_type(value)
        if kind is Cast:
            return str(value.type)
        if kind is Assign:
            return self.type_of(value.right) or self.type_of(value.left)
        if kind is Conditional:
            return self.type_of(value.then) or self.type_of(value.other)
        if kind is facts.Choice:
            return next((t for _, arm in value.arms if (t := self.type_of(arm))), "")
        if kind is facts.Binary:
            if value.op == "??":
                return self.type_of(value.left) or self.type_of(value.right)
            return "bool" if value.op in ("==", "!=", "&&", "||", "<", ">") else ""
        if kind is Unary:
            if value.op == "await":
                return element_type(self.type_of(value.value))
            return self.type_of(value.value)
        if kind is Index:
            return element_type(self.type_of(value.target))
        if kind is Literal:
            return {"string": "string", "bool": "bool"}.get(value.kind, "")
        if kind is facts.Tuple and value.kind == "tuple":
            return f"({','.join(self.type_of(part) for part in value.parts)})"
        return ""

    def _target_type(self, value: Any) -> str:
        """The type that its place gives to ``new()``."""
        outer = self.parent.get(value)
        if isinstance(outer, Local):
            return outer.type
        if isinstance(outer, Assign):
            return self.type_of(outer.left)
        if isinstance(outer, Conditional | Cast) or (isinstance(outer, facts.Binary) and outer.op == "??"):
            return outer.type if isinstance(outer, Cast) else self._target_type(outer)
        if isinstance(outer, Return):
            method = self.parent.get(self.parent.get(outer))
            if not isinstance(method, Method):
                return ""
            return element_type(method.type) if "async" in method.modifiers else method.type
        if isinstance(outer, New):
            name = next((name for name, given in outer.members if given is value), "")
            if name:
                return self._type_of_member(Member(outer.line, outer.column, outer, name))
        if isinstance(outer, Call | New):
            positions = [i for i, a in enumerate(outer.arguments) if a.value is value]
            methods = self.resolve_call(outer) if isinstance(outer, Call) else self.constructors(outer)
            for method in methods:
                for position in positions:
                    if position < len(method.parameters):
                        return method.parameters[position].type
        return ""

    def _type_of_name(self, value: Name) -> str:
        body = self.body_of.get(value)
        if body is None:
            return ""
        if value.name == "this":
            return body.type.name
        if value.name == "base":
            return body.type.bases[0] if body.type.bases else ""
        info: TypeInfo | None = body.type
        while info is not None:
            member = self.find_member(info, value.name)
            if member is not None:
                return self._canonical(member.type)
            info = info.outer
        if "<" in value.name:
            return value.name
        return value.name if self.type_named(value.name) or self.message_named(value.name) else ""

    def _canonical(self, text: str) -> str:
        return text

    def _type_of_member(self, value: Member) -> str:
        target_type = self.type_of(value.target)
        if not target_type:
            # A type behind a namespace, or something unknown.
            return value.name if self.type_named(value.name) else ""
        if value.name[:1] == "$" or target_type[:1] == "(":
            return _part_type(target_type, value.name)
        message = self.message_named(target_type)
        if message is not None:
            entry = self.message_field(message, value.name)
            if entry is not None:
                return _field_type(entry)
            if value.name == "Types":
                return ""
            return value.name if value.name.endswith(("Case", "Parser")) and value.name == "Parser" else ""
        info = self.type_named(target_type)
        if info is not None:
            member = self.find_member(info, value.name)
            if member is not None:
                mapping = dict(zip(info.type_parameters, split_type(target_type)[1], strict=False))
                return _substitute(member.type, mapping)
            nested = [t for t in self.by_name.get(value.name, ()) if t.outer is info]
            return value.name if nested else ""
        _name, arguments = split_type(target_type)
        if arguments:
            if value.name in ("Values",):
                return f"List<{arguments[-1]}>"
            if value.name == "Keys":
                return f"List<{arguments[0]}>"
            if value.name == "Key":
                return arguments[0]
            if value.name == "Task":
                return f"Task<{arguments[0]}>"
            if value.name in _ONE_ELEMENT:
                return arguments[-1]
        return ""

    def _type_of_call(self, call: Call) -> str:
        target = call.target
        for method in self.resolve_call(call):
            if method.type == "void":
                continue
            mapping = dict(zip(method.type_parameters, call.types, strict=False))
            if isinstance(target, Member):
                owner = self.type_of(target.target)
                info = self.type_named(owner)
                if info is not None:
                    mapping |= dict(zip(info.type_parameters, split_type(owner)[1], strict=False))
            return _substitute(method.type, mapping)
        if isinstance(target, Member):
            if target.name == "Invoke":
                return element_type(self.type_of(target.target))
            if target.name in ("ParseFrom", "ParseDelimitedFrom") and isinstance(target.target, Member):
                return self.type_of(target.target.target)
            inner = self.type_of(target.target)
            if target.name in _ONE_ELEMENT:
                if target.name == "GetAwaiter":
                    return inner
                return element_type(inner)
            if target.name in _SAME_ELEMENTS:
                return inner
            if target.name in ("Exchange", "CompareExchange") and call.arguments:
                return self.type_of(call.arguments[0].value)
            if target.name == "Select" and call.arguments:
                lambda_ = call.arguments[0].value
                if isinstance(lambda_, Lambda) and lambda_.body.statements:
                    last = lambda_.body.statements[-1]
                    if isinstance(last, Return) and last.value is not None:
                        made = self.type_of(last.value)
                        return f"List<{made}>" if made else ""
            if target.name == "FromResult" and call.arguments:
                return f"Task<{self.type_of(call.arguments[0].value)}>"
        return ""

    # --- who is called

    def resolve_call(self, call: Call) -> list[Method]:
        """The program's methods that a call may reach, by receiver, name and number of arguments."""
        target = call.target
        count = len(call.arguments)
        body = self.body_of.get(call)
        if body is None:
            return []
        if isinstance(target, Name):
            local = self._local_function(call, target.name)
            if local is not None:
                return [local]
            info: TypeInfo | None = body.type
            while info is not None:
                found = fitting(self.find_methods(info, target.name), count)
                if found:
                    return found
                info = info.outer
            return self._static_imports(body, target.name, count)
        if not isinstance(target, Member):
            return []
        receiver = target.target
        if isinstance(receiver, Name) and receiver.name == "base":
            return fitting(
                [m for base in self.bases_of(body.type) for m in base.methods.get(target.name, ())], count
            )[:1]
        owner = self.type_of(receiver)
        if owner:
            if self.message_named(owner) is not None:
                return []
            known = self.type_named(owner, body.type.file)
            if known is not None:
                return fitting(self.find_methods(known, target.name), count)
            if split_type(owner)[0] not in ("", "var", "T"):
                return self._extensions(target.name, count)
        elif isinstance(receiver, Name) and receiver.name[:1].isupper() and receiver not in self.variable_of:
            # A type that is not in the sources: Debug.Log, Math.Min.
            return []
        if target.name in _COMMON:
            return []
        candidates = [
            m for info in self.types if not info.generated for m in info.methods.get(target.name, ())
        ]
        owners = {m.owner.path for m in candidates if m.owner}
        return fitting(candidates, count) if len(owners) <= 2 else []

    def _extensions(self, name: str, count: int) -> list[Method]:
        found = [
            m
            for info in self._static_types
            for m in info.methods.get(name, ())
            if m.parameters and m.parameters[0].mode == "this"
        ]
        return fitting(found, count + 1)

    def _static_imports(self, body: Body, name: str, count: int) -> list[Method]:
        source = self.file_of.get(body.type.file)
        found: list[Method] = []
        for space in source.imports if source else ():
            info = self.type_named(space)
            if info is not None:
                found += info.methods.get(name, ())
        return fitting(found, count)

    def _local_function(self, node: Any, name: str) -> Method | None:
        while node is not None:
            if isinstance(node, Block):
                for statement in node.statements:
                    if isinstance(statement, LocalFunction) and statement.method.name == name:
                        return statement.method
            node = self.parent.get(node)
        return None

    def callers(self, method: Method) -> list[Call]:
        """The calls that may reach a method."""
        return [call for call in self.calls.get(method.name, ()) if method in self.resolve_call(call)]

    def references(self, method: Method) -> list[Name | Member]:
        """Places that name a method without calling it: method groups."""
        found: list[Name | Member] = []
        for node in self.names.get(method.name, ()):
            parent = self.parent.get(node)
            if isinstance(parent, Call) and parent.target is node:
                continue
            body = self.body_of.get(node)
            if body is None or method.owner is None:
                continue
            if isinstance(node, Name):
                here: TypeInfo | None = body.type
                while here is not None:
                    if method in self.find_methods(here, method.name):
                        found.append(node)
                        break
                    here = here.outer
            else:
                info = self.type_named(self.type_of(node.target))
                if info is not None and method in self.find_methods(info, method.name):
                    found.append(node)
        return found

    def constructors(self, new: New) -> list[Method]:
        """The constructors that a ``new`` may call."""
        body = self.body_of.get(new)
        info = self.type_named(self.type_of(new), body.type.file if body else "")
        if info is None:
            return []
        return fitting(info.methods.get(".ctor", []), len(new.arguments))

    def member_of(self, node: Any) -> Field | Property | None:
        """The field or property that a name or member access means, when it is the program's own."""
        if isinstance(node, Name):
            if node in self.variable_of:
                return None
            body = self.body_of.get(node)
            info = body.type if body else None
            while info is not None:
                found = self.find_member(info, node.name)
                if found is not None:
                    return found
                info = info.outer
            return None
        if isinstance(node, Member):
            target = node.target
            if isinstance(target, Name) and target.name in ("this", "base"):
                body = self.body_of.get(node)
                return self.find_member(body.type, node.name) if body else None
            info = self.type_named(self.type_of(target))
            return self.find_member(info, node.name) if info is not None else None
        return None

    def member_uses(self, member: Field | Property) -> list[Name | Member]:
        """Every place that names this field or property."""
        return [node for node in self.names.get(member.name, ()) if self.member_of(node) is member]

    def method_at(self, node: Any) -> Method | None:
        """The method, accessor or local function around a node."""
        while node is not None and not isinstance(node, Method):
            node = self.parent.get(node)
        return node

    def ancestors(self, node: Any) -> Iterable[Any]:
        """What stands around a node, innermost first."""
        node = self.parent.get(node)
        while node is not None:
            yield node
            node = self.parent.get(node)

    def file_at(self, node: Any) -> str:
        """The file in which a node stands."""
        body = self.body_of.get(node)
        if body is not None:
            owner = body.method.owner
            return owner.file if owner is not None else body.type.file
        owner = getattr(node, "owner", None)
        while owner is not None and not isinstance(owner, Type):
            owner = getattr(owner, "owner", None)
        if owner is not None:
            return str(owner.file)
        return str(getattr(node, "file", ""))


def fitting(methods: Sequence[Method], count: int) -> list[Method]:
    """Methods that take this many arguments."""
    found: list[Method] = []
    for method in methods:
        parameters = method.parameters
        size = len(parameters)
        many = bool(parameters) and parameters[-1].mode == "params"
        if (count <= size or many) and (count == size or many or size > count) and method not in found:
            found.append(method)
    exact = [m for m in found if len(m.parameters) == count]
    return exact or found


def _initial(member: Field) -> facts.Statement:
    value = member.value
    assert value is not None
    left = Name(member.line, member.column, member.name)
    return facts.Do(member.line, member.column, Assign(member.line, member.column, "=", left, value))


def _field_type(entry: MessageField) -> str:
    if entry.message is not None:
        text = f"proto:{entry.message}"
    elif entry.enum is not None:
        text = f"enum:{entry.enum}"
    else:
        text = entry.scalar.value if entry.scalar else ""
    return f"RepeatedField<{text}>" if entry.label is Label.REPEATED else text


def _part_type(text: str, name: str) -> str:
    """The type of a tuple's or a pair's part: by position, as ``Item1``, or by its own name."""
    if text[:1] == "(":
        parts = [part.partition(" ")[::2] for part in split_type(f"T<{text[1:-1]}>")[1]]
    else:
        parts = [(argument, "") for argument in split_type(text)[1]]
    for position, (type_, own) in enumerate(parts):
        if name in (f"${position}", f"Item{position + 1}", own):
            return type_
    return ""


def _substitute(text: str, mapping: dict[str, str]) -> str:
    if not mapping or not text:
        return text
    return re.sub(r"\b\w+\b", lambda m: mapping.get(m[0], m[0]), text)
