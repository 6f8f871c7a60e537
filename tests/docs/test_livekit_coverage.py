"""The table of what serves LiveKit's protocol is current, complete, and names members that there are."""

from __future__ import annotations

import importlib.util
import re
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from gen_bindings.errors import AuditError
from gen_bindings.model.binding import Binding, MessageCall
from gen_bindings.passes.cover_protocol import cover_events, cover_requests, not_covered
from gen_bindings.passes.index import SchemaIndex
from gen_bindings.passes.pipeline import finish_binding
from gen_bindings.render.emit import emit

pytestmark = pytest.mark.quick

ROOT = Path(__file__).resolve().parents[2]
# The only parts of the protocol without a member, each with a reason in the configuration.
HIDDEN = {"track_event", "dispose"}


@pytest.fixture(scope="module")
def pages() -> ModuleType:
    spec = importlib.util.spec_from_file_location("livekit_pages", ROOT / "tools" / "livekit_pages.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def binding(pages: ModuleType) -> Binding:
    found = pages.binding()
    assert isinstance(found, Binding)
    return found


@pytest.fixture(scope="module")
def index(binding: Binding) -> SchemaIndex:
    assert binding.schema is not None
    return SchemaIndex(binding.schema)


def test_the_page_is_current(pages: ModuleType) -> None:
    assert pages.COVERAGE_PAGE.read_text() == pages.coverage_page(), "run python tools/livekit_pages.py"


def test_every_case_of_the_envelopes_has_a_row(binding: Binding, index: SchemaIndex) -> None:
    assert binding.envelope is not None
    for envelope, served in (
        (binding.envelope.request, cover_requests(binding, index)),
        (binding.envelope.event, cover_events(binding, index)),
    ):
        cases = [field.name for field in index.message(envelope).fields]
        assert list(dict.fromkeys(row.case.partition(".")[0] for row in served)) == cases
        assert {row.case for row in served if not row.members} <= HIDDEN
    room_events = index.message(index.candidates("RoomEvent")[0]).fields
    arms = {f"room_event.{field.name}" for field in room_events if field.oneof}
    assert arms <= {row.case for row in cover_events(binding, index)}


def test_the_members_are_in_the_classes(binding: Binding, index: SchemaIndex) -> None:
    files = emit(binding)
    members = {
        member
        for cover in (cover_requests, cover_events)
        for row in cover(binding, index)
        for member in row.members
    }
    assert len(members) > 150
    for member in sorted(members):
        owner, _, name = member.partition(".")
        # The client's class stands in several files.
        parts = [
            t for n, t in files.items() if re.fullmatch(rf"(?:Objects|Client)/{owner}(?:\.\w+)?\.g\.cs", n)
        ]
        text = "".join(parts)
        declared = (
            rf"public (?:[\w.<>\[\]]+ )+{name}\(|public event [\w.<>]+ {name};|public event [\w.<>]+ {name}\b"
        )
        assert re.search(declared, text), f"{member} is not in its class"


def test_what_nothing_serves_is_told(binding: Binding, index: SchemaIndex) -> None:
    assert list(not_covered(binding, index)) == []
    without = replace(
        binding,
        operations=tuple(o for o in binding.operations if o.name not in ("set_subscribed", "get_stats")),
        deliveries=tuple(d for d in binding.deliveries if d.name != "logs"),
    )
    assert isinstance(binding.operation("get_stats").call, MessageCall)
    told = list(not_covered(without, index))
    assert [sentence.partition(":")[0] for sentence in told] == [
        "set_subscribed",
        "get_stats",
        "get_stats",
        "logs",
    ]
    assert told[0] == (
        "set_subscribed: no C# member serves this request (SetSubscribedRequest). Configure it under "
        "[operations.set_subscribed], or set hidden = true there."
    )
    # No model, so nothing is generated and the build fails.
    with pytest.raises(AuditError) as caught:
        finish_binding(without)
    assert set(told) <= set(caught.value.problems)
