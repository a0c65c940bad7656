"""What a command that is over in a second must not import; each of these modules takes 0.1 to 1 s."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

SLOW = (
    "torch._dynamo",
    "torch._inductor",
    "torch.distributed.fsdp",
    "torch.distributed.tensor",
    "torch.utils.tensorboard",
    "torchvision",
    "kornia",
    "triton",
    "sympy",
    "scipy",
    "pandas",
    "matplotlib",
    "onnx",
    "onnxruntime",
    "spandrel",
    "torch_fidelity",
    "img2img.recipes",
    "img2img.training",
    "img2img.metrics",
)
CALL = f"""
import sys
import torch
before = set(sys.modules)  # what torch itself imports is torch's
sys.argv[0] = "img2img"
from img2img.cli.app import main
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
print("imported:", *((set(sys.modules) - before) & set({SLOW!r})))
"""


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """Of 140 x 130 px, large enough for the memory of a network to be measured."""
    Image.linear_gradient("L").resize((140, 130)).convert("RGB").save(tmp_path / "photo.png")
    mask = Image.new("L", (140, 130), 0)
    mask.paste(255, (60, 60, 70, 70))
    mask.save(tmp_path / "mask.png")
    return tmp_path / "photo.png"


@pytest.mark.parametrize(
    "words",
    ["upscale PHOTO --scale 2 --device cpu", "inpaint PHOTO --mask MASK --method telea", "weights info light-x2"],
)
def test_a_short_command_imports_nothing_slow(photo: Path, words: str) -> None:
    places = {"PHOTO": str(photo), "MASK": str(photo.with_name("mask.png"))}
    call = [sys.executable, "-c", CALL, *(places.get(word, word) for word in words.split())]
    done = subprocess.run(call, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1].split()[1:] == []


def test_a_model_card_is_read_without_torch() -> None:
    code = """
import sys
sys.argv = ["img2img", "weights", "info", "light-x2"]
from img2img.cli.app import main
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
print("torch" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "False" and "task           upscale" in done.stdout
