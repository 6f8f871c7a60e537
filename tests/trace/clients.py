"""A client of the reference server in a child process: ``python clients.py LIBRARY SCRIPT``.

It speaks to whatever library it is given and knows nothing of recorders. What a script returns is
printed as JSON.
"""

from __future__ import annotations

import ctypes
import json
import os
import random
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

CALLBACK = ctypes.CFUNCTYPE(None, ctypes.POINTER(ctypes.c_ubyte), ctypes.c_size_t)
PROTOCOL = Path(__file__).resolve().parents[2] / "native" / "protocol"


def messages() -> dict[str, Any]:
    """Message classes of the protocol by their short name."""
    import tempfile

    from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
    from grpc_tools import protoc

    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "set"
        names = sorted(path.name for path in PROTOCOL.glob("*.proto"))
        assert protoc.main(["protoc", f"-I{PROTOCOL}", f"-o{out}", *names]) == 0
        files = descriptor_pb2.FileDescriptorSet.FromString(out.read_bytes())
    pool = descriptor_pool.DescriptorPool()
    for file in files.file:
        pool.Add(file)
    found = message_factory.GetMessageClassesForFiles(names, pool)
    return {name.removeprefix("reference.proto."): cls for name, cls in found.items()}


class Client:
    """The four functions with Python's protobuf on top."""

    def __init__(self, library: str) -> None:
        self.library = ctypes.CDLL(library)
        self.library.reference_ffi_request.restype = ctypes.c_uint64
        self.library.reference_ffi_request.argtypes = [
            ctypes.c_char_p,
            ctypes.c_size_t,
            ctypes.POINTER(ctypes.POINTER(ctypes.c_ubyte)),
            ctypes.POINTER(ctypes.c_size_t),
        ]
        self.library.reference_ffi_drop_handle.restype = ctypes.c_bool
        self.library.reference_ffi_drop_handle.argtypes = [ctypes.c_uint64]
        self.library.reference_ffi_initialize.argtypes = [
            CALLBACK,
            ctypes.c_bool,
            ctypes.c_char_p,
            ctypes.c_char_p,
        ]
        self.classes = messages()
        self.events: list[Any] = []
        self.arrived = threading.Condition()
        self.on_event: Callable[[Any], None] = lambda event: None
        self.callback = CALLBACK(self._receive)

    def _receive(self, data: Any, size: int) -> None:
        event = self.classes["FfiEvent"].FromString(ctypes.string_at(data, size))
        self.on_event(event)
        with self.arrived:
            self.events.append(event)
            self.arrived.notify_all()

    def start(self) -> None:
        self.library.reference_ffi_initialize(self.callback, False, b"test", b"1")

    def dispose(self) -> None:
        self.library.reference_ffi_dispose()

    def drop(self, handle: int) -> bool:
        return bool(self.library.reference_ffi_drop_handle(handle))

    def raw(self, what: str, keep: bool = False, **fields: Any) -> tuple[Any, int]:
        """Sends a request; the answer, ``None`` when it was refused, and the response buffer's id."""
        request = self.classes["FfiRequest"]()
        message = getattr(request, what)
        message.SetInParent()
        for name, value in fields.items():
            if isinstance(value, dict):
                getattr(message, name).CopyFrom(type(getattr(message, name))(**value))
            else:
                setattr(message, name, value)
        data = request.SerializeToString()
        pointer, size = ctypes.POINTER(ctypes.c_ubyte)(), ctypes.c_size_t()
        buffer = self.library.reference_ffi_request(
            data, len(data), ctypes.byref(pointer), ctypes.byref(size)
        )
        if not buffer:
            return None, 0
        response = self.classes["FfiResponse"].FromString(ctypes.string_at(pointer, size.value))
        if not keep:
            self.drop(buffer)
        return getattr(response, response.WhichOneof("message")), buffer

    def ask(self, what: str, **fields: Any) -> Any:
        answer, _ = self.raw(what, **fields)
        return answer

    def wait(self, find: Callable[[Any], Any], seconds: float = 10) -> Any:
        """The first true thing that ``find`` says of an event."""
        deadline = time.monotonic() + seconds
        with self.arrived:
            while True:
                for event in self.events:
                    if found := find(event):
                        return found
                left = deadline - time.monotonic()
                if left <= 0:
                    raise TimeoutError
                self.arrived.wait(left)

    def callback_of(self, what: str, async_id: int) -> Any:
        def find(event: Any) -> Any:
            kind = event.WhichOneof("message")
            message = getattr(event, kind)
            return message if kind == what and message.async_id == async_id else None

        return self.wait(find)

    def call(self, what: str, **fields: Any) -> Any:
        """An asynchronous request and its callback."""
        answer = self.ask(what, **fields)
        assert answer is not None
        return self.callback_of(what, answer.async_id)

    def room_event(self, room: int, arm: str) -> Any:
        def find(event: Any) -> Any:
            if event.WhichOneof("message") != "room_event" or event.room_event.room_handle != room:
                return None
            return getattr(event.room_event, arm) if event.room_event.HasField(arm) else None

        return self.wait(find)

    # --- what scripts are made of ---------------------------------------------------------------------

    def connect(self, name: str = "lobby", who: str = "me") -> Any:
        result = self.call("connect", url=f"ref://local/{name}", token=who, options={}).result
        assert self.ask("ready_for_room_event", room_handle=result.room.handle.id) is not None
        self.room_event(result.room.handle.id, "connection_state_changed")
        return result

    def disconnect(self, room: int) -> None:
        self.call("disconnect", room_handle=room, reason=1)

    def source(self) -> int:
        source: int = self.ask("new_audio_source", type=0, sample_rate=48000, num_channels=1).source.handle.id
        return source

    def track(self, source: int) -> int:
        track: int = self.ask("create_audio_track", name="mic", source_handle=source).track.handle.id
        return track

    def publish(self, participant: int, track: int) -> int:
        done = self.call(
            "publish_track", local_participant_handle=participant, track_handle=track, options={}
        )
        publication: int = done.publication.handle.id
        return publication

    def live(self) -> dict[str, int]:
        """The server's own count by kind."""
        found = self.ask("control_diagnostics")
        return _counts(found.handles)


