"""From an emitted line back to the template that wrote it, and to the facts and the passes behind it.

The templates are rendered a second time with a mark before every piece of text: a mark names the template and
the line, and with them what was read of the model. Without its marks the text is what is emitted.

    python tests/structure/line_trace.py --seed 7
"""

from __future__ import annotations

import argparse
import ast
import dataclasses
import random
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, get_args

from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream

from gen_bindings.model.binding import Binding
from gen_bindings.model.expressions import Expression
from gen_bindings.render import environment
from gen_bindings.render.emit import emit

ROOT = Path(__file__).resolve().parents[2]
RENDER = ROOT / "generator" / "gen_bindings" / "render"
PASSES = ROOT / "generator" / "gen_bindings" / "passes"
LINES = 6
_NODES = frozenset(node.__name__ for node in get_args(Expression))

_OPEN, _CLOSE = "\ue000", "\ue001"
_MARK = re.compile(f"{_OPEN}(\\d+){_CLOSE}")
_MEMBER = re.compile(r"(?<=\. )[A-Za-z_]\w*")
_OWN = re.compile(r"(?<!\. )\b[A-Za-z_]\w*")
VIEW = "view"


@dataclass(frozen=True)
class Site:
    """A piece of text in a template: literal, or an expression; ``inside`` are the conditions around it."""

    template: str
    line: int
    expression: str
    inside: tuple[str, ...]


@dataclass(frozen=True, order=True)
class Fact:
    """A field of a class of the model."""

    owner: str
    name: str


@dataclass
class _Frame:
    """An expression while it is evaluated: what it reads of the model, and the latest of each name."""

    site: Site | None
    reads: set[Fact] = field(default_factory=set)
    latest: dict[str, Fact] = field(default_factory=dict)


@dataclass(frozen=True)
class TracedLine:
    """A line of the output, the sites from the outermost to the innermost, and the facts behind it."""

    text: str
    sites: tuple[Site, ...]
    facts: tuple[Fact, ...]


class _Recorder:
    def __init__(self) -> None:
        self.sites: list[Site] = []
        self.marks: list[tuple[Site, frozenset[Fact]]] = []
        self.stack: list[_Frame] = [_Frame(None)]
        self.lines: dict[str, list[TracedLine]] = {}
        self.values: dict[str, Any] = {}

    def site(self, site: Site) -> int:
        self.sites.append(site)
        return len(self.sites) - 1

    def literal(self, number: int) -> str:
        return self._mark(self.sites[number], set())

    def enter(self, number: int) -> None:
        self.stack.append(_Frame(self.sites[number]))

    def leave(self, _: None, value: Any) -> Any:
        frame = self.stack.pop()
        text = str(value)
        if not text.strip():
            return value
        assert frame.site is not None
        words = _MEMBER.findall(frame.site.expression)
        mark = self._mark(frame.site, {fact for fact in frame.reads if fact.name in words})
        return re.sub(r"^([ \t]*)(?=\S)", lambda found: found[1] + mark, text, flags=re.MULTILINE)

    def read(self, owner: object, name: str) -> None:
        if dataclasses.is_dataclass(owner) and type(owner).__module__.startswith("gen_bindings."):
            fact = Fact(type(owner).__name__, name)
            self.stack[-1].reads.add(fact)
            self.stack[-1].latest[name] = fact

    def finish(self, text: str, tidy: Any) -> str:
        """The text of a file without marks; what they say is kept for its lines."""
        self.stack = [_Frame(None)]
        traced = [self._line(line) for line in text.split("\n") if _MARK.sub("", line).strip()]
        finished: str = tidy(_MARK.sub("", text))
        self.lines[finished.rstrip() + "\n"] = traced
        return finished

    def _mark(self, site: Site, read: set[Fact]) -> str:
        around = frozenset(_MEMBER.findall(" ".join(site.inside)))
        latest = {name: fact for frame in self.stack for name, fact in frame.latest.items()}
        facts = read | {fact for name, fact in latest.items() if name in around}
        own = _OWN.findall(" ".join((site.expression, *site.inside)))
        facts |= {Fact(VIEW, name) for name in own if _is_plain(self.values.get(name))}
        self.marks.append((site, frozenset(facts)))
        return f"{_OPEN}{len(self.marks) - 1}{_CLOSE}"

    def _line(self, line: str) -> TracedLine:
        marks = [self.marks[int(number)] for number in _MARK.findall(line)]
        facts = frozenset[Fact]().union(*(facts for _, facts in marks))
        return TracedLine(_MARK.sub("", line), tuple(site for site, _ in marks), tuple(sorted(facts)))


