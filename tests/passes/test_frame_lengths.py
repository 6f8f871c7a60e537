"""How many elements a frame's pointer points to: what the size field says, in the unit that it counts."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_schema import build

from gen_bindings.passes.surface.plan_surface import open_scope
from gen_bindings.passes.surface.shape_frames import shape_frame

pytestmark = pytest.mark.quick

# A picture comes with each poke.
TYPES = """
Poked: picture OwnedPicture!
OwnedPicture: handle Handle!, info PictureInfo!
PictureInfo: data_ptr uint64!, data_len uint64!, width uint32!
"""
CONFIG = """
[kinds.Picture]
parents = ["Thing"]
lifetime = "frame"
[[memory]]
pointer = "PictureInfo.data_ptr"
"""


@pytest.mark.parametrize(
    ("memory", "count"),
    [
        ('size = "data_len"', "slot.DataLen"),
        ('size = "data_len"\nelement = "short"', "slot.DataLen in elements of short"),
        ('size = "data_len"\nsize_in_elements = true\nelement = "short"', "slot.DataLen"),
        ('count = "width * 4"', "slot.Width * 4 as long"),
    ],
)
def test_the_length_of_a_frames_memory(memory: str, count: str, tmp_path: Path) -> None:
    binding = build(tmp_path, TYPES, CONFIG + memory)
    picture = next(kind for kind in binding.kinds if kind.name == "Picture")
    (found,) = shape_frame(open_scope(binding), picture).memories
    assert str(found.count) == count
