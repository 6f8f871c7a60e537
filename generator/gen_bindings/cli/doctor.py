"""The command ``doctor``: what the run-time checks need, and what of it is there."""

from __future__ import annotations

import typer

from gen_bindings.cli import common


def doctor() -> None:
    """List what the run-time checks need, what is there, and how to get the rest."""
    from gen_bindings.report.table import print_table
    from gen_bindings.runtime.doctor import checks

    found = checks()
    print_table(
        ("tool", "found", "needed for", "how to get it"),
        [(c.name, c.found or "missing", c.needed_for, "" if c.found else c.how_to_get) for c in found],
    )
    missing = [c.name for c in found if c.found is None and not c.optional]
    if missing:
        print(f"Missing: {', '.join(missing)}.")
        raise typer.Exit(common.FOUND)
    print("Everything is there.")
