"""What every table of a configuration is: frozen, its keys given by name, and no others."""

from __future__ import annotations

import msgspec


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A table of the configuration; unknown keys are errors."""
