"""The HTML page in a browser: what it shows, and how fast it moves with a hundred thousand records."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from trace_fixtures import CLIENTS, Recorded

from gen_bindings.trace.page import report_html

pytestmark = [
    pytest.mark.quick,
    pytest.mark.skipif(
        shutil.which("chromium") is None or shutil.which("chromedriver") is None,
        reason="chromium and chromedriver are not installed (Debian: chromium, chromium-driver)",
    ),
]


def _page(reference: Recorded, folder: Path, script: str) -> Path:
    environment = {**os.environ, **reference.environment(folder / "run")}
    command = [sys.executable, str(CLIENTS), str(reference.recorder), script]
    subprocess.run(command, env=environment, check=True, capture_output=True)
    page = folder / "report.html"
    page.write_text(report_html(reference.read(folder)), "utf-8")
    return page


def test_a_finding_shows_its_handles_history(reference: Recorded, tmp_path: Path) -> None:
    from browser import Browser

    page = _page(reference, tmp_path, "release_parent_first")
    with Browser() as browser:
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


def test_the_timeline_has_bars(reference: Recorded, tmp_path: Path) -> None:
    from browser import Browser

    with Browser() as browser:
        browser.open(_page(reference, tmp_path, "leak"))
        colours = browser.run(
            "const c = document.getElementById('time');"
            "const d = c.getContext('2d').getImageData(0, 70, c.width, c.height - 70).data;"
            "const seen = new Set();"
            "for (let i = 0; i < d.length; i += 4) seen.add(d[i] + ',' + d[i + 1] + ',' + d[i + 2]);"
            "return [...seen].length"
        )
        assert colours > 3


def test_scrolling_and_zooming_a_hundred_thousand_records(reference: Recorded, tmp_path: Path) -> None:
    from browser import FRAMES, Browser

    page = _page(reference, tmp_path, "many")
    with Browser() as browser:
        browser.open(page)
        assert (
            browser.run("return JSON.parse(document.getElementById('data').textContent).marks.length") > 1e5
        )
        frames = browser.run(FRAMES)
    assert len(frames) > 30
    assert all(frame > 0 for frame in frames)
