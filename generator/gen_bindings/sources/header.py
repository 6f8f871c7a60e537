"""What C headers declare at the boundary: functions with their types, and integer constants."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from clang import cindex
from clang.cindex import CursorKind, LinkageKind, StorageClass, TypeKind

from gen_bindings.errors import SourceError
from gen_bindings.model.abi import Constant, CType, Function, FunctionType, Header, Parameter, Primitive
from gen_bindings.sources import system_headers

# The bindings' cursors and types carry no annotations of their own.
_Cursor = Any
_Type = Any

_CXX_SUFFIXES = {".hpp", ".hh", ".hxx", ".h++"}
_LANGUAGES = {"c": ("-x", "c", "-std=gnu2x"), "c++": ("-x", "c++", "-std=c++17", "-nostdinc++")}
# One target for every host, so that the answer does not depend on where the question is asked; what differs
# between targets (size_t, long) is told by name, not by width.
_ARGUMENTS = (
    "-target",
    "x86_64-unknown-linux-gnu",
    "-nostdinc",
    "-isystem",
    system_headers.FOLDER,
    "-fdeclspec",
    "-ferror-limit=0",
    "-w",
)

_NAMED = {
    **{f"{sign}int{kind}{bits}_t": Primitive(f"{sign}int{bits}")
       for sign in ("", "u") for kind in ("", "_least") for bits in (8, 16, 32, 64)},
    "intmax_t": Primitive.INT64,
    "uintmax_t": Primitive.UINT64,
    "size_t": Primitive.SIZE,
    "rsize_t": Primitive.SIZE,
    "uintptr_t": Primitive.SIZE,
    "ssize_t": Primitive.SSIZE,
    "ptrdiff_t": Primitive.SSIZE,
    "intptr_t": Primitive.SSIZE,
}  # fmt: skip
_BUILT_IN = {
    TypeKind.VOID: Primitive.VOID,
    TypeKind.BOOL: Primitive.BOOL,
    TypeKind.CHAR_S: Primitive.CHAR,
    TypeKind.CHAR_U: Primitive.CHAR,
    TypeKind.SCHAR: Primitive.INT8,
    TypeKind.UCHAR: Primitive.UINT8,
    TypeKind.SHORT: Primitive.INT16,
    TypeKind.USHORT: Primitive.UINT16,
    TypeKind.INT: Primitive.INT32,
    TypeKind.UINT: Primitive.UINT32,
    TypeKind.LONG: Primitive.LONG,
    TypeKind.ULONG: Primitive.ULONG,
    TypeKind.LONGLONG: Primitive.INT64,
    TypeKind.ULONGLONG: Primitive.UINT64,
    TypeKind.FLOAT: Primitive.FLOAT,
    TypeKind.DOUBLE: Primitive.DOUBLE,
}
_UNSIGNED = {
    TypeKind.BOOL, TypeKind.CHAR_U, TypeKind.UCHAR, TypeKind.USHORT, TypeKind.UINT, TypeKind.ULONG,
    TypeKind.ULONGLONG,
}  # fmt: skip
_DIFFERS = "has another size on other platforms"
_REFUSED_NAMES = {
    "wchar_t": _DIFFERS,
    **{f"{sign}int_fast{bits}_t": _DIFFERS for sign in ("", "u") for bits in (8, 16, 32, 64)},
    "va_list": "is a variable argument list",
    "__builtin_va_list": "is a variable argument list",
}
_REFUSED_KINDS = {
    TypeKind.LONGDOUBLE: _DIFFERS,
    TypeKind.WCHAR: _DIFFERS,
    TypeKind.VECTOR: "is a vector",
    TypeKind.EXTVECTOR: "is a vector",
    TypeKind.COMPLEX: "is a complex number",
    TypeKind.LVALUEREFERENCE: "is a C++ reference",
    TypeKind.RVALUEREFERENCE: "is a C++ reference",
    TypeKind.MEMBERPOINTER: "is a C++ member pointer",
    TypeKind.BLOCKPOINTER: "is a block",
}

_FIXED = "Use a fixed-width integer, a floating-point number, bool, size_t or a pointer to one."

# What may stand in a macro that is an integer constant expression; a brace or a semicolon may not.
_EXPRESSION = re.compile(r"[\w'()+\-*/%<>=!&|^~?:\s\\]+")


def read_headers(paths: Sequence[Path], prefix: str | None) -> Header:
    """The entry points and the integer constants of C headers, C++ ones with a C boundary included.

    No system header is needed or read. A header is taken as C if it parses as C, else as C++.

    Args:
        paths: the headers; what they include with quotes belongs to them.
        prefix: how the names of entry points begin. Functions called otherwise are left out, so that a
            header may declare what bindings cannot represent; without a prefix every function counts.

    Raises:
        SourceError: a header is missing or does not parse, or a function cannot be represented; the
            message names file and line.
    """
    functions: dict[str, Function] = {}
    constants: dict[str, Constant] = {}
    for path in paths:
        unit = _parse(path)
        for function in unit.functions(prefix or ""):
            known = functions.setdefault(function.name, function)
            if str(known.type) != str(function.type):
                raise SourceError(
                    f"{function.origin}: {function.name} is declared as {function.type}, "
                    f"but {known.origin} declares it as {known.type}. Make the headers agree."
                )
        for constant in unit.constants():
            constants.setdefault(constant.name, constant)
    return Header(functions=tuple(functions.values()), constants=tuple(constants.values()))


def _parse(path: Path) -> _Unit:
    try:
        with path.open("rb"):
            pass
    except OSError as error:
        raise SourceError(
            f"The header {path} cannot be read: {error.strerror}. Correct its path in the configuration."
        ) from error
    failures = []
    for language in ("c++",) if path.suffix in _CXX_SUFFIXES else ("c", "c++"):
        tree = _translate(path, language)
        errors = _errors(tree)
        if not errors:
            return _Unit(path, language, tree)
        failures.append(errors)
    # The language in which the parser came further is the one that was meant.
    raise _does_not_parse(max(failures, key=lambda errors: errors[0].line))


@dataclass(frozen=True, slots=True)
class _Error:
    """What the parser holds against a header; its own diagnostics do not outlive the translation unit."""

    file: str
    line: int
    column: int
    text: str


def _errors(tree: Any) -> list[_Error]:
    errors = []
    for diagnostic in tree.diagnostics:
        if diagnostic.severity >= cindex.Diagnostic.Error:
            place = diagnostic.location
            file = place.file.name if place.file else tree.spelling
            errors.append(_Error(file, place.line, place.column, diagnostic.spelling))
    return errors


def _does_not_parse(errors: Sequence[_Error]) -> SourceError:
    first, *others = errors
    way_out = (
        "Put that file beside the header; of system headers only those of C's interface types are known."
        if first.text.endswith("file not found")
        else "Correct the header, or give one that a C or C++17 compiler accepts on its own."
    )
    rest = "".join(f"\n{error.file}:{error.line}:{error.column}: {error.text}" for error in others)
    return SourceError(
        f"{first.file}:{first.line}:{first.column}: the header does not parse: {first.text}. {way_out}{rest}"
    )


def _translate(path: Path, language: str, text: str | None = None) -> Any:
    """A translation unit of the header or, with ``text``, of a text that stands beside it."""
    files = system_headers.system_headers(cxx=language == "c++")
    main = str(path)
    if text is not None:
        main = str(path.with_name(f"{path.name}.probe"))
        files.append((main, text))
    return cindex.Index.create().parse(
        main,
        args=[*_LANGUAGES[language], *_ARGUMENTS, f"-I{path.parent}"],
        unsaved_files=files,
        options=cindex.TranslationUnit.PARSE_DETAILED_PROCESSING_RECORD
        | cindex.TranslationUnit.PARSE_SKIP_FUNCTION_BODIES,
    )


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A name that is a constant if its value turns out to be an integer."""

    constant: Constant
    expression: str
    position: tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Unit:
    """A header, parsed without errors."""

    path: Path
    language: str
    tree: Any

    def functions(self, prefix: str) -> Iterator[Function]:
        seen = set()
        for cursor in self._declarations():
            name = cursor.spelling
            if not name.startswith(prefix):
                continue
            if cursor.kind == CursorKind.FUNCTION_TEMPLATE:
                raise _refuse(cursor, f"{name} is a template", "Declare a function with C types.")
            if cursor.kind == CursorKind.VAR_DECL and cursor.storage_class == StorageClass.EXTERN:
                raise _refuse(
                    cursor, f"{name} is an exported variable", "Declare a function that returns its value."
                )
            if cursor.kind != CursorKind.FUNCTION_DECL or _stays_inside(cursor):
                continue
            if self.language == "c++" and cursor.mangled_name != name:
                raise _refuse(
                    cursor,
                    f'{name} is a C++ function outside extern "C"',
                    'Put its declaration inside extern "C" { … }.',
                )
            if name not in seen:
                seen.add(name)
                yield _function(cursor)

    def constants(self) -> Iterator[Constant]:
        candidates = sorted(self._candidates(), key=lambda candidate: candidate.position)
        asked = [candidate.expression for candidate in candidates if candidate.expression]
        values = dict(zip(asked, self._evaluate(asked), strict=True))
        for candidate in candidates:
            if not candidate.expression:
                yield candidate.constant
            elif (value := values[candidate.expression]) is not None:
                yield replace(candidate.constant, value=value)

    def _declarations(self) -> Iterator[_Cursor]:
        return _outer(self.tree.cursor)

    def _candidates(self) -> Iterator[_Candidate]:
        # Macros come from the parser apart from declarations; this puts them back in their places.
        files = [*(inclusion.include.name for inclusion in self.tree.get_includes()), self.tree.spelling]
        ranks = {name: rank for rank, name in enumerate(files)}

        def position(cursor: _Cursor) -> tuple[int, int]:
            return ranks[cursor.location.file.name], cursor.location.offset

        for cursor in self._declarations():
            if cursor.kind == CursorKind.ENUM_DECL:
                for member in cursor.get_children():
                    if member.kind == CursorKind.ENUM_CONSTANT_DECL:
                        yield _Candidate(_member(member, cursor), "", position(member))
            elif cursor.kind == CursorKind.VAR_DECL and cursor.type.get_canonical().is_const_qualified():
                name = _qualified(cursor)
                constant = _constant(cursor, name, _type_or_none(cursor.type, cursor))
                yield _Candidate(constant, name, position(cursor))
        macros = {
            cursor.spelling: cursor
            for cursor in self._declarations()
            if cursor.kind == CursorKind.MACRO_DEFINITION
        }
        for name, cursor in macros.items():
            if _is_expression(cursor):
                constant = replace(_constant(cursor, name, None), doc=_comment_above(cursor))
                yield _Candidate(constant, name, position(cursor))

    def _evaluate(self, expressions: Sequence[str]) -> list[int | None]:
        """The value of each expression at the end of the header; ``None`` where it is no integer constant."""
        if not expressions:
            return []
        # One enumerator a line: an expression that is no integer constant is an error on its own line.
        lines = [f"enum {{ gen_bindings_{i} = ({text}) }};" for i, text in enumerate(expressions, start=2)]
        probe = "\n".join([f'#include "{self.path.name}"', *lines, ""])
        tree = _translate(self.path, self.language, probe)
        wrong = {error.line for error in _errors(tree) if error.file == tree.spelling}
        values: dict[int, int] = {}
        for cursor in tree.cursor.get_children():
            if cursor.kind == CursorKind.ENUM_DECL and cursor.location.file.name == tree.spelling:
                (member,) = cursor.get_children()
                values[cursor.location.line] = _value(member, cursor)
        return [None if line in wrong else values.get(line) for line in range(2, 2 + len(expressions))]


