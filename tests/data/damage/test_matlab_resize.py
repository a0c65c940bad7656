from __future__ import annotations

import pytest
import torch

from img2img.data.damage.matlab_resize import cubic, enlarge, matlab_resize, shrink, taps, to_eight_bit

LEVELS = torch.tensor([[(37 * y + 91 * x + 17 * x * y) % 256 for x in range(8)] for y in range(8)])
"""A picture full of edges."""

HALF = [[80, 143, 133, 94], [146, 132, 114, 129], [138, 114, 107, 151], [144, 119, 119, 142]]
QUARTER = [[119, 120], [128, 129]]
"""What MATLAB makes of it, by loops over its formula in double precision; unrounded between the passes, 80 is 81. The
code that agrees with them gives the stored low resolutions of Set5 and Set14 to the last bit."""


def pictures(levels: torch.Tensor) -> torch.Tensor:
    return levels.float()[None, None] / 127.5 - 1


def in_levels(images: torch.Tensor) -> list[list[int]]:
    return ((images + 1) * 127.5).round().int()[0, 0].tolist()


def test_the_kernel_is_the_formula() -> None:
    distances = torch.tensor([0.0, 0.25, 0.75, 1.0, 1.25, 1.75, 2.0, 3.0], dtype=torch.float64)
    values = torch.tensor([1.0, 0.8671875, 0.2265625, 0.0, -0.0703125, -0.0234375, 0.0, 0.0], dtype=torch.float64)
    assert (cubic(distances) - values).abs().max() < 1e-12
    assert torch.equal(cubic(-distances), cubic(distances))


def test_halving_weighs_eight_pixels() -> None:
    places, weights = taps(16, 8)
    found = {int(place): float(weight) for place, weight in zip(places[:, 4], weights[:, 4], strict=True) if weight}
    expected = [-0.01171875, -0.03515625, 0.11328125, 0.43359375, 0.43359375, 0.11328125, -0.03515625, -0.01171875]
    assert found == dict(zip(range(5, 13), expected, strict=True))


def test_a_picture_of_eight_bits_comes_out_to_the_last_one() -> None:
    assert in_levels(shrink(pictures(LEVELS), 2, eight_bit=True)) == HALF
    assert in_levels(shrink(pictures(LEVELS), 4, eight_bit=True)) == QUARTER


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_planes_stay_planes(scale: int) -> None:
    """Cubic convolution gives polynomials of the first degree back, away from the border."""
    y, x = torch.meshgrid(torch.arange(48.0), torch.arange(60.0), indexing="ij")
    plane = (3 * x - 2 * y + 5)[None, None].double()
    small = shrink(plane, scale)
    centre = (scale - 1) / 2
    expected = plane[..., ::scale, ::scale] + (3 - 2) * centre
    assert (small - expected)[..., 3:-3, 3:-3].abs().max() < 1e-9
    large = enlarge(plane, scale)
    assert (large[..., scale // 2 :: scale, scale // 2 :: scale] - plane)[..., 3:-3, 3:-3].abs().max() < 3


@pytest.mark.parametrize(("height", "width"), [(5, 7), (12, 9), (31, 40), (12, 30)])
def test_a_flat_picture_stays_flat_at_any_size(height: int, width: int) -> None:
    flat = torch.full((2, 3, 12, 9), 0.3)
    resized = matlab_resize(flat, height, width)
    assert resized.shape == (2, 3, height, width)
    assert (resized - 0.3).abs().max() < 1e-6


def test_the_border_is_repeated() -> None:
    image = pictures(LEVELS)
    padded = torch.nn.functional.pad(image, (8, 8, 8, 8), mode="replicate")
    assert (shrink(padded, 4)[..., 2:-2, 2:-2] - shrink(image, 4)).abs().max() < 1e-6


def test_batches_and_single_pictures_are_alike() -> None:
    images = torch.rand(2, 3, 16, 12) * 2 - 1
    assert torch.equal(shrink(images, 4)[1], shrink(images[1], 4))


def test_eight_bits() -> None:
    levels = torch.arange(256.0)
    assert torch.equal(to_eight_bit(levels / 127.5 - 1), levels / 127.5 - 1)
    assert to_eight_bit(torch.tensor([-3.0, 5.0])).tolist() == [-1.0, 1.0]
