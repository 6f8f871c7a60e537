"""The public surface of the examples' packages, as it is kept beside this file in `api/`."""

from __future__ import annotations

import importlib.util
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import pytest

from gen_bindings.config import load_config
from gen_bindings.render.layout import Layout, lay_out
from gen_bindings.runtime.compile import compile_library
from gen_bindings.runtime.lanes import Lane
from gen_bindings.runtime.scenario import Scenario, run_scenario
from gen_bindings.runtime.toolchain import Toolchain
from reference_lab import BUILD, ROOT, model, place, sources

KEPT = Path(__file__).resolve().parent / "api"
UPDATE = "UPDATE_GOLDEN"
SHOWN = 20
HOW = f"""Look at each line: code that uses the binding compiles against it. When the change is wanted, run
  {UPDATE}=1 python -m pytest tests/render/test_api.py
and write what went or got another name into docs/migrating.md, old beside new."""


def _tool() -> ModuleType:
    path = ROOT / "tools" / "api_list.py"
    spec = importlib.util.spec_from_file_location("api_list", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


api_list = _tool()


@pytest.fixture(params=["reference", "livekit"])
def example(request: pytest.FixtureRequest) -> str:
    """An example whose inputs are there."""
    if request.param == "livekit":
        pytest.importorskip("livekit.rtc", reason="the PyPI package livekit is not installed")
    return str(request.param)


def _package(example: str) -> list[Path]:
    """The C# of a package for Unity: all of the binding, and what starts and stops its client there."""
    inputs, binding = model(example)
    loaded = load_config(ROOT / "examples" / example / "bindings.toml")
    wanted = lay_out(Layout.UPM, loaded, binding, inputs.digest, BUILD / "nothing", beside=False)
    runtime = {name: text for name, text in wanted.files.items() if name.startswith("Runtime/")}
    return [path for path in place(runtime) if path.suffix == ".cs"]


def _complaint(kept: Sequence[str], found: Sequence[str]) -> str:
    """What is told of a surface that changed; nothing when it did not."""
    lines: list[str] = api_list.differences(kept, found)
    if not lines and list(kept) != list(found):
        lines = ["the same lines in another order"]
    if not lines:
        return ""
    more = [f"and {len(lines) - SHOWN} more lines"] if len(lines) > SHOWN else []
    return "\n".join(["The public surface of the emitted C# changed:", *lines[:SHOWN], *more, HOW])


@pytest.mark.quick
def test_surface(example: str) -> None:
    found = api_list.api_list(_package(example))
    kept = KEPT / f"{example}.txt"
    if os.environ.get(UPDATE) == "1":
        kept.write_text("".join(f"{line}\n" for line in found), "utf-8")
    complaint = _complaint(kept.read_text("utf-8").splitlines(), found)
    if complaint:
        pytest.fail(complaint, pytrace=False)


def test_a_runtime_sees_the_same(example: str, tmp_path: Path, toolchain: Toolchain) -> None:
    binding = sources(example)
    assembly = compile_library([*binding, KEPT / "Surface.cs"], tmp_path / "Surface.dll", Lane.MONO)
    outcome = run_scenario(
        Scenario("surface", Lane.MONO, "Compiled.Surface.List", (assembly,), deadline=120.0)
    )
    namespace, *lines = api_list.api_list(binding)
    root = namespace.removeprefix("namespace ")
    assert sorted(outcome.value()) == sorted(f"{root}.{_plain(line)}" for line in lines)


@pytest.mark.quick
def test_every_spelling_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "Lamp.cs").write_text(
        """
using System;
using Acme.Parts;
namespace Acme
{
    public sealed partial class Lamp : global::System.IDisposable
    {
        // public int InAComment;
        public const int Most = 3;
        public int Level { get; private set; } = 3;
        public Bulb Old { get { return null; } protected internal set { } }
        public event global::System.EventHandler<Kind> Changed;
        public void Dim(ref int a, in System.DateTime at = default(global::System.DateTime),
            params global::Acme.Parts.Bulb[] rest) { }
        internal void Hidden(int a) { }
        private protected void HiddenToo() { }
        public enum Kind : byte { Warm = 4, Cold }
        internal class Inner { public int Unseen; public class Deeper { } }
    }
    public abstract class Switch<T> : IHidden where T : Parts.Bulb, new()
    {
        [Obsolete("x")] public static T Find<U>(Action<U, T> found) where U : struct { return null; }
        public Acme.Action Own => null;
    }
    public class Action
    {
        private Action() { }
        public static bool operator ==(Action a, Action b) { return true; }
        public static explicit operator int(Action a) { return 1; }
        public int this[Lamp.Kind kind] { get { return 1; } set { } }
    }
    internal interface IHidden { }
    public ref struct View { public int Count; }
    public delegate int Turned(Switch<Bulb> sender);
}
"""
    )
    (tmp_path / "Lamp.more.cs").write_text(
        """
namespace Acme
{
#if UNITY
    public partial class Lamp : System.IAsyncDisposable { public Lamp.Kind K() { return 0; } }
#endif
}
namespace Acme.Parts
{
    public class Bulb { ~Bulb() { } public Kind? Kind; public enum Kind2 { A } }
}
"""
    )
    assert api_list.api_list(sorted(tmp_path.iterdir())) == [
        "namespace Acme",
        "class Action",
        "static bool Action.operator ==(Action a, Action b)",
        "static explicit Action.operator int(Action a)",
        "int Action.this[Lamp.Kind kind] { get; set; }",
        "sealed class Lamp : IDisposable, IAsyncDisposable",
        "event EventHandler<Lamp.Kind> Lamp.Changed",
        "void Lamp.Dim(ref int a, in DateTime at = default(DateTime), params Parts.Bulb[] rest)",
        "Lamp.Kind Lamp.K()",
        "Lamp.Lamp()",
        "int Lamp.Level { get; }",
        "const int Lamp.Most = 3",
        "Parts.Bulb Lamp.Old { get; protected set; }",
        "enum Lamp.Kind : byte",
        "Lamp.Kind.Warm = 4",
        "Lamp.Kind.Cold = 5",
        "class Parts.Bulb",
        "Parts.Bulb.Bulb()",
        "Kind? Parts.Bulb.Kind",
        "enum Parts.Bulb.Kind2",
        "Parts.Bulb.Kind2.A = 0",
        "abstract class Switch<T> where T : Parts.Bulb, new()",
        "[Obsolete] static T Switch<T>.Find<U>(Action<U, T> found) where U : struct",
        "Action Switch<T>.Own { get; }",
        "protected Switch<T>.Switch()",
        "delegate int Turned(Switch<Parts.Bulb> sender)",
        "ref struct View",
        "int View.Count",
    ]


