"""How a command that applies a model computes: device, precision, tiles."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import BeforeValidator

from img2img.config.device import OnDevice
from img2img.config.sections.run import PrecisionName


def _tile(value: object) -> object:
    if value in ("auto", "off"):
        return value
    if re.fullmatch(r"0*[1-9]\d{0,17}", str(value)):
        return int(str(value))
    raise ValueError("allowed: auto, off, or a number of px")


Tile = Annotated[Literal["auto", "off"] | int, BeforeValidator(_tile)]
"""off is the whole photo at once, a number the side of the tiles, px of the input."""


class Computing(OnDevice):
    """computing"""

    precision: PrecisionName = "auto"
    """Number format of the network; what is not finite is done again in fp32; auto: 16 bits where that was faster on
    such a device and the result has 8 bits, else fp32; translate on a CPU: fp32."""
    tile: Tile = "auto"
    """Side of the tiles, px of the source; auto: as memory allows; off: whole photos."""
