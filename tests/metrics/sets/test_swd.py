"""Laplacian pyramid and sliced Wasserstein distance."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from img2img.config.base import Refusal
from img2img.metrics.sets.swd import (
    enlarged,
    laplacian_pyramid,
    normalised,
    patches_of,
    reduced,
    sliced_wasserstein,
    sliced_wasserstein_by_size,
)


def noise(count: int, side: int, seed: int) -> torch.Tensor:
    return torch.randint(0, 256, (count, 3, side, side), generator=torch.Generator().manual_seed(seed)).byte()


def smooth(count: int, seed: int) -> torch.Tensor:
    coarse = noise(count, 8, seed).float()
    return torch.nn.functional.interpolate(coarse, (32, 32), mode="bicubic").clamp(0, 255).byte()


def test_the_pyramid_adds_up() -> None:
    pictures = noise(2, 64, 0).float()
    levels = laplacian_pyramid(pictures, 16)
    assert [level.shape[-1] for level in levels] == [64, 32, 16]
    found = levels[-1]
    for level in reversed(levels[:-1]):
        found = level + enlarged(found)
    assert (found - pictures).abs().max() < 1e-3


def test_flat_pictures_stay_flat() -> None:
    flat = torch.full((1, 3, 16, 16), 7.0)
    assert (reduced(flat) - 7).abs().max() < 1e-5
    assert (enlarged(flat) - 7).abs().max() < 1e-5
    assert laplacian_pyramid(flat, 8)[0].abs().max() < 1e-5


def test_the_filter_against_plain_sums() -> None:
    """Along one axis: reduced at 2i from pixels 2i-2..2i+2; enlarged from zeros between pixels."""
    weights = np.array([1, 4, 6, 4, 1]) / 16
    line = np.random.default_rng(0).normal(size=12)
    picture = torch.from_numpy(line).float().expand(1, 1, 12, 12)
    mirrored = np.pad(line, 2, mode="reflect")
    smaller = [(weights * mirrored[2 * i : 2 * i + 5]).sum() for i in range(6)]
    assert np.abs(reduced(picture)[0, 0, 5].numpy() - smaller).max() < 1e-6
    spaced = np.zeros(24)
    spaced[::2] = line
    mirrored = np.pad(spaced, 2, mode="reflect")
    larger = [2 * (weights * mirrored[i : i + 5]).sum() for i in range(24)]
    assert np.abs(enlarged(picture)[0, 0, 11].numpy() - larger).max() < 1e-6


def test_patches_are_windows_of_their_picture() -> None:
    """Each pixel says where it is: picture, row and column."""
    side = 10
    rows, columns = torch.meshgrid(torch.arange(side), torch.arange(side), indexing="ij")
    pictures = torch.stack([torch.stack([torch.full_like(rows, n), rows, columns]) for n in range(3)]).float()
    patches = patches_of(pictures, torch.Generator().manual_seed(0))
    assert patches.shape == (3 * 128, 3, 7, 7)
    steps = patches - patches[..., :1, :1]
    assert (steps[:, 0] == 0).all() and (steps[:, 1] == torch.arange(7.0)[:, None]).all()
    assert (steps[:, 2] == torch.arange(7.0)).all()
    assert patches[:, 0, 0, 0].view(3, 128).tolist() == [[float(n)] * 128 for n in range(3)]
    assert set(patches[:, 1, 0, 0].tolist()) == {0, 1, 2, 3}


def test_normalised_by_channel() -> None:
    patches = torch.rand(50, 3, 7, 7) * torch.tensor([1.0, 20, 300]).view(3, 1, 1) + 5
    found = normalised(patches).view(50, 3, 49)
    assert found.mean((0, 2)).abs().max() < 1e-3
    assert (found.std((0, 2), correction=0) - 1).abs().max() < 1e-4


def test_a_shift_seen_along_random_directions() -> None:
    """Points shifted by v are |v·θ| apart along θ, which for 2 dimensions is 2|v|/π on average."""
    points = torch.randn(100, 2, generator=torch.Generator().manual_seed(0))
    found = sliced_wasserstein(points, points + torch.tensor([3.0, 4.0]), torch.Generator().manual_seed(1))
    assert found == pytest.approx(10 / torch.pi, rel=0.1)


def test_noise_is_further_from_smooth_pictures_than_others_of_their_kind() -> None:
    one, other = smooth(16, 1), smooth(16, 2)
    alike = sliced_wasserstein_by_size(one, other, 16, seed=0)
    assert list(alike) == [32, 16]
    assert alike == sliced_wasserstein_by_size(one, other, 16, seed=0)
    assert sliced_wasserstein_by_size(one, noise(16, 32, 3), 16, seed=0)[32] > 2 * alike[32]
    itself = sliced_wasserstein_by_size(one, one, 16, seed=0)
    assert all(0 < itself[side] < alike[side] for side in alike), "other patches of the same pictures"


def test_brightness_and_contrast_do_not_count() -> None:
    """Patches are normalised: what counts is structure."""
    one = smooth(8, 1).float()
    other = smooth(8, 2).float()
    plain = sliced_wasserstein_by_size(one, other, 16, seed=0)
    dimmed = sliced_wasserstein_by_size(one * 0.4 + 20, other, 16, seed=0)
    assert all(dimmed[size] == pytest.approx(plain[size], rel=1e-3) for size in plain)


def test_too_small_pictures_are_refused() -> None:
    with pytest.raises(Refusal, match="patches of 7 px"):
        sliced_wasserstein_by_size(noise(2, 8, 0), noise(2, 8, 1), 4, seed=0)
