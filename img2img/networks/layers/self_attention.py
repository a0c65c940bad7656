"""Self-attention on maps (arXiv:1805.08318, equations 1 to 3)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from img2img.config.networks.whole_critics import WholeNorm

from .norms import constrained

SHARE = 8
"""How many times fewer channels the attention has than its map: k of section 3."""


class SelfAttention(nn.Module):
    """y = x + gamma v(o), where o is at each place a blend of h(x) from all places, weighed by softmax of f(x)·g(x).

    (N, C, H, W) -> (N, C, H, W). gamma begins at 0, so that at first x passes as it is. Memory grows with the square of
    the number of places: 4 MB for each picture at 32 px.
    """

    def __init__(self, channels: int, norm: WholeNorm) -> None:
        super().__init__()
        inner = max(channels // SHARE, 1)
        self.key, self.query, self.value = (
            constrained(nn.Conv2d(channels, inner, 1, bias=False), norm) for _ in range(3)
        )
        self.out = constrained(nn.Conv2d(inner, channels, 1, bias=False), norm)
        self.gamma = nn.Parameter(torch.zeros(()))

    def forward(self, image: Tensor) -> Tensor:
        # Written out, since torch's fused attention has no second derivative, which gradient penalties need.
        key, query, value = (layer(image).flatten(2) for layer in (self.key, self.query, self.value))
        weights = (query.transpose(1, 2) @ key).softmax(dim=2)
        blended = (value @ weights.transpose(1, 2)).unflatten(2, image.shape[2:])
        return image + self.gamma * self.out(blended)
