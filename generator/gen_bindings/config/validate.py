"""The tables of ``gen-bindings validate``."""

from __future__ import annotations

from gen_bindings.config.table import Table


class SuppressTable(Table, frozen=True, kw_only=True):
    """``[[validate.suppress]]``: findings in hand-written C# that do not count.

    Attributes:
        id: the check (``GB209``).
        reason: why; it is kept with the finding.
        files: a pattern of paths (``Runtime/**/*.cs``); all files when left out.
        subject: a pattern of what the finding is about, as JSON output shows it.
        until: ISO date after which the finding counts again.
    """

    id: str
    reason: str
    files: str = ""
    subject: str = ""
    until: str = ""


class ValidateTable(Table, frozen=True, kw_only=True):
    """``[validate]``: what ``gen-bindings validate`` cannot find in the sources.

    Attributes:
        wrappers: types outside the sources that own the handle that their constructor is given.
        releases: methods outside the sources that release the handle that they are given.
        requested: operations that the binding uses although nothing in the sources shows it.
    """

    wrappers: tuple[str, ...] = ()
    releases: tuple[str, ...] = ()
    requested: tuple[str, ...] = ()
    suppress: tuple[SuppressTable, ...] = ()
