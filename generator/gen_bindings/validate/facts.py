"""What C# sources say, without their syntax: declarations, and bodies as small trees.

A reader (``read_csharp``) makes these; the index, the flows and the checks read nothing else, so that
another reader with full type information can stand behind the same checks. Nodes are compared by identity:
a node is one place in a source. They are not frozen only because a large source has some hundred thousand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias


@dataclass(slots=True, eq=False)
class Node:
    """Anything with a place; ``line`` and ``column`` start at 1."""

    line: int
    column: int


# --- values -----------------------------------------------------------------------------------------------


@dataclass(slots=True, eq=False)
class Name(Node):
    """A plain name: local, parameter, member, type; ``this`` and ``base`` too."""

    name: str


@dataclass(slots=True, eq=False)
class Member(Node):
    """``target.name``; ``conditional`` for ``target?.name`` and pointer access alike."""

    target: Value
    name: str
    conditional: bool = False


@dataclass(slots=True, eq=False)
class Argument:
    """An argument; ``mode`` is empty, ``ref``, ``out`` or ``in``."""

    value: Value
    name: str = ""
    mode: str = ""


@dataclass(slots=True, eq=False)
class Call(Node):
    """``target(arguments)``; ``types`` are explicit type arguments."""

    target: Value
    arguments: tuple[Argument, ...]
    types: tuple[str, ...] = ()


@dataclass(slots=True, eq=False)
class New(Node):
    """``new Type(arguments) { members }``; ``type`` is empty where the target type decides.

    Members are ``(name, value)`` for object initialisers and ``("", value)`` for collection ones; arrays
    come as ``Type[]``.
    """

    type: str
    arguments: tuple[Argument, ...] = ()
    members: tuple[tuple[str, Value], ...] = ()


@dataclass(slots=True, eq=False)
class Assign(Node):
    """``left op right`` with ``op`` one of ``=``, ``??=``, ``+=``, ``-=`` …"""

    op: str
    left: Value
    right: Value


@dataclass(slots=True, eq=False)
class Lambda(Node):
    """A lambda or an anonymous method; ``body`` is one block (an expression body is a ``Return``)."""

    parameters: tuple[Parameter, ...]
    body: Block


@dataclass(slots=True, eq=False)
class Literal(Node):
    """A literal: ``kind`` is ``null``, ``bool``, ``string`` or ``number``; ``text`` without quotes."""

    kind: str
    text: str


@dataclass(slots=True, eq=False)
class Cast(Node):
    """``(type)value`` and ``value as type``."""

    type: str
    value: Value


@dataclass(slots=True, eq=False)
class Test(Node):
    """``value is pattern``; ``type`` where it names one, ``binds`` the new local, ``text`` the pattern."""

    value: Value
    type: str
    binds: str
    text: str


@dataclass(slots=True, eq=False)
class Binary(Node):
    """``left op right``."""

    op: str
    left: Value
    right: Value


@dataclass(slots=True, eq=False)
class Conditional(Node):
    """``condition ? then : other``; a switch expression is ``Choice``."""

    condition: Value
    then: Value
    other: Value


@dataclass(slots=True, eq=False)
class Choice(Node):
    """A switch expression: ``arms`` are (pattern text, value)."""

    value: Value
    arms: tuple[tuple[str, Value], ...]


@dataclass(slots=True, eq=False)
class Index(Node):
    """``target[arguments]``."""

    target: Value
    arguments: tuple[Value, ...]


@dataclass(slots=True, eq=False)
class Unary(Node):
    """``op value``: ``await``, ``!``, ``-``, ``ref``, ``throw``, ``&``, ``*``, ``++``, ``nameof`` …"""

    op: str
    value: Value


@dataclass(slots=True, eq=False)
class Declares(Node):
    """``out var name`` and tuple parts that declare."""

    type: str
    name: str


@dataclass(slots=True, eq=False)
class Tuple(Node):
    """``(a, b)``, an interpolated string, or any other value that is made of parts; ``kind`` says which."""

    kind: str
    parts: tuple[Value, ...]


Value: TypeAlias = (
    Name
    | Member
    | Call
    | New
    | Assign
    | Lambda
    | Literal
    | Cast
    | Test
    | Binary
    | Conditional
    | Choice
    | Index
    | Unary
    | Declares
    | Tuple
)


# --- statements ---------------------------------------------------------------------------------------------


@dataclass(slots=True, eq=False)
class Block(Node):
    """Statements in order."""

    statements: tuple[Statement, ...]


@dataclass(slots=True, eq=False)
class Local(Node):
    """A local declaration; ``using`` when it is disposed at the end of its scope; ``fixed`` for pins."""

    type: str
    name: str
    value: Value | None
    using: bool = False
    fixed: bool = False


@dataclass(slots=True, eq=False)
class Do(Node):
    """A value that is evaluated for its effect."""

    value: Value


@dataclass(slots=True, eq=False)
class If(Node):
    """``if``."""

    condition: Value
    then: Block
    other: Block | None


@dataclass(slots=True, eq=False)
class Loop(Node):
    """``for``, ``while``, ``do``; ``parts`` are its header's statements."""

    parts: tuple[Statement, ...]
    body: Block


