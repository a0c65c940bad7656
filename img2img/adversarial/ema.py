"""The moving average of the generators' weights, which is what is sampled and saved."""

from __future__ import annotations

import copy

import torch
from torch import nn


class MovingAverage(nn.Module):
    """average <- decay * average + (1 - decay) * weights, in float32; buffers are copied.

    The decay warms up as (1 + t) / (10 + t), so that the first, random weights are soon forgotten.
    """

    def __init__(self, networks: nn.ModuleDict, decay: float) -> None:
        super().__init__()
        self.decay = decay
        self.networks = copy.deepcopy(networks).requires_grad_(False).eval()

    @torch.no_grad()
    def update(self, networks: nn.ModuleDict, step: int) -> None:
        """Takes in the weights after generator step `step`, counted from 1."""
        decay = min(self.decay, (1 + step) / (10 + step))
        averages = [average.data for average in self.networks.parameters()]
        torch._foreach_lerp_(averages, [weight.data for weight in networks.parameters()], 1 - decay)
        for average, current in zip(self.networks.buffers(), networks.buffers(), strict=True):
            average.copy_(current)
