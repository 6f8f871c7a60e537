"""Decides in which order kinds are released: children before parents."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from gen_bindings.model.binding import Binding


def order_release(binding: Binding, problems: list[str]) -> Binding:
    """The binding with its release order; parents that form a circle are a problem."""
    # A kind may stand under itself: which object is above which is then the tree's to know.
    parents = {kind.name: tuple(p for p in kind.parents if p != kind.name) for kind in binding.kinds}
    depth: dict[str, int] = {}
    for kind in parents:
        circle = next(_circles(kind, parents, ()), None)
        if circle is not None and min(circle) == kind:
            problems.append(
                f"{kind}: the parents form a circle, {' under '.join((*circle, circle[0]))}: take one out "
                "of parents of "
                f"[kinds.{kind}]."
            )
    for kind in parents:
        _depth(kind, parents, depth, ())
    order = sorted(parents, key=lambda kind: -depth[kind])
    return replace(binding, release_order=tuple(order))


def _circles(
    kind: str, parents: dict[str, tuple[str, ...]], below: tuple[str, ...]
) -> Iterator[tuple[str, ...]]:
    if kind in below:
        yield below[below.index(kind) :]
        return
    for parent in parents.get(kind, ()):
        yield from _circles(parent, parents, (*below, kind))


def _depth(
    kind: str, parents: dict[str, tuple[str, ...]], depth: dict[str, int], below: tuple[str, ...]
) -> int:
    if kind in below:
        return 0
    if kind not in depth:
        above = (_depth(parent, parents, depth, (*below, kind)) for parent in parents.get(kind, ()))
        depth[kind] = 1 + max(above, default=-1)
    return depth[kind]
