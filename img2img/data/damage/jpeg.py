"""What JPEG leaves of a picture, as libjpeg does it: the tables of ITU-T T.81, Annex K, and whole coefficients.

kornia's codec is made to be differentiated: it rounds a coefficient x to round(x) + (x - round(x))**3, so that a trace
of every coefficient is left in its result that no file holds. This one rounds.
"""

from __future__ import annotations

import math
from functools import lru_cache

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, interpolate, pad

BEST = 95.0
"""Quality at the least damage."""
BLOCK = 8
LUMA = (
    *(16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55),
    *(14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51, 87, 80, 62),
    *(18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92),
    *(49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99),
)
"""Table K.1."""
CHROMA = (
    *(17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99),
    *(24, 26, 56, 99, 99, 99, 99, 99, 47, 66, 99, 99, 99, 99, 99, 99),
    *(99,) * 32,
)
"""Table K.2."""
TO_LUMA = ((0.299, 0.587, 0.114), (-0.168736, -0.331264, 0.5), (0.5, -0.418688, -0.081312))
TO_RGB = ((1.0, 0.0, 1.402), (1.0, -0.344136, -0.714136), (1.0, 1.772, 0.0))
"""Y, Cb, Cr of ITU-R BT.601, as JFIF has them."""


def compressed(pictures: Tensor, quality: Tensor, halved: bool) -> Tensor:
    """JPEG artefacts; at quality 40 they differ from libjpeg's by less than 1 of 255 on average.

    pictures: (N, C, H, W) in [0, 1], C 1 or 3. quality: (N, 1, 1, 1) from 1 to 100.
    halved: colour at half the resolution, 4:2:0.
    Returns: the same shape, in [0, 1].
    """
    height, width = pictures.shape[2:]
    unit = BLOCK * 2 if halved else BLOCK
    levels = pad((pictures * 255).round(), (0, -width % unit, 0, -height % unit), mode="replicate") - 128
    if levels.shape[1] == 1:
        decoded = _coded(levels, quality, LUMA)
    else:
        luma, chroma = _mixed(levels + 128, TO_LUMA).split([1, 2], 1)
        small = avg_pool2d(chroma, 2) if halved else chroma
        small = _coded(small.round(), quality, CHROMA).round()
        chroma = interpolate(small, scale_factor=2.0, mode="bilinear") if halved else small
        decoded = _mixed(torch.cat([_coded(luma - 128, quality, LUMA) + 128, chroma], 1), TO_RGB) - 128
    return ((decoded[..., :height, :width] + 128).round() / 255).clamp(0, 1)


def _coded(planes: Tensor, quality: Tensor, table: tuple[int, ...]) -> Tensor:
    """Planes (N, C, H, W) around 0, each 8 x 8 block through its cosine transform with whole coefficients."""
    basis, steps = _cosines(planes), _steps(quality, table)
    blocks = planes.unflatten(2, (-1, BLOCK)).unflatten(4, (-1, BLOCK)).transpose(3, 4)
    whole = (basis @ blocks @ basis.T / steps).round() * steps
    return (basis.T @ whole @ basis).transpose(3, 4).flatten(4, 5).flatten(2, 3)


def _steps(quality: Tensor, table: tuple[int, ...]) -> Tensor:
    """(N, 1, 1, 1, 8, 8): the steps of the coefficients, as libjpeg makes them of a quality."""
    percent = torch.where(quality < 50, 5000 / quality, 200 - 2 * quality).floor()
    return ((_square(table, quality.device) * percent[..., None, None] + 50) / 100).floor().clamp(1, 255)


def _cosines(like: Tensor) -> Tensor:
    """(8, 8): the orthonormal cosine transform, ITU-T T.81, A.3.3."""
    places = torch.arange(BLOCK, device=like.device, dtype=like.dtype)
    rows = torch.cos((2 * places + 1) * places[:, None] * math.pi / (2 * BLOCK)) / 2
    return torch.where(places[:, None] == 0, math.sqrt(1 / BLOCK), rows)


def _mixed(pictures: Tensor, matrix: tuple[tuple[float, ...], ...]) -> Tensor:
    """Channels (N, 3, H, W) through a 3 x 3 matrix."""
    red, green, blue = pictures.split(1, 1)
    return torch.cat([a * red + b * green + c * blue for a, b, c in matrix], 1)


@lru_cache
def _square(table: tuple[int, ...], device: torch.device) -> Tensor:
    """(8, 8); kept, as a copy from the CPU waits for what the device has yet to do."""
    return torch.tensor(table, dtype=torch.float32, device=device).view(BLOCK, BLOCK)
