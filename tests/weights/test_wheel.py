"""A built wheel holds the shipped weights, and an installed package finds them by name."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from support.upscalers import write_weights

ROOT = Path(__file__).parents[2]

pytest.importorskip("setuptools", minversion="77")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which a wheel of this checkout was unpacked, with one shipped model, a tiny one."""
    place = tmp_path_factory.mktemp("wheel")
    tree = place / "tree"
    write_weights(tree / "weights/light-x2.safetensors")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tree)
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "img2img", tree / "img2img", symlinks=True, ignore=ignored)
    build = "from setuptools import build_meta; build_meta.build_wheel('..')"
    subprocess.run([sys.executable, "-c", build], cwd=tree, check=True, capture_output=True, timeout=120)
    (wheel,) = place.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(place / "site")
    return place / "site"


def test_an_installed_package_finds_its_weights(site: Path) -> None:
    code = "import img2img.weights as w; print(w.__file__, *w.shipped().values(), sep='\\n')"
    settings = {name: value for name, value in os.environ.items() if name != "IMG2IMG_HOME"}
    done = subprocess.run(
        [sys.executable, "-c", code], env={**settings, "PYTHONPATH": str(site)}, cwd=site.parent, check=True,
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    module, *found = done.stdout.split()
    assert Path(module) == site / "img2img/weights/__init__.py"
    assert [Path(path) for path in found] == [site / "img2img/weights/shipped/light-x2.safetensors"]


def test_a_checkout_has_them_in_its_own_folder() -> None:
    assert (ROOT / "img2img/weights/shipped").resolve() == ROOT / "weights"
