"""The command ``explain``: what a check means."""

from __future__ import annotations

from typing import Annotated

import typer


def explain(
    check: Annotated[str, typer.Argument(help="A check's id, for example GB201; all when left out.")] = "",
) -> None:
    """Explain a check: what it finds, why it matters, what to do."""
    from gen_bindings.validate.explain import explanation, overview

    print(explanation(check) if check else overview(), end="")