def _outer(scope: _Cursor) -> Iterator[_Cursor]:
    """What is declared at file level, in order, through extern "C" and namespaces, without system headers."""
    for cursor in scope.get_children():
        file = cursor.location.file
        if file is None or file.name.startswith(system_headers.FOLDER):
            continue
        if cursor.kind in (CursorKind.LINKAGE_SPEC, CursorKind.UNEXPOSED_DECL, CursorKind.NAMESPACE):
            yield from _outer(cursor)
        else:
            yield cursor


def _stays_inside(function: _Cursor) -> bool:
    # What has a body in the header is compiled into whoever includes it; the library need not export it.
    return function.linkage == LinkageKind.INTERNAL or bool(function.is_definition())


def _function(cursor: _Cursor) -> Function:
    signature = _signature(cursor.type, list(cursor.get_arguments()), cursor, cursor.spelling, ": the")
    return Function(cursor.spelling, signature, doc=_comment(cursor.raw_comment), origin=_origin(cursor))


def _signature(
    type_: _Type, parameters: Sequence[_Cursor], place: _Cursor, subject: str, joint: str
) -> FunctionType:
    result = _type(type_.get_result(), place, f"{subject}{joint} result")
    if type_.kind == TypeKind.FUNCTIONNOPROTO:
        return FunctionType(result, ())
    if type_.is_function_variadic():
        raise _refuse(place, f"{subject} is variadic", "Declare fixed parameters.")
    types = list(type_.argument_types())
    if len(parameters) != len(types):
        # Inside a type the parser lists parameters only where they are written out.
        return FunctionType(
            result,
            tuple(
                Parameter("", _type(parameter, place, f"{subject}{joint} parameter {number}"))
                for number, parameter in enumerate(types, start=1)
            ),
        )
    return FunctionType(
        result,
        tuple(
            Parameter(
                cursor.spelling,
                _type(cursor.type, cursor, f"{subject}{joint} parameter {cursor.spelling or number}"),
            )
            for number, cursor in enumerate(parameters, start=1)
        ),
    )


