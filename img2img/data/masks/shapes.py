"""Holes with straight edges and irregular ones, as fields (see `Canvas`).

Fields are in px, so that another level is a margin; the blobs' are in standard deviations of their noise.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import interpolate

from .canvas import Canvas

OCTAVES = (3, 6, 12, 24)
"""Cells along the side of the noise that blobs are made of, from coarse to fine."""


def centre(canvas: Canvas, share: Tensor) -> Tensor:
    """A rectangle in the middle, in the picture's own proportions, of `share` (N, 1, 1) of its area."""
    down, across = (side * (1 - share.sqrt()) / 2 for side in (canvas.height, canvas.width))
    return box(canvas, down, across, canvas.height - down, canvas.width - across)


def boxes(canvas: Canvas, most: int, smallest: float, largest: float) -> Tensor:
    """One to `most` boxes anywhere in the picture; each side is `smallest` to `largest` of the picture's."""
    count = canvas.up_to(most)
    drawn = torch.stack([torch.rand(canvas.count, 1, 1, device=canvas.device) for _ in range(4 * most)])
    sides = smallest + (largest - smallest) * drawn.unflatten(0, (most, 4))
    down, across = canvas.height * sides[:, 0], canvas.width * sides[:, 1]
    top, left = (canvas.height - down) * drawn[2::4], (canvas.width - across) * drawn[3::4]
    fields = box(canvas, top, left, top + down, left + across)
    numbers = torch.arange(most, device=canvas.device)[:, None, None, None]
    return torch.where(numbers < count, fields, torch.inf).amin(0)


def borders(canvas: Canvas, share: Tensor) -> Tensor:
    """All but a rectangle, as for outpainting: strips of `share` (N, 1, 1) of the area along one to four sides."""
    kept = 1 - share
    # How the loss is shared between height and width: for a third each only one of them, else both.
    way = canvas.uniform(0, 1)
    power = torch.where(way < 1 / 3, 0.0, torch.where(way < 2 / 3, 1.0, canvas.uniform(0, 1)))
    edges = []
    for side, part in ((canvas.height, kept**power), (canvas.width, kept ** (1 - power))):
        lost = side * (1 - part)
        # And between its two ends: for half of the pictures one of them, else both.
        before = torch.where(canvas.happens(0.5), canvas.happens(0.5).float(), canvas.uniform(0, 1)) * lost
        # An end that loses nothing lies far away: no margin makes a hole of it.
        edges += [torch.where(before > 0, before, -side), torch.where(before < lost, side - lost + before, 2.0 * side)]
    top, bottom, left, right = edges
    return -box(canvas, top, left, bottom, right)


def blobs(canvas: Canvas, share: Tensor) -> Tensor:
    """Where smooth noise is lowest: islands with ragged coasts, of about `share` (N, 1, 1) of the area.

    Noise is the sum of four octaves, whose amplitudes fall by a factor of the picture's own from 0.3 to 0.8.
    """
    rough, size = canvas.uniform(0.3, 0.8)[:, None], (canvas.height, canvas.width)
    noise = torch.zeros(canvas.count, 1, 1, 1, device=canvas.device)
    for octave, cells in enumerate(OCTAVES):
        drawn = torch.randn(canvas.count, 1, cells, cells, device=canvas.device)
        noise = interpolate(noise, (cells, cells), mode="bicubic") + rough**octave * drawn
    # Bicubic to a middle size, then bilinear: at 256 px a quarter of the time of bicubic all the way.
    noise = interpolate(noise, (4 * OCTAVES[-1],) * 2, mode="bicubic")
    noise = interpolate(noise, size, mode="bilinear")[:, 0]
    spread, middle = torch.std_mean(noise, (1, 2), keepdim=True)
    return (noise - middle) / spread - 2**0.5 * torch.erfinv(2 * share - 1)  # ndtri, which MPS has not


def box(canvas: Canvas, top: Tensor, left: Tensor, bottom: Tensor, right: Tensor) -> Tensor:
    """How far a pixel's middle lies outside of a box, the farther of its two ways; negative inside.

    Edges (..., 1, 1), px. Returns (..., H, W), the exact distance but at the corners.
    """
    rows, columns = canvas.rows(), canvas.columns()
    down = torch.maximum(top - rows, rows - bottom)
    return torch.maximum(down, torch.maximum(left - columns, columns - right))
