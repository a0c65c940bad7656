"""The unconditional GAN: noise in, samples out, one adversary (arXiv:1406.2661, algorithm 1)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor, nn

from img2img.adversarial import Adversary
from img2img.config.base import Refusal
from img2img.config.card import NetworkCard, Task
from img2img.config.networks import AnySpec, CriticSpec

from .recipe import Batch, Terms


class Gan:
    """G(z) with z ~ N(0, 1) against one critic.

    generator: network (N, latent) -> (N, ...), samples in [-1, 1]; spec: its description, for the weights file.
    adversary: the critic and its game; critic: the critic's description; game: the game's name.
    latent: numbers in one z. critic_steps: critic steps for each generator step.
    Raises Refusal for a latent or critic_steps below 1.
    """

    name = "gan"
    task: Task = "sample"
    first: Literal["critics", "generators"] = "critics"
    phase: str = ""

    def __init__(
        self,
        generator: nn.Module,
        adversary: Adversary,
        *,
        spec: AnySpec,
        critic: CriticSpec,
        latent: int,
        game: str,
        critic_steps: int = 1,
    ) -> None:
        if latent < 1 or critic_steps < 1:
            raise Refusal(f"latent {latent} and critic steps {critic_steps}: both must be at least 1")
        self.spec, self.latent = spec, latent
        self.game = game
        self.critic_steps = critic_steps
        self.critics = {"real": critic}
        self.generators = nn.ModuleDict({"generator": generator})
        self.adversaries = nn.ModuleDict({"real": adversary})
        self.frozen = nn.ModuleDict()
        self.adversary = adversary

    def play(self, batch: Batch) -> Terms:
        """G(z), as many as there are real samples; z from torch's global generator, which the trainer seeds."""
        real = batch["real"]
        latents = torch.randn(len(real), self.latent, device=real.device)
        return {"fake": self.generators["generator"](latents).float()}

    def critic_terms(self, batch: Batch, fakes: Terms) -> Terms:
        """The critic judges real against fake samples."""
        return self.adversary.critic_terms(batch["real"], fakes["fake"])

    def generator_terms(self, batch: Batch, fakes: Terms) -> Terms:
        """What G pays to the critic: nothing else steers it."""
        return self.adversary.generator_terms(fakes["fake"], batch["real"])

    def show(self, generators: nn.ModuleDict, batch: Batch) -> Sequence[tuple[str, Tensor]]:
        """Samples of the latents in the batch, (N, latent), which stay the same through a run, beside real ones."""
        return [("generated", generators["generator"](batch["latent"]).float()), ("real", batch["real"])]

    def network_cards(self) -> dict[str, NetworkCard]:
        """One network, from noise."""
        return {"generator": NetworkCard(spec=self.spec, source="noise", target="samples")}
