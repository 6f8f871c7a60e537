"""How the objects in a message that arrived are made of its handles, parents before children."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from gen_bindings.model.expressions import Expression


@dataclass(frozen=True, slots=True)
class GroupStep:
    """A message on the way to handles.

    Attributes:
        holder: local of the message that has the field ``property``; ``loop``: the field is repeated.
        in_loop: a step above is repeated.
    """

    shape: ClassVar[str] = "group"
    type: str
    variable: str
    holder: str
    property: str
    loop: bool
    in_loop: bool
    children: tuple[ReceiptStep, ...] = ()


@dataclass(frozen=True, slots=True)
class ObjectStep:
    """An owned message, of which an object is made.

    Attributes:
        type: class of the object; ``message_type`` of the message that brings it.
        variable: local of the object, ``message_variable`` of its message where steps below need it.
        parent: the object under which it stands; ``parent_type`` its class where it is looked up and may not
            be there: what was brought is then released.
        is_kept: something refers to the local.
        collected: local of the list that it is added to, or empty.
    """

    shape: ClassVar[str] = "object"
    type: str
    message_type: str
    variable: str
    holder: str
    property: str
    loop: bool
    in_loop: bool
    parent: Expression
    kind: str
    message_variable: str = ""
    parent_type: str = ""
    is_kept: bool = True
    collected: str = ""
    children: tuple[ReceiptStep, ...] = ()


@dataclass(frozen=True, slots=True)
class TransferStep:
    """An integer that hands a new handle over to an object that is there; ``owner`` is its local."""

    shape: ClassVar[str] = "transfer"
    owner: Expression
    holder: str
    property: str
    kind: str


ReceiptStep = GroupStep | ObjectStep | TransferStep


@dataclass(frozen=True, slots=True)
class Collected:
    """The list that collects the objects of a message where all of them are repeated."""

    type: str
    variable: str


@dataclass(frozen=True, slots=True)
class Declared:
    """A local that is declared before the first step."""

    type: str
    variable: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """All steps of one message."""

    steps: tuple[ReceiptStep, ...] = ()
    declared: tuple[Declared, ...] = ()
    collected: Collected | None = None
