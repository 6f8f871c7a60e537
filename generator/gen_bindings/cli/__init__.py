"""The command line: one module per command, each parses, calls and prints."""

from gen_bindings.cli.app import main, run

__all__ = ["main", "run"]
