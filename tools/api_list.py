"""Lists the public surface of generated C#, a line for each member, and what differs between two lists.

python tools/api_list.py FOLDER     prints the list of the C# in a folder
python tools/api_list.py OLD NEW    prints what went (-) and what came (+); each is a folder or a kept list

Exits with 0, with 1 when two lists differ, with 2 when there is nothing to list.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import tree_sitter_c_sharp
from tree_sitter import Language, Node, Parser

_TYPES = {
    "class_declaration": "class",
    "struct_declaration": "struct",
    "interface_declaration": "interface",
    "enum_declaration": "enum",
    "delegate_declaration": "delegate",
}
_MEMBERS = {
    "constructor_declaration",
    "conversion_operator_declaration",
    "event_declaration",
    "event_field_declaration",
    "field_declaration",
    "indexer_declaration",
    "method_declaration",
    "operator_declaration",
    "property_declaration",
}
_NAMES = {"identifier", "qualified_name", "alias_qualified_name", "generic_name"}
# What a caller sees of a declaration, in the order in which it is written.
_WORDS = ("protected", "static", "abstract", "sealed", "virtual", "override", "readonly", "const")
_COMMENT = re.compile(rb"//[^\n]*")
_OPEN = re.compile(rb"\b(public|protected)\b")


@dataclass(frozen=True)
class _Place:
    """Where a name stands: it is looked up in the types around it, the namespaces, then the imported ones."""

    namespace: str
    types: tuple[str, ...]
    imports: tuple[str, ...]
    parameters: frozenset[str]


@dataclass
class _Type:
    """A type with all its parts; the names of types around it stand before its own."""

    namespace: str
    outer: str | None
    shown: str
    kind: str
    modifiers: set[str] = field(default_factory=set)
    parts: list[tuple[Node, _Place]] = field(default_factory=list)


class _Reader:
    def __init__(self, sources: Iterable[Path]) -> None:
        self.types: dict[str, _Type] = {}
        parser = Parser(Language(tree_sitter_c_sharp.language()))
        for path in sources:
            source = path.read_bytes()
            root = parser.parse(source).root_node
            if root.has_error and _OPEN.search(_COMMENT.sub(b"", source)):
                raise ValueError(
                    f"{path}: the grammar does not know all of it, and something in it is public"
                )
            imports = [_text(each.named_children[-1]) for each in _inside(root, {"using_directive"})]
            self._collect(root, _Place("", (), tuple(imports), frozenset()))
        opened = {type_.namespace for type_ in self.types.values() if self.visible(type_)}
        if not opened:
            raise ValueError("there is no public type in these sources")
        self.root = min(opened, key=lambda space: (len(space), space))

    def _collect(self, parent: Node, place: _Place) -> None:
        for node in _inside(parent, {"namespace_declaration", *_TYPES}):
            name = node.child_by_field_name("name")
            assert name is not None
            below = node.child_by_field_name("body")
            if node.type == "namespace_declaration":
                assert below is not None
                namespace = ".".join(filter(None, (place.namespace, _text(name))))
                self._collect(below, _Place(namespace, (), place.imports, frozenset()))
                continue
            parameters = _parameters(node)
            outer = place.types[-1] if place.types else None
            full = f"{outer or place.namespace}.{_arity(_text(name), len(parameters))}"
            shown = _text(name) + (f"<{', '.join(parameters)}>" if parameters else "")
            inner = _Place(
                place.namespace, (*place.types, full), place.imports, place.parameters | set(parameters)
            )
            new = _Type(place.namespace, outer, shown, _TYPES[node.type])
            found = self.types.setdefault(full, new)
            found.modifiers |= _modifiers(node)
            found.parts.append((node, inner))
            if below is not None:
                self._collect(below, inner)

    # --- names

    def resolve(self, node: Node, place: _Place) -> str:
        """The name of a type, written the same way however the source spells it."""
        parts = list(_flat(node))
        ways = [_text(part[0]) for part in parts]
        everywhere = ways[0] == "global"
        if everywhere:
            parts, ways = parts[1:], ways[1:]
        if len(ways) == 1 and ways[0] in place.parameters:
            return ways[0]
        last = parts[-1][1]
        arguments = [self.shown(each, place, True) for each in last.named_children] if last else []
        wanted = _arity(".".join(ways), len(arguments))
        suffix = f"<{', '.join(arguments)}>" if arguments else ""
        found = self._find(wanted, place, everywhere)
        if found is not None:
            return self.name_of(found).partition("<")[0] + suffix
        mistaken = _arity(f"{self.root}.{ways[-1]}", len(arguments)) in self.types
        return (".".join(ways) if mistaken else ways[-1]) + suffix

    def _find(self, wanted: str, place: _Place, everywhere: bool) -> _Type | None:
        steps = place.namespace.split(".")
        around = [".".join(steps[:count]) for count in range(len(steps), 0, -1)]
        scopes = [] if everywhere else [*reversed(place.types), *around, *place.imports]
        candidates = [*(f"{scope}.{wanted}" for scope in scopes), wanted]
        return next((self.types[each] for each in candidates if each in self.types), None)

    def name_of(self, type_: _Type) -> str:
        """From the binding's namespace on."""
        if type_.outer is not None:
            return f"{self.name_of(self.types[type_.outer])}.{type_.shown}"
        space = type_.namespace.removeprefix(self.root).removeprefix(".")
        return f"{space}.{type_.shown}" if space else type_.shown

    def shown(self, node: Node | None, place: _Place, is_type: bool = False) -> str:
        """The text of a node on one line, names of types resolved."""
        if node is None:
            return ""
        if is_type and node.type in _NAMES:
            return self.resolve(node, place)
        if not node.child_count or node.type.endswith("literal"):
            return _text(node)
        text, end = "", node.start_byte
        for index, child in enumerate(node.children):
            if child.type == "comment":
                continue
            role = node.field_name_for_child(index)
            types = role in ("type", "returns") or node.type in ("type_argument_list", "base_list")
            text += (
                " " if child.start_byte > end and text[-1:] not in ("(", "[") and child.type != ")" else ""
            )
            text += self.shown(child, place, types)
            end = child.end_byte
        return text

    # --- lines

    def visible(self, type_: _Type) -> bool:
        """Whether code outside of the assembly sees a type."""
        around = self.types[type_.outer] if type_.outer is not None else None
        return _is_open(type_.modifiers) and (around is None or self.visible(around))

    def lines(self) -> list[str]:
        """All of it: types by name, members by name, values of an enumeration in their order."""
        keyed: list[tuple[str, int, str, str]] = []
        for type_ in filter(self.visible, self.types.values()):
            owner = self.name_of(type_)
            keyed.append((owner, -1, "", self._type_line(type_, owner)))
            keyed += [(owner, *member) for member in self._members(type_, owner)]
        return [f"namespace {self.root}", *(line for *_, line in sorted(keyed))]

    def _type_line(self, type_: _Type, owner: str) -> str:
        node, place = type_.parts[0]
        words = _words(node, type_.modifiers)
        if type_.kind == "delegate":
            returned = self.shown(node.child_by_field_name("type"), place, True)
            given = self.shown(node.child_by_field_name("parameters"), place)
            return f"{words}delegate {returned} {owner}{given}{self._constraints(node, place)}"
        bases: list[str] = []
        for part, where in type_.parts:
            for base in _inside(part, {"base_list"}):
                bases += [
                    self.shown(each, where, True) for each in base.named_children if self._shows(each, where)
                ]
        kind = "ref struct" if any(child.type == "ref" for child in node.children) else type_.kind
        return (
            f"{words}{kind} {owner}"
            + (f" : {', '.join(dict.fromkeys(bases))}" if bases else "")
            + self._constraints(node, place)
        )

    def _shows(self, base: Node, place: _Place) -> bool:
        found = self._find(_text(base), place, False) if base.type == "identifier" else None
        return found is None or self.visible(found)

    def _constraints(self, node: Node, place: _Place) -> str:
        found = _inside(node, {"type_parameter_constraints_clause"})
        return "".join(f" {self.shown(each, place)}" for each in found)

    def _members(self, type_: _Type, owner: str) -> Iterator[tuple[int, str, str]]:
        """Where each stands among the others, its name, its line."""
        value = -1
        has_constructor = type_.kind != "class" or "static" in type_.modifiers
        for part, place in type_.parts:
            body = part.child_by_field_name("body")
            if body is None:
                continue
            if type_.kind == "enum":
                for each in _inside(body, {"enum_member_declaration"}):
                    given = each.child_by_field_name("value")
                    value = int(_text(given), 0) if given is not None else value + 1
                    yield value, "", f"{_words(each, set())}{owner}.{_name(each)} = {value}"
                continue
            for node in _inside(body, _MEMBERS):
                modifiers = _modifiers(node)
                has_constructor |= node.type == "constructor_declaration" and "static" not in modifiers
                if type_.kind == "interface" or _is_open(modifiers):
                    for name, line in self._member(node, place, owner):
                        yield 0, name, _words(node, modifiers) + line
        if not has_constructor:
            words = "protected " if "abstract" in type_.modifiers else ""
            name = type_.shown.partition("<")[0]
            yield 0, name, f"{words}{owner}.{name}()"

    def _member(self, node: Node, place: _Place, owner: str) -> Iterator[tuple[str, str]]:
        own = _parameters(node)
        place = _Place(place.namespace, place.types, place.imports, place.parameters | set(own))
        given = self.shown(node.child_by_field_name("parameters"), place)
        type_ = node.child_by_field_name("type") or node.child_by_field_name("returns")
        result = self.shown(type_, place, True)
        name = _name(node)
        match node.type:
            case "constructor_declaration":
                yield name, f"{owner}.{name}{given}"
            case "method_declaration":
                generic = f"<{', '.join(own)}>" if own else ""
                yield name, f"{result} {owner}.{name}{generic}{given}{self._constraints(node, place)}"
            case "property_declaration":
                yield name, f"{result} {owner}.{name} {_accessors(node)}"
            case "indexer_declaration":
                yield "this", f"{result} {owner}.this{given} {_accessors(node)}"
            case "event_declaration":
                yield name, f"event {result} {owner}.{name}"
            case "field_declaration" | "event_field_declaration":
                [declared] = _inside(node, {"variable_declaration"})
                result = self.shown(declared.child_by_field_name("type"), place, True)
                word = "event " if node.type == "event_field_declaration" else ""
                for each in _inside(declared, {"variable_declarator"}):
                    constant = "const" in _modifiers(node)
                    value = f" = {self.shown(each.named_children[-1], place)}" if constant else ""
                    yield _name(each), f"{word}{result} {owner}.{_name(each)}{value}"
            case "operator_declaration":
                sign = _text(node.child_by_field_name("operator"))
                yield f"operator {sign}", f"{result} {owner}.operator {sign}{given}"
            case "conversion_operator_declaration":
                word = next(child.type for child in node.children if child.type in ("explicit", "implicit"))
                yield f"operator {result}", f"{word} {owner}.operator {result}{given}"


