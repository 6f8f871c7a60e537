"""The package that is kept with the Unity sample is the one that would be generated now."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import reference_lab
from gen_bindings.config import load_config
from gen_bindings.output.write import check_output, write_output
from gen_bindings.render.layout import Layout, lay_out

pytestmark = pytest.mark.quick


def test_the_samples_package_is_current(repo_root: Path) -> None:
    inputs, binding = reference_lab.model()
    loaded = load_config(repo_root / "examples" / "reference" / "bindings.toml")
    assert loaded.config.unity is not None
    kept = repo_root / "unity_sample" / "Packages" / loaded.config.unity.package
    output = lay_out(Layout.UPM, loaded, binding, inputs.digest, kept, beside=False)
    if os.environ.get("UPDATE_GOLDEN"):
        write_output(kept, output)
    changed = [f"{one.kind.value} {one.path}" for one in check_output(kept, output)]
    assert not changed, "the sample's package is not what would be generated: run `make unity`"
