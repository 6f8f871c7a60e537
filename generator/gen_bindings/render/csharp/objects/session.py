"""View of ``Objects/Session.cs.j2``: the end of a session."""

from __future__ import annotations

from collections.abc import Iterator

from gen_bindings.model.surface import Surface
from gen_bindings.render.csharp.file import File, file


def files(surface: Surface) -> Iterator[File]:
    """One file for each class that has a session."""
    for tree_class in surface.classes:
        if tree_class.session is not None:
            yield file("Objects", tree_class.session.type, "Session", s=tree_class.session)
