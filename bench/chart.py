"""The results as one picture: each row's result as a bar against its goal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

_ROW = 22
_LABEL = 380
_WIDTH = 1180
_GOAL_AT = 700


@dataclass(frozen=True, slots=True)
class Bar:
    """A result as a part of its goal: 1 is exactly the goal, less is better."""

    label: str
    text: str
    of_goal: float


def svg(bars: Sequence[Bar], title: str) -> str:
    """An SVG image; the goal is a line that no bar should cross."""
    height = 60 + _ROW * len(bars)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" '
        f'height="{height}" font-family="sans-serif" font-size="12" fill="#1b1f24">',
        f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>',
        f'<text x="12" y="22" font-size="15">{escape(title)}</text>',
        f'<text x="{_GOAL_AT}" y="40" text-anchor="middle" fill="#57606a">the goal</text>',
    ]
    for number, bar in enumerate(bars):
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
