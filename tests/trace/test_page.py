"""The HTML page in a browser: what it shows, and how fast it moves with a hundred thousand records."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import FRAMES, Browser
from trace_fixtures import CLIENTS, Recorded

from gen_bindings.report.trace_page import report_html

pytestmark = [
    pytest.mark.quick,
    pytest.mark.skipif(
        shutil.which("chromium") is None or shutil.which("chromedriver") is None,
        reason="chromium and chromedriver are not installed (Debian: chromium, chromium-driver)",
    ),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with Browser() as opened:
        yield opened


def _page(reference: Recorded, folder: Path, script: str) -> Path:
    environment = {**os.environ, **reference.environment(folder / "run")}
    command = [sys.executable, str(CLIENTS), str(reference.recorder), script]
    subprocess.run(command, env=environment, check=True, capture_output=True)
    page = folder / "report.html"
    page.write_text(report_html(reference.read(folder)), "utf-8")
    return page


def test_a_finding_shows_its_handles_history(browser: Browser, reference: Recorded, tmp_path: Path) -> None:
    page = _page(reference, tmp_path, "release_parent_first")
    browser.open(page)
    rows = browser.run("return [...document.querySelectorAll('.row .main')].map(e => e.textContent)")
    # The ids depend on whether the callback or the response took the next one first.
    assert len(rows) == 1
    assert re.fullmatch(r"Room \d+ was released before its children LocalParticipant \d+\.", rows[0])
    detail = browser.run(
        "document.querySelector('.row').click(); return document.getElementById('detail').textContent"
    )
    assert "born: ConnectCallback.result.room" in detail
    assert re.search(r"under Room \d+", detail)
    assert "by the binding" in detail
    assert "What to do: Release children first" in detail

    browser.run("document.querySelector('[data-tab=tree]').click()")
    tree = browser.run(
        "return [...document.querySelectorAll('.row')].map(r => "
        "[r.children[0].textContent, r.children[1].textContent, r.children[1].style.paddingLeft])"
    )
    kinds = [[order, re.sub(r" \d+$", "", name), padding] for order, name, padding in tree]
    assert kinds == [["#1", "Room", "0px"], ["#2", "LocalParticipant", "18px"]]

    browser.run("document.querySelector('[data-tab=records]').click()")
    everything = browser.run("return [...document.querySelectorAll('.row')].length")
    browser.run(
        "const s = document.getElementById('search');"
        "s.value = 'disconnect'; s.dispatchEvent(new Event('input'));"
        "await new Promise(r => setTimeout(r, 400))"
    )
    shown = browser.run("return [...document.querySelectorAll('.row .main')].map(e => e.textContent)")
    assert "disconnect" in shown
    assert "connect" not in shown
    assert len(shown) < everything


def test_the_keyboard_chooses_what_is_shown(browser: Browser, reference: Recorded, tmp_path: Path) -> None:
    browser.open(_page(reference, tmp_path, "two_clients"))
    shown = browser.run(
        "const list = document.getElementById('list'), seen = [];"
        "for (const key of ['ArrowDown', 'ArrowDown', 'ArrowUp']) {"
        "  list.dispatchEvent(new KeyboardEvent('keydown', { key }));"
        "  const picked = [...document.querySelectorAll('[aria-selected=true].row')];"
        "  const told = document.querySelector('#detail h2 + p').textContent;"
        "  seen.push([picked.map(row => row.children[2].textContent), told]);"
        "}"
        "return seen"
    )
    assert [picked for picked, _ in shown] == [[message] for _, message in shown]
    assert shown[0] == shown[2] != shown[1]


def test_what_was_alive_is_told_for_any_moment(browser: Browser, reference: Recorded, tmp_path: Path) -> None:
    browser.open(_page(reference, tmp_path, "leak"))
    lines = browser.run(
        "const canvas = document.getElementById('time'), lines = [];"
        "for (const clientX of [0, canvas.clientWidth - 1]) {"
        "  canvas.dispatchEvent(new PointerEvent('pointermove', { clientX }));"
        "  await new Promise(requestAnimationFrame); await new Promise(requestAnimationFrame);"
        "  lines.push(document.getElementById('moment').textContent);"
        "}"
        "return lines"
    )
    assert [re.findall(r"(total|rooms|audio_sources)=(\d+)", line) for line in lines] == [
        [("total", "0"), ("rooms", "0"), ("audio_sources", "0")],
        [("total", "1"), ("rooms", "0"), ("audio_sources", "1")],
    ]


def test_the_timeline_has_bars(browser: Browser, reference: Recorded, tmp_path: Path) -> None:
    browser.open(_page(reference, tmp_path, "leak"))
    colours = browser.run(
        "const c = document.getElementById('time');"
        "const d = c.getContext('2d').getImageData(0, 70, c.width, c.height - 70).data;"
        "const seen = new Set();"
        "for (let i = 0; i < d.length; i += 4) seen.add(d[i] + ',' + d[i + 1] + ',' + d[i + 2]);"
        "return [...seen].length"
    )
    assert colours > 3


def test_scrolling_and_zooming_a_hundred_thousand_records(
    browser: Browser, reference: Recorded, tmp_path: Path
) -> None:
    page = _page(reference, tmp_path, "many")
    browser.open(page)
    assert browser.run("return JSON.parse(document.getElementById('data').textContent).marks.length") > 1e5
    frames = browser.run(FRAMES)
    assert len(frames) > 30
    assert all(frame > 0 for frame in frames)
