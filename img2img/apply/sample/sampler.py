"""A trained generator as a source of pictures: each has a number, which alone decides what it shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from img2img.config.base import Refusal
from img2img.config.networks.prior import Prior
from img2img.config.networks.samplers import NoiseGeneratorSpec
from img2img.data.latents import draw
from img2img.networks import apply_mode
from img2img.networks.samplers.generator import Generator
from img2img.weights.errors import WeightsError
from img2img.weights.files import load
from img2img.weights.find import check_task, resolve_path

BATCH = 64
"""Pictures drawn at once."""


@dataclass(frozen=True)
class Sampler:
    """network: in the mode to be applied, on `device`. classes: names by number; none where it has no classes."""

    network: Generator
    spec: NoiseGeneratorSpec
    prior: Prior
    classes: tuple[str, ...]
    device: torch.device
    path: Path
    truncation: float | None
    """Of the noise, as in `draw`; None where there is none, or the network sees to it."""

    def __call__(self, count: int = 1, *, seed: int = 0, classes: Sequence[str] = ()) -> Tensor:
        """The samples of the numbers seed, seed + 1, ...: (count, C, size, size) float32 in [-1, 1], on the CPU.

        classes: names, taken in turn; all of the network's where none are named.
        Raises Refusal, listing the classes, for a name that is none of them.
        """
        return self.pictures(self.latents(range(seed, seed + count)), self.labels(count, classes))

    def latents(self, numbers: Sequence[int]) -> Tensor:
        """The latents of these samples, (N, latent), the same on every device."""
        drawn = [draw(self.prior, 1, truncation=self.truncation, generator=_chance(number)) for number in numbers]
        return torch.cat(drawn)

    def labels(self, count: int, wanted: Sequence[str] = ()) -> Tensor | None:
        """Classes of so many samples, (N,): the wanted ones in turn, all where none are named; None without classes.

        Raises Refusal, listing the classes, for a name that is none of them.
        """
        if not self.classes:
            if wanted:
                raise Refusal(f"--classes {','.join(wanted)}: {self.path} has no classes")
            return None
        for name in wanted:
            if name not in self.classes:
                raise Refusal(f"--classes {name}: no class of {self.path}; there are {', '.join(self.classes)}")
        order = [self.classes.index(name) for name in wanted] or list(range(len(self.classes)))
        return torch.tensor([order[place % len(order)] for place in range(count)])

    def one_label(self, count: int, wanted: Sequence[str] = ()) -> Tensor | None:
        """As `labels`, but all of one class, the first."""
        return self.labels(count, wanted[:1] or self.classes[:1])

    @torch.inference_mode()
    def pictures(self, latents: Tensor, labels: Tensor | None = None) -> Tensor:
        """(N, latent), and (N,) where there are classes -> (N, C, size, size) float32 in [-1, 1], on the CPU."""
        drawn = []
        for first in range(0, len(latents), BATCH):
            label = None if labels is None else labels[first : first + BATCH].to(self.device)
            drawn.append(self.network(latents[first : first + BATCH].to(self.device), label).float().cpu())
        return torch.cat(drawn)


def open_sampler(model: str, device: torch.device, truncation: float | None = None) -> Sampler:
    """The generator that `model` names: a weights file, or a run's folder.

    Raises WeightsError in one line where there is none, or the weights are for something else; Refusal for a truncation
    that the network does not take.
    """
    path = resolve_path(model, "sample")
    networks, card = load(path, device)
    check_task(card, "sample", path)
    for name, about in card.networks.items():
        network = networks[name]
        if isinstance(network, Generator) and isinstance(about.spec, NoiseGeneratorSpec) and about.prior:
            apply_mode(network)
            noise_truncation = network.truncate(truncation)
            return Sampler(network, about.spec, about.prior, about.classes, device, path, noise_truncation)
    raise WeightsError(f"{path}: holds no generator with a prior to draw its latents from")


def _chance(number: int) -> torch.Generator:
    return torch.Generator().manual_seed(number)
