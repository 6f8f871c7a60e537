"""Renders the message layer: a file per ``.proto`` file, the wire code, a scoped reader per hot message."""

from __future__ import annotations

from gen_bindings.model.messages import MessageLayer
from gen_bindings.render.environment import render

# Scalars that the writer writes in one way each: codec, C# type, wire type.
_CODECS = (
    ("UInt64", "ulong", 0),
    ("UInt32", "uint", 0),
    ("Int32", "int", 0),
    ("Int64", "long", 0),
    ("SInt32", "int", 0),
    ("SInt64", "long", 0),
    ("Bool", "bool", 0),
    ("Fixed32", "uint", 5),
    ("Fixed64", "ulong", 1),
    ("SFixed32", "int", 5),
    ("SFixed64", "long", 1),
    ("Float", "float", 5),
    ("Double", "double", 1),
)


def render_messages(layer: MessageLayer) -> dict[str, str]:
    """The files of the message layer, by path relative to the output folder."""
    context = {"layer": layer}
    files = {
        f"Messages/{name}.g.cs": render(f"csharp/Messages/{name}.cs.j2", **context)
        for name in ("WireFormatException", "WireMessage")
    }
    for name in ("StackWriter", "WireReader", "WireScan", "WireSlice", "WireWriter"):
        files[f"Wire/{name}.g.cs"] = render(f"csharp/Wire/{name}.cs.j2", codecs=_CODECS, **context)
    for file in layer.files:
        files[f"Messages/{file.name}.g.cs"] = render("csharp/Messages/File.cs.j2", file=file, **context)
    for message in layer.all_messages:
        if message.reader:
            files[f"Wire/{message.reader}.g.cs"] = render(
                "csharp/Wire/ScopedReader.cs.j2", message=message, **context
            )
    return files
