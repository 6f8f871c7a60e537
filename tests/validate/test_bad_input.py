"""Sources that cannot be read, or only in part: said, and never a traceback."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from runs import Run

from gen_bindings.errors import GenBindingsError, SourceError
from gen_bindings.validate import collect as collecting
from gen_bindings.validate.collect import Source, collect
from gen_bindings.validate.preprocess import blank
from gen_bindings.validate.targets import target

pytestmark = pytest.mark.quick


def test_missing_and_empty_folders_are_errors(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no such folder"):
        collect([tmp_path / "nothing"])
    with pytest.raises(SourceError, match=r"no \.cs file"):
        collect([tmp_path])


def test_binary_huge_and_missing_files_are_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.cs").write_bytes(b"MZ\0\0\0")
    (tmp_path / "b.cs").write_bytes(b" " * 200)
    (tmp_path / "c.cs").write_text("class C { }")
    (tmp_path / "d.cs").symlink_to(tmp_path / "gone.cs")
    monkeypatch.setattr(collecting, "LARGEST", 100)
    sources, losses = collect([tmp_path])
    assert [Path(s.path).name for s in sources] == ["c.cs"]
    assert {Path(loss.file).name for loss in losses} == {"a.cs", "b.cs", "d.cs"}


def test_what_is_no_file_is_listed_or_entered(tmp_path: Path) -> None:
    (tmp_path / "folder.cs").mkdir()
    (tmp_path / "folder.cs" / "in.cs").write_text("class C { }")
    os.mkfifo(tmp_path / "pipe.cs")
    (tmp_path / "loop.cs").symlink_to(tmp_path / "loop.cs")
    sources, losses = collect([tmp_path])
    assert [Path(s.path).name for s in sources] == ["in.cs"]
    assert {Path(loss.file).name for loss in losses} == {"pipe.cs", "loop.cs"}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_files_and_folders_without_permission_are_listed(tmp_path: Path) -> None:
    (tmp_path / "a.cs").write_text("class A { }")
    (tmp_path / "b.cs").write_text("class B { }")
    (tmp_path / "closed").mkdir()
    (tmp_path / "closed" / "c.cs").write_text("class C { }")
    (tmp_path / "b.cs").chmod(0)
    (tmp_path / "closed").chmod(0)
    try:
        sources, losses = collect([tmp_path])
    finally:
        (tmp_path / "closed").chmod(0o700)
    assert [Path(s.path).name for s in sources] == ["a.cs"]
    assert {Path(loss.file).name for loss in losses} == {"b.cs", "closed"}


def test_symbolic_link_loops_end(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.cs").write_text("class A { }")
    (tmp_path / "in" / "again").symlink_to(tmp_path)
    sources, _ = collect([tmp_path])
    assert len(sources) == 1


def test_what_does_not_parse_is_reported_and_the_rest_checked(run: Run) -> None:
    text = b"""class Broken
{
    void Bad() { int x = 1 2; }
    [System.Runtime.InteropServices.DllImport("livekit_ffi")]
    static extern byte livekit_ffi_drop_handle(uint handle);
}
"""
    findings = run([Source("a.cs", text)])
    lost = [f for f in findings if f.id == "GB130" and "could not be read" in f.message]
    assert lost
    assert lost[0].place.line == 3


def test_mojibake_and_deep_nesting_do_not_stop_a_run(run: Run) -> None:
    deep = b"class D { int M() { return " + b"(" * 150 + b"1" + b")" * 150 + b"; } }"
    run([Source("a.cs", b"\xff\xfe\xfa class \xc3("), Source("b.cs", deep), Source("c.cs", b"")])


def test_unknown_target_is_an_error() -> None:
    with pytest.raises(GenBindingsError, match="processor"):
        target("z80-unknown")


@pytest.mark.parametrize(
    ("condition", "kept"),
    [
        ("A", True),
        ("!A", False),
        ("A && !B", True),
        ("(B || A) && A", True),
        ("A == B", False),
        ("UNKNOWN", False),
        ("true", True),
    ],
)
def test_conditions(condition: str, kept: bool) -> None:
    text, problems = blank(f"#if {condition}\nx\n#else\ny\n#endif\n".encode(), frozenset({"A"}))
    assert (b"x" in text, b"y" in text) == (kept, not kept)
    assert not problems
    assert text.count(b"\n") == 5


def test_regions_inside_argument_lists_and_else_chains() -> None:
    source = b"M(1,\n#if A\n2\n#elif B\n3\n#else\n4\n#endif\n);\n"
    assert b"".join(blank(source, frozenset({"B"}))[0].split()) == b"M(1,3);"
    assert b"".join(blank(source, frozenset())[0].split()) == b"M(1,4);"
    assert blank(b"#if A\nx\n", frozenset())[1] == (3,)
