"""What a check is, and what it may look at."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from gen_bindings.findings.finding import Certainty, Check, Finding, Place, Severity
from gen_bindings.model.abi import Exports
from gen_bindings.model.binding import Binding
from gen_bindings.validate.preprocess import Configuration
from gen_bindings.validate.program import Program, TypeInfo
from gen_bindings.validate.targets import Target

if TYPE_CHECKING:
    from gen_bindings.validate.facts import Lambda, Method
    from gen_bindings.validate.flow import Flow
    from gen_bindings.validate.native import Native
    from gen_bindings.validate.owners import Owners

__all__ = ["Check", "Context", "E", "H", "Hints", "I", "P", "Rule", "W"]

E, W, I = Severity.ERROR, Severity.WARNING, Severity.INFO  # noqa: E741
P, H = Certainty.PROVABLE, Certainty.HEURISTIC


@dataclass(frozen=True)
class Hints:
    """What a configuration says about hand-written code that cannot be found in it.

    Attributes:
        wrappers: type names that own the handle that their constructor is given.
        releases: method names that release the handle that they are given.
        requested: operations that the binding uses although nothing in the sources shows it.
    """

    wrappers: tuple[str, ...] = ()
    releases: tuple[str, ...] = ()
    requested: tuple[str, ...] = ()


@dataclass
class Context:
    """The inputs of one run under one configuration, and what is derived from them when first needed."""

    program: Program
    binding: Binding
    libraries: tuple[Exports, ...]
    targets: tuple[Target, ...]
    configuration: Configuration
    prefix: str = ""
    unity: bool = False
    ios: bool = False
    hints: Hints = field(default_factory=Hints)

    @cached_property
    def native(self) -> Native:
        """What the sources declare of the native side."""
        from gen_bindings.validate.native import Native

        return Native(self)

    @cached_property
    def flow(self) -> Flow:
        """Where values go."""
        from gen_bindings.validate.flow import Flow

        return Flow(self)

    @cached_property
    def owners(self) -> Owners:
        """Who owns what, and who releases it."""
        from gen_bindings.validate.owners import Owners

        return Owners(self)

    @cached_property
    def inline(self) -> tuple[Method | Lambda, ...]:
        """What runs on the library's own thread."""
        from gen_bindings.validate.inline import inline_methods

        return inline_methods(self)

    def own_types(self) -> Iterable[TypeInfo]:
        """The types that people wrote."""
        return (info for info in self.program.types if not info.generated)

    def place(self, node: Any) -> Place:
        """Where a node stands."""
        return Place(self.program.file_at(node), node.line, node.column)


@dataclass(frozen=True)
class Rule:
    """A check, and the function that looks for it."""

    check: Check
    run: Callable[[Context], Iterable[Finding]]
