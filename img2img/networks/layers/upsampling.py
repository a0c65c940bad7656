"""More pixels: transposed convolution, resize-convolution without its checkerboard, pixel shuffle, bicubic."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, conv2d, conv_transpose2d, interpolate, pixel_shuffle

from img2img.config.networks.spec import Upsample

from .borders import Border, bordered

FUSED_WEIGHTS = 2**15
"""Up to this many pairs of channels the fused form pays: wide layers lie on small maps, where summing the taps of the
kernel would cost more than the convolution (512 x 512 on 1 px: 60 ms for 2 ms)."""


class ResizeConvolution(nn.Conv2d):
    """Nearest neighbour x2, then a 3x3 convolution with reflected borders (Odena et al. 2016, "Deconvolution and
    Checkerboard Artifacts").

    (N, inputs, H, W) -> (N, outputs, 2H, 2W).
    """

    def __init__(self, inputs: int, outputs: int, *, bias: bool) -> None:
        super().__init__(inputs, outputs, kernel_size=3, bias=bias)

    def forward(self, image: Tensor) -> Tensor:
        if self.in_channels * self.out_channels <= FUSED_WEIGHTS:
            return self._fused(image)
        enlarged = interpolate(image, scale_factor=2.0, mode="nearest")
        return conv2d(bordered(enlarged, 1, "reflect"), self.weight, self.bias)

    def _fused(self, image: Tensor) -> Tensor:
        # Neighbouring taps of the 3x3 meet the same source pixel: summed in pairs they are a 4x4 at stride 2. That is
        # 16 products for 4 outputs, not 36, and no enlarged copy: half the forward time on a CPU.
        if torch.compiler.is_exporting():  # ONNX knows no other divisor, and torch's exporter says nothing
            pairs = 4 * avg_pool2d(self.weight, 2, stride=1, padding=1)
        else:
            pairs = avg_pool2d(self.weight, 2, stride=1, padding=1, divisor_override=1)
        kernel = pairs.flip(2, 3).transpose(0, 1)
        return conv_transpose2d(_with_border(image), kernel, self.bias, stride=2, padding=3)


def _with_border(image: Tensor) -> Tensor:
    """The image with its border pixels repeated once. (N, C, H, W) -> (N, C, H + 2, W + 2)."""
    if torch.compiler.is_compiling():
        # Compiled, replication_pad2d fails in channels_last: torch 2.15 takes its gradient for a contiguous one.
        # Not by slices, whose sizes are formulas that the exporter to ONNX is lost in.
        for axis in (3, 2):
            last = image.shape[axis] - 1
            image = torch.cat([image.narrow(axis, 0, 1), image, image.narrow(axis, last, 1)], axis)
        return image
    return bordered(image, 1, "replicate")


class TriplingConvolution(nn.Conv2d):
    """Nearest neighbour x3, then a 3x3 convolution. (N, inputs, H, W) -> (N, outputs, 3H, 3W)."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(inputs, outputs, kernel_size=3, padding=1)

    def forward(self, image: Tensor) -> Tensor:
        return super().forward(interpolate(image, scale_factor=3.0, mode="nearest"))


class BilinearConvolution(nn.Conv2d):
    """Bilinear x2, then a 3x3 convolution; beyond the borders lies the picture, reflected, or zeros.

    (N, inputs, H, W) -> (N, outputs, 2H, 2W). Many doublings by nearest neighbour draw a plaid of stripes that a
    U-Net needs long to unlearn: after 600 steps on facades it was in every picture, and with this in none.
    """

    def __init__(self, inputs: int, outputs: int, *, bias: bool, zeros: bool = False) -> None:
        super().__init__(inputs, outputs, kernel_size=3, bias=bias)
        self.border: Border = "constant" if zeros else "reflect"

    def forward(self, image: Tensor) -> Tensor:
        with torch.autocast(image.device.type, enabled=False):  # which on CUDA is in float32, with four casts
            enlarged = interpolate(image, scale_factor=2.0, mode="bilinear", align_corners=False)
        return conv2d(bordered(enlarged, 1, self.border), self.weight, self.bias)


class BilinearShuffle(nn.Conv2d):
    """`BilinearConvolution`, save for the outermost pixels, without the enlarged copy: borders go on beyond themselves.

    (N, inputs, H, W) -> (N, outputs, 2H, 2W). Each of 2 x 2 px is a 3x3 convolution of the source, whose kernels are
    made of the one that is learnt. From 8 times 32 channels of 64 px to 3 it takes 0.3 of the time, forwards and back.
    """

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(inputs, outputs, kernel_size=3)

    def forward(self, image: Tensor) -> Tensor:
        rows = [_bilinear_taps(row, 2) for row in _bilinear_taps(self.weight, 3)]
        kernels = torch.stack([torch.stack(row, dim=1) for row in zip(*rows, strict=True)], dim=1)
        bias = None if self.bias is None else self.bias.repeat_interleave(4)
        return pixel_shuffle(conv2d(_with_border(image), kernels.flatten(0, 2), bias), 2)


def _bilinear_taps(kernel: Tensor, axis: int) -> tuple[Tensor, Tensor]:
    """What three taps along an axis, over pixels enlarged to twice as many, are over the pixels before: at the even
    places, and at the odd ones."""
    first, middle, last = kernel.unbind(axis)
    even = 0.75 * first + 0.25 * middle, 0.25 * first + 0.75 * (middle + last), 0.25 * last
    odd = 0.25 * first, 0.75 * (first + middle) + 0.25 * last, 0.25 * middle + 0.75 * last
    return torch.stack(even, axis), torch.stack(odd, axis)


def doubling(upsample: Upsample, inputs: int, outputs: int, *, kernel: Literal[3, 4], bias: bool) -> nn.Module:
    """The layer that doubles a picture; `kernel` is the side of the transposed convolution, px.

    (N, inputs, H, W) -> (N, outputs, 2H, 2W).
    """
    if upsample == "resize":
        return ResizeConvolution(inputs, outputs, bias=bias)
    if upsample in ("bilinear", "bilinear-zeros"):
        return BilinearConvolution(inputs, outputs, bias=bias, zeros=upsample == "bilinear-zeros")
    return nn.ConvTranspose2d(inputs, outputs, kernel, stride=2, padding=1, output_padding=4 - kernel, bias=bias)


def shuffled(inputs: int, outputs: int, factor: int) -> nn.Sequential:
    """A 3x3 convolution whose channels become squares of pixels (arXiv:1609.05158, equation 4).

    (N, inputs, H, W) -> (N, outputs, H * factor, W * factor).
    """
    return nn.Sequential(nn.Conv2d(inputs, outputs * factor**2, 3, padding=1), nn.PixelShuffle(factor))


def bicubic(image: Tensor, factor: int) -> Tensor:
    """Cubic convolution with a = -1/2, as in MATLAB and Pillow; the kernel is cut off at the borders.

    (N, C, H, W) -> (N, C, H * factor, W * factor), a little out of the image's range at edges.
    """
    # For enlarging, antialias does no more than choose this kernel (torch's other one has a = -3/4), and its code is
    # the faster one on a CPU: 15 against 54 ms for 1024 x 1024, 44 ms where the image is channels_last.
    return interpolate(image.contiguous(), scale_factor=float(factor), mode="bicubic", antialias=True)
