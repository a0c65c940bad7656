"""From high resolution to low, on the device: the other half of every pair that super-resolution is trained on."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from img2img.config.base import Refusal
from img2img.config.sections.data import Degradation
from img2img.data.derive import Derive

from .matlab_resize import shrink, to_eight_bit
from .photo_damage import PhotoDamage
from .prints import faded

ALIKE = 8
"""Pictures of a batch that share the order and the sizes of photo's steps, and so are one tensor all the way."""


class Degrade(Derive):
    """A batch from `Augment` -> the same with its low resolution. Random through torch's global state alone.

    bicubic: MATLAB's, to the last bit of an 8-bit file. photo: what cameras, prints, programs and files do, by
    `PhotoDamage`; before it, some pictures fade, in both resolutions.
    """

    def __init__(self, options: Degradation, scale: int) -> None:
        super().__init__()
        self.options = options
        self.scale = scale

    @torch.no_grad()
    def forward(self, batch: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Add the side "low" to a batch.

        batch: {"high": (N, C, S, S)} in [-1, 1], C 1 or 3, S a multiple of scale; other sides are handed on.
        Returns: {"high", "low": (N, C, S / scale, S / scale)} float32 in [-1, 1], of the 256 values of an 8-bit file.
        High is as it was, but for the pictures that photo fades.
        Raises: Refusal for another S.
        """
        high = batch["high"]
        if high.shape[2] % self.scale or high.shape[3] % self.scale:
            size = " x ".join(str(side) for side in high.shape[2:])
            raise Refusal(f"a picture of {size} px cannot become {self.scale} times smaller; take a multiple")
        if self.options.degrade == "bicubic":
            return {**batch, "low": shrink(high, self.scale, eight_bit=True)}
        with torch.autocast(high.device.type, enabled=False):  # 8 bits of bfloat16 are fewer than those of a file
            high = self._faded(high)
            low = torch.cat([self._photographed((pictures + 1) / 2) for pictures in high.split(ALIKE)])
        return {**batch, "high": high, "low": to_eight_bit(low * 2 - 1)}

    def phrase(self) -> str:
        """Which degradation."""
        return f"{self.options.degrade} degradation"

    def _faded(self, high: Tensor) -> Tensor:
        if not self.options.photo_fade_share:
            return high
        return faded(high, self.options.photo_fade_share, self.options.photo_fade)

    def _photographed(self, pictures: Tensor) -> Tensor:
        """(n, C, S, S) -> (n, C, S / scale, S / scale), both in [0, 1]."""
        return PhotoDamage(self.options, pictures, pictures.shape[3] // self.scale).damaged(pictures)
