"""The runtimes on which a scenario is run through pythonnet."""

from __future__ import annotations

from enum import StrEnum


class Lane(StrEnum):
    """A runtime; full AOT has no pythonnet and is in `aot`.

    Mono stands for Unity. CoreCLR is stricter where Mono forgives: it reads a badly marshalled bool
    wrongly and collects an unrooted delegate.
    """

    MONO = "mono"
    CORECLR = "coreclr"
