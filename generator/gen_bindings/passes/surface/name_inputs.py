"""Decides how the class is called that a caller fills for a message whose parts hold memory."""

from __future__ import annotations

from gen_bindings.passes.surface.scope import Scope


def input_class(scope: Scope, full_name: str) -> str:
    """``VideoBufferInfo`` → ``VideoBufferInput``, where messages with facts are called ``…Info``."""
    name = full_name.rpartition(".")[2]
    suffix = scope.binding.envelope.facts_suffix if scope.binding.envelope is not None else ""
    return (name.removesuffix(suffix) or name) + "Input"
