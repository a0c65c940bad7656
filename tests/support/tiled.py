"""A picture through a network in tiles, whole again."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from img2img.apply.engine.forward import Network
from img2img.apply.engine.tiles import assembled, tiled_bands
from img2img.apply.engine.tiling import Tiling


def run_tiled(
    net: Network, image: Tensor, tiling: Tiling, scale: int = 1, multiple_of: int = 1, minimum: int = 1, **more: Any
) -> Tensor:
    """(C, H, W) -> (C', H * scale, W * scale): what `tiled_bands` yields."""
    return assembled(tiled_bands(net, image, tiling, scale, multiple_of, minimum, **more), image.shape[1] * scale)
