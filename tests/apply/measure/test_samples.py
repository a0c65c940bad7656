"""Samples as a set, and the length of paths between them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from support.samplers import write_generator
from torch import Tensor, nn

from img2img.apply.measure.samples import GeneratorSamples, first_samples, path_length
from img2img.apply.sample.sampler import BATCH, Sampler, open_sampler
from img2img.config.base import Refusal
from img2img.config.networks.prior import Prior
from img2img.config.networks.samplers import StyleGANSpec
from img2img.images import ImageError
from img2img.metrics.sets.path_length import spherical
from img2img.networks.samplers.stylegan import StyleGAN

CPU = torch.device("cpu")


class Squared(nn.Module):
    """Stands for LPIPS: the squared distance."""

    def __init__(self) -> None:
        super().__init__()
        self.one = nn.Parameter(torch.ones(1))

    def forward(self, one: Tensor, other: Tensor) -> Tensor:
        return (one - other).double().square().sum((1, 2, 3))


class Plain(nn.Module):
    """The latent itself, as the picture, behind the class: (N, 1, 1, 1 + latent)."""

    def forward(self, latent: Tensor, label: Tensor | None = None) -> Tensor:
        behind = torch.zeros(len(latent)) if label is None else label.float()
        return torch.cat([behind[:, None], latent], dim=1)[:, None, None]


def opened(path: Path, *classes: str, **prior: Any) -> Sampler:
    return open_sampler(str(write_generator(path / "w.safetensors", classes, **prior)), CPU)


def test_a_sample_is_the_same_by_itself_and_in_turn(tmp_path: Path) -> None:
    samples = first_samples(opened(tmp_path), BATCH + 3, seed=7)
    read = [reading() for reading in samples.in_turn()]
    assert len(read) == len(samples) and read[0].shape == (3, 28, 28) and read[0].dtype == torch.uint8
    for place in (0, BATCH, BATCH + 2):
        assert (samples.read(place).int() - read[place].int()).abs().max() <= 1
    later = first_samples(samples.sampler, 2, seed=8)
    assert (later.read(0).int() - read[1].int()).abs().max() <= 1 and not torch.equal(read[0], read[1])
    assert samples.without([0]).numbers[0] == 8


def test_classes_come_in_turn(tmp_path: Path) -> None:
    samples = first_samples(opened(tmp_path, "hat", "bag"), 5, seed=0)
    assert samples.classes() == ["hat", "bag", "hat", "bag", "hat"]
    assert samples.without([1]).classes() == ["hat", "hat", "bag", "hat"]
    with pytest.raises(Refusal, match="has no classes"):
        first_samples(opened(tmp_path), 5, seed=0).classes()


def test_a_sample_that_is_not_finite_is_named(tmp_path: Path) -> None:
    sampler = opened(tmp_path)
    broken = GeneratorSamples(
        replace(sampler, network=lambda latent, label: torch.full((1, 1, 4, 4), torch.nan)), [12], None
    )
    with pytest.raises(ImageError, match="sample 12: pixel"):
        broken.read(0)


@pytest.mark.parametrize("classes", [(), ("hat", "bag")])
def test_the_length_of_paths_whose_pictures_are_their_noise(classes: tuple[str, ...], tmp_path: Path) -> None:
    """Neither codes nor classes change on the way."""
    sampler = opened(tmp_path, *classes, distribution="uniform", categorical=(3,), continuous=1)
    plain = replace(sampler, network=Plain())  # type: ignore[arg-type]
    noise = sampler.latents(range(4, 12)).double()[:, :6]
    squares = (noise[:4] - noise[4:]).square().sum(1)
    # what is shown is the mean of those between the first and the last percentile: of four, the middle two
    expected = 3 * squares.sort().values[1:3].mean().item()  # three channels, grey
    assert path_length(plain, 4, 4, Squared()) == pytest.approx(expected, rel=1e-2)  # type: ignore[arg-type]


def test_normal_noise_goes_on_great_circles(tmp_path: Path) -> None:
    sampler = opened(tmp_path)
    plain = replace(sampler, network=Plain())  # type: ignore[arg-type]
    one, other = sampler.latents(range(40)).double().split(20)
    places = torch.rand(20, 1, generator=torch.Generator().manual_seed(0)).double()  # as they are drawn there
    speed = (spherical(one, other, places + 1e-4) - spherical(one, other, places)).square().sum(1) / 1e-8
    found = path_length(plain, 20, 0, Squared())  # type: ignore[arg-type]
    assert found == pytest.approx(3 * speed.sort().values[1:-1].mean().item(), rel=0.02)


def test_stylegan_goes_straight_from_style_to_style(tmp_path: Path) -> None:
    spec = StyleGANSpec(size=8, width=2, latent=6, style=5, mapping_layers=1, channels=3)
    torch.manual_seed(0)
    network = StyleGAN(spec).eval()
    sampler = Sampler(network, spec, Prior(noise=6), (), CPU, tmp_path, None)
    with torch.inference_mode():
        one, other = network.styles(sampler.latents(range(20)))[:, 0].double().split(10)
        places = torch.rand(10, 1, generator=torch.Generator().manual_seed(0)).double()  # as they are drawn there
        ways = [(one + at * (other - one)).float()[:, None].expand(-1, 3, -1) for at in (places, places + 1e-4)]
        speed = (network.draw(ways[0]) - network.draw(ways[1])).double().square().sum((1, 2, 3)) / 1e-8
    found = path_length(sampler, 10, 0, Squared())  # type: ignore[arg-type]
    assert found == pytest.approx(speed.sort().values[1:-1].mean().item(), rel=0.02)
