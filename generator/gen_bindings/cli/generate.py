"""The command ``generate``: the C# of a binding, written or compared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gen_bindings.cli import common
from gen_bindings.render.layout import Layout

if TYPE_CHECKING:
    from gen_bindings.output.write import Difference, WriteReport

_DIFFS_SHOWN = 5


def generate(
    config: common.ConfigOption,
    out: Annotated[Path, typer.Option(help="Folder for the C#.", metavar="DIR")],
    layout: Annotated[
        Layout,
        typer.Option(
            help="plain: folders of C#. upm: a package for Unity 2022.3 or newer, with everything"
            " around the C# that the package manager and the editor need; [unity] names it."
        ),
    ] = Layout.PLAIN,
    check: Annotated[
        bool,
        typer.Option("--check", help="Write nothing; exit with 1 when the folder is not as it would be."),
    ] = False,
    beside: Annotated[
        bool,
        typer.Option(
            "--beside",
            help="Share DIR with other bindings: write into a folder below it, named like the binding.",
        ),
    ] = False,
    version: common.VersionOption = None,
) -> None:
    """Write the C# of a binding.

    Only changed files are written, files that are no longer produced are removed and named, and a run that
    fails or is ended leaves the folder as it was. What was written is listed in a manifest, a file in DIR
    whose name begins with .gen-bindings: a file that it does not list is never touched, and one that was
    edited since is an error. That holds for a folder that has the other layout, too.
    """
    from gen_bindings.project.last_run import remember, still_stands
    from gen_bindings.project.project import open_project

    project = open_project(config, version)
    last = still_stands(project.loaded, out, layout, beside=beside)
    if last is not None:
        common.say(*last.messages)
        print(_up_to_date(out, last.files) if check else _summary(out, 0, last.files, 0))
        return

    from gen_bindings.report.progress import Progress

    with Progress() as progress:
        progress.step("reading protocol, headers and library")
        inputs = project.inputs
        progress.step("deciding who owns what")
        binding, messages = project.binding, project.remarks()
        progress.step("rendering")
        from gen_bindings.output.write import check_output, write_output
        from gen_bindings.render.layout import lay_out

        output = lay_out(layout, project.loaded, binding, inputs.digest, out, beside=beside)
        if check:
            progress.step("comparing")
            differences = check_output(out, output)
        else:
            progress.step("writing")
            report = write_output(out, output)
    common.say(*messages)
    if check:
        _report_check(out, len(output.files), differences)
        return
    schema_files = [file.name for file in inputs.schema.files]
    remember(project.loaded, out, layout, schema_files, output.files, messages, beside=beside)
    _print_report(out, report)


def _report_check(out: Path, files: int, differences: Sequence[Difference]) -> None:
    if not differences:
        print(_up_to_date(out, files))
        return
    for difference in differences:
        print(f"{difference.kind.value:<9} {difference.path}")
    shown = [difference for difference in differences if difference.diff]
    for difference in shown[:_DIFFS_SHOWN]:
        print(f"\n{difference.diff}")
    if len(shown) > _DIFFS_SHOWN:
        print(f"\n… and {len(shown) - _DIFFS_SHOWN} more files that differ")
    counts = Counter(difference.kind.value for difference in differences)
    listed = ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items()))
    print(f"\n{out} is not current: {listed}. Run generate without --check.")
    raise typer.Exit(common.FOUND)


def _print_report(out: Path, report: WriteReport) -> None:
    for path in report.removed:
        print(f"removed   {path}")
    for path in report.left:
        print(f"left      {path}")
    if report.left:
        print(
            "What was left is of an earlier version, and no manifest lists it: remove it if nobody needs it."
        )
    print(_summary(out, len(report.written), len(report.unchanged), len(report.removed)))
    if report.manifest and not (report.written or report.removed):
        print("The inputs or the version changed, and with them the manifest alone.")


def _summary(out: Path, written: int, unchanged: int, removed: int) -> str:
    return f"{out}: {written} written, {unchanged} unchanged, {removed} removed"


def _up_to_date(out: Path, files: int) -> str:
    return f"{out} is current: {files} files."
