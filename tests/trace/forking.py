"""The command line in processes that are forked from one that has loaded it, which is most of its time.

Run as a program it is that process: a line of JSON is a command to start, the answers are lines with its
process id and, when it has ended, its exit code.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path


class CommandLine:
    """One command at a time."""

    def __init__(self, folder: Path) -> None:
        """``folder`` is where the commands' output goes."""
        self._output = tuple(folder / name for name in ("out", "err"))
        self._server = subprocess.Popen(
            [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def close(self) -> None:
        self._server.communicate()

    def start(self, arguments: Sequence[str], environment: Mapping[str, str]) -> int:
        """Starts a command and returns its process id."""
        command = {
            "arguments": ["gen-bindings", *arguments],
            "environment": dict(environment),
            "output": [str(path) for path in self._output],
        }
        assert self._server.stdin is not None
        print(json.dumps(command), file=self._server.stdin, flush=True)
        return self._answer()

    def wait(self) -> subprocess.CompletedProcess[str]:
        """How the command that was started ended, and what it said."""
        code = self._answer()
        out, err = (path.read_text("utf-8") for path in self._output)
        return subprocess.CompletedProcess([], code, out, err)

    def run(
        self, arguments: Sequence[str], environment: Mapping[str, str]
    ) -> subprocess.CompletedProcess[str]:
        self.start(arguments, environment)
        return self.wait()

    def _answer(self) -> int:
        assert self._server.stdout is not None
        return int(self._server.stdout.readline())


def serve() -> None:
    from gen_bindings import cli
    from gen_bindings.passes import pipeline  # noqa: F401
    from gen_bindings.project import inputs, project  # noqa: F401
    from gen_bindings.render.views import recorder  # noqa: F401
    from gen_bindings.report import trace_files, trace_page  # noqa: F401
    from gen_bindings.sources import exports, locate  # noqa: F401
    from gen_bindings.trace import build, live, run, trace  # noqa: F401

    for line in sys.stdin:
        command = json.loads(line)
        child = os.fork()
        if child == 0:
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            for number, path in enumerate(command["output"], 1):
                os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), number)
            os.environ.clear()
            os.environ.update(command["environment"])
            sys.argv = command["arguments"]
            cli.main()
        print(child, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


if __name__ == "__main__":
    serve()
