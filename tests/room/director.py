"""Runs inside the private network: clients of the official Python SDK, and the server's API.

A scenario leads it: it sends one line of JSON per connection, `{"do": command, …}`, and gets one line back.
Each command is a method of `Director` with the same name.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from livekit import api, rtc

_RATE = 48000
_WIDTH, _HEIGHT = 320, 240
_PATIENCE = 20.0


class Client:
    """One participant, and what it has met: counters by name, and lists of what arrived."""

    def __init__(self) -> None:
        self.room = rtc.Room()
        self.count: Counter[str] = Counter()
        self.seen: dict[str, list[str]] = {"data": [], "texts": [], "bytes": [], "rpc": [], "ended": []}
        self._tasks: list[asyncio.Task[None]] = []
        self._published: dict[str, tuple[str, Any, asyncio.Task[None]]] = {}
        self._listen()

    def facts(self) -> dict[str, Any]:
        """Counters and lists together; `participants` and `tracks` are those of now."""
        others = self.room.remote_participants.values()
        tracks = [pub for one in others for pub in one.track_publications.values() if pub.track is not None]
        return {**self.count, **self.seen, "participants": len(others), "tracks": len(tracks)}

    async def publish(self, kind: str) -> None:
        if kind == "audio":
            sound = rtc.AudioSource(_RATE, 1)
            track: rtc.LocalTrack = rtc.LocalAudioTrack.create_audio_track("mic", sound)
            options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
            source: Any = sound
            feed = self._spawn(self._speak(sound))
        else:
            picture = rtc.VideoSource(_WIDTH, _HEIGHT)
            track = rtc.LocalVideoTrack.create_video_track("camera", picture)
            options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_CAMERA, simulcast=False)
            source = picture
            feed = self._spawn(self._film(picture))
        publication = await self.room.local_participant.publish_track(track, options)
        self._published[kind] = (publication.sid, source, feed)

    async def unpublish(self, kind: str) -> None:
        sid, source, feed = self._published.pop(kind)
        # A closed source takes frames at once and for ever.
        feed.cancel()
        await self.room.local_participant.unpublish_track(sid)
        await source.aclose()

    async def leave(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.room.disconnect()
        for _, source, _ in self._published.values():
            await source.aclose()

    def _spawn(self, work: Any) -> asyncio.Task[None]:
        self._tasks.append(asyncio.ensure_future(work))
        return self._tasks[-1]

    async def _speak(self, source: rtc.AudioSource) -> None:
        block = _RATE // 100
        while True:
            await source.capture_frame(rtc.AudioFrame(b"\1\2" * block, _RATE, 1, block))

    async def _film(self, source: rtc.VideoSource) -> None:
        picture = rtc.VideoFrame(
            _WIDTH, _HEIGHT, rtc.VideoBufferType.I420, bytearray(b"\x80" * (_WIDTH * _HEIGHT * 3 // 2))
        )
        while True:
            source.capture_frame(picture)
            await asyncio.sleep(0.1)

    def _listen(self) -> None:
        on: Callable[..., Any] = self.room.on
        on("track_subscribed", lambda track, *_: self._spawn(self._watch(track)))
        on("data_received", lambda packet: self.seen["data"].append(packet.data.decode()))
        on("disconnected", lambda why: self.seen["ended"].append(rtc.DisconnectReason.Name(why)))
        for happened in ("track_unsubscribed", "participant_connected", "participant_disconnected"):
            on(happened, lambda *_, name=happened: self.count.update([name]))
        self.room.register_text_stream_handler("topic", self._hear_text)
        self.room.register_byte_stream_handler("topic", self._hear_bytes)

    def _hear_text(self, reader: Any, _: str) -> None:
        self._spawn(self._text(reader))

    def _hear_bytes(self, reader: Any, _: str) -> None:
        self._spawn(self._bytes(reader))

    async def _watch(self, track: Any) -> None:
        audio = isinstance(track, rtc.RemoteAudioTrack)
        name = "audio" if audio else "video"
        self.count.update([f"{name} tracks"])
        stream: Any = rtc.AudioStream(track) if audio else rtc.VideoStream(track)
        try:
            async for _ in stream:
                self.count.update([f"{name} frames"])
        finally:
            await stream.aclose()

    async def _text(self, reader: rtc.TextStreamReader) -> None:
        self.seen["texts"].append(await reader.read_all())

    async def _bytes(self, reader: rtc.ByteStreamReader) -> None:
        got = b""
        with contextlib.suppress(Exception):
            async for chunk in reader:
                got += chunk
        self.seen["bytes"].append(got.hex())


class Director:
    """The commands. `who` is the identity of a client of this process."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self._settings = settings
        self._clients: dict[str, Client] = {}
        self.moments: dict[str, dict[str, Any]] = {}

    async def mark(self, moment: str, line: str) -> None:
        """Notes when a moment was, on the clock of the recorder, and what the binding counts at it."""
        self.moments[moment] = {"time": time.monotonic_ns(), "line": line}

    async def token(self, who: str, room: str = "room") -> str:
        grants = api.VideoGrants(room_join=True, room=room, can_update_own_metadata=True)
        made = api.AccessToken(self._settings["key"], self._settings["secret"]).with_identity(who)
        return str(made.with_grants(grants).to_jwt())

    async def join(self, who: str, room: str = "room") -> None:
        client = self._clients[who] = Client()
        await client.room.connect(self._settings["url"], await self.token(who, room))

    async def publish(self, who: str, kind: str) -> None:
        await self._clients[who].publish(kind)

    async def unpublish(self, who: str, kind: str) -> None:
        await self._clients[who].unpublish(kind)

    async def leave(self, who: str) -> None:
        await self._clients.pop(who).leave()

    async def facts(self, who: str) -> dict[str, Any]:
        return self._clients[who].facts()

    async def wait(self, who: str, fact: str, least: int | None = None, exactly: int | None = None) -> int:
        """Until a fact is at least so many, or exactly so many; lists by their length."""
        end = time.monotonic() + _PATIENCE
        while True:
            value = self._clients[who].facts().get(fact, 0)
            number = len(value) if isinstance(value, list) else int(value)
            if (number == exactly) if exactly is not None else (number >= (least or 0)):
                return number
            if time.monotonic() > end:
                wanted = exactly if exactly is not None else f"at least {least}"
                raise TimeoutError(f"{who}: {fact} is {number}, waited for {wanted}")
            await asyncio.sleep(0.02)

    async def forget(self, who: str) -> None:
        """Counts what a client meets from here on."""
        self._clients[who].count.clear()

    async def send_data(self, who: str, text: str) -> None:
        await self._clients[who].room.local_participant.publish_data(text.encode(), topic="topic")

    async def send_text(self, who: str, text: str, topic: str = "topic") -> None:
        await self._clients[who].room.local_participant.send_text(text, topic=topic)

    async def send_bytes(self, who: str, size: int) -> None:
        local = self._clients[who].room.local_participant
        writer = await local.stream_bytes("numbers", topic="topic", total_size=size)
        await writer.write(bytes(i % 251 for i in range(size)))
        await writer.aclose()

    async def answer_rpc(self, who: str, method: str) -> None:
        async def answer(call: rtc.RpcInvocationData) -> str:
            self._clients[who].seen["rpc"].append(call.payload)
            if call.payload == "fail":
                raise rtc.RpcError(1234, "as asked")
            return call.payload.upper()

        self._clients[who].room.local_participant.register_rpc_method(method, answer)

    async def call_rpc(self, who: str, to: str, method: str, payload: str) -> str:
        local = self._clients[who].room.local_participant
        try:
            return await local.perform_rpc(destination_identity=to, method=method, payload=payload)
        except rtc.RpcError as error:
            return f"{error.code}: {error.message}"

    async def delete_room(self, room: str = "room") -> None:
        async with self._server_api() as server:
            await server.room.delete_room(api.DeleteRoomRequest(room=room))

    async def remove(self, identity: str, room: str = "room") -> None:
        async with self._server_api() as server:
            await server.room.remove_participant(api.RoomParticipantIdentity(room=room, identity=identity))

    async def kill_server(self) -> None:
        os.kill(self._settings["server"], signal.SIGKILL)

    async def stop_server(self) -> None:
        """Asked once, the server waits until everybody has left."""
        for _ in range(2):
            os.kill(self._settings["server"], signal.SIGTERM)
            await asyncio.sleep(0.2)

    async def open_gate(self, after: str) -> str:
        """An address that leads to the server, which is killed when the first client has come so far.

        Args:
            after: `request`, when the client has asked; `answer`, when the server's first bytes are out.
        """

        async def pass_on(client: asyncio.StreamReader, answer: asyncio.StreamWriter) -> None:
            asked = await client.readuntil(b"\r\n\r\n")
            if after == "answer":
                host, _, port = self._settings["url"].removeprefix("ws://").partition(":")
                server, question = await asyncio.open_connection(host, int(port))
                question.write(asked)
                answer.write(await server.readuntil(b"\r\n\r\n"))
                await answer.drain()
            await self.kill_server()
            answer.close()

        gate = await asyncio.start_server(pass_on, self._settings["address"], 0)
        return f"ws://{self._settings['address']}:{gate.sockets[0].getsockname()[1]}"

    def _server_api(self) -> api.LiveKitAPI:
        url = self._settings["url"].replace("ws:", "http:")
        return api.LiveKitAPI(url, self._settings["key"], self._settings["secret"])


async def main(settings: dict[str, Any]) -> None:
    director = Director(settings)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        order = json.loads(await reader.readline())
        try:
            answer = {"answer": await getattr(director, order.pop("do"))(**order)}
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        writer.write(json.dumps(answer).encode() + b"\n")
        await writer.drain()
        writer.close()

    await asyncio.start_server(serve, settings["address"], settings["port"], limit=1 << 20)
    # The parent waits for this line, and closes the input when it wants an end.
    print("ready", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    print(json.dumps(director.moments), flush=True)
    # Clients that a scenario left behind when it failed go with the process.
    os._exit(0)


if __name__ == "__main__":
    asyncio.run(main(json.loads(sys.argv[1])))