@pytest.mark.quick
def test_what_the_grammar_does_not_know_is_refused(tmp_path: Path) -> None:
    source = tmp_path / "A.cs"
    source.write_text("namespace A { internal class B { void C() { *p++ = 1; } } public class D { } }")
    with pytest.raises(ValueError, match=r"A\.cs: the grammar does not know"):
        api_list.api_list([source])


@pytest.mark.quick
def test_a_change_is_told_with_what_to_do() -> None:
    kept = ["namespace A", "int A.Old { get; }", "int A.Same { get; }"]
    told = _complaint(kept, ["namespace A", "int A.New { get; }", "int A.Same { get; }"]).splitlines()
    assert told[1:3] == ["- int A.Old { get; }", "+ int A.New { get; }"]
    assert told[3:] == HOW.splitlines()
    assert _complaint(kept, kept) == ""
    assert "another order" in _complaint(kept, kept[::-1])
    assert f"and {30 - SHOWN + 3} more lines" in _complaint(kept, [f"int A.B{n}" for n in range(30)])


# As a runtime calls them.
_KEYWORDS = {
    "bool": "Boolean",
    "byte": "Byte",
    "double": "Double",
    "float": "Single",
    "int": "Int32",
    "long": "Int64",
    "object": "Object",
    "sbyte": "SByte",
    "short": "Int16",
    "string": "String",
    "uint": "UInt32",
    "ulong": "UInt64",
    "ushort": "UInt16",
    "void": "Void",
}


def _word(type_: str) -> str:
    return re.sub(r"^\w+", lambda found: _KEYWORDS.get(found[0], found[0]), type_.rpartition(".")[2])


def _plain(line: str) -> str:
    """A line as `Surface.cs` writes it: without words, defaults, values and arguments of types."""
    while "<" in line:
        line = re.sub(r"<[^<>]*>", "", line)
    head = re.split(r" [{=:]|\(| where\b", line)[0]
    *words, name = head.split()
    if {"class", "struct", "enum", "interface"} & set(words):
        return name
    given = re.match(r"\((.*?)\)(?: where .*)?$", line[len(head) :])
    if given is not None:
        parameters = (each.split(" = ")[0].split() for each in given[1].split(", ") if each)
        name += f"({', '.join(_word(each[-2]) for each in parameters)})"
    has_type = words and words[-1] != "protected"
    return f"{name} {_word(words[-1])}" if has_type else name