def _type(type_: _Type, place: _Cursor, subject: str) -> CType:
    """The boundary's view of a type.

    Args:
        place: where it is used; parameters of an inline function pointer are declared below it.
        subject: what has the type, for the error.
    """
    const = bool(type_.is_const_qualified())
    kind = type_.kind
    name = type_.get_declaration().spelling
    if kind == TypeKind.ELABORATED:
        return _const(_type(type_.get_named_type(), place, subject), const)
    if kind in (TypeKind.TYPEDEF, TypeKind.UNEXPOSED):
        return _const(_named_type(type_, place, subject), const)
    if kind in _BUILT_IN:
        return CType(primitive=_BUILT_IN[kind], const=const)
    if kind == TypeKind.POINTER:
        return _const(_pointer(type_.get_pointee(), place, subject), const)
    if kind in (TypeKind.CONSTANTARRAY, TypeKind.INCOMPLETEARRAY):
        return _pointer(type_.element_type, place, subject)
    if kind == TypeKind.ENUM:
        return CType(primitive=_enum(type_.get_declaration()), const=const, alias=name)
    if kind in (TypeKind.FUNCTIONPROTO, TypeKind.FUNCTIONNOPROTO):
        return CType(function=_callback(type_, place, subject))
    if kind == TypeKind.RECORD:
        sort = _sort(type_.get_declaration())
        instead = "Pass a pointer to an opaque struct, or its parts."
        raise _refuse(place, f"{subject} is the {sort} {name} by value", instead)
    why = _REFUSED_KINDS.get(kind, "has no counterpart at a C boundary")
    raise _refuse(place, f"{subject} has the type {type_.spelling}, which {why}", _FIXED)


