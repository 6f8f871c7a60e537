"""View of ``Client/Delivery.cs.j2``: an event on its way to the dispatcher."""

from __future__ import annotations

from collections.abc import Iterator

from gen_bindings.model.surface import Surface
from gen_bindings.render.csharp.file import File, file


def files(surface: Surface) -> Iterator[File]:
    """One file where there are messages."""
    if surface.layer is not None:
        yield file("Client", "Delivery", "Delivery", c=surface.client)
