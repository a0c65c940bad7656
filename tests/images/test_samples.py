"""Samples and floats: exact, or rounded to nearest."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import torch

from img2img.images.samples import over_white, to_samples


def test_over_white_is_the_nearest_level_for_every_level_and_every_alpha() -> None:
    level, alpha = np.mgrid[0:256, 0:256].astype(np.int64)
    samples = np.stack([level, alpha], 2).astype(np.uint8)
    exact = (level * alpha + 255 * (255 - alpha)) / 255
    assert np.abs(over_white(samples)[..., 0] - exact).max() < 0.5


@pytest.mark.parametrize(
    "pair", [(0, 1), (1, 1), (40000, 65534), (65535, 0), (65535, 65535), (12345, 6789), (0, 65535)]
)
def test_over_white_is_exact_in_16_bits(pair: tuple[int, int]) -> None:
    level, alpha = pair
    exact = Fraction(level * alpha + 65535 * (65535 - alpha), 65535)
    found = int(over_white(np.array([[pair]], np.uint16))[0, 0, 0])
    assert abs(found - exact) < Fraction(1, 2)


@pytest.mark.parametrize(("bits", "top"), [(8, 255), (16, 65535)])
def test_floats_become_the_nearest_level_and_what_is_beyond_the_last(bits: int, top: int) -> None:
    levels = torch.tensor([-1e6, -0.6, 0.0, 0.4, 0.6, 1.4, 1.6, top - 0.4, top + 0.4, 1e9])
    pixels = (levels / (top / 2) - 1).view(1, 2, 5)
    found = to_samples(pixels, bits, alpha=(levels / top).view(1, 2, 5))  # type: ignore[arg-type]
    expected = [0, 0, 0, 0, 1, 1, 2, top, top, top]
    assert found[..., 0].ravel().tolist() == found[..., 1].ravel().tolist() == expected
