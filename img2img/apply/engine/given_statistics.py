"""Instance norms with statistics of a reduced copy of the photo, so that its tiles are normalised alike.

Thumbnail instance normalisation (arXiv:2103.11784, section 3.2): mean and variance of each norm's input are taken from
one pass over a thumbnail, and stand for the whole photo's in every tile.
"""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import Tensor, nn

from img2img.networks.layers.norms import EPSILON, PictureNorm


class GivenNorm(nn.Module):
    """An instance norm that learns its statistics from the pictures that it sees, and from then on keeps to them.

    (N, C, H, W) -> the same. A norm that is used several times in a pass has statistics for each time.
    """

    weight: nn.Parameter | None
    bias: nn.Parameter | None

    def __init__(self, norm: Any) -> None:
        super().__init__()
        self.weight, self.bias = norm.weight, norm.bias
        self._epsilon = float(getattr(norm, "eps", EPSILON))
        self._found: list[tuple[Tensor, Tensor]] = []
        self._uses = 0
        self.learns = True

    def forward(self, image: Tensor) -> Tensor:
        if self.learns:
            variance, mean = torch.var_mean(image.detach().float(), (0, 2, 3), correction=0)
            self._found.append((mean, variance))
        mean, variance = self._found[self._uses % len(self._found)] if not self.learns else self._found[-1]
        self._uses += 1
        # As batch norm with these for its running statistics: one operation, float32 inside, in the picture's layout.
        return nn.functional.batch_norm(image, mean, variance, self.weight, self.bias, False, 0.0, self._epsilon)


def has_instance_norms(network: object) -> bool:
    """Whether a network takes statistics of each picture by norms whose kind is known, imported networks' too."""
    return isinstance(network, nn.Module) and any(map(_is_instance_norm, network.modules()))


def with_given_norms(network: nn.Module) -> nn.Module:
    """A network of the same parameters whose instance norms are `GivenNorm`s that have yet to learn."""
    shared: dict[int, Any] = {id(tensor): tensor for tensor in (*network.parameters(), *network.buffers())}
    made = copy.deepcopy(network, shared)
    places = [(parent, name, child) for parent in made.modules() for name, child in parent.named_children()]
    norms = {child: GivenNorm(child) for _, _, child in places if _is_instance_norm(child)}
    for parent, name, child in places:
        if child in norms:
            setattr(parent, name, norms[child])
    return made


def keep_statistics(network: nn.Module) -> None:
    """What the norms of such a network have seen by now is what they normalise by from now on."""
    for module in network.modules():
        if isinstance(module, GivenNorm):
            module.learns, module._uses = False, 0


def _is_instance_norm(module: nn.Module) -> bool:
    if isinstance(module, nn.InstanceNorm2d):
        return not module.track_running_stats
    return isinstance(module, PictureNorm) or (
        isinstance(module, nn.GroupNorm) and module.num_groups == module.num_channels
    )
