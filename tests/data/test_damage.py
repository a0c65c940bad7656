from __future__ import annotations

import pytest
import torch

from img2img.data.damage import blurred, compressed, filtered, gaussians, happens, noisy


def column(*values: float) -> torch.Tensor:
    return torch.tensor(values).view(-1, 1, 1, 1)


@pytest.fixture(autouse=True)
def _seed() -> None:
    torch.manual_seed(0)


def test_kernels_have_the_deviations_asked_for() -> None:
    kernels = gaussians(column(2.0, 1.0), column(1.0, 3.0), column(0.0, torch.pi / 2), radius=12).double()
    places = torch.arange(-12.0, 13.0, dtype=torch.float64)
    across, down = kernels.sum(2)[:, 0], kernels.sum(3)[:, 0]
    assert (kernels.sum((1, 2, 3)) - 1).abs().max() < 1e-6
    assert ((across * places**2).sum(1) - torch.tensor([4.0, 9.0])).abs().max() < 0.02  # turned by 90 degrees
    assert ((down * places**2).sum(1) - torch.tensor([1.0, 1.0])).abs().max() < 0.02


def test_each_picture_has_its_own_kernel() -> None:
    kernels = torch.zeros(2, 1, 3, 3)
    kernels[0, 0, 1, 1] = 1  # itself
    kernels[1, 0, 1, 2] = 1  # its neighbour to the right
    pictures = torch.rand(2, 3, 6, 6)
    found = filtered(pictures, kernels)
    assert torch.equal(found[0], pictures[0])
    assert torch.equal(found[1, :, :, :-1], pictures[1, :, :, 1:])
    assert torch.equal(found[1, :, :, -1], pictures[1, :, :, -1])


def test_blur_smooths_and_keeps_the_mean() -> None:
    point = torch.zeros(20, 1, 31, 31)
    point[:, :, 15, 15] = 1
    found = blurred(point, most=2.0)
    assert (found.sum((1, 2, 3)) - 1).abs().max() < 1e-5
    peaks = found.amax((1, 2, 3))
    assert peaks.max() < 1 and len(peaks.unique()) == 20
    symmetric = (found - found.mT).abs().amax((1, 2, 3)) < 1e-6
    assert 3 <= symmetric.sum() <= 17  # half of them are isotropic


def test_noise_is_as_strong_as_said() -> None:
    flat = torch.full((200, 3, 32, 32), 0.5)
    noise = noisy(flat, most=0.04, fewest=1000.0, grey=0.0) - flat
    deviations = noise.flatten(1).std(1)
    strongest_shot = (0.5 / 1000) ** 0.5
    assert deviations.max() < 0.042
    assert deviations.min() < 0.01
    assert noise.mean().abs() < 3e-4
    only_shot = noisy(flat, most=0.0, fewest=1000.0, grey=0.0) - flat
    shot = only_shot.flatten(1).std(1)
    assert 70 < (shot == 0).sum() < 130  # the half that has Gaussian noise has none
    assert shot.max() < strongest_shot * 1.05
    assert shot.max() > strongest_shot * 0.8


def test_light_has_more_shot_noise_than_shade() -> None:
    halves = torch.full((1, 1, 64, 64), 0.9)
    halves[..., :32] = 0.1
    noise = torch.cat([noisy(halves, 0.0, 500.0, 0.0) - halves for _ in range(12)])
    ratio = noise[..., 32:].square().mean() / noise[..., :32].square().mean()
    assert abs(ratio - 9) < 1  # variance is proportional to light


def test_grey_noise_is_the_same_in_all_channels() -> None:
    pictures = torch.rand(8, 3, 16, 16) * 0.5 + 0.25
    grey = noisy(pictures, 0.05, 500.0, grey=1.0) - pictures
    assert (grey - grey[:, :1]).abs().max() < 1e-5
    assert grey.abs().amax((1, 2, 3)).min() > 0
    colour = noisy(pictures, 0.05, 500.0, grey=0.0) - pictures
    assert (colour - colour[:, :1]).abs().amax((1, 2, 3)).min() > 1e-3


@pytest.mark.parametrize("channels", [1, 3])
def test_jpeg_spoils_more_where_quality_is_low(channels: int) -> None:
    pictures = torch.rand(6, channels, 24, 24)
    good = (compressed(pictures, 95.0) - pictures).abs().mean()
    bad = (compressed(pictures, 5.0) - pictures).abs().flatten(1).mean(1)
    assert compressed(pictures, 50.0).shape == pictures.shape
    assert bad.mean() > good
    assert bad.max() - bad.min() > 0.01  # each has its own quality


def test_what_happens_happens_to_that_share() -> None:
    pictures = torch.zeros(4000, 1, 1, 1)
    assert abs(happens(pictures, 0.3).float().mean() - 0.3) < 0.03
    assert not happens(pictures, 0.0).any()
    assert happens(pictures, 1.0).all()


def test_grey_shot_noise_is_that_of_all_channels_light() -> None:
    blue = torch.zeros(200, 3, 32, 32)
    blue[:, 2] = 0.9
    deviations = (noisy(blue, most=0.0, fewest=1000.0, grey=1.0) - blue).flatten(2).std(2)
    assert (deviations - deviations[:, :1]).abs().max() < 1e-6
    assert 70 < (deviations[:, 0] > 0).sum() < 130
    strongest = (0.3 / 1000) ** 0.5
    assert 0.8 * strongest < deviations.max() < 1.05 * strongest
