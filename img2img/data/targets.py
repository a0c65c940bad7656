"""Which domain each picture is to be translated to: drawn with the batch, so that a recipe's whole input lies in it."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from img2img.data.loading.batches import LABEL

from .derive import Derive

TARGET = "target"
"""In a batch: the number of the domain that each picture is translated to, (N,) int64."""


class ShuffledTargets(Derive):
    """Adds a target for every picture: the batch's own labels, shuffled, as StarGAN's authors draw them."""

    def forward(self, batch: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Adds "target" (N,) to a batch with labels."""
        label = batch[LABEL]
        return {**batch, TARGET: label[torch.randperm(len(label), device=label.device)]}
