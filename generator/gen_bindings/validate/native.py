"""What C# declares of the native side, beside what the header says: imports, delegates, enums, sentinels."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from gen_bindings.findings.finding import Place
from gen_bindings.model.abi import CType, Function, FunctionType, Primitive
from gen_bindings.validate.facts import (
    Attribute,
    Binary,
    Field,
    Literal,
    Member,
    Method,
    Name,
    Parameter,
    Type,
    Unary,
    Value,
)
from gen_bindings.validate.layout import difference
from gen_bindings.validate.program import Program, TypeInfo, split_type

if TYPE_CHECKING:
    from gen_bindings.validate.checks.base import Context
    from gen_bindings.validate.targets import Target

_INTEGERS = {
    "byte": (1, False),
    "sbyte": (1, True),
    "short": (2, True),
    "ushort": (2, False),
    "char": (2, False),
    "int": (4, True),
    "uint": (4, False),
    "long": (8, True),
    "ulong": (8, False),
}
_LIBRARY_NAMES = {
    "Byte": "byte",
    "SByte": "sbyte",
    "Int16": "short",
    "UInt16": "ushort",
    "Int32": "int",
    "UInt32": "uint",
    "Int64": "long",
    "UInt64": "ulong",
    "Boolean": "bool",
    "String": "string",
    "Single": "float",
    "Double": "double",
    "Char": "char",
    "nint": "IntPtr",
    "nuint": "UIntPtr",
    "Void": "void",
}
_MARSHAL_WIDTH = {
    "I1": (1, True),
    "U1": (1, False),
    "I2": (2, True),
    "U2": (2, False),
    "VariantBool": (2, True),
    "I4": (4, True),
    "U4": (4, False),
    "Bool": (4, True),
    "I8": (8, True),
    "U8": (8, False),
}
_PRIMITIVES = {
    Primitive.BOOL: (1, False),
    Primitive.CHAR: (1, True),
    Primitive.INT8: (1, True),
    Primitive.UINT8: (1, False),
    Primitive.INT16: (2, True),
    Primitive.UINT16: (2, False),
    Primitive.INT32: (4, True),
    Primitive.UINT32: (4, False),
    Primitive.INT64: (8, True),
    Primitive.UINT64: (8, False),
}


@dataclass(frozen=True)
class Shape:
    """What a C# type is when it crosses the boundary.

    Attributes:
        sort: ``void``, ``integer``, ``bool``, ``float``, ``double``, ``native`` (pointer-sized integer),
            ``pointer``, ``string``, ``handle`` (a SafeHandle), ``delegate``, ``struct`` or ``unknown``.
        width: bytes of an integer or bool; 0 where it is pointer-sized or means nothing.
        depth: levels of pointers, 0 where it does not say.
        text: as written.
    """

    sort: str
    text: str
    width: int = 0
    signed: bool = False
    depth: int = 0
    info: TypeInfo | None = None
    pointer: str = ""


@dataclass(frozen=True)
class Import:
    """A declared entry point."""

    entry: str
    library: str
    method: Method
    type: TypeInfo
    attribute: Attribute
    source_generated: bool  # [LibraryImport]


@dataclass(frozen=True)
class Difference:
    """Where C# and C disagree; ``check`` is the id of the check that reports it."""

    check: str
    place: Place
    message: str
    subject: str
    severe: bool = True


