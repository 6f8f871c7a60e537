"""The results as pictures: bars against their goals, and curves over the number of threads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

_ROW = 22
_LABEL = 380
_WIDTH = 1180
_GOAL_AT = 700


# Where the curves are drawn: left, top, width and height.
_PLOT = (60, 60, 560, 260)
_COLOURS = ("#0969da", "#bf3989", "#1a7f37")


@dataclass(frozen=True, slots=True)
class Bar:
    """A result as a part of its goal: 1 is exactly the goal, less is better."""

    label: str
    text: str
    of_goal: float


@dataclass(frozen=True, slots=True)
class Curve:
    """Values by number of threads, drawn in its group's colour; the kind ``raw`` is dashed."""

    group: str
    kind: str
    points: Sequence[tuple[int, float]]


def bars(results: Sequence[Bar], title: str) -> str:
    """An SVG image; the goal is a line that no bar should cross."""
    height = 60 + _ROW * len(results)
    lines = [
        *_head(_WIDTH, height, title),
        f'<text x="{_GOAL_AT}" y="40" text-anchor="middle" fill="#57606a">the goal</text>',
    ]
    for number, bar in enumerate(results):
        top = 48 + number * _ROW
        length = min(bar.of_goal, 1.5) * (_GOAL_AT - _LABEL)
        colour = "#2da44e" if bar.of_goal <= 1 else "#cf222e"
        end = _LABEL + max(length, 1)
        lines += [
            f'<text x="{_LABEL - 8}" y="{top + 14}" text-anchor="end">{escape(bar.label)}</text>',
            f'<rect x="{_LABEL}" y="{top + 3}" width="{end - _LABEL:.1f}" height="14" fill="{colour}"/>',
            f'<text x="{end + 6:.1f}" y="{top + 14}" fill="#57606a">{escape(bar.text)}</text>',
        ]
    bottom = height - 8
    lines += [
        f'<path d="M{_GOAL_AT} 44V{bottom}" stroke="#57606a" stroke-dasharray="4 3"/>',
        "</svg>",
        "",
    ]
    return "\n".join(lines)


def curves(results: Sequence[Curve], title: str) -> str:
    """An SVG image; threads stand at equal distances."""
    left, top, width, height = _PLOT
    threads = sorted({at for curve in results for at, _ in curve.points})
    most = max((value for curve in results for _, value in curve.points), default=1.0)
    groups = list(dict.fromkeys(curve.group for curve in results))

    def place(at: int, value: float) -> tuple[float, float]:
        step = width / max(1, len(threads) - 1)
        return left + threads.index(at) * step, top + height * (1 - value / most)

    lines = [*_head(left + width + 220, top + height + 50, title)]
    for value in (0.0, most / 2, most):
        y = place(threads[0], value)[1] if threads else top
        lines += [
            f'<path d="M{left} {y:.1f}h{width}" stroke="#d0d7de"/>',
            f'<text x="{left - 8}" y="{y + 4:.1f}" text-anchor="end">{value:.1f}</text>',
        ]
    lines += [
        f'<text x="{place(at, 0)[0]:.1f}" y="{top + height + 20}" text-anchor="middle">{at}</text>'
        for at in threads
    ]
    for number, curve in enumerate(results):
        colour = _COLOURS[groups.index(curve.group) % len(_COLOURS)]
        dash = ' stroke-dasharray="5 4"' if curve.kind == "raw" else ""
        path = "L".join("{:.1f} {:.1f}".format(*place(at, value)) for at, value in curve.points)
        y = top + 10 + number * 20
        x = left + width + 20
        lines += [
            f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="2"{dash}/>',
            f'<path d="M{x} {y}h30" stroke="{colour}" stroke-width="2"{dash}/>',
            f'<text x="{x + 38}" y="{y + 4}">{escape(curve.group)}, {escape(curve.kind)}</text>',
        ]
    return "\n".join([*lines, "</svg>", ""])


def _head(width: int, height: int, title: str) -> list[str]:
    return [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" font-family="sans-serif" font-size="12" fill="#1b1f24">',
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        f'<text x="12" y="22" font-size="15">{escape(title)}</text>',
    ]
