"""Numbers told beside a picture, as planes: further channels, each with one value everywhere."""

from __future__ import annotations

import torch
from torch import Tensor


def with_planes(image: Tensor, told: Tensor) -> Tensor:
    """The picture with each number of its row as a plane behind it: (N, C, H, W), (N, L) -> (N, C + L, H, W)."""
    planes = told.to(image.dtype)[:, :, None, None].expand(-1, -1, image.shape[2], image.shape[3])
    return torch.cat([image, planes], dim=1)
