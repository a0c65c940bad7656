"""The words of shipped weights are the same wherever they stand, and there are some for all."""

from __future__ import annotations

from pathlib import Path

import pytest

from img2img.cli.upscale import HELP
from img2img.config.shipped import SHIPPED

ROOT = Path(__file__).parents[2]


def test_all_shipped_weights_have_words_and_no_others() -> None:
    assert {path.stem for path in (ROOT / "weights").glob("*.safetensors")} == set(SHIPPED)


@pytest.mark.parametrize("name", [name for name, words in SHIPPED.items() if words.seconds])
def test_the_readme_and_the_help_say_the_same(name: str) -> None:
    words = SHIPPED[name]
    (line,) = [line for line in (ROOT / "README.md").read_text("utf-8").splitlines() if line.startswith(f"| `{name}`")]
    assert words.use in line and words.weakness in line and words.time.removesuffix(" on one core") in line
    assert f"{name}: {words.use}; {words.time}" in HELP
