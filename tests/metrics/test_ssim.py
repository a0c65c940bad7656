from __future__ import annotations

import math

import pytest
import torch
from support.metric_pictures import from_levels, picture

from img2img.config.base import Refusal
from img2img.metrics import ssim
from img2img.metrics.eight_bit import levels

C1, C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2


def by_loops(one: torch.Tensor, other: torch.Tensor) -> float:
    """Equation 13 at every place, its statistics from equations 14 to 16, for one channel (H, W)."""
    places = [(y, x) for y in range(-5, 6) for x in range(-5, 6)]
    weights = torch.tensor([math.exp(-(y * y + x * x) / (2 * 1.5**2)) for y, x in places], dtype=torch.float64)
    weights /= weights.sum()
    values = []
    for top in range(one.shape[0] - 10):
        for left in range(one.shape[1] - 10):
            a, b = (image[top : top + 11, left : left + 11].flatten() for image in (one, other))
            mean_a, mean_b = (weights * a).sum(), (weights * b).sum()
            variance_a, variance_b = (weights * (a - mean_a) ** 2).sum(), (weights * (b - mean_b) ** 2).sum()
            covariance = (weights * (a - mean_a) * (b - mean_b)).sum()
            values.append(
                (2 * mean_a * mean_b + C1)
                * (2 * covariance + C2)
                / ((mean_a**2 + mean_b**2 + C1) * (variance_a + variance_b + C2))
            )
    return float(torch.stack(values).mean())


def test_the_formula_at_every_place() -> None:
    one, other = picture(1, height=14, width=16), picture(2, height=14, width=16)
    expected = by_loops(levels(one, "y")[0, 0], levels(other, "y")[0, 0])
    assert abs(ssim(one, other).item() - expected) < 1e-9
    each = [by_loops(levels(one, "rgb")[0, channel], levels(other, "rgb")[0, channel]) for channel in range(3)]
    assert abs(ssim(one, other, channels="rgb").item() - sum(each) / 3) < 1e-9


def test_flat_pictures_differ_in_luminance_alone() -> None:
    one, other = (from_levels(level, level, level).expand(3, 16, 16) for level in (50.0, 200.0))
    expected = (2 * 50 * 200 + C1) / (50**2 + 200**2 + C1)
    assert abs(ssim(one, other, channels="rgb").item() - expected) < 1e-6


def test_equal_pictures_have_one_and_order_does_not_matter() -> None:
    one, other = picture(1), picture(2)
    assert abs(ssim(one, one).item() - 1) < 1e-12
    assert abs(ssim(one, other).item() - ssim(other, one).item()) < 1e-12
    assert ssim(one, other) < 0.9


def test_the_border_does_not_count() -> None:
    one, other = picture(1), picture(2)
    assert abs(ssim(one, other, border=3).item() - ssim(one[:, 3:-3, 3:-3], other[:, 3:-3, 3:-3]).item()) < 1e-12


def test_batches_are_measured_picture_by_picture() -> None:
    one, other = torch.stack([picture(1), picture(2)]), torch.stack([picture(3), picture(4)])
    found = ssim(one, other, channels="rgb")
    singles = torch.stack([ssim(one[index], other[index], channels="rgb") for index in (0, 1)])
    assert (found - singles).abs().max() < 1e-12


def test_pictures_without_room_for_the_window_are_refused() -> None:
    with pytest.raises(Refusal, match="needs 11 px within the border, a picture has 3x10"):
        ssim(picture(1), picture(2), border=15)
