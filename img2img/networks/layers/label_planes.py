"""Label maps as planes: one for each label, one for the borders of instances (arXiv:1711.11585, section 3.3)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import max_pool2d


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
    # Largest less smallest number of a pixel and its two neighbours along an axis; every size stays what it was.
    ranges = [
        max_pool2d(instances, kernel, 1, padding) + max_pool2d(-instances, kernel, 1, padding)
        for kernel, padding in (((3, 1), (1, 0)), ((1, 3), (0, 1)))
    ]
    return (torch.maximum(*ranges) > 0).float()


def reader_of(labels: int, instances: bool) -> nn.Module:
    """What stands before a network's first layer: planes of a label map, or nothing where there are no labels."""
    return LabelPlanes(labels, instances) if labels else nn.Identity()
