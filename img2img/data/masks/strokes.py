"""Free-form strokes, the holes of DeepFill v2 (arXiv:1806.03589, algorithm 1), as distances from their middle lines.

The numbers are those of its released settings, at 256 px: 4 to 12 vertices, turns of 2 pi / 5 and up to 2 pi / 15 more
or less, steps of an eighth of the diagonal on average.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn.functional import interpolate

from .canvas import Canvas

VERTICES = (4, 12)
"""Fewest and most vertices of a stroke."""
TURN, TURN_RANGE = 2 * math.pi / 5, 2 * math.pi / 15
PLACES = 64
"""Distances are computed at so many places along the longer side, 4 px apart at 256 px, and interpolated between. The
edge of a stroke 12 px wide is off by 0.14 px then, by 2 px at most, where lines meet; the work is 16 times less."""


def strokes(canvas: Canvas, most: int, thinnest: float, thickest: float) -> Tensor:
    """One to `most` strokes; widths are shares of the picture's side. A field in px (see `Canvas`), (N, H, W)."""
    count = canvas.up_to(most)
    coarse = _coarse(canvas)
    field = torch.full((canvas.count, *coarse), torch.inf, device=canvas.device)
    for number in range(most):
        width = canvas.side * canvas.uniform(thinnest, thickest)
        edge = _line(canvas, coarse) - width / 2
        field = torch.where(number < count, torch.minimum(field, edge), field)
    size = (canvas.height, canvas.width)
    return field if coarse == size else interpolate(field[:, None], size, mode="bilinear", align_corners=True)[:, 0]


def _line(canvas: Canvas, coarse: tuple[int, int]) -> Tensor:
    """Distance from one zigzag, px, at the coarse places: (N, *coarse)."""
    length = math.hypot(canvas.height, canvas.width) / 8
    steps = torch.randint(VERTICES[0], VERTICES[1], (canvas.count, 1, 1), device=canvas.device)
    low, high = TURN - canvas.uniform(0, TURN_RANGE), TURN + canvas.uniform(0, TURN_RANGE)
    mirrors = [torch.where(canvas.happens(0.5), -1.0, 1.0) for _ in range(2)]
    y, x = canvas.uniform(0, canvas.height), canvas.uniform(0, canvas.width)
    rows, columns = canvas.rows(coarse[0]), canvas.columns(coarse[1])
    nearest = torch.full((canvas.count, *coarse), torch.inf, device=canvas.device)
    for step in range(VERTICES[1]):
        angle = canvas.uniform(low, high) * (-1) ** step
        reach = (length + length / 2 * torch.randn_like(y)).clamp(0, 2 * length)
        to_y = (y + mirrors[0] * reach * angle.sin()).clamp(0, canvas.height)
        to_x = (x + mirrors[1] * reach * angle.cos()).clamp(0, canvas.width)
        squared = _squared_distance(rows - y, columns - x, to_y - y, to_x - x)
        nearest = torch.where(step < steps, torch.minimum(nearest, squared), nearest)
        y, x = to_y, to_x
    return nearest.sqrt()


def _squared_distance(rows: Tensor, columns: Tensor, down: Tensor, across: Tensor) -> Tensor:
    """From the segment that leads from 0 to (down, across), px^2: rows (N, h, 1), columns (N, 1, w) -> (N, h, w)."""
    length = (down * down + across * across).clamp(min=1e-6)
    along = ((rows * (down / length)) + columns * (across / length)).clamp(0, 1)
    return (rows - along * down).square() + (columns - along * across).square()


def _coarse(canvas: Canvas) -> tuple[int, int]:
    """How many places there are along each side."""
    longer = max(canvas.height, canvas.width)
    down, across = (max(2, round(side * min(1.0, PLACES / longer))) for side in (canvas.height, canvas.width))
    return min(down, canvas.height), min(across, canvas.width)