def _named_type(type_: _Type, place: _Cursor, subject: str) -> CType:
    name = type_.spelling.removeprefix("const ").rpartition("::")[2]
    if name in _NAMED:
        return CType(primitive=_NAMED[name])
    if name in _REFUSED_NAMES:
        raise _refuse(place, f"{subject} has the type {name}, which {_REFUSED_NAMES[name]}", _FIXED)
    if type_.kind == TypeKind.UNEXPOSED:
        raise _refuse(
            place, f"{subject} has the type {type_.spelling}, which is reached by a using declaration", _FIXED
        )
    declaration = type_.get_declaration()
    resolved = _type(declaration.underlying_typedef_type, declaration, subject)
    return replace(resolved, alias=name)


def _pointer(pointee: _Type, place: _Cursor, subject: str) -> CType:
    canonical = pointee.get_canonical()
    if canonical.kind in (TypeKind.FUNCTIONPROTO, TypeKind.FUNCTIONNOPROTO):
        return _type(pointee, place, subject)
    if canonical.kind in (TypeKind.CONSTANTARRAY, TypeKind.INCOMPLETEARRAY, TypeKind.VARIABLEARRAY):
        raise _refuse(
            place,
            f"{subject} has the type {pointee.spelling} behind a pointer, an array",
            "Pass a pointer to its elements.",
        )
    if canonical.kind == TypeKind.RECORD:
        return CType(pointee=_opaque(pointee, canonical.get_declaration(), place, subject))
    return CType(pointee=_type(pointee, place, subject))


