"""Networks that grow while they are trained: how far they are, and the pictures that belong to it
(arXiv:1710.10196, section 2 and figure 2)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, interpolate

from img2img.run_progress import FollowsProgress

from .norms import single


class Growing(nn.Module, FollowsProgress):
    """How far a network has grown, whose levels fade in one after another: 4 px, 8 px and so on, `levels` of them.

    progress: share of the run that is done; a buffer, so that weights are applied as far grown as they were trained.
    1, all levels, where nobody says otherwise.
    stage: the unit of the schedule that it lies in, counted from 0. A number of the host, so that no forward pass waits
    for the device, and one that changes seldom, as torch.compile builds anew for each; only the blend is a tensor's.
    """

    progress: Tensor

    def __init__(self, levels: int) -> None:
        super().__init__()
        self.levels = levels
        self.stage = stage_at(1.0, levels)
        self.register_buffer("progress", torch.ones(()))
        self.register_load_state_dict_post_hook(_at_the_stage_of_its_weights)

    def follow_progress(self, progress: float) -> bool:
        """Goes to a share of the run, 0 to 1. Returns whether that lies in another stage."""
        self.progress.fill_(progress)
        before, self.stage = self.stage, stage_at(progress, self.levels)
        return self.stage != before

    @property
    def level(self) -> int:
        """The level that is there, counted from 0."""
        return self.stage // 2

    @property
    def fades(self) -> bool:
        """Whether the next one is fading in."""
        return self.stage % 2 == 1

    def blended(self, coarse: Tensor, fine: Tensor) -> Tensor:
        """What the level makes, and what the next makes, by how far that has faded in; both (N, C, H, W)."""
        share = (self.progress * _units(self.levels) - self.stage).clamp(0, 1)
        # bfloat16 would round the share to 8 bits.
        return single(coarse).lerp(single(fine), share).to(fine.dtype)

    def seen(self, image: Tensor) -> Tensor:
        """A picture in the detail of what has grown, at its own size: (N, C, S, S) -> (N, C, S, S)."""
        side = 4 << self.level
        coarse = averaged(image, side)
        if self.fades:
            coarse = self.blended(enlarged(coarse, 2 * side), averaged(image, 2 * side))
        return enlarged(coarse, image.shape[-1])


def stage_at(progress: float, levels: int) -> int:
    """The schedule: the first level for one unit, then each next one fades in for one and stays for one.

    progress in [0, 1] -> stage; level `stage // 2` is there, and at odd stages the next one fades in.
    """
    return min(int(progress * _units(levels)), _units(levels) - 1)


def _units(levels: int) -> int:
    return 2 * levels - 1


def _at_the_stage_of_its_weights(growing: Growing, keys: object) -> None:
    growing.stage = stage_at(float(growing.progress), growing.levels)


def averaged(image: Tensor, side: int) -> Tensor:
    """Means over squares of pixels: (N, C, S, S) -> (N, C, side, side)."""
    factor = image.shape[-1] // side
    return avg_pool2d(image, factor) if factor > 1 else image


def enlarged(image: Tensor, side: int) -> Tensor:
    """Pixels repeated: (N, C, s, s) -> (N, C, side, side)."""
    return interpolate(image, size=(side, side), mode="nearest") if image.shape[-1] != side else image
