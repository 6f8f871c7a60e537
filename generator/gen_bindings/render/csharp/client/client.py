"""Views of ``Client/Client.cs.j2`` and of the parts of its class: one template each."""

from __future__ import annotations

from collections.abc import Iterator

from gen_bindings.model.surface import Surface
from gen_bindings.render.csharp.file import File, file

_ALWAYS = ("", ".Lifetime")
_WITH_REQUESTS = (".Requests",)
_WITH_CALLBACK = (".Callbacks", ".Deliveries")


def files(surface: Surface) -> Iterator[File]:
    """The class, and the parts that requests and a native callback need."""
    client = surface.client
    with_requests = _WITH_REQUESTS if client.request is not None else ()
    with_callback = _WITH_CALLBACK if client.callback is not None else ()
    for part in (*_ALWAYS, *with_requests, *with_callback):
        yield file("Client", client.name + part, "Client" + part, c=client)
