"""Two participants of the official Python SDK, each with two tracks: URL TOKEN TOKEN FORGOTTEN.

It closes everything that the SDK lets it close, in the order that the SDK's examples have, except so many of
the sources.
"""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from typing import Any

from livekit import rtc

_RATE = 48000
_WIDTH, _HEIGHT = 320, 240
_FRAMES = {"AudioStream": 20, "VideoStream": 2}


async def main(url: str, tokens: list[str], forgotten: int) -> None:
    rooms: list[rtc.Room] = []
    sources: list[rtc.AudioSource | rtc.VideoSource] = []
    streams: list[rtc.AudioStream | rtc.VideoStream] = []
    feeds, watches = [], []
    frames: Counter[str] = Counter()
    enough = asyncio.Event()

    async def watch(stream: Any) -> None:
        async for _ in stream:
            frames[type(stream).__name__] += 1
            if len(streams) == 4 and all(frames[kind] >= least for kind, least in _FRAMES.items()):
                enough.set()

    def subscribed(track: Any, *_: Any) -> None:
        audio = isinstance(track, rtc.RemoteAudioTrack)
        streams.append(rtc.AudioStream(track) if audio else rtc.VideoStream(track))
        watches.append(asyncio.ensure_future(watch(streams[-1])))

    for token in tokens:
        room = rtc.Room()
        room.on("track_subscribed", subscribed)
        await room.connect(url, token)
        rooms.append(room)
        sound, picture = rtc.AudioSource(_RATE, 1), rtc.VideoSource(_WIDTH, _HEIGHT)
        sources += [sound, picture]
        feeds += [asyncio.ensure_future(_speak(sound)), asyncio.ensure_future(_film(picture))]
        for track, source in (
            (rtc.LocalAudioTrack.create_audio_track("mic", sound), rtc.TrackSource.SOURCE_MICROPHONE),
            (rtc.LocalVideoTrack.create_video_track("camera", picture), rtc.TrackSource.SOURCE_CAMERA),
        ):
            await room.local_participant.publish_track(track, rtc.TrackPublishOptions(source=source))
        await room.local_participant.publish_data(b"hello")
    await asyncio.wait_for(enough.wait(), 30)
    for task in (*feeds, *watches):
        task.cancel()
    await asyncio.gather(*feeds, *watches, return_exceptions=True)
    for stream in streams:
        await stream.aclose()
    for room in rooms:
        await room.disconnect()
    for own in sources[forgotten:]:
        await own.aclose()


async def _speak(source: rtc.AudioSource) -> None:
    block = _RATE // 100
    while True:
        await source.capture_frame(rtc.AudioFrame(bytes(2 * block), _RATE, 1, block))


async def _film(source: rtc.VideoSource) -> None:
    size = _WIDTH * _HEIGHT * 3 // 2
    picture = rtc.VideoFrame(_WIDTH, _HEIGHT, rtc.VideoBufferType.I420, bytearray(size))
    while True:
        source.capture_frame(picture)
        await asyncio.sleep(0.1)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2:4], int(sys.argv[4])))
