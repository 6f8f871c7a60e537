"""Infers ``[entry_points]``: which C function has which role, by its shape."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from gen_bindings.init.draft import Entry, Line, Question, toml_line
from gen_bindings.init.words import words
from gen_bindings.model.abi import CType, Exports, Function, Header, Primitive

_TABLE = ("entry_points",)
_NARROW = {Primitive.INT32, Primitive.UINT32}
_WIDE = {Primitive.INT64, Primitive.UINT64}
_SIZES = _NARROW | _WIDE | {Primitive.SIZE, Primitive.SSIZE}
_GIVES_BACK = {"drop", "release", "free", "destroy", "close", "delete", "unref"}
_SHUTS_DOWN = {
    "dispose",
    "shutdown",
    "stop",
    "terminate",
    "deinit",
    "deinitialize",
    "finish",
    "cleanup",
    "exit",
}
_STARTS = {"initialize", "init", "start", "setup", "open"}


def prefix_of(names: list[str]) -> str:
    """What the names of C functions have in common, up to and with the last underscore."""
    shared = 0
    while len({name[: shared + 1] for name in names}) == 1 and shared < min(map(len, names)):
        shared += 1
    return names[0][:shared].rpartition("_")[0] + "_" if len(names) > 1 else ""


def infer_entry_points(header: Header, exports: Exports | None, wide_ids: bool | None) -> Iterator[Entry]:
    """The table; a role that no function or several could have is a question.

    Args:
        wide_ids: handles have 64 bits, not 32; ``None`` when that is not known.
    """
    functions = header.functions
    prefix = prefix_of([function.name for function in functions])
    if prefix:
        yield Line(_TABLE, "prefix", prefix, f"all {len(functions)} functions of the headers begin so")
    else:
        yield Question(_TABLE, "How do the names of the entry points begin?", (toml_line("prefix", "…"),))
    handle = _WIDE | _NARROW if wide_ids is None else _WIDE if wide_ids else _NARROW
    release = [f for f in functions if _is_release(f, handle)]
    yield from _one(
        "release", release, _GIVES_BACK, "gives back a handle", "takes one integer as wide as a handle"
    )
    chosen = _choose(release, _GIVES_BACK)
    if chosen is not None:
        answers = chosen.type.result.primitive is not Primitive.VOID
        why = f"{chosen.name} returns {chosen.type.result.alias or chosen.type.result}"
        yield Line(_TABLE, "release_answers", answers, why)
    no_handles = [f for f in functions if not f.type.parameters and f.type.result.primitive is Primitive.VOID]
    missing = _undeclared(functions, exports, prefix)
    ends = [f for f in no_handles if _SHUTS_DOWN & set(words(f.name))]
    if ends or not any(_SHUTS_DOWN & set(words(name)) for name in missing):
        yield from _one(
            "dispose", ends, _SHUTS_DOWN, "shuts the library down", "takes and returns nothing", False
        )
    texts = [f for f in functions if not f.type.parameters and _is_text(f.type.result)]
    yield from _one(
        "error_text", texts, {"error"}, "tells the last error", "takes nothing, returns text", False
    )
    yield from _initialize(functions, missing)
    yield from _request(functions, chosen, handle)
    yield from _missing(missing, exports)


def _initialize(functions: tuple[Function, ...], missing: list[str]) -> Iterator[Entry]:
    table = (*_TABLE, "initialize")
    starting = [f for f in functions if sum(p.type.function is not None for p in f.type.parameters) == 1]
    function = _choose(starting, _STARTS)
    if function is not None:
        yield Line(table, "function", function.name, "takes a callback")
        fails = function.type.result.primitive in _SIZES
        why = "returns an integer" if fails else "returns no status"
        yield Line(table, "fails", fails, why)
        return
    unknown = [name for name in missing if _STARTS & set(words(name))]
    names = [f.name for f in starting] or unknown
    where = " It is exported and not declared: see below." if unknown and not starting else ""
    yield Question(
        table,
        "Which function takes the callback for events? "
        + (f"Choices: {', '.join(names)}.{where}" if names else "Without one no event arrives."),
        tuple(toml_line("function", name) for name in names),
    )


def _request(
    functions: tuple[Function, ...], release: Function | None, handle: set[Primitive]
) -> Iterator[Entry]:
    table = (*_TABLE, "request")
    asking = [f for f in functions if _is_request(f)]
    if len(asking) != 1:
        names = [f.name for f in asking]
        choices = f"Choices: {', '.join(names)}." if names else "No function of the headers has that shape."
        yield Question(
            table,
            "Which function takes a request and its size, and stores the reply and its size? " + choices,
            tuple(toml_line("function", name) for name in names),
        )
        return
    function = asking[0]
    yield Line(table, "function", function.name, "takes bytes and a size, stores a pointer and a size")
    result = function.type.result
    frees = [f for f in functions if _is_free(f)]
    if frees and result.primitive in (Primitive.INT32, Primitive.INT8, Primitive.INT16):
        yield Line(
            table,
            "result",
            "status",
            f"returns {result.alias or result}, and {frees[0].name} takes a pointer",
        )
        yield from _one("release", frees, _GIVES_BACK, "gives a reply back", "takes one pointer", table=table)
    elif result.primitive in handle and release is not None:
        yield Line(table, "result", "handle", f"returns {result.alias or result}, as wide as a handle")
        yield Line(table, "release", release.name, "a reply is a handle")
    else:
        yield Question(
            table,
            f"What does {function.name} return, the handle of its reply (0: failed) or a status (0: done); "
            "and which function gives the reply back?",
            (toml_line("result", "handle"), toml_line("result", "status"), toml_line("release", "…")),
        )


def _missing(missing: list[str], exports: Exports | None) -> Iterator[Entry]:
    if missing and exports is not None:
        yield Question(
            (*_TABLE, "declarations"),
            "The library exports these, and no header declares them. Give their C declarations here, or "
            "list them in entry_points.ignore.",
            (
                *(toml_line(name, f"void {name}(…);") for name in missing),
                toml_line("ignore", tuple(missing)) + "  # under [entry_points]",
            ),
        )


def _undeclared(functions: tuple[Function, ...], exports: Exports | None, prefix: str) -> list[str]:
    declared = {function.name for function in functions}
    names = exports.names if exports is not None and prefix else ()
    return [name for name in names if name.startswith(prefix) and name not in declared]


def _one(
    key: str,
    found: list[Function],
    verbs: set[str],
    purpose: str,
    shape: str,
    needed: bool = True,
    table: tuple[str, ...] = _TABLE,
) -> Iterator[Entry]:
    chosen = _choose(found, verbs)
    if chosen is not None:
        yield Line(table, key, chosen.name, shape)
    elif found or needed:
        names = [function.name for function in found]
        choices = f"Choices: {', '.join(names)}." if names else f"No function of the headers {shape}."
        yield Question(
            table,
            f"Which function {purpose}? {choices}",
            tuple(toml_line(key, name) for name in names or ["…"]),
        )


def _choose(found: list[Function], verbs: set[str]) -> Function | None:
    """The only candidate, else the only one that is called so."""
    if len(found) == 1:
        return found[0]
    called = [function for function in found if verbs & set(words(function.name))]
    return called[0] if len(called) == 1 else None


def _is_release(function: Function, handle: set[Primitive]) -> bool:
    taken = function.type.parameters
    answers = {Primitive.VOID, Primitive.BOOL, Primitive.UINT8, Primitive.INT8, Primitive.INT32}
    return len(taken) == 1 and taken[0].type.primitive in handle and function.type.result.primitive in answers


def _is_free(function: Function) -> bool:
    taken = function.type.parameters
    return len(taken) == 1 and _points(taken[0].type) and function.type.result.primitive is Primitive.VOID


def _is_request(function: Function) -> bool:
    types = [parameter.type for parameter in function.type.parameters]
    shapes: tuple[Callable[[CType], bool], ...] = (
        lambda t: _points(t) and t.pointee is not None and t.pointee.const and t.pointee.pointee is None,
        lambda t: t.primitive in _SIZES,
        lambda t: t.pointee is not None and t.pointee.pointee is not None,
        lambda t: t.pointee is not None and t.pointee.primitive in _SIZES and not t.pointee.const,
    )
    return len(types) == 4 and all(sum(shape(t) for t in types) == 1 for shape in shapes)


def _is_text(result: CType) -> bool:
    return result.pointee is not None and result.pointee.primitive is Primitive.CHAR and result.pointee.const


def _points(ctype: CType) -> bool:
    return ctype.pointee is not None and ctype.pointee.function is None
