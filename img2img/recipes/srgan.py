"""SRGAN: high resolution from low, by pixels first, then by a critic and VGG19, too (arXiv:1609.04802, equation 3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from torch import Tensor, nn
from torch.nn.functional import interpolate, l1_loss, mse_loss

from img2img.config.base import Refusal
from img2img.config.card import NetworkCard, Task
from img2img.config.networks import CriticSpec, UpscalerSpec
from img2img.config.srgan import PRETRAINING, SrganConfig
from img2img.networks import build
from img2img.networks.upsampling import bicubic

from .perceptual import perceptual_distance
from .recipe import Batch, Terms, adversary_at, adversary_of, game_of, generate, weighted

NETWORK = "upscale"
"""The generator's name in weights files."""

PIXEL_COSTS = {"l1": l1_loss, "mse": mse_loss}


class Srgan:
    """G(low) is to equal high: pixel by pixel in the pretraining; then also in VGG19's activations and for a critic.

    Batches have the sides "high" (N, C, S, S) and "low" (N, C, S / scale, S / scale).
    names, channels: of the side "high".
    Raises Refusal for sizes that the networks do not take, and for an objective without terms.
    """

    name = "srgan"
    task: Task = "upscale"
    first: Literal["critics", "generators"] = "critics"
    phase: str = ""

    def __init__(self, config: SrganConfig, names: Mapping[str, str], channels: Mapping[str, int]) -> None:
        self.objective = config.objective
        self.recompute = config.run.recompute
        self.pixel_cost = PIXEL_COSTS[config.objective.pixel_cost]
        self.spec = config.networks.generator_spec(channels["high"])
        _require_size(config.data.size, self.spec.scale, self.spec, "the generator")
        self.generators = nn.ModuleDict({NETWORK: build(self.spec)})

        game, adversarial = game_of(config.objective), config.objective.adversarial > 0
        critic = config.networks.critic_spec(channels["high"], energy=game.critic == "energy")
        self.game = config.objective.game if adversarial else "none"
        self.critics = {"high": critic} if adversarial else {}
        self.adversaries = nn.ModuleDict()
        self.critic_steps = 1
        if adversarial:
            _require_size(config.data.size, 1, critic, "the critic")
            self.adversaries["high"] = adversary_of(critic, config.objective)
            self.critic_steps = config.objective.critic_steps or game.critic_steps
        self.frozen = nn.ModuleDict()
        if config.objective.perceptual:
            self.frozen["perceptual"] = perceptual_distance(config.objective)
        if not (adversarial or config.objective.perceptual or config.objective.pixel):
            raise Refusal("--adversarial, --perceptual and --pixel are all 0: nothing is left to learn from")

    def play(self, batch: Batch) -> Terms:
        """G(low)."""
        return {"high": generate(self.generators[NETWORK], batch["low"], self.recompute)}

    def critic_terms(self, batch: Batch, fakes: Terms) -> Terms:
        """The critic judges high against G(low); in the pretraining it is idle."""
        if self.phase == PRETRAINING or not self.adversaries:
            return {}
        return adversary_at(self.adversaries, "high").critic_terms(batch["high"], fakes["high"])

    def generator_terms(self, batch: Batch, fakes: Terms) -> Terms:
        """The distance of pixels; after the pretraining also of activations, and what G pays to the critic."""
        objective, real, fake = self.objective, batch["high"], fakes["high"]
        if self.phase == PRETRAINING:
            return {"pixel": self.pixel_cost(fake, real)}
        terms: Terms = {}
        if self.adversaries:
            paid = adversary_at(self.adversaries, "high").generator_terms(fake, real)
            terms |= weighted("", objective.adversarial, paid)
        if objective.pixel:
            terms["pixel"] = objective.pixel * self.pixel_cost(fake, real)
        if self.frozen:
            terms["perceptual"] = objective.perceptual * self.frozen["perceptual"](fake, real)
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

    def network_cards(self) -> dict[str, NetworkCard]:
        """One network, with its scale."""
        return {NETWORK: NetworkCard(spec=self.spec, source="low", target="high", scale=self.spec.scale)}


def _require_size(size: int, scale: int, spec: UpscalerSpec | CriticSpec, whose: str) -> None:
    """Refuses a --size whose pictures, `scale` times smaller, are not what the network takes."""
    needs = spec.needs
    step, least = needs.multiple_of * scale, needs.minimum * scale
    if size % step or size < least:
        raise Refusal(f"--size {size}: {whose}, {spec.network}, takes multiples of {step} px from {least} px on")
