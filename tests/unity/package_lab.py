"""The examples' Unity packages, laid out once, and the assemblies that Unity would make of them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from unity_lab import BUILD, DEFINES, package, stub_assemblies

from gen_bindings.runtime.compile import compile_library
from gen_bindings.runtime.lanes import Lane

_CONDITION = re.compile(r"^\s*#\s*(?:el)?if\b(.*)$", re.MULTILINE)


def sources(example: str, *folders: str) -> list[Path]:
    """The C# of some folders of the package."""
    return sorted(path for folder in folders for path in (package(example) / folder).rglob("*.cs"))


def told_apart(files: list[Path], defines: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Of sets of symbols that make the same program of these files, one each."""
    conditions = {line.strip() for path in files for line in _CONDITION.findall(path.read_text())}
    kept: dict[frozenset[str], str] = {}
    for name, symbols in defines.items():
        kept.setdefault(frozenset(c for c in conditions if _holds(c, symbols)), name)
    return {name: defines[name] for name in kept.values()}


def _holds(condition: str, symbols: tuple[str, ...]) -> bool:
    spelled = re.sub(r"\w+", lambda symbol: str(symbol.group() in symbols), condition)
    return bool(eval(spelled.replace("&&", " and ").replace("||", " or ").replace("!", " not ")))


def assemblies(example: str, defines: str) -> list[Path]:
    """What Unity compiles of the package for a set of symbols: one assembly for each definition."""
    symbols = DEFINES[defines]
    editor = "UNITY_EDITOR" in symbols
    engine = stub_assemblies(Lane.MONO, editor=editor)
    out = BUILD / "packages" / example / re.sub(r"\W+", "-", defines)

    def compiled(folder: str, name: str, *references: Path, unsafe: bool = False) -> Path:
        return compile_library(
            sources(example, folder),
            out / f"{name}.dll",
            Lane.MONO,
            defines=symbols,
            references=[*engine, *references],
            unsafe=unsafe,
        )

    namespace = next((package(example) / "Runtime").glob("*.asmdef")).stem
    runtime = compiled("Runtime", namespace, unsafe=True)
    made = [runtime, compiled("Samples~", f"{namespace}.Samples.Minimal", runtime)]
    if editor:
        made.append(compiled("Editor", f"{namespace}.Editor", runtime))
    return made


def lint(_lane: Lane, paths: list[str]) -> dict[str, Any]:
    """In a child process: what ``AotLint`` finds in each assembly, and whose attribute it uses."""
    from System.Reflection import Assembly
    from UnityLint import AotLint

    found = {}
    for path in paths:
        assembly = Assembly.LoadFrom(path)
        found[Path(path).stem] = [AotLint.AttributeComesFrom(assembly), list(AotLint.Check(assembly))]
    return found
