"""Latents: their distribution, truncated or not, and codes in their places."""

from __future__ import annotations

import math

import pytest
import torch

from img2img.config.base import Refusal
from img2img.config.networks.prior import Prior
from img2img.data.latents import Latents, draw


def chance() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def test_normal_and_uniform_noise() -> None:
    normal = draw(Prior(noise=4), 20_000, generator=chance())
    uniform = draw(Prior(noise=4, distribution="uniform"), 20_000, generator=chance())
    assert abs(normal.mean()) < 0.02 and abs(normal.var() - 1) < 0.02
    assert uniform.abs().max() <= 1 and abs(uniform.mean()) < 0.02 and abs(uniform.var() - 1 / 3) < 0.01


@pytest.mark.parametrize("most", [0.5, 1.0, 2.0])
def test_truncated_normal_noise_has_the_variance_of_the_truncated_distribution(most: float) -> None:
    values = draw(Prior(noise=4), 50_000, truncation=most, generator=chance())
    density = math.exp(-(most**2) / 2) / math.sqrt(2 * math.pi)
    variance = 1 - 2 * most * density / math.erf(most / math.sqrt(2))
    assert values.abs().max() <= most and abs(values.var() - variance) < 0.01 and abs(values.mean()) < 0.01


def test_truncation_shrinks_uniform_noise() -> None:
    assert draw(Prior(distribution="uniform"), 100, truncation=0.25).abs().max() <= 0.25


@pytest.mark.parametrize("truncation", [0.0, -1.0, math.nan])
def test_a_truncation_that_leaves_nothing_is_refused(truncation: float) -> None:
    with pytest.raises(Refusal, match="--truncation"):
        draw(Prior(), 1, truncation=truncation)


def test_codes_come_after_the_noise() -> None:
    prior = Prior(noise=2, categorical=(3, 4), continuous=2)
    values = draw(prior, 3000, generator=chance())
    assert prior.size == values.shape[1] == 2 + 3 + 4 + 2 and prior.codes == 9
    for first, last in ((2, 5), (5, 9)):
        category = values[:, first:last]
        assert torch.equal(category.sum(dim=1), torch.ones(3000)) and set(category.unique().tolist()) == {0.0, 1.0}
        assert (category.mean(dim=0) - 1 / (last - first)).abs().max() < 0.05
    assert values[:, 9:].abs().max() <= 1 and abs(values[:, 9:].var() - 1 / 3) < 0.02


def test_a_batch_gets_a_latent_for_every_picture_and_keeps_the_rest() -> None:
    batch = {"real": torch.zeros(5, 3, 8, 8), "label": torch.arange(5)}
    made = Latents(Prior(noise=6), of="real")(batch)
    assert made["latent"].shape == (5, 6) and made["real"] is batch["real"] and made["label"] is batch["label"]
