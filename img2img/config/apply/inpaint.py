"""Everything `img2img inpaint` can be told."""

from __future__ import annotations

from typing import Literal

from img2img.config.base import Config, Name, Section

from .computing import Computing, Tile
from .mask import HoleMask
from .photos import Photos

ClassicalMethod = Literal["telea", "navier-stokes"]
"""What fills holes without a network."""
Filler = Literal["auto", "network", "exemplar", "telea", "navier-stokes"]
"""What fills holes; exemplar: copies of the photo's known part; auto: for each hole exemplar or network."""


class InpaintModel(Section):
    """model"""

    model: Name | None = None
    """A name of `img2img weights list`, a weights file, or the folder of a run [default: photo-inpaint]."""
    method: Filler = "auto"
    """What fills holes; exemplar: copies of other parts of the photo, chosen with the network's help; auto: exemplar or
    network, decided for each hole; telea and navier-stokes: OpenCV's, without weights."""


class FillingComputing(Computing):
    """computing"""

    tile: Tile = "auto"
    """Side of the squares that the network sees, px; auto: the size it was trained on, but up to
    128 where it guides copies; off: whole photos."""


class InpaintConfig(Config):
    """Options of `img2img inpaint`."""

    photos: Photos
    mask: HoleMask = HoleMask()
    model: InpaintModel = InpaintModel()
    computing: FillingComputing = FillingComputing()
