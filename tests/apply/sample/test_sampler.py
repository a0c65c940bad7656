"""Samples: a number decides what is drawn, alone or among others; classes by name."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from support.samplers import write_generator

from img2img.apply.sample.sampler import open_sampler
from img2img.config.base import Refusal
from img2img.weights.errors import WeightsError

CPU = torch.device("cpu")


def test_a_sample_is_its_number_whatever_is_drawn_beside_it(tmp_path: Path) -> None:
    sampler = open_sampler(str(write_generator(tmp_path / "w.safetensors")), CPU)
    many, alone = sampler.latents(range(100)), sampler.latents([37])
    assert torch.equal(many[37], alone[0]) and not torch.equal(many[37], many[38])
    torch.manual_seed(5)  # must not matter
    pictures = sampler.pictures(many)
    assert pictures.shape == (100, 1, 28, 28) and pictures.abs().max() <= 1
    torch.testing.assert_close(sampler.pictures(alone)[0], pictures[37], rtol=0, atol=1e-4)


def test_classes_in_turn_and_by_name(tmp_path: Path) -> None:
    sampler = open_sampler(str(write_generator(tmp_path / "w.safetensors", ("hat", "shoe", "bag"))), CPU)
    labels, named = sampler.labels(5), sampler.labels(3, ["bag", "hat"])
    assert labels is not None and labels.tolist() == [0, 1, 2, 0, 1]
    assert named is not None and named.tolist() == [2, 0, 2]
    latents = sampler.latents([0]).expand(3, -1)
    drawn = sampler.pictures(latents, sampler.labels(3))
    assert (drawn[0] - drawn[1]).abs().max() > 1e-3
    with pytest.raises(Refusal, match=r"--classes cap: .*hat, shoe, bag"):
        sampler.labels(1, ["cap"])


def test_without_classes_none_can_be_asked_for(tmp_path: Path) -> None:
    sampler = open_sampler(str(write_generator(tmp_path / "w.safetensors")), CPU)
    assert sampler.labels(3) is None
    with pytest.raises(Refusal, match="has no classes"):
        sampler.labels(1, ["hat"])


def test_weights_of_another_task_are_refused(tmp_path: Path) -> None:
    from support.upscalers import write_weights

    with pytest.raises(WeightsError, match="holds weights to upscale, not to sample"):
        open_sampler(str(write_weights(tmp_path / "w.safetensors")), CPU)
