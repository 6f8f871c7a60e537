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
    unit, bar, gap, left, top = 14, 44, 16, 40, 20
    bottom = top + unit * max(one["total"] for one in counts)
    parts = [
        _text(left + i * 130 % 780, bottom + 200 + 18 * (i // 6), kind, fill=_COLOURS[i])
        for i, kind in enumerate(kinds)
    ]
    for at, (step, one) in enumerate(zip(steps, counts, strict=True)):
        x, y = left + at * (bar + gap), bottom
        for i, kind in enumerate(kinds):
            height = unit * one[kind]
            y -= height
            if height:
                parts.append(f'<rect x="{x}" y="{y}" width="{bar}" height="{height}" fill="{_COLOURS[i]}"/>')
        parts.append(_text(x + bar // 2 - 7, y - 4, str(one["total"])))
        turned = f'transform="rotate(35 {x} {bottom + 16})"'
        parts.append(_text(x, bottom + 16, step["step"], extra=turned))
    parts.append(f'<path d="M{left - 8} {bottom + 1}H{left + len(steps) * (bar + gap)}" stroke="#888"/>')
    return _svg(left + len(steps) * (bar + gap) + 170, bottom + 240, parts)


def panel(elements: list[str]) -> str:
    """What the panel drew, one line an element."""
    parts, y = [], 24
    for element in elements:
        what, _, text = element.partition(" ")
        if what in ("button", "disabled"):
            ink = "#222" if what == "button" else "#aaa"
            parts.append(
                f'<rect x="10" y="{y - 15}" width="200" height="21" rx="4" fill="#e8e8e8" stroke="{ink}"/>'
            )
            parts.append(_text(20, y, text, fill=ink))
        elif what == "texture":
            parts.append(f'<rect x="10" y="{y - 15}" width="200" height="21" fill="#cfe3f5"/>')
            parts.append(_text(20, y, f"picture, {text} pixels"))
        else:
            parts.append(_text(10, y, text))
        y += 26
    return _svg(340, y, parts)


def _columns(line: str) -> dict[str, int]:
    return {name: int(count) for name, _, count in (column.partition("=") for column in line.split())}


def _text(x: int, y: int, text: str, fill: str = "#222", extra: str = "") -> str:
    return f'<text x="{x}" y="{y}" fill="{fill}" {extra}>{escape(text.strip())}</text>'


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
