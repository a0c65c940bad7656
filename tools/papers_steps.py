"""One training step of each paper in plain torch, as its authors' code takes it.

A forward pass for each picture and purpose, networks and pictures in NCHW and float32, one optimiser a player that goes
from weight to weight. Facts of the papers and of their code; nothing here is shared with the package.
"""

from __future__ import annotations

import random
from itertools import chain
from typing import Protocol

import torch
from papers_networks import initialise, patch_critic, resnet, srgan_critic, srresnet, unet, vgg19
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, l1_loss, mse_loss

Batch = dict[str, Tensor]
"""Pictures (N, 3, H, W) in [-1, 1] by side: a and b, or high and low, a quarter of its side."""


class Step(Protocol):
    """A game being played."""

    def take(self, batch: Batch) -> None:
        """One step of all players."""


def adam(*networks: nn.Module, rate: float, beta: float) -> torch.optim.Adam:
    """Adam, weight by weight."""
    weights = list(chain.from_iterable(network.parameters() for network in networks))
    return torch.optim.Adam(weights, lr=rate, betas=(beta, 0.999), foreach=False, fused=False)


class Pool:
    """The last 50 fakes; a critic is shown one of them in half of the cases (arXiv:1703.10593, section 4)."""

    def __init__(self, size: int = 50) -> None:
        self.size, self.kept = size, list[Tensor]()

    def shown(self, fakes: Tensor) -> Tensor:
        """As many pictures as are given."""
        given = []
        for fake in fakes.detach().split(1):
            if len(self.kept) < self.size:
                self.kept.append(fake)
                given.append(fake)
            elif random.random() < 0.5:
                place = random.randrange(self.size)
                given.append(self.kept[place].clone())
                self.kept[place] = fake
            else:
                given.append(fake)
        return torch.cat(given)


def like(scores: Tensor, value: float) -> Tensor:
    """What scores ought to be."""
    return torch.full_like(scores, value)


class Cyclegan:
    """Least squares, cycle 10, identity 5, the generators first (arXiv:1703.10593)."""

    def __init__(self, device: torch.device, width: int = 64, blocks: int = 9) -> None:
        self.forth, self.back = (initialise(resnet(blocks, width)).to(device) for _ in range(2))
        self.critics = {side: initialise(patch_critic(3, nn.InstanceNorm2d, width)).to(device) for side in "ab"}
        self.pools = {side: Pool() for side in "ab"}
        self.generators = adam(self.forth, self.back, rate=2e-4, beta=0.5)
        self.opponents = adam(*self.critics.values(), rate=2e-4, beta=0.5)

    def take(self, batch: Batch) -> None:
        a, b = batch["a"], batch["b"]
        fake_b = self.forth(a)
        again_a = self.back(fake_b)
        fake_a = self.back(b)
        again_b = self.forth(fake_a)
        self._require(False)
        self.generators.zero_grad()
        loss = 5 * l1_loss(self.forth(b), b) + 5 * l1_loss(self.back(a), a)
        for side, fake in (("b", fake_b), ("a", fake_a)):
            scores = self.critics[side](fake)
            loss = loss + mse_loss(scores, like(scores, 1.0))
        loss = loss + 10 * l1_loss(again_a, a) + 10 * l1_loss(again_b, b)
        loss.backward()
        self.generators.step()
        self._require(True)
        self.opponents.zero_grad()
        for side, real, fake in (("b", b, fake_b), ("a", a, fake_a)):
            on_real, on_fake = self.critics[side](real), self.critics[side](self.pools[side].shown(fake))
            half = (mse_loss(on_real, like(on_real, 1.0)) + mse_loss(on_fake, like(on_fake, 0.0))) * 0.5
            half.backward()
        self.opponents.step()

    def _require(self, gradients: bool) -> None:
        for critic in self.critics.values():
            critic.requires_grad_(gradients)


class Pix2pix:
    """The conditional game and 100 L1, the critic first (arXiv:1611.07004)."""

    def __init__(self, device: torch.device, width: int = 64, levels: int = 8) -> None:
        self.generator = initialise(unet(levels, width)).to(device)
        self.critic = initialise(patch_critic(6, nn.BatchNorm2d, width)).to(device)
        self.generators = adam(self.generator, rate=2e-4, beta=0.5)
        self.opponents = adam(self.critic, rate=2e-4, beta=0.5)

    def take(self, batch: Batch) -> None:
        a, b = batch["a"], batch["b"]
        fake = self.generator(a)
        self.critic.requires_grad_(True)
        self.opponents.zero_grad()
        on_fake = self.critic(torch.cat([a, fake.detach()], 1))
        on_real = self.critic(torch.cat([a, b], 1))
        of_fake = binary_cross_entropy_with_logits(on_fake, like(on_fake, 0.0))
        of_real = binary_cross_entropy_with_logits(on_real, like(on_real, 1.0))
        ((of_fake + of_real) * 0.5).backward()
        self.opponents.step()
        self.critic.requires_grad_(False)
        self.generators.zero_grad()
        scores = self.critic(torch.cat([a, fake], 1))
        (binary_cross_entropy_with_logits(scores, like(scores, 1.0)) + 100 * l1_loss(fake, b)).backward()
        self.generators.step()


class Srresnet:
    """Squared distance of pixels alone (arXiv:1609.04802, section 3.2)."""

    def __init__(self, device: torch.device, width: int = 64, blocks: int = 16) -> None:
        self.generator = srresnet(blocks, width).to(device)
        self.generators = adam(self.generator, rate=1e-4, beta=0.9)

    def take(self, batch: Batch) -> None:
        self.generators.zero_grad()
        mse_loss(self.generator(batch["low"]), batch["high"]).backward()
        self.generators.step()


class Srgan(Srresnet):
    """Features of VGG19 and the critic, who plays first (arXiv:1609.04802, equations 2, 3, 5, 6)."""

    def __init__(self, device: torch.device, width: int = 64, blocks: int = 16, side: int = 96) -> None:
        super().__init__(device, width, blocks)
        self.critic = srgan_critic(side, width).to(device)
        self.features = vgg19().to(device)
        self.opponents = adam(self.critic, rate=1e-4, beta=0.9)

    def take(self, batch: Batch) -> None:
        high = batch["high"]
        fake = self.generator(batch["low"])
        self.critic.requires_grad_(True)
        self.opponents.zero_grad()
        on_real, on_fake = self.critic(high), self.critic(fake.detach())
        of_real = binary_cross_entropy_with_logits(on_real, like(on_real, 1.0))
        (of_real + binary_cross_entropy_with_logits(on_fake, like(on_fake, 0.0))).backward()
        self.opponents.step()
        self.critic.requires_grad_(False)
        self.generators.zero_grad()
        scores = self.critic(fake)
        content = mse_loss(self.features(fake) / 12.75, self.features(high) / 12.75)
        (content + 1e-3 * binary_cross_entropy_with_logits(scores, like(scores, 1.0))).backward()
        self.generators.step()
