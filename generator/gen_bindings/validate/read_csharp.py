"""C# syntax to facts, with tree-sitter: the only module that knows its node types."""

from __future__ import annotations

import re
from collections.abc import Callable

import tree_sitter
import tree_sitter_c_sharp

from gen_bindings.validate import patterns
from gen_bindings.validate.facts import (
    Argument,
    Assign,
    Attribute,
    Binary,
    Block,
    Call,
    Cast,
    Catch,
    Choice,
    Conditional,
    Declares,
    Do,
    Field,
    Foreach,
    If,
    Index,
    Jump,
    Lambda,
    Literal,
    Local,
    LocalFunction,
    Lock,
    Loop,
    Loss,
    Member,
    Method,
    Name,
    New,
    Parameter,
    Property,
    Return,
    Section,
    SourceFile,
    Statement,
    Switch,
    Test,
    Try,
    Tuple,
    Type,
    Unary,
    Using,
    Value,
)

_Node = tree_sitter.Node

_TYPES = {
    "class_declaration": "class",
    "struct_declaration": "struct",
    "interface_declaration": "interface",
    "record_declaration": "class",
    "record_struct_declaration": "struct",
    "enum_declaration": "enum",
    "delegate_declaration": "delegate",
}
_MEMBERS = {
    "method_declaration",
    "constructor_declaration",
    "destructor_declaration",
    "operator_declaration",
    "conversion_operator_declaration",
    "field_declaration",
    "event_field_declaration",
    "property_declaration",
    "event_declaration",
    "indexer_declaration",
}
_TYPE_NODES = {
    "predefined_type",
    "array_type",
    "pointer_type",
    "nullable_type",
    "function_pointer_type",
    "tuple_type",
    "implicit_type",
    "ref_type",
    "scoped_type",
}


# Reading them twice changes nothing.
_REPEATABLE = {"identifier", "member_access_expression", "this_expression", "this"}
_PUN = re.compile(rb"\*\s*\(\s*\w+\s*\*\s*\)\s*&\s*(\w+)")

_THROUGH = re.compile(rb"\*(\w+)\+\+(\s*=)")


class CSharpReader:
    """Reads sources; one instance holds one parser."""

    def __init__(self) -> None:
        self._parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_c_sharp.language()))

    def read(self, path: str, source: bytes, generated: bool = False) -> SourceFile:
        """The facts of one source, preprocessed; what does not parse is left out and listed."""
        # The grammar knows neither a dereferenced cast of an address nor a store through a pointer that is
        # counted up; to the checks they are the value and the variable.
        source = _PUN.sub(lambda m: b" " * (len(m[0]) - len(m[1])) + m[1], source)
        source = _THROUGH.sub(lambda m: b" " + m[1] + b"  " + m[2], source)
        root = self._parser.parse(source).root_node
        return _File(path, source, generated).read(root)


