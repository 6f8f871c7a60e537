"""What shapes the C#: one child or a list, the shape of a method, stack or buffer, lookups, names."""

from __future__ import annotations

from pathlib import Path

import pytest
import small_schema

import reference_lab
from gen_bindings.model.classes import TreeClass
from gen_bindings.model.events import DispatchedDelivery
from gen_bindings.model.methods import Method
from gen_bindings.model.surface import Surface
from gen_bindings.passes.surface.plan_surface import plan_surface

pytestmark = pytest.mark.quick


@pytest.fixture(scope="module")
def surface() -> Surface:
    return plan_surface(reference_lab.model()[1])


def tree_class(surface: Surface, name: str) -> TreeClass:
    return next(one for one in surface.classes if one.name == name)


def method(surface: Surface, owner: str, name: str) -> Method:
    holder = surface.client if owner == "client" else tree_class(surface, owner)
    return next(one for one in holder.methods if one.name == name)


def small(folder: Path, types: str = "", configuration: str = "") -> Surface:
    return plan_surface(small_schema.build(folder, types, configuration))


@pytest.mark.parametrize(
    ("owner", "property_name", "single"),
    [
        # It has the publication's own sid, or is adopted by it.
        ("TrackPublication", "Track", True),
        # It comes once, beside its room.
        ("Room", "LocalParticipant", True),
        # Each event may bring another one.
        ("Room", "RemoteParticipants", False),
        ("Participant", "TrackPublications", False),
        ("Track", "AudioStreams", False),
    ],
)
def test_one_child_or_a_list(surface: Surface, owner: str, property_name: str, single: bool) -> None:
    children = {child.property: child for child in tree_class(surface, owner).children}
    assert children[property_name].single is single


@pytest.mark.parametrize(
    ("owner", "name", "shape"),
    [
        ("client", "ConnectAsync", "OpeningCall"),
        ("LocalParticipant", "PublishTrackAsync", "AsyncCall"),
        ("client", "CreateAudioTrack", "ReadCall"),
        ("client", "VideoConvert", "FrameCall"),
        ("RemoteTrackPublication", "SetSubscribed", "SimpleCall"),
        ("LocalTrack", "Mute", "ScannedCall"),
        ("AudioSource", "CaptureFrame", "PushCall"),
        ("AudioSource", "CaptureFrameAsync", "AsyncCall"),
    ],
)
def test_the_shape_of_a_method(surface: Surface, owner: str, name: str, shape: str) -> None:
    assert method(surface, owner, name).shape == shape


def test_a_request_with_a_bound_is_written_on_the_stack(surface: Surface) -> None:
    request = method(surface, "RemoteTrackPublication", "SetSubscribed").request
    # A tag of a byte with a bool of one, one with a handle of ten, and the envelope's tag and length.
    assert request.stack_bytes == (1 + 1) + (1 + 10) + (1 + 1)


def test_a_request_with_a_text_is_not(surface: Surface) -> None:
    assert method(surface, "client", "ConnectAsync").request.stack_bytes == 0


@pytest.mark.parametrize(("fields", "bytes_"), [(11, (1 + 10) * 12 + 2), (10, (1 + 10) * 11 + 2)])
def test_the_stack_holds_what_one_byte_of_length_can_say(fields: int, bytes_: int, tmp_path: Path) -> None:
    # With the handle one value more; past 127 bytes the length of the message would take two.
    many = ", ".join(f"value{index} uint64!" for index in range(fields))
    found = method(small(tmp_path, f"PokeRequest: thing_handle uint64!, {many}"), "Thing", "Poke")
    assert found.request.stack_bytes == (bytes_ if bytes_ - 2 <= 127 else 0)


def test_parents_are_looked_up_before_their_children(surface: Surface) -> None:
    delivery = next(d for d in surface.client.deliveries if d.name == "RoomEventTrackUnpublished")
    assert isinstance(delivery, DispatchedDelivery)
    participant, publication = delivery.lookups
    assert (participant.kind, str(participant.ancestor), participant.guard) == ("Participant", "target", "")
    # The participant is named for certain: without it there is no publication either.
    assert (publication.kind, str(publication.ancestor)) == ("TrackPublication", participant.variable)
    assert publication.guard == participant.variable


def test_a_message_that_is_called_like_a_member_is_written_in_full(tmp_path: Path) -> None:
    found = small(tmp_path)
    # The event Poked hides the message inside the class that has it.
    assert "global::Test.Ffi.Messages.Poked" in found.qualified
    assert "global::Test.Ffi.Messages.ThingInfo" not in found.qualified
    handled = {delivery.message for delivery in found.client.deliveries}
    assert "global::Test.Ffi.Messages.Poked" in handled


def test_an_argument_that_is_called_like_a_keyword(tmp_path: Path) -> None:
    found = small(tmp_path, "Poked: event uint32!, params uint32!, default uint32!, times uint32!")
    poked = next(event for event in found.arguments if event.name == "Poked")
    assert [argument.local for argument in poked.arguments] == [
        "eventValue",
        "paramsValue",
        "defaultValue",
        "times",
    ]


def test_an_input_is_called_by_the_protocols_convention(surface: Surface) -> None:
    assert {"VideoBufferInput", "ComponentInput"} == {one.name for one in surface.inputs}
