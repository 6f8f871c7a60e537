"""How the package is built: small modules, small templates, C# only in templates, one home for each list."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import reference_lab
from gen_bindings.passes.surface.plan_surface import plan_surface
from gen_bindings.render.emit import files
from reference_lab import ROOT
from structure.line_trace import trace

pytestmark = pytest.mark.quick

PACKAGE = ROOT / "generator" / "gen_bindings"
TEMPLATES = ROOT / "templates"
MOST_IFS = 15
MOST_LINES = 500
# Where C# is decided and handed to templates.
ABOUT_CSHARP = ("passes/surface", "render/csharp", "render/emit.py", "render/unity/settings.py", "model")
# They print what C calls a type, and what a schema calls a field.
NOT_ABOUT_CSHARP = ("model/abi.py", "model/paths.py")
# Validating hand-written bindings has its own measure.
ELSEWHERE = ("validate",)

_IF = re.compile(r"{%-?\s*(?:el)?if\b")
# What only C# has in its text: braces, calls, operators, a member's dot, a generic's angle.
_CSHARP = re.compile(r"[(){}\[\];=<>&|?]|\.[A-Za-z]|^\.|::|\b(?:new|return|throw|out|ref)\b")
# A sentence of a documentation comment, and the path of a file.
_NOT_CSHARP = re.compile(r"[A-Zx][\w' ,;:]* [\w' ,;:]*\.|x: x\.|[\w/]+(?:\.g\.cs|\.cs\.j2)")


def modules(*below: str) -> Iterator[tuple[str, ast.Module]]:
    """The modules of the package, or of some of its folders, with their paths."""
    for path in sorted(PACKAGE.rglob("*.py")):
        name = path.relative_to(PACKAGE).as_posix()
        if not below or name.startswith(below):
            yield name, ast.parse(path.read_text("utf-8"))


def csharp_in(tree: ast.AST) -> Iterator[str]:
    """F-strings that would write C#; those of errors and of documentation comments are for people."""
    for_people: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise):
            for_people |= set(ast.walk(node))
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr) and node not in for_people:
            texts = [str(part.value) for part in node.values if isinstance(part, ast.Constant)]
            whole = "".join(
                str(part.value) if isinstance(part, ast.Constant) else "x" for part in node.values
            )
            if any(_CSHARP.search(text) for text in texts) and not _NOT_CSHARP.fullmatch(whole):
                yield f"{node.lineno}: {ast.unparse(node)}"


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.j2")), ids=lambda p: p.name)
def test_a_template_decides_little(path: Path) -> None:
    assert len(_IF.findall(path.read_text("utf-8"))) <= MOST_IFS


def test_no_module_is_long() -> None:
    lines = {
        path.relative_to(PACKAGE).as_posix(): len(path.read_text("utf-8").splitlines())
        for path in PACKAGE.rglob("*.py")
    }
    own = {name: count for name, count in lines.items() if not name.startswith(ELSEWHERE)}
    assert {n: count for n, count in own.items() if count > MOST_LINES} == {}


def test_python_writes_no_csharp() -> None:
    found = [
        f"{name}:{text}"
        for name, tree in modules(*ABOUT_CSHARP)
        if name not in NOT_ABOUT_CSHARP
        for text in csharp_in(tree)
    ]
    assert found == []


@pytest.mark.parametrize(
    "written",
    [
        'f"if ({name} == null)"',
        'f"{a}.{b}"',
        'f"writer.Write{codec}"',
        'f"List<{name}>"',
        'f"throw new {name}"',
    ],
)
def test_csharp_in_python_is_seen(written: str) -> None:
    assert list(csharp_in(ast.parse(written)))


def test_nothing_rewrites_what_was_rendered() -> None:
    rewriting = []
    for name, tree in modules(
        "render/csharp", "render/emit.py", "render/environment.py", "render/messages.py"
    ):
        for node in ast.walk(tree):
            if isinstance(node, ast.Import) and any(alias.name == "re" for alias in node.names):
                rewriting.append(name)
    assert rewriting == []


def test_a_view_only_collects() -> None:
    """No condition in a view looks at more than whether something is there or what it is called."""
    for name, tree in modules("render/csharp"):
        for node in ast.walk(tree):
            assert not isinstance(node, ast.JoinedStr | ast.Match | ast.While) or name.endswith("file.py"), (
                name
            )


def test_every_emitted_file_has_its_template_by_path() -> None:
    """In the folder of the same name; a template that emits one file is called like it."""
    lines = trace(reference_lab.model()[1])
    client = reference_lab.model()[1].name + "Client"
    for path, traced in lines.items():
        own = {site.template for line in traced for site in line.sites[:1] if "_header" not in site.template}
        folder = path.partition("/")[0]
        assert len(own) == 1, (path, own)
        template = own.pop()
        assert template.startswith(f"csharp/{folder}/"), (path, template)
        assert (TEMPLATES / template).is_file()
        name = Path(template).name.removesuffix(".cs.j2")
        exact = path.removesuffix(".g.cs").rpartition("/")[2].replace(client, "Client") == name
        many = sum(one.startswith(f"{folder}/") for one in lines) > 1
        assert exact or many


def test_every_view_is_called_like_its_template() -> None:
    seen = {file.template for file in files(plan_surface(reference_lab.model()[1]))}
    for path in sorted((PACKAGE / "render" / "csharp").rglob("*.py")):
        folder = path.parent.relative_to(PACKAGE / "render" / "csharp").as_posix()
        if folder != "." and path.name != "__init__.py":
            name = "".join(word.capitalize() for word in path.stem.split("_"))
            assert f"csharp/{folder.capitalize()}/{name}.cs.j2" in seen, path


def test_every_shape_has_its_template() -> None:
    """A file for each shape of a method, and a macro for each shape or node of every other closed set."""
    shapes: set[str] = set()
    for _, tree in modules("model"):
        for node in ast.walk(tree):
            if isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.Constant):
                target = node.target
                if isinstance(target, ast.Name) and target.id in ("shape", "node"):
                    shapes.add(str(node.value.value))
    text = "\n".join(path.read_text("utf-8") for path in (TEMPLATES / "csharp").rglob("*.j2"))
    methods = {
        path.name.removesuffix(".cs.j2") for path in (TEMPLATES / "csharp/Objects/Methods").glob("*.j2")
    }
    assert methods < shapes
    missing = {s for s in shapes - methods if not re.search(rf'"{s}": \w+', text)}
    assert missing == set()


def test_csharps_keywords_are_listed_once() -> None:
    keywords = {"abstract", "event", "object", "params", "ref", "string", "operator", "is", "in", "base"}
    homes = set()
    for name, tree in modules():
        if name.startswith(ELSEWHERE):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Set | ast.Tuple | ast.List):
                said = {item.value for item in node.elts if isinstance(item, ast.Constant)}
                if len(said & keywords) >= 3:
                    homes.add(name)
    assert homes == {"naming.py"}


def test_plurals_are_made_in_one_place() -> None:
    homes = [
        name
        for name, tree in modules()
        if any(isinstance(node, ast.Constant) and node.value == "ies" for node in ast.walk(tree))
    ]
    assert homes == ["naming.py"]