def _opaque(type_: _Type, declaration: _Cursor, place: _Cursor, subject: str) -> CType:
    definition = declaration.get_definition()
    if definition is not None and any(True for _ in definition.type.get_fields()):
        raise _refuse(
            place,
            f"{subject} points to the {_sort(definition)} {definition.spelling}, "
            f"whose fields the caller would have to lay out ({_origin(definition)})",
            "Leave the struct incomplete in the header, or pass its parts.",
        )
    used = type_.get_declaration().spelling
    return CType(
        opaque=declaration.spelling,
        const=bool(type_.get_canonical().is_const_qualified()),
        alias=used if used != declaration.spelling else "",
    )


def _callback(type_: _Type, place: _Cursor, subject: str) -> FunctionType:
    parameters = [child for child in place.get_children() if child.kind == CursorKind.PARM_DECL]
    return _signature(type_, parameters, place, subject, ", its")


def _const(type_: CType, const: bool) -> CType:
    return replace(type_, const=True) if const and type_.function is None else type_


def _type_or_none(type_: _Type, place: _Cursor) -> CType | None:
    # A constant's value says enough where its type does not matter at the boundary.
    try:
        return _type(type_, place, place.spelling)
    except SourceError:
        return None


def _enum(declaration: _Cursor) -> Primitive:
    chain = declaration.enum_type
    named = _NAMED.get(chain.spelling.rpartition("::")[2])
    return named or _BUILT_IN[chain.get_canonical().kind]


def _value(member: _Cursor, declaration: _Cursor) -> int:
    value = int(member.enum_value)
    underlying = declaration.enum_type.get_canonical()
    if value < 0 and underlying.kind in _UNSIGNED:
        value += 1 << (8 * underlying.get_size())
    return value


def _member(member: _Cursor, declaration: _Cursor) -> Constant:
    type_ = CType(
        primitive=_enum(declaration), alias="" if declaration.is_anonymous() else declaration.spelling
    )
    name = _qualified(member if declaration.is_scoped_enum() else declaration, member.spelling)
    return replace(_constant(member, name, type_), value=_value(member, declaration))


def _constant(cursor: _Cursor, name: str, type_: CType | None) -> Constant:
    return Constant(name, 0, type_, doc=_comment(cursor.raw_comment), origin=_origin(cursor))


def _qualified(cursor: _Cursor, name: str | None = None) -> str:
    parts = [name or cursor.spelling]
    parent = cursor.semantic_parent
    while parent is not None and parent.kind in (CursorKind.NAMESPACE, CursorKind.ENUM_DECL):
        if parent.spelling:
            parts.insert(0, parent.spelling)
        parent = parent.semantic_parent
    return "::".join(parts)


def _is_expression(macro: _Cursor) -> bool:
    tokens = [token.spelling for token in macro.get_tokens()][1:]
    return bool(tokens) and _EXPRESSION.fullmatch(" ".join(tokens)) is not None


def _comment(raw: str | None) -> str:
    """The text of a documentation comment, without its marks."""
    lines = []
    for line in (raw or "").strip().splitlines():
        text = re.sub(r"^\s*(/\*[*!]?<?|//[/!]?<?|\*(?!/))\s?", "", line)
        lines.append(re.sub(r"\s*\*+/\s*$", "", text).rstrip())
    return textwrap.dedent("\n".join(lines)).strip()


def _comment_above(macro: _Cursor) -> str:
    # The parser attaches no comments to macros.
    text = Path(macro.location.file.name).read_text(encoding="utf-8", errors="replace")
    above = "\n".join(text.splitlines()[: macro.location.line - 1])
    found = re.search(
        r"(/\*[*!](?:(?!\*/).)*\*/|(?:^[ \t]*//[/!][^\n]*\n?)+)\s*\Z", above, re.DOTALL | re.MULTILINE
    )
    return _comment(found[0]) if found else ""


def _sort(declaration: _Cursor) -> str:
    return {CursorKind.UNION_DECL: "union", CursorKind.CLASS_DECL: "class"}.get(declaration.kind, "struct")


def _origin(cursor: _Cursor) -> str:
    return f"{cursor.location.file.name}:{cursor.location.line}"


def _refuse(cursor: _Cursor, found: str, instead: str) -> SourceError:
    return SourceError(f"{_origin(cursor)}: {found}; bindings cannot represent that. {instead}")
