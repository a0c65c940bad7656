"""Convolutions whose weights a style scales (arXiv:1912.04958, section 2.2)."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn.functional import conv2d

from .equalised import EqualisedLinear
from .norms import single


class ModulatedConvolution(nn.Module):
    """w' = s_i w_ijk for the scales s that an affine map makes of the style; demodulated, w'' = w' / |w'_j|.

    (N, inputs, H, W), style (N, style) -> (N, outputs, H, W); equations 1 and 3. Computed on the features in place of
    the weights, which is the same and needs no convolution of its own for each sample.
    """

    def __init__(self, inputs: int, outputs: int, kernel: int, style: int, *, demodulate: bool = True) -> None:
        super().__init__()
        self.scale, self.padding, self.demodulate = 1 / math.sqrt(inputs * kernel**2), kernel // 2, demodulate
        self.weight = nn.Parameter(torch.randn(outputs, inputs, kernel, kernel))
        self.affine = EqualisedLinear(style, inputs, offset=1.0)

    def forward(self, image: Tensor, style: Tensor) -> Tensor:
        weight, scales = self.weight * self.scale, self.affine(style)
        result = conv2d(image * scales[:, :, None, None].to(image.dtype), weight, padding=self.padding)
        if not self.demodulate:
            return result
        lengths = self._lengths(weight, scales)[:, :, None, None]
        return result / lengths.to(result.dtype)

    def _lengths(self, weight: Tensor, scales: Tensor) -> Tensor:
        """The length of what each output's weights have become: (N, outputs). In float32: it sums many squares."""
        with torch.autocast(weight.device.type, enabled=False):
            squares = single(weight).square().sum(dim=(2, 3))
            return (single(scales).square() @ squares.T + 1e-8).sqrt()
