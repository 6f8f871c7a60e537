"""The one jinja2 environment: where the templates are, and how a file that was rendered ends."""

from __future__ import annotations

import pickle
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from jinja2.bccache import Bucket

from gen_bindings import naming
from gen_bindings.cache import cache_folder, keep
from gen_bindings.render.filters import xmldoc
from gen_bindings.render.folder import templates_folder


def environment() -> jinja2.Environment:
    """The environment; templates are named by their path under the templates' folder."""
    return _environment(templates_folder())


class _CompiledTemplates(jinja2.BytecodeCache):
    """Templates compiled by an earlier run, by their content: compiling takes a sixth of a run."""

    def load_bytecode(self, bucket: Bucket) -> None:
        try:
            bucket.bytecode_from_string(self._file(bucket).read_bytes())
        except (OSError, ValueError, EOFError, TypeError, pickle.UnpicklingError):
            bucket.reset()

    def dump_bytecode(self, bucket: Bucket) -> None:
        keep(self._file(bucket), bucket.bytecode_to_string())

    def _file(self, bucket: Bucket) -> Path:
        return cache_folder("templates") / f"{bucket.key}-{bucket.checksum}-{jinja2.__version__}"


@cache
def _environment(folder: Path) -> jinja2.Environment:
    env = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,
        bytecode_cache=_CompiledTemplates(),
    )
    env.filters["xmldoc"] = xmldoc
    env.filters["pascal"] = naming.pascal
    env.filters["camel"] = naming.camel
    return env


def render(template_path: str, **context: Any) -> str:
    """The text of one emitted file: LF, no blank lines at the end but one newline."""
    text = environment().get_template(template_path).render(**context).replace("\r\n", "\n")
    return _tidy_blank_lines(text).rstrip() + "\n"


def _tidy_blank_lines(text: str) -> str:
    """One blank line at most, none inside a brace: what loops of templates leave where they yield nothing."""
    lines: list[str] = []
    for line in (one.rstrip(" \t") for one in text.split("\n")):
        if line.lstrip().startswith("}") and lines and not lines[-1]:
            lines.pop()
        if line or (lines and lines[-1] and not lines[-1].endswith("{")):
            lines.append(line)
    return "\n".join(lines)