def _is_plain(value: Any) -> bool:
    """A view's own value; of an object of the model the fields are recorded when they are read."""
    return value is not None and not dataclasses.is_dataclass(value)


class _Marking(Extension):
    """Puts a mark before each piece of text, and calls around each expression."""

    recorder: _Recorder

    def filter_stream(self, stream: TokenStream) -> Iterable[Token]:
        return self._tokens(stream, stream.name or "")

    def _tokens(self, stream: Iterable[Token], template: str) -> Iterator[Token]:
        around: list[str] = []
        tokens = iter(stream)
        for token in tokens:
            if token.type == "data":
                yield from self._literal(token, template, tuple(around))
            elif token.type == "variable_begin":
                inner = _until(tokens, "variable_end")
                expression = " ".join(str(one.value) for one in inner[:-1])
                number = self.recorder.site(Site(template, token.lineno, expression, tuple(around)))
                yield token
                yield from _code(token.lineno, f"_leave ( _enter ( {number} ) , (")
                yield from inner[:-1]
                yield from _code(token.lineno, ") )")
                yield inner[-1]
            elif token.type == "block_begin":
                inner = _until(tokens, "block_end")
                _follow(around, [str(one.value) for one in inner[:-1]])
                yield token
                yield from inner
            else:
                yield token

    def _literal(self, token: Token, template: str, around: tuple[str, ...]) -> Iterator[Token]:
        line = token.lineno
        for piece in re.split(r"(?<=\n)", token.value):
            body = piece.lstrip(" \t")
            if body.strip():
                number = self.recorder.site(Site(template, line, "", around))
                yield Token(line, "data", piece[: len(piece) - len(body)])
                yield Token(line, "variable_begin", "{{")
                yield from _code(line, f"_literal ( {number} )")
                yield Token(line, "variable_end", "}}")
                yield Token(line, "data", body)
            else:
                yield Token(line, "data", piece)
            line += piece.count("\n")


_OPERATORS = {"(": "lparen", ")": "rparen", ",": "comma"}


def _code(line: int, text: str) -> Iterator[Token]:
    for word in text.split():
        if word.isdigit():
            yield Token(line, "integer", int(word))  # type: ignore[arg-type]
        else:
            yield Token(line, _OPERATORS.get(word, "name"), word)


def _until(tokens: Iterator[Token], end: str) -> list[Token]:
    found = []
    for token in tokens:
        found.append(token)
        if token.type == end:
            break
    return found


def _follow(around: list[str], words: list[str]) -> None:
    """Keeps account of the conditions and loops that are open."""
    text = " ".join(words)
    if words[0] in ("if", "for"):
        around.append(text)
    elif words[0] == "macro" or (words[0] == "set" and "=" not in words):
        around.append("")
    elif words[0] in ("import", "include", "from") and around:
        # Which template goes on is a fact as well.
        around[-1] = f"{around[-1]} … {text}"
    elif words[0] in ("elif", "else"):
        around[-1] = f"{around[-1]} … {text}"
    elif words[0] in ("endif", "endfor", "endmacro", "endset"):
        around.pop()


