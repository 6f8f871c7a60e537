"""The stub of Unity's API holds only what Unity's documentation shows, and says where."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
import tree_sitter_c_sharp
from tree_sitter import Language, Node, Parser
from unity_lab import STUB

pytestmark = pytest.mark.quick

_PAGE = re.compile(
    r"// https://docs\.unity3d\.com/2022\.3/Documentation/((?:ScriptReference|Manual)/[\w.-]+)\.html"
)
_TYPES = {"class_declaration", "struct_declaration", "enum_declaration", "delegate_declaration"}
_MEMBERS = {
    *_TYPES,
    "interface_declaration",
    "method_declaration",
    "property_declaration",
    "field_declaration",
    "event_field_declaration",
    "constructor_declaration",
    "operator_declaration",
    "conversion_operator_declaration",
    "enum_member_declaration",
}
# Known to the compilers by its name, and documented where callbacks are.
_ELSEWHERE = {"MonoPInvokeCallbackAttribute": "Manual/ios-native-plugin-call-back"}
_OPERATORS = {"==": "eq", "!=": "ne"}


@dataclass(frozen=True)
class Member:
    """Something public: where it stands, the page named above it, and the pages that would show it."""

    where: str
    page: str | None
    right: tuple[str, ...]


def _members(path: Path) -> list[Member]:
    tree = Parser(Language(tree_sitter_c_sharp.language())).parse(path.read_bytes())
    found: list[Member] = []

    def walk(node: Node, namespace: str, types: tuple[str, ...]) -> None:
        if node.type == "namespace_declaration":
            namespace = _name(node)
        elif node.type in _MEMBERS:
            words = {child.text for child in node.children if child.type == "modifier"}
            public = node.type == "enum_member_declaration" or words & {b"public", b"protected"}
            # What overrides is shown where it was declared first.
            if public and b"override" not in words:
                found.append(_member(path, node, namespace, types))
            if node.type in _TYPES:
                types = (*types, _name(node))
                if not public:
                    return
        for child in node.children:
            walk(child, namespace, types)

    walk(tree.root_node, "", ())
    return found


def _member(path: Path, node: Node, namespace: str, types: tuple[str, ...]) -> Member:
    above = node.prev_sibling
    line = (above.text or b"").decode() if above is not None and above.type == "comment" else ""
    page = _PAGE.fullmatch(line)
    prefix = namespace.removeprefix("UnityEngine").removeprefix("UnityEditor").removeprefix(".")
    owner = ".".join([*filter(None, [prefix]), *types])
    return Member(
        where=f"{path.name}:{node.start_point[0] + 1}",
        page=page[1] if page else None,
        right=_pages(node, owner, types),
    )


def _pages(node: Node, owner: str, types: tuple[str, ...]) -> tuple[str, ...]:
    name = types[-1] if node.type == "constructor_declaration" else _name(node)
    for key, page in _ELSEWHERE.items():
        if key in (name, *types):
            return (page,)
    if node.type == "constructor_declaration":
        names = [f"{owner}-ctor"]
    elif node.type == "conversion_operator_declaration":
        names = [f"{owner}-operator_Object"]
    elif node.type == "operator_declaration":
        sign = next(child.type for child in node.children if child.type in _OPERATORS)
        names = [f"{owner}-operator_{_OPERATORS[sign]}"]
    elif not owner:
        names = [name]
    elif node.type in ("property_declaration", "event_field_declaration"):
        names = [f"{owner}-{name}"]
    else:
        names = [f"{owner}.{name}", *([f"{owner}-{name}"] if node.type == "field_declaration" else [])]
    return tuple(f"ScriptReference/{one}" for one in names)


def _name(node: Node) -> str:
    named = node.child_by_field_name("name")
    if named is None:
        named = next((n for n in _descendants(node) if n.type == "variable_declarator"), node)
        named = named.child_by_field_name("name") or named
    return (named.text or b"").decode()


def _descendants(node: Node) -> list[Node]:
    return [one for child in node.children for one in (child, *_descendants(child))]


@pytest.mark.parametrize("folder", ["UnityEngine", "UnityEditor"])
def test_every_public_member_names_the_page_that_shows_it(folder: str) -> None:
    members = [member for path in sorted((STUB / folder).glob("*.cs")) for member in _members(path)]
    assert members
    wrong = [f"{m.where}: {m.page}, not {' or '.join(m.right)}" for m in members if m.page not in m.right]
    assert not wrong, "\n".join(wrong)


def test_what_stands_for_the_engine_is_not_public() -> None:
    public = [member.where for path in sorted((STUB / "Engine").glob("*.cs")) for member in _members(path)]
    # Members of internal types are not looked at: nobody sees them.
    assert not public


def test_a_member_without_a_page_or_with_another_ones_is_found(tmp_path: Path) -> None:
    base = "https://docs.unity3d.com/2022.3/Documentation/ScriptReference"
    path = tmp_path / "Screen.cs"
    path.write_text(
        f"namespace UnityEngine\n{{\n    // {base}/Screen.html\n    public class Screen\n    {{\n"
        f"        public static int width {{ get; set; }}\n\n"
        f"        // {base}/Screen-width.html\n        public static int height {{ get; set; }}\n    }}\n}}\n"
    )
    assert [(m.where, m.page in m.right) for m in _members(path)] == [
        ("Screen.cs:4", True),
        ("Screen.cs:6", False),
        ("Screen.cs:9", False),
    ]
