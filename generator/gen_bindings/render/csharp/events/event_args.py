"""View of ``Events/EventArgs.cs.j2``: the arguments of an event."""

from __future__ import annotations

from collections.abc import Iterator

from gen_bindings.model.surface import Surface
from gen_bindings.render.csharp.file import File, file


def files(surface: Surface) -> Iterator[File]:
    """One file for each event that has something to say."""
    for event in surface.arguments:
        yield file("Events", event.arguments_type, "EventArgs", e=event)