def _counts(message: Any) -> dict[str, int]:
    return {
        field.name: getattr(message, field.name)
        for field in message.DESCRIPTOR.fields
        if getattr(message, field.name)
    }


def clean(client: Client) -> None:
    """A session that does everything right."""
    client.start()
    result = client.connect()
    room, me = result.room.handle.id, result.local_participant.handle.id
    source = client.source()
    track = client.track(source)
    publication = client.publish(me, track)
    client.disconnect(room)
    for handle in (track, publication, me, source, room):
        assert client.drop(handle)
    client.dispose()


def hidden_publication(client: Client) -> None:
    """Everything is released, but the library keeps a second handle of the publication."""
    client.start()
    client.ask("control_set_faults", faults={"publication_never_named": True})
    result = client.connect()
    room, me = result.room.handle.id, result.local_participant.handle.id
    source = client.source()
    track = client.track(source)
    publication = client.publish(me, track)
    client.disconnect(room)
    for handle in (track, publication, me, source, room):
        assert client.drop(handle)


def leak(client: Client) -> None:
    client.start()
    client.source()


def leak_reply(client: Client) -> None:
    client.start()
    client.raw("control_diagnostics", keep=True)


def release_twice(client: Client) -> None:
    client.start()
    source = client.source()
    client.drop(source)
    client.drop(source)


def release_unknown(client: Client) -> None:
    client.start()
    client.drop(4711)


def use_after_release(client: Client) -> None:
    client.start()
    source = client.source()
    client.drop(source)
    client.ask("create_audio_track", name="mic", source_handle=source)


def release_parent_first(client: Client) -> None:
    client.start()
    result = client.connect()
    room, me = result.room.handle.id, result.local_participant.handle.id
    client.disconnect(room)
    client.drop(room)
    client.drop(me)


def release_unclosed(client: Client) -> None:
    client.start()
    result = client.connect()
    client.drop(result.local_participant.handle.id)
    client.drop(result.room.handle.id)


def ignore_event(client: Client) -> None:
    """A participant arrives in an event, and nobody looks at it."""
    client.start()
    result = client.connect()
    room = result.room.handle.id
    client.ask("control_join", room_name="lobby", identity="ann")
    client.room_event(room, "participant_connected")
    client.disconnect(room)
    client.drop(result.local_participant.handle.id)
    client.drop(room)


def call_after_dispose(client: Client) -> None:
    client.start()
    client.dispose()
    client.drop(client.source())


def refused(client: Client) -> None:
    client.start()
    client.ask("control_leave", room_name="nowhere", identity="nobody")


def no_message(client: Client) -> None:
    client.start()
    pointer, size = ctypes.POINTER(ctypes.c_ubyte)(), ctypes.c_size_t()
    assert not client.library.reference_ffi_request(b"\x08", 1, ctypes.byref(pointer), ctypes.byref(size))


def wrong_handle(client: Client) -> None:
    client.start()
    client.ask("create_audio_track", name="mic", source_handle=4711)


def finalizer_thread(client: Client) -> None:
    client.start()
    source = client.source()

    def finalize() -> None:
        ctypes.CDLL(None).prctl(15, b"Finalizer", 0, 0, 0)
        client.drop(source)

    thread = threading.Thread(target=finalize)
    thread.start()
    thread.join()


