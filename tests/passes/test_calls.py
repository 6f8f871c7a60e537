"""Which messages answer a request, what they bring, and how handles in requests are typed."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_schema import build

from gen_bindings.errors import AuditError, ConfigError
from gen_bindings.model.binding import Binding, BorrowMode, MessageCall, Origin

pytestmark = pytest.mark.quick


def call(binding: Binding, name: str) -> MessageCall:
    found = binding.operation(name).call
    assert isinstance(found, MessageCall)
    return found


ASYNC = """
OpenRequest: name string!, request_async_id uint64?
OpenResponse: async_id uint64!
OpenCallback: async_id uint64!, thing OwnedThing?@result, error string?@result
Ev: thing_event ThingEvent?@m, opened OpenCallback?@m
"""


def test_pairs_by_the_names_of_types(tmp_path: Path) -> None:
    types = (
        "Req: make_it OpenRequest?@m, poke PokeRequest?@m\nResp: poked PokeResponse?@m, made OpenResponse?@m"
    )
    binding = build(tmp_path, types)
    assert (call(binding, "make_it").number, call(binding, "make_it").response.case) == (1, "made")
    assert call(binding, "make_it").response.number == 2
    assert call(binding, "poke").callback is None


def test_a_callback_is_found_by_its_type_and_is_no_event(tmp_path: Path) -> None:
    binding = build(tmp_path, ASYNC)
    opened = call(binding, "open")
    assert opened.async_id == "request_async_id"
    assert opened.response.async_id == "async_id"
    assert opened.callback is not None
    assert (opened.callback.case, opened.callback.async_id) == ("opened", "async_id")
    assert opened.callback.acquisitions == ("OpenCallback.thing",)
    assert opened.callback.failure is not None
    assert str(opened.callback.failure.path) == "error?"
    assert [d.name for d in binding.deliveries] == ["thing_event.poked", "thing_event.renamed"]
    assert binding.operation("open").method == "OpenAsync"


def test_a_response_by_configuration_and_the_callback_by_the_response(tmp_path: Path) -> None:
    types = ASYNC + "Req: open OpenRequest?@m, again AgainRequest?@m, poke PokeRequest?@m\nAgainRequest:"
    with pytest.raises(
        AuditError, match=r"again: Resp has no case of type AgainResponse: name the response of AgainRequest "
    ):
        build(tmp_path, types)
    binding = build(tmp_path, types, '[operations.again]\nresponse = "OpenResponse"')
    again = call(binding, "again")
    assert again.response.case == "open"
    assert again.callback is not None
    assert again.callback.case == "opened"
    assert [a.id for a in binding.acquisitions if a.origin is Origin.CALLBACK] == [
        "OpenCallback.thing",
        "OpenCallback.thing@again",
    ]


def test_an_asynchronous_operation_needs_a_callback(tmp_path: Path) -> None:
    types = ASYNC + "Ev: thing_event ThingEvent?@m\nOpenResponse: async_id uint64!, thing OwnedThing!"
    with pytest.raises(AuditError) as caught:
        build(tmp_path, types)
    assert str(caught.value) == (
        "open: OpenResponse.async_id promises a callback, but Ev has none called OpenCallback: name it with "
        'callback = "…" under [operations.open], or set callback = "none".'
    )
    binding = build(tmp_path, types, '[operations.open]\ncallback = "none"')
    assert call(binding, "open").callback is None


def test_a_callback_without_an_operation(tmp_path: Path) -> None:
    types = "DoneCallback: async_id uint64!\nEv: thing_event ThingEvent?@m, done DoneCallback?@m"
    with pytest.raises(
        AuditError, match=r"done: DoneCallback answers an asynchronous operation by its async_id"
    ):
        build(tmp_path, types)
    types += "\nPokeResponse: async_id uint64!"
    binding = build(tmp_path, types, '[operations.poke]\ncallback = "DoneCallback"')
    assert [d.name for d in binding.deliveries] == ["thing_event.poked", "thing_event.renamed"]


NESTED = """
Req: open OpenRequest?@m, poke PokeRequest?@m, box BoxRequest?@m
Resp: open OpenResponse?@m, poke PokeResponse?@m, box BoxResponse?@m
BoxRequest: thing_handle uint64!, lock LockRequest?@k, count CountRequest?@k
BoxResponse: lock LockResponse?@k, count CountResponse?@k
LockRequest: code string!
LockResponse: error string?
CountRequest: other_thing_handle uint64!
CountResponse: total uint32!, spare OwnedThing!
"""


def test_requests_in_a_request(tmp_path: Path) -> None:
    binding = build(tmp_path, NESTED)
    assert [o.name for o in binding.operations] == ["open", "poke", "box.lock", "box.count"]
    lock, count = binding.operation("box.lock"), binding.operation("box.count")
    assert (lock.method, lock.receiver) == ("BoxLock", "Thing")
    assert [(b.path.plain, b.kind) for b in lock.borrows] == [("thing_handle", "Thing")]
    assert [b.path.plain for b in count.borrows] == ["thing_handle", "count.other_thing_handle"]
    assert [f.path.plain for f in lock.fields] == ["thing_handle", "lock.code"]
    counted = call(binding, "box.count")
    assert (counted.case, str(counted.inner), str(counted.inner_response)) == ("box", "count?", "count?")
    assert counted.response.values == ("total",)
    assert counted.response.acquisitions == ("BoxResponse.count.spare",)
    failure = call(binding, "box.lock").response.failure
    assert failure is not None
    assert failure.path.plain == "lock.error"
    assert call(binding, "box.lock").response.acquisitions == ()


def test_failures(tmp_path: Path) -> None:
    types = "PokeResponse: error Trouble?, left uint32!\nTrouble: code uint32!, description string!"
    response = call(build(tmp_path, types), "poke").response
    assert response.failure is not None
    assert (response.failure.path.plain, response.failure.text) == ("error", "description")
    assert response.values == ("left",)
    types = "PokeResponse: refusal string?"
    assert call(build(tmp_path, types), "poke").response.failure is None
    response = call(build(tmp_path, types, '[operations.poke]\nfailure = "refusal"'), "poke").response
    assert response.failure is not None
    with pytest.raises(ConfigError, match=r'operations.poke.failure: PokeResponse has no field "refused"'):
        build(tmp_path, types, '[operations.poke]\nfailure = "refused"')


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ("[operations.pok]", "operations.pok: the schema has no request of this name. Did you mean poke?"),
        (
            '[operations.poke]\nresponse = "PokeRespons"',
            'operations.poke.response: the schema has no message "PokeRespons". Did you mean PokeResponse',
        ),
        ('[operations.poke]\nresponse = "Poked"', 'operations.poke.response: "Poked" is no case of Resp.'),
        ('[operations.poke]\ncallback = "Poked"', 'operations.poke.callback: "Poked" is no case of Ev.'),
        (
            '[operations.poke]\nconsumes = ["thing"]',
            'operations.poke.consumes[0]: "thing" is no handle of the request; it has thing_handle.',
        ),
        (
            '[operations.open]\nlate = ["name"]',
            'operations.open.late[0]: "name" is no handle of the request; it has none.',
        ),
        (
            '[operations.open]\non = "Thing"',
            "operations.open.on: the request names no Thing, so it cannot be its method.",
        ),
        (
            '[operations.poke]\non = "Thin"',
            'operations.poke.on: there is no kind or role "Thin"; "client" is the client. Did you mean '
            "Thing?",
        ),
        (
            '[deliveries."thing_event.pokd"]',
            'deliveries."thing_event.pokd": the schema has no event of this name. Did you mean '
            "thing_event.poked or",
        ),
    ],
)
def test_names_that_do_not_exist(tmp_path: Path, config: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        build(tmp_path, "", config)
    assert message in str(caught.value)


def test_short_names_that_mean_two_messages(tmp_path: Path) -> None:
    types = "a.PokeResponse:\nb.Other:"
    with pytest.raises(ConfigError) as caught:
        build(tmp_path, types, '[operations.poke]\nresponse = "PokeResponse"')
    assert '"PokeResponse" may mean t.PokeResponse or t.a.PokeResponse. Write the full name.' in str(
        caught.value
    )


# --- borrowed handles ---------------------------------------------------------------------------------

MANY = """
Req: open OpenRequest?@m, poke PokeRequest?@m, {case} {message}?@m
Resp: open OpenResponse?@m, poke PokeResponse?@m, {case} {response}?@m
OpenResponse: thing OwnedThing!, track OwnedTrack!, local OwnedLocalDataTrack!,
    remote OwnedRemoteDataTrack!, audio OwnedAudioSource!, video OwnedVideoSource!
