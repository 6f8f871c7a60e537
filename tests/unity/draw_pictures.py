"""Draws the pictures of the sample's read-me from a run of the sample in the tests' player loop.

python tests/unity/draw_pictures.py
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

PICTURES = Path(__file__).resolve().parents[2] / "unity_sample" / "Pictures~"
_COLOURS = ("#4e79a7", "#f28e2b", "#59a14f", "#e15759", "#76b7b2", "#edc948", "#b07aa1", "#9c755f", "#bab0ac")
_SHOWN = "a guest joined, its tracks are shown and played"


def pictures(steps: list[dict[str, Any]]) -> dict[str, str]:
    """The pictures by file name."""
    shown = next(step for step in steps if step["step"] == _SHOWN)
    return {"handles.svg": timeline(steps), "panel.svg": panel(shown["panel"])}


def timeline(steps: list[dict[str, Any]]) -> str:
    """How many handles of each kind are alive after each step, one bar a step."""
    counts = [_columns(step["handles"]) for step in steps]
    kinds = [kind for kind in counts[0] if kind != "total" and any(one[kind] for one in counts)]
    unit, row, left, top = 24, 26, 300, 36
    width = left + unit * max(one["total"] for one in counts) + 40
    parts = [_text(10, 20, "After this step", weight="bold"), _text(left, 20, "is alive", weight="bold")]
    for at, (step, one) in enumerate(zip(steps, counts, strict=True)):
        x, y = left, top + at * row
        parts.append(_text(left - 10, y + 15, step["step"], anchor="end"))
        for colour, kind in zip(_COLOURS, kinds, strict=False):
            if one[kind]:
                parts.append(_box(x, y, unit * one[kind], row - 6, colour))
                x += unit * one[kind]
        parts.append(_text(x + 6, y + 15, str(one["total"])))
    bottom = top + len(steps) * row
    parts.append(f'<path d="M{left} {top - 4}V{bottom}" stroke="#888"/>')
    for at, (colour, kind) in enumerate(zip(_COLOURS, kinds, strict=False)):
        x, y = left + at % 3 * 130, bottom + 14 + at // 3 * 20
        parts += [_box(x, y, 12, 12, colour), _text(x + 18, y + 10, kind.replace("_", " "))]
    return _svg(width, bottom + 14 + (len(kinds) + 2) // 3 * 20 + 6, parts)


def panel(elements: list[str]) -> str:
    """What the panel drew, where it drew it."""
    parts: list[str] = []
    left, width, y, lowest = 0, 0, 0, 0
    row: list[str] | None = None
    for element in elements:
        what, _, text = element.partition(" ")
        if what == "area":
            left, width = (int(float(number)) for number in text.split())
            y = 12
        elif what == "row":
            row = []
        elif what == "end":
            assert row is not None
            each = width // len(row)
            for at, button in enumerate(row):
                parts += _button(button, left + at * each, y, each - 4)
            y, row = y + 26, None
        elif row is not None:
            row.append(element)
        elif what == "texture":
            parts += [_box(left, y, 160, 90, "#999"), _text(left + 36, y + 49, f"{text} pixels", fill="#fff")]
            y += 96
        elif what == "label":
            parts.append(_text(left, y + 15, text))
            y += 20
        else:
            parts += _button(element, left, y, width)
            y += 26
        lowest = max(lowest, y)
    return _svg(left + width, lowest + 10, parts)


def _button(element: str, x: int, y: int, width: int) -> list[str]:
    what, _, text = element.partition(" ")
    ink = "#222" if what == "button" else "#aaa"
    shape = f'<rect x="{x}" y="{y}" width="{width}" height="21" rx="4" fill="#e8e8e8" stroke="{ink}"/>'
    return [shape, _text(x + width // 2, y + 15, text, fill=ink, anchor="middle")]


def _columns(line: str) -> dict[str, int]:
    return {name: int(count) for name, _, count in (column.partition("=") for column in line.split())}


def _text(
    x: int, y: int, text: str, fill: str = "#222", anchor: str = "start", weight: str = "normal"
) -> str:
    look = f'fill="{fill}" text-anchor="{anchor}" font-weight="{weight}"'
    return f'<text x="{x}" y="{y}" {look}>{escape(text.strip())}</text>'


def _box(x: int, y: int, width: int, height: int, fill: str) -> str:
    return f'<rect x="{x}" y="{y}" width="{width}" height="{height}" fill="{fill}"/>'


def _svg(width: int, height: int, parts: list[str]) -> str:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
    style = 'font-family="sans-serif" font-size="12">'
    back = f'<rect width="{width}" height="{height}" fill="#fff"/>'
    return "\n".join([head + style, back, *parts, "</svg>", ""])


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    import unity_lab

    PICTURES.mkdir(exist_ok=True)
    for name, text in pictures(unity_lab.run("InPlayer", editor=False).value()).items():
        (PICTURES / name).write_text(text, "utf-8")
        print(PICTURES / name)
