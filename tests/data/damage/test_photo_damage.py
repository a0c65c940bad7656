from __future__ import annotations

import pytest
import torch

from img2img.config.sections.data import Degradation
from img2img.data.damage.photo_damage import PhotoDamage, between, resized


def test_sides_between_two_passes_are_mostly_near_the_high_resolution() -> None:
    torch.manual_seed(0)
    sides = torch.tensor([between(96, 17.0) for _ in range(2000)]).float()
    assert sides.min() >= 17 and sides.max() <= 116  # 1.2 * 96 is 115.2
    assert sides.min() < 20 and sides.max() > 112
    assert 0.55 < ((sides > 72) & (sides < 106)).float().mean() < 0.72


def test_a_blur_is_told_in_pixels_of_the_low_resolution() -> None:
    """A point blurred at four times the side is four times as wide."""
    options = Degradation(photo_share=1.0, photo_blur=3.0, photo_harsh=1.0)
    widths = []
    for side in (192, 48):
        point = torch.zeros(200, 1, side, side)
        point[..., side // 2, side // 2] = 1
        torch.manual_seed(0)
        found = PhotoDamage(options, point, low=48)._blur(point)
        places = torch.arange(side) - side // 2
        widths.append((found.sum(2)[:, 0] * places**2).sum(1).mean().sqrt())
    assert abs(widths[0] / widths[1] - 4) < 0.2


@pytest.mark.parametrize("side", [16, 12, 40, 32])
def test_resizes_keep_flat_pictures_flat(side: int) -> None:
    flat = torch.full((1, 3, 32, 32), 0.25)
    for seed in range(8):
        torch.manual_seed(seed)
        found = resized(flat, side)
        assert found.shape == (1, 3, side, side)
        assert (found - 0.25).abs().max() < 1e-6
