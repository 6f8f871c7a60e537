"""Kinds with a beginning and an end."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_schema import build

from gen_bindings.errors import AuditError, ConfigError
from gen_bindings.model.binding import Place

pytestmark = pytest.mark.quick

TYPES = """
enum Why: WHY_UNKNOWN, WHY_ASKED
Req: open OpenRequest?@m, close CloseRequest?@m, ready ReadyRequest?@m
Resp: open OpenResponse?@m, close CloseResponse?@m, ready ReadyResponse?@m
Ev: thing_event ThingEvent?@m, closed CloseCallback?@m, opened OpenCallback?@m
OpenResponse: async_id uint64!
OpenCallback: async_id uint64!, thing OwnedThing?@r, error string?@r
CloseRequest: thing_handle uint64!, why Why?
CloseResponse: async_id uint64!
CloseCallback: async_id uint64!
ReadyRequest: thing_handle uint64!
ReadyResponse:
ThingEvent: thing_handle uint64!, gone Gone?@m, end End?@m
Gone: reason Why!
End:
"""
CONFIG = """
[sessions.Thing]
open = "open"
handshake = "ready"
close = "close"
markers = ["thing_event.end", "close"]
announced = "thing_event.gone"
reason = "reason"
client_reason = "WHY_ASKED"
unknown_reason = "WHY_UNKNOWN"
drain_ms = 100
"""


def test_a_session(tmp_path: Path) -> None:
    binding = build(tmp_path, TYPES, CONFIG)
    (session,) = binding.sessions
    assert (session.open, session.handshake, session.close, session.drain_ms) == (
        "open",
        "ready",
        "close",
        100,
    )
    assert (session.close_reason, session.reason_enum) == ("why", "t.Why")
    assert (session.client_reason, session.unknown_reason) == ("Asked", "Unknown")
    assert {o.name: o.role for o in binding.operations} == {
        "open": "open",
        "ready": "handshake",
        "close": "close",
    }
    assert {d.name: d.ends for d in binding.deliveries} == {
        "thing_event.gone": "announce",
        "thing_event.end": "session",
    }
    assert str(binding.delivery("thing_event.gone").reason) == "reason"
    assert binding.acquisition("OpenCallback.thing").placement.place is Place.SESSION


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("sessions.Thing", "sessions.Thin", 'sessions.Thin: there is no kind "Thin". Did you mean Thing?'),
        (
            'open = "open"',
            'open = "opn"',
            'sessions.Thing.open: there is no operation "opn". Did you mean open?',
        ),
        (
            'close = "close"',
            'close = "clos"',
            'sessions.Thing.close: there is no operation "clos". Did you mean close?',
        ),
        ('"ready"', '"redy"', 'sessions.Thing.handshake: there is no operation "redy". Did you mean ready?'),
        (
            '"close"]',
            '"ready"]',
            'sessions.Thing.markers[1]: "ready" is neither an event nor an operation with a callback.',
        ),
        (
            '"thing_event.gone"',
            '"thing_event.gon"',
            'sessions.Thing.announced: there is no event "thing_event.gon". Did you mean',
        ),
        ('reason = "reason"', 'reason = "why"', 'sessions.Thing.reason: "why": Gone has no field "why".'),
        ('announced = "thing_event.gone"', "", "sessions.Thing.reason: reason needs announced"),
        (
            '"WHY_ASKED"',
            '"WHY_ASK"',
            'sessions.Thing.client_reason: Why has no value "WHY_ASK". Did you mean WHY_ASKED?',
        ),
        ('"WHY_UNKNOWN"', '""', 'sessions.Thing.unknown_reason: Why has no value "".'),
    ],
)
def test_names_that_do_not_exist(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in CONFIG
    with pytest.raises(ConfigError) as caught:
        build(tmp_path, TYPES, CONFIG.replace(old, new))
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (
            'open = "open"',
            'open = "ready"',
            "Thing: ready brings no Thing, so it cannot open one: correct [sessions.Thing].",
        ),
        (
            'close = "close"',
            'close = "open"',
            "Thing: its close open does not name a Thing: correct [sessions.Thing].",
        ),
    ],
)
def test_operations_that_do_not_fit(tmp_path: Path, old: str, new: str, problem: str) -> None:
    with pytest.raises(AuditError) as caught:
        build(tmp_path, TYPES, CONFIG.replace(old, new))
    assert problem in caught.value.problems


def test_a_marker_of_another_object(tmp_path: Path) -> None:
    types = TYPES.replace("closed CloseCallback?@m,", "closed CloseCallback?@m, bye End?@m,")
    with pytest.raises(AuditError, match=r"Thing: the marker bye does not concern a Thing"):
        build(tmp_path, types, CONFIG.replace('"thing_event.end"', '"bye"'))
