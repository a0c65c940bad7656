"""Of `img2img sample --neighbours`: which training pictures, and what they are compared by."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from img2img.config.base import Refusal
from img2img.config.gan import GanData
from img2img.config.gan_settings import StandardName

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from img2img.apply.neighbours import Traits
    from img2img.apply.sampler import Sampler

Likeness = Literal["pixels", "features"]


def training_data(sampler: Sampler, images: Path | None, dataset: StandardName | None, root: Path) -> GanData:
    """The training pictures as the generator draws them. Raises Refusal where neither option names them."""
    if images is None and dataset is None:
        raise Refusal("--neighbours: say which pictures it was trained on, by --images DIR or --dataset NAME")
    spec = sampler.spec
    return GanData(
        images=images, dataset=dataset, root=root, size=spec.size, channels="1" if spec.channels == 1 else "3"
    )


def traits_of(by: Likeness, weights: Path | None, device: torch.device) -> Traits:
    """What pictures are compared by. Raises Refusal where Inception's weights are wanted, and cannot be had."""
    from img2img.apply.neighbours import features, pixels
    from img2img.metrics.inception import load_inception

    return pixels if by == "pixels" else features(load_inception(weights, "clean", device))


def with_nearest(drawn: Tensor, data: GanData, count: int, traits: Traits) -> Tensor:
    """Each picture (N, C, H, W), and beside it the nearest of the data: (N, 1 + count, C, H, W), on the CPU."""
    import torch

    from img2img.apply.neighbours import nearest
    from img2img.data.augment import signed
    from img2img.data.classes import REAL
    from img2img.data.sampling import open_samples

    opened = open_samples(data, decode=False, tell=lambda summary: None)
    found, _ = nearest(drawn, (signed(batch[REAL]) for batch in opened.in_order(1024)), count, traits)
    return torch.cat([drawn[:, None], found], dim=1)
