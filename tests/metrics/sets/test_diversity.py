"""Mean LPIPS of random pairs."""

from __future__ import annotations

import pytest
import torch
from support.metric_pictures import picture

from img2img.config.base import Refusal
from img2img.metrics import LPIPS
from img2img.metrics.sets.diversity import diversity, random_pairs


def test_pairs_are_different_pictures_each_once() -> None:
    pairs = random_pairs(30, 100, seed=0)
    assert len(set(pairs)) == 100 and all(0 <= other < one < 30 for one, other in pairs)
    assert pairs == random_pairs(30, 100, seed=0) != random_pairs(30, 100, seed=1)
    assert sorted(random_pairs(4, 100, seed=0)) == [(1, 0), (2, 0), (2, 1), (3, 0), (3, 1), (3, 2)]


def test_it_is_the_mean_over_pairs() -> None:
    torch.manual_seed(0)
    network = LPIPS("alex")
    for line in network.linear:
        line.weight.data.abs_()  # type: ignore[union-attr, operator]
    pictures = [picture(seed) for seed in (1, 2, 2)]
    pairs = [(0, 1), (1, 2)]
    expected = network(pictures[0], pictures[1]).item() / 2
    assert expected > 0 and diversity(pictures, pairs, network) == pytest.approx(expected)


def test_one_picture_has_no_partner() -> None:
    with pytest.raises(Refusal, match="two or more"):
        random_pairs(1, 10, seed=0)
