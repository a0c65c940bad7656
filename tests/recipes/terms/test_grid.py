"""What a generator pays for a weave: as much as `evaluate sr` would say it has, and less with each step."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from img2img.config.base import Refusal
from img2img.config.train.srgan import SrganConfig
from img2img.data.sides import Sides
from img2img.metrics.grid import grid_peak
from img2img.recipes.srgan import Srgan
from img2img.recipes.terms.grid import GridTerm


def grey(count: int, amplitude: float, side: int = 96) -> Tensor:
    """Noise of 8 levels with a weave of period 4 of this amplitude along one axis, levels; in colour."""
    noise = torch.randn(count, 1, side, side, generator=torch.Generator().manual_seed(0)) * 8
    wave = amplitude * torch.cos(math.pi / 2 * torch.arange(side))
    return ((noise + wave) / 127.5).expand(-1, 3, -1, -1).clone()


def test_it_says_what_the_metric_says():
    """One of the eight frequencies stands out, so the term is an eighth of its peak in bels."""
    large = grid_peak(grey(1, 6.0, 960)[0], 4)
    assert GridTerm(4)(grey(64, 6.0)).item() == pytest.approx(large / 10 / 8, abs=0.04)


def test_noise_and_a_flat_picture_pay_next_to_nothing():
    assert GridTerm(4)(grey(64, 0.0)) < 0.1
    assert GridTerm(4)(torch.zeros(2, 3, 96, 96)) == 0


def test_a_weave_of_less_than_rounding_is_free():
    wave = 0.005 / 127.5 * torch.cos(math.pi / 2 * torch.arange(96))
    assert GridTerm(4)(wave.expand(2, 3, 96, 96)) < 0.05


def test_learning_takes_the_weave_away_and_leaves_the_picture():
    picture = grey(8, 6.0)
    learnt = picture.clone().requires_grad_()
    optimiser = torch.optim.Adam([learnt], lr=2e-3)
    for _ in range(40):
        optimiser.zero_grad()
        (GridTerm(4)(learnt) + 10 * (learnt - picture).square().mean()).backward()
        optimiser.step()
    before, after = (sum(grid_peak(one, 4) for one in batch.detach()) / 8 for batch in (picture, learnt))
    assert before > 15 and after < before - 10
    assert (learnt - picture).abs().mean() < 10 / 127.5


def test_a_picture_that_was_measured_before_is_no_hindrance():
    """What measuring keeps, which is done in inference mode, is used in training, too."""
    picture = grey(1, 6.0)
    with torch.inference_mode():
        grid_peak(picture[0], 3)
    learnt = picture.clone().requires_grad_()
    GridTerm(3)(learnt).backward()
    assert learnt.grad is not None and learnt.grad.abs().max() > 0


@pytest.mark.parametrize("size", [(40, 60), (128, 100)])
def test_other_sizes_than_a_window(size):
    assert GridTerm(2)(torch.rand(2, 1, *size) - 0.5).isfinite()


def test_a_recipe_pays_for_it_by_its_weight_after_the_pretraining():
    config = SrganConfig.model_validate(
        {
            "networks": {"generator": "light", "width": 4, "blocks": 1},
            "objective": {"adversarial": 0.0, "perceptual": 0.0, "grid": 0.5},
        }
    )
    recipe = Srgan(config, Sides({"high": 3}))
    fake = grey(2, 6.0)
    terms = recipe.generator_terms({"high": fake}, {"high": fake})
    assert terms["grid"].item() == pytest.approx(0.5 * GridTerm(4)(fake).item())
    recipe.phase = "pixel pretraining"
    assert set(recipe.generator_terms({"high": fake}, {"high": fake})) == {"pixel"}


def test_what_is_not_enlarged_has_no_weave():
    config = SrganConfig.model_validate(
        {
            "networks": {"generator": "light", "scale": 1},
            "objective": {"adversarial": 0.0, "perceptual": 0.0, "grid": 1},
        }
    )
    with pytest.raises(Refusal, match="--scale"):
        Srgan(config, Sides({"high": 3}))
