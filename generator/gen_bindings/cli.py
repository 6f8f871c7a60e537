"""The commands: parse arguments, call, print. What a command needs is imported when it runs.

Exit codes: 0 success; 1 the command found something (output that is not current, a tool that is missing);
2 wrong usage or bad input, with one message on standard error; 130 interrupted.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import gen_bindings
from gen_bindings import cli_check_close, cli_explore, cli_model, cli_trace, cli_validate
from gen_bindings import cli_common as common
from gen_bindings.errors import AuditError, GenBindingsError
from gen_bindings.render.layout import Layout

if TYPE_CHECKING:
    from gen_bindings.render.writer import Difference

_FOUND = 1
_BAD_INPUT = 2
_INTERRUPTED = 130
_DIFFS_SHOWN = 5

_EXIT_CODES = "Exit codes: 0 done, 1 something was found, 2 wrong usage or bad input, 130 interrupted."

# Without markup and pretty exceptions help needs no further imports, and a failure is never a page of frames.
_app = typer.Typer(
    help="C# bindings that cannot lose a native handle, from a protobuf FFI protocol and a C header.",
    epilog=_EXIT_CODES,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def main() -> None:
    """The console script."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Runs one command and returns its exit code; what a user can mend is one message on standard error."""
    try:
        _app(list(arguments), prog_name="gen-bindings")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    except AuditError as error:
        common.say("error: the model is incomplete; nothing was generated.")
        for problem in error.problems:
            common.say(f"  - {problem}")
    except GenBindingsError as error:
        common.say(f"error: {error}")
    except KeyboardInterrupt:
        return _INTERRUPTED
    except OSError as error:
        name = error.filename2 or error.filename
        common.say(f"error: {name}: {error.strerror}." if name else f"error: {error}")
    return _BAD_INPUT


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"gen-bindings {gen_bindings.__version__}")
        raise typer.Exit


@_app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", help="Print the version and exit.", callback=_print_version, is_eager=True),
    ] = False,
) -> None:
    pass


@_app.command()
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
    from gen_bindings.last_run import remember, still_stands

    loaded = common.load(config, version)
    last = still_stands(loaded, out, layout)
    if last is not None:
        common.say(*last.messages)
        print(_up_to_date(out, last.files) if check else _summary(out, 0, last.files, 0))
        return

    from gen_bindings.render.compiled_beside import compiled_beside
    from gen_bindings.report.progress import Progress

    with compiled_beside() as templates, Progress() as progress:
        progress.step("reading protocol, headers and library")
        inputs = common.read(loaded)
        progress.step("deciding who owns what")
        binding = common.build(loaded, inputs)
        messages = common.messages(loaded, binding)
        progress.step("rendering")
        from gen_bindings.render.layout import lay_out
        from gen_bindings.render.writer import check_tree, write_tree

        templates()
        output = lay_out(layout, loaded, binding, inputs.digest, out)
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
    remember(loaded, out, layout, [file.name for file in inputs.schema.files], files, messages)
    print(_summary(out, len(report.written), len(report.unchanged), len(report.removed)))


cli_model.register(_app)


@_app.command()
def init(
    header: Annotated[list[str], typer.Option(help="A C header with the entry points.", metavar="FILE")],
    out: Annotated[Path, typer.Option(help="The configuration to write.", metavar="FILE")],
    proto: Annotated[
        list[str] | None, typer.Option(help="A .proto file of the protocol.", metavar="FILE")
    ] = None,
    include: Annotated[
        list[str] | None, typer.Option(help="A folder for imports of .proto files.", metavar="DIR")
    ] = None,
    descriptor_set: Annotated[
        str | None, typer.Option(help="A serialized FileDescriptorSet instead.", metavar="FILE")
    ] = None,
    module: Annotated[
        str | None, typer.Option(help="A Python module with descriptors instead.", metavar="NAME")
    ] = None,
    library: Annotated[
        str | None, typer.Option(help="The compiled library, for its exports.", metavar="FILE")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite an existing file.")] = False,
) -> None:
    """Write a first configuration from a protocol, headers and a library.

    What was inferred carries its evidence as a comment; what could not be decided is a question that
    names the choices. Files of installed Python packages are written python:package/folder/file.
    """
    from gen_bindings.report.progress import Progress

    with Progress() as progress:
        progress.step("reading protocol, headers and library, and inferring")
        from gen_bindings.init.write import Request, write_first_configuration

        request = Request(
            proto=tuple(proto or ()),
            include=tuple(include or ()),
            descriptor_set=descriptor_set,
            module=module,
            headers=tuple(header),
            library=library,
        )
        first = write_first_configuration(request, out, overwrite=force)
    print(f"{out}: {first.inferred} decisions with their evidence, {first.questions} open questions.")
    if first.missing:
        print(f"Generating needs the first {first.missing} of them answered.")
    print(f"Next: gen-bindings generate --config {out} --out DIR")


@_app.command()
def doctor() -> None:
    """List what the run-time checks need, what is there, and how to get the rest."""
    from gen_bindings.report.table import print_table
    from gen_bindings.runtime.doctor import checks

    found = checks()
    print_table(
        ("tool", "found", "needed for", "how to get it"),
        [(c.name, c.found or "missing", c.needed_for, "" if c.found else c.how_to_get) for c in found],
    )
    missing = [c.name for c in found if c.found is None and not c.optional]
    if missing:
        print(f"Missing: {', '.join(missing)}.")
        raise typer.Exit(_FOUND)
    print("Everything is there.")


cli_trace.register(_app)
cli_check_close.register(_app)
cli_explore.register(_app)


cli_validate.register(_app)


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
    raise typer.Exit(_FOUND)


def _summary(out: Path, written: int, unchanged: int, removed: int) -> str:
    return f"{out}: {written} written, {unchanged} unchanged, {removed} removed"


def _up_to_date(out: Path, files: int) -> str:
    return f"{out} is current: {files} files."
