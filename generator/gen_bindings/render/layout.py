"""Which shape the output has: plain folders of C#, or a package for Unity."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gen_bindings.config import LoadedConfig
    from gen_bindings.model.binding import Binding


class Layout(StrEnum):
    """PLAIN: folders of C#. UPM: a package for Unity's package manager."""

    PLAIN = "plain"
    UPM = "upm"


@dataclass(frozen=True, slots=True)
class Output:
    """The files by path, and those among them that give way to a file of the user's."""

    files: Mapping[str, str]
    stubs: frozenset[str] = frozenset()


def lay_out(layout: Layout, loaded: LoadedConfig, binding: Binding, inputs_digest: str, out: Path) -> Output:
    """Everything that the output folder is to hold.

    Raises:
        ConfigError: the package's table is missing or wrong.
    """
    from gen_bindings.render.emit import emit

    if layout is Layout.PLAIN:
        return Output(emit(binding, inputs_digest))
    from gen_bindings.render.unity.package import STUBS, package
    from gen_bindings.render.unity.settings import settings

    chosen = settings(loaded, binding)
    return Output(package(chosen, binding, inputs_digest, emit(binding, inputs_digest), out), STUBS)
