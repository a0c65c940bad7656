"""A critic's judgement: its scores, and what it reads off pictures, in float32."""

from __future__ import annotations

from typing import NamedTuple, Protocol, cast

import torch
from torch import Tensor, nn


class Scorer(Protocol):
    """What an adversary asks of its critic."""

    def __call__(self, image: Tensor, given: Tensor | None = None) -> Tensor:
        """Scores of any shape (N, ...)."""

    def features(self, image: Tensor, given: Tensor | None = None) -> list[Tensor]:
        """Activations, the scores last; an energy game's critic gives [code, score]."""

    def read(self, features: list[Tensor]) -> Tensor:
        """What a further head reads off pictures, (N, R), where the critic has such a head."""


class Judgement(NamedTuple):
    """scores: (N, ...); read: (N, R), R 0 where the critic reads nothing off pictures."""

    scores: Tensor
    read: Tensor


class Judge:
    """A critic, as what it is used for. It may be given pictures real and fake in one pass, where that changes nothing.

    reads: whether its further head is asked, too.
    """

    def __init__(self, critic: nn.Module, *, reads: bool) -> None:
        self.scorer = cast(Scorer, critic)
        self.reads = reads
        # Statistics across the batch would mix real with fake if both went through in one pass.
        self.one_pass = not any(_mixes_samples(module) for module in critic.modules())

    def scores(self, images: Tensor, given: Tensor | None) -> Tensor:
        """Scores (N, ...)."""
        return self.scorer(images, given).float()

    def read(self, features: list[Tensor]) -> Tensor:
        """What the further head reads off pictures with these activations, (N, R)."""
        return self.scorer.read(features).float()

    def of(self, images: Tensor, given: Tensor | None) -> Judgement:
        """The judgement of pictures next to what they are given with."""
        if not self.reads:
            scores = self.scores(images, given)
            return Judgement(scores, scores.new_empty(len(images), 0))
        features = self.scorer.features(images, given)
        return Judgement(features[-1].float(), self.read(features))

    def both(
        self, real: Tensor, real_given: Tensor | None, fake: Tensor, fake_given: Tensor | None
    ) -> tuple[Judgement, Judgement]:
        """The judgements of real and of fake pictures."""
        if not self.one_pass or real.shape[1:] != fake.shape[1:]:
            return self.of(real, real_given), self.of(fake, fake_given)
        given = None if real_given is None or fake_given is None else torch.cat([real_given, fake_given])
        scores, read = self.of(torch.cat([real, fake.to(real.dtype)]), given)
        counts = [len(real), len(fake)]
        on_real, on_fake = map(Judgement, scores.split(counts), read.split(counts))
        return on_real, on_fake


def _mixes_samples(module: nn.Module) -> bool:
    return isinstance(module, nn.modules.batchnorm._BatchNorm) or bool(getattr(module, "mixes_samples", False))
