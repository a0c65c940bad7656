"""Nearest pictures: against all distances at once, whatever the batches."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from img2img.apply.sample.nearest import features, nearest
from img2img.metrics.sets.inception import load_inception


@pytest.mark.parametrize("sizes", [[50], [7, 20, 1, 22], [1] * 50])
def test_batches_make_no_difference(sizes: list[int]) -> None:
    torch.manual_seed(0)
    pictures, others = torch.rand(4, 1, 5, 5), torch.rand(50, 1, 5, 5)
    found, distances = nearest(pictures, others.split(sizes), 3)
    apart = (pictures[:, None] - others[None]).square().mean(dim=(2, 3, 4)).sqrt()
    expected, places = apart.topk(3, largest=False)
    torch.testing.assert_close(distances, expected, rtol=0, atol=1e-4)
    assert torch.equal(found, others[places])


def test_a_copy_is_its_own_neighbour() -> None:
    torch.manual_seed(0)
    others = torch.rand(9, 3, 4, 4)
    found, distances = nearest(others[4:5], [others], 1)
    assert torch.equal(found[0, 0], others[4]) and distances[0, 0] < 1e-3


def test_fewer_where_there_are_no_more() -> None:
    assert nearest(torch.rand(2, 1, 4, 4), [torch.rand(3, 1, 4, 4)], 5)[0].shape == (2, 3, 1, 4, 4)


def test_by_any_traits() -> None:
    """By their means 0.4 is nearer to 0.5 than a picture of 0 and 1 with mean 0.58, which pixels find far away too."""
    picture, others = torch.full((1, 1, 2, 3), 0.5), torch.zeros(3, 1, 2, 3)
    others[0], others[1, 0, :, 1:], others[2, 0, 0] = 0.4, 0.9, 1.0
    means = nearest(picture, [others], 3, lambda pictures: pictures.mean(dim=(1, 2, 3))[:, None])
    torch.testing.assert_close(means[1], torch.tensor([[0.0, 0.1, 0.1]]), rtol=0, atol=1e-6)
    assert torch.equal(means[0][0, 0], others[2])
    assert torch.equal(nearest(picture, [others], 1)[0][0, 0], others[0])


def test_features_are_inceptions_of_rounded_pictures(inception: Path) -> None:
    network = load_inception(inception, "clean", torch.device("cpu"))
    torch.manual_seed(0)
    grey = torch.randint(0, 256, (3, 1, 9, 9)).float()
    traits = features(network)(grey / 127.5 - 1)
    torch.testing.assert_close(traits, network(list(grey.byte().expand(-1, 3, -1, -1)))[0], rtol=0, atol=1e-5)
    found, distances = nearest(grey[:1] / 127.5 - 1, [grey / 127.5 - 1], 3, lambda pictures: traits[: len(pictures)])
    apart = (traits[:1] - traits).square().mean(dim=1).sqrt().sort()
    torch.testing.assert_close(distances[0], apart.values, rtol=1e-3, atol=1e-3)
    assert torch.equal(found[0], (grey / 127.5 - 1)[apart.indices])
