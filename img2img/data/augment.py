"""Augmentation of whole batches on the device: geometry, colour and the damage that cameras and files do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import kornia.augmentation as K
import torch
from kornia.constants import Resample
from torch import Tensor, nn

from img2img.config.sections.data import ImageData, PairedData, TranslationData
from img2img.data.damage.steps import Blur, Erase, Jpeg, SensorNoise

from .crop import random_crop

MASK = "mask"
"""The side that holds masks: it moves with the pictures, to the nearest pixel, and its values stay 0 and 1."""


class Augment(nn.Module):
    """A batch from `TrainingData.batches` -> a batch for the networks. Random through torch's global state alone.

    Sides that go together (paired) share the geometry and the colour jitter; blur, noise, JPEG and erasing fall on the
    input side only (options.direction), so that the target to be learnt stays clean. Unpaired domains are augmented
    each for itself. Every picture of a batch has its own draws, except for the order of the colour steps.

    The work is done in [0, 1], to which kornia clips, and converted to [-1, 1] at the end.
    """

    def __init__(self, options: ImageData, paired: bool) -> None:
        super().__init__()
        self.shape = options.shape
        self.size = max(self.shape)
        self.flip = options.flip
        self.paired = paired
        self.input_side = options.input_side if isinstance(options, PairedData) else "a"
        self.exact = {MASK, options.label_side}
        """Sides whose values stay as they are."""
        # Out of reach of `to`: moved to a device, kornia draws there, and waits for each number.
        self._kornia = (_affine(options), _colour(options))
        self.damage = nn.ModuleList(_damage(options) if isinstance(options, TranslationData) else ())

    @torch.no_grad()
    def forward(self, batch: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Augment one batch.

        batch: {side: (N, C, H, W)}, uint8 or float in [0, 1], at least of options.shape; labels (N,) are left as
        they are.
        Returns: {side: (N, C, *options.shape)} float32 in [-1, 1]; a mask in {0, 1}.
        """
        looks = [side for side, values in batch.items() if values.dim() == 4]
        groups = [looks] if self.paired else [[side] for side in looks]
        done: dict[str, Tensor] = {}
        for group in groups:
            done |= self._together({side: batch[side] for side in group})
        signs = {side: pictures.round() if side == MASK else pictures * 2 - 1 for side, pictures in done.items()}
        return {**batch, **signs}

    def _together(self, sides: dict[str, Tensor]) -> dict[str, Tensor]:
        """Sides of one group, in [0, 1]."""
        first = next(iter(sides.values()))
        affine, colour = self._kornia
        if affine is not None:
            moves = affine.forward_parameters(first.shape)
            sides = {side: affine(unit(x), moves, resample=_resample(side in self.exact)) for side, x in sides.items()}
        crop = random_crop(first.shape, self.shape, self.flip, first.device)
        sides = {side: unit(crop.of(x)) for side, x in sides.items()}
        looks = [side for side in sides if side not in self.exact]
        if colour is not None:
            tones = colour.forward_parameters(torch.Size((len(first), 3, *self.shape)))
            sides |= {side: as_rgb(colour, sides[side], tones) for side in looks}
        lone = len([side for side in sides if side != MASK]) == 1
        for side in looks:
            if not self.paired or side == self.input_side or lone:
                sides[side] = self._damaged(sides[side])
        return sides

    def _damaged(self, pictures: Tensor) -> Tensor:
        for step in self.damage:
            pictures = step(pictures)
        return pictures.clamp(0, 1)


def unit(pictures: Tensor) -> Tensor:
    """uint8 -> float32 in [0, 1]; a float is in [0, 1] already."""
    return pictures.float() / 255 if pictures.dtype == torch.uint8 else pictures


def signed(pictures: Tensor) -> Tensor:
    """uint8, or float in [0, 1] -> float32 in [-1, 1], what the networks take; labels are left as they are."""
    return pictures if pictures.dtype == torch.int64 else unit(pictures) * 2 - 1


def as_rgb(step: nn.Module, pictures: Tensor, params: dict[str, Tensor]) -> Tensor:
    """A step that wants three channels, on grey too: there hue and saturation change nothing, and the rest is alike."""
    stepped: Tensor = step(pictures.expand(-1, 3, -1, -1), params)
    return stepped[:, : pictures.shape[1]]


def _resample(exact: bool) -> Resample:
    return Resample.NEAREST if exact else Resample.BILINEAR


def _affine(options: ImageData) -> K.RandomAffine | None:
    if not options.rotate and not options.zoom:
        return None
    zoom = (1 - options.zoom, 1 + options.zoom)
    return K.RandomAffine(options.rotate, scale=zoom, padding_mode="reflection", p=1.0)


def _colour(options: ImageData) -> K.ColorJitter | None:
    if not options.colour:
        return None
    return K.ColorJitter(options.colour, options.colour, options.colour, options.colour / 10, p=1.0)


def _damage(options: TranslationData) -> Sequence[nn.Module]:
    shares = {Blur: options.blur, SensorNoise: options.sensor_noise, Jpeg: options.jpeg, Erase: options.erase}
    return [step(share) for step, share in shares.items() if share]
