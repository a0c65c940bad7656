"""A classifier of one set tested on another."""

from __future__ import annotations

import pytest
import torch

from img2img.metrics.sets.gan_train_test import RIDGE, fit


def labelled(each: int, seed: int, classes: int = 3) -> tuple[torch.Tensor, torch.Tensor]:
    """Clusters on the axes."""
    labels = torch.arange(classes).repeat_interleave(each)
    noise = torch.randn(len(labels), 5, generator=torch.Generator().manual_seed(seed)) / 10
    return noise + 2 * torch.eye(classes, 5)[labels], labels


def test_clusters_are_told_apart_and_relabelled_ones_are_not() -> None:
    classifier = fit(*labelled(20, 1), classes=3)
    features, labels = labelled(30, 2)
    assert classifier.accuracy(features, labels) == 1
    assert classifier.accuracy(features, (labels + 1) % 3) == 0


def test_a_class_that_was_never_shown_is_never_found() -> None:
    features, labels = labelled(20, 1)
    classifier = fit(features[labels < 2], labels[labels < 2], classes=3)
    assert classifier.accuracy(*labelled(30, 2)) == pytest.approx(2 / 3)


def test_it_is_the_optimum() -> None:
    """Where the gradient of mean cross-entropy plus ridge is 0: X'(p - y) / N + RIDGE w = 0."""
    features, labels = labelled(20, 1)
    found = fit(features, labels, classes=3)
    rows = (features.double() - features.double().mean(0)) / features.double().std(0, correction=0)
    rows = torch.cat([rows, torch.ones(len(rows), 1)], 1)
    residual = (rows @ found.weight).softmax(1) - torch.nn.functional.one_hot(labels, 3)
    gradient = rows.T @ residual / len(rows)
    gradient[:-1] += RIDGE * found.weight[:-1]
    assert gradient.abs().max() < 1e-4


def test_a_feature_that_never_changes_does_no_harm() -> None:
    features, labels = labelled(20, 1)
    features[:, 4] = 7
    assert fit(features, labels, classes=3).accuracy(features, labels) == 1
