"""Label maps as planes: one for each label, one for the borders of instances (arXiv:1711.11585, section 3.3)."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class LabelPlanes(nn.Module):
    """A label map that came as a picture -> what a network is given.

    The first channel's value, 0 to 255, is the label; one that is not below `labels` has no plane. instances: the
    second and third channel are the number of the instance, 256 * second + third, and a further plane is 1 where a
    pixel's neighbour is of another one. (N, 1 or 3, H, W) in [-1, 1] -> (N, labels + instances, H, W) of 0 and 1.
    """

    def __init__(self, labels: int, instances: bool) -> None:
        super().__init__()
        self.labels, self.instances = labels, instances

    def forward(self, picture: Tensor) -> Tensor:
        values = ((picture.float() + 1) * 127.5).round()
        numbers = torch.arange(self.labels, device=picture.device).view(1, -1, 1, 1)
        planes = (values[:, :1] == numbers).float()
        if not self.instances:
            return planes
        return torch.cat([planes, borders(256 * values[:, 1:2] + values[:, 2:3])], dim=1)


def borders(instances: Tensor) -> Tensor:
    """1 where the pixel above, below, left or right has another number: (N, 1, H, W) -> the same."""
    found = torch.zeros_like(instances)
    for axis in (2, 3):
        last = instances.shape[axis] - 1
        differs = (instances.narrow(axis, 1, last) != instances.narrow(axis, 0, last)).float()
        nothing = torch.zeros_like(instances.narrow(axis, 0, 1))
        for parts in ([differs, nothing], [nothing, differs]):
            found = torch.maximum(found, torch.cat(parts, dim=axis))
    return found


def reader_of(labels: int, instances: bool) -> nn.Module:
    """What stands before a network's first layer: planes of a label map, or nothing where there are no labels."""
    return LabelPlanes(labels, instances) if labels else nn.Identity()