class Native:
    """The native side of one program."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.program: Program = context.program
        contract = context.binding.entry_points
        self.functions: dict[str, Function] = {f.name: f for f in context.binding.header.functions}
        self.functions |= {f.name: f for f in contract.functions}
        self.exported = set[str]().union(*(set(library.names) for library in context.libraries))
        self.all_imports = [
            found
            for info in context.own_types()
            for part in info.parts
            for found in self._imports(info, part)
        ]
        self.imports = [found for found in self.all_imports if self._ours(found)]

    def _ours(self, found: Import) -> bool:
        name = self.context.binding.entry_points.library
        stem = (
            found.library.removesuffix(".dll").removesuffix(".so").removesuffix(".dylib").removeprefix("lib")
        )
        prefix = self.context.prefix
        return (
            found.entry in self.functions or stem == name or bool(prefix and found.entry.startswith(prefix))
        )

    def _imports(self, info: TypeInfo, part: Type) -> list[Import]:
        found: list[Import] = []
        for method in part.methods:
            for attribute in method.attributes:
                if attribute.name not in ("DllImport", "LibraryImport"):
                    continue
                library = entry = ""
                for label, value in attribute.arguments:
                    if label == "EntryPoint":
                        entry = self.constant(value, info) or ""
                    elif not label and not library:
                        library = self.constant(value, info) or ""
                found.append(
                    Import(
                        entry or method.name,
                        library,
                        method,
                        info,
                        attribute,
                        attribute.name == "LibraryImport",
                    )
                )
        return found

    def constant(self, value: Value, info: TypeInfo) -> str | None:
        """A constant's text: literals, ``const`` members, concatenation, ``nameof``."""
        if isinstance(value, Literal):
            return value.text
        if isinstance(value, Unary) and value.op == "nameof":
            inner = value.value
            return inner.name if isinstance(inner, Name | Member) else None
        if isinstance(value, Binary) and value.op == "+":
            left, right = self.constant(value.left, info), self.constant(value.right, info)
            return left + right if left is not None and right is not None else None
        if isinstance(value, Unary) and value.op == "-":
            inner_text = self.constant(value.value, info)
            return f"-{inner_text}" if inner_text is not None else None
        owner: TypeInfo | None = info
        name = ""
        if isinstance(value, Name):
            name = value.name
        elif isinstance(value, Member):
            name = value.name
            scope = value.target
            if isinstance(scope, Name | Member):
                owner = self.program.type_named(scope.name, info.file)
        while owner is not None:
            member = self.program.find_member(owner, name)
            if isinstance(member, Field) and member.value is not None:
                return self.constant(member.value, owner)
            owner = owner.outer
        return None

    def argument(self, attribute: Attribute, label: str) -> str:
        """The last part of a named attribute argument: ``Cdecl`` of ``CallingConvention.Cdecl``."""
        for name, value in attribute.arguments:
            if name == label and isinstance(value, Name | Member):
                return value.name
        return ""

    # --- shapes

    def shape(self, text: str, info: TypeInfo, attributes: tuple[Attribute, ...] = ()) -> Shape:
        """What a type of the sources is at the boundary."""
        source = self.program.file_of.get(info.file)
        written = text
        seen: set[str] = set()
        while source is not None and text in source.aliases and text not in seen:
            seen.add(text)
            text = source.aliases[text]
        stars = len(text) - len(text.rstrip("*"))
        base = text.rstrip("*")
        if base.startswith("delegate*"):
            return Shape("pointer", written, depth=0, pointer=base)
        if stars:
            return Shape("pointer", written, depth=stars, pointer=self._plain(base))
        name, arguments = split_type(base)
        if name == "[]":
            return Shape("pointer", written, depth=1, pointer=self._plain(arguments[0]))
        plain = self._plain(name)
        marshal = self._marshal(attributes)
        if plain in ("Span", "ReadOnlySpan"):
            return Shape("pointer", written, depth=1)
        if plain == "void":
            return Shape("void", written)
        if plain == "bool":
            width, signed = _MARSHAL_WIDTH.get(marshal, (4, True))
            return Shape("bool", written, width, signed)
        if plain in _INTEGERS:
            width, signed = _MARSHAL_WIDTH.get(marshal, _INTEGERS[plain])
            return Shape("integer", written, width, signed)
        if plain in ("float", "double"):
            return Shape(plain, written)
        if plain in ("IntPtr", "UIntPtr"):
            return Shape("native", written, 0, plain == "IntPtr")
        if plain in ("string", "StringBuilder"):
            return Shape("string", written, depth=1)
        own = self.program.type_named(name, info.file)
        if own is None:
            known = plain in ("SafeHandle", "HandleRef")
            return Shape("handle" if known else "unknown", written)
        if own.kind == "enum":
            underlying = own.bases[0] if own.bases else "int"
            width, signed = _INTEGERS.get(self._plain(underlying), (4, True))
            return Shape("integer", written, width, signed, info=own)
        if own.kind == "delegate":
            return Shape("delegate", written, info=own)
        if self.program.is_safe_handle(own):
            return Shape("handle", written, info=own)
        return Shape("struct" if own.kind == "struct" else "unknown", written, info=own)

    def _plain(self, text: str) -> str:
        last = text.rpartition(".")[2]
        return _LIBRARY_NAMES.get(last, last)

    def _marshal(self, attributes: tuple[Attribute, ...]) -> str:
        for attribute in attributes:
            if attribute.name == "MarshalAs" and attribute.arguments:
                value = attribute.arguments[0][1]
                if isinstance(value, Member | Name):
                    return value.name
        return ""

    # --- comparison

    @cached_property
    def differences(self) -> list[Difference]:
        """Everything in which imports and delegates differ from the header."""
        found: list[Difference] = []
        for each in self.imports:
            function = self.functions.get(each.entry)
            if function is not None:
                self._compare_function(each, function, found)
        return found

    def _compare_function(self, each: Import, function: Function, found: list[Difference]) -> None:
        place = self.context.place(each.method)
        where = f"{each.type.name}.{each.method.name}"

        def report(check: str, message: str, at: Place = place, severe: bool = True) -> None:
            found.append(Difference(check, at, message, f"{where} {message}", severe))

        self._compare_convention(each, report)
        attributes = tuple(a for a in each.method.attributes if a.target == "return")
        self._compare_signature(
            each.method,
            each.type,
            function.type,
            f"{each.entry} ({function.origin.rpartition('/')[2]})",
            report,
            attributes,
            each,
        )

    def _compare_convention(self, each: Import, report: _Report) -> None:
        if each.source_generated:
            return
        convention = self.argument(each.attribute, "CallingConvention") or "Winapi"
        x86 = [t.triple for t in self.context.targets if t.x86 and t.windows]
        if convention == "Cdecl":
            return
        if x86:
            report(
                "GB120",
                f"{each.entry} is imported with the calling convention {convention}; the library uses Cdecl, "
                f"which differs on {', '.join(x86)}.",
            )
        elif convention != "Winapi":
            report(
                "GB120",
                f"{each.entry} is imported with the calling convention {convention}; the library uses Cdecl.",
                severe=False,
            )

    def _compare_signature(
        self,
        method: Method,
        info: TypeInfo,
        native: FunctionType,
        subject: str,
        report: _Report,
        result_attributes: tuple[Attribute, ...] = (),
        imported: Import | None = None,
    ) -> None:
        if len(method.parameters) != len(native.parameters):
            report(
                "GB110" if imported else "GB125",
                f"{subject} has {_parameters(len(native.parameters))}, {method.name} declares "
                f"{len(method.parameters)}.",
            )
            return
        for position, (parameter, theirs) in enumerate(
            zip(method.parameters, native.parameters, strict=True), 1
        ):
            label = f"parameter {position} ({parameter.name}) of {subject}"
            self._compare_parameter(parameter, info, theirs.type, label, report, imported)
        result = self.shape(method.type, info, result_attributes)
        native_void = native.result.primitive is Primitive.VOID
        if (result.sort == "void") != native_void:
            report(
                "GB111" if imported else "GB125",
                f"{subject} returns {native.result}, {method.name} declares {method.type}.",
            )
        elif not native_void:
            self._compare_value(result, native.result, f"the result of {subject}", report, imported)

    def _compare_parameter(
        self,
        parameter: Parameter,
        info: TypeInfo,
        native: CType,
        label: str,
        report: _Report,
        imported: Import | None,
    ) -> None:
        shape = self.shape(parameter.type, info, parameter.attributes)
        if native.function is not None:
            self._compare_callback(shape, info, native.function, label, report)
            return
        if parameter.mode in ("ref", "out", "in"):
            self._compare_reference(parameter, shape, native, label, report)
            return
        if shape.sort == "string":
            self._compare_string(parameter, shape, native, label, report, imported)
        if shape.sort == "struct" and native.pointee is None:
            report("GB121", f"{label} is {native}; C# passes the structure {shape.text} by value.")
            return
        self._compare_value(shape, native, label, report, imported)

    def _compare_reference(
        self, parameter: Parameter, shape: Shape, native: CType, label: str, report: _Report
    ) -> None:
        if native.pointee is None:
            report("GB119", f"{label} is {native}, passed by value; C# passes it by {parameter.mode}.")
            return
        pointee = native.pointee
        if pointee.const and parameter.mode in ("ref", "out"):
            report(
                "GB119",
                f"{label} is {native}: the library only reads it; C# declares {parameter.mode}, "
                "as if it were written.",
            )
            return
        depth = _depth(native)
        if shape.depth and shape.depth + 1 != depth:
            report("GB119", f"{label} is {native}; C# declares {parameter.mode} {shape.text}, another depth.")
            return
        if shape.sort in ("integer", "bool", "native", "float", "double", "pointer", "handle"):
            self._compare_value(shape, pointee, f"what {label} points to", report, None)
        if shape.sort == "struct" and shape.info is not None:
            other = difference(self, shape.info, pointee)
            if other:
                report("GB121", f"{label} points to {shape.text} in C#, but {other}.")
            bad = self.non_blittable(shape.info)
            if bad:
                report("GB122", f"{label} points to {shape.text}, whose {bad} cannot be passed as it lies.")

    def _compare_string(
        self,
        parameter: Parameter,
        shape: Shape,
        native: CType,
        label: str,
        report: _Report,
        imported: Import | None,
    ) -> None:
        if any(a.name == "Out" for a in parameter.attributes) and shape.text.endswith("tring"):
            report("GB118", f"{label} is a string by value with [Out]: the runtime would write into it.")
        marshal = self._marshal(parameter.attributes)
        if marshal in ("LPUTF8Str",):
            return
        if (
            imported is not None
            and imported.source_generated
            and self.argument(imported.attribute, "StringMarshalling") == "Utf8"
        ):
            return
        if marshal:
            report("GB117", f"{label} is passed as {marshal}; the library takes UTF-8.")
            return
        charset = self.argument(imported.attribute, "CharSet") if imported else ""
        if charset:
            report("GB117", f"{label} is passed with CharSet.{charset}; the library takes UTF-8.")
        else:
            report("GB117", f"{label} is a string without a stated encoding; the library takes UTF-8.")

    def _compare_value(
        self, shape: Shape, native: CType, label: str, report: _Report, imported: Import | None
    ) -> None:
        if shape.sort in ("unknown", "void", "struct", "delegate"):
            return
        if native.pointee is not None or native.function is not None or native.opaque is not None:
            self._compare_pointer(shape, native, label, report)
            return
        assert native.primitive is not None
        primitive = native.primitive
        if primitive in (Primitive.FLOAT, Primitive.DOUBLE) or shape.sort in ("float", "double"):
            if shape.sort != primitive.value:
                report("GB112", f"{label} is {native}; C# declares {shape.text}.")
            return
        if shape.sort in ("pointer", "string"):
            report("GB115", f"{label} is the integer {native}; C# declares the pointer {shape.text}.")
            return
        if primitive is Primitive.BOOL or shape.sort == "bool":
            width = _width(native, self.context.targets[0])
            if shape.width != width or shape.sort == "native":
                written = f"{shape.text} of {shape.width} bytes" if shape.width else shape.text
                report(
                    "GB116" if shape.sort == "bool" else "GB112",
                    f"{label} is {native}, {width} byte{'s' * (width != 1)} wide; C# reads {written}.",
                )
            return
        wrong = [t.triple for t in self.context.targets if (shape.width or t.pointer) != _width(native, t)]
        if wrong and len(wrong) == len(self.context.targets):
            report("GB112", f"{label} is {native}; C# declares {shape.text}, of another width everywhere.")
        elif wrong:
            report(
                "GB113",
                f"{label} is {native}; C# declares {shape.text}, which differs on {', '.join(wrong)}.",
            )
        elif shape.sort == "integer" and shape.signed != _signed(native):
            # IntPtr and SafeHandle carry a handle whatever its sign.
            report("GB114", f"{label} is {native}; C# declares {shape.text}, of the same width.")

    def _compare_pointer(self, shape: Shape, native: CType, label: str, report: _Report) -> None:
        if shape.sort == "integer" or shape.sort == "bool":
            wrong = [t.triple for t in self.context.targets if shape.width != t.pointer]
            if wrong and len(wrong) == len(self.context.targets):
                report("GB112", f"{label} is the pointer {native}; C# declares {shape.text}.")
            elif wrong:
                report(
                    "GB113",
                    f"{label} is the pointer {native}; C# declares {shape.text}, which differs on "
                    f"{', '.join(wrong)}.",
                )
            else:
                report("GB115", f"{label} is the pointer {native}; C# declares the integer {shape.text}.")
        elif shape.sort in ("float", "double"):
            report("GB112", f"{label} is the pointer {native}; C# declares {shape.text}.")
        elif shape.sort == "pointer" and native.function is None and native.pointee is not None:
            depth = _depth(native)
            if shape.depth and shape.depth != depth and shape.pointer != "void":
                report("GB119", f"{label} is {native}; C# declares {shape.text}, another depth of pointers.")
            elif shape.depth == depth:
                self._compare_pointee(shape, native, label, report)

    def width(self, native: CType, target: Target) -> int:
        """The bytes of a primitive on a target."""
        return _width(native, target)

    def _compare_pointee(self, shape: Shape, native: CType, label: str, report: _Report) -> None:
        deepest = native
        while deepest.pointee is not None:
            deepest = deepest.pointee
        own = self.program.type_named(shape.pointer)
        if own is not None and own.kind == "struct" and shape.depth == 1:
            other = difference(self, own, deepest)
            if other:
                report("GB121", f"{label} points to {shape.pointer} in C#, but {other}.")
            return
        if deepest.primitive in _PRIMITIVES and shape.pointer in _INTEGERS:
            width = _PRIMITIVES[deepest.primitive][0]
            if width != _INTEGERS[shape.pointer][0]:
                report(
                    "GB112",
                    f"{label} points to {deepest}; C# declares {shape.text}, elements of another width.",
                )
        elif deepest.primitive in (Primitive.SIZE, Primitive.SSIZE) and shape.pointer in _INTEGERS:
            wrong = [t.triple for t in self.context.targets if t.pointer != _INTEGERS[shape.pointer][0]]
            if wrong:
                report(
                    "GB113",
                    f"{label} points to {deepest}; C# declares {shape.text}, which differs on "
                    f"{', '.join(wrong)}.",
                )

    def _compare_callback(
        self, shape: Shape, info: TypeInfo, native: FunctionType, label: str, report: _Report
    ) -> None:
        if shape.sort == "delegate" and shape.info is not None:
            part = shape.info.parts[0]
            signature = part.signature
            assert signature is not None

            def inner(check: str, message: str, at: Place | None = None, severe: bool = True) -> None:
                if severe and check not in ("GB114", "GB117", "GB119"):
                    report("GB125", f"The delegate {shape.text}: {message}", self.context.place(signature))

            attribute = next((a for a in part.attributes if a.name == "UnmanagedFunctionPointer"), None)
            if attribute is None:
                report(
                    "GB125",
                    f"The delegate {shape.text}, {label}, lacks "
                    "[UnmanagedFunctionPointer(CallingConvention.Cdecl)].",
                    self.context.place(signature),
                )
            result = tuple(a for a in part.attributes if a.target == "return")
            self._compare_signature(signature, shape.info, native, f"the callback {label}", inner, result)
        elif shape.sort == "pointer" and shape.pointer.startswith("delegate*"):
            types = split_type(shape.pointer[shape.pointer.index("<") - 1 :].replace(" ", ""))[1]
            if len(types) - 1 != len(native.parameters):
                report(
                    "GB125",
                    f"{label} is a callback with {_parameters(len(native.parameters))}; C# declares "
                    f"{shape.text}.",
                )
        elif shape.sort in ("integer", "bool", "float", "double", "string"):
            report("GB125", f"{label} is a callback; C# declares {shape.text}.")

    def non_blittable(self, info: TypeInfo) -> str:
        """The first field of a structure that has another layout in memory than in C#, described."""
        for member in info.fields.values():
            if member.static:
                continue
            plain = self._plain(split_type(member.type)[0])
            if plain in ("bool", "char", "string", "[]", "StringBuilder", "object"):
                return f"field {member.name} ({member.type})"
        return ""

    def callbacks(self) -> list[Method]:
        """Methods that native code calls: AOT attributes, and methods given as delegates to imports."""
        found: list[Method] = []
        for info in self.context.own_types():
            for method in info.all_methods():
                if any(a.name in ("MonoPInvokeCallback", "UnmanagedCallersOnly") for a in method.attributes):
                    found.append(method)
        for given, _ in self.given_delegates():
            if isinstance(given, Method) and given not in found:
                found.append(given)
        return found

    def given_delegates(self) -> list[tuple[object, Value]]:
        """(method, lambda or variable, the argument) for every delegate that native code is given."""
        found: list[tuple[object, Value]] = []
        for value in self.delegate_arguments():
            for source in self.context.flow.delegates(value):
                found.append((source, value))
        return found

    def delegate_arguments(self) -> list[Value]:
        """Arguments at the place of a callback in calls of imports, and of GetFunctionPointerForDelegate."""
        program = self.program
        found: list[Value] = []
        for each in self.all_imports:
            positions = [
                i
                for i, p in enumerate(each.method.parameters)
                if self.shape(p.type, each.type).sort == "delegate"
            ]
            if not positions:
                continue
            for call in program.calls.get(each.method.name, ()):
                if each.method in program.resolve_call(call):
                    found += [call.arguments[i].value for i in positions if i < len(call.arguments)]
        for call in program.calls.get("GetFunctionPointerForDelegate", ()):
            found += [a.value for a in call.arguments[:1]]
        return found


class _Report(Protocol):
    def __call__(self, check: str, message: str, at: Place = ..., severe: bool = ...) -> None: ...


def _parameters(count: int) -> str:
    return f"{count} parameter{'s' * (count != 1)}"


def _depth(native: CType) -> int:
    depth = 0
    step: CType | None = native
    while step is not None and step.pointee is not None:
        depth += 1
        step = step.pointee
    return depth


def _width(native: CType, target: Target) -> int:
    primitive = native.primitive
    if primitive in (Primitive.SIZE, Primitive.SSIZE):
        return target.pointer
    if primitive in (Primitive.LONG, Primitive.ULONG):
        return target.long
    assert primitive is not None
    return _PRIMITIVES.get(primitive, (0, False))[0]


def _signed(native: CType) -> bool:
    if native.primitive in (Primitive.LONG, Primitive.SSIZE):
        return True
    assert native.primitive is not None
    return _PRIMITIVES.get(native.primitive, (0, False))[1]
