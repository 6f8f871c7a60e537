"""Which tests `make quick` runs: the quick ones but for those listed here, which take most of the time.

What takes the time is starting processes. Each module of the inner loop may start a few, for what its tests
read once; at one more its test fails, so that a slow one is seen when it comes, on a machine of any speed.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Generator

import pytest

# For a protocol, a header or a library that is read once.
ALLOWED = 4

# Modules, and single tests of others, under tests/.
OUTSIDE = frozenset(
    {
        "cli/test_cli_bad_input.py",
        "cli/test_cli_commands.py",
        "cli/test_cli_generate.py",
        "cli/test_cli_output_folder.py",
        "diff/test_cli_diff.py",
        "diff/test_livekit_versions.py",
        "docs/test_docs_pages.py::test_the_model_page_names_its_parts",
        "docs/test_livekit_coverage.py",
        "init/test_init_command.py",
        "init/test_init_inference.py",
        "output/test_all_or_nothing.py",
        "packaging/test_wheel.py",
        "project/test_inputs.py",
        "render/test_filters.py::test_any_text_is_well_formed",
        "report/test_model.py",
        "room/test_conditions.py",
        "runtime/livekit/test_livekit_record.py",
        "runtime/livekit/test_livekit_requests.py",
        "runtime/test_harness_setup.py",
        "sources/test_proto_files.py",
        "sources/test_python_module.py",
        "test_cache.py",
        "test_generality.py",
        "trace/test_cli_trace.py",
        "trace/test_cost.py",
        "trace/test_faulty_library.py",
        "trace/test_hour.py",
        "trace/test_livekit.py",
        "trace/test_logs.py",
        "trace/test_recorder.py",
        "unity/test_package_files.py",
        "validate/test_clean.py",
        "validate/test_planted.py",
        "wire/test_compiles.py",
        "wire/test_malformed.py",
    }
)

_STARTS = {"subprocess.Popen", "os.fork", "os.forkpty"}
_started: Counter[str] = Counter()
_modules: list[str] = []
_told: set[str] = set()


def _watch(event: str, _: object) -> None:
    if event in _STARTS and _modules:
        _started[_modules[-1]] += 1


sys.addaudithook(_watch)


def is_inner(nodeid: str, outside: frozenset[str] = OUTSIDE) -> bool:
    """Whether a quick test is of the inner loop."""
    test = nodeid.partition("[")[0].removeprefix("tests/")
    return test not in outside and test.partition("::")[0] not in outside


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks the tests, before `-m` chooses."""
    for item in items:
        if item.get_closest_marker("quick") and is_inner(item.nodeid):
            item.add_marker("inner")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Counts what the inner tests of a module start, their fixtures with them."""
    if item.get_closest_marker("inner"):
        _modules.append(item.nodeid.partition("::")[0])
    try:
        return (yield)
    finally:
        _modules.clear()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Fails the test of the inner loop with which its module starts too many."""
    result = yield
    module = _modules[-1] if _modules else ""
    if _started[module] > ALLOWED and module not in _told:
        _told.add(module)
        pytest.fail(
            f"{module} has started {_started[module]} processes, and a module of the inner loop may start "
            f"{ALLOWED}: add it, or this test, to OUTSIDE in tests/inner_loop.py.",
            pytrace=False,
        )
    return result
