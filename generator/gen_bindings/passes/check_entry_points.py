"""Decides which functions make up the contract, and what each of their parameters is for."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from gen_bindings.config import EntryPointsTable, LoadedConfig, key_path, nearest
from gen_bindings.errors import ConfigError, SourceError
from gen_bindings.model.abi import CType, Exports, Function, FunctionType, Header, Parameter, Primitive
from gen_bindings.model.binding import CallbackShape, EntryPoints, InitializeCall, Note, RequestCall
from gen_bindings.naming import camel
from gen_bindings.sources.header import read_headers

_INTEGERS = frozenset(
    {Primitive.INT8, Primitive.UINT8, Primitive.INT16, Primitive.UINT16, Primitive.INT32, Primitive.UINT32}
    | {Primitive.INT64, Primitive.UINT64, Primitive.SIZE, Primitive.SSIZE, Primitive.LONG, Primitive.ULONG}
)
_NOT_EXPORTED = "GB103"
_NOT_IN_HEADER = "GB104"


def check_entry_points(
    loaded: LoadedConfig, header: Header, exports: Exports | None
) -> tuple[EntryPoints, tuple[Note, ...]]:
    """The contract, and what is worth telling about header and library.

    Raises:
        ConfigError: ``[entry_points]`` names a function that does not exist or that has another shape.
    """
    checking = _Checking(loaded, header)
    functions = checking.functions
    notes = tuple(checking.notes(exports))
    table = loaded.config.entry_points
    initialize = checking.initialize()
    callback = checking.callback(initialize) if initialize else None
    for option in ("release", "dispose", "error_text"):
        if getattr(table, option) is not None:
            checking.function(getattr(table, option), f"entry_points.{option}")
    checking.release(table.release, "entry_points.release")
    for name, kind in loaded.config.kinds.items():
        if kind.release is not None:
            checking.release(kind.release, f"{key_path('kinds', name)}.release")
    return (
        EntryPoints(
            library=loaded.config.input.import_name,
            functions=functions,
            initialize=initialize,
            request=checking.request(),
            callback=callback,
            dispose=table.dispose,
            error_text=table.error_text,
        ),
        notes,
    )


class _Checking:
    def __init__(self, loaded: LoadedConfig, header: Header) -> None:
        self._file = loaded.file
        self._table: EntryPointsTable = loaded.config.entry_points
        declared = [function for function in header.functions if function.name.startswith(self._table.prefix)]
        self._declared = {function.name for function in declared}
        supplied = tuple(self._supplied())
        every = (*declared, *(f for f in supplied if f.name not in self._declared))
        self.functions = tuple(function for function in every if function.name not in self._table.ignore)
        self._by_name = {function.name: function for function in self.functions}

    def error(self, key: str, text: str) -> ConfigError:
        """An error at ``key``."""
        return ConfigError(f"{self._file}: {key}: {text}")

    def function(self, name: str, key: str) -> Function:
        """The entry point called ``name``."""
        if name in self._table.ignore:
            raise self.error(key, f"{name} is listed in entry_points.ignore as well; take it out there.")
        if name not in self._by_name:
            raise self.error(
                key,
                f"no header declares {name}. Correct the name, or add its C declaration to "
                f"[entry_points.declarations].{nearest(name, self._by_name)}",
            )
        return self._by_name[name]

    def notes(self, exports: Exports | None) -> Iterator[Note]:
        """Differences between headers, configuration and library; one about a function in use is an error."""
        if exports is None:
            return
        library = Path(exports.file).name
        used = dict(self._used())
        exported = set(exports.names)
        for function in self.functions:
            if function.name in exported:
                continue
            if function.name in used:
                raise self.error(
                    used[function.name],
                    f"{library} does not export {function.name}. Use the library that fits the "
                    "header, or another function.",
                )
            yield Note(
                _NOT_EXPORTED,
                f"{Path(function.origin).name} declares {function.name}, but {library} does not export it.",
            )
        for name in exports.names:
            if not name.startswith(self._table.prefix) or name in self._declared:
                continue
            if name in self._table.declarations:
                yield Note(
                    _NOT_IN_HEADER,
                    f"{library} exports {name}, which no header declares; its signature comes from "
                    "the configuration, "
                    f"entry_points.declarations.{name}.",
                )
            elif name not in self._table.ignore:
                yield Note(
                    _NOT_IN_HEADER,
                    f"{library} exports {name}, which no header declares; it is left out. Add its C "
                    "declaration to "
                    "[entry_points.declarations] to use it, or list it in entry_points.ignore.",
                )

    def initialize(self) -> InitializeCall | None:
        """The function that starts the library, with the roles of its parameters."""
        table = self._table.initialize
        if table is None:
            return None
        key = "entry_points.initialize"
        function = self.function(table.function, f"{key}.function")
        parameters = function.type.parameters
        callbacks = [i for i, p in enumerate(parameters) if p.type.function is not None]
        if len(callbacks) != 1:
            raise self._shape(
                key, function, "one parameter that is a function pointer: the callback for events"
            )
        callback = parameters[callbacks[0]].type.function
        assert callback is not None
        user_data = None
        if any(_is_user_data(p) for p in callback.parameters):
            after = callbacks[0] + 1
            if after >= len(parameters) or not _is_user_data(parameters[after]):
                raise self._shape(
                    key, function, "a void* for the callback's user data right after the callback"
                )
            user_data = after
        if table.fails and function.type.result.primitive not in _INTEGERS:
            raise self._shape(key, function, "an integer status as result, since fails is set")
        options = []
        rest = [i for i in range(len(parameters)) if i not in (callbacks[0], user_data)]
        for position in rest:
            name = parameters[position].name or f"option{position}"
            options.append((position, camel(name), table.defaults.get(name, "")))
        names = [parameters[position].name for position in rest]
        for name in table.defaults:
            if name not in names:
                raise self.error(
                    f"{key}.defaults.{key_path(name)}",
                    f"{function.name} has no such parameter; it has "
                    f"{', '.join(names) or 'none'}.{nearest(name, names)}",
                )
        return InitializeCall(function.name, callbacks[0], user_data, tuple(options), table.fails)

    def callback(self, initialize: InitializeCall) -> CallbackShape:
        """What the parameters of the native callback are for."""
        function = self._by_name[initialize.function]
        shape = function.type.parameters[initialize.callback].type.function
        assert shape is not None
        data = [i for i, p in enumerate(shape.parameters) if _is_data(p)]
        sizes = [i for i, p in enumerate(shape.parameters) if p.type.primitive in _INTEGERS]
        users = [i for i, p in enumerate(shape.parameters) if _is_user_data(p)]
        if len(data) != 1 or len(sizes) != 1 or len(users) > 1:
            raise self._shape(
                "entry_points.initialize",
                function,
                "a callback with a pointer to const bytes, their number, and at most one void* for user data",
            )
        if shape.result.primitive is not Primitive.VOID:
            raise self._shape("entry_points.initialize", function, "a callback that returns nothing")
        return CallbackShape(shape, data[0], sizes[0], users[0] if users else None)

    def request(self) -> RequestCall | None:
        """The function that takes a request, with the roles of its parameters."""
        table = self._table.request
        if table is None:
            return None
        key = "entry_points.request"
        function = self.function(table.function, f"{key}.function")
        parameters = function.type.parameters
        data = [i for i, p in enumerate(parameters) if _is_data(p)]
        sizes = [i for i, p in enumerate(parameters) if p.type.primitive in _INTEGERS]
        replies = [i for i, p in enumerate(parameters) if p.type.pointee and p.type.pointee.pointee]
        reply_sizes = [
            i
            for i, p in enumerate(parameters)
            if p.type.pointee and p.type.pointee.primitive in _INTEGERS and not p.type.pointee.const
        ]
        if not (len(data) == len(sizes) == len(replies) == len(reply_sizes) == 1 and len(parameters) == 4):
            raise self._shape(
                key,
                function,
                "four parameters: a pointer to the const request, its size, a pointer to the reply's "
                "pointer, and a pointer to "
                "the reply's size",
            )
        if function.type.result.primitive not in _INTEGERS:
            expected = "the reply's handle" if table.result == "handle" else "a status"
            raise self._shape(key, function, f"an integer as result: {expected}")
        release = self.function(table.release, f"{key}.release")
        taken = release.type.parameters
        if table.result == "handle" and not (len(taken) == 1 and taken[0].type.primitive in _INTEGERS):
            raise self._shape(f"{key}.release", release, "one integer, the handle that the request returned")
        if table.result == "status" and not (len(taken) == 1 and taken[0].type.pointee):
            raise self._shape(f"{key}.release", release, "one pointer, the reply")
        return RequestCall(
            function=function.name,
            data=data[0],
            size=sizes[0],
            reply=replies[0],
            reply_size=reply_sizes[0],
            result=table.result,
            release=release.name,
        )

    def release(self, name: str, key: str) -> None:
        """A function that releases a handle takes it and nothing else."""
        function = self.function(name, key)
        parameters = function.type.parameters
        if len(parameters) != 1 or not (
            parameters[0].type.primitive in _INTEGERS or parameters[0].type.pointee
        ):
            raise self._shape(key, function, "one parameter, the handle")
        if self._table.release_answers and function.type.result.primitive is Primitive.VOID:
            raise self._shape(
                key, function, "a result that says whether the handle was known, or release_answers = false"
            )

    def _supplied(self) -> Iterator[Function]:
        declarations = self._table.declarations
        for name in declarations:
            if not name.startswith(self._table.prefix):
                raise self.error(
                    f"entry_points.declarations.{key_path(name)}",
                    f"the name does not start with entry_points.prefix, {self._table.prefix}.",
                )
        if not declarations:
            return
        parsed = self._parse(tuple(declarations.items()))
        for name in declarations:
            key = f"entry_points.declarations.{name}"
            if name not in parsed:
                raise self.error(key, f"expected the C declaration of {name}, such as `void {name}(void);`.")
            function = parsed[name]
            yield Function(name, function.type, function.doc, key)

    def _parse(self, declarations: tuple[tuple[str, str], ...]) -> dict[str, Function]:
        lines = ["#include <stdint.h>", "#include <stdbool.h>", "#include <stddef.h>"]
        first = len(lines) + 1
        lines += (re.sub(r"\s+", " ", text).strip().rstrip(";") + ";" for _, text in declarations)
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "declarations.h"
            file.write_text("\n".join(lines) + "\n", encoding="utf-8")
            try:
                header = read_headers([file], self._table.prefix)
            except SourceError as error:
                line = re.search(r"declarations\.h:(\d+)", str(error))
                position = int(line[1]) - first if line else 0
                name = declarations[min(max(position, 0), len(declarations) - 1)][0]
                what = re.sub(r"^.*declarations\.h:\d+(:\d+)?:?\s*", "", str(error))
                raise self.error(
                    f"entry_points.declarations.{name}", f"it is no C declaration: {what}"
                ) from error
        return {function.name: function for function in header.functions}

    def _used(self) -> Iterator[tuple[str, str]]:
        table = self._table
        yield table.release, "entry_points.release"
        if table.initialize is not None:
            yield table.initialize.function, "entry_points.initialize.function"
        if table.request is not None:
            yield table.request.function, "entry_points.request.function"
            yield table.request.release, "entry_points.request.release"
        if table.dispose is not None:
            yield table.dispose, "entry_points.dispose"
        if table.error_text is not None:
            yield table.error_text, "entry_points.error_text"

    def _shape(self, key: str, function: Function, expected: str) -> ConfigError:
        return self.error(
            key, f"{_signature(function)} has another shape ({function.origin}). Expected {expected}."
        )


def _is_user_data(parameter: Parameter) -> bool:
    pointee = parameter.type.pointee
    return pointee is not None and pointee.primitive is Primitive.VOID and not pointee.const


def _is_data(parameter: Parameter) -> bool:
    pointee = parameter.type.pointee
    return pointee is not None and pointee.const and pointee.pointee is None and pointee.function is None


def _signature(function: Function) -> str:
    return f"{function.name}({_list(function.type)})"


def _list(shape: FunctionType) -> str:
    return ", ".join(_type(parameter.type) for parameter in shape.parameters)


def _type(ctype: CType) -> str:
    return ctype.alias or str(ctype)
