"""View of ``Objects/Object.cs.j2``: a class of the tree."""

from __future__ import annotations

from collections.abc import Iterator

from gen_bindings.model.surface import Surface
from gen_bindings.render.csharp.file import File, file


def files(surface: Surface) -> Iterator[File]:
    """One file for each class."""
    for tree_class in surface.classes:
        yield file("Objects", tree_class.name, "Object", o=tree_class)
