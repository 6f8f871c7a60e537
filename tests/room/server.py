"""A LiveKit server in a private network: started, asked for its address and for tokens, stopped.

    with network.shared() as net, livekit_server(net, tmp_path) as server:
        run_scenario(Scenario(..., args={"url": server.url, "token": server.token("someone")},
                              shared_network=net))
        subprocess.run([*net.prefix, sys.executable, "client.py"], env=network.environment())

Every network has all ports free and the server at the same address, so many can run side by side.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path

from gen_bindings.errors import GenBindingsError, ToolchainError
from gen_bindings.runtime import network, watch
from gen_bindings.runtime.network import ADDRESS, INTERFACE, Network

ROOT = Path(__file__).resolve().parents[2]
BINARY = ROOT / "build" / "toolchain" / "livekit-server" / "server"
PORT = 7880

_KEY = "devkey"
_SECRET = "a secret of at least thirty-two characters"
_START_SECONDS = 30.0


class ServerError(GenBindingsError):
    """The server did not start; the message has its last words."""


@dataclass(frozen=True)
class Server:
    """A running server.

    Attributes:
        process: its id.
        url: for clients inside its network.
        log: what it said.
        key: of the API.
        secret: of the API.
    """

    process: int
    url: str
    log: Path
    key: str = _KEY
    secret: str = _SECRET

    def token(
        self,
        identity: str,
        room: str = "room",
        *,
        lifetime: timedelta = timedelta(hours=1),
        secret: str | None = None,
    ) -> str:
        """Lets a participant join a room, with every right in it.

        Args:
            identity: the participant's.
            room: the room's name; the server makes it for the first who comes.
            lifetime: negative for one that has expired.
            secret: another than the server's makes it a forgery.
        """
        from livekit import api

        rights = api.VideoGrants(
            room_join=True, room=room, can_publish=True, can_subscribe=True, can_update_own_metadata=True
        )
        made = api.AccessToken(self.key, secret or self.secret).with_identity(identity).with_name(identity)
        return str(made.with_grants(rights).with_ttl(lifetime).to_jwt())


@cache
def why_not() -> str:
    """The reason why there can be no room on this machine; empty when there can."""
    try:
        import livekit.api
        import livekit.rtc  # noqa: F401
    except ImportError as error:
        return f"the Python packages livekit and livekit-api are not both there ({error})"
    if reason := network.why_not():
        return f"a private network cannot be had here: {reason}"
    if not BINARY.is_file():
        build = "`make livekit` builds it" if shutil.which("go") else "there is no Go to build it: install Go"
        return f"there is no LiveKit server at {BINARY.relative_to(ROOT)}: {build}"
    return ""


@contextmanager
def livekit_server(
    net: Network, folder: Path, *, port: int = PORT, binary: Path = BINARY
) -> Iterator[Server]:
    """A server that is ready, for as long as the context lasts.

    Args:
        net: from `network.shared`.
        folder: for its configuration and its log; each server has its own.
        port: where it listens, at TCP; the next two serve media, TCP and UDP.
        binary: the server.

    Raises:
        ToolchainError: there is no such file.
        ServerError: it ended instead of listening, or did not listen in time.
    """
    if not binary.is_file():
        raise ToolchainError(
            f"There is no LiveKit server at {binary}. "
            "`make livekit` builds it with Go; see docs/livekit.md for how to do without."
        )
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "livekit-server.log"
    configuration = folder / "livekit-server.json"
    # The server reads YAML, of which JSON is a part.
    configuration.write_text(json.dumps(_configuration(port)), "utf-8")
    with log.open("wb") as out:
        process = subprocess.Popen(
            [*net.prefix, str(binary), "--config", str(configuration)],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            env={**network.environment(), "HOME": str(folder)},
            cwd=folder,
            # What the terminal sends is for who made the server; that one stops it.
            start_new_session=True,
        )
    try:
        _wait_until_it_listens(process, port, log)
        yield Server(process.pid, f"ws://{ADDRESS}:{port}", log)
    finally:
        # It has nothing to keep; asked to stop, it would wait for participants who never said goodbye.
        process.kill()
        process.wait()


def _configuration(port: int) -> dict[str, object]:
    return {
        "port": port,
        "bind_addresses": [ADDRESS],
        "keys": {_KEY: _SECRET},
        "rtc": {
            "tcp_port": port + 1,
            "udp_port": port + 2,
            "node_ip": ADDRESS,
            "use_external_ip": False,
            # With none of its own the server leaves clients to Google's, whose address they ask for in vain.
            "stun_servers": [f"{ADDRESS}:{port + 2}"],
            "interfaces": {"includes": [INTERFACE]},
        },
        "logging": {"level": "info"},
    }


def _wait_until_it_listens(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    def state() -> str:
        if process.poll() is not None:
            return "ended"
        try:
            held = watch.snapshot(process.pid).sockets
        except OSError:
            return "starting"
        return "ready" if any(found.local == f"{ADDRESS}:{port}" for found in held) else "starting"

    reached = watch.settle(state, lambda now: now != "starting", deadline=_START_SECONDS)
    if reached == "ready":
        return
    said = log.read_text("utf-8", errors="replace").strip().splitlines()[-1:]
    why = f"it ended with code {process.returncode}" if reached == "ended" else "it does not listen"
    raise ServerError(
        f"The LiveKit server did not start at port {port}: {why}. "
        f"Its last words: {said[0] if said else 'none'}"
    )
