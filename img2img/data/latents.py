"""Latents: drawn from their prior for every batch, so that a generator's whole input lies in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import torch
from torch import Tensor
from torch.nn.functional import one_hot

from img2img.config.base import Refusal
from img2img.config.networks.prior import Prior
from img2img.data.folders.classes import REAL

from .derive import Derive

LATENT = "latent"
"""In a batch: what pictures are made from, (N, latent)."""


class Latents(Derive):
    """Adds latents for every picture of the side `of`, from torch's global generator.

    called: what the batch calls them, one draw each.
    """

    def __init__(self, prior: Prior, of: str, called: Sequence[str] = (LATENT,)) -> None:
        super().__init__()
        self.prior, self.of, self.called = prior, of, tuple(called)

    def forward(self, batch: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Adds (N, prior.size) to the batch by each of the names, such as "latent"."""
        pictures = batch[self.of]
        return {**batch, **{name: draw(self.prior, len(pictures), pictures.device) for name in self.called}}


class WithPrior(Protocol):
    """Options of networks, one of which draws pictures from latents."""

    @property
    def prior_spec(self) -> Prior: ...


class NoiseOptions(Protocol):
    """Options of a command that trains such a network."""

    @property
    def networks(self) -> WithPrior: ...


def latents_of(config: NoiseOptions) -> Latents:
    """Latents from the prior that the options name, one for each real picture."""
    return Latents(config.networks.prior_spec, of=REAL)


def draw(
    prior: Prior,
    count: int,
    device: torch.device | str = "cpu",
    truncation: float | None = None,
    generator: torch.Generator | None = None,
) -> Tensor:
    """`count` latents, (count, prior.size) float32.

    truncation: normal noise is drawn from what lies within +-truncation alone (arXiv:1809.11096, section 3.1), uniform
    noise from [-truncation, truncation]. Codes stay as they are.
    Raises Refusal for a truncation that is not above 0.
    """
    if truncation is not None and not truncation > 0:
        raise Refusal(f"--truncation {truncation:g}: must be above 0")
    shape = (count, prior.noise)
    if prior.distribution == "uniform":
        noise = (torch.rand(shape, device=device, generator=generator) * 2 - 1) * min(truncation or 1.0, 1.0)
    elif truncation is None:
        noise = torch.randn(shape, device=device, generator=generator)
    else:
        noise = _truncated(torch.rand(shape, device=device, generator=generator), truncation)
    return torch.cat([noise, *_codes(prior, count, device, generator)], dim=1)


def _truncated(share: Tensor, most: float) -> Tensor:
    """Uniform numbers in [0, 1) as N(0, 1) within +-most, by the inverse of its distribution function."""
    within = torch.erf(torch.tensor(most / 2**0.5, dtype=torch.float64))
    exact = 2**0.5 * torch.erfinv((share.cpu().double() * 2 - 1) * within)  # MPS has no float64
    return exact.float().to(share.device)


def _codes(prior: Prior, count: int, device: torch.device | str, generator: torch.Generator | None) -> list[Tensor]:
    categories = [
        one_hot(torch.randint(values, (count,), device=device, generator=generator), values).float()
        for values in prior.categorical
    ]
    if not prior.continuous:
        return categories
    return [*categories, torch.rand((count, prior.continuous), device=device, generator=generator) * 2 - 1]
