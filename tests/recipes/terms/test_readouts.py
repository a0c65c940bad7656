"""What it costs to misread a class or codes: closed forms."""

from __future__ import annotations

import math

import torch

from img2img.config.networks.prior import Prior
from img2img.data.latents import draw
from img2img.recipes.terms.readouts import class_readout, code_readout

PRIOR = Prior(noise=3, categorical=(4, 2), continuous=2)


def test_a_critic_that_cannot_tell_pays_the_entropy() -> None:
    label = torch.tensor([0, 2, 1])
    assert abs(class_readout(2.0).cost(torch.zeros(3, 5), label) - 2 * math.log(5)) < 1e-6
    codes = draw(PRIOR, 5000)[:, PRIOR.noise :]
    cost = code_readout(PRIOR, 1.0, 0.5).cost(torch.zeros(5000, PRIOR.codes), codes)
    # The entropies of the categories, and half of the two codes' variance, 1 / 3 each.
    assert abs(cost - (math.log(4) + math.log(2) + 0.5 * (2 / 3) / 2)) < 0.02


def test_a_critic_that_is_sure_and_right_pays_nothing() -> None:
    codes = draw(PRIOR, 50)[:, PRIOR.noise :]
    sure = torch.cat([1000 * codes[:, :6], codes[:, 6:]], dim=1)
    assert code_readout(PRIOR, 1.0, 1.0).cost(sure, codes) < 1e-5


def test_codes_of_one_kind_alone() -> None:
    for prior in (Prior(noise=1, categorical=(3,)), Prior(noise=1, continuous=1)):
        codes = draw(prior, 9)[:, 1:]
        assert torch.isfinite(code_readout(prior, 1.0, 1.0).cost(torch.zeros_like(codes), codes))
    assert not code_readout(PRIOR, 1.0, 1.0).on_real and class_readout(1.0).on_real
