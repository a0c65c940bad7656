"""The style-based generator's own term in the recipe."""

from __future__ import annotations

import pytest
import torch

from img2img.config.base import Refusal
from img2img.config.networks.samplers import InfoGANSpec, StyleGANSpec
from img2img.networks import build
from img2img.recipes.terms.path_length import PathLength

SPEC = StyleGANSpec(latent=6, size=8, width=4, growth=0, style=5, mapping_layers=1, classes=2)


def test_it_reaches_what_makes_the_pictures_and_moves_the_running_mean() -> None:
    torch.manual_seed(0)
    generator = build(SPEC)
    (term,) = PathLength(generator, 2.0).terms(torch.randn(8, 6), torch.zeros(8, dtype=torch.int64)).values()
    assert term.item() > 0 and generator.mean_length.item() > 0
    term.backward()
    reached = {name for name, weight in generator.named_parameters() if weight.grad is not None and weight.grad.any()}
    assert {"mapping.0.weight", "synthesis.grow.0.convolution.weight", "synthesis.constant"} <= reached


def test_the_weight_is_a_factor_and_0_costs_nothing() -> None:
    def cost(weight: float) -> dict[str, torch.Tensor]:
        torch.manual_seed(0)
        generator = build(SPEC.model_copy(update={"classes": 0}))
        return PathLength(generator, weight).terms(torch.randn(4, 6))

    torch.testing.assert_close(cost(3.0)["path_length"], 3 * cost(1.0)["path_length"])
    assert cost(0.0) == {}


def test_a_generator_without_styles_is_refused_only_where_it_is_asked_for() -> None:
    generator = build(InfoGANSpec(width=1))
    assert PathLength(generator, 0.0).terms(torch.zeros(1, 64)) == {}
    with pytest.raises(Refusal, match="--path-length 2: goes with --network stylegan"):
        PathLength(generator, 2.0)
