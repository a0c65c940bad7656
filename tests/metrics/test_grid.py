"""The weave of an enlargement as a figure: known amplitudes come out, pictures without one have none."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from img2img.metrics.grid import WINDOW, grid_peak


def noise(side: int, std: float, seed: int = 0) -> Tensor:
    """Grey with white noise of this standard deviation, 8-bit levels."""
    return torch.randn(1, side, side, generator=torch.Generator().manual_seed(seed)) * std / 127.5


def weave(side: int, down: float, across: float, amplitude: float) -> Tensor:
    """A wave along both axes, of this amplitude in 8-bit levels."""
    places = torch.arange(side)
    waves = [torch.cos(2 * math.pi * frequency * places + 0.3) for frequency in (down, across)]
    return amplitude / 127.5 * waves[0][:, None] * waves[1]


@pytest.mark.parametrize(("scale", "wanted"), [(2, -2.5), (3, 0.5), (4, 0.5), (8, 0.5)])
def test_noise_has_no_weave(scale: int, wanted: float) -> None:
    assert abs(grid_peak(noise(600, 8), scale) - wanted) < 1.5


@pytest.mark.parametrize(("scale", "down", "across"), [(4, 1, 1), (4, 1, 2), (4, 0, 1), (3, 1, 0), (2, 1, 1)])
def test_a_weave_is_as_high_as_its_power_over_the_noise(scale: int, down: int, across: int) -> None:
    """A wave of amplitude a has |FFT|² = (a Σw / 4)² in each of 4 bins, (a Σw / 2)² on an axis of 2, a constant along
    the other one; noise of std s has s² Σw² in each, whose logarithm is 2.5 dB lower in the mean, 4.3 dB less 2.5."""
    side, std, amplitude = 600, 8.0, 4.0
    found = grid_peak(noise(side, std) + weave(side, down / scale, across / scale, amplitude), scale)
    window = torch.hann_window(WINDOW, periodic=False, dtype=torch.float64)
    halves = sum(place not in (0, scale / 2) for place in (down, across))
    line = (amplitude * (1.0 if not halves else 0.5**halves) * window.sum().item() ** 2) ** 2
    if scale / 2 in (down, across):
        line *= math.cos(0.3) ** (2 * (down, across).count(scale // 2))
    if 0 in (down, across):
        line *= math.cos(0.3) ** 2
    clutter = std**2 * window.square().sum().item() ** 2
    wanted = 10 * math.log10(line / clutter) + 2.5
    assert abs(found - wanted) < 2, (found, wanted)


def test_another_period_is_no_weave_of_this_scale() -> None:
    assert grid_peak(noise(600, 8) + weave(600, 10 / WINDOW, 10 / WINDOW, 4.0), 4) < 2


def test_more_weave_is_more() -> None:
    found = [grid_peak(noise(200, 4) + weave(200, 0.25, 0.25, amplitude), 4) for amplitude in (0.0, 1.0, 2.0, 4.0)]
    assert found == sorted(found) and found[3] - found[2] > 4


def test_a_picture_smaller_than_a_window_has_a_figure_and_scale_1_has_none() -> None:
    assert grid_peak(noise(40, 4) + weave(40, 0.25, 0.25, 8.0), 4) > 10
    assert math.isnan(grid_peak(noise(40, 4), 1))
    assert abs(grid_peak(torch.zeros(3, 50, 70), 4)) < 1e-9
