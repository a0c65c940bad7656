"""What the page shows of a photo: a small copy of the whole, and parts at full size; and the thing under a point."""

from __future__ import annotations

import io
import threading
from collections import OrderedDict
from pathlib import Path

import cv2
import numpy as np
import torch

from img2img.apply.inpaint.picking import SIDE as PICKED_SIDE
from img2img.apply.inpaint.picking import thing_at
from img2img.images import Encoding, Photo, as_floats, read_photo, to_samples, write_samples
from img2img.images.decode import Samples

from .faults import Fault

SIDE = 2048
"""Longer side of the largest picture that is sent, px."""
KEPT = 2
"""Photos whose pixels stay in memory: the one before, and the one after."""
THUMBNAIL = 256
"""Longer side of what does not push other photos out of memory, px."""
_QUALITY = 92


class Views:
    """Reads one photo at a time; for several threads."""

    def __init__(self, max_pixels: int) -> None:
        """max_pixels: of a photo; results may be larger."""
        self._max_pixels = max_pixels
        self._kept: OrderedDict[tuple[Path, int], Photo] = OrderedDict()
        self._lock = threading.Lock()

    def whole(self, path: Path, side: int, result: bool = False) -> bytes:
        """A JPEG of the whole upright picture, at most `side` px. result: it is one, of any size."""
        with self._lock:
            photo = self._read(path, result, keep=side > THUMBNAIL)
            return _jpeg(photo, (0, 0, photo.width, photo.height), side)

    def part(self, path: Path, box: tuple[int, int, int, int], side: int, result: bool = False) -> bytes:
        """A JPEG of box (left, top, width, height), px, at most `side` px. Raises Fault 422 for one outside of it."""
        with self._lock:
            photo = self._read(path, result)
            left, top, width, height = box
            left, top = max(0, left), max(0, top)
            width, height = min(width, photo.width - left), min(height, photo.height - top)
            if width < 1 or height < 1:
                raise Fault(422, f"{box}: outside of the picture, {photo.width} x {photo.height} px")
            return _jpeg(photo, (left, top, width, height), side)

    def picked(self, path: Path, x: float, y: float) -> list[list[tuple[float, float]]]:
        """Outlines of the thing under a point, px. Raises ImageError for one outside of the photo."""
        with self._lock:
            photo = self._read(path, False)
            thing = thing_at(photo, int(x), int(y))
        outlines, _ = cv2.findContours(thing, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        coarse = max(
            0.5, max(photo.width, photo.height) / PICKED_SIDE / 2
        )  # finer than it was looked for tells nothing
        plain = [cv2.approxPolyDP(outline, coarse, True)[:, 0] for outline in outlines]
        return [[(float(x), float(y)) for x, y in outline] for outline in plain if len(outline) >= 3]

    def forget(self) -> None:
        """Frees the memory."""
        with self._lock:
            self._kept.clear()

    def _read(self, path: Path, result: bool, keep: bool = True) -> Photo:
        try:
            key = path, path.stat().st_mtime_ns
        except OSError:
            raise Fault(404, f"{path.name}: is gone") from None
        photo = self._kept.pop(key, None)
        if photo is None:
            most = 64 * self._max_pixels if result else self._max_pixels
            photo = read_photo(path, max_pixels=most, integers=True)
        if keep or len(self._kept) < KEPT:
            self._kept[key] = photo
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return photo


def _jpeg(photo: Photo, box: tuple[int, int, int, int], side: int) -> bytes:
    left, top, width, height = box
    shrink = max(1.0, max(width, height) / min(side, SIDE))
    size = max(1, round(width / shrink)), max(1, round(height / shrink))
    part = np.s_[top : top + height, left : left + width]
    planes = torch.from_numpy(np.stack([_scaled(plane[part], size) for plane in photo.pixels.numpy()]))
    alpha = None if photo.alpha is None else torch.from_numpy(_scaled(photo.alpha[0].numpy()[part], size))[None]
    samples = to_samples(as_floats(planes), 8, alpha)
    out = io.BytesIO()
    write_samples(samples, out, Encoding("JPEG", _QUALITY, photo.icc))
    return out.getvalue()


def _scaled(plane: Samples, size: tuple[int, int]) -> Samples:
    """One plane (H, W) of integers or floats in a size (width, height) that is no larger. Plane by plane, as floats of
    all of a 24-megapixel photo take 288 MB and a second."""
    if plane.shape[::-1] == size:
        return np.ascontiguousarray(plane)
    return np.asarray(cv2.resize(np.ascontiguousarray(plane), size, interpolation=cv2.INTER_AREA))
