"""Path length: steps of the same size in style space should change a picture equally much everywhere
(arXiv:1912.04958, section 3.2)."""

from __future__ import annotations

import math

import torch
from torch import Tensor


def path_lengths(pictures: Tensor, styles: Tensor) -> Tensor:
    """|J^T y| for y ~ N(0, 1) over the root of the number of pixels, J the pictures' derivative by the styles: (N,).

    pictures: (N, C, H, W), made from styles (N, layers, style), which need a gradient. The root is of the mean over
    layers. The result can be derived; y is from torch's global generator.
    """
    noise = torch.randn_like(pictures) / math.sqrt(pictures[0, 0].numel())
    (slope,) = torch.autograd.grad((pictures * noise).sum(), styles, create_graph=True)
    return slope.float().square().sum(dim=2).mean(dim=1).sqrt()


def path_length_cost(lengths: Tensor, mean: Tensor, decay: float = 0.99) -> Tensor:
    """E (|J^T y| - a)^2, equation 4; moves the running mean a, a scalar tensor, in place first."""
    mean.lerp_(lengths.detach().mean().to(mean), 1 - decay)
    return (lengths - mean.clone()).square().mean()
