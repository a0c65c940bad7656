"""Borders around a picture that keep its memory layout."""

from __future__ import annotations

from typing import Literal

from torch import Tensor, nn
from torch.nn.functional import conv2d, pad

Border = Literal["reflect", "replicate", "constant"]
"""The picture reflected about its outermost pixels, these repeated, or zeros."""


def bordered(image: Tensor, width: int, mode: Border) -> Tensor:
    """`width` px around a picture.

    (N, C, H, W) -> (N, C, H + 2 width, W + 2 width).
    """
    if mode == "constant" or image.device.type in ("cpu", "mps") or image.is_contiguous():
        return pad(image, (width,) * 4, mode=mode)
    return bordered_as_volume(image, width, mode)


def bordered_as_volume(image: Tensor, width: int, mode: Literal["reflect", "replicate"]) -> Tensor:
    """As `bordered`, channels_last (N, C, H, W) -> channels_last.

    CUDA's kernels for planes copy channels_last to planes, and the next convolution copies it back. To the kernel for
    volumes it is one of height x width x channels, as it lies.
    """
    volume = image.permute(0, 2, 3, 1)[None]
    return pad(volume, (0, 0, *(width,) * 4), mode=mode).squeeze(0).permute(0, 3, 1, 2)


class ReflectingConvolution(nn.Conv2d):
    """A convolution that keeps the size, with reflected borders. (N, inputs, H, W) -> (N, outputs, H, W)."""

    def __init__(self, inputs: int, outputs: int, kernel: int, *, bias: bool) -> None:
        super().__init__(inputs, outputs, kernel, padding=kernel // 2, padding_mode="reflect", bias=bias)

    def _conv_forward(self, input: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        return conv2d(bordered(input, self.kernel_size[0] // 2, "reflect"), weight, bias)
