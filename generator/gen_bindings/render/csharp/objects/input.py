"""View of ``Objects/Input.cs.j2``: what a caller fills for a message whose parts hold memory."""

from __future__ import annotations

from collections.abc import Iterator

from gen_bindings.model.surface import Surface
from gen_bindings.render.csharp.file import File, file


def files(surface: Surface) -> Iterator[File]:
    """One file for each class."""
    for input_ in surface.inputs:
        yield file("Objects", input_.name, "Input", i=input_)
