"""Decides which strings are keys, and the kind whose objects each names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from gen_bindings.config import Config
from gen_bindings.model.binding import Answer, Delivery, FieldPath, KeyReference, Kind, MessageCall, Operation
from gen_bindings.model.schema import Field, Scalar
from gen_bindings.naming import plural
from gen_bindings.passes.resolve_names import Names, is_exact
from gen_bindings.passes.type_borrowed import request_paths


@dataclass(frozen=True, slots=True)
class _Pattern:
    text: str
    kind: str
    role: str | None = None


class KeyTypes:
    """Types a string field by the configuration; knows which ones are called like a key."""

    def __init__(self, config: Config, kinds: tuple[Kind, ...], names: Names) -> None:
        self._names = names
        self._not_keys = config.not_keys
        names.check_field_names(config.not_keys, "not_keys")
        self._definitions = {
            (kind.info_message, kind.key.field): kind.name for kind in kinds if kind.key is not None
        }
        self._endings = tuple(dict.fromkeys(n for kind in kinds if kind.key for n in _forms(kind.key.field)))
        self._patterns: list[_Pattern] = []
        self._role_patterns: list[_Pattern] = []
        for kind in kinds:
            table = config.kinds.get(kind.name)
            if table is not None and kind.key is not None:
                names.check_field_names(table.references, f"kinds.{kind.name}.references")
                self._patterns += (_Pattern(text, kind.name) for text in table.references)
                self._role_patterns += (
                    _Pattern(text, kind.name, role)
                    for role, role_table in table.roles.items()
                    for text in role_table.borrowed
                )

    def reference(self, path: FieldPath, field: Field) -> KeyReference | str | None:
        """The reference that the string at ``path`` is, ``None``, or why that cannot be told."""
        if field.scalar is not Scalar.STRING or self._fits(path, self._not_keys):
            return None
        exact = self._kinds(path, exact=True)
        if not exact and (path.last.message, field.name) in self._definitions:
            return None
        found = exact or self._kinds(path, exact=False)
        if len(found) > 1:
            return f"several kinds claim it: {' and '.join(found)}"
        if not found:
            ending = next((e for e in self._endings if field.name == e or field.name.endswith("_" + e)), None)
            return f"it ends like the key {ending}, and no kind claims it" if ending else None
        return KeyReference(
            path=path,
            kind=found[0],
            role=self._role(path, found[0]),
            many=any(step.repeated for step in path.steps),
            optional=any(step.optional for step in path.steps),
        )

    def _kinds(self, path: FieldPath, *, exact: bool) -> list[str]:
        patterns = [p for p in self._patterns if is_exact(p.text) is exact]
        fitting = [p for p in patterns if self._fits(path, (p.text,))]
        plain = [p for p in fitting if "*" not in p.text]
        return list(dict.fromkeys(p.kind for p in plain or fitting))

    def _role(self, path: FieldPath, kind: str) -> str | None:
        return next(
            (p.role for p in self._role_patterns if p.kind == kind and self._fits(path, (p.text,))), None
        )

    def _fits(self, path: FieldPath, patterns: tuple[str, ...]) -> bool:
        step = path.last
        return any(self._names.field_fits(step.message, step.field, pattern) for pattern in patterns)


def resolve_keys(
    types: KeyTypes,
    operations: tuple[Operation, ...],
    deliveries: tuple[Delivery, ...],
    names: Names,
    problems: list[str],
) -> tuple[tuple[Operation, ...], tuple[Delivery, ...]]:
    """Operations, their answers, and deliveries with the keys that they hold."""
    unresolved: dict[str, str] = {}

    def found(paths: Iterator[tuple[FieldPath, Field]], where: str) -> Iterator[KeyReference]:
        for path, field in paths:
            reference = types.reference(path, field)
            if isinstance(reference, KeyReference):
                yield reference
            elif reference is not None:
                name = f"{names.index.short(path.last.message)}.{field.name}"
                unresolved.setdefault(
                    name,
                    f'{where}: the key {path.plain} has no kind: {reference}. Add "{name}" to references '
                    "of its kind, or to "
                    "not_keys.",
                )

    def in_answer(answer: Answer, call: MessageCall, where: str) -> Answer:
        paths = (
            (path, field)
            for path, field in names.index.walk(answer.message)
            if answer is not call.response
            or call.inner_response is None
            or path.steps[0] == call.inner_response
        )
        return replace(answer, keys=tuple(found(paths, where)))

    def in_operation(operation: Operation) -> Operation:
        call = operation.call
        assert isinstance(call, MessageCall)
        keys = tuple(found(request_paths(operation, names), operation.name))
        response = in_answer(call.response, call, operation.name)
        callback = in_answer(call.callback, call, operation.name) if call.callback else None
        return replace(operation, keys=keys, call=replace(call, response=response, callback=callback))

    resolved = tuple(in_operation(operation) for operation in operations)
    delivered = tuple(replace(d, keys=tuple(found(names.index.walk(d.message), d.name))) for d in deliveries)
    problems += unresolved.values()
    return resolved, delivered


def _forms(name: str) -> tuple[str, ...]:
    return (name, plural(name))
