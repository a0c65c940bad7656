"""Draws of a batch, a number for each picture, on the batch's device: no value is brought to the CPU."""

from __future__ import annotations

import torch
from torch import Tensor


def strengths(pictures: Tensor, middle: float, harsh: float) -> Tensor:
    """(N, 1, 1, 1) in [0, 1]: how hard each picture is treated; one number for all that is done to it.

    Uniform in the upper third for the share `harsh`, in the middle third for the share `middle`, else in the lower one.
    """
    drawn = uniform(pictures, 0, 1)
    third = (drawn < harsh).float() + (drawn < harsh + middle).float()
    return (third + uniform(pictures, 0, 1)) / 3


def amounts(strength: Tensor) -> Tensor:
    """(N, 1, 1, 1) from 0 to each picture's strength; the root brings half of them above 0.7 of it."""
    return strength * torch.rand_like(strength).sqrt()


def happens(pictures: Tensor, share: float) -> Tensor:
    """(N, 1, 1, 1): true for each picture with probability `share`."""
    return uniform(pictures, 0, 1) < share


def uniform(pictures: Tensor, low: float, high: float) -> Tensor:
    """(N, 1, 1, 1): a number from low to high for each picture."""
    return low + (high - low) * torch.rand(len(pictures), 1, 1, 1, device=pictures.device)


def draw(low: float, high: float) -> float:
    """A number from low to high, for several pictures together; drawn on the CPU, so that no device is waited for."""
    return low + (high - low) * float(torch.rand(()))
