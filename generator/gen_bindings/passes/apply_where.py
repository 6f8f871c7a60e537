"""Decides which entries of the configuration are for this version of the schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, TypeVar

import msgspec

from gen_bindings.config import Config
from gen_bindings.passes.resolve_names import Names


class _Conditional(Protocol):
    @property
    def where(self) -> str | None: ...


_T = TypeVar("_T", bound=_Conditional)


def apply_where(config: Config, names: Names) -> Config:
    """The configuration without entries whose ``where`` names something that the schema lacks."""

    def holds(entry: _Conditional) -> bool:
        return entry.where is None or names.exists(entry.where)

    def kept(entries: Mapping[str, _T]) -> dict[str, _T]:
        return {name: entry for name, entry in entries.items() if holds(entry)}

    operations = {
        name: msgspec.structs.replace(
            table, preconditions=tuple(condition for condition in table.preconditions if holds(condition))
        )
        for name, table in kept(config.operations).items()
    }
    return msgspec.structs.replace(
        config,
        kinds=kept(config.kinds),
        operations=operations,
        deliveries=kept(config.deliveries),
        place=tuple(entry for entry in config.place if holds(entry)),
        transfer=tuple(entry for entry in config.transfer if holds(entry)),
        memory=tuple(entry for entry in config.memory if holds(entry)),
    )
