"""A filled picture against the true one, in its hole and as a whole, and the protocol that goes with the numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from img2img.images import to_pixels, to_samples
from img2img.metrics.sets.figures import FeatureProtocol

from .eight_bit import PEAK, comparable
from .lpips import LPIPS, Backbone
from .picture_figures import Figures
from .psnr import psnr
from .ssim import smoothed, ssim, ssim_map

SMALL = 0.2
"""Share of the picture up to which a hole counts as small."""

HOLE = "hole"
"""The figure that is the hole's share of the picture."""


@dataclass(frozen=True)
class HoleProtocol:
    """What has to be the same before two figures may be compared.

    masks: where the holes come from, in a phrase. sets: how FID and KID were measured, or why they were not.
    """

    masks: str
    lpips: tuple[Backbone, ...]
    sets: FeatureProtocol | str

    def __str__(self) -> str:
        parts = [
            f"holes: {self.masks}",
            f"small: up to {SMALL:.0%} of the picture, large: more; means over pictures",
            "results rounded to 8 bits, RGB over all channels",
            "in the hole: PSNR and L1 (% of the range) over its pixels",
            "SSIM: 11x11 Gaussian, sigma 1.5, valid places, range 255; in the hole weighted by what places see of it",
            f"LPIPS: v0.1, {' and '.join(self.lpips)}, whole pictures; in the hole each layer's places weighted by it"
            if self.lpips
            else "",
            f"no FID: {self.sets}"
            if isinstance(self.sets, str)
            else f"FID, KID: all filled pictures against all true ones, whole, {self.sets}; seed {self.sets.seed}",
        ]
        return "; ".join(part for part in parts if part)


@torch.inference_mode()
def compare_hole(result: Tensor, reference: Tensor, hole: Tensor, lpips: Mapping[Backbone, LPIPS]) -> Figures:
    """All figures of one picture: hole, and psnr, l1, ssim, lpips_… in the hole (hole_psnr, …) and over the picture.

    result, reference: (C, H, W) in [-1, 1], C 1 or 3; the result is rounded to 8 bits first, as a file would.
    hole: (1, H, W), 1 = hole, somewhere.
    Raises: Refusal for sizes that differ or are too small.
    """
    result = to_pixels(to_samples(result, 8))
    one, other = comparable(result, reference, "rgb", 0)
    error, share = (one - other)[0], hole.double()
    figures = {HOLE: share.mean().item()}
    figures["hole_psnr"] = _decibels(_within(error.square(), share))
    figures["hole_l1"] = 100 * _within(error.abs(), share).item() / PEAK
    figures["hole_ssim"] = _within(ssim_map(result, reference, channels="rgb")[0], smoothed(share[None])[0]).item()
    for name, network in lpips.items():
        pictures = [picture.to(next(network.parameters()).device) for picture in (result, reference, hole.float())]
        figures[f"hole_lpips_{name}"] = network(*pictures).item()
        figures[f"lpips_{name}"] = network(*pictures[:2]).item()
    figures["psnr"] = psnr(result, reference, channels="rgb").item()
    figures["l1"] = 100 * error.abs().mean().item() / PEAK
    figures["ssim"] = ssim(result, reference, channels="rgb").item()
    return figures


def by_hole_size(rows: Sequence[Figures]) -> dict[str, list[Figures]]:
    """The rows of small holes, of large ones, and all of them for the mean; a band without pictures is left out."""
    parts = {
        "small": [row for row in rows if row[HOLE] <= SMALL],
        "large": [row for row in rows if row[HOLE] > SMALL],
        "mean": list(rows),
    }
    return {name: part for name, part in parts.items() if part}


def _within(values: Tensor, share: Tensor) -> Tensor:
    """The mean of (C, h, w) where (1, h, w) says how much each place counts."""
    return (values * share).sum() / (share.sum() * len(values))


def _decibels(error: Tensor) -> float:
    return float(10 * (PEAK**2 / error).log10())
