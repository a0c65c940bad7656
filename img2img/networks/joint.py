"""A picture's features and a code, read together (arXiv:1605.09782, section 3; arXiv:1606.00704, section 2)."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from img2img.config.whole_critics import WholeNorm

from .norms import constrained, dense_normalisation

Dense = Callable[[int, int], nn.Module]
"""(inputs, outputs) -> a linear layer."""


class Joint(nn.Module):
    """The code through a dense layer, then both through two: (N, width), (N, code) -> (N, joint).

    The critic's score is linear in what comes out, so that it can tell which code belongs to which picture: a sum of a
    score of each could not.
    """

    def __init__(self, width: int, code: int, joint: int, norm: WholeNorm, dense: Dense) -> None:
        super().__init__()
        self.enter = _layer(code, joint, norm, dense)
        self.together = nn.Sequential(_layer(width + joint, joint, norm, dense), _layer(joint, joint, norm, dense))

    def forward(self, features: Tensor, code: Tensor) -> Tensor:
        entered = self.enter(code.to(features.dtype))
        together: Tensor = self.together(torch.cat([features, entered.to(features.dtype)], dim=1))
        return together


def _layer(inputs: int, outputs: int, norm: WholeNorm, dense: Dense) -> nn.Sequential:
    return nn.Sequential(
        constrained(dense(inputs, outputs), norm), dense_normalisation(norm, outputs), nn.LeakyReLU(0.2, inplace=True)
    )
