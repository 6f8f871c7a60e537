"""An importable Python module with descriptors (``…_pb2``) read as the schema, comments from its stubs."""

from __future__ import annotations

import ast
import hashlib
import json
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import google.protobuf
from google.protobuf import descriptor_pb2 as pb

from gen_bindings.cache import cache_folder, keep
from gen_bindings.errors import SourceError
from gen_bindings.model.schema import Schema
from gen_bindings.sources.descriptor_set import parse_descriptor_set
from gen_bindings.sources.descriptors import build_schema, with_docs
from gen_bindings.sources.limits import run_reader
from gen_bindings.sources.locate import PYTHON_SCHEME, python_path

_COLLECTOR = Path(__file__).with_name("collect_descriptors.py")
_SOURCE_LINE = re.compile(r"^# source: (.+)$", re.MULTILINE)
_VALUES_CLASS = re.compile(r"_(?P<enum>.+)EnumTypeWrapper")


def read_python_module(module: str, module_path: Sequence[Path] = ()) -> Schema:
    """The schema behind a Python module that protoc generated, with the modules that it imports.

    The import happens in a child process, and only when no descriptor set for the same files is in the
    cache. The packages around the module are not run.

    Args:
        module: dotted name, with or without ``python:``.
        module_path: folders in which it is looked for before ``sys.path``.

    Raises:
        SourceError: there is no such module, it cannot be imported, or it has no descriptors.
    """
    name = module.removeprefix(PYTHON_SCHEME)
    spec = f"{PYTHON_SCHEME}{name}"
    path = [str(folder.absolute()) for folder in python_path(module_path)]
    sources = dict(generated_modules(name, path))
    if name not in sources:
        raise SourceError(
            f"The protocol module {spec} does not exist: "
            f"no {name.replace('.', '/')}.py in {', '.join(path)}. "
            f"Install the package that provides it (for example: pip install {name.partition('.')[0]}), "
            "or correct the name: expected python:package.module, with dots."
        )
    cached = cache_folder("schemas") / f"{_key(name, sources)}.binpb"
    files = _from_cache(cached)
    if files is None:
        data = _import(spec, name, path)
        files = parse_descriptor_set(data)
        assert files is not None, "the child process ended well without descriptors"
        keep(cached, data)
    docs: dict[tuple[str, str], str] = {}
    for source in sources.values():
        docs.update(_docs(source))
    return with_docs(build_schema(files, lambda file: f"{spec}: {file}"), docs)


def generated_modules(name: str, path: Sequence[str]) -> Iterator[tuple[str, Path]]:
    """The module and, transitively, every generated module that it imports, with their files."""
    seen: set[str] = set()
    waiting = [name]
    while waiting:
        current = waiting.pop()
        if current in seen:
            continue
        seen.add(current)
        relative = f"{current.replace('.', '/')}.py"
        source = next((file for folder in path if (file := Path(folder, relative)).is_file()), None)
        if source is not None:
            yield current, source
            waiting.extend(_imports(current, source))


def _imports(module: str, source: Path) -> Iterator[str]:
    try:
        tree = ast.parse(source.read_bytes())
    except (SyntaxError, ValueError):
        return  # The import that follows says it better.
    for node in tree.body:
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            package = module.rsplit(".", node.level)[0] if node.level else ""
            origin = ".".join(part for part in (package, node.module) if part)
            names = [origin, *(f"{origin}.{alias.name}" for alias in node.names)]
        else:
            continue
        yield from (name for name in names if name.endswith("_pb2"))


def _key(name: str, sources: Mapping[str, Path]) -> str:
    digest = hashlib.sha256(f"{name}\n{google.protobuf.__version__}\n".encode())
    for module, source in sorted(sources.items()):
        content = source.read_bytes()
        digest.update(f"{module}\n{len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()


def _from_cache(cached: Path) -> list[pb.FileDescriptorProto] | None:
    try:
        return parse_descriptor_set(cached.read_bytes())
    except OSError:
        return None


def _import(spec: str, name: str, path: Sequence[str]) -> bytes:
    with tempfile.TemporaryDirectory(prefix="gen-bindings-") as scratch:
        output = Path(scratch, "set.binpb")
        request = json.dumps({"module": name, "path": path, "output": str(output)})
        command = [sys.executable, "-P", str(_COLLECTOR), request]
        process = run_reader(command, f"The protocol module {spec}")
        if process.returncode == 0 and output.is_file():
            return output.read_bytes()
    if process.returncode == 0:
        raise SourceError(
            f"The protocol module {spec} cannot be read: importing it ended the process. Name a module that"
            " protoc generated (…_pb2)."
        )
    lines = process.stderr.strip().splitlines()
    reason = lines[-1] if lines else f"the import ended the process with code {process.returncode}"
    raise SourceError(
        f"The protocol module {spec} cannot be read: {reason.rstrip('.')}. "
        "Install what is missing, or add the folder that holds it to the module's search path."
    )


def _docs(source: Path) -> Iterator[tuple[tuple[str, str], str]]:
    stub = source.with_suffix(".pyi")
    named = _SOURCE_LINE.search(source.read_text(encoding="utf-8", errors="replace"))
    if named is None or not stub.is_file():
        return
    try:
        tree = ast.parse(stub.read_bytes())
    except (SyntaxError, ValueError) as error:
        raise SourceError(
            f"The comments of the protocol are in {stub}, which is not a valid stub file: {error}. "
            "Reinstall the package, or remove that file to go without comments."
        ) from error
    yield (named[1].strip(), ""), _file_doc(_text(tree.body, 0))
    for name, doc in _class_docs(tree.body, ""):
        yield (named[1].strip(), name), doc


def _file_doc(doc: str) -> str:
    # mypy-protobuf puts two lines of its own before the comment of the .proto file.
    lines = doc.splitlines()
    return "\n".join(line for line in lines if not line.startswith(("@generated by ", "isort:"))).strip()


def _class_docs(body: Sequence[ast.stmt], scope: str) -> Iterator[tuple[str, str]]:
    """Comments in a stub as mypy-protobuf writes it, by name below ``scope``.

    A string after an annotated attribute is that field's or value's comment; a repeated or message field
    is a property with a docstring; the values of the enum ``E`` stand in the class ``_EEnumTypeWrapper``.
    """
    for index, node in enumerate(body):
        if isinstance(node, ast.ClassDef):
            values = _VALUES_CLASS.fullmatch(node.name)
            name = f"{scope}{values['enum'] if values else node.name}"
            if doc := _text(node.body, 0):
                yield name, doc
            yield from _class_docs(node.body, f"{name}.")
        elif isinstance(node, ast.FunctionDef) and (doc := _text(node.body, 0)):
            yield f"{scope}{node.name}", doc
        elif (
            isinstance(node, ast.AnnAssign)
            and isinstance(node.target, ast.Name)
            and (doc := _text(body, index + 1))
        ):
            yield f"{scope}{node.target.id}", doc


def _text(body: Sequence[ast.stmt], index: int) -> str:
    """The string that is statement ``index``, without the indentation of its place; else empty."""
    node = body[index] if index < len(body) else None
    if not isinstance(node, ast.Expr) or not isinstance(node.value, ast.Constant):
        return ""
    if not isinstance(node.value.value, str):
        return ""
    margin = " " * node.col_offset
    return "\n".join(line.removeprefix(margin).rstrip() for line in node.value.value.splitlines()).strip()
