"""Global and local critic (Iizuka, Simo-Serra and Ishikawa 2017, "Globally and Locally Consistent Image Completion",
section 3.3)."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn

from img2img.config.networks.critics import GlobalLocalSpec
from img2img.networks.layers.norms import constrained, needs_bias, normalisation

from .critic import Critic, beside, in_turn


class GlobalLocalCritic(Critic):
    """One critic sees the picture, one a window of half its sides around the hole; one score from both.

    (N, input_channels, H, W) in [-1, 1], next to the mask (N, 1, H, W), 1 = hole -> scores (N, 1).
    Raises ValueError without a mask.
    """

    def __init__(self, spec: GlobalLocalSpec) -> None:
        super().__init__()
        self.whole = Eye(spec, spec.layers)
        self.window = Eye(spec, spec.layers - 1)
        self.score = constrained(nn.Linear(2 * 16 * spec.width, 1), spec.norm)

    def features(self, image: Tensor, given: Tensor | None = None) -> list[Tensor]:
        if given is None:
            raise ValueError("the global-local critic needs the mask of each picture")
        both = beside(image, given)
        found, wide = self.whole(both)
        more, near = self.window(windows(both, given))
        joined = torch.cat([wide, near], dim=1)
        return [*found, *more, joined, self.score(joined)]


class Eye(nn.Module):
    """Strided 5x5 convolutions and a dense layer. (N, C, H, W) -> each layer's activations, and (N, 16 * width)."""

    def __init__(self, spec: GlobalLocalSpec, layers: int) -> None:
        super().__init__()
        widths = [spec.width * min(2**level, 8) for level in range(layers)]
        inputs = spec.input_channels + spec.given_channels
        self.stages = nn.ModuleList(
            _stage(spec, index, before, after) for index, (before, after) in enumerate(pairwise([inputs, *widths]))
        )
        self.dense = nn.Sequential(
            nn.AdaptiveAvgPool2d(spec.pooled),
            nn.Flatten(),
            constrained(nn.Linear(widths[-1] * spec.pooled**2, 16 * spec.width), spec.norm),
            nn.LeakyReLU(0.2, inplace=True),
        )

    def forward(self, image: Tensor) -> tuple[list[Tensor], Tensor]:
        found = in_turn(self.stages, image)
        return found, self.dense(found[-1])


def _stage(spec: GlobalLocalSpec, index: int, before: int, after: int) -> nn.Sequential:
    """Convolution, norm, leaky ReLU; the first is not normalised."""
    norm = spec.norm if index else "none"
    layer = nn.Conv2d(before, after, 5, stride=2, padding=2, bias=needs_bias(norm))
    return nn.Sequential(constrained(layer, spec.norm), normalisation(norm, after), nn.LeakyReLU(0.2, inplace=True))


def windows(images: Tensor, mask: Tensor) -> Tensor:
    """Of each image the window of half its sides with most of the hole. (N, C, H, W) -> (N, C, H // 2, W // 2)."""
    height, width = images.shape[2] // 2, images.shape[3] // 2
    top, left = hole_corners(mask, height, width).unbind(1)
    # Read by places, so that the device is not waited for; a gather's derivative has one of its own.
    rows = top[:, None] + torch.arange(height, device=images.device)
    columns = left[:, None] + torch.arange(width, device=images.device)
    lines = images.gather(2, rows[:, None, :, None].expand(-1, images.shape[1], -1, images.shape[3]))
    return lines.gather(3, columns[:, None, None].expand(*lines.shape[:3], -1))


@torch.no_grad()
def hole_corners(mask: Tensor, height: int, width: int) -> Tensor:
    """Upper left corners (y, x), px, of the windows that cover most of each hole; of several, nearest to its middle.

    mask: (N, 1, H, W), 1 = hole -> (N, 2) integers. Without a hole the window is in the middle.
    """
    hole = (mask[:, 0] > 0.5).float()
    covered = _sums(_sums(hole, height, 1), width, 2)
    down, across = covered.shape[1:]
    y = torch.arange(down, device=mask.device)
    x = torch.arange(across, device=mask.device)
    best_y = _middle(hole.sum(2)) - (height - 1) / 2
    best_x = _middle(hole.sum(1)) - (width - 1) / 2
    distance = (y - best_y[:, None]).square()[:, :, None] + (x - best_x[:, None]).square()[:, None, :]
    most = covered >= covered.amax((1, 2), keepdim=True) - 0.5
    nearest = distance.masked_fill(~most, torch.inf).flatten(1).argmin(1)
    return torch.stack([nearest // across, nearest % across], dim=1)


def _sums(values: Tensor, length: int, dim: int) -> Tensor:
    """Sums over every stretch of this length along dim. Exact: counts of pixels are integers."""
    total = values.cumsum(dim)
    total = torch.cat([torch.zeros_like(total.narrow(dim, 0, 1)), total], dim)
    count = total.shape[dim] - length
    return total.narrow(dim, length, count) - total.narrow(dim, 0, count)


def _middle(weights: Tensor) -> Tensor:
    """Mean position by weight, the middle where all weights are 0. (N, L) -> (N,)."""
    length = weights.shape[1]
    total = weights.sum(1)
    places = torch.arange(length, device=weights.device, dtype=weights.dtype)
    return torch.where(total > 0, weights @ places / total.clamp_min(1), (length - 1) / 2)
