"""Tests in rooms use what the tests of the library without a room, and of recordings, are made of."""

from __future__ import annotations

import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path += [str(TESTS / "runtime" / "livekit"), str(TESTS / "trace")]