def release_taken(client: Client) -> None:
    """A writer that its close request consumed is released as well."""
    client.start()
    result = client.connect()
    room, me = result.room.handle.id, result.local_participant.handle.id
    opened = client.call(
        "text_stream_open", local_participant_handle=me, options={"topic": "t", "destination_identities": []}
    )
    writer = opened.writer.handle.id
    closing = client.ask("text_stream_close", writer_handle=writer)
    client.callback_of("text_stream_writer_close", closing.async_id)
    client.drop(writer)
    client.disconnect(room)
    client.drop(me)
    client.drop(room)


def abort(client: Client) -> None:
    client.start()
    client.source()
    os.abort()


def kill(client: Client) -> None:
    client.start()
    client.source()
    os.kill(os.getpid(), 9)


def kill_in_handler(client: Client) -> None:
    client.start()
    asked = threading.Event()

    def on_event(event: Any) -> None:
        asked.wait(10)
        os.kill(os.getpid(), 9)

    client.on_event = on_event
    client.ask("connect", url="ref://local/lobby", token="me", options={})
    asked.set()
    client.wait(lambda event: None)


def inside_callback(client: Client) -> int:
    """Requests and releases from within a callback."""
    client.start()
    made = []

    def on_event(event: Any) -> None:
        if event.WhichOneof("message") == "connect":
            made.append(client.source())
            assert client.drop(made[0])

    client.on_event = on_event
    result = client.connect()
    client.disconnect(result.room.handle.id)
    client.drop(result.local_participant.handle.id)
    client.drop(result.room.handle.id)
    client.dispose()
    return len(made)


