"""SRGAN: high resolution from low, by pixels first, then by a critic and VGG19, too (arXiv:1609.04802, equation 3)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from torch import Tensor, nn
from torch.nn.functional import interpolate

from img2img.config.base import Refusal
from img2img.config.card import NetworkCard, Task
from img2img.config.train.srgan import SrganConfig
from img2img.data.damage.degrade import Degrade
from img2img.data.folders.find import find_images
from img2img.data.loading.dataset import from_files
from img2img.data.sides import Sides
from img2img.networks import build
from img2img.networks.layers.upsampling import bicubic
from img2img.recipes.shared.compared import Compared
from img2img.recipes.shared.two_phases import TAUGHT, TwoPhases
from img2img.recipes.terms.feature_terms import COSTS
from img2img.recipes.terms.grid import GridTerm

from .kind import Kind
from .recipe import Batch, Terms, generate, require_size

NETWORK = "upscale"
"""The generator's name in weights files."""


class Srgan(TwoPhases):
    """G(low) is to equal high: pixel by pixel in the pretraining; then also in VGG19's activations and for a critic.

    Batches have the sides "high" (N, C, S, S) and "low" (N, C, S / scale, S / scale).
    sides: "high".
    Raises Refusal for sizes that the networks do not take, and for an objective without terms.
    """

    name = "srgan"
    task: ClassVar[Task] = "upscale"

    def __init__(self, config: SrganConfig, sides: Sides) -> None:
        objective, networks, inputs = config.objective, config.networks, sides.channels["high"]
        self.spec = networks.generator_spec(inputs)
        require_size(config.data.size, self.spec, "the generator", self.spec.scale)
        self.generators = nn.ModuleDict({NETWORK: build(self.spec)})
        super().__init__(
            objective, lambda energy: networks.critic_spec(inputs, energy=energy), config.data.size, config.teacher
        )
        self.recompute = config.run.recompute
        self.pixel, self.pixel_cost = objective.pixel, COSTS[objective.pixel_cost]
        if objective.grid and self.spec.scale == 1:
            raise Refusal(f"--grid {objective.grid:g} goes with --scale 2 to 4: what is not enlarged has no weave")
        self.grid, self.grid_term = objective.grid, GridTerm(self.spec.scale)
        if not (self.adversaries or self.frozen or self.pixel):
            raise Refusal("--adversarial, --perceptual, --style and --pixel are all 0: nothing is left to learn from")

    def play(self, batch: Batch) -> Terms:
        """G(low)."""
        return {"high": generate(self.generators[NETWORK], batch["low"], self.recompute)}

    def critic_terms(self, batch: Batch, fakes: Terms) -> Terms:
        """The critic judges high against G(low)."""
        return self.charged(batch["high"], fakes["high"])

    def generator_terms(self, batch: Batch, fakes: Terms) -> Terms:
        """The distance of pixels; after the pretraining also of activations, what G pays to the critic and for a
        weave."""
        real, fake = batch["high"], fakes["high"]
        terms = self.paid(fake, real, taught=batch.get(TAUGHT))
        if weight := 1.0 if self.pretrains else self.pixel:
            terms["pixel"] = weight * self.pixel_cost(fake, real)
        if self.grid and not self.pretrains:
            terms["grid"] = self.grid * self.grid_term(fake)
        return terms

    def show(self, generators: nn.ModuleDict, batch: Batch) -> Sequence[tuple[str, Tensor]]:
        """The low resolution as it is, bicubic, generated, original; all of the same size."""
        low, scale = batch["low"], self.spec.scale
        return [
            ("low", interpolate(low, scale_factor=float(scale), mode="nearest")),
            ("bicubic", bicubic(low, scale)),
            ("generated", generators[NETWORK](low).float()),
            ("original", batch["high"]),
        ]

    def compared(self, generators: nn.ModuleDict, batch: Batch) -> Sequence[Compared]:
        """What was enlarged against the original."""
        return [Compared(generators[NETWORK](batch["low"]).float(), batch["high"])]

    def network_cards(self) -> dict[str, NetworkCard]:
        """One network, with its scale."""
        return {NETWORK: NetworkCard(spec=self.spec, source="low", target="high", scale=self.spec.scale)}


def low_resolution(config: SrganConfig) -> Degrade:
    """What adds the side "low" to a batch."""
    return Degrade(config.degradation, config.networks.scale)


KIND = Kind(SrganConfig, Srgan, from_files(find_images), low_resolution)
