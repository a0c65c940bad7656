"""Where what judges see begins: at any pixel, the same for all that go together."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from support.playing import INPAINT, SRGAN, Play

from img2img.config.base import Refusal
from img2img.recipes.terms.shift import Shift


def test_what_goes_together_is_cut_alike_and_each_picture_elsewhere() -> None:
    torch.manual_seed(0)
    fake = torch.randn(6, 3, 16, 16, requires_grad=True)
    corners = set()
    for _ in range(40):
        cut = Shift(8, fake)
        seen, fewer = cut(fake), cut(fake[-2:] + 2)
        assert cut(None) is None and seen.shape == (6, 3, 8, 8)
        assert torch.equal(cut(fake + 1), seen + 1) and torch.equal(fewer, seen[-2:] + 2)
        (slope,) = torch.autograd.grad(seen.sum(), fake)
        places = [tuple(row.nonzero()[0].tolist()) for row in slope[:, 0]]
        for row, (top, left) in zip(slope[:, 0], places, strict=True):
            assert row[top : top + 8, left : left + 8].sum() == 64 == row.sum()
        corners |= set(places)
    assert len(corners) > 60 and {max(axis) for axis in zip(*corners, strict=True)} == {7}
    assert Shift(0, fake)(fake) is fake


def test_gradients_of_a_grid_have_no_period_any_more() -> None:
    """A judge that looks at every fourth pixel alone: its gradients fall on all pixels alike."""
    torch.manual_seed(0)
    sums = []
    for shift in (0, 8):
        fake = torch.randn(4000, 1, 24, 24, requires_grad=True)
        (slope,) = torch.autograd.grad(Shift(shift, fake)(fake)[..., ::4, ::4].sum(), fake)
        inner = slope[:, 0, 8:16, 8:16].sum(0).reshape(2, 4, 2, 4).sum((0, 2))
        sums.append(inner / inner.mean())
    assert sums[0].max() == 16 and sums[1].max() < 1.2 and sums[1].min() > 0.8


@pytest.mark.parametrize("play", [INPAINT, SRGAN], ids=["inpaint", "srgan"])
def test_it_trains_so_and_pixels_are_compared_whole(play: Play, vgg19: Path) -> None:
    objective = {"shift": 4, "perceptual": 1.0, "perceptual_layers": "relu1_1", "vgg19": vgg19}
    run = play.trainer(2, objective=objective, optimisation={"pretrain_steps": 0})
    shown: list[int] = []
    run.recipe.frozen["features"].features.register_forward_pre_hook(lambda _, given: shown.append(given[0].shape[-1]))
    run.recipe.adversaries["high"].critic.register_forward_pre_hook(lambda _, given: shown.append(given[0].shape[-1]))
    terms, _ = run.take_step(run.batches(play))
    assert set(shown) == {12} and {"generator/fool", "generator/perceptual", "generator/pixel"} <= terms.keys()
    plain = play.trainer(2, objective=objective | {"shift": 0}, optimisation={"pretrain_steps": 0})
    assert torch.equal(plain.take_step(plain.batches(play))[0]["generator/pixel"], terms["generator/pixel"])


def test_what_is_left_must_be_what_the_critic_takes() -> None:
    with pytest.raises(Refusal, match=r"the critic, which sees 4 px less \(--shift\)"):
        SRGAN.made(networks={"critic": "unet"}, objective={"shift": 4})
