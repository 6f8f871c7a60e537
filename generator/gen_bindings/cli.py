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
from gen_bindings import cli_check_close, cli_trace, cli_validate
from gen_bindings.errors import AuditError, GenBindingsError
from gen_bindings.render.layout import Layout

if TYPE_CHECKING:
    from gen_bindings.config import LoadedConfig
    from gen_bindings.inputs import Inputs
    from gen_bindings.model.binding import Binding
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

_Config = Annotated[Path, typer.Option("--config", help="The configuration, bindings.toml.", metavar="FILE")]


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
        _say("error: the model is incomplete; nothing was generated.")
        for problem in error.problems:
            _say(f"  - {problem}")
    except GenBindingsError as error:
        _say(f"error: {error}")
    except KeyboardInterrupt:
        return _INTERRUPTED
    except OSError as error:
        name = error.filename2 or error.filename
        _say(f"error: {name}: {error.strerror}." if name else f"error: {error}")
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
    config: _Config,
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
) -> None:
    """Write the C# of a binding.

    Only changed files are written, files that are no longer produced are removed, and a run that fails
    leaves the folder as it was. Files that this command did not write are never touched; that holds for
    a folder that has the other layout, too.
    """
    from gen_bindings.config import load_config
    from gen_bindings.last_run import remember, still_stands

    loaded = load_config(config)
    last = still_stands(loaded, out, layout)
    if last is not None:
        for message in last.messages:
            _say(message)
        print(_up_to_date(out, last.files) if check else _summary(out, 0, last.files, 0))
        return

    from gen_bindings.report.progress import Progress

    with Progress() as progress:
        progress.step("reading protocol, headers and library")
        inputs = _read(loaded)
        progress.step("deciding who owns what")
        binding = _build(loaded, inputs)
        progress.step("rendering")
        from gen_bindings.render.layout import lay_out
        from gen_bindings.render.writer import check_tree, write_tree

        output = lay_out(layout, loaded, binding, inputs.digest, out)
        files = output.files
        messages = _messages(binding)
        if check:
            progress.step("comparing")
            differences = check_tree(files, out, output.stubs)
        else:
            progress.step("writing")
            report = write_tree(files, out, output.stubs)
    for message in messages:
        _say(message)
    if check:
        _report_check(out, len(files), differences)
        return
    remember(loaded, out, layout, [file.name for file in inputs.schema.files], files, messages)
    print(_summary(out, len(report.written), len(report.unchanged), len(report.removed)))


@_app.command()
def model(
    config: _Config,
    summary: Annotated[bool, typer.Option("--summary", help="Print a table of counts instead.")] = False,
) -> None:
    """Print every decision about ownership, as JSON in a stable order."""
    from gen_bindings.config import load_config
    from gen_bindings.report.progress import Progress

    loaded = load_config(config)
    with Progress() as progress:
        progress.step("reading protocol, headers and library")
        inputs = _read(loaded)
        progress.step("deciding who owns what")
        binding = _build(loaded, inputs)
    from gen_bindings.report import model as report

    if not summary:
        print(report.model_json(binding), end="")
        return
    from gen_bindings.report.table import print_table

    for message in _messages(binding):
        _say(message)
    rows = [(what, str(count)) for what, count in report.summary(binding)]
    print_table(("what", "count"), rows, numbers=(1,))


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
    missing = [c.name for c in found if c.found is None]
    if missing:
        print(f"Missing: {', '.join(missing)}.")
        raise typer.Exit(_FOUND)
    print("Everything is there.")


cli_trace.register(_app)
cli_check_close.register(_app)


cli_validate.register(_app)


def _read(loaded: LoadedConfig) -> Inputs:
    from gen_bindings.inputs import read_inputs

    return read_inputs(loaded)


def _build(loaded: LoadedConfig, inputs: Inputs) -> Binding:
    from gen_bindings.passes.pipeline import build_binding

    return build_binding(loaded, inputs.schema, inputs.header, inputs.exports)


def _messages(binding: Binding) -> list[str]:
    """What a user should know of a model that is good: notes, and a library that this machine cannot load."""
    messages = [f"note {note.code}: {note.text}" for note in binding.notes]
    if binding.exports is not None:
        from gen_bindings.sources.exports import host_mismatch

        mismatch = host_mismatch(binding.exports)
        if mismatch is not None:
            messages.append(f"warning: {mismatch}")
    return messages


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


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
