"""The Unity packages compile without a warning for all that Unity defines, and can be compiled ahead."""

from __future__ import annotations

from pathlib import Path

import pytest
from package_lab import assemblies, sources, told_apart
from unity_lab import BUILD, DEFINES, stub_assemblies, stub_sources

from gen_bindings.errors import ToolchainError
from gen_bindings.runtime.compile import compile_library
from gen_bindings.runtime.lanes import Lane
from gen_bindings.runtime.roslyn import Compilation, Settings, diagnose_all, diagnose_each
from gen_bindings.runtime.scenario import Scenario, run_scenario
from gen_bindings.runtime.toolchain import Toolchain
from shared_results import Once

HERE = Path(__file__).resolve().parent
EXAMPLES = ("reference", "livekit")
VERSIONS = ("7.3", "8")


def _diagnosed(
    files: list[Path], defines: dict[str, tuple[str, ...]], versions: tuple[str, ...]
) -> dict[str, list[str]]:
    """What Roslyn says for each version of the language and each set of symbols."""
    names = [(name, version) for name in defines for version in versions]
    found = diagnose_each(files, [Settings(version, defines[name]) for name, version in names])
    return {
        f"C# {version}, {name}": [str(one) for one in each]
        for (name, version), each in zip(names, found, strict=True)
    }


def _in_editor(*, editor: bool) -> dict[str, tuple[str, ...]]:
    return {name: symbols for name, symbols in DEFINES.items() if ("UNITY_EDITOR" in symbols) == editor}


@pytest.mark.parametrize("editor", [True, False], ids=["editor", "player"])
@pytest.mark.parametrize("example", EXAMPLES)
def test_roslyn_finds_nothing(example: str, editor: bool, toolchain: Toolchain, once: Once) -> None:
    said = once("roslyn-packages", _packages_diagnosed)[f"{example} {editor}"]
    assert said == {name: [] for name in said}
    assert len(said) == (1 if editor else 2) * len(VERSIONS)


def _packages_diagnosed() -> dict[str, dict[str, list[str]]]:
    """What Roslyn says of each package with and without the editor, of all in one process."""
    files = {
        (example, editor): [
            *sources(example, "Runtime", "Samples~", *(["Editor"] if editor else [])),
            *stub_sources(editor=editor),
        ]
        for example in EXAMPLES
        for editor in (True, False)
    }
    defines = {key: told_apart(files[key], _in_editor(editor=key[1])) for key in files}
    settings = {
        key: {
            f"C# {version}, {name}": Settings(version, symbols)
            for name, symbols in defines[key].items()
            for version in VERSIONS
        }
        for key in files
    }
    found = diagnose_all([Compilation(files[key], [*settings[key].values()]) for key in files])
    return {
        f"{example} {editor}": {
            name: [str(one) for one in said]
            for name, said in zip(settings[example, editor], each, strict=True)
        }
        for (example, editor), each in zip(files, found, strict=True)
    }


def test_each_set_of_symbols_is_compiled_that_makes_a_difference(
    tmp_path: Path, toolchain: Toolchain
) -> None:
    source = tmp_path / "Where.cs"
    source.write_text(
        "#if UNITY_6000_0_OR_NEWER\n#error six\n#endif\n"
        "#if UNITY_IOS && !UNITY_EDITOR\n#error device\n#elif UNITY_ANDROID\n#error android\n#endif\n"
    )
    chosen = told_apart([source], DEFINES)
    assert sorted(chosen) == sorted(
        f"{platform}, Unity {version}"
        for platform in ("editor", "iOS", "Android")
        for version in ("2022.3", "6")
    )
    everything = _diagnosed([source], DEFINES, ("7.3",))
    assert len({tuple(found) for found in everything.values()}) == len(chosen)
    said = _diagnosed([source], chosen, ("7.3",))
    for name, found in said.items():
        text = " ".join(found)
        assert ("six" in text) == name.endswith("Unity 6"), name
        assert ("device" in text) == (", iOS, " in name), name
        assert ("android" in text) == ("Android" in name), name


def test_mcs_compiles_each_assembly_by_itself(toolchain: Toolchain) -> None:
    files = sources("reference", "Runtime", "Samples~", "Editor")
    chosen = told_apart(files, DEFINES)
    assert sorted(chosen) == ["desktop, Unity 2022.3", "editor, Unity 2022.3", "iOS, Unity 2022.3"]
    for defines in chosen:
        made = assemblies("reference", defines)
        assert len(made) == (3 if "UNITY_EDITOR" in DEFINES[defines] else 2)


def test_a_glue_that_does_not_fit_unity_is_refused(tmp_path: Path, toolchain: Toolchain) -> None:
    source = tmp_path / "Glue.cs"
    source.write_text("public static class Glue { public static void Go() { UnityEngine.Debug.Shout(1); } }")
    with pytest.raises(ToolchainError, match="Shout"):
        compile_library(
            [source], tmp_path / "Glue.dll", Lane.MONO, references=stub_assemblies(Lane.MONO, editor=False)
        )


def test_callbacks_keep_the_rules_of_ahead_of_time_compilation(toolchain: Toolchain) -> None:
    engine = stub_assemblies(Lane.MONO, editor=False)
    rules = compile_library([HERE / "AotLint.cs"], BUILD / "AotLint.dll", Lane.MONO)
    broken = compile_library([HERE / "AotBroken.cs"], BUILD / "AotBroken.dll", Lane.MONO, references=engine)
    linted = {example: assemblies(example, "iOS, Unity 2022.3")[0] for example in EXAMPLES}
    outcome = run_scenario(
        Scenario(
            name="rules of ahead-of-time compilation",
            lane=Lane.MONO,
            entry="package_lab:lint",
            assemblies=(*engine, rules),
            args=[str(path) for path in (*linted.values(), broken)],
            python_path=(HERE, HERE.parent),
        )
    )
    found = outcome.value()
    for path, client in ((linted["reference"], "Reference"), (linted["livekit"], "LiveKit")):
        attribute, said = found[path.stem]
        # Unity's own attribute, not the one that stands in for it elsewhere.
        assert attribute == "UnityEngine"
        callback = f"{client}.Ffi.{client}Client"
        assert said == [f"callback: {callback}.OnNativeEvent in {callback}..cctor"]
    said = {line.replace("Broken.Registrations.", "") for line in found[broken.stem][1]}
    assert {line for line in said if "Anonymous" not in line and "<RegisterAll>" not in line} == {
        "generic delegate: Broken.Holder`1+Nested[T]",
        "attribute on a method that cannot be called back: OnInstance",
        "attribute on a method that cannot be called back: OnGeneric",
        "callback: OnGood in .cctor",
        "callback without attribute: OnBare in .cctor",
        "callback without attribute: OnPointer in .cctor",
        "attribute names another delegate: OnMisnamed in .cctor",
        "instance callback: OnInstance in RegisterAll",
        "generic callback: OnGeneric in Count",
        "needs what stripping may remove: System.Type.GetMethod in ByName",
        "needs what stripping may remove: System.Reflection.MethodBase.Invoke in ByName",
    }
    # The delegate without a name, by the entry point that takes it.
    assert any("<RegisterAll>" in line and "callback without attribute" in line for line in said)