def trace(binding: Binding) -> dict[str, list[TracedLine]]:
    """The lines of every file that are not blank, in order, by the file's path."""
    recorder = _Recorder()
    base = environment.environment()

    class Recorded(base.template_class):  # type: ignore[name-defined, misc]
        def render(self, *args: Any, **values: Any) -> str:
            recorder.values = values
            return str(super().render(*args, **values))

    marking = type("Marking", (_Marking,), {"recorder": recorder})
    traced = base.overlay(extensions=[marking], bytecode_cache=None)
    traced.template_class = Recorded
    traced.globals = {
        **base.globals,
        "_enter": recorder.enter,
        "_leave": recorder.leave,
        "_literal": recorder.literal,
    }

    def read(owner: Any, name: str) -> Any:
        recorder.read(owner, name)
        return base.getattr(owner, name)

    before = environment.environment, environment._tidy_blank_lines
    traced.getattr = read  # type: ignore[assignment, method-assign]
    tidy = before[1]
    environment.environment = lambda: traced
    environment._tidy_blank_lines = lambda text: recorder.finish(text, tidy)
    try:
        files = emit(binding)
    finally:
        environment.environment, environment._tidy_blank_lines = before
    return {path: recorder.lines[text] for path, text in files.items()}


@cache
def deciders() -> dict[str, tuple[str, ...]]:
    """The modules of passes that make objects of a class of the model, by the class."""
    made: dict[str, set[str]] = {}
    for path in (*sorted(PASSES.rglob("*.py")), *sorted(RENDER.rglob("*.py"))):
        module = path.relative_to(ROOT).as_posix()
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                made.setdefault(node.func.id, set()).add(module)
    return {name: tuple(sorted(modules)) for name, modules in made.items()}


@cache
def views() -> dict[str, tuple[str, ...]]:
    """The modules that hand a value to templates, by its name there."""
    found: dict[str, set[str]] = {}
    for path in sorted(RENDER.rglob("*.py")):
        module = path.relative_to(ROOT).as_posix()
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.keyword) and node.arg:
                found.setdefault(node.arg, set()).add(module)
            elif isinstance(node, ast.Dict):
                for key in node.keys:
                    if isinstance(key, ast.Constant):
                        found.setdefault(str(key.value), set()).add(module)
    return {name: tuple(sorted(paths)) for name, paths in found.items()}


def decided_in(fact: Fact) -> tuple[str, ...]:
    """Where a fact is decided: the passes that make its owner, or the views that hand it over."""
    return views().get(fact.name, ()) if fact.owner == VIEW else deciders().get(fact.owner, ())


def draw(lines: dict[str, list[TracedLine]], seed: int, count: int = LINES) -> list[tuple[str, TracedLine]]:
    """Some lines of the output, the same for a seed."""
    every = [(path, line) for path in sorted(lines) for line in lines[path]]
    return random.Random(seed).sample(every, count)


def describe(path: str, line: TracedLine) -> str:
    """The way of a line, for a person."""
    site = line.sites[-1]
    found = [f"{path}: {line.text.strip()}", f"  template  templates/{site.template}:{site.line}"]
    outer = dict.fromkeys(f"templates/{one.template}:{one.line}" for one in line.sites[:-1])
    found += [f"  within    {where}" for where in outer]
    for fact in line.facts:
        if fact.owner in _NODES:
            # An expression is part of a fact that stands here as well.
            continue
        found.append(f"  decided   {fact.owner}.{fact.name} by {', '.join(decided_in(fact))}")
    if not line.facts:
        found.append("  decided   nothing: the same in every binding that has the file")
    return "\n".join(found)


def main() -> None:
    """Prints the way of some lines of the reference server's binding."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--example", default="reference", help="a folder of examples/")
    given = parser.parse_args()
    sys.path.insert(0, str(ROOT / "tests"))
    import reference_lab

    print(f"seed {given.seed}")
    for path, line in draw(trace(reference_lab.model(given.example)[1]), given.seed):
        print(describe(path, line))


if __name__ == "__main__":
    main()
