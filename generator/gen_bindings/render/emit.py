"""Which files a binding has: the model in, every path and its text out."""

from __future__ import annotations

from collections.abc import Iterator

from gen_bindings.model.binding import Binding
from gen_bindings.model.surface import Surface
from gen_bindings.output.paths import portable
from gen_bindings.passes.surface.plan_surface import plan_surface
from gen_bindings.render.csharp import fixed
from gen_bindings.render.csharp.client import client, delivery
from gen_bindings.render.csharp.events import event_args
from gen_bindings.render.csharp.file import File, shared
from gen_bindings.render.csharp.handles import handle
from gen_bindings.render.csharp.native import native_methods
from gen_bindings.render.csharp.objects import frame, input, object, session
from gen_bindings.render.environment import render
from gen_bindings.render.messages import render_messages

_VIEWS = (
    fixed,
    handle,
    native_methods,
    client,
    delivery,
    object,
    session,
    frame,
    input,
    event_args,
)


def emit(binding: Binding) -> dict[str, str]:
    """Every file of the binding, by path relative to the output folder."""
    surface = plan_surface(binding)
    emitted = render_messages(surface.layer) if surface.layer is not None else {}
    for file in files(surface):
        emitted[file.path] = render(file.template, **shared(surface), **file.values)
    places = portable(emitted)
    return {places[path]: text for path, text in emitted.items()}


def files(surface: Surface) -> Iterator[File]:
    """Every file but those of the message layer, with its template."""
    for view in _VIEWS:
        yield from view.files(surface)
