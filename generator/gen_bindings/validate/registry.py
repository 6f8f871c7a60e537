"""All checks, in the order of their ids; a file in ``checks`` is a check as soon as it stands there."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from gen_bindings.validate import checks
from gen_bindings.validate.checks.base import Check

ABI = "abi"
OWNERSHIP = "ownership"


@cache
def all_checks() -> tuple[Check, ...]:
    """Every check."""
    found: list[Check] = []
    for module in pkgutil.walk_packages(checks.__path__, checks.__name__ + "."):
        check = getattr(importlib.import_module(module.name), "CHECK", None)
        if isinstance(check, Check):
            found.append(check)
    return tuple(sorted(found, key=lambda check: check.id))


def checks_of(part: str) -> tuple[Check, ...]:
    """The checks of one part: ``abi`` (1xx), ``ownership`` (2xx to 6xx), or both."""
    if part == ABI:
        return tuple(c for c in all_checks() if c.id < "GB200")
    if part == OWNERSHIP:
        return tuple(c for c in all_checks() if c.id >= "GB200" or c.id == "GB130")
    return all_checks()
