"""Which norm a reference network was built with, from what its file has and lacks."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

from img2img.config.networks.spec import Norm


def norm_of(state: Mapping[str, Tensor], *, convolution: str, norm: str, running_stats: bool) -> Norm:
    """BatchNorm has weights; without them a convolution has a bias exactly where InstanceNorm follows.

    BatchNorm becomes batch-stat, each picture's own statistics, unless `running_stats`: the reference tests its
    generators in training mode, at batch size 1.
    """
    if f"{norm}.weight" in state:
        return "batch" if running_stats else "batch-stat"
    return "instance" if f"{convolution}.bias" in state else "none"
