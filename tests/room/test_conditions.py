"""What stands in the way of a room is said in a sentence, and nothing is left running whatever ends a run."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import server
from server import ServerError, livekit_server, why_not

from gen_bindings.errors import ToolchainError
from gen_bindings.runtime import network, watch

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
needs_room = pytest.mark.skipif(bool(why_not()), reason=why_not())
needs_network = pytest.mark.skipif(bool(network.why_not()), reason=network.why_not())

pytestmark = pytest.mark.quick

# A server, a director and a scenario's place, held until somebody ends them.
AT_WORK = """
import signal, sys
from pathlib import Path
# A shell that starts the tests in its background has them ignore Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.path.insert(0, sys.argv[1])
sys.path += [sys.argv[1] + "/../runtime/livekit", sys.argv[1] + "/../trace"]
from gen_bindings.runtime import network
from gen_bindings.runtime.lanes import Lane
from gen_bindings.runtime.scenario import Scenario, run_scenario
from room_lab import director
from server import livekit_server
folder = Path(sys.argv[2])
with network.shared() as net, livekit_server(net, folder) as server, director(net, server, {}):
    print("at work", flush=True)
    run_scenario(Scenario("sleep", Lane.MONO, "waits:wait", python_path=(folder,), shared_network=net))
"""


def test_no_server_and_no_go(tmp_path: Path) -> None:
    (tmp_path / "tools").mkdir()
    setup = shutil.copy(ROOT / "tools" / "setup.py", tmp_path / "tools")
    done = subprocess.run(
        [sys.executable, setup, "livekit-server"],
        env={"PATH": "/nowhere"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "There is no LiveKit server" in done.stderr
    assert "no Go to build one. Install Go" in done.stderr


@needs_network
def test_no_server(tmp_path: Path) -> None:
    with (
        network.shared() as net,
        pytest.raises(ToolchainError, match=r"There is no LiveKit server at .*`make livekit` builds it"),
        livekit_server(net, tmp_path, binary=tmp_path / "server"),
    ):
        pass


@pytest.mark.parametrize(
    ("path", "why"),
    [("/nowhere", "there is no Go to build it: install Go"), (None, "`make livekit` builds it")],
)
def test_why_there_is_no_room_without_a_server(
    path: str | None, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("livekit.api", reason="the PyPI packages livekit and livekit-api are not installed")
    go = tmp_path / "go"
    go.touch(0o755)
    monkeypatch.setattr(network, "why_not", lambda: "")
    monkeypatch.setattr(server, "BINARY", server.ROOT / "build" / "nothing")
    monkeypatch.setenv("PATH", path or str(tmp_path))
    assert why_not.__wrapped__() == f"there is no LiveKit server at build/nothing: {why}"


@needs_room
def test_a_port_in_use(tmp_path: Path) -> None:
    with (
        network.shared() as net,
        livekit_server(net, tmp_path / "one"),
        pytest.raises(ServerError, match=r"did not start at port 7880: it ended .* address already in use"),
        livekit_server(net, tmp_path / "two"),
    ):
        pass
    assert _running(tmp_path) == []


@needs_network
def test_no_right_to_a_network(tmp_path: Path) -> None:
    refused = (
        "a private network was refused: No space left on device. It is made by root, or by anybody where "
        "user.max_user_namespaces and user.max_net_namespaces allow it"
    )
    done = _without_right([sys.executable, "-P", "-m", "gen_bindings.runtime.network", "true"])
    assert (done.returncode, done.stderr) == (125, f"{refused}\n")
    # Set-up says the same before it builds a server that could not be used.
    for part in ("tools", "generator"):
        shutil.copytree(ROOT / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__"))
    done = _without_right([sys.executable, str(tmp_path / "tools/setup.py"), "network", "livekit-server"])
    assert (done.returncode, done.stdout, done.stderr) == (
        2,
        "",
        f"[setup] stopped: {refused}. Without one there is no LiveKit room.\n",
    )


def _without_right(command: list[str]) -> subprocess.CompletedProcess[str]:
    """Runs it where it can make no network; skips where that cannot be had, as in some containers."""
    forbid = "echo 0 > /proc/sys/user/max_net_namespaces || exit 99"
    done = subprocess.run(
        ["unshare", "--user", "--map-root-user", "sh", "-c", f'{forbid}; exec "$@"', "sh", *command],
        env=network.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == 99 or done.stderr.startswith("unshare:"):
        pytest.skip(f"the right cannot be taken away here: {done.stderr.strip()}")
    return done


@needs_room
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_left_running(how: signal.Signals, tmp_path: Path) -> None:
    (tmp_path / "waits.py").write_text("import time\ndef wait(lane, args):\n    time.sleep(600)\n")
    child = subprocess.Popen(
        [sys.executable, "-c", AT_WORK, str(HERE), str(tmp_path)],
        env={**network.environment(), "TMPDIR": str(tmp_path), "LEFT_BY": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    try:
        assert child.stdout is not None
        assert child.stdout.readline() == "at work\n"
        # Itself, who keeps the network, the server, the director, the scenario.
        assert len(watch.settle(lambda: _running(tmp_path), lambda found: len(found) == 5, 20)) == 5
        os.kill(child.pid, how)
        child.wait(30)
        assert watch.settle(lambda: _running(tmp_path), lambda found: not found, 20) == []
    finally:
        child.kill()
        child.wait()


def _running(folder: Path) -> list[str]:
    """Processes that were started from a test with this folder, by their environment or their command."""
    found = []
    for process in Path("/proc").iterdir():
        if not process.name.isdigit() or int(process.name) == os.getpid():
            continue
        try:
            said = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
        except OSError:
            continue
        if os.fsencode(folder) in said:
            found.append(f"{process.name} {said[:200]!r}")
    return found
