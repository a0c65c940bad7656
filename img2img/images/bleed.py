"""Colour under transparent pixels, so that a network which mixes neighbours draws no halo."""

import numpy as np
import torch
from torch import Tensor


def bleed(pixels: Tensor, alpha: Tensor | None) -> Tensor:
    """Replace the colour of wholly transparent pixels by that of the nearest opaque one.

    pixels: (C, H, W), floats or integers; alpha: (1, H, W) in [0, 1], or None. Opaque is alpha >= 1/2 (any alpha > 0
    where no pixel reaches that), as the colour of nearly transparent pixels is mostly rounding. Returns the pixels
    themselves where nothing is or everything is transparent, else a changed copy.
    """
    if alpha is None:
        return pixels
    hidden = (alpha[0] == 0).numpy(force=True)
    if not hidden.any() or hidden.all():
        return pixels
    solid = (alpha[0] >= 0.5).numpy(force=True)
    nearest = _nearest(solid if solid.any() else ~hidden)
    # torch 2.15 assigns no uint16 by index; int16 has the same bits
    numbers = pixels.view(torch.int16) if pixels.dtype == torch.uint16 else pixels
    flat = numbers.reshape(pixels.shape[0], -1)
    sources = torch.from_numpy(nearest[hidden]).to(pixels.device)
    out = flat.clone()
    out[:, torch.from_numpy(np.flatnonzero(hidden)).to(pixels.device)] = flat[:, sources]
    return out.reshape(pixels.shape).view(pixels.dtype)


def _nearest(solid: np.ndarray) -> np.ndarray:
    """(H, W) bool → for every pixel the flat index of the nearest true one, int64 (H, W)."""
    import cv2

    _, labels = cv2.distanceTransformWithLabels(
        (~solid).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5, labelType=cv2.DIST_LABEL_PIXEL
    )
    index_of_label = np.zeros(labels.max() + 1, np.int64)
    index_of_label[labels[solid]] = np.flatnonzero(solid)
    return index_of_label[labels]
