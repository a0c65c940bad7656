"""Recipes with an encoder, tiny, on one batch; and what every run of one leaves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from PIL import Image
from torch import Tensor

from img2img.config.toml import resolve
from img2img.data.sides import Sides
from img2img.training.folder.checkpoint import load_checkpoint
from support.running import QUIET, img2img, succeeded

SMALL = {"width": 2, "encoder_width": 2, "critic_width": 2, "latent": 3, "encoder_norm": "none", "critic_norm": "none"}
TINY = ["--width", 2, "--encoder-width", 2, "--critic-width", 2, "--size", 28, "--workers", 0, "--device", "cpu"]


def recipe_of(kind: type[Any], options: type[Any], **sections: dict[str, Any]) -> Any:
    """The recipe on grey pictures of 28 px, its critic and encoder without batch norm save where asked for."""
    sections["networks"] = SMALL | sections.get("networks", {})
    torch.manual_seed(0)
    return kind(resolve(options, {"data": {"size": 28}} | sections), Sides({"real": 1}))


def batch(count: int = 4) -> dict[str, Tensor]:
    chance = torch.Generator().manual_seed(1)
    real = torch.rand(count, 1, 28, 28, generator=chance) * 2 - 1
    return {"real": real, "latent": torch.randn(count, 3, generator=chance)}


def slopes(network: torch.nn.Module) -> list[Tensor]:
    """The gradients of a network's weights, zero where none arrived."""
    return [torch.zeros_like(w) if w.grad is None else w.grad.clone() for w in network.parameters()]


def most(gradients: list[Tensor]) -> float:
    return max(gradient.abs().max().item() for gradient in gradients)


def whole_and_in_parts(recipe: str, options: list[object], images: Path, folder: Path) -> Path:
    """Twenty steps at once, and with a stop between: asserts that they end alike. Returns the first's folder."""
    data = ["--images", images, *TINY, *QUIET, "--batch-size", 2, "--steps", 20, *options]
    whole, parts = folder / "whole/run", folder / "parts/run"
    said = succeeded(img2img("train", recipe, *data, "--out", whole)).stderr
    assert "finished at step 20 of 20" in said
    succeeded(img2img("train", recipe, *data, "--out", parts, "--time-limit", "0s"))
    succeeded(img2img("train", recipe, "--out", parts, "--resume", "--device", "cpu"))
    for players in ("generators", "adversaries"):
        one, other = (load_checkpoint(out / "checkpoint.safetensors")[players] for out in (whole, parts))
        tensors = [key for key, value in one.items() if isinstance(value, Tensor)]
        assert tensors and all(torch.equal(one[key], other[key]) for key in tensors)
    first, last = (Image.open(whole / f"samples/{step:08d}.png") for step in (0, 20))
    assert first.size == last.size and first.tobytes() != last.tobytes()
    return whole


def drawn_and_measured(model: Path, images: Path, inception: Path, folder: Path) -> None:
    """The other commands take the run."""
    succeeded(img2img("sample", "--model", model, "-n", 4, "--zoom", 1, "--device", "cpu", "-o", folder / "drawn.png"))
    assert Image.open(folder / "drawn.png").size == (62, 62)
    measured = ["evaluate", "gan", "--model", model, "--reference", images, "--count", 4, "--inception", inception]
    succeeded(img2img(*measured, "--no-swd", "--no-prd", "--no-precision-recall", "--device", "cpu"))
