"""The command line with all commands; what a command needs is imported when it runs.

Exit codes: 0 success; 1 the command found something (output that is not current, a tool that is missing);
2 wrong usage or bad input, with one message on standard error; 130 interrupted.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

import gen_bindings
from gen_bindings.cli import common
from gen_bindings.cli.check_close import check_close
from gen_bindings.cli.doctor import doctor
from gen_bindings.cli.explain import explain
from gen_bindings.cli.explore import explore
from gen_bindings.cli.generate import generate
from gen_bindings.cli.init import init
from gen_bindings.cli.model import model
from gen_bindings.cli.model_diff import diff
from gen_bindings.cli.recorder import recorder
from gen_bindings.cli.report import report
from gen_bindings.cli.trace import trace
from gen_bindings.cli.validate import validate
from gen_bindings.errors import AuditError, GenBindingsError

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
        return common.INTERRUPTED
    except OSError as error:
        name = error.filename2 or error.filename
        common.say(f"error: {name}: {error.strerror}." if name else f"error: {error}")
    return common.BAD_INPUT


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


_models = typer.Typer(rich_markup_mode=None, no_args_is_help=False)
_models.callback(invoke_without_command=True)(model)
_models.command()(diff)

_app.command()(generate)
_app.add_typer(_models, name="model")
_app.command()(init)
_app.command()(doctor)
_app.command()(recorder)
# What follows the command's name is the command's own.
_app.command(context_settings={"allow_interspersed_args": False})(trace)
_app.command()(report)
_app.command()(check_close)
_app.command()(explore)
_app.command()(validate)
_app.command()(explain)