def threads(client: Client) -> None:
    """Eight threads at once."""
    client.start()

    def work() -> None:
        for _ in range(200):
            source = client.source()
            track = client.track(source)
            assert client.drop(track)
            assert client.drop(source)

    workers = [threading.Thread(target=work) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    client.dispose()


def many(client: Client) -> None:
    """A hundred thousand records: a session, sources held for a while, tracks, a few leaks."""
    client.start()
    result = client.connect()
    held: list[int] = []

    def work(seed: int) -> None:
        dice = random.Random(seed)
        for _ in range(2150):
            source = client.source()
            if dice.random() < 0.01:
                held.append(source)
                continue
            track = client.track(source)
            assert client.drop(track)
            assert client.drop(source)

    workers = [threading.Thread(target=work, args=(seed,)) for seed in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    for source in held[: len(held) // 2]:
        client.drop(source)
    client.disconnect(result.room.handle.id)
    client.drop(result.room.handle.id)
    client.drop(result.local_participant.handle.id)


def again(client: Client) -> int:
    """Dispose and initialise several times, with a callback of its own each time."""
    seen = []
    for turn in range(40):

        def receive(data: Any, size: int, turn: int = turn) -> None:
            seen.append(turn)
            client._receive(data, size)

        client.callback = CALLBACK(receive)
        keep.append(client.callback)
        client.start()
        client.events.clear()
        result = client.connect(f"room{turn}")
        client.disconnect(result.room.handle.id)
        client.drop(result.local_participant.handle.id)
        client.drop(result.room.handle.id)
        client.dispose()
    return len(set(seen))


keep: list[Any] = []


def two_clients(client: Client) -> None:
    """A second client registers on a thread of its own while the first is at work, and gets the events."""
    client.start()
    first = client.source()
    other = Client(sys.argv[1])
    made = []

    def work() -> None:
        other.start()
        result = other.connect("second", "her")
        made.append(other.source())
        other.disconnect(result.room.handle.id)
        other.drop(result.local_participant.handle.id)
        other.drop(result.room.handle.id)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    client.drop(first)
    client.source()


def fork(client: Client) -> None:
    client.start()
    source = client.source()
    child = os.fork()
    if child == 0:
        client.drop(4711)
        os._exit(0)
    os.waitpid(child, 0)
    client.drop(source)


def early_callback(client: Client) -> None:
    """The callback comes before the response."""
    client.start()
    client.ask("control_set_faults", faults={"callback_before_response": True})
    clean_rest(client)


def clean_rest(client: Client) -> None:
    result = client.connect()
    client.disconnect(result.room.handle.id)
    client.drop(result.local_participant.handle.id)
    client.drop(result.room.handle.id)
    client.dispose()


def frames(client: Client) -> int:
    """Many short lives: frames that are released at once, two that are not."""
    client.start()
    result = client.connect()
    room, me = result.room.handle.id, result.local_participant.handle.id
    client.ask("control_join", room_name="lobby", identity="ann")
    joined = client.room_event(room, "participant_connected")
    sid = client.ask(
        "control_publish", room_name="lobby", identity="ann", name="cam", kind=1, source=2
    ).track_sid
    subscribed = client.room_event(room, "track_subscribed").track
    published = client.room_event(room, "track_published").publication
    stream = client.ask("new_audio_stream", track_handle=subscribed.handle.id, type=0).stream.handle.id
    count, kept = [0], []

    def on_event(event: Any) -> None:
        if event.WhichOneof("message") == "audio_stream_event" and event.audio_stream_event.HasField(
            "frame_received"
        ):
            frame = event.audio_stream_event.frame_received.frame.handle.id
            if count[0] in (5, 2900):
                kept.append(frame)
            else:
                client.drop(frame)
            count[0] += 1

    client.on_event = on_event
    for _ in range(30):
        client.ask("control_emit_frames", room_name="lobby", track_sid=sid, count=100)
    deadline = time.monotonic() + 20
    while count[0] < 3000 and time.monotonic() < deadline:
        time.sleep(0.01)
    client.drop(stream)
    client.disconnect(room)
    for handle in (subscribed.handle.id, published.handle.id, joined.info.handle.id, me, room):
        client.drop(handle)
    return count[0]


def random_script(client: Client) -> list[dict[str, int]]:
    """Random steps over every kind that a step can bring; after each, the server's own count."""
    dice = random.Random(int(sys.argv[3]))
    client.start()
    sources: list[int] = []
    tracks: list[int] = []
    rooms: list[tuple[str, list[int]]] = []
    loose: list[int] = []
    in_rooms: set[int] = set()
    counts = []
    for step in range(60):
        choice = dice.choice(
            ("audio", "video", "track", "open", "publish", "join", "close", "drop", "again", "keep")
        )
        if choice == "audio":
            sources.append(client.source())
        elif choice == "video":
            made = client.ask("new_video_source", type=0, resolution={"width": 64, "height": 48})
            loose.append(made.source.handle.id)
        elif choice == "track" and sources:
            track = client.ask("create_audio_track", name="t", source_handle=dice.choice(sources))
            if track is not None:
                tracks.append(track.track.handle.id)
        elif choice == "open" and len(rooms) < 3:
            result = client.connect(f"room{step}", f"me{step}")
            rooms.append((f"room{step}", [result.room.handle.id, result.local_participant.handle.id]))
        elif choice == "publish" and rooms and tracks:
            handles = dice.choice(rooms)[1]
            track = tracks.pop(dice.randrange(len(tracks)))
            in_rooms.add(track)
            handles += [track, client.publish(handles[1], track)]
        elif choice == "join" and rooms:
            name, handles = dice.choice(rooms)
            came = guest(client, name, handles[0], f"guest{step}")
            in_rooms.add(came[2])
            handles += came
        elif choice == "close" and rooms:
            _, handles = rooms.pop(dice.randrange(len(rooms)))
            client.disconnect(handles[0])
            # The server counts a track whose room has ended as something else.
            drop_most(client, dice, handles, always=in_rooms)
        elif choice == "drop":
            some = dice.choice([sources, tracks, loose])
            if some:
                client.drop(some.pop(dice.randrange(len(some))))
        elif choice == "again" and sources:
            client.drop(dice.choice(sources))
        elif choice == "keep":
            client.raw("new_audio_resampler", keep=True)
        counts.append(client.live())
    return counts


def drop_most(client: Client, dice: random.Random, handles: list[int], always: set[int]) -> None:
    """Drops handles from the last to the first, and forgets some, but none of those in ``always``."""
    for handle in reversed(handles):
        if handle in always or dice.random() < 0.9:
            client.drop(handle)


def guest(client: Client, name: str, room: int, identity: str) -> list[int]:
    """Somebody joins and publishes; three frames of the track are heard. The handles that came."""
    client.events.clear()
    client.ask("control_join", room_name=name, identity=identity)
    joined = client.room_event(room, "participant_connected")
    sid = client.ask(
        "control_publish", room_name=name, identity=identity, name="mic", kind=1, source=2
    ).track_sid
    published = client.room_event(room, "track_published").publication.handle.id
    track = client.room_event(room, "track_subscribed").track.handle.id
    stream = client.ask("new_audio_stream", track_handle=track, type=0).stream.handle.id
    client.ask("control_emit_frames", room_name=name, track_sid=sid, count=3)

    def frames(_: Any) -> list[int]:
        got = [
            event.audio_stream_event.frame_received.frame.handle.id
            for event in client.events
            if event.WhichOneof("message") == "audio_stream_event"
            and event.audio_stream_event.HasField("frame_received")
        ]
        return got if len(got) == 3 else []

    return [joined.info.handle.id, published, track, stream, *client.wait(frames)]


if __name__ == "__main__":
    print(json.dumps(globals()[sys.argv[2]](Client(sys.argv[1]))))
