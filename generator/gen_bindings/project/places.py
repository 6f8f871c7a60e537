"""Where the inputs of a configuration are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gen_bindings.config import LoadedConfig
from gen_bindings.sources.locate import locate


@dataclass(frozen=True, slots=True)
class Places:
    """Where paths of a configuration begin.

    Attributes:
        base: the configuration's folder.
        search: the folders of ``module_path``.
    """

    base: Path
    search: tuple[Path, ...]

    def of(self, spec: str) -> Path:
        """The file or folder that an input names.

        Raises:
            SourceError: there is no such file.
        """
        return locate(spec, self.base, self.search)

    def all(self, specs: Sequence[str]) -> tuple[Path, ...]:
        """The files or folders that inputs name, in their order.

        Raises:
            SourceError: one of them is not there.
        """
        return tuple(self.of(spec) for spec in specs)


def places(loaded: LoadedConfig) -> Places:
    """Those of a configuration.

    Raises:
        SourceError: a folder of ``module_path`` is not there.
    """
    base = loaded.file.resolve().parent
    return Places(base, tuple(locate(folder, base) for folder in loaded.config.input.module_path))
