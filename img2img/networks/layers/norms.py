"""Normalisation by the name that a spec gives it, and which convolutions keep a bias next to it."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

from img2img.config.networks.spec import CriticNorm
from img2img.config.networks.whole_critics import WholeNorm

AnyNorm = CriticNorm | WholeNorm

EPSILON = 1e-5
"""Added to every variance, as in BatchNorm2d."""
FEW = 2
"""Pictures of a batch that are normalised one after another rather than copied to another memory layout and back."""


class PictureNorm(nn.Module):
    """Every channel of every picture to mean 0, variance 1 by its own statistics (arXiv:1607.08022, section 2).

    affine: learn a slope and an offset for each channel, which makes it the BatchNorm that runs at batch size 1.
    (N, C, H, W) -> (N, C, H, W); a picture's output never depends on the others. A map of one pixel gives the offset.
    """

    def __init__(self, channels: int, *, affine: bool) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels)) if affine else None
        self.bias = nn.Parameter(torch.zeros(channels)) if affine else None

    def forward(self, image: Tensor) -> Tensor:
        if image.device.type not in ("cpu", "mps"):
            # CUDA's autocast would have it in float32, with a cast on either side of each of four passes over the map.
            # Its kernels sum 16 bits in 32 by themselves.
            with torch.autocast(image.device.type, enabled=False):
                return norm_by_picture(image, self.weight, self.bias)
        # One group per channel: unlike instance_norm it sums half precision in float32 (error 0.001, not 0.02, on
        # float16 of mean 1000), keeps channels_last on the CPU, and makes a training step there 3 to 30 % shorter.
        return torch.group_norm(image, image.shape[1], self.weight, self.bias, EPSILON)


def norm_by_picture(image: Tensor, weight: Tensor | None, bias: Tensor | None) -> Tensor:
    """PictureNorm on CUDA, in the image's own type and layout. weight, bias: (C,) float32, or None."""
    if len(image) > FEW or image.is_contiguous():
        slope, offset = (None if values is None else values.to(image.dtype) for values in (weight, bias))
        return torch.group_norm(image, image.shape[1], slope, offset, EPSILON)
    cudnn = torch.backends.cudnn.enabled
    # Batch norm keeps channels_last, which group norm copies to planes, and the next convolution back.
    normed = [torch.batch_norm(one, weight, bias, None, None, True, 0.0, EPSILON, cudnn) for one in image.split(1)]
    return normed[0] if len(normed) == 1 else torch.cat(normed)


def normalisation(norm: AnyNorm, channels: int) -> nn.Module:
    """The layer that follows a convolution with this many output channels."""
    if norm == "layer":
        return nn.GroupNorm(1, channels, eps=EPSILON)
    if norm == "batch":
        return nn.BatchNorm2d(channels, eps=EPSILON)
    if norm in ("instance", "batch-stat"):
        return PictureNorm(channels, affine=norm == "batch-stat")
    return nn.Identity()


def dense_normalisation(norm: WholeNorm, width: int) -> nn.Module:
    """The layer that follows a linear one with this many outputs."""
    return nn.BatchNorm1d(width, eps=EPSILON) if norm == "batch" else normalisation(norm, width)


def needs_bias(norm: AnyNorm) -> bool:
    """Whether a convolution before this norm has a bias: not where the norm brings its own offset."""
    return norm not in ("batch", "batch-stat", "layer")


def constrained(layer: nn.Module, norm: AnyNorm) -> nn.Module:
    """The layer; where the norm is spectral, its weight over its largest singular value (arXiv:1802.05957, eq. 8)."""
    return spectral_norm(layer) if norm == "spectral" else layer


def single(tensor: Tensor) -> Tensor:
    """The tensor in float32 where it is narrower: energies and statistics of a batch lose too much in 16 bits."""
    return tensor.to(torch.promote_types(tensor.dtype, torch.float32))
