"""Perceptual path length: how evenly pictures change from one latent to another (arXiv:1812.04948, section 4.1)."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

STEP = 1e-4
"""ε, of the way from one latent to the other: the paper's."""

OUTLIERS = 0.01
"""Share of the paths that is left out at each end: the published code's."""

Blend = Callable[[Tensor, Tensor, Tensor], Tensor]
"""Latents (N, D) and (N, D), places (N, 1) in [0, 1] -> latents (N, D) in between."""


def spherical(one: Tensor, other: Tensor, place: Tensor) -> Tensor:
    """Along the great circle between their directions, the length changing evenly (arXiv:1609.04468, section 2.1).

    For normal noise. Where the directions are the same, or opposite and no great circle is the shortest, straight.
    """
    straight = torch.lerp(one, other, place)
    lengths = torch.lerp(one.norm(dim=1, keepdim=True), other.norm(dim=1, keepdim=True), place)
    one, other = (rows / rows.norm(dim=1, keepdim=True) for rows in (one, other))
    angle = place * (one * other).sum(1, keepdim=True).clamp(-1, 1).acos()
    beside = other - one * (one * other).sum(1, keepdim=True)
    sine = beside.norm(dim=1, keepdim=True)
    arc = lengths * (one * angle.cos() + beside / sine.clamp(min=1e-12) * angle.sin())
    return torch.where(sine < 1e-4, straight, arc)


def linear(one: Tensor, other: Tensor, place: Tensor) -> Tensor:
    """Along the straight line: for latents behind a mapping network."""
    return torch.lerp(one, other, place)


@torch.inference_mode()
def perceptual_path_length(
    generate: Callable[[Tensor], Tensor],
    one: Tensor,
    other: Tensor,
    distance: Callable[[Tensor, Tensor], Tensor],
    blend: Blend,
    seed: int,
    kept: Tensor | None = None,
    batch_size: int = 32,
) -> float:
    """The mean of d(G(z), G(z')) / ε² over paths, z and z' being ε apart at a place of each path drawn with `seed`.

    generate: latents (N, D + K) -> pictures (N, C, H, W) in [-1, 1]. one, other: (N, D), the ends of the paths.
    distance: of two batches of pictures, (N,); LPIPS-vgg is the paper's. kept: (N, K), what comes behind the latents
    of a path and stays what it is: codes, a class.
    """
    places = torch.rand(len(one), 1, generator=torch.Generator().manual_seed(seed)).to(one)
    kept = one.new_empty(len(one), 0) if kept is None else kept
    found = []
    for start, end, place, still in zip(*(rows.split(batch_size) for rows in (one, other, places, kept)), strict=True):
        here, there = (torch.cat([blend(start, end, at), still], dim=1) for at in (place, place + STEP))
        found.append(distance(generate(here), generate(there)) / STEP**2)
    lengths = torch.cat(found).double()
    low, high = lengths.quantile(OUTLIERS), lengths.quantile(1 - OUTLIERS)
    return lengths[(lengths >= low) & (lengths <= high)].mean().item()


def in_words(count: int) -> str:
    """How so many paths are measured, for a protocol."""
    return (
        f"path length: LPIPS-vgg v0.1 over ε² at ε = {STEP:g} of the way, {count} paths, without the lowest and "
        f"highest {OUTLIERS:.0%}; straight between stylegan's styles, else on great circles of normal noise, straight "
        "in uniform noise"
    )
