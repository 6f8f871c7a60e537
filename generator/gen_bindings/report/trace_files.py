"""The report of a recording as files; a file's suffix says its form."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from gen_bindings.report import trace_documents
from gen_bindings.report.trace_text import report_text
from gen_bindings.trace.contract import TraceError
from gen_bindings.trace.trace import Trace

_FORMATS = (".html", ".json", ".xml", ".sarif", ".txt")


def check_report(path: Path) -> None:
    """Before anything runs: the file's form is known, and it can be written.

    Raises:
        TraceError: it is not, or cannot.
    """
    if path.suffix not in _FORMATS:
        raise TraceError(f"{path}: expected a name in {', '.join(_FORMATS[:-1])} or {_FORMATS[-1]}.")
    if not path.absolute().parent.is_dir():
        raise TraceError(f"{path}: its folder is not there. Make it, or name another with --report.")
    if path.is_dir():
        raise TraceError(f"{path}: is a folder. Name a file with --report.")
    if not os.access(path if path.exists() else path.absolute().parent, os.W_OK):
        raise TraceError(f"{path}: cannot be written here. Name another with --report.")


def write_reports(trace: Trace, paths: Sequence[Path], *, payloads: bool) -> None:
    """Writes a report to each file; with payloads for nobody else to read."""
    for path in paths:
        text = _text(trace, path.suffix, payloads)
        if payloads:
            path.touch(0o600)
            path.chmod(0o600)
        path.write_text(text, "utf-8")


def _text(trace: Trace, suffix: str, payloads: bool) -> str:
    match suffix:
        case ".json":
            return trace_documents.report_json(trace, payloads=payloads)
        case ".xml":
            return trace_documents.report_junit(trace)
        case ".sarif":
            return trace_documents.report_sarif(trace)
        case ".html":
            from gen_bindings.report.trace_page import report_html

            return report_html(trace, payloads=payloads)
        case _:
            return report_text(trace, payloads=payloads)
