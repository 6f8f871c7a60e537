"""View of ``Handles/Handle.cs.j2``: the SafeHandle of a kind."""

from __future__ import annotations

from collections.abc import Iterator

from gen_bindings.model.surface import Surface
from gen_bindings.render.csharp.file import File, file


def files(surface: Surface) -> Iterator[File]:
    """One file for each kind."""
    for handle in surface.handles:
        yield file("Handles", handle.handle, "Handle", kind=handle)
