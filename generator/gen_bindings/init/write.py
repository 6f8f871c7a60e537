"""Writes a first configuration: infers it subject by subject, tries it, and lists what is missing."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gen_bindings.config import Config, parse_config
from gen_bindings.errors import AuditError, ConfigError, OutputError
from gen_bindings.init.draft import Entry, Line, Question, config_of, config_text, lines
from gen_bindings.init.infer_consumed import ask_consumed
from gen_bindings.init.infer_entry_points import infer_entry_points, prefix_of
from gen_bindings.init.infer_kinds import (
    handle_answers,
    infer_borrowed,
    infer_keys,
    infer_lifetimes,
    infer_not_keys,
    infer_parents,
    infer_roles,
    key_answers,
    key_entries,
)
from gen_bindings.init.infer_memory import infer_memory
from gen_bindings.init.infer_pairs import infer_pairs
from gen_bindings.init.infer_protocol import infer_protocol, is_wide
from gen_bindings.init.infer_sessions import infer_ends, infer_sessions
from gen_bindings.model.abi import Exports, Header
from gen_bindings.model.schema import Schema
from gen_bindings.naming import pascal
from gen_bindings.passes.aim_calls import aim_calls
from gen_bindings.passes.aim_deliveries import aim_deliveries
from gen_bindings.passes.find_acquisitions import attach_acquisitions, find_acquisitions
from gen_bindings.passes.find_envelope import find_envelope
from gen_bindings.passes.find_kinds import find_kinds
from gen_bindings.passes.index import SchemaIndex
from gen_bindings.passes.pair_calls import pair_calls
from gen_bindings.passes.pipeline import build_binding
from gen_bindings.passes.resolve_keys import KeyTypes, resolve_keys
from gen_bindings.passes.resolve_names import Names
from gen_bindings.passes.route_deliveries import route_deliveries
from gen_bindings.passes.type_borrowed import HandleTypes, type_borrowed
from gen_bindings.sources.exports_beside import read_exports_beside
from gen_bindings.sources.header_beside import read_headers_beside
from gen_bindings.sources.locate import PYTHON_SCHEME, locate
from gen_bindings.sources.protocol import ProtocolInput, read_protocol

_PROTOCOL = tuple(("protocol", key) for key in ("request", "response", "event", "owned_handle"))
_NEEDED = (*_PROTOCOL, ("entry_points", "prefix"), ("entry_points", "release"))


@dataclass(frozen=True, slots=True)
class Request:
    """The inputs as the user gave them: paths from the current folder, or ``python:package/file``.

    Exactly one of ``proto``, ``descriptor_set`` and ``module`` is given.
    """

    proto: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    descriptor_set: str | None = None
    module: str | None = None
    headers: tuple[str, ...] = ()
    library: str | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """How much was decided, how many questions are open, and how many of them stop generation."""

    inferred: int
    questions: int
    missing: int


def write_first_configuration(request: Request, out: Path, overwrite: bool = False) -> Written:
    """Writes ``out``.

    Raises:
        ConfigError: not exactly one protocol was given.
        OutputError: ``out`` exists and may not be overwritten, or cannot be written.
        SourceError: an input cannot be read.
    """
    if out.exists() and not overwrite:
        raise OutputError(f"{out} exists. Choose another name with --out, or overwrite it with --force.")
    given = [name for name in ("proto", "descriptor_set", "module") if getattr(request, name)]
    if len(given) != 1:
        found = " and ".join(f"--{name.replace('_', '-')}" for name in given) or "none of them"
        raise ConfigError(f"Expected exactly one of --proto, --descriptor-set and --module, found {found}.")
    schema, header, exports = _read(request)
    entries = list(_inputs(request, out, schema, header))
    answers: dict[str, tuple[str, ...]] = {}
    entries += list(_infer(entries, schema, header, exports, answers))
    missing = _missing(entries, out, schema, header, exports, answers)
    text = config_text([*missing, *entries], _introduction(len(missing)))
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise OutputError(
            f"{out} cannot be written: {error.strerror}. Choose another place with --out."
        ) from error
    questions = [entry for entry in (*missing, *entries) if isinstance(entry, Question)]
    return Written(sum(1 for _ in lines(entries)), len(questions), len(missing))


def _read(request: Request) -> tuple[Schema, Header, Exports | None]:
    here = Path.cwd()
    protocol = ProtocolInput(
        files=tuple(locate(spec, here) for spec in request.proto),
        include=tuple(locate(spec, here) for spec in request.include),
        descriptor_set=locate(request.descriptor_set, here) if request.descriptor_set else None,
        module=request.module,
    )
    schema = read_protocol(protocol)
    exports = read_exports_beside(locate(request.library, here)) if request.library else None
    headers = [locate(spec, here) for spec in request.headers]
    header = read_headers_beside(headers, _known_prefix(request, exports))
    return schema, header, exports


def _known_prefix(request: Request, exports: Exports | None) -> str | None:
    """What the entry points' names begin with, told by the names that library and headers have in common.

    A header may declare more than bindings can represent; that is no reason to read nothing.
    """
    if exports is None:
        return None
    texts = [locate(spec, Path.cwd()).read_text(errors="replace") for spec in request.headers]
    written = set(re.findall(r"\b(\w+)\s*\(", "\n".join(texts)))
    return prefix_of(sorted(written & set(exports.names))) or None


def _inputs(request: Request, out: Path, schema: Schema, header: Header) -> Iterator[Entry]:
    prefix = prefix_of([function.name for function in header.functions])
    package = next((file.package for file in schema.files if file.package), "")
    stem = re.sub(r"_?ffi_?$", "", prefix.rstrip("_")) or package.partition(".")[0] or "native"
    name = pascal(stem)
    yield Line(("binding",), "name", name, f"from the functions' names: the client is {name}Client")
    yield Line(("binding",), "namespace", f"{name}Ffi", "not what a class is called; change it as you like")
    table = ("input",)
    for key in ("proto", "include"):
        if values := getattr(request, key):
            yield Line(table, key, tuple(_relative(spec, out) for spec in values), "as given")
    if request.descriptor_set:
        yield Line(table, "descriptor_set", _relative(request.descriptor_set, out), "as given")
    if request.module:
        yield Line(table, "module", request.module.removeprefix(PYTHON_SCHEME), "as given")
    yield Line(table, "headers", tuple(_relative(spec, out) for spec in request.headers), "as given")
    if request.library:
        yield Line(table, "library", _relative(request.library, out), "as given")
        file = Path(request.library).name
        import_name = re.sub(r"^lib|\.(so|dylib|dll)(\.\d+)*$", "", file)
        yield Line(table, "import_name", import_name, f"{file} without what platforms add")
    else:
        import_name = prefix.rstrip("_") or "native"
        yield Line(
            table, "import_name", import_name, "a guess from the functions' names; no library was given"
        )


def _relative(spec: str, out: Path) -> str:
    if spec.startswith(PYTHON_SCHEME) or Path(spec).is_absolute():
        return spec
    return Path(os.path.relpath(spec, out.absolute().parent)).as_posix()


def _infer(
    entries: list[Entry],
    schema: Schema,
    header: Header,
    exports: Exports | None,
    answers: dict[str, tuple[str, ...]],
) -> Iterator[Entry]:
    index = SchemaIndex(schema)
    protocol = list(infer_protocol(index))
    yield from protocol
    known = {(*line.table, line.key): line.value for line in lines(protocol)}
    complete = all(key in known for key in _PROTOCOL)
    owned = index.message(index.candidates(str(known["protocol", "owned_handle"]))[0]) if complete else None
    wide = is_wide(owned.fields[0]) if owned is not None else None
    yield from infer_entry_points(header, exports, wide)
    if wide is not None:
        yield from _infer_ownership([*entries, *protocol], index, wide, answers)


def _infer_ownership(
    entries: list[Entry], index: SchemaIndex, wide: bool, answers: dict[str, tuple[str, ...]]
) -> Iterator[Entry]:
    """Everything beyond ``[protocol]``; the passes themselves say what is still open.

    Args:
        answers: takes the possible answers to what the audit may ask, by a part of its sentence.
    """
    config = _config(entries)
    names = Names(Path("bindings.toml"), index)
    assert config.protocol is not None
    protocol = find_envelope(config.protocol, names)
    later: list[Entry] = list(infer_pairs(protocol, index))
    config = _config([*entries, *later])
    kinds = find_kinds(config, protocol, names)
    operations = pair_calls(config, protocol, names, [])
    deliveries = route_deliveries(config, protocol, operations, names, [])
    acquisitions = find_acquisitions(config, kinds, operations, deliveries, names, [])
    requests = index.below({case.message for case in protocol.requests if case.message})
    travelling = requests | index.below(
        {case.message for case in (*protocol.responses, *protocol.events) if case.message}
    )
    events = index.below({case.message for case in protocol.events if case.message})
    guesses = infer_keys(kinds, travelling, events, index)
    answers.update(key_answers(guesses, travelling, index))
    answers.update(handle_answers(kinds, travelling, index))
    later += key_entries(guesses, kinds, index)
    later += infer_borrowed(kinds, requests, wide, index)
    later += infer_not_keys(guesses, kinds, requests, travelling, index)

    config = _config([*entries, *later])
    kinds = find_kinds(config, protocol, names)
    handles = HandleTypes(config, protocol, kinds, names)
    operations, deliveries = attach_acquisitions(acquisitions, operations, deliveries)
    operations = type_borrowed(config, handles, operations, names, [])
    operations = aim_calls(config, kinds, operations, names)
    operations, deliveries = resolve_keys(KeyTypes(config, kinds, names), operations, deliveries, names, [])
    deliveries = aim_deliveries(config, handles, kinds, deliveries, names, [])
    later += infer_parents(kinds, acquisitions, deliveries)
    later += infer_lifetimes(kinds, acquisitions, deliveries)
    later += infer_roles(kinds, acquisitions)
    sessions = list(infer_sessions(kinds, acquisitions, operations, deliveries, index))
    later += sessions
    later += infer_ends({entry.table[1] for entry in sessions}, deliveries)
    later += ask_consumed(operations)
    later += infer_memory(kinds, operations, travelling, index)
    yield from later


def _config(entries: list[Entry]) -> Config:
    """The decisions so far; the passes that are used here need no function of the library."""
    stand_in = (Line(("entry_points",), key, "", "") for key in ("prefix", "release"))
    return config_of([*entries, *stand_in])


def _missing(
    entries: list[Entry],
    out: Path,
    schema: Schema,
    header: Header,
    exports: Exports | None,
    answers: dict[str, tuple[str, ...]],
) -> list[Entry]:
    """What generating with these decisions would say; of keys that every configuration needs all at once."""
    known = {(*line.table, line.key) for line in lines(entries)}
    lacking = [".".join(key) for key in _NEEDED if key not in known]
    if lacking:
        return [Question((), f"{key} is missing: its question is below.") for key in lacking]
    try:
        loaded = parse_config(out, config_text(lines(entries), "").encode())
        build_binding(loaded, schema, header, exports)
    except AuditError as error:
        return [Question((), problem, _answers(problem, answers)) for problem in error.problems]
    except ConfigError as error:
        return [Question((), str(error).removeprefix(f"{out}: "))]
    return []


def _answers(problem: str, answers: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    found = next((lines for part, lines in answers.items() if part in problem), ())
    named = re.search(r"it may be (.+?)\. Add", problem)
    likely = named[1].split(" or ") if named else []
    chosen = tuple(line for line in found if any(line.endswith(f"[kinds.{kind}]") for kind in likely))
    return chosen or found


def _introduction(missing: int) -> str:
    text = (
        "A first configuration, inferred from schema and headers. Beside each decision is its evidence.\n"
        'Lines with "# ?" are questions; the lines after them are answers to choose from.\n'
    )
    if missing:
        first = "the first one" if missing == 1 else f"the first {missing} of them"
        text += f"Generating needs the answer to {first}, right below.\n"
    return text + "The reference of all keys is docs/configuration.md."
