"""Views of the templates that emit one file each, called like the template."""

from __future__ import annotations

from collections.abc import Iterator

from gen_bindings.model.surface import Surface
from gen_bindings.render.csharp.file import File, file

_ALWAYS = (
    "Core/Diagnostics",
    "Core/Exceptions",
    "Core/HandleKind",
    "Core/LiveHandles",
    "Core/NativeHandle",
    "Core/NativeObject",
    "Core/KeyIndex",
    "Core/ObjectTree",
    "Core/ReleaseThread",
)
_WITH_MESSAGES = (
    "Client/Reply",
    "Core/Dispatcher",
    "Core/HandleSink",
    "Core/NativeView",
    "Core/Operation",
    "Core/Session",
    "Handles/NativeHandles",
)
_WITH_CALLBACK = ("Core/MonoPInvokeCallback", "Core/ProcessEnd")
_WITH_OPERATIONS = ("Client/PendingCalls",)


def files(surface: Surface) -> Iterator[File]:
    """The files that every binding has, then those that messages and a native callback need."""
    with_messages = _WITH_MESSAGES if surface.layer is not None else ()
    with_callback = _WITH_CALLBACK if surface.client.callback is not None else ()
    with_operations = _WITH_OPERATIONS if surface.protocol.has_callbacks else ()
    for path in (*_ALWAYS, *with_messages, *with_callback, *with_operations):
        folder, _, name = path.partition("/")
        yield file(
            folder,
            name,
            name,
            kinds=surface.handles,
            columns=surface.columns,
            request=surface.client.request,
        )
