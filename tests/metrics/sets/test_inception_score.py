"""Inception score in closed forms."""

from __future__ import annotations

import pytest
import torch

from img2img.config.base import Refusal
from img2img.metrics.sets.inception_score import inception_score


def certain(classes: torch.Tensor, count: int) -> torch.Tensor:
    """Logits that leave no doubt."""
    return torch.nn.functional.one_hot(classes, count).float() * 1000


def test_certain_of_each_of_all_classes_is_their_number() -> None:
    mean, deviation = inception_score(certain(torch.arange(7).repeat(20), 7), seed=0, splits=1)
    assert mean == pytest.approx(7, abs=1e-5) and deviation == 0


def test_one_class_alone_and_no_idea_at_all_are_one() -> None:
    for logits in (certain(torch.zeros(40).long(), 7), torch.zeros(40, 7)):
        assert inception_score(logits, seed=0) == pytest.approx((1, 0), abs=1e-9)


def test_the_formula() -> None:
    logits = torch.randn(30, 5, generator=torch.Generator().manual_seed(0)).double()
    of_each = logits.softmax(1)
    divergence = (of_each * (of_each / of_each.mean(0)).log()).sum(1).mean()
    assert inception_score(logits, seed=0, splits=1)[0] == pytest.approx(divergence.exp().item(), abs=1e-10)


def test_splits_partition_the_set() -> None:
    """A set of two halves, each of one class, scores 1 where a split sees one class and 2 where it sees both alike."""
    logits = certain(torch.arange(2).repeat_interleave(500), 2)
    mean, deviation = inception_score(logits, seed=0)
    assert 1.9 < mean <= 2 and 0 < deviation < 0.1, "split in order, each part would hold one class"
    assert inception_score(logits, seed=0) == (mean, deviation) != inception_score(logits, seed=1)


def test_fewer_pictures_than_splits_are_refused() -> None:
    with pytest.raises(Refusal, match="10 parts, and there are 9 pictures"):
        inception_score(torch.zeros(9, 4), seed=0)
