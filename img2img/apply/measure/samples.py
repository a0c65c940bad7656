"""What a generator draws, as the measures of sets take it; and how evenly its pictures change along paths."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from img2img.apply.sample.sampler import BATCH, Sampler
from img2img.config.base import Refusal
from img2img.images import ImageError
from img2img.images.samples import fit_channels
from img2img.metrics import LPIPS
from img2img.metrics.sets.path_length import linear, perceptual_path_length, spherical
from img2img.metrics.sets.pictures import eight_bits
from img2img.networks.samplers.stylegan import StyleGAN


@dataclass(frozen=True, eq=False)
class GeneratorSamples:
    """The samples of these numbers, as `img2img sample` draws them. labels: of each its class, (N,); None without."""

    sampler: Sampler
    numbers: Sequence[int]
    labels: Tensor | None

    @property
    def name(self) -> str:
        """The weights that draw them."""
        return str(self.sampler.path)

    def __len__(self) -> int:
        return len(self.numbers)

    def read(self, place: int) -> Tensor:
        """One, (3, size, size) uint8; grey as three equal channels. Raises ImageError where it is not finite."""
        return _levels(self._drawn([place])[0], self.numbers[place])

    def in_turn(self) -> Iterator[Callable[[], Tensor]]:
        """What reads each, which were drawn many at once."""
        for first in range(0, len(self), BATCH):
            places = range(first, min(first + BATCH, len(self)))
            for place, picture in zip(places, self._drawn(places), strict=True):
                yield partial(_levels, picture, self.numbers[place])

    def without(self, failed: Collection[int]) -> GeneratorSamples:
        """All but those at these places."""
        kept = [place for place in range(len(self)) if place not in failed]
        labels = None if self.labels is None else self.labels[kept]
        return GeneratorSamples(self.sampler, [self.numbers[place] for place in kept], labels)

    def classes(self) -> list[str]:
        """The class that each was to show. Raises Refusal where the generator has none."""
        if self.labels is None:
            raise Refusal(f"--classes: {self.sampler.path} has no classes")
        return [self.sampler.classes[label] for label in self.labels.tolist()]

    def _drawn(self, places: Sequence[int]) -> Tensor:
        latents = self.sampler.latents([self.numbers[place] for place in places])
        return self.sampler.pictures(latents, None if self.labels is None else self.labels[list(places)])


def first_samples(sampler: Sampler, count: int, seed: int) -> GeneratorSamples:
    """Samples seed, seed + 1, ...; every class in turn where there are classes."""
    return GeneratorSamples(sampler, range(seed, seed + count), sampler.labels(count))


def path_length(sampler: Sampler, count: int, seed: int, network: LPIPS) -> float:
    """Perceptual path length over `count` paths, each from one sample to another of its class, codes kept.

    Paths are straight between stylegan's styles, else in the noise: great circles for normal, straight for uniform.
    """
    ends = sampler.latents(range(seed, seed + 2 * count)).double()
    labels = sampler.labels(count)
    device = next(network.parameters()).device

    def distance(one: Tensor, other: Tensor) -> Tensor:
        return network(*(fit_channels(pictures, 3).to(device) for pictures in (one, other))).cpu()

    if isinstance(sampler.network, StyleGAN):
        one, other = (_styles(sampler, sampler.network, end, labels) for end in ends.split(count))
        draw = partial(_of_styles, sampler, sampler.network)
        return perceptual_path_length(draw, one, other, distance, linear, seed)
    noise = sampler.prior.noise
    kept = ends[:count, noise:] if labels is None else torch.cat([ends[:count, noise:], labels[:, None]], dim=1)
    blend = spherical if sampler.prior.distribution == "normal" else linear
    one, other = ends[:, :noise].split(count)
    return perceptual_path_length(partial(_of_rows, sampler), one, other, distance, blend, seed, kept=kept)


def _styles(sampler: Sampler, network: StyleGAN, latents: Tensor, labels: Tensor | None) -> Tensor:
    with torch.inference_mode():
        label = None if labels is None else labels.to(sampler.device)
        return network.styles(latents.float().to(sampler.device), label).flatten(1).cpu().double()  # MPS has no float64


def _of_styles(sampler: Sampler, network: StyleGAN, styles: Tensor) -> Tensor:
    rows = styles.float().to(sampler.device)
    return network.draw(rows.unflatten(1, (network.synthesis.layers, -1))).float().cpu()


def _of_rows(sampler: Sampler, rows: Tensor) -> Tensor:
    """Pictures of latents with, where there are classes, a column for the class behind them."""
    latents, labels = rows[:, : sampler.prior.size], rows[:, sampler.prior.size :]
    return sampler.pictures(latents.float(), labels[:, 0].long() if sampler.classes else None)


def _levels(picture: Tensor, number: int) -> Tensor:
    try:
        return eight_bits(picture)
    except ImageError as error:
        raise ImageError(f"sample {number}: {error}") from error
