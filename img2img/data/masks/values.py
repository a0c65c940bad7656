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


NEARLY = 0.1
"""How far from black and from white a value may be to count as that: what JPEG and soft edges leave."""
MOST_BETWEEN = 0.05
"""Share of a mask that may be neither."""


def hole_of_mask(
    mask: Photo, channel: Channel, white: bool, threshold: float | None, name: str
) -> tuple[Hole, list[str]]:
    """The hole that a mask's picture marks, and what a user should know of it.

    Two values are black and white where the lower is black: 0 and 1, 0 and 128, black and red. With more values most
    of the mask has to be nearly black or white, unless `threshold` says where to cut; without it that is 0.5.
    white, name: as in `cut` and `mask_values`. Raises ImageError as those, and for a mask that nobody can read.
    """
    low, high, count = _levels(mask, channel, name)
    if threshold is None and count == 2:
        if (low < _END) and high < 0.5:
            hole, _ = cut(mask_values(mask, channel, name), white, high)
            return hole, [f"{name} has two values, 0 and {high * 255:.3g} of 255: the second counts as white"]
        if (low < 0.5) == (high < 0.5):
            middle = f"{(low + high) / 2:.3g}"
            raise ImageError(
                f"{name} has two values, {low * 255:.3g} and {high * 255:.3g} of 255, neither of them black: "
                f"--threshold {middle} takes the higher for white"
            )
        if white and high > 1 - _END and _coloured(mask, channel):
            raise ImageError(f"{name} has a colour on white: --hole black takes the colour for the hole")
    hole, between = cut(mask_values(mask, channel, name), white, 0.5 if threshold is None else threshold)
    if threshold is None and count > 2:
        grey = _neither(mask, channel, name)
        if grey > MOST_BETWEEN:
            raise ImageError(
                f"{grey:.0%} of {name} is neither black nor white, so that it is a photo, labels or very soft: paint "
                f"the hole white on black, or say with --threshold from which value, 0 to 1, it counts as white"
            )
    notes = [f"{between:.2%} of the mask is neither black nor white: cut at {threshold or 0.5:g}"] if between else []
    return hole, notes


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


def _levels(mask: Photo, channel: Channel, name: str) -> tuple[float, float, int]:
    """The lowest and the highest value of a mask, and how many there are: 1, 2, or 3 for more."""
    low, high = 1.0, 0.0
    for band in mask_values(mask, channel, name):
        low, high = min(low, float(band.min())), max(high, float(band.max()))
    if low == high:
        return low, high, 1
    others = any(bool(((band != low) & (band != high)).any()) for band in mask_values(mask, channel, name))
    return low, high, 3 if others else 2


def _coloured(mask: Photo, channel: Channel) -> bool:
    """Whether it is colours that count, and they say different things."""
    planes = mask.pixels.numpy()
    if channel == "alpha" or (channel == "auto" and mask.alpha is not None and not _constant(mask.alpha.numpy())):
        return False
    return len(planes) == 3 and not bool((planes == planes[:1]).all())


def _neither(mask: Photo, channel: Channel, name: str) -> float:
    """The share of a mask that is neither nearly black nor nearly white; a bright colour is neither."""
    count = 0
    values = mask_values(mask, channel, name)
    coloured = _coloured(mask, channel)
    for start, band in zip(range(0, mask.height, _BAND), values, strict=True):
        between = (band > NEARLY) & (band < 1 - NEARLY)
        if coloured:
            planes = (as_floats(mask.pixels[:, start : start + _BAND]).numpy() + 1) / 2
            between |= planes.max(axis=0) - planes.min(axis=0) > 2 * NEARLY
        count += int(between.sum())
    return count / (mask.height * mask.width)


def _constant(values: Samples) -> bool:
    return values.size == 0 or bool((values == values.flat[0]).all())
