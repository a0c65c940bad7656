"""Paths through the space of latents: from one to the next, along a code, and sums of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from img2img.config.base import Refusal
from img2img.config.networks.prior import Prior
from img2img.metrics.sets.path_length import linear, spherical


def path_through(latents: Tensor, frames: int, along: Literal["linear", "spherical"], closed: bool = False) -> Tensor:
    """From each latent to the next in `frames` equal steps, the last one included: (N, Z) -> (frames (N - 1) + 1, Z).

    spherical: along great circles, as `spherical` has them. closed: on to the first latent, which is then not repeated.
    Raises Refusal for fewer than two latents.
    """
    if len(latents) < 2:
        raise Refusal("--between takes two numbers of samples or more, such as 3,8,21")
    ends = torch.cat([latents[1:], latents[:1]]) if closed else latents[1:]
    shares = torch.arange(frames) / frames
    between = spherical if along == "spherical" else linear
    legs = [
        between(start[None], end[None], shares[:, None]) for start, end in zip(latents[: len(ends)], ends, strict=True)
    ]
    return torch.cat(legs if closed else [*legs, latents[-1:]])


def traversal(latent: Tensor, prior: Prior, code: int, steps: int) -> Tensor:
    """One latent (1, Z) with every value of one of its codes, counted from 1, the categorical ones first (InfoGAN).

    steps: values of a continuous code, evenly from -1 to 1. Returns (values, Z).
    Raises Refusal for a code that the prior has not.
    """
    count = len(prior.categorical) + prior.continuous
    if not 1 <= code <= count:
        codes = f"1 to {count}" if count else "none: these weights were trained without --categorical or --continuous"
        raise Refusal(f"--traverse {code}: allowed: {codes}")
    first = prior.noise + sum(prior.categorical[: code - 1])
    if code <= len(prior.categorical):
        values = torch.eye(prior.categorical[code - 1])
    else:
        first += code - 1 - len(prior.categorical)
        values = torch.linspace(-1, 1, steps)[:, None]
    along = latent.repeat(len(values), 1)
    along[:, first : first + values.shape[1]] = values
    return along


@dataclass(frozen=True)
class LatentSum:
    """A sum of samples' latents, such as 3 - 8 + 21 (arXiv:1511.06434, section 6.3.2)."""

    numbers: tuple[int, ...]
    signs: tuple[int, ...]

    @classmethod
    def parse(cls, text: str) -> LatentSum:
        """Of `3-8+21`. Raises Refusal for anything else."""
        compact = text.replace(" ", "")
        if not re.fullmatch(r"\d+([+-]\d+)+", compact):
            raise Refusal(f"--sum {text}: write numbers of samples with + and - between them, such as 3-8+21")
        parts = re.findall(r"([+-]?)(\d+)", compact)
        return cls(tuple(int(number) for _, number in parts), tuple(-1 if sign == "-" else 1 for sign, _ in parts))

    def of(self, latents: Tensor) -> Tensor:
        """The sum of the latents of `numbers`: (N, Z) -> (1, Z)."""
        return (torch.tensor(self.signs)[:, None] * latents).sum(dim=0, keepdim=True)
