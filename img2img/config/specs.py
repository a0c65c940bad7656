"""What every spec is: a frozen, torch-free description of a network, and what it asks of a picture."""

from __future__ import annotations

from typing import ClassVar, Literal

from .base import Frozen

Norm = Literal["none", "instance", "batch", "batch-stat"]
"""instance: no affine. batch: running statistics at apply time. batch-stat: affine, and always the picture's own
statistics, which is what a BatchNorm does that was trained and is applied at batch size 1 (pix2pix)."""

CriticNorm = Literal["none", "instance", "batch", "batch-stat", "spectral"]
Upsample = Literal["deconv", "resize", "bilinear"]
"""deconv: the papers' stride-2 transposed convolution. resize: nearest neighbour, then a 3x3 convolution, which leaves
no checkerboard (Odena et al. 2016). bilinear: the same after bilinear enlargement, which leaves no stripes either where
many doublings follow each other, as in a U-Net."""


class SizeNeeds(Frozen):
    """Which pictures a network takes, so that the engine can pad, tile and crop without knowing the network."""

    multiple_of: int = 1
    """Height and width must be a multiple of this, px."""
    minimum: int = 1
    """Smallest height and width, px."""
    maximum: int | None = None
    """Largest height and width, px; None: no limit."""
    radius: int | None = None
    """How far an output pixel sees, px; None: the whole picture."""
    exact_tiling: bool = True
    """Whether tiles give what the whole picture gives. False where a norm takes statistics of the whole picture."""


class Spec(Frozen):
    """A network's description. `needs` is what it asks of a picture."""

    initial_std: ClassVar[float] = 0.02
    """Of the first weights where nobody says otherwise: DCGAN's, pix2pix's and CycleGAN's; 0: as built."""

    @property
    def needs(self) -> SizeNeeds:
        """Any size will do, unless a spec says otherwise."""
        return SizeNeeds()

    @property
    def smallest_batch(self) -> int:
        """Pictures that it takes to train the network at all."""
        return 1
