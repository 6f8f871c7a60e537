"""The plain create/destroy library counts what its header forbids; tests of bindings rely on it."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Iterator

import pytest

from fixtures.build import build_fixture

pytestmark = pytest.mark.quick

ENGINE, VOICE, EFFECT = 1, 2, 3
UNKNOWN, DESTROYED, PARENT_FIRST = 1, 2, 3
MUTED = 1


@pytest.fixture
def plain() -> Iterator[ctypes.CDLL]:
    library = ctypes.CDLL(str(build_fixture("plainc")))
    pointer = ctypes.c_void_p
    for name, result, parameters in (
        ("engine_create", pointer, [ctypes.c_uint32]),
        ("engine_destroy", None, [pointer]),
        ("voice_create", pointer, [pointer, ctypes.c_double]),
        ("voice_destroy", None, [pointer]),
        ("voice_play", ctypes.c_int32, [pointer, ctypes.c_int32]),
        ("effect_create", pointer, [pointer, ctypes.c_float]),
        ("effect_destroy", None, [pointer]),
        ("effect_depth", ctypes.c_float, [pointer]),
        ("live", ctypes.c_uint32, [ctypes.c_uint32]),
        ("misuse_count", ctypes.c_uint32, []),
        ("last_misuse", ctypes.c_uint32, []),
        ("order", ctypes.c_size_t, [ctypes.POINTER(ctypes.c_uint32), ctypes.c_size_t]),
        ("reset", None, []),
    ):
        function = getattr(library, f"plain_{name}")
        function.restype = result
        function.argtypes = parameters
    library.plain_reset()
    yield library
    library.plain_reset()


def live(plain: ctypes.CDLL) -> list[int]:
    return [plain.plain_live(kind) for kind in (ENGINE, VOICE, EFFECT)]


def order(plain: ctypes.CDLL) -> list[int]:
    kinds = (ctypes.c_uint32 * 64)()
    return list(kinds[: plain.plain_order(kinds, 64)])


def test_children_first_is_right(plain: ctypes.CDLL) -> None:
    engine = plain.plain_engine_create(0)
    voice = plain.plain_voice_create(engine, 440.0)
    effect = plain.plain_effect_create(voice, 0.5)
    assert live(plain) == [1, 1, 1]
    assert plain.plain_effect_depth(effect) == 0.5
    assert [plain.plain_voice_play(voice, 50) for _ in range(2)] == [1, 2]
    plain.plain_effect_destroy(effect)
    plain.plain_voice_destroy(voice)
    plain.plain_engine_destroy(engine)
    assert live(plain) == [0, 0, 0]
    assert order(plain) == [EFFECT, VOICE, ENGINE]
    assert plain.plain_misuse_count() == 0


def test_parent_first_is_misuse(plain: ctypes.CDLL) -> None:
    engine = plain.plain_engine_create(0)
    voice = plain.plain_voice_create(engine, 440.0)
    plain.plain_effect_create(voice, 0.5)
    plain.plain_engine_destroy(engine)
    assert (plain.plain_misuse_count(), plain.plain_last_misuse()) == (1, PARENT_FIRST)
    plain.plain_voice_destroy(voice)
    assert plain.plain_misuse_count() == 2
    assert live(plain) == [0, 0, 1]
    assert order(plain) == [ENGINE, VOICE]


def test_destroying_twice_is_misuse_even_after_another_create(plain: ctypes.CDLL) -> None:
    engine = plain.plain_engine_create(0)
    plain.plain_engine_destroy(engine)
    other = plain.plain_engine_create(0)
    assert other != engine
    plain.plain_engine_destroy(engine)
    assert (plain.plain_misuse_count(), plain.plain_last_misuse()) == (1, DESTROYED)
    assert live(plain) == [1, 0, 0]


def test_use_after_destroy_is_misuse(plain: ctypes.CDLL) -> None:
    engine = plain.plain_engine_create(0)
    voice = plain.plain_voice_create(engine, 1.0)
    effect = plain.plain_effect_create(voice, 0.0)
    plain.plain_effect_destroy(effect)
    plain.plain_voice_destroy(voice)
    plain.plain_engine_destroy(engine)
    assert plain.plain_voice_play(voice, 1) == -1
    assert plain.plain_effect_depth(effect) == -1
    assert plain.plain_voice_create(engine, 1.0) is None
    assert plain.plain_effect_create(voice, 0.0) is None
    assert (plain.plain_misuse_count(), plain.plain_last_misuse()) == (4, DESTROYED)


def test_a_pointer_of_another_kind_is_misuse(plain: ctypes.CDLL) -> None:
    engine = plain.plain_engine_create(0)
    plain.plain_voice_destroy(engine)
    plain.plain_effect_destroy(0x1234)
    assert (plain.plain_misuse_count(), plain.plain_last_misuse()) == (2, UNKNOWN)
    assert live(plain) == [1, 0, 0]
    assert order(plain) == []


def test_null_is_ignored_by_destroy(plain: ctypes.CDLL) -> None:
    plain.plain_engine_destroy(None)
    plain.plain_voice_destroy(None)
    plain.plain_effect_destroy(None)
    assert plain.plain_misuse_count() == 0
    assert plain.plain_voice_create(None, 1.0) is None
    assert plain.plain_misuse_count() == 1


def test_create_and_play_can_be_refused(plain: ctypes.CDLL) -> None:
    assert plain.plain_engine_create(2) is None
    engine = plain.plain_engine_create(MUTED)
    for pitch in (0.0, -1.0, float("nan")):
        assert plain.plain_voice_create(engine, pitch) is None
    voice = plain.plain_voice_create(engine, 1.0)
    for depth in (-0.5, 1.5, float("nan")):
        assert plain.plain_effect_create(voice, depth) is None
    assert plain.plain_voice_play(voice, 50) == -1
    loud = plain.plain_voice_create(plain.plain_engine_create(0), 1.0)
    assert [plain.plain_voice_play(loud, volume) for volume in (-1, 101, 100)] == [-1, -1, 1]
    assert plain.plain_misuse_count() == 0


def test_order_fills_no_more_than_fits(plain: ctypes.CDLL) -> None:
    for _ in range(3):
        plain.plain_engine_destroy(plain.plain_engine_create(0))
    kinds = (ctypes.c_uint32 * 3)()
    assert plain.plain_order(kinds, 2) == 3
    assert list(kinds) == [ENGINE, ENGINE, 0]
    assert plain.plain_order(None, 0) == 3


def test_many_threads_at_once(plain: ctypes.CDLL) -> None:
    def use() -> None:
        for _ in range(100):
            engine = plain.plain_engine_create(0)
            voice = plain.plain_voice_create(engine, 1.0)
            plain.plain_voice_destroy(voice)
            plain.plain_engine_destroy(engine)

    threads = [threading.Thread(target=use) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert live(plain) == [0, 0, 0]
    assert plain.plain_misuse_count() == 0
    assert plain.plain_order(None, 0) == 800
