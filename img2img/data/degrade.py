"""From high resolution to low, on the device: the other half of every pair that super-resolution is trained on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import torch
from torch import Tensor
from torch.nn.functional import interpolate

from img2img.config.base import Refusal
from img2img.config.sections.data import Degradation

from .damage import blurred, compressed, happens, noisy
from .derive import Derive
from .matlab_resize import matlab_resize, shrink, to_eight_bit

Step = Callable[[Tensor], Tensor]

ALIKE = 8
"""Pictures of a batch that share the order and the sizes of photo's steps, and so are one tensor all the way."""
LARGEST = 1.2
"""Largest factor of the resize between two passes."""


class Degrade(Derive):
    """A batch from `Augment` -> the same with its low resolution. Random through torch's global state alone.

    bicubic: MATLAB's, to the last bit of an 8-bit file. photo (after arXiv:2103.14006 and arXiv:2107.10833, milder):
    blur, resize, noise and JPEG in random order, for some pictures twice over; the last resize leads to the low
    resolution, and what comes after it happens there. The ranges are those of `Degradation`.
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
        Raises: Refusal for another S.
        """
        high = batch["high"]
        if high.shape[2] % self.scale or high.shape[3] % self.scale:
            size = " x ".join(str(side) for side in high.shape[2:])
            raise Refusal(f"a picture of {size} px cannot become {self.scale} times smaller; take a multiple")
        if self.options.degrade == "bicubic":
            return {**batch, "low": shrink(high, self.scale, eight_bit=True)}
        with torch.autocast(high.device.type, enabled=False):  # 8 bits of bfloat16 are fewer than those of a file
            low = torch.cat([self._photographed((pictures + 1) / 2) for pictures in high.split(ALIKE)])
        return {**batch, "low": to_eight_bit(low * 2 - 1)}

    def phrase(self) -> str:
        """Which degradation."""
        return f"{self.options.degrade} degradation"

    def _photographed(self, pictures: Tensor) -> Tensor:
        """(n, C, S, S) -> (n, C, S / scale, S / scale), both in [0, 1]."""
        side = pictures.shape[3]
        low = side // self.scale
        if draw(0, 1) < self.options.photo_twice:
            pictures = self._pass(pictures, round(side * draw(self.options.photo_resize, LARGEST)), low)
        return self._pass(pictures, low, low)

    def _pass(self, pictures: Tensor, side: int, low: int) -> Tensor:
        """Blur, noise, JPEG and a resize to `side` px, in random order; low: side of the low resolution, px."""
        steps: Sequence[Step] = [
            partial(self._sometimes, partial(self._blurred, low=low)),
            partial(self._sometimes, self._noisy),
            partial(self._sometimes, self._compressed),
            partial(resized, side=side),
        ]
        for index in torch.randperm(len(steps)).tolist():
            pictures = steps[index](pictures).clamp(0, 1)
        return pictures

    def _sometimes(self, step: Step, pictures: Tensor) -> Tensor:
        return torch.where(happens(pictures, self.options.photo_share), step(pictures), pictures)

    def _blurred(self, pictures: Tensor, low: int) -> Tensor:
        """A blur means the same wherever it stands: its width is told in px of the low resolution."""
        if not self.options.photo_blur:
            return pictures
        return blurred(pictures, self.options.photo_blur * pictures.shape[3] / low)

    def _noisy(self, pictures: Tensor) -> Tensor:
        options = self.options
        return noisy(pictures, options.photo_noise / 255, options.photo_photons, options.photo_grey)

    def _compressed(self, pictures: Tensor) -> Tensor:
        return compressed(pictures, self.options.photo_jpeg)


def resized(pictures: Tensor, side: int) -> Tensor:
    """Pictures (N, C, S, S) at (N, C, side, side): by areas, bilinear or bicubic, one of them for all."""
    way = int(torch.randint(3, ()))
    if way == 0 and side < pictures.shape[3]:
        return interpolate(pictures, (side, side), mode="area")
    if way == 1:
        return interpolate(pictures, (side, side), mode="bilinear", antialias=True)
    return matlab_resize(pictures, side, side)


def draw(low: float, high: float) -> float:
    """A number from low to high, for several pictures together; drawn on the CPU, so that no device is waited for."""
    return low + (high - low) * float(torch.rand(()))
