"""All checks, in the order of their ids; a file in ``checks`` is a check as soon as it stands there."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from gen_bindings.validate import checks
from gen_bindings.validate.checks.base import Check, Rule

ABI = "abi"
OWNERSHIP = "ownership"


@cache
def all_rules() -> tuple[Rule, ...]:
    """Every check with what looks for it."""
    found: list[Rule] = []
    for entry in pkgutil.walk_packages(checks.__path__, checks.__name__ + "."):
        module = importlib.import_module(entry.name)
        if hasattr(module, "CHECK"):
            found.append(Rule(module.CHECK, module.run))
    return tuple(sorted(found, key=lambda rule: rule.check.id))


def rules_of(part: str) -> tuple[Rule, ...]:
    """The checks of one part: ``abi`` (1xx), ``ownership`` (2xx to 6xx), or both."""
    if part == ABI:
        return tuple(r for r in all_rules() if r.check.id < "GB200")
    if part == OWNERSHIP:
        return tuple(r for r in all_rules() if r.check.id >= "GB200" or r.check.id == "GB130")
    return all_rules()


def all_checks() -> tuple[Check, ...]:
    """Every check."""
    return tuple(rule.check for rule in all_rules())
