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
    drawn = [_draw(canvas) for _ in range(most)]
    uniform, normal = (torch.stack([numbers for line in drawn for numbers in line[part]]) for part in (0, 1))
    uniform, normal = uniform.unflatten(0, (most, -1)), normal.unflatten(0, (most, -1))
    vertices = torch.stack([line[2] for line in drawn])
    width = canvas.side * (thinnest + (thickest - thinnest) * uniform[:, 0])
    edges = _lines(canvas, uniform[:, 1:], normal, vertices) - width / 2
    numbers = torch.arange(most, device=canvas.device)[:, None, None, None]
    field = torch.where(numbers < count, edges, torch.inf).amin(0)
    size = (canvas.height, canvas.width)
    small = field.shape[1:] != size
    return interpolate(field[:, None], size, mode="bilinear", align_corners=True)[:, 0] if small else field


def _draw(canvas: Canvas) -> tuple[list[Tensor], list[Tensor], Tensor]:
    """What one stroke of each picture is made of, (N, 1, 1) each: uniform in [0, 1) its width, the least and the
    largest turn, two mirrors, y and x, and a turn for each vertex; from N(0, 1) the steps; whole, how many vertices."""
    shape = (canvas.count, 1, 1)

    def one() -> Tensor:
        return torch.rand(shape, device=canvas.device)

    width = one()
    vertices = torch.randint(VERTICES[0], VERTICES[1], shape, device=canvas.device)
    uniform, normal = [width, *(one() for _ in range(6))], []
    for _ in range(VERTICES[1]):
        uniform.append(one())
        normal.append(torch.randn(shape, device=canvas.device))
    return uniform, normal, vertices


def _lines(canvas: Canvas, uniform: Tensor, normal: Tensor, vertices: Tensor) -> Tensor:
    """Distances from zigzags, px, at the coarse places: (strokes, N, h, w). All strokes, vertices and pictures at once,
    as a GPU needs as long for one of them: what is drawn is as in `_draw`, (strokes, numbers, N, 1, 1)."""
    least, largest, mirror_y, mirror_x, y, x = uniform[:, :6].unbind(1)
    low, high = TURN - TURN_RANGE * least, TURN + TURN_RANGE * largest
    numbers = torch.arange(VERTICES[1], device=canvas.device)[:, None, None, None]
    angle = (low[:, None] + (high - low)[:, None] * uniform[:, 6:]) * (1 - 2 * (numbers % 2))
    length = math.hypot(canvas.height, canvas.width) / 8
    reach = (length + length / 2 * normal).clamp(0, 2 * length)
    mirror_y, mirror_x = (torch.where(mirror < 0.5, -1.0, 1.0)[:, None] for mirror in (mirror_y, mirror_x))
    moves = torch.stack([mirror_y * reach * angle.sin(), mirror_x * reach * angle.cos()])
    place = torch.stack([canvas.height * y, canvas.width * x])
    ends = torch.stack([torch.full_like(y, canvas.height), torch.full_like(x, canvas.width)])
    corners = [place]
    for step in range(VERTICES[1]):
        place = torch.minimum((place + moves[:, :, step]).clamp(min=0), ends)
        corners.append(place)
    (y, x), (down, across) = torch.stack(corners[:-1], 2), torch.stack(corners, 2).diff(dim=2)
    coarse = _coarse(canvas)
    rows, columns = canvas.rows(coarse[0]), canvas.columns(coarse[1])
    squared = _squared_distance(rows - y, columns - x, down, across)
    return torch.where(numbers < vertices[:, None], squared, torch.inf).amin(1).sqrt()


def _squared_distance(rows: Tensor, columns: Tensor, down: Tensor, across: Tensor) -> Tensor:
    """From the segment that leads from 0 to (down, across), px^2: (..., h, 1), (..., 1, w) -> (..., h, w)."""
    length = (down * down + across * across).clamp(min=1e-6)
    along = ((rows * (down / length)) + columns * (across / length)).clamp(0, 1)
    return (rows - along * down).square() + (columns - along * across).square()


def _coarse(canvas: Canvas) -> tuple[int, int]:
    """How many places there are along each side."""
    longer = max(canvas.height, canvas.width)
    down, across = (max(2, round(side * min(1.0, PLACES / longer))) for side in (canvas.height, canvas.width))
    return min(down, canvas.height), min(across, canvas.width)
