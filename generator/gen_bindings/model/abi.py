"""The C vocabulary: entry points, their types, constants, and a library's exports."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Primitive(Enum):
    """A C type by what it means at the boundary; widths that depend on the target are kept apart."""

    VOID = "void"
    BOOL = "bool"
    CHAR = "char"
    INT8 = "int8"
    UINT8 = "uint8"
    INT16 = "int16"
    UINT16 = "uint16"
    INT32 = "int32"
    UINT32 = "uint32"
    INT64 = "int64"
    UINT64 = "uint64"
    SIZE = "size"
    SSIZE = "ssize"
    LONG = "long"
    ULONG = "ulong"
    FLOAT = "float"
    DOUBLE = "double"


@dataclass(frozen=True, slots=True)
class CType:
    """A type at the boundary, typedefs resolved.

    One of three shapes: a primitive (``primitive`` set), a pointer (``pointee`` set), or a function
    pointer (``function`` set). ``opaque`` names an incomplete struct and stands only as a pointee.

    Attributes:
        const: the type itself is const (``const uint8_t *`` is a pointer whose pointee is const).
        alias: the typedef's name as written at the place of use (``FfiHandleId``), else empty.
    """

    primitive: Primitive | None = None
    pointee: CType | None = None
    function: FunctionType | None = None
    opaque: str | None = None
    const: bool = False
    alias: str = ""

    def __str__(self) -> str:
        prefix = "const " if self.const else ""
        if self.pointee is not None:
            return f"{self.pointee}*" + (" const" if self.const else "")
        if self.function is not None:
            return str(self.function)
        if self.opaque is not None:
            return f"{prefix}struct {self.opaque}"
        assert self.primitive is not None
        return prefix + self.primitive.value


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter; ``name`` is empty where the header gives none."""

    name: str
    type: CType


@dataclass(frozen=True, slots=True)
class FunctionType:
    """The signature of an entry point or of a callback."""

    result: CType
    parameters: tuple[Parameter, ...]

    def __str__(self) -> str:
        return f"{self.result} (*)({', '.join(str(p.type) for p in self.parameters)})"


@dataclass(frozen=True, slots=True)
class Function:
    """An entry point.

    Attributes:
        origin: ``file:line`` of the declaration, or the configuration key that supplied it.
    """

    name: str
    type: FunctionType
    doc: str = ""
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Constant:
    """An integer constant of a header: ``constexpr``, ``static const``, enum member or object-like macro."""

    name: str
    value: int
    type: CType | None = None
    doc: str = ""
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Header:
    """Everything that the headers declare at the C boundary, in declaration order."""

    functions: tuple[Function, ...]
    constants: tuple[Constant, ...]


@dataclass(frozen=True, slots=True)
class Exports:
    """A compiled library's export table.

    Attributes:
        file: path as given.
        format: ``ELF``, ``Mach-O`` or ``PE``.
        architectures: for example ``("x86_64",)``; a fat Mach-O has several.
        names: exported function symbols, sorted, without Mach-O's leading underscore.
    """

    file: str
    format: str
    architectures: tuple[str, ...]
    names: tuple[str, ...]
