"""A picture as it comes from life: through a camera, perhaps a print and a program, into a file."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn.functional import interpolate

from img2img.config.sections.data import Degradation

from .draws import amounts, draw, happens, strengths
from .filters import blurred, ringing, sharpened
from .jpeg import BEST, compressed
from .matlab_resize import matlab_resize
from .noise import blotchy, grainy, noisy
from .prints import dusty, hairy

Damage = Callable[[Tensor, Tensor], Tensor]
"""Pictures (n, C, H, W), amounts (n, 1, 1, 1) in [0, 1] -> pictures."""

LARGEST = 1.2
"""Largest side between two passes, as a multiple of the high resolution's."""


class PhotoDamage:
    """Pictures that share the order and the sizes of all steps, on their way from `high` to `low` px a side.

    Each has a strength of its own. First, for some, blur, noise, JPEG and a resize in random order; then blur, noise
    and the resize to the low resolution in random order; there grain, dust, blotches of colour, sharpening, and last
    JPEG and ringing (after arXiv:2107.10833 and arXiv:2103.14006, with most pictures milder).
    """

    def __init__(self, options: Degradation, pictures: Tensor, low: int) -> None:
        self.options = options
        self.low = low
        self.high = pictures.shape[3]
        self.strength = strengths(pictures, options.photo_middle, options.photo_harsh)

    def damaged(self, pictures: Tensor) -> Tensor:
        """(n, C, high, high) -> (n, C, low, low), both in [0, 1]."""
        if draw(0, 1) < self.options.photo_twice:
            side = between(self.high, self.options.photo_resize * self.low)
            pictures = self._in_any_order(pictures, [self._blur, self._noise, self._jpeg, self._resize(side)])
        pictures = self._in_any_order(pictures, [self._blur, self._noise, self._resize(self.low)])
        for damage in (self._grain, self._dust, self._blotches, self._sharpen):
            pictures = damage(pictures).clamp(0, 1)
        return self._in_any_order(pictures, [self._ringing, self._jpeg])

    def _in_any_order(self, pictures: Tensor, steps: list[Callable[[Tensor], Tensor]]) -> Tensor:
        for index in torch.randperm(len(steps)).tolist():
            pictures = steps[index](pictures).clamp(0, 1)
        return pictures

    def _sometimes(self, pictures: Tensor, share: float, damage: Damage) -> Tensor:
        if not share:
            return pictures
        return torch.where(happens(pictures, share), damage(pictures, amounts(self.strength)), pictures)

    def _resize(self, side: int) -> Callable[[Tensor], Tensor]:
        return lambda pictures: resized(pictures, side)

    def _blur(self, pictures: Tensor) -> Tensor:
        """A blur means the same wherever it stands: its width is told in px of the low resolution."""
        most = self.options.photo_blur * pictures.shape[3] / self.low
        return self._sometimes(pictures, self.options.photo_share, lambda x, amount: blurred(x, amount, most))

    def _noise(self, pictures: Tensor) -> Tensor:
        options = self.options

        def damage(pictures: Tensor, amount: Tensor) -> Tensor:
            return noisy(pictures, amount, options.photo_noise / 255, options.photo_photons, options.photo_grey)

        return self._sometimes(pictures, options.photo_share, damage)

    def _jpeg(self, pictures: Tensor) -> Tensor:
        halved = draw(0, 1) < self.options.photo_chroma
        worst = self.options.photo_jpeg
        return self._sometimes(
            pictures, self.options.photo_share, lambda x, amount: compressed(x, BEST - (BEST - worst) * amount, halved)
        )

    def _grain(self, pictures: Tensor) -> Tensor:
        most, size = self.options.photo_grain / 255, self.options.photo_grain_size
        return self._sometimes(
            pictures, self.options.photo_grain_share, lambda x, amount: grainy(x, amount, most, size)
        )

    def _dust(self, pictures: Tensor) -> Tensor:
        return self._sometimes(
            pictures, self.options.photo_dust_share, lambda x, amount: hairy(dusty(x, amount), amount)
        )

    def _blotches(self, pictures: Tensor) -> Tensor:
        most, size = self.options.photo_blotches / 255, self.options.photo_blotches_size
        share = self.options.photo_blotches_share
        return self._sometimes(pictures, share, lambda x, amount: blotchy(x, amount, most, size))

    def _sharpen(self, pictures: Tensor) -> Tensor:
        most, widest = self.options.photo_sharpen, self.options.photo_sharpen_radius
        share = self.options.photo_sharpen_share
        return self._sometimes(pictures, share, lambda x, amount: sharpened(x, amount, most, widest))

    def _ringing(self, pictures: Tensor) -> Tensor:
        lowest = self.options.photo_ringing
        return self._sometimes(pictures, self.options.photo_ringing_share, lambda x, amount: ringing(x, amount, lowest))


def between(high: int, smallest: float) -> int:
    """A side, px, from `smallest` to 1.2 high, mostly near to high."""
    drawn = draw(-1, 1)
    reach = (LARGEST - 1) * high if drawn > 0 else smallest - high
    return max(1, round(high + reach * drawn * drawn))


def resized(pictures: Tensor, side: int) -> Tensor:
    """Pictures (N, C, S, S) at (N, C, side, side): by areas, bilinear or bicubic, one of them for all."""
    way = int(torch.randint(3, ()))
    if side == pictures.shape[3]:
        return pictures
    if way == 0 and side < pictures.shape[3]:
        return interpolate(pictures, (side, side), mode="area")
    if way == 1:
        return interpolate(pictures, (side, side), mode="bilinear", antialias=True)
    return matlab_resize(pictures, side, side)
