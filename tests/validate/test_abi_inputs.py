"""Checks that compare the header with the library, and enums and sentinels of C# with the header."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gen_bindings.findings.finding import Finding
from gen_bindings.model.abi import Constant, CType, Exports, Function, FunctionType, Header, Primitive
from gen_bindings.model.binding import Binding
from gen_bindings.validate.collect import Source
from gen_bindings.validate.registry import all_rules
from gen_bindings.validate.run import Request, validate
from gen_bindings.validate.targets import target

pytestmark = pytest.mark.quick

COLOR = CType(primitive=Primitive.UINT8, alias="demo_color")
HEADER = Header(
    functions=(
        Function("demo_open", FunctionType(CType(primitive=Primitive.VOID), ()), origin="demo.h:3"),
        Function("demo_gone", FunctionType(CType(primitive=Primitive.VOID), ()), origin="demo.h:4"),
    ),
    constants=(
        Constant("DEMO_COLOR_RED", 1, COLOR),
        Constant("DEMO_COLOR_BLUE", 2, COLOR),
        Constant("DEMO_INVALID_HANDLE", 0, CType(primitive=Primitive.UINT64)),
    ),
)
EXPORTS = Exports("libdemo.so", "ELF", ("x86_64",), ("demo_open", "demo_secret"))
SOURCE = """using System;
using System.Runtime.InteropServices;
enum DemoColor %s
static class Native { [DllImport("livekit_ffi")] public static extern void demo_open(); }
class Held : SafeHandle
{
    Held() : base(IntPtr.Zero, true) { }
    public override bool IsInvalid => %s;
    protected override bool ReleaseHandle() => true;
}
"""
GOOD = SOURCE % (": byte { Red = 1, Blue }", "handle == IntPtr.Zero")


def _run(binding: Binding, source: str) -> list[Finding]:
    entry_points = replace(binding.entry_points, functions=(), initialize=None, request=None, dispose=None)
    small = replace(binding, header=HEADER, entry_points=entry_points)
    request = Request(
        sources=(Source("a.cs", source.encode()),),
        binding=small,
        libraries=(EXPORTS,),
        targets=(target("x86_64-unknown-linux-gnu"),),
        rules=tuple(r for r in all_rules() if r.check.id in ("GB103", "GB104", "GB105", "GB123", "GB124")),
        prefix="demo_",
    )
    return validate(request)


def test_header_library_and_imports_are_compared(binding: Binding) -> None:
    found = {(f.id, f.subject) for f in _run(binding, GOOD)}
    assert found == {("GB103", "demo_gone"), ("GB104", "demo_secret"), ("GB105", "demo_gone")}


@pytest.mark.parametrize(
    ("enum", "messages"),
    [
        (": byte { Red = 1, Blue = 3 }", ["DemoColor.Blue is 3"]),
        (": byte { Red, Blue }", ["DemoColor.Blue is 1", "DemoColor.Red is 0"]),
        ("{ Red = 1, Blue = 0x2 }", ["DemoColor is 4 bytes wide"]),
    ],
)
def test_enums_are_compared(binding: Binding, enum: str, messages: list[str]) -> None:
    found = [f for f in _run(binding, SOURCE % (enum, "handle == IntPtr.Zero")) if f.id == "GB123"]
    assert sorted(f.message.partition(";")[0] for f in found) == messages


def test_sentinels_are_compared(binding: Binding) -> None:
    enum = ": byte { Red = 1, Blue }"
    found = [f for f in _run(binding, SOURCE % (enum, "handle == new IntPtr(-1)")) if f.id == "GB124"]
    assert len(found) == 1
    assert "DEMO_INVALID_HANDLE = 0" in found[0].message
