"""Batch norm whose slopes and offsets depend on the class (arXiv:1610.07629, section 2.2)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from .norms import EPSILON


class ClassNorm(nn.Module):
    """Batch norm, then a slope and an offset for each channel and class; one of each where there are no classes.

    (N, C, H, W), labels (N,) int64 or None -> (N, C, H, W). Raises ValueError for classes without labels.
    """

    def __init__(self, channels: int, classes: int) -> None:
        super().__init__()
        self.classes = classes
        self.norm = nn.BatchNorm2d(channels, eps=EPSILON, affine=False)
        self.slopes = nn.Parameter(torch.ones(max(classes, 1), channels))
        self.offsets = nn.Parameter(torch.zeros(max(classes, 1), channels))

    def forward(self, image: Tensor, label: Tensor | None = None) -> Tensor:
        if self.classes and label is None:
            raise ValueError(f"this network has {self.classes} classes: it takes a label for every picture")
        row = label if self.classes else 0
        # Row 0 alone is (C,), rows of labels are (N, C): both stand before the map's axes.
        slope, offset = self.slopes[row][..., None, None], self.offsets[row][..., None, None]
        return torch.addcmul(offset, self.norm(image), slope)
