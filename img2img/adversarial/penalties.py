"""Gradient penalties: how steep the critic is, and where."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from .games import GradientPenalty

ScoreFunction = Callable[[Tensor], Tensor]


def per_sample(scores: Tensor) -> Tensor:
    """(N, ...) scores -> (N,): a critic of patches is worth the mean of its patches, as in its costs."""
    return scores.flatten(1).mean(1) if scores.ndim > 1 else scores


def points(penalty: GradientPenalty, real: Tensor, fake: Tensor) -> Tensor:
    """Where the slope is measured: (N, ...) float32, detached, like `real`.

    between: real + u (fake - real), u ~ U[0, 1) for each sample (arXiv:1704.00028, algorithm 1).
    near_real: real + u 0.5 std(real) U[0, 1) (arXiv:1705.07215, as its authors compute it).
    """
    real, fake = real.detach().float(), fake.detach().float()
    if penalty.at == "real":
        return real
    if penalty.at == "fake":
        return fake
    share = torch.rand(len(real), *[1] * (real.ndim - 1), device=real.device)
    if penalty.at == "between":
        return torch.lerp(real, fake, share)
    return real + share * 0.5 * real.std() * torch.rand_like(real)


def of_pairs(critic: Callable[[Tensor, Tensor], Tensor], images: Tensor) -> ScoreFunction:
    """A critic of pairs as one of `rows`, whose slope is then in both; images: of the shape that they have."""
    shape, values = images.shape[1:], images[0].numel()
    return lambda pairs: critic(pairs[:, :values].unflatten(1, shape), pairs[:, values:])


def rows(images: Tensor, codes: Tensor) -> Tensor:
    """Pairs as one vector each: (N, ...), (N, Z) -> (N, ... Z)."""
    return torch.cat([images.flatten(1), codes.to(images.dtype)], dim=1)


def slope_penalty(critic: ScoreFunction, at: Tensor, target: float) -> Tensor:
    """E[(|grad D|_2 - target)^2] at these points, a scalar that can be differentiated with respect to the critic.

    The norm is over all axes but the batch. Computed in float32 whatever the precision around it: bf16 has 8 bits of
    mantissa, and a second derivative through them is noise.
    """
    with torch.autocast(at.device.type, enabled=False), torch.enable_grad():
        at = at.detach().requires_grad_(True)
        value = per_sample(critic(at).float()).sum()
        (gradient,) = torch.autograd.grad(value, at, create_graph=True)
        squared = gradient.flatten(1).square().sum(1)
        if target == 0:
            return squared.mean()
        # The square root has no slope at 0: a dead critic must give a penalty, not a NaN.
        return ((squared + 1e-12).sqrt() - target).square().mean()
