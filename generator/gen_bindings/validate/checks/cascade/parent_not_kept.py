"""GB304: child keeps the number of its parent, and not the parent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gen_bindings.findings.finding import Finding
from gen_bindings.validate.checks.base import Check, Context, H, W
from gen_bindings.validate.facts import Assign, Call, Cast, Field, Member, Name
from gen_bindings.validate.order import is_value
from gen_bindings.validate.program import TypeInfo, split_type


def _given(context: Context, value: Any) -> list[str]:
    """The types on the way to the raw id of an owner that comes from outside: ``room.Handle.Id``."""
    program = context.program
    while isinstance(value, Cast):
        value = value.value
    target = value.target if isinstance(value, Call) else value
    if not isinstance(target, Member):
        return []
    owner = target.target
    if not context.flow.is_wrapper(program.type_named(program.type_of(owner))):
        return []
    types: list[str] = []
    while isinstance(owner, Member):
        types.append(program.type_of(owner))
        owner = owner.target
    variable = program.variable_of.get(owner) if isinstance(owner, Name) else None
    if variable is None or variable.kind != "parameter":
        return []
    return [*types, program.type_of(owner)]


def _holds(context: Context, info: TypeInfo, types: list[str]) -> bool:
    """Whether objects of a type refer to one of these objects, or to the wrapper of one."""
    program = context.program
    wanted: set[str] = set()
    for text in types:
        found = program.type_named(text)
        for each in (found, *program.bases_of(found)) if found is not None else ():
            wanted.add(each.name)
    for each in (info, *program.bases_of(info)):
        for member in each.fields.values():
            if member.static or split_type(member.type)[0].rpartition(".")[2] not in wanted:
                continue
            if not context.flow.is_wrapper(program.type_named(member.type)) or _stored(context, member):
                return True
    return any(program.body_of[call].type is info for call in program.calls.get("DangerousAddRef", ()))


def _stored(context: Context, member: Field) -> bool:
    """Whether a wrapper in a field is somebody else's: it is set from a parameter's member."""
    program = context.program
    for use in program.member_uses(member):
        assign = program.parent.get(use)
        if isinstance(assign, Assign) and assign.left is use:
            root = assign.right
            while isinstance(root, Member):
                root = root.target
            if isinstance(root, Name) and root in program.variable_of:
                return True
    return False


def run(context: Context) -> Iterator[Finding]:
    program, owners = context.program, context.owners
    holders = {kept.type for kept in owners.kept.values() if not kept.raw}
    for assign in program.assigns:
        member = program.member_of(assign.left) if isinstance(assign.left, Name | Member) else None
        if not isinstance(member, Field) or member.static or member.owner is None:
            continue
        info = program.type_named(member.owner.name, member.owner.file)
        if info is None or not is_value(member.type) or context.flow.is_wrapper(info):
            continue
        if not holders & {info, *program.bases_of(info)}:
            continue
        types = _given(context, assign.right)
        if types and not _holds(context, info, types):
            yield CHECK.at(
                context.place(assign),
                f"{info.name}.{member.name} keeps the number of a {types[-1]}, to which {info.name} does not "
                "refer; once nobody else does, its handle is released and the number is stale.",
                subject=f"{info.name}.{member.name}",
            )


CHECK = Check(
    "GB304",
    "Child does not keep its parent alive",
    W,
    H,
    why="The parent's wrapper may be finalised while the child still sends its number to the library.",
    fix="Keep a reference to the parent (or to its SafeHandle) and ask it for the number each time.",
    explanation="Looks at objects that own a handle and copy the raw number of another owner that their "
    "constructor or method is given. What stands under what only by the model is not reported: most "
    "libraries count references themselves.",
)
