"""What Roslyn says about C# at a language version, where mcs only knows its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gen_bindings.runtime.lanes import Lane
from gen_bindings.runtime.scenario import Scenario, run_scenario
from gen_bindings.runtime.toolchain import find_netstandard, find_roslyn


@dataclass(frozen=True)
class Diagnostic:
    """One error or warning.

    Attributes:
        id: for example CS0103.
        severity: error or warning.
        message: Roslyn's, in English.
        file: the source's path as it was given; empty when it concerns no file.
        line: from 1; 0 without a file.
        column: from 1; 0 without a file.
    """

    id: str
    severity: str
    message: str
    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}({self.line},{self.column}): {self.severity} {self.id}: {self.message}"


@dataclass(frozen=True)
class Settings:
    """How sources are compiled: the language's version, and preprocessor symbols."""

    langversion: str
    defines: tuple[str, ...] = ()


def diagnose(
    sources: Sequence[Path],
    langversion: str,
    *,
    defines: Sequence[str] = (),
    references: Sequence[Path] = (),
    deadline: float = 120.0,
) -> list[Diagnostic]:
    """Compiles against .NET Standard 2.1 without emitting: unsafe allowed, warning level 4, nullable off.

    XML comments are not looked at: reading XML on the fetched runtime needs an OpenSSL that may not be
    there. `compile_library(documentation=True)` has mcs check them.

    Args:
        sources: the C# files, as one library.
        langversion: "7.3" or "8", or any other that this Roslyn knows.
        defines: preprocessor symbols.
        references: assemblies beyond .NET Standard 2.1.
        deadline: seconds.

    Returns:
        Errors and warnings, in Roslyn's order.

    Raises:
        ToolchainError: no Roslyn, no runtime or no reference assembly.
        ScenarioError: Roslyn itself failed.
    """
    return diagnose_each(
        sources, [Settings(langversion, tuple(defines))], references=references, deadline=deadline
    )[0]


@dataclass(frozen=True)
class Compilation:
    """One library, compiled once for each of the settings."""

    sources: Sequence[Path]
    settings: Sequence[Settings]
    references: Sequence[Path] = ()


def diagnose_each(
    sources: Sequence[Path],
    settings: Sequence[Settings],
    *,
    references: Sequence[Path] = (),
    deadline: float = 120.0,
) -> list[list[Diagnostic]]:
    """`diagnose` for several settings, in one process: starting Roslyn takes longer than compiling.

    Returns:
        What `diagnose` returns, for each of the settings.
    """
    return diagnose_all([Compilation(sources, settings, references)], deadline=deadline)[0]


def diagnose_all(
    compilations: Sequence[Compilation], *, deadline: float = 120.0
) -> list[list[list[Diagnostic]]]:
    """`diagnose_each` for several libraries, in one process; the deadline is for each."""
    roslyn = find_roslyn()
    versions = sorted({one.langversion for each in compilations for one in each.settings})
    scenario = Scenario(
        name=f"Roslyn at C# {' and '.join(versions)}",
        lane=Lane.CORECLR,
        entry=f"{__name__}:_diagnose_in_child",
        assemblies=tuple(
            roslyn.folder / name
            for name in ("Microsoft.CodeAnalysis.dll", "Microsoft.CodeAnalysis.CSharp.dll")
        ),
        args=[
            {
                "sources": [[str(path), str(path.absolute())] for path in each.sources],
                "settings": [[one.langversion, list(one.defines)] for one in each.settings],
                "references": [str(path.absolute()) for path in (find_netstandard(), *each.references)],
            }
            for each in compilations
        ],
        deadline=deadline * len(compilations),
    )
    told = run_scenario(scenario, roslyn.coreclr).value()
    return [[[Diagnostic(**one) for one in found] for found in each] for each in told]


def _diagnose_in_child(_lane: Lane, args: list[dict[str, Any]]) -> list[list[list[dict[str, Any]]]]:
    return [_diagnose_compilation(each) for each in args]


def _diagnose_compilation(args: dict[str, Any]) -> list[list[dict[str, Any]]]:
    texts = [(shown, Path(path).read_text("utf-8-sig")) for shown, path in args["sources"]]
    return [
        _diagnose_one(texts, langversion, defines, args["references"])
        for langversion, defines in args["settings"]
    ]


def _diagnose_one(
    texts: Sequence[tuple[str, str]], langversion: str, defines: Sequence[str], assemblies: Sequence[str]
) -> list[dict[str, Any]]:
    from Microsoft.CodeAnalysis import (
        DiagnosticSeverity,
        DocumentationMode,
        MetadataReference,
        OutputKind,
        SyntaxTree,
    )
    from Microsoft.CodeAnalysis.CSharp import (
        CSharpCompilation,
        CSharpCompilationOptions,
        CSharpParseOptions,
        CSharpSyntaxTree,
        LanguageVersion,
        LanguageVersionFacts,
    )
    from System import Array, String
    from System.Collections.Generic import List
    from System.Globalization import CultureInfo

    known, version = LanguageVersionFacts.TryParse(langversion, LanguageVersion.Default)
    if not known:
        raise ValueError(f"This Roslyn does not know C# {langversion}.")
    parse = (
        CSharpParseOptions.Default.WithLanguageVersion(version)
        .WithDocumentationMode(getattr(DocumentationMode, "None"))
        .WithPreprocessorSymbols(Array[String](list(defines)))
    )
    trees = List[SyntaxTree]()
    for shown, text in texts:
        trees.Add(CSharpSyntaxTree.ParseText(text, parse, shown))
    references = List[MetadataReference]()
    for path in assemblies:
        references.Add(MetadataReference.CreateFromFile(path))
    options = (
        CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary)
        .WithAllowUnsafe(True)
        .WithWarningLevel(4)
    )
    compilation = CSharpCompilation.Create("Diagnosed", trees, references, options)
    found = []
    for one in compilation.GetDiagnostics():
        if one.Severity not in (DiagnosticSeverity.Warning, DiagnosticSeverity.Error):
            continue
        span = one.Location.GetLineSpan()
        in_file = bool(one.Location.IsInSource)
        found.append(
            {
                "id": str(one.Id),
                "severity": "error" if one.Severity == DiagnosticSeverity.Error else "warning",
                "message": str(one.GetMessage(CultureInfo.InvariantCulture)),
                "file": str(span.Path) if in_file else "",
                "line": span.StartLinePosition.Line + 1 if in_file else 0,
                "column": span.StartLinePosition.Character + 1 if in_file else 0,
            }
        )
    return found
