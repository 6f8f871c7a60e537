"""The command ``init``: a first configuration."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def init(
    header: Annotated[list[str], typer.Option(help="A C header with the entry points.", metavar="FILE")],
    out: Annotated[Path, typer.Option(help="The configuration to write.", metavar="FILE")],
    proto: Annotated[
        list[str] | None, typer.Option(help="A .proto file of the protocol.", metavar="FILE")
    ] = None,
    include: Annotated[
        list[str] | None, typer.Option(help="A folder for imports of .proto files.", metavar="DIR")
    ] = None,
    descriptor_set: Annotated[
        str | None, typer.Option(help="A serialized FileDescriptorSet instead.", metavar="FILE")
    ] = None,
    module: Annotated[
        str | None, typer.Option(help="A Python module with descriptors instead.", metavar="NAME")
    ] = None,
    library: Annotated[
        str | None, typer.Option(help="The compiled library, for its exports.", metavar="FILE")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite an existing file.")] = False,
) -> None:
    """Write a first configuration from a protocol, headers and a library.

    What was inferred carries its evidence as a comment; what could not be decided is a question that
    names the choices. Files of installed Python packages are written python:package/folder/file.
    """
    from gen_bindings.report.progress import Progress

    with Progress() as progress:
        progress.step("reading protocol, headers and library, and inferring")
        from gen_bindings.init.write import Request, write_first_configuration

        request = Request(
            proto=tuple(proto or ()),
            include=tuple(include or ()),
            descriptor_set=descriptor_set,
            module=module,
            headers=tuple(header),
            library=library,
        )
        first = write_first_configuration(request, out, overwrite=force)
    print(f"{out}: {first.inferred} decisions with their evidence, {first.questions} open questions.")
    if first.missing:
        print(f"Generating needs the first {first.missing} of them answered.")
    print(f"Next: gen-bindings generate --config {out} --out DIR")
