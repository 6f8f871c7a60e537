"""The report of a session that the pages show is a whole one, clean, and tells nothing private."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.quick

PAGE = Path(__file__).resolve().parents[2] / "docs" / "livekit-session.html"


def test_the_session_is_whole_and_clean() -> None:
    found = re.search(
        r'<script type="application/json" id="data">(.*?)</script>', PAGE.read_text(), re.DOTALL
    )
    assert found is not None
    data = json.loads(found[1])
    (process,) = data["processes"]
    assert "total=0 " in process["alive"]
    assert (data["findings"], data["problems"]) == ([], [])
    acquisitions = {
        "ConnectCallback.result.room",
        "ConnectCallback.result.participants.publications",
        "PublishTrackCallback.publication",
        "TrackSubscribed.track",
        "NewVideoStreamResponse.stream",
    }
    assert acquisitions <= set(data["names"])


@pytest.mark.parametrize(
    "private",
    [
        pytest.param("eyJ", id="a token"),
        pytest.param("ws://", id="an address"),
        pytest.param("TR_", id="the name of a track"),
        pytest.param("/tmp", id="a path"),
        pytest.param("secret", id="the secret"),
    ],
)
def test_it_holds_nothing_private(private: str) -> None:
    text = PAGE.read_text()
    assert len(text) < 300_000
    assert private not in text
