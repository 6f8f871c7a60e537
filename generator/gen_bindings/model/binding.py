"""The ownership vocabulary: kinds of handles, how they arrive, who owns them, what ends them.

Everything here is about ownership, not about protobuf: a message is one encoding of an operation or a
delivery (``MessageCall``, ``Route``), a plain C function is another (``FunctionCall``). The passes fill
this in; templates read it and decide nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from gen_bindings.model.abi import Exports, Header
from gen_bindings.model.arrivals import Acquisition, Origin, Place, Placement
from gen_bindings.model.contract import (
    CallbackShape,
    EntryPoints,
    Envelope,
    InitializeCall,
    Note,
    RequestCall,
)
from gen_bindings.model.deliveries import Delivery, Route, Session, ThreadPolicy, Update
from gen_bindings.model.kinds import IdType, Key, Kind, Lifetime, Release, Remembered, Role, StateProperty
from gen_bindings.model.operations import (
    Answer,
    Arithmetic,
    Borrow,
    BorrowMode,
    Direction,
    Failure,
    FunctionCall,
    KeyReference,
    Memory,
    MessageCall,
    Operation,
    ParameterSource,
    Precondition,
    RequestField,
)
from gen_bindings.model.paths import FieldPath, Step
from gen_bindings.model.schema import Schema

__all__ = [
    "Acquisition",
    "Answer",
    "Arithmetic",
    "Binding",
    "Borrow",
    "BorrowMode",
    "CallbackShape",
    "Delivery",
    "Direction",
    "EntryPoints",
    "Envelope",
    "Failure",
    "FieldPath",
    "FunctionCall",
    "IdType",
    "InitializeCall",
    "Key",
    "KeyReference",
    "Kind",
    "Lifetime",
    "Memory",
    "MessageCall",
    "Note",
    "Operation",
    "Origin",
    "ParameterSource",
    "Place",
    "Placement",
    "Precondition",
    "Release",
    "Remembered",
    "RequestCall",
    "RequestField",
    "Role",
    "Route",
    "Session",
    "StateProperty",
    "Step",
    "ThreadPolicy",
    "Update",
]


@dataclass(frozen=True, slots=True)
class Binding:
    """The whole model after the passes.

    Attributes:
        name: prefix of the client's class (``Acme`` → ``AcmeClient``).
        namespace: C# namespace.
        columns: kinds of the diagnostics line in order (``rooms``, …), without ``total``.
        reply_column: column of the response buffer.
        release_order: names of the kinds, children before parents.
    """

    name: str
    namespace: str
    schema: Schema | None
    header: Header
    exports: Exports | None
    entry_points: EntryPoints
    envelope: Envelope | None
    kinds: tuple[Kind, ...]
    acquisitions: tuple[Acquisition, ...]
    operations: tuple[Operation, ...]
    deliveries: tuple[Delivery, ...]
    sessions: tuple[Session, ...]
    memories: tuple[Memory, ...]
    columns: tuple[str, ...]
    notes: tuple[Note, ...] = ()
    reply_column: str = "other"
    release_order: tuple[str, ...] = ()

    def kind(self, name: str) -> Kind:
        """The kind called ``name``; it must exist."""
        return next(kind for kind in self.kinds if kind.name == name)

    def acquisition(self, acquisition_id: str) -> Acquisition:
        """The acquisition with this id; it must exist."""
        return next(a for a in self.acquisitions if a.id == acquisition_id)

    def operation(self, name: str) -> Operation:
        """The operation called ``name``; it must exist."""
        return next(o for o in self.operations if o.name == name)

    def delivery(self, name: str) -> Delivery:
        """The delivery called ``name``; it must exist."""
        return next(d for d in self.deliveries if d.name == name)

    def children(self, kind: str) -> tuple[Kind, ...]:
        """Kinds whose objects may stand under ``kind``."""
        return tuple(k for k in self.kinds if kind in k.parents)
