"""View of ``Native/NativeMethods.cs.j2``: the entry points as declarations."""

from __future__ import annotations

from collections.abc import Iterator

from gen_bindings.model.surface import Surface
from gen_bindings.render.csharp.file import File, file


def files(surface: Surface) -> Iterator[File]:
    """One file."""
    yield file(
        "Native",
        "NativeMethods",
        "NativeMethods",
        native=surface.native,
        callback=surface.client.callback,
    )
