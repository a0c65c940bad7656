"""PatchNCE: a patch of a translation finds its own among those of the picture it was (arXiv:2007.15651, eq. 3)."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, normalize


class PatchHeads(nn.Module):
    """For each activation a perceptron of two layers, after which a patch is a unit vector.

    channels: {name of the activation: its channels}; width: numbers of such a vector.
    """

    def __init__(self, channels: Mapping[str, int], width: int) -> None:
        super().__init__()
        self.heads = nn.ModuleDict(
            {
                name: nn.Sequential(nn.Linear(count, width), nn.ReLU(inplace=True), nn.Linear(width, width))
                for name, count in channels.items()
            }
        )

    def forward(self, patches: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """{name: (N, P, channels)} -> {name: (N, P, width)} float32, each of length 1."""
        return {name: normalize(self.heads[name](values).float(), dim=-1) for name, values in patches.items()}


def draw_places(activation: Tensor, most: int) -> Tensor:
    """Places of an activation (N, C, h, w), the same in all pictures: (P,) numbers y * w + x, at most `most`."""
    return torch.randperm(activation.shape[2] * activation.shape[3], device=activation.device)[:most]


def mirrored(places: Tensor, width: int) -> Tensor:
    """Where these places (P,) of an activation `width` px wide are, once the picture is mirrored."""
    return places + width - 1 - 2 * (places % width)


def patches_at(activation: Tensor, places: Tensor) -> Tensor:
    """(N, C, h, w) at places (P,) -> (N, P, C)."""
    return activation.flatten(2)[:, :, places].transpose(1, 2)


def patch_nce(queries: Tensor, keys: Tensor, temperature: float) -> Tensor:
    """The mean over places of -log softmax_j(queries_i . keys_j / temperature) at j = i: (N,), one for each picture.

    queries, keys: (N, P, D) of length 1; the other places of the same picture are the negatives. keys get no gradient.
    """
    with torch.autocast(queries.device.type, enabled=False):
        alike = queries @ keys.detach().transpose(1, 2) / temperature
    count, places, _ = alike.shape
    own = torch.arange(places, device=alike.device).expand(count, places)
    return cross_entropy(alike.transpose(1, 2), own, reduction="none").mean(dim=1)
