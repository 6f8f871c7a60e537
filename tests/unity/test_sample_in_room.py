"""The sample with LiveKit's package, in a room of a real server, as `make unity LIBRARY=livekit` has it."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import livekit_lab
import pytest
import room_lab
import unity_lab
from server import livekit_server, why_not

from gen_bindings.runtime import network
from gen_bindings.runtime.compile import HARNESS_SOURCE, compile_library
from gen_bindings.runtime.lanes import Lane
from gen_bindings.runtime.network import ADDRESS
from gen_bindings.runtime.scenario import Scenario, run_scenario

pytestmark = [pytest.mark.skipif(bool(why_not()), reason=why_not()), pytest.mark.timeout(300)]

_IN_MEETING = "total=15 rooms=1 participants=2 tracks=4 publications=4"
_NOTHING = "total=0 rooms=0 participants=0 tracks=0 publications=0"


def _assembly() -> Path:
    sources = [
        *unity_lab.stub_sources(editor=False),
        *unity_lab.package_sources("livekit", editor=False),
        *unity_lab.sample_sources(),
        unity_lab.LOOP / "PlayerLoop.cs",
        unity_lab.LOOP / "SceneFile.cs",
        Path(__file__).with_name("room") / "MeetScenario.cs",
        room_lab.HERE / "Director.cs",
        livekit_lab.HERE / "Lab.cs",
        HARNESS_SOURCE,
    ]
    out = unity_lab.BUILD / "room" / "Sample.dll"
    return compile_library(sources, out, Lane.MONO, defines=(*unity_lab.PLAYER, "MEET_LIVEKIT"))


def _project(folder: Path, url: str, token: str) -> Path:
    """The sample with the two fields set that a person sets in the inspector."""
    shutil.copytree(unity_lab.SAMPLE / "Assets", folder / "Assets")
    scene = folder / "Assets" / "Scenes" / "Meet.unity"
    text = scene.read_text("utf-8")
    for field, value in (("_url", url), ("_token", token)):
        text, times = re.subn(rf"^  {field}: .*$", f"  {field}: {value}", text, flags=re.MULTILINE)
        assert times == 1
    scene.write_text(text, "utf-8")
    return folder


def test_the_sample_meets_a_guest_and_leaves_nothing(tmp_path: Path) -> None:
    with (
        network.shared() as net,
        livekit_server(net, tmp_path / "server") as server,
        room_lab.director(net, server, {}),
    ):
        project = _project(tmp_path / "project", server.url, server.token("unity"))
        outcome = run_scenario(
            Scenario(
                name="the sample in a room",
                lane=Lane.MONO,
                entry="UnityRoom.MeetScenario.Run",
                assemblies=(_assembly(),),
                args={"project": str(project), "director": f"{ADDRESS}:{room_lab.DIRECTOR_PORT}"},
                libraries={livekit_lab.IMPORT_NAME: livekit_lab.prepare().library},
                deadline=150,
                shared_network=net,
            )
        )
    told = outcome.value()
    *lines, end = told["lines"]
    assert [line.startswith(f"320x240 {_IN_MEETING}") for line in lines[::2]] == [True] * 4
    assert [line.startswith(_NOTHING) for line in (*lines[1::2], end)] == [True] * 4
    assert not end.endswith("runs")
    assert told["notice"] == "left: ParticipantRemoved"
    assert told["textures"] == 0
    # The library calls it an error when the server closes its channels.
    assert [line for line in told["console"] if not line.startswith("error: livekit::")] == []
