"""What several subjects are made of: pictures, and networks of a few numbers."""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import cv2
import numpy as np
import torch
from PIL import Image

from img2img.config.card import ModelCard, NetworkCard
from img2img.config.networks.inpainters import LightInpaintSpec
from img2img.config.networks.translators import ResnetSpec
from img2img.config.networks.upscalers import LightSRSpec
from img2img.networks import build
from img2img.weights.files import save

torch.set_num_threads(1)  # processes that are forked from one with threads may wait for ever


def smooth(width: int, height: int, seed: int = 0) -> np.ndarray:
    """(H, W, 3) uint8, like nothing, but smooth as photos are."""
    blocks = np.random.default_rng(seed).integers(0, 256, (8, 12, 3)).astype(np.uint8)
    return cv2.resize(blocks, (width, height), interpolation=cv2.INTER_CUBIC)


def encoded(image: Image.Image, kind: str, **settings: Any) -> bytes:
    """The file's bytes."""
    out = io.BytesIO()
    image.save(out, kind, **settings)
    return out.getvalue()


@cache
def upscaler() -> bytes:
    """Our weights, twice as large."""
    spec = LightSRSpec(scale=2, width=6, blocks=1)
    return _saved(ModelCard(task="upscale", networks={"g": NetworkCard(spec=spec, scale=2)}, note="of the torture"))


@cache
def translator() -> bytes:
    """Our weights, both ways between two domains."""
    spec = ResnetSpec(width=2, blocks=1)
    cards = {
        "there": NetworkCard(spec=spec, source="horse", target="zebra", size=16),
        "back": NetworkCard(spec=spec, source="zebra", target="horse", size=16),
    }
    return _saved(ModelCard(task="translate", networks=cards, figures={"psnr": 20.5}, teachers=("nobody (MIT)",)))


@cache
def inpainter() -> bytes:
    """Our weights, for holes."""
    spec = LightInpaintSpec(width=4)
    return _saved(ModelCard(task="inpaint", networks={"g": NetworkCard(spec=spec, size=32)}))


def _saved(card: ModelCard) -> bytes:
    torch.manual_seed(0)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "w.safetensors"
        save(path, {name: build(network.spec) for name, network in card.networks.items()}, card)
        return path.read_bytes()
