"""Where the templates are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

import gen_bindings

_chosen_folder: ContextVar[Path | None] = ContextVar("templates_folder", default=None)


def templates_folder() -> Path:
    """The folder of the templates: in the installed package, or beside ``generator/`` in a checkout."""
    if chosen := _chosen_folder.get():
        return chosen
    package = Path(gen_bindings.__file__).parent
    installed = package / "templates"
    return installed if installed.is_dir() else package.parent.parent / "templates"


@contextmanager
def templates_from(folder: Path) -> Iterator[None]:
    """Within it the templates come from ``folder``, which holds all of them."""
    before = _chosen_folder.set(folder)
    try:
        yield
    finally:
        _chosen_folder.reset(before)
