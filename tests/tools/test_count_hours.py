"""The hours of the papers' trainings follow from what one step is counted to be."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch
from torch.nn.functional import conv2d

sys.path.insert(0, str(Path(__file__).parents[2] / "tools"))

from count_hours import ROWS, Counted, Operations, hours


def test_a_convolution_counts_as_often_as_it_multiplies_and_adds():
    """Twice 5 x 3 x 3 x 3 for each of 8 x 8 results; as much again for each of the two gradients."""
    picture, weight = torch.rand(1, 3, 10, 10, requires_grad=True), torch.rand(5, 3, 3, 3, requires_grad=True)
    with Operations() as operations:
        conv2d(picture, weight).sum().backward()
    assert operations.total == 3 * 2 * 5 * 3 * 3 * 3 * 8 * 8


def test_penalties_take_gradients_of_gradients_and_are_counted_too():
    picture = torch.rand(2, 4, requires_grad=True)
    with Operations() as operations:
        scores = (picture @ torch.rand(4, 3, requires_grad=True)).square().sum()
        (slope,) = torch.autograd.grad(scores, picture, create_graph=True)
        slope.sum().backward()
    assert operations.total > 3 * 2 * 2 * 4 * 3


@pytest.mark.parametrize(
    ("name", "steps"), [("pix2pix", 80_000), ("cyclegan", 266_800), ("cut", 533_600), ("munit", 1_000_000)]
)
def test_lengths_are_the_papers(name, steps):
    assert ROWS[name].steps == steps


@pytest.mark.parametrize(("found", "wanted"), [(Counted(10**12, 100), 10.0), (Counted(10**9, 10_000), 50.0)])
def test_the_longer_of_both_counts(found, wanted):
    """1e12 operations at 1e14 a second are 10 ms, 10,000 launches of 5 µs are 50 ms."""
    row = ROWS["pix2pix"]
    assert hours(row, found, 100.0, 5.0) == pytest.approx(row.steps * wanted * 1e-3 / 3600)
