"""A model made by hand, for functions that create and destroy: no message anywhere."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from gen_bindings.errors import AuditError
from gen_bindings.model.binding import (
    Acquisition,
    Binding,
    Borrow,
    BorrowMode,
    EntryPoints,
    FieldPath,
    FunctionCall,
    IdType,
    Kind,
    Operation,
    Origin,
    Place,
    Placement,
    Release,
)
from gen_bindings.passes.pipeline import finish_binding
from gen_bindings.report.model import model_json, summary
from gen_bindings.sources.header import read_headers

pytestmark = pytest.mark.quick


def kind(name: str, *parents: str) -> Kind:
    release = Release(f"plain_{name.lower()}_destroy")
    return Kind(name, name, IdType.POINTER, release, parents=parents)


def create(name: str, receiver: str | None) -> tuple[Operation, Acquisition]:
    function = f"plain_{name.lower()}_create"
    call = FunctionCall(function, receiver=0 if receiver else None, result_kind=name)
    operation = Operation(f"create_{name.lower()}", "", call, receiver=receiver)
    arrival = Acquisition(
        f"{function}.return", name, None, Origin.RETURN, function, None, Placement(Place.CLIENT)
    )
    return operation, arrival


@pytest.fixture
def plain(repo_root: Path) -> Binding:
    header = read_headers([repo_root / "tests" / "fixtures" / "plainc" / "plain.h"], "plain_")
    pairs = [create("Engine", None), create("Voice", "Engine"), create("Effect", "Voice")]
    play = Operation("play_voice", "", FunctionCall("plain_voice_play", receiver=0), receiver="Voice")
    return Binding(
        name="Plain",
        namespace="Plain",
        schema=None,
        header=header,
        exports=None,
        entry_points=EntryPoints("plain", header.functions),
        envelope=None,
        kinds=(kind("Engine"), kind("Voice", "Engine"), kind("Effect", "Voice")),
        acquisitions=tuple(arrival for _, arrival in pairs),
        operations=(*(operation for operation, _ in pairs), play),
        deliveries=(),
        sessions=(),
        memories=(),
        columns=("other",),
    )


def test_the_tree(plain: Binding) -> None:
    finished = finish_binding(plain)
    assert [(a.kind, a.placement.place, a.placement.parent) for a in finished.acquisitions] == [
        ("Engine", Place.CLIENT, None),
        ("Voice", Place.RECEIVER, "Engine"),
        ("Effect", Place.RECEIVER, "Voice"),
    ]
    assert finished.release_order == ("Effect", "Voice", "Engine")


def test_methods(plain: Binding) -> None:
    finished = finish_binding(plain)
    assert [o.method for o in finished.operations] == [
        "CreateEngine",
        "CreateVoice",
        "CreateEffect",
        "PlayVoice",
    ]
    named = replace(plain, operations=tuple(replace(o, method=f"{o.name}X") for o in plain.operations))
    assert finish_binding(named).operation("play_voice").method == "play_voiceX"


def test_a_parent_that_is_named_besides(plain: Binding) -> None:
    path = FieldPath("plain_voice_create", ())
    operations = tuple(
        replace(o, receiver=None, borrows=(Borrow(path, "Engine", None, BorrowMode.BORROW),))
        if o.name == "create_voice"
        else o
        for o in plain.operations
    )
    placement = finish_binding(replace(plain, operations=operations)).acquisitions[1].placement
    assert (placement.place, placement.parent) == (Place.BORROWED, "Engine")


def test_problems(plain: Binding) -> None:
    circle = replace(plain, kinds=(kind("Engine", "Effect"), *plain.kinds[1:]))
    with pytest.raises(
        AuditError, match=r"Effect: the parents form a circle, Effect under Voice under Engine under Effect"
    ):
        finish_binding(circle)
    orphan = replace(plain, kinds=(*plain.kinds[:2], kind("Effect", "Drum")))
    with pytest.raises(AuditError, match=r"Effect: its parent Drum is no kind"):
        finish_binding(orphan)
    unknown = replace(
        plain, acquisitions=(*plain.acquisitions, replace(plain.acquisitions[0], id="x", kind="Drum"))
    )
    with pytest.raises(AuditError, match=r"x: it brings a Drum, which is no kind"):
        finish_binding(unknown)
    twice = replace(plain, operations=(*plain.operations, replace(plain.operations[3], name="play_Voice")))
    with pytest.raises(AuditError, match=r"would both be the member PlayVoice of Voice"):
        finish_binding(twice)


def test_the_report(plain: Binding) -> None:
    finished = finish_binding(plain)
    counts = dict(summary(finished))
    assert (counts["requests"], counts["kinds"], counts["acquisitions: return"]) == (4, 3, 3)
    assert '"function": "plain_voice_create"' in model_json(finished)