def _text(node: _Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")


def _type_text(node: _Node | None) -> str:
    if node is None:
        return ""
    if node.type == "tuple_type":
        parts = [
            " ".join(filter(None, (_type_text(c.child_by_field_name("type")), _text_or(c, "name"))))
            for c in node.named_children
            if c.type == "tuple_element"
        ]
        return f"({','.join(parts)})"
    text = _text(node)
    if " " in text or "\n" in text:
        text = "".join(text.split()) if node.type != "function_pointer_type" else " ".join(text.split())
    return text


def _text_or(node: _Node, field: str) -> str:
    found = node.child_by_field_name(field)
    return _text(found) if found is not None else ""


class _File:
    """One file while it is read."""

    def __init__(self, path: str, source: bytes, generated: bool) -> None:
        self.path = path
        self.generated = generated
        self.source = source
        self.types: list[Type] = []
        self.aliases: dict[str, str] = {}
        self.losses: list[Loss] = []
        self.bound: list[Value] = []
        self.imports: list[str] = []

    def read(self, root: _Node) -> SourceFile:
        if root.has_error:
            self._declarations(root, "", None)
            if not self.types:
                self._lose(root, "the whole file")
        else:
            self._declarations(root, "", None)
        return SourceFile(
            self.path,
            root.end_point.row + 1,
            self.types,
            self.aliases,
            tuple(self.losses),
            self.generated,
            tuple(self.imports),
        )

    def _lose(self, node: _Node, what: str) -> None:
        self.losses.append(Loss(self.path, node.start_point.row + 1, node.end_point.row + 1, what))

    # --- declarations

    def _declarations(self, parent: _Node, space: str, outer: Type | None) -> None:
        current = space
        for node in parent.named_children:
            kind = node.type
            if kind in ("namespace_declaration", "file_scoped_namespace_declaration"):
                name = _type_text(node.child_by_field_name("name"))
                full = f"{space}.{name}" if space else name
                body = node.child_by_field_name("body")
                if body is not None:
                    self._declarations(body, full, outer)
                else:
                    current = full
                    self._declarations(node, full, outer)
            elif kind in _TYPES:
                self._type(node, current, outer)
            elif kind == "using_directive":
                self._alias(node)
            elif kind == "ERROR":
                self._lose(node, "text between declarations")
                # A stray brace must not hide the types behind it.
                self._declarations(node, current, outer)
            elif outer is not None and kind in _MEMBERS:
                if node.has_error:
                    if kind in ("method_declaration", "constructor_declaration", "destructor_declaration"):
                        name = _type_text(node.child_by_field_name("name")) or outer.name
                        self._lose(node, f"the body of {outer.name}.{name}")
                        self._member(node, outer, lost=True)
                    else:
                        self._lose(node, f"a member of {outer.name}")
                    continue
                self._member(node, outer)

    def _alias(self, node: _Node) -> None:
        name = node.child_by_field_name("name")
        if name is None:
            self.imports += [_type_text(c) for c in node.named_children[-1:]]
            return
        target = [child for child in node.named_children if child.id != name.id]
        if target:
            self.aliases[_text(name)] = _type_text(target[-1])

    def _modifiers(self, node: _Node) -> frozenset[str]:
        return frozenset(_text(child) for child in node.named_children if child.type == "modifier")

    def _attributes(self, node: _Node) -> tuple[Attribute, ...]:
        found: list[Attribute] = []
        for lists in node.named_children:
            if lists.type != "attribute_list":
                if lists.type not in ("comment", "modifier"):
                    break
                continue
            target = ""
            for child in lists.named_children:
                if child.type == "attribute_target_specifier":
                    target = _text(child).strip(": ")
                elif child.type == "attribute":
                    found.append(self._attribute(child, target))
        return tuple(found)

    def _attribute(self, node: _Node, target: str) -> Attribute:
        name = _type_text(node.child_by_field_name("name")).rpartition(".")[2].removesuffix("Attribute")
        arguments: list[tuple[str, Value]] = []
        for lists in node.named_children:
            if lists.type != "attribute_argument_list":
                continue
            for argument in lists.named_children:
                if argument.type != "attribute_argument":
                    continue
                label = argument.child_by_field_name("name")
                values = [c for c in argument.named_children if label is None or c.id != label.id]
                if values:
                    arguments.append((_text(label) if label else "", self.value(values[-1])))
        return Attribute(name, tuple(arguments), target)

    def _type(self, node: _Node, space: str, outer: Type | None) -> None:
        name_node = node.child_by_field_name("name")
        name = _text(name_node) if name_node else ""
        path = f"{outer.path}.{name}" if outer else f"{space}.{name}" if space else name
        bases: tuple[str, ...] = ()
        parameters: tuple[str, ...] = ()
        for child in node.named_children:
            if child.type == "base_list":
                bases = tuple(
                    _type_text(c.named_children[0] if c.type == "primary_constructor_base_type" else c)
                    for c in child.named_children
                    if c.type not in ("argument_list", "comment")
                )
            elif child.type == "type_parameter_list":
                parameters = self._type_parameters(child)
        made = Type(
            node.start_point.row + 1,
            node.start_point.column + 1,
            _TYPES[node.type],
            name,
            path,
            self.path,
            self._modifiers(node),
            self._attributes(node),
            bases,
            parameters,
            outer=outer,
        )
        if name_node is not None:
            made.line = name_node.start_point.row + 1
        self.types.append(made)
        if made.kind == "delegate":
            result = node.child_by_field_name("type") or node.child_by_field_name("returns")
            made.signature = Method(
                made.line,
                made.column,
                name,
                _type_text(result),
                self._parameters(node.child_by_field_name("parameters")),
                made.modifiers,
                made.attributes,
                None,
                node.end_point.row + 1,
                owner=made,
            )
            return
        body = node.child_by_field_name("body")
        if made.kind == "enum":
            made.members = self._enum_members(body)
            return
        if body is not None:
            self._declarations(body, space, made)

    def _type_parameters(self, node: _Node) -> tuple[str, ...]:
        return tuple(
            _type_text(c.child_by_field_name("name"))
            for c in node.named_children
            if c.type == "type_parameter"
        )

    def _enum_members(self, body: _Node | None) -> tuple[tuple[str, Value | None, int], ...]:
        if body is None:
            return ()
        members: list[tuple[str, Value | None, int]] = []
        for child in body.named_children:
            if child.type == "enum_member_declaration":
                value = child.child_by_field_name("value")
                members.append(
                    (
                        _type_text(child.child_by_field_name("name")),
                        self.value(value) if value else None,
                        child.start_point.row + 1,
                    )
                )
        return tuple(members)

    def _parameters(self, node: _Node | None) -> tuple[Parameter, ...]:
        if node is None:
            return ()
        found: list[Parameter] = []
        params = False
        for child in node.children:
            if child.type == "params":
                params = True
            if child.type != "parameter":
                # `params` and its array stand unwrapped in the list.
                if params and child.type == "array_type":
                    name = child.next_named_sibling
                    if name is not None:
                        found.append(
                            Parameter(
                                child.start_point.row + 1,
                                child.start_point.column + 1,
                                _text(name),
                                _type_text(child),
                                "params",
                            )
                        )
                continue
            mode = ""
            for modifier in child.named_children:
                if modifier.type == "modifier" and _text(modifier) in ("ref", "out", "in", "this", "params"):
                    mode = _text(modifier)
            found.append(
                Parameter(
                    child.start_point.row + 1,
                    child.start_point.column + 1,
                    _type_text(child.child_by_field_name("name")),
                    _type_text(child.child_by_field_name("type")),
                    mode,
                    self._attributes(child),
                )
            )
        return tuple(found)

    def _member(self, node: _Node, owner: Type, lost: bool = False) -> None:
        kind = node.type
        if kind in ("field_declaration", "event_field_declaration"):
            self._fields(node, owner, "event" if kind == "event_field_declaration" else "field")
        elif kind in ("property_declaration", "indexer_declaration", "event_declaration"):
            self._property(node, owner)
        else:
            owner.methods.append(self._method(node, owner, lost))

    def _method(self, node: _Node, owner: Type | None, lost: bool = False) -> Method:
        kind = node.type
        name_node = node.child_by_field_name("name")
        name = _text(name_node) if name_node else ""
        if kind == "constructor_declaration":
            name = ".ctor"
        elif kind == "destructor_declaration":
            name = "~"
        elif kind in ("operator_declaration", "conversion_operator_declaration"):
            name = "operator"
        result = node.child_by_field_name("returns") or node.child_by_field_name("type")
        chain = ""
        chained: tuple[Argument, ...] = ()
        interface = ""
        type_parameters: tuple[str, ...] = ()
        for child in node.named_children:
            if child.type == "constructor_initializer":
                chain = "base" if _text(child).lstrip(": \n\t").startswith("base") else "this"
                for part in child.named_children:
                    if part.type == "argument_list":
                        chained = self._arguments(part)
            elif child.type == "explicit_interface_specifier":
                interface = _type_text(child).rstrip(".")
            elif child.type == "type_parameter_list":
                type_parameters = self._type_parameters(child)
        body = None if lost else self._body(node.child_by_field_name("body"))
        place = name_node or node
        return Method(
            place.start_point.row + 1,
            place.start_point.column + 1,
            name,
            _type_text(result) or "void",
            self._parameters(node.child_by_field_name("parameters")),
            self._modifiers(node),
            self._attributes(node),
            body,
            node.end_point.row + 1,
            type_parameters,
            chain,
            chained,
            owner,
            interface,
        )

    def _body(self, node: _Node | None) -> Block | None:
        """A block; an expression body is one ``Return``."""
        if node is None:
            return None
        if node.type == "block":
            return self.block(node)
        if node.type == "arrow_expression_clause":
            node = node.named_children[0]
        value = self.value(node)
        line, column = node.start_point.row + 1, node.start_point.column + 1
        return Block(line, column, (Return(line, column, value),))

    def _fields(self, node: _Node, owner: Type, sort: str) -> None:
        declaration = next((c for c in node.named_children if c.type == "variable_declaration"), None)
        if declaration is None:
            return
        type_ = _type_text(declaration.child_by_field_name("type"))
        modifiers, attributes = self._modifiers(node), self._attributes(node)
        for declarator in declaration.named_children:
            if declarator.type != "variable_declarator":
                continue
            name = declarator.child_by_field_name("name")
            if name is None:
                continue
            values = [
                c
                for c in declarator.named_children
                if c.id != name.id and c.type not in ("bracketed_argument_list", "comment")
            ]
            array = any(c.type == "bracketed_argument_list" for c in declarator.named_children)
            owner.fields.append(
                Field(
                    name.start_point.row + 1,
                    name.start_point.column + 1,
                    _text(name),
                    type_ + ("[]" if array else ""),
                    modifiers,
                    attributes,
                    self.value(values[-1]) if values else None,
                    sort,
                    owner,
                )
            )

    def _property(self, node: _Node, owner: Type) -> None:
        name_node = node.child_by_field_name("name")
        name = _text(name_node) if name_node else "this[]"
        place = name_node or node
        line, column = place.start_point.row + 1, place.start_point.column + 1
        type_ = _type_text(node.child_by_field_name("type"))
        modifiers, attributes = self._modifiers(node), self._attributes(node)
        indexes = self._parameters(node.child_by_field_name("parameters"))
        getter = setter = None
        automatic = node.type == "property_declaration" and "abstract" not in modifiers
        initial: Value | None = None
        accessors = node.child_by_field_name("accessors")
        if accessors is not None:
            for accessor in accessors.named_children:
                if accessor.type != "accessor_declaration":
                    continue
                word = _type_text(accessor.child_by_field_name("name"))
                body = self._body(accessor.child_by_field_name("body"))
                if body is None:
                    continue
                automatic = False
                reads = word == "get"
                made = Method(
                    accessor.start_point.row + 1,
                    accessor.start_point.column + 1,
                    f"{word}_{name}",
                    type_ if reads else "void",
                    indexes if reads else (*indexes, Parameter(line, column, "value", type_)),
                    modifiers,
                    (),
                    body,
                    accessor.end_point.row + 1,
                    owner=owner,
                )
                if word in ("get", "remove"):
                    getter = made
                else:
                    setter = made
        value = node.child_by_field_name("value")
        if value is not None and value.type == "arrow_expression_clause":
            automatic = False
            getter = Method(
                line,
                column,
                f"get_{name}",
                type_,
                indexes,
                modifiers,
                (),
                self._body(value),
                node.end_point.row + 1,
                owner=owner,
            )
        elif value is not None:
            initial = self.value(value)
        if automatic and owner.kind != "interface":
            owner.fields.append(
                Field(line, column, name, type_, modifiers, attributes, initial, "property", owner)
            )
            return
        sort = "event" if node.type == "event_declaration" else "property"
        owner.properties.append(
            Property(line, column, name, type_, modifiers, attributes, getter, setter, sort, owner)
        )

    # --- statements

    def block(self, node: _Node) -> Block:
        """A block, or a single statement as one."""
        if node.type != "block":
            statements = self._statement(node)
        else:
            statements = []
            for child in node.named_children:
                statements += self._statement(child)
        return Block(node.start_point.row + 1, node.start_point.column + 1, tuple(statements))

    def _statement(self, node: _Node) -> list[Statement]:
        kind = node.type
        line, column = node.start_point.row + 1, node.start_point.column + 1
        if kind == "expression_statement":
            return self._taken_apart(node.named_children[0]) or [
                Do(line, column, self.value(node.named_children[0]))
            ]
        if kind == "local_declaration_statement":
            using = any(c.type == "using" for c in node.children)
            return self._locals(
                next((c for c in node.named_children if c.type == "variable_declaration"), None), using
            )
        if kind == "if_statement":
            other = node.child_by_field_name("alternative")
            return [
                If(
                    line,
                    column,
                    self._value_of(node, "condition"),
                    self._block_of(node, "consequence"),
                    self.block(other) if other else None,
                )
            ]
        if kind == "block":
            return [self.block(node)]
        if kind == "return_statement":
            return [Return(line, column, self._first_value(node))]
        if kind in ("break_statement", "continue_statement", "goto_statement", "throw_statement"):
            word = kind.removesuffix("_statement")
            return [Jump(line, column, word, self._first_value(node) if word == "throw" else None)]
        if kind == "yield_statement":
            value = self._first_value(node)
            if value is None:
                return [Jump(line, column, "return")]
            return [Return(line, column, value, "yield")]
        if kind in ("foreach_statement", "for_statement", "while_statement", "do_statement"):
            return [self._loop(node, kind)]
        if kind == "switch_statement":
            return [self._switch(node)]
        if kind == "try_statement":
            return [self._try(node)]
        if kind in ("using_statement", "fixed_statement"):
            return self._using(node, kind == "fixed_statement")
        if kind == "lock_statement":
            parts = node.named_children
            return [Lock(line, column, self.value(parts[0]), self.block(parts[-1]))]
        if kind == "local_function_statement":
            return [LocalFunction(line, column, self._method(node, None))]
        if kind in ("unsafe_statement", "checked_statement", "labeled_statement"):
            return [s for c in node.named_children if c.type != "identifier" for s in self._statement(c)]
        return []

    def _taken_apart(self, node: _Node) -> list[Statement]:
        """``(a, var b) = value`` as a local for the whole, and one statement for each part."""
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if node.type != "assignment_expression" or left is None or right is None:
            return []
        if left.type != "tuple_expression" or right.type == "tuple_expression":
            return []
        line, column = node.start_point.row + 1, node.start_point.column + 1
        whole = f"$whole{line}_{column}"
        declared, assigned = patterns.assigned_parts([a.value for a in self._arguments(left)])
        made: list[Statement] = [Local(line, column, "var", whole, self.value(right))]
        made += patterns.taken_apart(line, column, whole, declared)
        for way, target in assigned:
            value = patterns.along(Name(line, column, whole), way)
            made.append(Do(line, column, Assign(line, column, "=", target, value)))
        return made

    def _locals(self, declaration: _Node | None, using: bool = False, fixed: bool = False) -> list[Statement]:
        if declaration is None:
            return []
        made: list[Statement] = []
        type_ = _type_text(declaration.child_by_field_name("type"))
        for declarator in declaration.named_children:
            if declarator.type != "variable_declarator":
                continue
            line, column = declarator.start_point.row + 1, declarator.start_point.column + 1
            name = declarator.child_by_field_name("name")
            parts = [c for c in declarator.named_children if name is None or c.id != name.id]
            if name is None:
                # var (a, b) = value
                pattern, *rest = parts
                if rest:
                    whole = f"$whole{line}_{column}"
                    made.append(Local(line, column, "var", whole, self.value(rest[-1])))
                    made += patterns.taken_apart(line, column, whole, list(patterns.tuple_ways(pattern)))
                continue
            parts = [c for c in parts if c.type not in ("comment", "bracketed_argument_list")]
            made.append(
                Local(
                    line,
                    column,
                    type_,
                    _text(name),
                    self.value(parts[-1]) if parts else None,
                    using,
                    fixed,
                )
            )
        return made

    def _loop(self, node: _Node, kind: str) -> Statement:
        line, column = node.start_point.row + 1, node.start_point.column + 1
        body = self._block_of(node, "body")
        if kind == "foreach_statement":
            left = node.child_by_field_name("left")
            type_ = _type_text(node.child_by_field_name("type")) or "var"
            name = _text(left) if left else ""
            if left is not None and left.type == "tuple_pattern":
                name = f"$whole{line}_{column}"
                parts = patterns.taken_apart(line, column, name, list(patterns.tuple_ways(left)))
                body = Block(body.line, body.column, (*parts, *body.statements))
            return Foreach(line, column, type_, name, self._value_of(node, "right"), body)
        header: list[Statement] = []
        if kind == "for_statement":
            for index, child in enumerate(node.children):
                field = node.field_name_for_child(index)
                if field == "initializer" and child.type == "variable_declaration":
                    header += self._locals(child)
                elif field in ("initializer", "condition", "update"):
                    header.append(Do(line, column, self.value(child)))
        else:
            condition = node.child_by_field_name("condition")
            if condition is None:
                others = [c for c in node.named_children if c.type != "block"]
                condition = others[0] if others else None
            if condition is not None:
                header.append(Do(line, column, self.value(condition)))
        return Loop(line, column, tuple(header), body)

    def _switch(self, node: _Node) -> Switch:
        sections: list[Section] = []
        body = node.child_by_field_name("body")
        for section in body.named_children if body else ():
            labels: list[str] = []
            binds: list[tuple[str, str]] = []
            statements: list[Statement] = []
            in_labels = True
            for child in section.named_children:
                if child.type == "comment":
                    continue
                if in_labels and (child.type.endswith("_pattern") or child.type == "when_clause"):
                    labels.append("".join(_text(child).split()) if child.type != "when_clause" else "")
                    for way, name, type_ in patterns.property_ways(child):
                        if way:
                            value = patterns.along(self._value_of(node, "value"), way)
                            statements.append(Local(value.line, value.column, type_, name, value))
                        else:
                            binds.append((name, type_))
                elif child.type.endswith("_statement") or child.type == "block":
                    in_labels = False
                    statements += self._statement(child)
                elif in_labels:
                    labels.append("".join(_text(child).split()))
            place = section.start_point
            block = Block(place.row + 1, place.column + 1, tuple(statements))
            sections.append(Section(tuple(label for label in labels if label), tuple(binds), block))
        return Switch(
            node.start_point.row + 1,
            node.start_point.column + 1,
            self._value_of(node, "value"),
            tuple(sections),
        )

    def _try(self, node: _Node) -> Try:
        catches: list[Catch] = []
        final: Block | None = None
        for child in node.named_children:
            if child.type == "catch_clause":
                type_ = name = ""
                filtered = False
                for part in child.named_children:
                    if part.type == "catch_declaration":
                        type_ = _type_text(part.child_by_field_name("type"))
                        name = _type_text(part.child_by_field_name("name"))
                    filtered = filtered or part.type == "catch_filter_clause"
                catches.append(Catch(type_, name, filtered, self._block_of(child, "body")))
            elif child.type == "finally_clause":
                block = next((c for c in child.named_children if c.type == "block"), None)
                final = self.block(block) if block else None
        return Try(
            node.start_point.row + 1,
            node.start_point.column + 1,
            self._block_of(node, "body"),
            tuple(catches),
            final,
        )

    def _using(self, node: _Node, fixed: bool) -> list[Statement]:
        line, column = node.start_point.row + 1, node.start_point.column + 1
        named = [c for c in node.named_children if c.type != "comment"]
        declaration = next((c for c in named if c.type == "variable_declaration"), None)
        body = node.child_by_field_name("body") or named[-1]
        block = self.block(body)
        resources: list[Statement]
        if declaration is not None:
            resources = self._locals(declaration, not fixed, fixed)
        else:
            resources = [Do(line, column, self.value(named[0]))]
        for resource in reversed(resources):
            block = Block(line, column, (Using(line, column, resource, block),))
        return list(block.statements)

    def _block_of(self, node: _Node, field: str) -> Block:
        child = node.child_by_field_name(field)
        if child is None:
            return Block(node.start_point.row + 1, node.start_point.column + 1, ())
        return self.block(child)

    # --- values

    def _value_of(self, node: _Node, field: str) -> Value:
        child = node.child_by_field_name(field)
        return self.value(child) if child is not None else self._nothing(node)

    def _first_value(self, node: _Node) -> Value | None:
        for child in node.named_children:
            if child.type != "comment":
                return self.value(child)
        return None

    def _nothing(self, node: _Node) -> Value:
        return Tuple(node.start_point.row + 1, node.start_point.column + 1, "none", ())

    def _arguments(self, node: _Node | None) -> tuple[Argument, ...]:
        if node is None:
            return ()
        found: list[Argument] = []
        for child in node.named_children:
            if child.type != "argument":
                continue
            mode = ""
            name = child.child_by_field_name("name")
            for part in child.children:
                if part.type in ("ref", "out", "in"):
                    mode = part.type
            values = [c for c in child.named_children if c.type not in ("comment", "modifier")]
            values = [c for c in values if name is None or c.id != name.id]
            if not values:
                # `this` is a token, not a node of its own.
                values = child.children[-1:]
            value = self.value(values[-1])
            found.append(Argument(value, _text(name) if name else "", mode))
        return tuple(found)

    def value(self, node: _Node) -> Value:
        """A value; what has no shape of its own is a ``Tuple`` of its parts."""
        handler = _VALUES.get(node.type)
        if handler is not None:
            return handler(self, node)
        line, column = node.start_point.row + 1, node.start_point.column + 1
        if node.type in _TYPE_NODES or node.type == "generic_name":
            return Name(line, column, _type_text(node))
        parts = tuple(self.value(c) for c in node.named_children if c.type != "comment")
        if node.type == "parenthesized_expression" and parts:
            return parts[0]
        return Tuple(line, column, node.type, parts)

    def _name(self, node: _Node) -> Value:
        return Name(node.start_point.row + 1, node.start_point.column + 1, _text(node).lstrip("@"))

    def _member_access(self, node: _Node) -> Value:
        name = node.child_by_field_name("name")
        target = self._value_of(node, "expression")
        place = name or node
        return Member(
            place.start_point.row + 1,
            place.start_point.column + 1,
            target,
            _type_text(name).partition("<")[0],
        )

    def _qualified(self, node: _Node) -> Value:
        parts = _type_text(node).split(".")
        line, column = node.start_point.row + 1, node.start_point.column + 1
        value: Value = Name(line, column, parts[0])
        for part in parts[1:]:
            value = Member(line, column, value, part)
        return value

    def _conditional_access(self, node: _Node) -> Value:
        condition = node.child_by_field_name("condition")
        rest = [c for c in node.named_children if condition is None or c.id != condition.id]
        if condition is None or not rest:
            return self._nothing(node)
        self.bound.append(self.value(condition))
        value = self.value(rest[-1])
        self.bound.pop()
        return value

    def _member_binding(self, node: _Node) -> Value:
        name = node.child_by_field_name("name")
        target = self.bound[-1] if self.bound else self._nothing(node)
        place = name or node
        return Member(
            place.start_point.row + 1,
            place.start_point.column + 1,
            target,
            _type_text(name).partition("<")[0],
            True,
        )

    def _element_binding(self, node: _Node) -> Value:
        target = self.bound[-1] if self.bound else self._nothing(node)
        arguments = tuple(argument.value for argument in self._arguments(node))
        return Index(node.start_point.row + 1, node.start_point.column + 1, target, arguments)

    def _call(self, node: _Node) -> Value:
        function = node.child_by_field_name("function")
        line, column = node.start_point.row + 1, node.start_point.column + 1
        if function is None:
            return self._nothing(node)
        arguments = self._arguments(node.child_by_field_name("arguments"))
        target = self.value(function)
        types: tuple[str, ...] = ()
        generic = function if function.type == "generic_name" else function.child_by_field_name("name")
        if generic is None and function.type == "conditional_access_expression":
            generic = function.named_children[-1].child_by_field_name("name")
        if generic is not None and generic.type == "generic_name":
            types = tuple(
                _type_text(t)
                for c in generic.named_children
                if c.type == "type_argument_list"
                for t in c.named_children
            )
        if isinstance(target, Name):
            if target.name == "nameof" and len(arguments) == 1:
                return Unary(line, column, "nameof", arguments[0].value)
            target.name = target.name.partition("<")[0]
        if isinstance(target, Member):
            line, column = target.line, target.column
        return Call(line, column, target, arguments, types)

    def _new(self, node: _Node) -> Value:
        arguments = node.child_by_field_name("arguments")
        if arguments is None:
            arguments = next((c for c in node.named_children if c.type == "argument_list"), None)
        initializer = node.child_by_field_name("initializer")
        if initializer is None:
            initializer = next((c for c in node.named_children if c.type == "initializer_expression"), None)
        type_ = _type_text(node.child_by_field_name("type"))
        if node.type == "array_creation_expression":
            type_ = type_.partition("[")[0] + "[]"
        elif node.type == "implicit_array_creation_expression":
            type_ = "[]"
        return New(
            node.start_point.row + 1,
            node.start_point.column + 1,
            type_,
            self._arguments(arguments),
            self._initializer(initializer),
        )

    def _initializer(self, node: _Node | None) -> tuple[tuple[str, Value], ...]:
        if node is None:
            return ()
        members: list[tuple[str, Value]] = []
        for child in node.named_children:
            if child.type == "assignment_expression":
                left = child.child_by_field_name("left")
                right = child.child_by_field_name("right")
                if left is not None and right is not None:
                    name = _text(left) if left.type == "identifier" else ""
                    members.append((name, self.value(right)))
            elif child.type != "comment":
                members.append(("", self.value(child)))
        return tuple(members)

    def _initializer_value(self, node: _Node) -> Value:
        return New(node.start_point.row + 1, node.start_point.column + 1, "", (), self._initializer(node))

    def _assignment(self, node: _Node) -> Value:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is not None and right is not None and left.type == right.type == "tuple_expression":
            # (a, b) = (c, d)
            line, column = node.start_point.row + 1, node.start_point.column + 1
            pairs = zip(self._arguments(left), self._arguments(right), strict=False)
            return Tuple(
                line, column, "assigned", tuple(Assign(line, column, "=", a.value, b.value) for a, b in pairs)
            )
        operator = node.child_by_field_name("operator")
        return Assign(
            node.start_point.row + 1,
            node.start_point.column + 1,
            _text(operator) if operator else "=",
            self._value_of(node, "left"),
            self._value_of(node, "right"),
        )

    def _binary(self, node: _Node) -> Value:
        operator = node.child_by_field_name("operator")
        return Binary(
            node.start_point.row + 1,
            node.start_point.column + 1,
            _text(operator) if operator else "",
            self._value_of(node, "left"),
            self._value_of(node, "right"),
        )

    def _lambda(self, node: _Node) -> Value:
        line, column = node.start_point.row + 1, node.start_point.column + 1
        parameters = node.child_by_field_name("parameters")
        made: tuple[Parameter, ...] = ()
        if parameters is not None and parameters.type == "parameter_list":
            made = self._parameters(parameters)
        elif parameters is not None:
            made = (Parameter(line, column, _text(parameters), ""),)
        body = node.child_by_field_name("body")
        if body is None:
            body = next((c for c in node.named_children if c.type == "block"), None)
        held, self.bound = self.bound, []
        block = self._body(body) or Block(line, column, ())
        self.bound = held
        return Lambda(line, column, made, block)

    def _literal(self, node: _Node) -> Value:
        kind = {
            "null_literal": "null",
            "boolean_literal": "bool",
            "integer_literal": "number",
            "real_literal": "number",
        }.get(node.type, "string")
        text = _text(node)
        if kind == "string":
            text = text.lstrip("@$").strip('"')
        return Literal(node.start_point.row + 1, node.start_point.column + 1, kind, text)

    def _cast(self, node: _Node) -> Value:
        return Cast(
            node.start_point.row + 1,
            node.start_point.column + 1,
            _type_text(node.child_by_field_name("type")),
            self._value_of(node, "value"),
        )

    def _as(self, node: _Node) -> Value:
        return Cast(
            node.start_point.row + 1,
            node.start_point.column + 1,
            _type_text(node.child_by_field_name("right")),
            self._value_of(node, "left"),
        )

    def _is(self, node: _Node) -> Value:
        pattern = node.child_by_field_name("pattern") or node.child_by_field_name("right")
        type_ = binds = ""
        if pattern is not None:
            if pattern.type == "declaration_pattern" or pattern.type == "recursive_pattern":
                type_ = _type_text(pattern.child_by_field_name("type"))
                binds = _type_text(pattern.child_by_field_name("name"))
            elif pattern.type in ("constant_pattern", "type_pattern", "identifier"):
                type_ = _type_text(pattern)
        subject = node.child_by_field_name("expression") or node.child_by_field_name("left")
        line, column = node.start_point.row + 1, node.start_point.column + 1
        test: Value = Test(
            line,
            column,
            self.value(subject) if subject is not None else self._nothing(node),
            type_,
            binds,
            "".join(_text(pattern).split()) if pattern is not None else "",
        )
        if pattern is not None and subject is not None and subject.type in _REPEATABLE:
            for way, name, written in patterns.property_ways(pattern):
                if way:
                    inner = patterns.along(self.value(subject), way)
                    test = Binary(line, column, "&&", test, Test(line, column, inner, written, name, ""))
        return test

    def _conditional(self, node: _Node) -> Value:
        return Conditional(
            node.start_point.row + 1,
            node.start_point.column + 1,
            self._value_of(node, "condition"),
            self._value_of(node, "consequence"),
            self._value_of(node, "alternative"),
        )

    def _choice(self, node: _Node) -> Value:
        arms: list[tuple[str, Value]] = []
        named = [c for c in node.named_children if c.type != "comment"]
        for child in named[1:]:
            for arm in [child] if child.type == "switch_expression_arm" else child.named_children:
                parts = [c for c in arm.named_children if c.type != "comment"]
                if len(parts) >= 2:
                    arms.append(("".join(_text(parts[0]).split()), self.value(parts[-1])))
        return Choice(
            node.start_point.row + 1, node.start_point.column + 1, self.value(named[0]), tuple(arms)
        )

    def _element_access(self, node: _Node) -> Value:
        subscript = node.child_by_field_name("subscript")
        return Index(
            node.start_point.row + 1,
            node.start_point.column + 1,
            self._value_of(node, "expression"),
            tuple(argument.value for argument in self._arguments(subscript)),
        )

    def _unary(self, node: _Node) -> Value:
        named = [c for c in node.named_children if c.type != "comment"]
        if node.type == "postfix_unary_expression" and _text(node).endswith("!") and named:
            return self.value(named[0])
        op = {
            "await_expression": "await",
            "throw_expression": "throw",
            "ref_expression": "ref",
            "typeof_expression": "typeof",
            "sizeof_expression": "sizeof",
            "default_expression": "default",
            "checked_expression": "checked",
        }.get(node.type)
        if op is None:
            tokens = [_text(c) for c in node.children if not c.is_named]
            op = tokens[0] if tokens else "?"
        inner = self.value(named[-1]) if named else self._nothing(node)
        if op == "checked":
            return inner
        return Unary(node.start_point.row + 1, node.start_point.column + 1, op, inner)

    def _declares(self, node: _Node) -> Value:
        name = node.child_by_field_name("name")
        return Declares(
            node.start_point.row + 1,
            node.start_point.column + 1,
            _type_text(node.child_by_field_name("type")),
            _text(name) if name else "",
        )

    def _tuple(self, node: _Node) -> Value:
        parts = tuple(argument.value for argument in self._arguments(node))
        return Tuple(node.start_point.row + 1, node.start_point.column + 1, "tuple", parts)

    def _interpolated(self, node: _Node) -> Value:
        parts: list[Value] = []
        for child in node.named_children:
            if child.type == "interpolation":
                parts += [
                    self.value(c)
                    for c in child.named_children
                    if c.type
                    not in (
                        "interpolation_brace",
                        "interpolation_format_clause",
                        "interpolation_alignment_clause",
                    )
                ]
        return Tuple(node.start_point.row + 1, node.start_point.column + 1, "text", tuple(parts))


_VALUES: dict[str, Callable[[_File, _Node], Value]] = {
    "identifier": _File._name,
    "this": _File._name,
    "base": _File._name,
    "this_expression": _File._name,
    "base_expression": _File._name,
    "discard": _File._name,
    "member_access_expression": _File._member_access,
    "pointer_member_access_expression": _File._member_access,
    "qualified_name": _File._qualified,
    "alias_qualified_name": _File._qualified,
    "conditional_access_expression": _File._conditional_access,
    "member_binding_expression": _File._member_binding,
    "element_binding_expression": _File._element_binding,
    "invocation_expression": _File._call,
    "object_creation_expression": _File._new,
    "implicit_object_creation_expression": _File._new,
    "array_creation_expression": _File._new,
    "implicit_array_creation_expression": _File._new,
    "stackalloc_expression": _File._new,
    "initializer_expression": _File._initializer_value,
    "assignment_expression": _File._assignment,
    "binary_expression": _File._binary,
    "lambda_expression": _File._lambda,
    "anonymous_method_expression": _File._lambda,
    "null_literal": _File._literal,
    "boolean_literal": _File._literal,
    "integer_literal": _File._literal,
    "real_literal": _File._literal,
    "string_literal": _File._literal,
    "verbatim_string_literal": _File._literal,
    "raw_string_literal": _File._literal,
    "character_literal": _File._literal,
    "cast_expression": _File._cast,
    "as_expression": _File._as,
    "is_pattern_expression": _File._is,
    "is_expression": _File._is,
    "conditional_expression": _File._conditional,
    "switch_expression": _File._choice,
    "element_access_expression": _File._element_access,
    "await_expression": _File._unary,
    "throw_expression": _File._unary,
    "ref_expression": _File._unary,
    "typeof_expression": _File._unary,
    "sizeof_expression": _File._unary,
    "default_expression": _File._unary,
    "checked_expression": _File._unary,
    "prefix_unary_expression": _File._unary,
    "postfix_unary_expression": _File._unary,
    "declaration_expression": _File._declares,
    "tuple_expression": _File._tuple,
    "interpolated_string_expression": _File._interpolated,
}
