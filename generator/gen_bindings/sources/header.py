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
from gen_bindings.model.abi import Constant, CType, Function, Header
from gen_bindings.sources import system_headers
from gen_bindings.sources.c_types import Cursor, enum_type, origin, refuse, signature, type_or_none

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

_UNSIGNED = {
    TypeKind.BOOL, TypeKind.CHAR_U, TypeKind.UCHAR, TypeKind.USHORT, TypeKind.UINT, TypeKind.ULONG,
    TypeKind.ULONGLONG,
}  # fmt: skip
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
                raise refuse(cursor, f"{name} is a template", "Declare a function with C types.")
            if cursor.kind == CursorKind.VAR_DECL and cursor.storage_class == StorageClass.EXTERN:
                raise refuse(
                    cursor, f"{name} is an exported variable", "Declare a function that returns its value."
                )
            if cursor.kind != CursorKind.FUNCTION_DECL or _stays_inside(cursor):
                continue
            if self.language == "c++" and cursor.mangled_name != name:
                raise refuse(
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

    def _declarations(self) -> Iterator[Cursor]:
        return _outer(self.tree.cursor)

    def _candidates(self) -> Iterator[_Candidate]:
        # Macros come from the parser apart from declarations; this puts them back in their places.
        files = [*(inclusion.include.name for inclusion in self.tree.get_includes()), self.tree.spelling]
        ranks = {name: rank for rank, name in enumerate(files)}

        def position(cursor: Cursor) -> tuple[int, int]:
            return ranks[cursor.location.file.name], cursor.location.offset

        for cursor in self._declarations():
            if cursor.kind == CursorKind.ENUM_DECL:
                for member in cursor.get_children():
                    if member.kind == CursorKind.ENUM_CONSTANT_DECL:
                        yield _Candidate(_member(member, cursor), "", position(member))
            elif cursor.kind == CursorKind.VAR_DECL and cursor.type.get_canonical().is_const_qualified():
                name = _qualified(cursor)
                constant = _constant(cursor, name, type_or_none(cursor.type, cursor))
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


def _outer(scope: Cursor) -> Iterator[Cursor]:
    """What is declared at file level, in order, through extern "C" and namespaces, without system headers."""
    for cursor in scope.get_children():
        file = cursor.location.file
        if file is None or file.name.startswith(system_headers.FOLDER):
            continue
        if cursor.kind in (CursorKind.LINKAGE_SPEC, CursorKind.UNEXPOSED_DECL, CursorKind.NAMESPACE):
            yield from _outer(cursor)
        else:
            yield cursor


def _stays_inside(function: Cursor) -> bool:
    # What has a body in the header is compiled into whoever includes it; the library need not export it.
    return function.linkage == LinkageKind.INTERNAL or bool(function.is_definition())


def _function(cursor: Cursor) -> Function:
    declared = signature(cursor.type, list(cursor.get_arguments()), cursor, cursor.spelling, ": the")
    return Function(cursor.spelling, declared, doc=_comment(cursor.raw_comment), origin=origin(cursor))


def _value(member: Cursor, declaration: Cursor) -> int:
    value = int(member.enum_value)
    underlying = declaration.enum_type.get_canonical()
    if value < 0 and underlying.kind in _UNSIGNED:
        value += 1 << (8 * underlying.get_size())
    return value


def _member(member: Cursor, declaration: Cursor) -> Constant:
    type_ = CType(
        primitive=enum_type(declaration), alias="" if declaration.is_anonymous() else declaration.spelling
    )
    name = _qualified(member if declaration.is_scoped_enum() else declaration, member.spelling)
    return replace(_constant(member, name, type_), value=_value(member, declaration))


def _constant(cursor: Cursor, name: str, type_: CType | None) -> Constant:
    return Constant(name, 0, type_, doc=_comment(cursor.raw_comment), origin=origin(cursor))


def _qualified(cursor: Cursor, name: str | None = None) -> str:
    parts = [name or cursor.spelling]
    parent = cursor.semantic_parent
    while parent is not None and parent.kind in (CursorKind.NAMESPACE, CursorKind.ENUM_DECL):
        if parent.spelling:
            parts.insert(0, parent.spelling)
        parent = parent.semantic_parent
    return "::".join(parts)


def _is_expression(macro: Cursor) -> bool:
    tokens = [token.spelling for token in macro.get_tokens()][1:]
    return bool(tokens) and _EXPRESSION.fullmatch(" ".join(tokens)) is not None


def _comment(raw: str | None) -> str:
    """The text of a documentation comment, without its marks."""
    lines = []
    for line in (raw or "").strip().splitlines():
        text = re.sub(r"^\s*(/\*[*!]?<?|//[/!]?<?|\*(?!/))\s?", "", line)
        lines.append(re.sub(r"\s*\*+/\s*$", "", text).rstrip())
    return textwrap.dedent("\n".join(lines)).strip()


def _comment_above(macro: Cursor) -> str:
    # The parser attaches no comments to macros.
    text = Path(macro.location.file.name).read_text(encoding="utf-8", errors="replace")
    above = "\n".join(text.splitlines()[: macro.location.line - 1])
    found = re.search(
        r"(/\*[*!](?:(?!\*/).)*\*/|(?:^[ \t]*//[/!][^\n]*\n?)+)\s*\Z", above, re.DOTALL | re.MULTILINE
    )
    return _comment(found[0]) if found else ""
