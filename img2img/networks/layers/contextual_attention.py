"""Contextual attention: features in a hole as a blend of the known patches that resemble them (arXiv:1801.07892,
section 4.1)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, fold, max_pool2d, normalize, unfold
from torch.utils.checkpoint import checkpoint

from .norms import single

RATE = 2
"""Patches are compared at half the size, and copied, twice as large, at the whole."""
PATCH = 3
"""Side of the patches that are compared, px at half the size."""
SHARPNESS = 10.0
"""Factor of the similarities before the softmax."""
SCORES = 2**24
"""Most similarities that are held at a time: some five tensors of 64 MB."""


class ContextualAttention(nn.Module):
    """Every place of a map becomes a blend of the patches that are wholly known, in a softmax of their likeness to it.

    features: (N, C, h, w), h and w even; mask: (N, 1, h, w), 1 = hole -> (N, C, h, w).
    Likeness is the cosine of 3x3 patches of the map at half the size, summed with that of the neighbours on all eight
    sides and theirs, so that neighbours copy from neighbours (the paper's propagation; before the softmax, as in its
    code). Patches with any of the hole in them are no sources; with none left the result is 0. What a patch has beyond
    the borders is not copied. Memory grows with the number of pixels, not with its square.
    """

    def forward(self, features: Tensor, mask: Tensor) -> Tensor:
        with torch.autocast(features.device.type, enabled=False):
            return _attend(single(features), mask).to(features.dtype)


def _attend(features: Tensor, mask: Tensor) -> Tensor:
    height, width = features.shape[2] // RATE, features.shape[3] // RATE
    compared = normalize(unfold(avg_pool2d(features, RATE), PATCH, padding=PATCH // 2), dim=1)
    holes = max_pool2d(single(mask), RATE)
    sources = max_pool2d(holes, PATCH, stride=1, padding=PATCH // 2).flatten(1) == 0
    # One more channel says which pixels of a patch lie on the map: it ends as the weight that each pixel has received.
    copied = _large_patches(torch.cat([features, torch.ones_like(features[:, :1])], dim=1))

    blocks = _blocks(height, features.shape[0] * width * height * width)
    pasted = []
    for top, bottom in blocks:
        block = (compared, sources, copied, top, bottom, width)
        if len(blocks) > 1 and torch.is_grad_enabled():
            pasted.append(checkpoint(_paste, *block, use_reentrant=False))
        else:
            pasted.append(_paste(*block))
    total = fold(torch.cat(pasted, dim=2), features.shape[2:], 2 * RATE, padding=RATE // 2, stride=RATE)
    # Each pixel lies on the inner part of one patch, so its weight is 1 to 4, or 0 where there is no source at all.
    return total[:, :-1] / total[:, -1:].clamp_min(1)


def _blocks(height: int, scores: int) -> list[tuple[int, int]]:
    """Rows from top to bottom, so many at a time that no block has more than SCORES; scores: of one row.

    An exported graph is the same for all sizes, and takes all of them at once.
    """
    if torch.compiler.is_exporting():
        return [(0, height)]
    rows = max(1, min(height, SCORES // scores))
    return [(top, min(top + rows, height)) for top in range(0, height, rows)]


def _large_patches(features: Tensor) -> Tensor:
    """The surroundings of each place at half the size, twice its 2x2 px. (N, C, h, w) -> (N, 16 C, h w / 4)."""
    return unfold(features, 2 * RATE, padding=RATE // 2, stride=RATE)


def _paste(compared: Tensor, sources: Tensor, copied: Tensor, top: int, bottom: int, width: int) -> Tensor:
    """What is put at the places of the rows from top to bottom, all at half the size. -> (N, 16 C, rows * width).

    compared: (N, 9 C, L), of length 1; sources: (N, L), True where one may copy from; copied: (N, 16 C, L).
    """
    places = compared.shape[2]
    height = places // width
    first, last = max(top - 1, 0), min(bottom + 1, height)  # a row more on each side, for its share in the neighbours
    asking = compared[:, :, first * width : last * width]
    likeness = (asking.transpose(1, 2) @ compared).view(-1, last - first, width, height, width)
    likeness = _with_diagonal_neighbours(_with_diagonal_neighbours(likeness, 1, 3), 2, 4)
    likeness = likeness[:, top - first : bottom - first].reshape(compared.shape[0], -1, places)
    allowed = sources[:, None]
    lowest = torch.finfo(likeness.dtype).min
    weights = (SHARPNESS * likeness).masked_fill(~allowed, lowest).softmax(dim=2) * allowed
    return copied @ weights.transpose(1, 2)


def _with_diagonal_neighbours(likeness: Tensor, place: int, source: int) -> Tensor:
    """s[a, b] -> s[a - 1, b - 1] + s[a, b] + s[a + 1, b + 1] along two dimensions, 0 beyond the borders."""
    before, after = (likeness.narrow(place, start, likeness.shape[place] - 1) for start in (0, 1))
    total = likeness.clone()
    upper, lower = (total.narrow(place, start, total.shape[place] - 1) for start in (0, 1))
    length = likeness.shape[source] - 1
    lower.narrow(source, 1, length).add_(before.narrow(source, 0, length))
    upper.narrow(source, 0, length).add_(after.narrow(source, 1, length))
    return total
