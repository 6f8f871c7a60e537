"""Which shape the output has: plain folders of C#, or a package for Unity."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from gen_bindings.errors import ConfigError
from gen_bindings.output.paths import on_every_system

if TYPE_CHECKING:
    from gen_bindings.config import LoadedConfig
    from gen_bindings.model.binding import Binding
    from gen_bindings.output.plan import Wanted


class Layout(StrEnum):
    """PLAIN: folders of C#. UPM: a package for Unity's package manager."""

    PLAIN = "plain"
    UPM = "upm"


def lay_out(
    layout: Layout, loaded: LoadedConfig, binding: Binding, inputs_digest: str, out: Path, *, beside: bool
) -> Wanted:
    """Everything that the output folder is to hold of the binding.

    Args:
        inputs_digest: hex digest of everything that the output depends on.
        beside: below a folder of the binding's name, because another binding has the rest.

    Raises:
        ConfigError: the package's table is missing or wrong, or a package is to stand beside something else.
    """
    from gen_bindings.output.manifest import Owner
    from gen_bindings.output.plan import Wanted
    from gen_bindings.render.emit import emit

    owner = Owner(binding.name)
    if layout is Layout.PLAIN:
        files = emit(binding)
        if beside:
            folder = on_every_system(binding.name)
            files = {f"{folder}/{path}": text for path, text in files.items()}
        return Wanted(owner, files, inputs_digest, beside=beside)
    if beside:
        raise ConfigError(
            "--beside does not go with --layout upm: a Unity package has its folder to itself. Choose one"
            " with --out."
        )
    from gen_bindings.render.unity.package import STUBS, package
    from gen_bindings.render.unity.settings import settings

    chosen = settings(loaded, binding)
    return Wanted(owner, package(chosen, binding, emit(binding), out), inputs_digest, STUBS)
