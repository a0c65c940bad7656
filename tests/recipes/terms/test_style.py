"""The style distance: which channels are active together, and how far that is apart (arXiv:1603.08155)."""

from __future__ import annotations

import torch

from img2img.recipes.terms.feature_terms import StyleDistance, gram


def test_the_gram_matrix_is_equation_3() -> None:
    torch.manual_seed(0)
    activations = torch.randn(2, 3, 4, 5)
    found = gram(activations)
    assert found.shape == (2, 3, 3)
    for picture in range(2):
        for one in range(3):
            for other in range(3):
                products = (activations[picture, one] * activations[picture, other]).sum()
                assert abs(found[picture, one, other] - products / (3 * 4 * 5)) < 1e-6


def test_the_distance_is_equation_4() -> None:
    """Of constant activations a and b with C channels every entry of G is a^2 / C: the norm is (a^2 - b^2)^2."""
    found, wanted = ({"x": torch.full((2, 4, 3, 3), value), "y": torch.ones(2, 2, 2, 2)} for value in (3.0, 2.0))
    assert abs(StyleDistance({"x": 0.5, "y": 7.0})(found, wanted).item() - 0.5 * (9 - 4) ** 2) < 1e-5


def test_where_something_is_does_not_count() -> None:
    torch.manual_seed(0)
    found = torch.randn(1, 3, 4, 4)
    moved = found.flatten(2)[..., torch.randperm(16)].view_as(found)
    assert StyleDistance({"x": 1.0})({"x": found}, {"x": moved}) < 1e-10
    mixed = found[:, :1].expand_as(found)
    assert StyleDistance({"x": 1.0})({"x": found}, {"x": mixed}) > 1e-2


def test_16_bits_do_not_touch_it() -> None:
    torch.manual_seed(0)
    activations = torch.randn(1, 8, 16, 16)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        narrow = gram(activations)
    assert narrow.dtype == torch.float32 and torch.equal(narrow, gram(activations))
