"""``.proto`` files compiled by protoc and read as the schema."""

from __future__ import annotations

import json
import re
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from gen_bindings.errors import SourceError
from gen_bindings.input_file import unfit
from gen_bindings.model.schema import Schema
from gen_bindings.sources.descriptor_set import parse_descriptor_set
from gen_bindings.sources.descriptors import build_schema
from gen_bindings.sources.limits import run_reader
from gen_bindings.sources.locate import python_path

_PROTOC = Path(__file__).with_name("run_protoc.py")
_AT = re.compile(r"(?P<file>.+?):(?P<line>\d+):(?P<column>\d+): (?P<text>.+)")
_MISSING_IMPORT = re.compile(r'Import "(?P<name>[^"]+)" was not found')


def read_proto_files(files: Sequence[Path], include: Sequence[Path] = ()) -> Schema:
    """The schema that ``.proto`` files and their imports declare, with their comments.

    Args:
        files: the files to compile.
        include: folders in which imports are looked for. A file outside all of them is compiled as if
            its own folder were one. The well-known types are always found.

    Raises:
        SourceError: a file or an import is missing, or protoc refuses one; the message has protoc's text.
    """
    for file in files:
        _check_readable(file)
    for folder in include:
        if not folder.is_dir():
            raise SourceError(
                f"The include folder {folder} does not exist. Correct or remove it in the configuration."
            )
    roots = [folder.absolute() for folder in include]
    for file in files:
        if not any(file.absolute().is_relative_to(root) for root in roots):
            roots.append(file.absolute().parent)

    def where(name: str) -> str:
        return next((_as_given(root / name, files) for root in roots if (root / name).exists()), name)

    with tempfile.TemporaryDirectory(prefix="gen-bindings-") as scratch:
        output = Path(scratch, "set.binpb")
        arguments = [
            *(f"--proto_path={root}" for root in roots),
            "--include_imports",
            "--include_source_info",
            f"--descriptor_set_out={output}",
            *(str(file.absolute()) for file in files),
        ]
        path = [str(folder.absolute()) for folder in python_path()]
        request = json.dumps({"arguments": arguments, "path": path})
        names = ", ".join(map(str, files))
        process = run_reader([sys.executable, "-P", str(_PROTOC), request], f"The protocol {names}", scratch)
        if process.returncode != 0:
            raise _refused(process.stderr, where, roots)
        descriptors = parse_descriptor_set(output.read_bytes())
    assert descriptors is not None, "protoc succeeded without writing descriptors"
    return build_schema(descriptors, where)


def _check_readable(file: Path) -> None:
    try:
        why = unfit(file)
        if why is None:
            with file.open("rb"):
                return
    except OSError as error:
        raise SourceError(
            f"The protocol file {file} cannot be read: {error.strerror}. "
            "Correct its path in the configuration."
        ) from error
    raise SourceError(f"The protocol file {file} {why}")


def _as_given(path: Path, files: Sequence[Path]) -> str:
    return next((str(file) for file in files if file.absolute() == path), str(path))


def _refused(stderr: str, where: Callable[[str], str], roots: Sequence[Path]) -> SourceError:
    lines = [line for line in stderr.splitlines() if line.strip() and ": warning: " not in line]
    missing = {line.removesuffix(": File not found.") for line in lines if line.endswith(": File not found.")}
    errors = [match for line in lines if (match := _AT.fullmatch(line))]
    for error in errors:
        imported = _MISSING_IMPORT.match(error["text"])
        if imported and imported["name"] in missing:
            return SourceError(
                f"{where(error['file'])}:{error['line']}:{error['column']}: imports {imported['name']!r}, "
                f"which is not in {', '.join(map(str, roots))}. Add the folder from which that name is "
                "written to the include folders of the configuration."
            )
    own = [error for error in errors if not _MISSING_IMPORT.match(error["text"])]
    if not own:
        text = "; ".join(lines) or "it gave no reason"
        return SourceError(f"protoc cannot compile the protocol: {text}")
    first, *others = own
    rest = "".join(f"\n{where(e['file'])}:{e['line']}:{e['column']}: {e['text']}" for e in others)
    return SourceError(
        f"{where(first['file'])}:{first['line']}:{first['column']}: protoc refuses the protocol: "
        f"{first['text'].rstrip('.')}. Correct the file.{rest}"
    )
