"""The census finds what a table still holds, known to the client or not, without any counter."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from pathlib import Path

import pytest

from gen_bindings.runtime import census

pytestmark = pytest.mark.quick

BuildC = Callable[[str, str], Path]

# Dirty upper bytes in the answer: a C bool is one byte, and callers that read more see garbage.
TABLE = """
#include <stdint.h>
#include <stdlib.h>
static char held[1000];
static uint64_t last;
uint64_t table_new(void) { held[++last] = 1; return last; }
uint64_t table_skip(void) { return ++last; }
uint64_t table_drop(uint64_t id) {
    uint64_t known = id < 1000 && held[id];
    if (known) held[id] = 0;
    return 0xdeadbe00u | known;
}
uint64_t narrow_drop(uint32_t id) { return table_drop(id); }
"""


def test_known_ids_are_answered_and_the_hidden_one_is_found(build_c: BuildC) -> None:
    library = build_c("table", TABLE)
    table = ctypes.CDLL(str(library))
    ids = [table.table_new() for _ in range(3)]
    table.table_skip()
    hidden = table.table_new()
    table.table_drop(ctypes.c_uint64(ids[1]))

    found = census.take(library, "table_drop", ids)
    assert found.answers == {ids[0]: True, ids[1]: False, ids[2]: True}
    assert found.unknown == (hidden,)
    assert census.take(library, "table_drop", ids).unknown == ()


def test_the_sweep_goes_as_far_as_the_margin(build_c: BuildC) -> None:
    library = build_c("table", TABLE)
    table = ctypes.CDLL(str(library))
    first = table.table_new()
    for _ in range(10):
        table.table_skip()
    far = table.table_new()
    assert census.take(library, "narrow_drop", [first], margin=10, id_bits=32).unknown == ()
    assert census.take(library, "narrow_drop", [first], margin=11, id_bits=32).unknown == (far,)
