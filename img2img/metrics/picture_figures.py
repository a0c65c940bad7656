"""A result against its reference in every measure, and the protocol that goes with the numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

import torch
from torch import Tensor

from img2img.images import to_pixels, to_samples

from .grid import grid_peak
from .lpips import LPIPS, Backbone
from .psnr import psnr
from .ssim import ssim

Figures = dict[str, float]
"""psnr_y, ssim_y, psnr_rgb, ssim_rgb, grid, lpips_alex, lpips_vgg -> number."""


@dataclass(frozen=True)
class Protocol:
    """What has to be the same before two figures may be compared.

    low: where the low resolutions come from, in a phrase; empty where there are none.
    """

    scale: int
    border: int
    lpips: tuple[Backbone, ...]
    low: str = ""

    def __str__(self) -> str:
        parts = [
            f"x{self.scale}",
            "results rounded to 8 bits",
            f"references cut to a multiple of {self.scale} px" if self.scale > 1 else "",
            f"PSNR and SSIM without a border of {self.border} px",
            "Y: BT.601, studio range, not rounded; RGB: over all channels",
            "SSIM: 11x11 Gaussian, sigma 1.5, valid places, range 255",
            f"grid: peak of the result's spectrum at multiples of 1/{self.scale} cycles/px" if self.scale > 1 else "",
            f"LPIPS: v0.1, {' and '.join(self.lpips)}, whole pictures" if self.lpips else "",
            f"low resolution: {self.low}" if self.low else "",
        ]
        return "; ".join(part for part in parts if part)


@torch.inference_mode()
def compare(result: Tensor, reference: Tensor, border: int, lpips: Mapping[Backbone, LPIPS], scale: int = 1) -> Figures:
    """All figures of one picture; scale: how many times it was enlarged.

    result, reference: (C, H, W) in [-1, 1], C 1 or 3; the result is rounded to 8 bits first, as a file would.
    Raises: Refusal for sizes that differ or are too small.
    """
    result = to_pixels(to_samples(result, 8))
    figures = {}
    figures["psnr_y"] = psnr(result, reference, border=border).item()
    figures["ssim_y"] = ssim(result, reference, border=border).item()
    figures["psnr_rgb"] = psnr(result, reference, channels="rgb", border=border).item()
    figures["ssim_rgb"] = ssim(result, reference, channels="rgb", border=border).item()
    if scale > 1:
        figures["grid"] = grid_peak(result, scale, border)
    for name, network in lpips.items():
        device = next(network.parameters()).device
        figures[f"lpips_{name}"] = network(result.to(device), reference.to(device)).item()
    return figures


def means(rows: Sequence[Figures]) -> Figures:
    """The mean over pictures of each figure."""
    return {name: fmean(row[name] for row in rows) for name in rows[0]}
