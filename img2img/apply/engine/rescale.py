"""Enlarging by less than a network does, and the transparency that a network does not see."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn.functional import interpolate

_MARGIN = 3  # px: bicubic interpolation reaches 2


class Reduced(nn.Module):
    """A network whose result is scaled down again, antialiased (Pillow's bicubic), say from x4 to x3.

    (N, C, h, w) -> (N, C', h * wanted, w * wanted). Tiles stay exact: a px of the network's input is a whole number of
    px of both results, and the scaling sees less than one px of it further.
    """

    def __init__(self, network: nn.Module, wanted: int) -> None:
        super().__init__()
        self.network = network
        self.wanted = wanted

    def forward(self, low: Tensor) -> Tensor:
        height, width = low.shape[-2] * self.wanted, low.shape[-1] * self.wanted
        # .contiguous(): torch's antialiased code takes three times as long on channels_last
        high = self.network(low).float().contiguous()
        return interpolate(high, (height, width), mode="bicubic", antialias=True)


def enlarged_rows(alpha: Tensor, top: int, bottom: int, scale: int) -> Tensor:
    """Rows [top, bottom) of a transparency enlarged `scale` times, bicubic, clamped to [0, 1].

    alpha: float32 (1, h, w) in [0, 1]; the rows are px of the result. Returns (1, bottom - top, w * scale), the same
    whether asked for at once or in pieces.
    """
    if scale == 1:
        return alpha[:, top:bottom]
    first = max(0, top // scale - _MARGIN)
    last = min(alpha.shape[1], -(-bottom // scale) + _MARGIN)
    part = interpolate(alpha[None, :, first:last], scale_factor=float(scale), mode="bicubic", align_corners=False)[0]
    return part[:, top - first * scale : bottom - first * scale].clamp(0, 1)
