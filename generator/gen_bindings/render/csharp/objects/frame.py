"""View of ``Objects/Frame.cs.j2``: a short-lived kind."""

from __future__ import annotations

from collections.abc import Iterator

from gen_bindings.model.surface import Surface
from gen_bindings.render.csharp.file import File, file


def files(surface: Surface) -> Iterator[File]:
    """One file for each kind, with its handle."""
    handles = {handle.name: handle for handle in surface.handles}
    for frame in surface.frames:
        yield file("Objects", frame.type, "Frame", frame=frame, handle=handles[frame.kind])
