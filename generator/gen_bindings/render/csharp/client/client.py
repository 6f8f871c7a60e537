"""View of ``Client/Client.cs.j2``: how the library is started, called and shut down, and where events go."""

from __future__ import annotations

from collections.abc import Iterator

from gen_bindings.model.surface import Surface
from gen_bindings.render.csharp.file import File, file


def files(surface: Surface) -> Iterator[File]:
    """One file."""
    yield file("Client", surface.client.name, "Client", c=surface.client)
