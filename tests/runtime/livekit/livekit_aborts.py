"""Sends what the generated methods refuse, each in a process of its own, and prints how each ended.

The processes are forked from this one before the library is loaded, a few at a time. A case names an
operation and a condition; the request is one that the library takes, made wrong in this one respect.
"""

from __future__ import annotations

import ctypes
import json
import mmap
import os
import re
import resource
import signal
import sys
from pathlib import Path
from typing import Any

from livekit_raw import Raw, loose_classes

_AT_ONCE = 4
_WIDTH, _HEIGHT = 16, 8
_RATE, _BLOCK = 48000, 480
# Far above the hundred frames a second of a stream that is as it should be.
_FLOOD = 5000
_LIMIT = 30
_CODES = {0: "survived", 4: "refused", 5: "a flood of frames"}
_SURVIVED, _REFUSED, _FLOODED = _CODES
# Planes as (width, height) by format, and the bytes of a sample.
_HALF, _FULL = (_WIDTH // 2, _HEIGHT // 2), (_WIDTH, _HEIGHT)
_PLANES = {
    "I420": [_FULL, _HALF, _HALF],
    "I420A": [_FULL, _HALF, _HALF, _FULL],
    "I422": [_FULL, (_WIDTH // 2, _HEIGHT), (_WIDTH // 2, _HEIGHT)],
    "I444": [_FULL, _FULL, _FULL],
    "I010": [_FULL, _HALF, _HALF],
    "NV12": [_FULL, (_WIDTH, _HEIGHT // 2)],
}
_PIXEL = {"RGB24": 3}


class Case:
    """One request, its parts as the condition wants them."""

    def __init__(self, raw: Raw, case: dict[str, Any], room: dict[str, Any]) -> None:
        self.raw = raw
        self.case = case
        self.operation: str = case["operation"]
        self.room = room
        self.kept: list[Any] = []

    def run(self) -> int:
        kind = self.operation.partition(".")[0]
        return int(getattr(self, kind)())

    # --- operations, by the name of the request

    def connect(self) -> int:
        settings = self.raw.classes["RtcConfig"](ice_transport_type=2, continual_gathering_policy=0)
        options = self.raw.classes["RoomOptions"](rtc_config=settings, join_retries=0)
        return self.send(url="ws://127.0.0.1:1", token="token", options=options)

    def unpublish_track(self) -> int:
        me = self.enter().local_participant.handle.id
        return self.send(local_participant_handle=me, track_sid="TR_1", stop_on_unpublish=True)

    def set_track_subscription_permissions(self) -> int:
        me = self.enter().local_participant.handle.id
        permission = self.raw.classes["ParticipantTrackPermission"](
            participant_identity="them", allowed_track_sids=["TR_1"]
        )
        return self.send(
            local_participant_handle=me, all_participants_allowed=False, permissions=[permission]
        )

    def e2ee(self) -> int:
        arm = self.operation.partition(".")[2]
        request = self.raw.classes["E2eeRequest"](room_handle=self.enter().room.handle.id)
        part = getattr(request, arm)
        part.participant_identity, part.track_sid = "them", "TR_1"
        return self.send(request)

    def new_audio_source(self) -> int:
        return self.send(type=0, sample_rate=_RATE, num_channels=1, queue_size_ms=1000)

    def new_audio_stream(self) -> int:
        source, track = self.microphone()
        request = self.wrong("NewAudioStreamRequest", self.audio_stream(track_handle=track))
        return self.listen("new_audio_stream", request, [source])

    def audio_stream_from_participant(self) -> int:
        source, track = self.microphone()
        speaker = self.enter("speaker")
        self.raw.request(
            "publish_track",
            local_participant_handle=speaker.local_participant.handle.id,
            track_handle=track,
            options=self.raw.classes["TrackPublishOptions"](source=2),
        )
        published = self.raw.wait("publish_track")
        assert published is not None
        listener = self.enter("listener")
        assert self.raw.until(lambda: self.subscribed(listener)), "nothing was subscribed"
        them = listener.participants[0].participant.handle.id
        fields = self.audio_stream(participant_handle=them, track_source=2)
        request = self.wrong("AudioStreamFromParticipantRequest", fields)
        return self.listen("audio_stream_from_participant", request, [source])

    def remix_and_resample(self) -> int:
        made = self.raw.request("new_audio_resampler").resampler.handle.id
        buffer = self.raw.classes["AudioFrameBufferInfo"](
            data_ptr=self.memory(_BLOCK * 2), num_channels=1, sample_rate=_RATE, samples_per_channel=_BLOCK
        )
        return self.send(resampler_handle=made, buffer=buffer, num_channels=1, sample_rate=_RATE)

    def new_sox_resampler(self) -> int:
        fields = {"input_rate": 48000.0, "output_rate": 44100.0, "num_channels": 1, "input_data_type": 0}
        request = self.wrong(
            "NewSoxResamplerRequest", {**fields, "output_data_type": 0, "quality_recipe": 0, "flags": 0}
        )
        made = self.raw.request("new_sox_resampler", request)
        if made is None:
            return _REFUSED
        handle = made.resampler.handle.id
        data = self.memory(_BLOCK * 2)
        self.raw.request("push_sox_resampler", resampler_handle=handle, data_ptr=data, size=_BLOCK * 2)
        return _SURVIVED

    def apm_process_stream(self) -> int:
        switches = ("echo_canceller", "gain_controller", "high_pass_filter", "noise_suppression")
        made = self.raw.request("new_apm", **{f"{switch}_enabled": False for switch in switches})
        return self.send(
            apm_handle=made.apm.handle.id,
            data_ptr=self.memory(_BLOCK * 2),
            size=_BLOCK * 2,
            sample_rate=_RATE,
            num_channels=1,
        )

    apm_process_reverse_stream = apm_process_stream

    def capture_video_frame(self) -> int:
        size = self.raw.classes["VideoSourceResolution"](width=_WIDTH, height=_HEIGHT)
        source = self.raw.request("new_video_source", type=0, resolution=size, is_screencast=False)
        handle = source.source.handle.id
        track = self.raw.request("create_video_track", name="camera", source_handle=handle).track.handle.id
        self.raw.request("new_video_stream", track_handle=track, type=0, normalize_stride=False)
        request = self.wrong(
            "CaptureVideoFrameRequest",
            {"source_handle": handle, "timestamp_us": 0, "rotation": 0, "buffer": self.picture()},
        )
        if self.raw.request("capture_video_frame", request) is None:
            return _REFUSED
        # Some only end the process when somebody looks at the picture.
        self.raw.until(
            lambda: any(e.WhichOneof("message") == "video_stream_event" for e in self.raw.events), 3
        )
        return _SURVIVED

    def video_convert(self) -> int:
        target = self.case["dst_type"]
        return self.send(buffer=self.picture(), dst_type=target, flip_y=False)

    # --- what they are made of

    def send(self, request: Any = None, **fields: Any) -> int:
        """Sends the request made wrong, and waits for what becomes of it."""
        name = self.operation.partition(".")[0]
        if request is None:
            pascal = "".join(word.capitalize() for word in name.split("_"))
            request = self.wrong(f"{pascal}Request", fields)
        else:
            self.spoil(request)
        answer = self.raw.request(name, request)
        if answer is None:
            return _REFUSED
        # What aborts does so on another thread, if it has not yet; an end of any kind comes as an event.
        if hasattr(answer, "async_id"):
            self.raw.until(lambda: any(self.answers(event, answer) for event in self.raw.events), 5)
        return _SURVIVED

    def answers(self, event: Any, answer: Any) -> bool:
        message = getattr(event, event.WhichOneof("message"))
        return bool(getattr(message, "async_id", None) == answer.async_id)

    def wrong(self, message: str, fields: dict[str, Any]) -> Any:
        request = self.raw.classes[message](**fields)
        self.spoil(request)
        return request

    def spoil(self, request: Any) -> None:
        """Breaks the condition, keeps to the others as far as it goes, and places the memory."""
        holder, name, index = self.place(request, self.case["field"])
        check, operand = self.case["check"], self.operand(request)
        if check == "count":
            del getattr(holder, name)[operand - 1 :]
        elif check == "prefix" and not isinstance(getattr(holder, name), str):
            getattr(holder, name)[:] = ["1"]
        elif name.endswith("_ptr"):
            setattr(holder, name, self.memory(operand - 1))
            return
        else:
            values = {
                "least": operand - 1 if isinstance(operand, int) else None,
                "most": operand + 1 if isinstance(operand, int) else None,
                "at_least": operand - 1 if isinstance(operand, int) else None,
                "equals": operand - 1 if isinstance(operand, int) else None,
                "multiple_of": operand + operand // 2 if isinstance(operand, int) else None,
                "prefix": "1",
                "none_of": operand,
            }
            setattr(holder, name, values[check])
        if index is None or check != "equals":
            self.repair(request)
        if hasattr(request, "buffer") and hasattr(request.buffer, "components"):
            for component in request.buffer.components:
                component.data_ptr = self.memory(component.size)

    def operand(self, request: Any) -> Any:
        if self.case.get("text") is None:
            return self.case["operand"]
        return self.evaluate(request, self.case["text"], self.case["paths"])

    def repair(self, request: Any) -> None:
        """Sizes follow from strides: only the one condition is broken."""
        for other in self.case["sizes"]:
            holder, name, index = self.place(request, other["field"])
            if index is None or index < len(request.buffer.components):
                setattr(holder, name, self.evaluate(request, other["text"], other["paths"]))

    def evaluate(self, request: Any, text: str, paths: list[str]) -> int:
        values = []
        for path in paths:
            holder, name, _ = self.place(request, path)
            values.append(getattr(holder, name))
        # Arithmetic of the configuration over numbers; a division is one of integers.
        return int(eval(text.replace("/", "//").format(*values), {"__builtins__": {}}))

    def place(self, request: Any, path: str) -> tuple[Any, str, int | None]:
        """The message with the last field of a path, its name, and the element on the way."""
        *way, last = path.split(".")
        index = None
        for part in way:
            match = re.fullmatch(r"(\w+)(?:\[(\d+)\])?", part)
            assert match is not None
            request = getattr(request, match[1])
            if match[2] is not None:
                index = int(match[2])
                if index >= len(request):
                    return type(request.add())(), last, index
                request = request[index]
            elif hasattr(request, "add"):
                request = request[0]
        return request, last, index

    def picture(self) -> Any:
        """A good picture of the case's format."""
        format_ = self.case["format"]
        picture = self.raw.classes["VideoBufferInfo"](
            type=self.case["format_number"], width=_WIDTH, height=_HEIGHT, data_ptr=0
        )
        if format_ not in _PLANES:
            pixel = _PIXEL.get(format_, 4)
            picture.stride = _WIDTH * pixel
            # Rows may get shorter here, and the memory stays as long as the picture needs.
            picture.data_ptr = self.memory(_WIDTH * _HEIGHT * pixel)
            return picture
        captured = self.operation == "capture_video_frame"
        for width, height in _PLANES[format_]:
            sample = 2 if format_ == "I010" else 1
            plane = picture.components.add()
            plane.stride = width * sample if captured else width
            plane.size = width * height * sample
        return picture

    def memory(self, size: int) -> int:
        """Address of so many bytes that end where no memory follows."""
        page = mmap.PAGESIZE
        pages = max(1, -(-size // page))
        area = mmap.mmap(-1, (pages + 1) * page)
        self.kept.append(area)
        start = ctypes.addressof(ctypes.c_char.from_buffer(area))
        ctypes.CDLL(None).mprotect(ctypes.c_void_p(start + pages * page), ctypes.c_size_t(page), 0)
        return start + pages * page - size

    def microphone(self) -> tuple[int, int]:
        source = self.raw.request(
            "new_audio_source", type=0, sample_rate=_RATE, num_channels=1, queue_size_ms=1000
        )
        track = self.raw.request("create_audio_track", name="mic", source_handle=source.source.handle.id)
        return source.source.handle.id, track.track.handle.id

    def audio_stream(self, **more: int) -> dict[str, int]:
        return {"type": 0, "sample_rate": _RATE, "num_channels": 1, "frame_size_ms": 10, **more}

    def listen(self, operation: str, request: Any, sources: list[int]) -> int:
        """Opens the stream, and speaks until the process has ended, or too many frames came."""
        if self.raw.request(operation, request) is None:
            return _REFUSED
        silence = self.memory(_BLOCK * 2)
        buffer = self.raw.classes["AudioFrameBufferInfo"](
            data_ptr=silence, num_channels=1, sample_rate=_RATE, samples_per_channel=_BLOCK
        )
        # A second of frames as they should be is a hundred.
        for _ in range(300):
            for source in sources:
                self.raw.request("capture_audio_frame", source_handle=source, buffer=buffer)
            if self.raw.until(lambda: len(self.frames()) >= _FLOOD, 0.01):
                return _FLOODED
        return _FLOODED if self.raw.until(lambda: len(self.frames()) >= _FLOOD, 10) else _SURVIVED

    def frames(self) -> list[Any]:
        return [event for event in self.raw.events if event.WhichOneof("message") == "audio_stream_event"]

    def enter(self, who: str = "someone") -> Any:
        if not self.room:
            raise LookupError("this needs a room")
        return self.raw.connect(self.room["url"], self.room["tokens"][self.case["id"]][who])

    def subscribed(self, room: Any) -> bool:
        events = [
            event.room_event for event in self.raw.events if event.WhichOneof("message") == "room_event"
        ]
        return any(
            event.room_handle == room.room.handle.id and event.WhichOneof("message") == "track_subscribed"
            for event in events
        )


def main(job: dict[str, Any]) -> None:
    classes = loose_classes(Path(job["descriptors"]))

    def child(case: dict[str, Any]) -> None:
        signal.alarm(_LIMIT)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        null = os.open(os.devnull, os.O_RDWR)
        if not job.get("loud"):
            os.dup2(null, 2)
        os._exit(Case(Raw(job["library"], classes), case, job["room"]).run())

    ends = {}
    waiting = list(job["cases"])
    running: dict[int, str] = {}
    while waiting or running:
        while waiting and len(running) < _AT_ONCE:
            case = waiting.pop(0)
            process = os.fork()
            if process == 0:
                try:
                    child(case)
                except BaseException as error:
                    os.write(1, f"{case['id']}: {error!r}\n".encode()) if job.get("loud") else None
                finally:
                    os._exit(9)
            running[process] = case["id"]
        process, status = os.wait()
        code = os.waitstatus_to_exitcode(status)
        said = signal.Signals(-code).name if code < 0 else _CODES.get(code, f"exit code {code}")
        ends[running.pop(process)] = said
    print(json.dumps(ends))


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text("utf-8")))
