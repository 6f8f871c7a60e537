"""Reads everything that a configuration names under ``[input]``."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from gen_bindings.config import InputTable, LoadedConfig
from gen_bindings.errors import ConfigError
from gen_bindings.model.abi import Exports, Header
from gen_bindings.model.schema import Schema
from gen_bindings.output.manifest import unix
from gen_bindings.sources.exports_beside import read_exports_beside
from gen_bindings.sources.header_beside import read_headers_beside
from gen_bindings.sources.locate import locate
from gen_bindings.sources.protocol import ProtocolInput, read_protocol


@dataclass(frozen=True, slots=True)
class Inputs:
    """What was read.

    Attributes:
        exports: of the library, if the configuration names one.
        digest: hex SHA-256 over configuration, schema and headers: what the output depends on.
    """

    schema: Schema
    header: Header
    exports: Exports | None
    digest: str


def read_inputs(loaded: LoadedConfig) -> Inputs:
    """The schema, the headers and the library's exports.

    Raises:
        ConfigError: ``[input]`` names no protocol, or several.
        SourceError: an input cannot be read.
    """
    table = loaded.config.input
    base = loaded.file.resolve().parent
    search = tuple(locate(folder, base) for folder in table.module_path)
    protocol = _protocol(loaded, base, search)
    with ThreadPoolExecutor(3) as beside:
        # Each is read by a process of its own.
        reading = beside.submit(read_protocol, protocol)
        library = locate(table.library, base, search) if table.library else None
        exporting = beside.submit(read_exports_beside, library) if library is not None else None
        headers = [locate(header, base, search) for header in table.headers]
        heading = beside.submit(read_headers_beside, headers, loaded.config.entry_points.prefix)
        schema, header = reading.result(), heading.result()
        exports = exporting.result() if exporting is not None else None
    digest = hashlib.sha256()
    for part in (
        unix(loaded.file.read_bytes()),
        schema.digest.encode(),
        *(unix(h.read_bytes()) for h in headers),
    ):
        digest.update(len(part).to_bytes(8, "big") + part)
    return Inputs(schema=schema, header=header, exports=exports, digest=digest.hexdigest())


def read_schema(loaded: LoadedConfig) -> Schema:
    """The protocol alone.

    Raises:
        ConfigError: ``[input]`` names no protocol, or several.
        SourceError: it cannot be read.
    """
    base = loaded.file.resolve().parent
    search = tuple(locate(folder, base) for folder in loaded.config.input.module_path)
    return read_protocol(_protocol(loaded, base, search))


def _protocol(loaded: LoadedConfig, base: Path, search: tuple[Path, ...]) -> ProtocolInput:
    table = loaded.config.input
    given = [name for name in ("proto", "descriptor_set", "module") if getattr(table, name)]
    if len(given) != 1:
        found = f"found {' and '.join(given)}" if given else "found none of them"
        raise ConfigError(
            f"{loaded.file}: input: expected exactly one of proto, descriptor_set and module, {found}."
        )
    return ProtocolInput(
        files=_located(table, "proto", base, search),
        include=_located(table, "include", base, search),
        descriptor_set=locate(table.descriptor_set, base, search) if table.descriptor_set else None,
        module=table.module,
        module_path=search,
    )


def _located(table: InputTable, option: str, base: Path, search: tuple[Path, ...]) -> tuple[Path, ...]:
    return tuple(locate(spec, base, search) for spec in getattr(table, option))
