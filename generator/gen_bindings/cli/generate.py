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
    from gen_bindings.render.writer import Difference

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
    version: common.VersionOption = None,
) -> None:
    """Write the C# of a binding.

    Only changed files are written, files that are no longer produced are removed, and a run that fails
    leaves the folder as it was. Files that this command did not write are never touched; that holds for
    a folder that has the other layout, too.
    """
    from gen_bindings.project.last_run import remember, still_stands
    from gen_bindings.project.project import open_project

    project = open_project(config, version)
    last = still_stands(project.loaded, out, layout)
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
        from gen_bindings.render.layout import lay_out
        from gen_bindings.render.writer import check_tree, write_tree

        output = lay_out(layout, project.loaded, binding, inputs.digest, out)
        files = output.files
        if check:
            progress.step("comparing")
            differences = check_tree(files, out, output.stubs)
        else:
            progress.step("writing")
            report = write_tree(files, out, output.stubs)
    common.say(*messages)
    if check:
        _report_check(out, len(files), differences)
        return
    remember(project.loaded, out, layout, [file.name for file in inputs.schema.files], files, messages)
    print(_summary(out, len(report.written), len(report.unchanged), len(report.removed)))


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


def _summary(out: Path, written: int, unchanged: int, removed: int) -> str:
    return f"{out}: {written} written, {unchanged} unchanged, {removed} removed"


def _up_to_date(out: Path, files: int) -> str:
    return f"{out} is current: {files} files."