@dataclass(slots=True, eq=False)
class Foreach(Node):
    """``foreach``."""

    type: str
    name: str
    collection: Value
    body: Block


@dataclass(slots=True, eq=False)
class Return(Node):
    """``return``; ``kind`` is ``return`` or ``yield``."""

    value: Value | None
    kind: str = "return"


@dataclass(slots=True, eq=False)
class Jump(Node):
    """``break``, ``continue``, ``goto``, ``throw`` (with its value)."""

    kind: str
    value: Value | None = None


@dataclass(slots=True, eq=False)
class Catch:
    """A catch clause; ``type`` is empty for a bare ``catch``."""

    type: str
    name: str
    filtered: bool
    body: Block


@dataclass(slots=True, eq=False)
class Try(Node):
    """``try``."""

    body: Block
    catches: tuple[Catch, ...]
    final: Block | None


@dataclass(slots=True, eq=False)
class Using(Node):
    """``using (resource) body``; the resource is a ``Local`` or a value."""

    resource: Statement
    body: Block


@dataclass(slots=True, eq=False)
class Lock(Node):
    """``lock (value) body``."""

    value: Value
    body: Block


@dataclass(slots=True, eq=False)
class Section:
    """A switch section: its labels' texts, and the names that its patterns bind with their types."""

    labels: tuple[str, ...]
    binds: tuple[tuple[str, str], ...]
    body: Block


@dataclass(slots=True, eq=False)
class Switch(Node):
    """``switch``."""

    value: Value
    sections: tuple[Section, ...]


@dataclass(slots=True, eq=False)
class LocalFunction(Node):
    """A function declared in a body."""

    method: Method


Statement: TypeAlias = (
    Block | Local | Do | If | Loop | Foreach | Return | Jump | Try | Using | Lock | Switch | LocalFunction
)


# --- declarations -------------------------------------------------------------------------------------------


@dataclass(slots=True, eq=False)
class Attribute:
    """An attribute: last component of its name without ``Attribute``, and its arguments."""

    name: str
    arguments: tuple[tuple[str, Value], ...]
    target: str = ""  # "return" for [return: …]


@dataclass(slots=True, eq=False)
class Parameter(Node):
    """A parameter; ``mode`` is empty, ``ref``, ``out``, ``in``, ``params`` or ``this``."""

    name: str
    type: str
    mode: str = ""
    attributes: tuple[Attribute, ...] = ()


@dataclass(slots=True, eq=False)
class Method(Node):
    """Anything with a body: method, constructor (``.ctor``), finalizer (``~``), accessor, local function.

    Attributes:
        type: declared result, ``void`` for constructors.
        body: ``None`` for abstract, extern and interface members.
        chained: arguments of ``: base(…)`` or ``: this(…)``, ``chain`` says which.
        end: last line.
    """

    name: str
    type: str
    parameters: tuple[Parameter, ...]
    modifiers: frozenset[str]
    attributes: tuple[Attribute, ...]
    body: Block | None
    end: int
    type_parameters: tuple[str, ...] = ()
    chain: str = ""
    chained: tuple[Argument, ...] = ()
    owner: Type | None = None
    interface: str = ""  # the interface of an explicit implementation

    @property
    def static(self) -> bool:
        """Whether it belongs to the type."""
        return "static" in self.modifiers


@dataclass(slots=True, eq=False)
class Field(Node):
    """A field, an automatic property (``property``), a field-like event (``event``) or a constant."""

    name: str
    type: str
    modifiers: frozenset[str]
    attributes: tuple[Attribute, ...]
    value: Value | None
    sort: str = "field"
    owner: Type | None = None

    @property
    def static(self) -> bool:
        """Whether it belongs to the type; constants do."""
        return "static" in self.modifiers or "const" in self.modifiers