def _text(node: Node | None) -> str:
    return " ".join((node.text or b"").decode().split()) if node is not None else ""


def _name(node: Node) -> str:
    return _text(node.child_by_field_name("name"))


def _inside(parent: Node, kinds: Iterable[str]) -> Iterator[Node]:
    """Children of these kinds, those of all branches of conditional compilation too."""
    for child in parent.named_children:
        if child.type in kinds:
            yield child
        elif child.type.startswith("preproc_"):
            yield from _inside(child, kinds)


def _modifiers(node: Node) -> set[str]:
    return {_text(child) for child in node.children if child.type == "modifier"}


def _is_open(modifiers: set[str]) -> bool:
    return "public" in modifiers or ("protected" in modifiers and "private" not in modifiers)


def _words(node: Node, modifiers: set[str]) -> str:
    obsolete = any(
        _text(attribute.child_by_field_name("name")).rpartition(".")[2].startswith("Obsolete")
        for group in _inside(node, {"attribute_list"})
        for attribute in _inside(group, {"attribute"})
    )
    shown = ["[Obsolete]"] if obsolete else []
    return "".join(f"{word} " for word in [*shown, *(word for word in _WORDS if word in modifiers)])


def _arity(name: str, count: int) -> str:
    return f"{name}`{count}" if count else name


