"""The style-based generator's own term: paths of the same length everywhere (arXiv:1912.04958, section 3.2)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from img2img.adversarial.path_length import path_length_cost, path_lengths
from img2img.config.base import Refusal
from img2img.networks.samplers.stylegan import StyleGAN
from img2img.recipes.recipe import Terms

SHARE = 4
"""One in so many pictures of a batch is measured at each step. The paper measures half of them every fourth step."""


class PathLength:
    """weight * E (|J^T y| - a)^2 on a share of the batch; the generator keeps the running mean a.

    Raises Refusal for a generator without styles.
    """

    def __init__(self, generator: nn.Module, weight: float) -> None:
        self.generator, self.weight = generator if isinstance(generator, StyleGAN) else None, weight
        if weight and self.generator is None:
            raise Refusal(
                f"--path-length {weight:g}: goes with --network stylegan, whose pictures are made from styles"
            )

    def terms(self, latent: Tensor, label: Tensor | None = None) -> Terms:
        """The term for a batch's latents, (N, latent); nothing where its weight is 0."""
        if not self.weight or self.generator is None:
            return {}
        few = max(1, len(latent) // SHARE)
        with torch.autocast(latent.device.type, enabled=False):
            styles = self.generator.styles(latent[:few], None if label is None else label[:few])
            lengths = path_lengths(self.generator.draw(styles), styles)
        return {"path_length": self.weight * path_length_cost(lengths, self.generator.mean_length)}
