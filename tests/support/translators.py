"""Runs of the translators that are told something, with tiny networks, and what their losses are compared with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from img2img.config.toml import resolve
from img2img.data.sides import Sides

from .running import img2img, succeeded

NAMES = {"a": "edges", "b": "shoes"}
QUIET = ["--no-tensorboard", "--samples", 2, "--sample-every", 1000, "--device", "cpu", "--workers", 0]


def recipe_of(kind: Any, config: Any, networks: dict[str, Any], size: int = 32, **sections: Any) -> Any:
    """A recipe between edges and shoes, in colour."""
    torch.manual_seed(0)
    options = resolve(config, {"networks": networks, "data": {"size": size}, **sections})
    return kind(options, Sides({"a": 3, "b": 3}, NAMES))


def pictures(*sides: str, count: int = 2, size: int = 32) -> dict[str, Tensor]:
    """Random ones, the same at every call."""
    torch.manual_seed(1)
    return {side: torch.rand(count, 3, size, size) * 2 - 1 for side in sides}


def l1(one: Tensor, other: Tensor) -> float:
    """The mean absolute difference, in plain numpy."""
    return float(np.abs(one.detach().numpy().astype(np.float64) - other.detach().numpy()).mean())


def squares(values: Tensor, target: float) -> float:
    """LSGAN's half mean square, in plain numpy."""
    return float(((values.detach().numpy().astype(np.float64) - target) ** 2).mean() / 2)


def train_small(recipe: str, preset: str, steps: int, out: Path, *options: object) -> None:
    """A run of a preset whose networks are made small."""
    small = ["--width", 4, "--critic-width", 4, "--critic-layers", 1, "--batch-size", 2, "--steps", steps]
    fit = ["--load-size", 32, "--size", 32]
    succeeded(img2img("train", recipe, "--preset", preset, *small, *fit, *QUIET, *options, "--out", out))
