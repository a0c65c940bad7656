"""How much of a picture is a weave: a pattern with the period of the network's own enlargement."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import torch
from torch import Tensor

from .eight_bit import levels, without_border

WINDOW = 96
"""Side of the windows whose spectra are averaged, px: a multiple of 2, 3, 4, 6 and 8, so that k / scale is a bin."""
NEAR, FAR = 2, 6
"""What a peak is compared with lies from NEAR to FAR bins away: Hann's window spreads a line over one bin more."""
FLOOR = 1e-3
"""Power that is added to every bin, so that black has a logarithm: 60 dB less than the rounding to 8 bits has."""


def grid_peak(picture: Tensor, scale: int, border: int = 0) -> float:
    """The highest peak of the spectrum at multiples of 1 / scale cycles per px, dB over its neighbourhood.

    Of the luma of 8 bits, without `border` px at each side, in half overlapping windows of 96 px, less their mean,
    under Hann's window: L(u, v) = the mean over windows of 10 log10 |FFT|². For each frequency (k, l) / scale but
    (0, 0), a peak is L there less the median of L nearby: at the bins 2 to 6 away, on an axis of those along the axis
    alone, since pictures have more power there than beside it. L at (k, l) and (-k, l) are averaged.

    White noise gives about 0.5 over many windows, as the highest of a few peaks is told; ten photos of 512 px gave 0 to
    2 for scale 4, and -5 to 1 for scale 2, all of whose frequencies have no phase, so that the mean logarithm of noise
    is 3 dB lower there.
    A picture smaller than a window is one, with zeros around it, and tells less.

    picture: (C, H, W) in [-1, 1], C 1 or 3. Returns: dB; NaN for scale 1, which has no such frequencies.
    """
    if scale == 1:
        return float("nan")
    luma = without_border(levels(picture, "y")[0, 0], border)
    spectrum = torch.stack([decibels(window, FLOOR) for window in _windows(luma)]).mean(0)
    return float(peaks(spectrum, scale).max())


def _windows(luma: Tensor) -> Iterator[Tensor]:
    """Half overlapping windows (h, w), h and w at most WINDOW px, over all of (H, W) but what is left at its end."""
    height, width = (min(WINDOW, length) for length in luma.shape)
    for top in range(0, luma.shape[0] - height + 1, max(height // 2, 1)):
        for left in range(0, luma.shape[1] - width + 1, max(width // 2, 1)):
            yield luma[top : top + height, left : left + width]


def decibels(windows: Tensor, floor: float) -> Tensor:
    """Power of windows, 10 log10(floor + |FFT|²): (..., h, w), each at most WINDOW px -> (..., WINDOW, WINDOW), dB."""
    down, across = (
        torch.hann_window(length, periodic=False, dtype=windows.dtype, device=windows.device)
        for length in windows.shape[-2:]
    )
    tapered = (windows - windows.mean((-2, -1), keepdim=True)) * down[:, None] * across
    found = torch.view_as_real(torch.fft.fft2(tapered, s=(WINDOW, WINDOW)))
    return 10 * (found.square().sum(-1) + floor).log10()


def peaks(spectrum: Tensor, scale: int) -> Tensor:
    """How far each multiple of 1 / scale cycles per px but (0, 0) stands out of its neighbourhood, as above.

    spectrum: (WINDOW, WINDOW), dB, a mean over windows. Returns: (frequencies), dB.
    """
    spectrum = (spectrum + spectrum.flip(0).roll(1, 0)) / 2
    # Where the scale does not divide the window, the nearest bin.
    bins = [round(k * WINDOW / scale) for k in range(scale // 2 + 1)]
    return torch.stack([_over_neighbours(spectrum, down, across) for down in bins for across in bins if down or across])


def _over_neighbours(spectrum: Tensor, down: int, across: int) -> Tensor:
    """How much higher the spectrum is at this bin than the median of its neighbourhood, dB, a scalar."""
    nearby = spectrum.flatten().index_select(0, _nearby(down, across, spectrum.device)).sort().values
    # Two middle values where their number is even, of which torch's median takes the lower one.
    return spectrum[down, across] - nearby[(len(nearby) - 1) // 2 : len(nearby) // 2 + 1].mean()


@lru_cache(maxsize=256)
@torch.inference_mode(False)  # what is kept serves measuring and training
def _nearby(down: int, across: int, device: torch.device) -> Tensor:
    """Where the neighbourhood of a bin lies in a flattened spectrum; kept, since a copy to a GPU waits for it."""
    steps = torch.arange(-FAR, FAR + 1)
    far = torch.maximum(steps[:, None].abs(), steps.abs()) >= NEAR
    if down == 0:
        far &= (steps == 0)[:, None]
    if across == 0:
        far &= steps == 0
    rows, columns = torch.nonzero(far, as_tuple=True)
    return ((down + steps[rows]) % WINDOW * WINDOW + (across + steps[columns]) % WINDOW).to(device)