@dataclass(slots=True, eq=False)
class Property(Node):
    """A property, indexer or event with bodies; an expression body is the getter."""

    name: str
    type: str
    modifiers: frozenset[str]
    attributes: tuple[Attribute, ...]
    getter: Method | None
    setter: Method | None
    sort: str = "property"
    owner: Type | None = None

    @property
    def static(self) -> bool:
        """Whether it belongs to the type."""
        return "static" in self.modifiers


@dataclass(slots=True, eq=False)
class Type(Node):
    """A class, struct, interface, enum, record or delegate; parts of a partial type stay apart here.

    Attributes:
        name: without type parameters; ``path`` with namespace and enclosing types.
        bases: as written.
        signature: of a delegate.
        members: of an enum: (name, value if given).
    """

    kind: str
    name: str
    path: str
    file: str
    modifiers: frozenset[str]
    attributes: tuple[Attribute, ...]
    bases: tuple[str, ...]
    type_parameters: tuple[str, ...] = ()
    fields: list[Field] = field(default_factory=list)
    properties: list[Property] = field(default_factory=list)
    methods: list[Method] = field(default_factory=list)
    members: tuple[tuple[str, Value | None, int], ...] = ()
    signature: Method | None = None
    outer: Type | None = None


@dataclass(frozen=True, slots=True)
class Loss:
    """Something in a source that could not be read; ``what`` names the lost part."""

    file: str
    line: int
    end: int
    what: str


@dataclass(slots=True, eq=False)
class SourceFile:
    """What one file says under one configuration.

    Attributes:
        aliases: using aliases, name to type.
        generated: made by protoc from the schema: the schema says more than its text.
        imports: namespaces of using directives.
    """

    path: str
    lines: int
    types: list[Type]
    aliases: dict[str, str]
    losses: tuple[Loss, ...] = ()
    generated: bool = False
    imports: tuple[str, ...] = ()


_Child = Value | Statement


def _call_children(node: Call) -> list[_Child]:
    return [node.target, *[a.value for a in node.arguments]]


def _new_children(node: New) -> list[_Child]:
    return [*[a.value for a in node.arguments], *[value for _, value in node.members]]


def _try_children(node: Try) -> list[_Child]:
    found: list[_Child] = [node.body, *[clause.body for clause in node.catches]]
    return [*found, node.final] if node.final is not None else found


def _none(_: object) -> list[_Child]:
    return []


_CHILDREN: dict[type, Callable[[Any], Sequence[_Child]]] = {
    Name: _none,
    Literal: _none,
    Declares: _none,
    Member: lambda n: (n.target,),
    Call: _call_children,
    New: _new_children,
    Assign: lambda n: (n.left, n.right),
    Binary: lambda n: (n.left, n.right),
    Lambda: lambda n: (n.body,),
    Cast: lambda n: (n.value,),
    Test: lambda n: (n.value,),
    Unary: lambda n: (n.value,),
    Do: lambda n: (n.value,),
    Conditional: lambda n: (n.condition, n.then, n.other),
    Choice: lambda n: [n.value, *[arm for _, arm in n.arms]],
    Index: lambda n: [n.target, *n.arguments],
    Tuple: lambda n: n.parts,
    Block: lambda n: n.statements,
    Local: lambda n: () if n.value is None else (n.value,),
    If: lambda n: (n.condition, n.then) if n.other is None else (n.condition, n.then, n.other),
    Loop: lambda n: [*n.parts, n.body],
    Foreach: lambda n: (n.collection, n.body),
    Return: lambda n: () if n.value is None else (n.value,),
    Jump: lambda n: () if n.value is None else (n.value,),
    Try: _try_children,
    Using: lambda n: (n.resource, n.body),
    Lock: lambda n: (n.value, n.body),
    Switch: lambda n: [n.value, *[section.body for section in n.sections]],
    LocalFunction: lambda n: () if n.method.body is None else (n.method.body,),
}


def children(node: Value | Statement) -> Sequence[Value | Statement]:
    """The values and statements directly inside, in order; bodies of lambdas and local functions too."""
    return _CHILDREN[type(node)](node)


def walk(node: Value | Statement | None) -> Iterator[Value | Statement]:
    """Everything inside, the node itself first, in source order."""
    if node is None:
        return
    stack: list[Value | Statement] = [node]
    while stack:
        current = stack.pop()
        yield current
        stack.extend(reversed(_CHILDREN[type(current)](current)))
