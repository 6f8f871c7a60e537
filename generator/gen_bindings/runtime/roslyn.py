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
    roslyn = find_roslyn()
    scenario = Scenario(
        name=f"Roslyn at C# {langversion}",
        lane=Lane.CORECLR,
        entry=f"{__name__}:_diagnose_in_child",
        assemblies=tuple(
            roslyn.folder / name
            for name in ("Microsoft.CodeAnalysis.dll", "Microsoft.CodeAnalysis.CSharp.dll")
        ),
        args={
            "sources": [[str(path), str(path.absolute())] for path in sources],
            "langversion": langversion,
            "defines": list(defines),
            "references": [str(path.absolute()) for path in (find_netstandard(), *references)],
        },
        deadline=deadline,
    )
    return [Diagnostic(**one) for one in run_scenario(scenario, roslyn.coreclr).value()]


def _diagnose_in_child(_lane: Lane, args: dict[str, Any]) -> list[dict[str, Any]]:
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

    known, version = LanguageVersionFacts.TryParse(args["langversion"], LanguageVersion.Default)
    if not known:
        raise ValueError(f"This Roslyn does not know C# {args['langversion']}.")
    parse = (
        CSharpParseOptions.Default.WithLanguageVersion(version)
        .WithDocumentationMode(getattr(DocumentationMode, "None"))
        .WithPreprocessorSymbols(Array[String](args["defines"]))
    )
    trees = List[SyntaxTree]()
    for shown, path in args["sources"]:
        trees.Add(CSharpSyntaxTree.ParseText(Path(path).read_text("utf-8-sig"), parse, shown))
    references = List[MetadataReference]()
    for path in args["references"]:
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
