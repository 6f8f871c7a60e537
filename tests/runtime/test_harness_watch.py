"""The watcher names what remained, by kind, and nothing that a runtime keeps for itself."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from gen_bindings.runtime import watch
from gen_bindings.runtime.compile import compile_library
from gen_bindings.runtime.lanes import Lane
from gen_bindings.runtime.pool import run_scenarios
from gen_bindings.runtime.process import Outcome
from gen_bindings.runtime.scenario import Scenario
from gen_bindings.runtime.toolchain import Toolchain

BuildC = Callable[[str, str], Path]

WATCHED_C = """
#define _GNU_SOURCE
#include <pthread.h>
#include <unistd.h>
static void *run(void *given) {
    pthread_setname_np(pthread_self(), "left-behind");
    for (;;) pause();
    return given;
}
void watched_leave_thread(void) {
    pthread_t thread;
    pthread_create(&thread, 0, run, 0);
}
"""

WATCHED = """
using System;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Threading;
using System.Threading.Tasks;

namespace Probe
{
    public static class Watched
    {
        [DllImport("watched")] private static extern void watched_leave_thread();

        public static void LeaveThread()
        {
            watched_leave_thread();
        }

        /// <summary>Uses a socket, the thread pool and a thread, and leaves nothing.</summary>
        public static void Cycle()
        {
            using (var udp = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0)))
            {
                var thread = new Thread(() => { });
                thread.Start();
                thread.Join();
                Task.WaitAll(Task.Run(() => 1), Task.Delay(1));
            }
        }
    }
}
"""


@pytest.fixture(scope="module")
def outcomes(
    toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory, build_c: BuildC
) -> dict[tuple[Lane, bool], Outcome]:
    folder = tmp_path_factory.mktemp("watch")
    source = folder / "Watched.cs"
    source.write_text(WATCHED)
    library = build_c("watched", WATCHED_C)
    keys = [(lane, leak) for lane in Lane for leak in (True, False)]
    found = run_scenarios(
        [
            Scenario(
                name=f"leak={leak}",
                lane=lane,
                entry="harness_drivers:leave_things",
                assemblies=(compile_library([source], folder / lane / "Watched.dll", lane),),
                args={"leak": leak},
                libraries={"watched": library},
                python_path=(Path(__file__).parent,),
            )
            for lane, leak in keys
        ]
    )
    return dict(zip(keys, found, strict=True))


@pytest.mark.parametrize("lane", list(Lane))
def test_a_leaked_udp_socket_and_a_leaked_thread_are_named(
    outcomes: dict[tuple[Lane, bool], Outcome], lane: Lane
) -> None:
    found = outcomes[lane, True].value()
    assert sorted(found) == ["GB902", "GB904"]
    assert [line.startswith("udp 127.0.0.1:") for line in found["GB902"]] == [True]
    assert found["GB904"] == ["'left-behind': 1 more"]


@pytest.mark.parametrize("lane", list(Lane))
def test_a_clean_cycle_leaves_nothing(outcomes: dict[tuple[Lane, bool], Outcome], lane: Lane) -> None:
    assert outcomes[lane, False].value() == {}


@pytest.mark.quick
def test_each_kind_of_socket_is_told_apart(tmp_path: Path) -> None:
    before = watch.snapshot()
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp,
        socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tcp,
        socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as unix,
        (tmp_path / "file").open("w"),
    ):
        udp.bind(("127.0.0.1", 0))
        tcp.bind(("127.0.0.1", 0))
        tcp.listen()
        unix.bind(str(tmp_path / "unix"))
        found = {finding.id: finding.details for finding in watch.differences(before, watch.snapshot())}
        assert found == {
            "GB902": (f"udp 127.0.0.1:{udp.getsockname()[1]}",),
            "GB903": (
                f"tcp 127.0.0.1:{tcp.getsockname()[1]}",
                f"unix {tmp_path / 'unix'}",
                str(tmp_path / "file"),
            ),
        }
    assert watch.remaining(before) == ()


@pytest.mark.quick
def test_a_thread_that_replaced_another_of_its_name_did_not_remain() -> None:
    def started() -> tuple[threading.Thread, threading.Event]:
        release = threading.Event()
        thread = threading.Thread(target=release.wait)
        thread.start()
        return thread, release

    first, release_first = started()
    before = watch.snapshot()
    release_first.set()
    first.join()
    second, release_second = started()
    try:
        assert (
            watch.settle(lambda: watch.differences(before, watch.snapshot()), lambda found: not found) == ()
        )
        third, release_third = started()
        try:
            found = watch.differences(before, watch.snapshot())
            assert [finding.id for finding in found] == ["GB904"]
            assert found[0].message == "1 threads remain."
        finally:
            release_third.set()
            third.join()
    finally:
        release_second.set()
        second.join()


@pytest.mark.quick
def test_another_process_is_seen_from_outside() -> None:
    script = "import socket, sys; s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM); s.bind(('::1', 0)); "
    script += "print(s.getsockname()[1], flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        port = int(child.stdout.readline())
        taken = watch.snapshot(child.pid)
        child.communicate("")
    assert [str(found) for found in taken.sockets] == [f"udp6 [::1]:{port}"]
    assert taken.threads[0].id == child.pid
    assert 0 < taken.uss <= taken.rss


@pytest.mark.quick
def test_settling_returns_the_last_value_at_the_deadline() -> None:
    values = iter(range(1_000_000))
    assert watch.settle(lambda: next(values), lambda value: value == 3) == 3
    assert watch.settle(lambda: os.getpid(), lambda _: False, deadline=0.02) == os.getpid()
