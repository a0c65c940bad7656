"""Inpainting: what is missing from what is around it, by pixels first, then also for a critic that sees the whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn.functional import max_pool2d

from img2img.config.base import Refusal
from img2img.config.card import NetworkCard, Task
from img2img.config.train.inpaint import InpaintConfig, InpaintObjective, InpaintOptimisation
from img2img.data.augment import MASK
from img2img.data.folders.find import HIGH, find_images
from img2img.data.loading.dataset import from_files
from img2img.data.masks.drawn import Masks
from img2img.data.sides import Sides
from img2img.networks import build
from img2img.networks.inpainters.inpainter import Inpainter
from img2img.recipes.shared.compared import Compared
from img2img.recipes.shared.two_phases import TAUGHT, TwoPhases
from img2img.recipes.terms.feature_terms import COSTS

from .kind import Kind
from .recipe import Batch, Terms, require_batch, require_size, run_network

NETWORK = "inpaint"
"""The generator's name in weights files."""


class Inpaint(TwoPhases):
    """Each of G's stages is to equal the picture, pixel by pixel (arXiv:1806.03589, section 3.5; with weights and band,
    arXiv:1604.07379, section 3.2); the completed picture, its known pixels as they are, also in VGG19's activations and
    for a critic that sees the mask, too.

    Batches have the sides "high" (N, C, S, S) and "mask" (N, 1, S, S), 1 = hole.
    sides: "high".
    Raises Refusal for sizes and batches that the networks do not take, and for an objective without terms.
    """

    name = "inpaint"
    task: ClassVar[Task] = "inpaint"

    def __init__(self, config: InpaintConfig, sides: Sides) -> None:
        objective, networks, inputs, size = config.objective, config.networks, sides.channels[HIGH], config.data.size
        self.spec, self.size = networks.generator_spec(size, inputs), size
        require_size(size, self.spec, "the generator")
        require_batch(config.optimisation.batch_size, self.spec, "the generator")
        self.generators = nn.ModuleDict({NETWORK: build(self.spec)})
        super().__init__(objective, lambda energy: networks.critic_spec(inputs, energy=energy), size, config.teacher)
        self.objective = objective
        self.recompute = config.run.recompute
        self.several = self.spec.predictions > 1
        if not (objective.hole_pixels or objective.known_pixels):
            _require_other_terms(config.optimisation, bool(self.adversaries or self.frozen))

    def play(self, batch: Batch) -> Terms:
        """The completed picture, and each stage's own: "coarse 1", ..., "final"."""
        picture, mask, network = batch[HIGH], batch[MASK], self.generators[NETWORK]
        given = masked(picture, mask)
        if self.several:
            assert isinstance(network, Inpainter)
            *coarse, final = run_network(network.stages, given, self.recompute)
        else:  # through its forward pass, which is what --compile compiles
            coarse, final = [], run_network(network, given, self.recompute)
        fakes = {f"coarse {number}": stage.float() for number, stage in enumerate(coarse, start=1)}
        return fakes | {"final": final.float(), "completed": completed(picture, mask, final.float())}

    def critic_terms(self, batch: Batch, fakes: Terms) -> Terms:
        """The critic judges pictures against completed ones, next to the masks."""
        return self.charged(batch[HIGH], fakes["completed"], batch[MASK])

    def generator_terms(self, batch: Batch, fakes: Terms) -> Terms:
        """The distances of pixels of all stages; after the pretraining also what the completed picture has to pay."""
        picture, mask = batch[HIGH], batch[MASK]
        terms = self.paid(fakes["completed"], picture, mask, batch.get(TAUGHT))
        if not (self.objective.hole_pixels or self.objective.known_pixels):
            return terms
        weights, cost = pixel_weights(mask, self.objective), COSTS[self.objective.pixel_cost]
        distances = {
            name: weighted_mean(cost(fake, picture, reduction="none"), weights)
            for name, fake in fakes.items()
            if name != "completed"
        }
        terms["pixel"] = distances.pop("final")
        if distances and self.objective.coarse:
            terms["coarse"] = self.objective.coarse * torch.stack(list(distances.values())).sum()
        return terms

    def show(self, generators: nn.ModuleDict, batch: Batch) -> Sequence[tuple[str, Tensor]]:
        """The picture, with its hole, all of it as the network has it, and completed."""
        picture, mask = batch[HIGH], batch[MASK]
        given = masked(picture, mask)
        made = generators[NETWORK](given).float()
        return [
            ("image", picture),
            ("masked", given[:, :-1]),
            ("network's own", made),
            ("completed", completed(picture, mask, made)),
        ]

    def compared(self, generators: nn.ModuleDict, batch: Batch) -> Sequence[Compared]:
        """The completed picture against the whole one."""
        picture, mask = batch[HIGH], batch[MASK]
        made = generators[NETWORK](masked(picture, mask)).float()
        return [Compared(completed(picture, mask, made), picture)]

    def network_cards(self) -> dict[str, NetworkCard]:
        """One network, with the size that it knows."""
        return {NETWORK: NetworkCard(spec=self.spec, source="masked", target="completed", size=self.size)}


def masked(picture: Tensor, mask: Tensor) -> Tensor:
    """What inpainters take: the picture (N, C, H, W), 0 in its hole, and the mask (N, 1, H, W) -> (N, C + 1, H, W)."""
    return torch.cat([picture * (1 - mask), mask], dim=1)


def completed(picture: Tensor, mask: Tensor, made: Tensor) -> Tensor:
    """The picture where it is known, what the network made of it in the hole."""
    return picture * (1 - mask) + made * mask


def pixel_weights(mask: Tensor, objective: InpaintObjective) -> Tensor:
    """How much each pixel counts, (N, 1, H, W): in the hole, outside of it, in the band around it.

    The band is known: what is predicted reaches `overlap` px beyond the hole (arXiv:1604.07379, section 4).
    """
    weights = torch.where(mask > 0, objective.hole_pixels, objective.known_pixels)
    if objective.overlap:
        reach = objective.overlap
        near = max_pool2d(mask, 2 * reach + 1, stride=1, padding=reach) > mask
        weights = torch.where(near, objective.overlap_weight * objective.hole_pixels, weights)
    return weights


def weighted_mean(costs: Tensor, weights: Tensor) -> Tensor:
    """sum(weights * costs) over the number of elements that count: (N, C, H, W), (N, 1, H, W) -> a scalar."""
    counted = weights.count_nonzero() * costs.shape[1]
    return (weights * costs).sum() / counted.clamp(min=1)


def _require_other_terms(optimisation: InpaintOptimisation, others: bool) -> None:
    pixels = "--hole-pixels and --known-pixels are both 0"
    if not others:
        raise Refusal(f"{pixels}, and so are --adversarial, --perceptual and --style: nothing is left to learn from")
    if optimisation.pretrain_steps or (optimisation.pretrain_steps is None and not optimisation.start_from):
        raise Refusal(f"{pixels}: nothing is left for the pretraining to learn from; use --pretrain-steps 0")


def holes(config: InpaintConfig) -> Masks:
    """What adds the side "mask" to a batch."""
    return Masks(config.masks, config.data.size)


KIND = Kind(InpaintConfig, Inpaint, from_files(find_images), holes)
