"""Reads sources under every configuration, runs the checks, merges what they find."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from gen_bindings.findings.finding import Finding, Place
from gen_bindings.model.abi import Exports
from gen_bindings.model.binding import Binding
from gen_bindings.validate.checks.abi.not_checked import CHECK as NOT_CHECKED
from gen_bindings.validate.checks.base import Context, Hints, Rule
from gen_bindings.validate.collect import Source
from gen_bindings.validate.facts import Loss, SourceFile
from gen_bindings.validate.preprocess import CONFIGURATIONS, Configuration, blank, has_conditions
from gen_bindings.validate.program import Program
from gen_bindings.validate.read_csharp import CSharpReader
from gen_bindings.validate.targets import Target


@dataclass(frozen=True)
class Request:
    """What to check against what.

    Attributes:
        prefix: of the library's entry points.
        ios: iOS is a target that was asked for, so its naming counts although nothing shows Unity.
    """

    sources: Sequence[Source]
    binding: Binding
    libraries: tuple[Exports, ...]
    targets: tuple[Target, ...]
    rules: tuple[Rule, ...]
    prefix: str = ""
    ios: bool = False
    hints: Hints = field(default_factory=Hints)


def validate(
    request: Request, losses: Sequence[Loss] = (), step: Callable[[str], None] | None = None
) -> list[Finding]:
    """The findings, in the order of their places; what was lost while reading is among them."""
    say = step or (lambda text: None)
    reader = CSharpReader()
    cache: dict[tuple[str, bytes], SourceFile] = {}
    unity = any(_mentions_unity(source.text) for source in request.sources)
    ios = request.ios or unity or any(_builds_for_unity(source.text) for source in request.sources)
    conditional = any(has_conditions(s.text) for s in request.sources)
    configurations: tuple[Configuration, ...] = CONFIGURATIONS if conditional else CONFIGURATIONS[:1]
    if ios and not conditional:
        configurations = (CONFIGURATIONS[0], next(c for c in CONFIGURATIONS if c.name == "ios"))
    found: dict[tuple[str, str, int, str], tuple[Finding, list[str]]] = {}
    lost: dict[tuple[str, int], Loss] = {(loss.file, loss.line): loss for loss in losses}
    programs: dict[str, Program] = {}
    owned = frozenset(
        k.owned_message.rpartition(".")[2] for k in request.binding.kinds if k.owned_message is not None
    )
    contexts: dict[str, Context] = {}
    for configuration in configurations:
        say(f"reading {len(request.sources)} files for {configuration.name}")
        files = _read(reader, request.sources, configuration, cache, lost)
        digest = hashlib.sha256(repr([id(file) for file in files]).encode()).hexdigest()
        program = programs.get(digest)
        same = program is not None
        if program is None:
            program = programs[digest] = Program(files, request.binding.schema, owned)
        context = Context(
            program,
            request.binding,
            request.libraries,
            request.targets,
            configuration,
            request.prefix,
            unity,
            ios,
            request.hints,
        )
        if same:
            # What does not depend on the configuration's name is known already.
            twin = contexts[digest]
            context.__dict__.update(
                {k: twin.__dict__[k] for k in ("native", "flow", "owners") if k in twin.__dict__}
            )
        else:
            contexts[digest] = context
        say(f"checking for {configuration.name}")
        for rule in request.rules:
            check = rule.check
            if same and check.id not in ("GB126", "GB602", "GB604"):
                for finding, names in found.values():
                    if finding.id == check.id and _twin_name(contexts[digest]) in names:
                        names.append(configuration.name)
                continue
            for finding in rule.run(context):
                key = (finding.id, finding.place.file, finding.place.line, finding.subject or finding.message)
                found.setdefault(key, (finding, []))[1].append(configuration.name)
    result = [
        finding
        if len(set(names)) == len(configurations)
        else replace(finding, configurations=tuple(dict.fromkeys(names)))
        for finding, names in found.values()
    ]
    result += [_loss(loss) for loss in lost.values()]
    return sorted(result, key=lambda f: (f.place.file, f.place.line, f.id, f.place.column, f.message))


def _twin_name(context: Context) -> str:
    return context.configuration.name


def _read(
    reader: CSharpReader,
    sources: Sequence[Source],
    configuration: Configuration,
    cache: dict[tuple[str, bytes], SourceFile],
    lost: dict[tuple[str, int], Loss],
) -> list[SourceFile]:
    files: list[SourceFile] = []
    for source in sources:
        text, problems = blank(source.text, configuration.symbols)
        for line in problems:
            lost.setdefault(
                (source.path, line),
                Loss(source.path, line, line, "a conditional region without its other end"),
            )
        key = (source.path, text)
        file = cache.get(key)
        if file is None:
            head = text[:600]
            generated = b"protocol buffer compiler" in head
            file = cache[key] = reader.read(source.path, text, generated)
            for loss in file.losses:
                lost.setdefault((loss.file, loss.line), loss)
        files.append(file)
    return files


def _mentions_unity(text: bytes) -> bool:
    return re.search(rb"^\s*using\s+Unity(Engine|Editor)\b", text, re.MULTILINE) is not None


def _builds_for_unity(text: bytes) -> bool:
    return re.search(rb"^\s*#\s*(if|elif)\b.*\bUNITY_", text, re.MULTILINE) is not None


def _loss(loss: Loss) -> Finding:
    lines = f"lines {loss.line} to {loss.end}" if loss.end > loss.line else f"line {loss.line}"
    where = f" ({lines})" if loss.line else ""
    return NOT_CHECKED.at(
        Place(loss.file, loss.line),
        f"This could not be read and was not checked: {loss.what}{where}.",
        subject=f"lost {loss.what}",
    )
