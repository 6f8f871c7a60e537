"""A cache of a test's own, in which the templates are compiled already: that takes longer than most tests."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from gen_bindings.cache import CACHE_VARIABLE
from gen_bindings.render.environment import environment
from shared_results import Once

WarmCache = Callable[[], Path]


@pytest.fixture(scope="session")
def warm_cache(once: Once, tmp_path_factory: pytest.TempPathFactory) -> WarmCache:
    """Makes another cache with each call."""

    def compiled() -> str:
        folder = tmp_path_factory.mktemp("compiled")
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv(CACHE_VARIABLE, str(folder))
            fresh = environment().overlay(cache_size=0)
            for name in fresh.list_templates(extensions=["j2"]):
                fresh.get_template(name)
        return str(folder / "templates")

    templates = once("compiled-templates", compiled)

    def make() -> Path:
        cache = tmp_path_factory.mktemp("cache")
        shutil.copytree(templates, cache / "templates", copy_function=os.link)
        return cache

    return make
