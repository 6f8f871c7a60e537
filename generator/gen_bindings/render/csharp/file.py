"""Holds what an emitted file is made of: its path, its template, and what the template is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gen_bindings.model.surface import Surface

TEMPLATES = "csharp"


@dataclass(frozen=True, slots=True)
class File:
    """A file of the output.

    Attributes:
        path: relative to the output folder.
        template: relative to the templates' folder.
    """

    path: str
    template: str
    values: Mapping[str, Any]


def file(folder: str, name: str, template: str, **values: Any) -> File:
    """A file of the template ``template`` in the folder of the same name."""
    return File(f"{folder}/{name}.g.cs", f"{TEMPLATES}/{folder}/{template}.cs.j2", values)


def shared(surface: Surface) -> dict[str, Any]:
    """What every template is given."""
    return {
        "name": surface.name,
        "namespace": surface.namespace,
        "client": surface.client.name,
        "exception": surface.exception,
        "messages": surface.layer is not None,
        "protocol": surface.protocol,
        "pending": surface.protocol.has_callbacks,
        "inline_handlers": surface.protocol.inline_handlers,
        "client_chosen": surface.protocol.client_chosen,
        "async_id_type": surface.protocol.async_id_type,
    }
