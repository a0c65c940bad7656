"""Critics of one picture in several resolutions."""

from __future__ import annotations

import pytest
import torch

from img2img.config.base import Refusal
from img2img.config.networks.critics import PatchSpec
from img2img.config.sections.objective import Adversarial
from img2img.networks.layers.resample import mean_halved
from img2img.recipes.shared.scales import Scales

SPEC = PatchSpec(width=2, layers=1, norm="none")
GAME = Adversarial(game="lsgan")


def test_each_critic_sees_half_of_what_the_one_before_sees() -> None:
    torch.manual_seed(0)
    scales = Scales("b", [SPEC] * 3, GAME, 32)
    real, fake = torch.rand(2, 3, 32, 32), torch.rand(2, 3, 32, 32)
    terms = scales.generator_terms(fake, real) | scales.critic_terms(real, fake)
    assert {name for name in terms if name.endswith("fool")} == {"fool", "half/fool", "quarter/fool"}
    for name, prefix in (("b", ""), ("b_half", "half/"), ("b_quarter", "quarter/")):
        alone = scales.adversaries[name].critic_terms(real, fake)
        torch.testing.assert_close(terms[f"{prefix}real"], alone["real"])
        real, fake = mean_halved(real), mean_halved(fake)


def test_a_flat_picture_stays_flat_at_its_borders() -> None:
    assert torch.allclose(mean_halved(torch.full((1, 1, 6, 7), 0.5)), torch.tensor(0.5))


def test_pictures_that_are_too_small_for_the_coarsest_are_refused() -> None:
    with pytest.raises(Refusal, match="--size 16: critic 3 of 3, patch"):
        Scales("b", [SPEC] * 3, GAME, 16)
