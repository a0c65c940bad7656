"""Global and local critic: where the window lies, what each of the two sees."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from img2img.config.networks.critics import GlobalLocalSpec
from img2img.config.networks.spec import CriticNorm
from img2img.networks import build
from img2img.networks.critics.global_local import GlobalLocalCritic, hole_corners, windows


def mask_of(*boxes: tuple[int, int, int, int], height: int = 16, width: int = 24) -> Tensor:
    """The mask of rectangles (top, bottom, left, right)."""
    mask = torch.zeros(1, 1, height, width)
    for top, bottom, left, right in boxes:
        mask[..., top:bottom, left:right] = 1
    return mask


@pytest.mark.parametrize(
    ("boxes", "corner"),
    [
        ([], (4, 6)),  # no hole: the middle
        ([(0, 16, 0, 24)], (4, 6)),  # everything: the middle too
        ([(6, 10, 10, 14)], (4, 6)),
        ([(8, 10, 16, 18)], (5, 11)),  # around the hole
        ([(0, 1, 0, 1)], (0, 0)),  # in a corner as far as the window can go
        ([(15, 16, 23, 24)], (8, 12)),
        ([(0, 2, 0, 2), (12, 16, 20, 24)], (8, 12)),  # of two that no window holds the larger
        ([(3, 5, 2, 4), (3, 5, 10, 12)], (0, 1)),  # both where they fit
    ],
)
def test_the_window_covers_most_of_the_hole_and_lies_around_it(
    boxes: list[tuple[int, int, int, int]], corner: tuple[int, int]
) -> None:
    assert hole_corners(mask_of(*boxes), 8, 12).tolist() == [list(corner)]


def test_no_window_covers_more() -> None:
    torch.manual_seed(0)
    mask = (torch.rand(5, 1, 13, 18) < 0.3).float()
    for hole, (y, x) in zip(mask[:, 0], hole_corners(mask, 6, 9).tolist(), strict=True):
        sums = [hole[a : a + 6, b : b + 9].sum() for a in range(8) for b in range(10)]
        assert len(sums) == 80 and hole[y : y + 6, x : x + 9].sum() == max(sums)


def test_each_picture_has_its_own_window() -> None:
    images = torch.randn(2, 3, 16, 24)
    mask = torch.cat([mask_of((0, 2, 0, 2)), mask_of((14, 16, 22, 24))])
    cut = windows(images, mask)
    assert torch.equal(cut[0], images[0, :, :8, :12]) and torch.equal(cut[1], images[1, :, 8:, 12:])


def test_the_global_part_sees_all_and_the_local_one_its_window() -> None:
    torch.manual_seed(0)
    critic = build(GlobalLocalSpec(width=2, layers=2, pooled=1, norm="none"))
    assert isinstance(critic, GlobalLocalCritic)
    image, mask = torch.randn(1, 3, 16, 24, requires_grad=True), mask_of((14, 16, 22, 24))
    joined = critic.features(image, mask)[-2]
    assert joined.shape == (1, 2 * 16 * 2)
    for part, everywhere in ((joined[:, :32], True), (joined[:, 32:], False)):
        (slope,) = torch.autograd.grad(part.sum(), image, retain_graph=True)
        seen = slope.abs().sum((0, 1)) > 0
        assert seen[8:, 12:].all() and seen[:8].any() == seen[:, :12].any() == everywhere


def test_at_the_papers_size_nothing_is_pooled() -> None:
    critic = build(GlobalLocalSpec(width=1, norm="none"))
    assert isinstance(critic, GlobalLocalCritic)
    features = critic.features(torch.zeros(1, 3, 256, 256), torch.zeros(1, 1, 256, 256))
    shapes = [tuple(feature.shape[1:]) for feature in features]
    assert [shape[0] for shape in shapes[:-2]] == [1, 2, 4, 8, 8, 8, 1, 2, 4, 8, 8]  # 64 to 512 in the paper
    assert shapes[5] == shapes[10] == (8, 4, 4)
    assert shapes[-2:] == [(2 * 16,), (1,)]


@pytest.mark.parametrize(("height", "width"), [(2, 2), (17, 40), (64, 64)])
def test_any_size_gives_one_score(height: int, width: int) -> None:
    spec = GlobalLocalSpec(width=1, layers=4, norm="spectral")
    assert spec.needs.minimum == 2
    assert build(spec)(torch.randn(2, 3, height, width), torch.zeros(2, 1, height, width)).shape == (2, 1)


def test_without_a_mask_it_says_what_is_missing() -> None:
    with pytest.raises(ValueError, match="needs the mask"):
        build(GlobalLocalSpec(width=1))(torch.zeros(1, 3, 8, 8))


def test_a_score_does_not_depend_on_the_rest_of_the_batch() -> None:
    torch.manual_seed(0)
    critic = build(GlobalLocalSpec(width=2, layers=3)).eval()
    images, mask = torch.randn(3, 3, 32, 32), torch.zeros(3, 1, 32, 32)
    mask[0, :, :9, :9] = mask[1, :, 20:, 3:9] = 1
    torch.testing.assert_close(critic(images, mask)[1:2], critic(images[1:2], mask[1:2]), rtol=0, atol=1e-5)


@pytest.mark.parametrize("norm", ["none", "instance", "batch", "batch-stat", "spectral"])
def test_the_first_layers_are_never_normalised(norm: CriticNorm) -> None:
    critic = build(GlobalLocalSpec(width=1, layers=3, norm=norm))
    normed = [name for name, module in critic.named_modules() if isinstance(module, nn.BatchNorm2d)]
    assert normed == (["whole.stages.1.1", "whole.stages.2.1", "window.stages.1.1"] if norm == "batch" else [])


@pytest.mark.parametrize("norm", ["none", "instance", "batch-stat", "spectral"])
def test_a_gradient_penalty_reaches_the_weights(norm: CriticNorm) -> None:
    torch.manual_seed(0)
    critic = build(GlobalLocalSpec(input_channels=1, width=1, layers=3, pooled=2, norm=norm)).double()
    image = torch.randn(2, 1, 32, 32, dtype=torch.float64, requires_grad=True)
    mask = torch.zeros_like(image)
    mask[..., 3:9, 4:20] = 1
    (slope,) = torch.autograd.grad(critic(image, mask).sum(), image, create_graph=True)
    weights = [parameter for name, parameter in critic.named_parameters() if "bias" not in name]
    gradients = torch.autograd.grad(slope.square().sum(), weights)
    assert all(gradient.isfinite().all() and gradient.any() for gradient in gradients)
