"""Precision and recall by neighbours, on points whose balls can be told by hand."""

from __future__ import annotations

import pytest
import torch

from img2img.config.base import Refusal
from img2img.metrics.sets.precision_recall import precision_and_recall, radii


def test_radii_on_a_line() -> None:
    points = torch.tensor([0.0, 1.0, 3.0, 7.0])[:, None].double()
    assert radii(points, 1).tolist() == [1, 1, 2, 4]
    assert radii(points, 2).tolist() == [3, 2, 3, 6]


def test_balls_on_a_line() -> None:
    """k = 1: true balls are [-1, 1], [0, 2], [1, 5] and [3, 11]; made ones [-22, -2] and [-2.5, -1], then [2, 13]."""
    true = torch.tensor([0.0, 1.0, 3.0, 7.0])[:, None]
    made = torch.tensor([-12.0, -2.0, -1.5])[:, None]
    assert precision_and_recall(made, true, neighbours=1) == (0, 0)
    assert precision_and_recall(torch.tensor([12.0, 11.0, 6.5])[:, None], true, 1) == (2 / 3, 0.5)


def test_a_set_and_itself_and_one_far_away() -> None:
    one = torch.randn(200, 8, generator=torch.Generator().manual_seed(0))
    assert precision_and_recall(one, one.clone()) == (1, 1)
    assert precision_and_recall(one, one + 100) == (0, 0)


def test_few_modes_are_precise_and_recall_little() -> None:
    """Two modes far apart, of which one is made."""
    draw = torch.Generator().manual_seed(0)
    true = torch.randn(600, 4, generator=draw)
    true[300:] += 50
    precision, recall = precision_and_recall(torch.randn(300, 4, generator=draw), true)
    assert precision > 0.9 and 0.4 < recall <= 0.5


def test_matrices_in_parts_are_the_whole() -> None:
    points = torch.randn(1500, 3, generator=torch.Generator().manual_seed(0)).double()
    whole = torch.cdist(points, points).sort(1).values[:, 3]
    assert (radii(points, 3) - whole).abs().max() < 1e-6


def test_too_few_are_refused() -> None:
    with pytest.raises(Refusal, match="need 4 pictures of each set or more, and one has 3"):
        precision_and_recall(torch.zeros(3, 2), torch.zeros(9, 2))
