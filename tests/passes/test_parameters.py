"""Requests whose fields are called like something that the generated method declares itself: they compile."""

from __future__ import annotations

from pathlib import Path

import pytest
import small_schema

from gen_bindings.naming import METHOD_LOCALS
from gen_bindings.output.write import put_files
from gen_bindings.render.emit import emit
from gen_bindings.runtime.compile import compile_library
from gen_bindings.runtime.lanes import Lane
from gen_bindings.runtime.toolchain import Toolchain

# Those, and names that earlier methods declared or that code around the method uses.
NAMES = sorted(METHOD_LOCALS | {"buffer", "client", "core", "data", "early", "result", "thing", "things"})
TEXTS = ", ".join(f"{name} string!" for name in NAMES)
NUMBERS = ", ".join(f"{name} uint32!" for name in NAMES)
# The library chooses the ids of operations, here and below.
OPENS = f"""
OpenRequest: {TEXTS}
OpenResponse: async_id uint64!
OpenCallback: async_id uint64!, thing OwnedThing?, error string?
PokeRequest: thing_handle uint64!, {NUMBERS}
PokeResponse: async_id uint64!
PokeCallback: async_id uint64!
Ev: thing_event ThingEvent?@m, open OpenCallback?@m, poke PokeCallback?@m
"""
ANSWERS = f"""
OpenRequest: {NUMBERS}
PokeRequest: thing_handle uint64!, {TEXTS}
PokeResponse: thing OwnedThing?, error string?
"""


@pytest.mark.quick
def test_a_parameter_is_clear_of_the_methods_own_names(tmp_path: Path) -> None:
    binding = small_schema.build(tmp_path, OPENS)
    names = {f.path.plain: f.parameter for f in binding.operation("poke").fields}
    assert names["request"] == "requestValue"
    assert names["thing"] == "thing"
    assert not METHOD_LOCALS & set(names.values())


@pytest.mark.parametrize("types", [OPENS, ANSWERS], ids=["callbacks", "answers"])
def test_it_compiles(types: str, tmp_path: Path, toolchain: Toolchain) -> None:
    files = emit(small_schema.build(tmp_path, types))
    put_files(files, tmp_path / "csharp")
    compile_library([tmp_path / "csharp" / name for name in files], tmp_path / "Test.dll", Lane.MONO)
