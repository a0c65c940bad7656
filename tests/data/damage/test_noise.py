from __future__ import annotations

import pytest
import torch
from torch import Tensor

from img2img.data.damage.noise import blotchy, correlated, grainy, noisy


@pytest.fixture(autouse=True)
def _seed() -> None:
    torch.manual_seed(0)


def all_of(pictures: Tensor, amount: float = 1.0) -> Tensor:
    return torch.full((len(pictures), 1, 1, 1), amount)


def test_noise_is_as_strong_as_said() -> None:
    flat = torch.full((200, 3, 32, 32), 0.25)
    deviations = (noisy(flat, all_of(flat, 0.5), most=0.08, fewest=100.0, grey=0.0) - flat).flatten(1).std(1)
    gauss, shot = 0.04, 0.5 * (0.25 / 100) ** 0.5
    near = [(deviations / expected - 1).abs() < 0.08 for expected in (gauss, shot)]
    assert (near[0] | near[1]).all()
    assert 70 < near[0].sum() < 130  # half of them
    assert (noisy(flat, all_of(flat, 0.0), 0.08, 100.0, 0.5) - flat).abs().max() < 1e-7


def test_light_has_more_shot_noise_than_shade() -> None:
    halves = torch.full((24, 1, 64, 64), 0.9)
    halves[..., :32] = 0.1
    noise = noisy(halves, all_of(halves), 0.0, 500.0, 0.0) - halves
    ratio = noise[..., 32:].square().mean() / noise[..., :32].square().mean()
    assert abs(ratio - 9) < 1  # variance is proportional to light


def test_grey_noise_is_the_same_in_all_channels() -> None:
    pictures = torch.rand(8, 3, 16, 16) * 0.5 + 0.25
    grey = noisy(pictures, all_of(pictures), 0.05, 500.0, grey=1.0) - pictures
    assert (grey - grey[:, :1]).abs().max() < 1e-5
    assert grey.abs().amax((1, 2, 3)).min() > 0
    colour = noisy(pictures, all_of(pictures), 0.05, 500.0, grey=0.0) - pictures
    assert (colour - colour[:, :1]).abs().amax((1, 2, 3)).min() > 1e-3


def test_grey_shot_noise_follows_the_light_of_all_channels() -> None:
    red = torch.tensor([0.9, 0.0, 0.0]).view(1, 3, 1, 1).expand(60, -1, 64, 64)
    found = (noisy(red, all_of(red), most=0.0, fewest=100.0, grey=1.0) - red)[:, 0].flatten(1).std(1)
    shot = found[found > 0]
    assert abs(shot.mean() - (0.3 / 100) ** 0.5) < 0.002


@pytest.mark.parametrize("width", [2.0, 3.0, 6.0])
@pytest.mark.parametrize("side", [24, 8])
def test_grains_have_variance_one_and_their_width(width: float, side: int) -> None:
    pictures = torch.zeros(400, 3, side, side)
    noise = correlated(pictures, 2, all_of(pictures, width), largest=6.0)
    assert noise.shape == (400, 2, side, side)
    assert abs(noise.square().mean() - 1) < 0.08
    alike = (noise[..., 1:] * noise[..., :-1]).mean() / noise.square().mean()
    deviation = width / 2.355
    closed = float(torch.exp(torch.tensor(-1 / (4 * deviation**2))))  # a Gaussian kernel's own correlation at 1 px
    assert abs(alike - closed) < 0.06
    assert (noise[:, 0] * noise[:, 1]).mean().abs() < 0.05


def test_grain_is_grey_and_follows_the_amount() -> None:
    flat = torch.full((40, 3, 32, 32), 0.5)
    noise = grainy(flat, all_of(flat, 0.5), most=0.1, largest=3.0) - flat
    assert (noise - noise[:, :1]).abs().max() < 1e-6
    assert abs(noise.std() - 0.05) < 0.003


def test_blotches_keep_the_luma() -> None:
    flat = torch.full((40, 3, 32, 32), 0.5)
    noise = blotchy(flat, all_of(flat), most=0.05, largest=6.0) - flat
    luma = (noise * torch.tensor([0.299, 0.587, 0.114]).view(3, 1, 1)).sum(1)
    assert luma.abs().max() < 1e-6
    assert abs((noise[:, 0] / 1.402).std() - 0.05) < 0.005 and abs((noise[:, 2] / 1.772).std() - 0.05) < 0.005
    grey = torch.rand(2, 1, 8, 8)
    assert torch.equal(blotchy(grey, all_of(grey), 0.05, 6.0), grey)
