"""Roslyn judges at the version it is asked for, with the place of each error and warning."""

from __future__ import annotations

from pathlib import Path

import pytest

from gen_bindings.runtime.process import ScenarioError
from gen_bindings.runtime.roslyn import diagnose
from gen_bindings.runtime.toolchain import Toolchain

pytestmark = pytest.mark.usefixtures("toolchain")

SWITCH_EXPRESSION = """
/// <summary>Documented, because comments must not make Roslyn read XML.</summary>
public static class A
{
    public static int F(string text)
    {
        return text switch { "a" => 1, _ => 2 };
    }
}
"""


def test_a_csharp_8_feature_is_refused_at_7_3_and_accepted_at_8(tmp_path: Path) -> None:
    source = tmp_path / "Eight.cs"
    source.write_text(SWITCH_EXPRESSION)
    found = diagnose([source], "7.3")
    assert [(one.id, one.severity, one.file, one.line) for one in found] == [
        ("CS8370", "error", str(source), 7)
    ]
    assert diagnose([source], "8") == []


def test_warnings_unsafe_code_defines_and_the_21_profile(tmp_path: Path, toolchain: Toolchain) -> None:
    source = tmp_path / "Mixed.cs"
    source.write_text(
        "public unsafe class A\n{\n    public System.ReadOnlySpan<byte> F(byte* p) { return new "
        "System.ReadOnlySpan<byte>(p, 1); }\n#if EXTRA\n    void G() { int unused = 1; }\n#endif\n}\n"
    )
    assert diagnose([source], "7.3") == []
    found = diagnose([source], "7.3", defines=["EXTRA"])
    assert [(one.id, one.severity, one.line) for one in found] == [("CS0219", "warning", 5)]
    assert "Mixed.cs(5," in str(found[0])


def test_an_unknown_version_is_named(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match=r"does not know C# 99"):
        diagnose([], "99")
