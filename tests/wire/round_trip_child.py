"""Runs in the child process, with the generated C# loaded: Python's bytes through C# and back."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import specification
from wire_schemas import PythonMessages, is_ordered

from gen_bindings.runtime.lanes import Lane

RoundTrip = Callable[[str, bytes], tuple[str, Any]]


def run(lane: Lane, args: dict[str, Any]) -> dict[str, int]:
    """Checks every example; returns how many were compared, by kind of check."""
    python = PythonMessages(Path(args["descriptors"]))
    through = driver()
    counts = {"filled": 0, "unknown": 0, "accepted": 0, "refused": 0}
    for line in Path(args["examples"]).read_text("ascii").splitlines():
        full_name, *parts = line.split(" ")
        _check(python.cls(full_name), args["types"][full_name], through, [*map(bytes.fromhex, parts)], counts)
    return counts


def driver() -> RoundTrip:
    import System

    assembly = next(
        a for a in System.AppDomain.CurrentDomain.GetAssemblies() if a.GetType("Wire.Test.Driver") is not None
    )
    method = assembly.GetType("Wire.Test.Driver").GetMethod("RoundTrip")
    name = str(assembly.FullName)

    def through(type_name: str, data: bytes) -> tuple[str, Any]:
        encoded = base64.b64encode(data).decode()
        answer = str(method.Invoke(None, [f"{type_name}, {name}", encoded]))
        return answer[0], base64.b64decode(answer[1:]) if answer[0] == "=" else answer[1:]

    return through


def _check(
    cls: Any, type_name: str, through: RoundTrip, example: Sequence[bytes], counts: dict[str, int]
) -> None:
    encoded, before, behind, hurt = example
    ordered = is_ordered(cls.DESCRIPTOR)
    # Where nothing is damaged the judge and Python are of one opinion.
    assert _canonical(cls, encoded) == encoded, f"{cls.DESCRIPTOR.full_name}: {encoded.hex()}"
    status, back = through(type_name, encoded)
    assert status == "=", f"{type_name} was refused: {back}; bytes {encoded.hex()}"
    _assert_same(cls, encoded, back, ordered)
    counts["filled"] += 1

    status, back = through(type_name, before + encoded + behind)
    assert status == "=", f"{type_name} with unknown fields was refused: {back}"
    _assert_same(cls, encoded, back, ordered)
    counts["unknown"] += 1

    _check_damaged(cls, type_name, through, hurt, counts)


def _assert_same(cls: Any, encoded: bytes, back: bytes, ordered: bool) -> None:
    if ordered:
        assert back == encoded, f"{cls.DESCRIPTOR.full_name}: {encoded.hex()} came back as {back.hex()}"
    again = cls.FromString(back).SerializeToString(deterministic=True)
    assert again == encoded, f"{cls.DESCRIPTOR.full_name}: {encoded.hex()} came back as {back.hex()}"


def _check_damaged(cls: Any, type_name: str, through: RoundTrip, data: bytes, counts: dict[str, int]) -> None:
    status, back = through(type_name, data)
    try:
        expected = specification.verdict(cls, data)
    except specification.UndecidedError:
        return
    if expected is None:
        assert status == "!", f"{type_name}: {data.hex()} is malformed, C# does not refuse it"
        counts["refused"] += 1
        return
    assert status != "!", f"{type_name}: {data.hex()} is well formed, C# says {back!r}"
    counts["accepted"] += 1
    if not expected.IsInitialized():
        # What lacks a required message cannot be written; what lacks a required number gets the default.
        return
    assert status == "=", f"{type_name}: {data.hex()} was read, and cannot be written: {back}"
    assert _canonical(cls, back) == expected.SerializePartialToString(deterministic=True), (
        f"{type_name}: {data.hex()} came back as {back.hex()}"
    )


def _canonical(cls: Any, data: bytes) -> bytes:
    canonical: bytes = specification.read(cls, data).SerializePartialToString(deterministic=True)
    return canonical
