"""The styles that sheets show: those of the first numbers, as `img2img translate --variants` draws them."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from img2img.config.networks.prior import Prior
from img2img.data.latents import draw

SHOWN = 3


def fixed_latents(prior: Prior, pictures: Tensor) -> Iterator[tuple[int, Tensor]]:
    """Numbers 0, 1, ..., and the latent of each for every picture, (N, prior.size), on the pictures' device."""
    for number in range(SHOWN):
        latent = draw(prior, 1, generator=torch.Generator().manual_seed(number))
        yield number, latent.to(pictures.device).expand(len(pictures), -1)
