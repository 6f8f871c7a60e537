"""How large a structure of the sources is, and where its fields lie, on a target."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gen_bindings.model.abi import CType, Primitive
from gen_bindings.validate.facts import Attribute, Field
from gen_bindings.validate.program import TypeInfo

if TYPE_CHECKING:
    from gen_bindings.validate.native import Native
    from gen_bindings.validate.targets import Target

_BYTES = (Primitive.VOID, Primitive.CHAR, Primitive.INT8, Primitive.UINT8)


def difference(native: Native, info: TypeInfo, pointee: CType) -> str:
    """In what a structure given by pointer differs from what the header points to; empty if in nothing.

    Bytes may be anything: the protocol says what stands in them.
    """
    if pointee.opaque is not None:
        fields = sum(not member.static for member in info.fields.values())
        return (
            f"the header keeps {pointee} incomplete; C# lays out {fields} "
            f"field{'s' * (fields != 1)} of its own"
            if fields
            else ""
        )
    if pointee.primitive is None or pointee.primitive in _BYTES:
        return ""
    sizes = {target: laid[0] for target in native.context.targets if (laid := layout(native, info, target))}
    wrong = [t for t, size in sizes.items() if size != native.width(pointee, t)]
    if len(set(sizes.values())) == 1 and len(wrong) == len(sizes):
        return f"that is {pointee}; the structure has {sizes[wrong[0]]} bytes"
    text = ", ".join(f"{sizes[target]} bytes on {target.triple}" for target in wrong)
    return f"that is {pointee}; the structure has {text}" if wrong else ""


def layout(native: Native, info: TypeInfo, target: Target) -> tuple[int, int] | None:
    """(size, alignment) in bytes; ``None`` where a field has no width that can be told."""
    attribute = next((a for part in info.parts for a in part.attributes if a.name == "StructLayout"), None)
    pack = _number(native, attribute, "Pack", info) or 8
    offset = 0
    widest = 1
    end = 0
    for member in info.fields.values():
        if member.static:
            continue
        found = _field(native, info, member, target)
        if found is None:
            return None
        size, natural = found
        align = min(natural, pack)
        widest = max(widest, align)
        at = _offset(native, member, info)
        start = at if at is not None else -(-offset // align) * align
        offset = start + size
        end = max(end, offset)
    size = -(-end // widest) * widest
    return max(size, _number(native, attribute, "Size", info) or 0), widest


def _field(native: Native, info: TypeInfo, member: Field, target: Target) -> tuple[int, int] | None:
    shape = native.shape(member.type, info, member.attributes)
    if shape.sort in ("integer", "bool"):
        return shape.width, shape.width
    if shape.sort in ("native", "pointer", "delegate") and not member.type.endswith("]"):
        return target.pointer, target.pointer
    if shape.sort in ("float", "double"):
        size = 4 if shape.sort == "float" else 8
        return size, size
    if shape.sort == "struct" and shape.info is not None and shape.info is not info:
        return layout(native, shape.info, target)
    return None


def _number(native: Native, attribute: Attribute | None, label: str, info: TypeInfo) -> int | None:
    for name, value in attribute.arguments if attribute is not None else ():
        if name == label:
            text = native.constant(value, info) or ""
            return int(text) if text.isdigit() else None
    return None


def _offset(native: Native, member: Field, info: TypeInfo) -> int | None:
    attribute = next((a for a in member.attributes if a.name == "FieldOffset"), None)
    if attribute is None or not attribute.arguments:
        return None
    text = native.constant(attribute.arguments[0][1], info) or ""
    return int(text) if text.isdigit() else None
