"""Runs in the child: the C# of LiveKit.cs, then the census of the library's handle table."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from gen_bindings.runtime import census
from gen_bindings.runtime.lanes import Lane


def run(_lane: Lane, args: dict[str, Any]) -> dict[str, Any]:
    """What the C# said, with the handles that the table still holds although nobody owns them."""
    from Demo import RealLibrary

    answer: dict[str, Any] = json.loads(str(RealLibrary.Run("{}")))
    found = census.take(Path(args["library"]), args["drop"], [], margin=int(answer["highest"]) + 64)
    RealLibrary.Finish()
    return {**answer, "in_table": list(found.unknown)}