OwnedTrack: handle Handle!
OwnedLocalDataTrack: handle Handle!
OwnedRemoteDataTrack: handle Handle!
OwnedAudioSource: handle Handle!
OwnedVideoSource: handle Handle!
{response}:
{message}: {field} uint64!
"""


def typed(tmp_path: Path, message: str, field: str, config: str = "") -> str:
    types = MANY.format(
        case="it", message=message, response=message.replace("Request", "Response"), field=field
    )
    (borrow,) = build(tmp_path, types, config).operation("it").borrows
    return borrow.kind


@pytest.mark.parametrize(
    ("message", "field", "kind"),
    [
        # Only one kind ends so.
        ("GoRequest", "thing_handle", "Thing"),
        ("GoRequest", "some_thing_handle", "Thing"),
        # The request names the whole kind, or the longest.
        ("LocalDataTrackPushRequest", "track_handle", "LocalDataTrack"),
        ("PublishTrackRequest", "track_handle", "Track"),
        # The request does not name the object: the kind that is called exactly so.
        ("GetStatsRequest", "track_handle", "Track"),
        # The request names the first words of the kind.
        ("CaptureAudioFrameRequest", "source_handle", "AudioSource"),
    ],
)
def test_handles_are_typed_by_names(tmp_path: Path, message: str, field: str, kind: str) -> None:
    assert typed(tmp_path, message, field) == kind


@pytest.mark.parametrize(
    ("message", "field", "why"),
    [
        ("SubscribeDataTrackRequest", "track_handle", "it may be LocalDataTrack or RemoteDataTrack"),
        ("CaptureRequest", "source_handle", "it may be AudioSource or VideoSource"),
        ("GoRequest", "widget_handle", "no kind is called like widget_handle"),
    ],
)
def test_handles_that_names_do_not_type(tmp_path: Path, message: str, field: str, why: str) -> None:
    with pytest.raises(AuditError) as caught:
        typed(tmp_path, message, field)
    assert str(caught.value) == (
        f'it: the handle {field} has no kind: {why}. Add "{message}.{field}" to borrowed of its kind, or '
        "to not_handles."
    )
    config = f'[kinds.RemoteDataTrack]\nborrowed = ["{message}.{field}"]'
    assert typed(tmp_path, message, field, config) == "RemoteDataTrack"


def test_the_configuration_comes_first_and_the_exact_field_before_the_name(tmp_path: Path) -> None:
    config = '[kinds.Track]\nborrowed = ["thing_handle"]'
    assert typed(tmp_path, "GoRequest", "thing_handle", config) == "Track"
    config += '\n[kinds.AudioSource]\nborrowed = ["GoRequest.thing_handle"]'
    assert typed(tmp_path, "GoRequest", "thing_handle", config) == "AudioSource"
    config = '[kinds.Track]\nborrowed = ["what"]'
    assert typed(tmp_path, "GoRequest", "what", config) == "Track"


def test_integers_that_are_no_handles(tmp_path: Path) -> None:
    types = "PokeRequest: thing_handle uint64!, door_handle uint32!"
    with pytest.raises(AuditError, match=r"door_handle has no kind"):
        build(tmp_path, types)
    poke = build(tmp_path, types, top='not_handles = ["door_handle"]').operation("poke")
    assert [b.path.plain for b in poke.borrows] == ["thing_handle"]


def test_modes(tmp_path: Path) -> None:
    config = '[operations.poke]\nconsumes = ["thing_handle"]'
    assert build(tmp_path, "", config).operation("poke").borrows[0].mode is BorrowMode.TAKE
    config = '[operations.poke]\nlate = ["thing_handle"]'
    assert build(tmp_path, "", config).operation("poke").borrows[0].mode is BorrowMode.LATE


def test_an_optional_handle_receives_nothing(tmp_path: Path) -> None:
    poke = build(tmp_path, "PokeRequest: thing_handle uint64?").operation("poke")
    assert poke.receiver is None
    assert poke.borrows[0].optional
    poke = build(tmp_path, "PokeRequest: first_thing_handle uint64?, thing_handle uint64!").operation("poke")
    assert poke.receiver == "Thing"
    assert build(tmp_path, "", '[operations.poke]\non = "client"').operation("poke").receiver is None


def test_an_integer_that_arrives_and_looks_like_a_handle(tmp_path: Path) -> None:
    types = "Poked: other_handle uint64!"
    with pytest.raises(AuditError) as caught:
        build(tmp_path, types)
    assert str(caught.value) == (
        "Poked.other_handle: thing_event.poked brings an integer that is called like a handle, and nothing "
        "says whose it "
        "is: add a [[transfer]] when it hands over ownership, or list it in not_handles."
    )
    build(tmp_path, types, top='not_handles = ["Poked.other_handle"]')
    binding = build(tmp_path, types, '[[transfer]]\nfield = "Poked.other_handle"\nkind = "Thing"')
    acquisition = binding.acquisition("Poked.other_handle")
    assert acquisition.transfers
    assert (acquisition.origin, acquisition.carrier) == (Origin.EVENT, "thing_event.poked")
    assert binding.delivery("thing_event.poked").acquisitions == ("Poked.other_handle",)


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (
            'field = "Poked.time"\nkind = "Thing"',
            'transfer[0].field: "Poked.time": Poked has no field "time". Did you mean times?',
        ),
        ('field = "Renamed.name"\nkind = "Thing"', 'transfer[0].field: "Renamed.name" is no integer'),
        ('field = "Poked.times"\nkind = "Thin"', 'transfer[0].kind: there is no kind "Thin".'),
        (
            'field = "PokeRequest.thing_handle"\nkind = "Thing"',
            "transfer[0].field: PokeRequest is no response, callback or event",
        ),
    ],
)
def test_transfers_that_do_not_exist(tmp_path: Path, entry: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        build(tmp_path, "", f"[[transfer]]\n{entry}")
    assert message in str(caught.value)
