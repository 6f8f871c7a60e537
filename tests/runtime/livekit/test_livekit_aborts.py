"""Why there are preconditions: what the library does with each value that the typed methods refuse."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any

import livekit_lab
import pytest
from livekit_lab import CONFIGURATION, Lab
from server import livekit_server
from server import why_not as why_no_room
from test_livekit_scenarios import message, named

from gen_bindings.config import load_config
from gen_bindings.model.binding import Arithmetic, Binding, Precondition
from gen_bindings.runtime import network
from gen_bindings.runtime.lanes import Lane

# What a reason claims, and how it is seen.
CLAIMS = {
    "the library aborts": "SIGABRT",
    "the library reads beyond": "SIGSEGV",
    "the library would send frames without end": "a flood of frames",
    # These two keep a client from what comes of it later: frames that are none.
    "a frame has at least one channel": "survived",
    "the library shows nothing of a picture": "survived",
}
# Only in a room are there the objects that these name.
NEED_ROOM = (
    "unpublish_track",
    "set_track_subscription_permissions",
    "e2ee.cryptor_set_enabled",
    "e2ee.cryptor_set_key_index",
    "audio_stream_from_participant",
)
ENTRIES = [
    (operation, position)
    for operation, table in load_config(CONFIGURATION).config.operations.items()
    for position in range(len(table.preconditions))
]


@pytest.mark.parametrize(("operation", "position"), ENTRIES, ids=lambda value: str(value))
def test_what_the_call_refuses_ends_the_process_of_who_sends_it(
    lab: Lab, tmp_path_factory: pytest.TempPathFactory, operation: str, position: int
) -> None:
    entries = next(o for o in lab.binding.operations if o.name == operation).preconditions
    assert len(entries) == sum(name == operation for name, _ in ENTRIES), "an entry has one condition"
    condition = entries[position]
    # The typed method: an argument exception, with the field and the limit, and nothing is sent.
    assert message(condition) in refusals(lab, tmp_path_factory.getbasetemp())[operation]
    # The library's own behaviour, for each of the values to which the condition applies.
    expected = next(outcome for claim, outcome in CLAIMS.items() if condition.reason.startswith(claim))
    if operation in NEED_ROOM and why_no_room():
        pytest.skip(f"the raw request was not sent: {why_no_room()}")
    ends = outcomes(lab, operation in NEED_ROOM, tmp_path_factory.getbasetemp())
    mine = {case["id"]: ends[case["id"]] for case in cases(lab.binding, operation, position)}
    assert set(mine.values()) == {expected}, mine


@cache
def refusals(lab: Lab, folder: Path) -> dict[str, list[str]]:
    """What the typed methods say, by operation; that it is the same on every lane is another test's."""
    done = livekit_lab.run(lab, Lane.CORECLR, "Preconditions.Run", folder / "preconditions.record")
    done.outcome.value()
    return done.facts


@cache
def outcomes(lab: Lab, in_room: bool, folder: Path) -> dict[str, str]:
    """How each case ended, all of them in one go: those without a room, or those in one."""
    chosen = [
        case
        for operation, position in ENTRIES
        if (operation in NEED_ROOM) is in_room
        for case in cases(lab.binding, operation, position)
    ]
    job: dict[str, Any] = {
        "library": str(lab.library),
        "descriptors": str(lab.descriptors),
        "cases": chosen,
        "room": {},
    }
    prefix: tuple[str, ...] = ()
    with ExitStack() as stack:
        if in_room:
            net = stack.enter_context(network.shared())
            server = stack.enter_context(livekit_server(net, folder / "aborts"))
            prefix = net.prefix
            who = ("someone", "speaker", "listener")
            job["room"] = {
                "url": server.url,
                "tokens": {
                    case["id"]: {one: server.token(one, case["id"]) for one in who} for case in chosen
                },
            }
        file = folder / f"aborts-{in_room}.json"
        file.write_text(json.dumps(job), "utf-8")
        command = [*prefix, sys.executable, "-P", str(livekit_lab.HERE / "livekit_aborts.py"), str(file)]
        # Without frames of the stack, whose names take the library long to find.
        environment = {**network.environment(), "RUST_BACKTRACE": "0", "RUST_LIB_BACKTRACE": "0"}
        environment["PYTHONPATH"] = f"{livekit_lab.HERE}:{environment['PYTHONPATH']}"
        done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True, timeout=200)
        found: dict[str, str] = json.loads(done.stdout)
    return found


def cases(binding: Binding, operation: str, position: int) -> Iterator[dict[str, Any]]:
    """The values on which an entry is tried: both ends of a range, each format."""
    conditions = next(o for o in binding.operations if o.name == operation).preconditions
    condition = conditions[position]
    for check, operand in checks(condition):
        among: list[str | None] = [value.name for value in condition.among]
        for value in among or [None]:
            by_target = condition.when is not None and condition.when.plain == "dst_type"
            refused = condition.none_of[0].name if condition.none_of else None
            format_ = refused or (value if value and not by_target else "I420")
            target = value if by_target else "RGBA" if format_ == "I420" else "I420"
            yield {
                "id": f"{operation}-{position}-{check}-{value or ''}",
                "operation": operation,
                "field": named(condition.path),
                "check": check,
                **operand,
                "format": format_,
                "format_number": number(binding, format_),
                "dst_type": number(binding, target or ""),
                "sizes": [
                    {"field": named(other.path), **arithmetic(other.expression)}
                    for other in conditions
                    if other.check == "equals"
                    and other.expression is not None
                    and format_ in {among.name for among in other.among}
                ],
            }


def checks(condition: Precondition) -> Iterator[tuple[str, dict[str, Any]]]:
    """What breaks a condition, as the script knows it."""
    if condition.check == "range":
        if condition.minimum is not None:
            yield "least", {"operand": condition.minimum}
        if condition.maximum is not None:
            yield "most", {"operand": condition.maximum}
    elif condition.check == "count":
        yield "count", {"operand": condition.minimum}
    elif condition.check == "none_of":
        yield "none_of", {"operand": condition.none_of[0].number}
    elif condition.expression is not None:
        yield condition.check, arithmetic(condition.expression)
    else:
        yield condition.check, {"operand": condition.multiple_of}


def arithmetic(expression: Arithmetic | None) -> dict[str, Any]:
    assert expression is not None
    return {"text": expression.text, "paths": [named(path) for path in expression.paths]}


def number(binding: Binding, format_: str) -> int:
    assert binding.schema is not None
    (enum,) = (enum for enum in binding.schema.enums if enum.name == "VideoBufferType")
    return next(value.number for value in enum.values if value.name == format_)
