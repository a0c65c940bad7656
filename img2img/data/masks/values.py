"""From a picture that is a mask to a hole: which of its channels counts, and where its values are cut."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from img2img.config.sections.masks import Channel
from img2img.images import ImageError, Photo, as_floats
from img2img.images.decode import Samples
from img2img.images.samples import fit_channels

Hole = Samples
"""(H, W) uint8, 1 = hole."""

Bands = Iterator[Samples]
"""Values (h, W) in [0, 1] from top to bottom: no plane of floats is ever whole."""

_BAND = 256  # rows
_END = 1e-6  # what float32 leaves of white after BT.601


def mask_values(mask: Photo, channel: Channel, name: str) -> Bands:
    """The channel of a mask that counts; opaque is 1, like white. auto: transparency where it alone says something.

    name: what the mask is called in messages. Raises ImageError where it has no such channel, and for auto where both
    its colours and its transparency say something.
    """
    if channel == "alpha":
        return opacity(mask, f"--mask-channel alpha: {name}")
    if channel == "luma" or mask.alpha is None or _constant(mask.alpha.numpy()):
        return _luma(mask)
    seen = mask.pixels.numpy()[:, mask.alpha[0].numpy() > 0]
    if all(map(_constant, seen)):
        return opacity(mask, name)
    raise ImageError(f"{name} has colours and transparency: which of them counts? --mask-channel luma or alpha")


def opacity(picture: Photo, name: str) -> Bands:
    """How opaque a picture is. name: as in `mask_values`. Raises ImageError where it has no transparency."""
    if picture.alpha is None:
        raise ImageError(f"{name} has no transparency")
    return (band[0].numpy() for band in picture.alpha.split(_BAND, dim=1))


def cut(values: Bands, white: bool, threshold: float = 0.5) -> tuple[Hole, float]:
    """The hole, and the share of px whose value is not one of the two ends.

    white: whether the hole is what has the threshold or more, above 0 and up to 1; else it is the rest.
    """
    parts, between = [], 0
    for band in values:
        parts.append(((band >= threshold - _END) == white).astype(np.uint8))
        between += int(((band > _END) & (band < 1 - _END)).sum())
    hole = np.concatenate(parts)
    return hole, between / hole.size


def _luma(picture: Photo) -> Bands:
    for start in range(0, picture.height, _BAND):
        band = fit_channels(as_floats(picture.pixels[:, start : start + _BAND]), 1)[0]
        yield ((band + 1) / 2).numpy()


def _constant(values: Samples) -> bool:
    return values.size == 0 or bool((values == values.flat[0]).all())
