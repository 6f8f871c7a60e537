"""Reads everything that a configuration names under ``[input]``."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from gen_bindings.config import LoadedConfig
from gen_bindings.errors import ConfigError
from gen_bindings.model.abi import Exports, Header
from gen_bindings.model.schema import Schema
from gen_bindings.output.manifest import unix
from gen_bindings.project.places import Places, places
from gen_bindings.sources.exports_beside import read_exports_beside
from gen_bindings.sources.header_beside import read_headers_beside
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
    at = places(loaded)
    protocol = _protocol(loaded, at)
    with ThreadPoolExecutor(3) as beside:
        # Each is read by a process of its own.
        reading = beside.submit(read_protocol, protocol)
        library = at.of(table.library) if table.library else None
        exporting = beside.submit(read_exports_beside, library) if library is not None else None
        headers = at.all(table.headers)
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
    return read_protocol(_protocol(loaded, places(loaded)))


def _protocol(loaded: LoadedConfig, at: Places) -> ProtocolInput:
    table = loaded.config.input
    given = [name for name in ("proto", "descriptor_set", "module") if getattr(table, name)]
    if len(given) != 1:
        found = f"found {' and '.join(given)}" if given else "found none of them"
        raise ConfigError(
            f"{loaded.file}: input: expected exactly one of proto, descriptor_set and module, {found}."
        )
    return ProtocolInput(
        files=at.all(table.proto),
        include=at.all(table.include),
        descriptor_set=at.of(table.descriptor_set) if table.descriptor_set else None,
        module=table.module,
        module_path=at.search,
    )
