"""What an exported network takes: the names of its inputs, which of their sizes are free, and what it is tried with."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.export import Dim

from img2img.config.card import NetworkCard
from img2img.config.networks import SizeNeeds
from img2img.config.networks.inpainters import InpainterSpec
from img2img.config.networks.samplers import NoiseGeneratorSpec
from img2img.networks.layers.smooth_fill import EXPORTED_LEVELS

LARGE = 2 ** (EXPORTED_LEVELS + 1)
"""Side of the picture that networks are traced with, px, or a little more."""


@dataclass(frozen=True)
class Inputs:
    """A network's arguments by name. example: what it is traced with; free: axes of each of any length.

    trials: what torch and the file are compared on, of other sizes and batches.
    """

    names: tuple[str, ...]
    example: tuple[Tensor, ...]
    free: tuple[dict[int, Any], ...]
    trials: tuple[tuple[Tensor, ...], ...]


def inputs_of(card: NetworkCard) -> Inputs:
    """Latents, and labels where there are classes, of a generator from noise; of all others a picture, and what a
    translator is told beside it.
    """
    if isinstance(card.spec, NoiseGeneratorSpec):
        return _latents(card.spec)
    return _told(card, _pictures(card)) if card.is_told else _pictures(card)


def _told(card: NetworkCard, pictures: Inputs) -> Inputs:
    """The pictures, each with a label, or with a latent where the card has a prior."""
    noise = torch.Generator().manual_seed(0)

    def beside(image: Tensor) -> tuple[Tensor, Tensor]:
        count = len(image)
        if card.prior:
            return image, torch.randn(count, card.prior.size, generator=noise)
        return image, torch.arange(count) % len(card.classes)

    return Inputs(
        ("image", "latent" if card.prior else "label"),
        beside(pictures.example[0]),
        (*pictures.free, {0: Dim.AUTO}),
        tuple(beside(image) for (image,) in pictures.trials),
    )


def _latents(spec: NoiseGeneratorSpec) -> Inputs:
    noise, count = torch.Generator().manual_seed(0), 2 if spec.classes else 1

    def drawn(pictures: int) -> tuple[Tensor, ...]:
        latent = torch.randn(pictures, spec.latent, generator=noise)
        return latent, torch.arange(pictures) % max(spec.classes, 1)

    return Inputs(
        ("latent", "label")[:count],
        drawn(5)[:count],
        ({0: Dim("batch")}, {0: Dim.AUTO})[:count],
        tuple(drawn(pictures)[:count] for pictures in (1, 3)),
    )


def _pictures(card: NetworkCard) -> Inputs:
    step, smallest = card.needs.multiple_of, _smallest(card.needs)
    free: dict[int, Any] = {0: Dim("batch")}
    if card.needs.maximum != card.needs.minimum:
        free |= {2: step * Dim("h"), 3: step * Dim("w")}
    # Neither one picture, nor a square, nor so small that a halving in the network leaves 1 px: the exporter takes a
    # size of 1 and equal sizes for constants. Nothing is computed of it, nor is its memory touched.
    tall = LARGE // smallest
    example = torch.empty(2, _channels(card), *_sides(card.needs, tall + 1, tall + 2))
    trials = ((1, *_sides(card.needs, 1, 2)), (2, *_sides(card.needs, 3, 1)))
    return Inputs(("image",), (example,), (free,), tuple((_picture(card, *trial),) for trial in trials))


def _sides(needs: SizeNeeds, tall: int, wide: int) -> tuple[int, int]:
    """Height and width that the network takes: multiples of the smallest, or the largest; px."""
    smallest, largest = _smallest(needs), needs.maximum or math.inf
    return int(min(tall * smallest, largest)), int(min(wide * smallest, largest))


def _smallest(needs: SizeNeeds) -> int:
    return -(-needs.minimum // needs.multiple_of) * needs.multiple_of


def _picture(card: NetworkCard, pictures: int, height: int, width: int) -> Tensor:
    noise = torch.Generator().manual_seed(0)
    picture = 2 * torch.rand(pictures, _channels(card), height, width, generator=noise) - 1
    if isinstance(card.spec, InpainterSpec):
        picture[:, -1] = 0
        picture[:, -1, height // 4 : height // 2, width // 3 : width // 2] = 1
    return picture


def _channels(card: NetworkCard) -> int:
    return card.spec.channels + 1 if isinstance(card.spec, InpainterSpec) else getattr(card.spec, "input_channels", 3)
