"""The sample in a LiveKit room uses what the tests in rooms are made of."""

from __future__ import annotations

import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path += [str(TESTS / folder) for folder in ("room", "runtime/livekit", "trace")]