def _parameters(node: Node) -> list[str]:
    return [
        _name(parameter)
        for group in _inside(node, {"type_parameter_list"})
        for parameter in _inside(group, {"type_parameter"})
    ]


def _flat(node: Node) -> Iterator[tuple[Node, Node | None]]:
    """A qualified name's parts, each with its arguments."""
    match node.type:
        case "generic_name":
            yield node.named_children[0], node.named_children[1]
        case "identifier":
            yield node, None
        case _:
            for child in node.named_children:
                yield from _flat(child)


def _accessors(node: Node) -> str:
    listed = node.child_by_field_name("accessors")
    if listed is None:
        return "{ get; }"
    found = []
    for each in _inside(listed, {"accessor_declaration"}):
        modifiers = _modifiers(each)
        if not modifiers or _is_open(modifiers):
            word = next(child.type for child in each.children if child.type in ("get", "set"))
            found.append(f"{_words(each, modifiers)}{word};")
    return f"{{ {' '.join(found)} }}"


def api_list(sources: Iterable[Path]) -> list[str]:
    """What code outside of the assembly sees of these sources, a line for each type and member.

    Raises:
        ValueError: nothing is public, or something that the grammar does not know may be.
    """
    return _Reader(sources).lines()


def differences(old: Sequence[str], new: Sequence[str]) -> list[str]:
    """What went and what came, each in the order of its list."""
    kept, came = set(old), set(new)
    return [
        *(f"- {line}" for line in old if line not in came),
        *(f"+ {line}" for line in new if line not in kept),
    ]


def _list_of(path: Path) -> list[str]:
    return api_list(sorted(path.rglob("*.cs"))) if path.is_dir() else path.read_text("utf-8").splitlines()


def _main(arguments: Sequence[str]) -> int:
    try:
        lists = [_list_of(Path(argument)) for argument in arguments]
    except (OSError, ValueError) as error:
        print(f"{' '.join(arguments)}: {error}", file=sys.stderr)
        return 2
    match lists:
        case [single]:
            print("\n".join(single))
            return 0
        case [before, after]:
            found = differences(before, after)
            sys.stdout.writelines(f"{line}\n" for line in found)
            return 1 if found else 0
        case _:
            print(__doc__, file=sys.stderr)
            return 2


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1:]))
