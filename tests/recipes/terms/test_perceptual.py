"""The perceptual distance: its formula."""

from __future__ import annotations

import pytest
import torch

from img2img.recipes.terms.feature_terms import PerceptualDistance


@pytest.mark.parametrize(("cost", "power"), [("l1", 1), ("mse", 2)])
def test_it_is_the_weighted_mean_distance_of_scaled_activations(cost: str, power: int) -> None:
    distance = PerceptualDistance({"one": 0.5, "three": 2.0}, cost, scale=0.25)  # type: ignore[arg-type]
    found, wanted = (
        {"one": torch.full((2, 1, 4, 4), value), "three": torch.full((2, 5, 2, 2), 3 * value)} for value in (0.7, 0.3)
    )
    by_hand = 0.5 * (0.25 * 0.4) ** power + 2 * (0.25 * 3 * 0.4) ** power
    assert abs(distance(found, wanted).item() - by_hand) < 1e-6
