"""A step that is compiled as a whole does what the eager one does."""

from __future__ import annotations

import copy
from functools import partial
from typing import Any
from unittest import mock

import pytest
import torch
from support.playing import INPAINT, SRGAN, Play
from torch import Tensor, nn

from img2img.config.base import Refusal
from img2img.config.toml import resolve
from img2img.config.train.cut import CutConfig
from img2img.config.train.pix2pix import COARSE, Pix2pixConfig
from img2img.config.train.unit import UnitConfig
from img2img.data.sides import Sides
from img2img.recipes.cut import Cut
from img2img.recipes.pix2pix import Pix2pix
from img2img.recipes.unit import Unit
from img2img.training.step import placement
from img2img.training.step.trainer import Trainer

STEPS = 3
CASES: dict[str, tuple[Play, dict[str, Any]]] = {
    "srgan": (SRGAN, {"optimisation": {"pretrain_steps": 1}}),
    "inpaint, feature matching, bf16": (
        INPAINT,
        {"objective": {"feature_matching": 1.0}, "run": {"precision": "bf16"}},
    ),
    "srgan, penalty, pool, noise, adaptive augmentation": (
        SRGAN,
        {"objective": {"game": "r1", "pool": 2, "instance_noise": 0.1, "critic_augment": "adaptive"}},
    ),
}


def played(case: str, execution: str) -> tuple[Trainer, list[dict[str, float]]]:
    """After so many steps, with the terms of each."""
    play, sections = CASES[case]
    sections = copy.deepcopy(sections)
    sections["run"] = sections.get("run", {}) | {"execution": execution}
    trainer = play.trainer(**sections)
    trainer.precision = "bf16" if sections["run"].get("precision") == "bf16" else "fp32"
    batches = trainer.batches(play)
    terms = [trainer.take_step(batches)[0] for _ in range(STEPS)]
    assert trainer.skipped == 0
    return trainer, [{name: float(term) for name, term in step.items()} for step in terms]


def compared(case: str, tolerance: float) -> None:
    """Terms and weights, which Adam has moved by up to a rate a step whatever a gradient's size."""
    torch._dynamo.reset()
    (eager, wanted), (compiled, found) = played(case, "eager"), played(case, "compiled")
    for step, (one, other) in enumerate(zip(wanted, found, strict=True)):
        assert one == pytest.approx(other, rel=tolerance, abs=tolerance), step
    for one_player, other_player in ((eager.generators, compiled.generators), (eager.critics, compiled.critics)):
        moved = [(one - other).abs() for one, other in zip(one_player.weights, other_player.weights, strict=True)]
        assert torch.cat([part.flatten() for part in moved]).mean() < tolerance * one_player.base_rate * STEPS


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_a_traced_step_is_the_eager_one(case: str) -> None:
    """Traced, and taken apart forwards and backwards, as for a compiler, but computed by torch's own kernels."""
    traced = partial(torch.compile, backend="aot_eager")
    with mock.patch.object(placement.torch, "compile", lambda part, mode: traced(part)):
        compared(case, 0.02)


@pytest.mark.slow
@pytest.mark.skipif(placement.cpp_compiler() is None, reason="torch.compile needs a C++ compiler on a CPU")
def test_a_compiled_step_is_the_eager_one() -> None:
    compared("srgan", 0.02)


def test_without_a_compiler_the_option_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(placement.shutil, "which", lambda name: None)
    with pytest.raises(Refusal, match=r"--execution compiled: .* needs a C\+\+ compiler"):
        SRGAN.trainer(run={"execution": "compiled"})


SMALL = {"width": 2, "blocks": 1, "critic_width": 2, "critic_layers": 1}
ENTERED: dict[str, tuple[type[Any], type[Any], str, dict[str, Any]]] = {
    "cut, activations": (Cut, CutConfig, "", {"networks": SMALL | {"nce_width": 4}}),
    "pix2pix, the coarse generator and the critic's features": (
        Pix2pix, Pix2pixConfig, COARSE,
        {
            "networks": SMALL | {"generator": "enhancer", "downsamplings": 1},
            "objective": {"feature_matching": 1.0},
            "optimisation": {"coarse_to_fine": "coarse,both"},
        },
    ),
    "unit, contents and pictures of them": (Unit, UnitConfig, "", {"networks": SMALL}),
}  # fmt: skip
"""Recipes that call networks by more than their forward pass; the phase; options."""


@pytest.mark.parametrize("case", ENTERED)
def test_compiled_networks_are_so_however_they_are_called(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """No convolution of a step is computed by itself."""
    torch._dynamo.reset()
    kind, options, phase, sections = ENTERED[case]
    recipe = kind(resolve(options, sections | {"data": {"size": 16}}), Sides({"a": 3, "b": 3}, {"a": "x", "b": "y"}))
    recipe.phase = phase
    monkeypatch.setattr(torch, "compile", partial(torch.compile, backend="eager"))
    placement.compile_in_place(recipe)
    compiled: list[bool] = []
    convolve = nn.Conv2d.forward

    def seen(self: nn.Conv2d, image: Tensor) -> Tensor:
        compiled.append(torch.compiler.is_compiling())
        return convolve(self, image)

    monkeypatch.setattr(nn.Conv2d, "forward", seen)
    batch = {side: torch.rand(1, 3, 16, 16) * 2 - 1 for side in "ab"}
    fakes = recipe.play(batch)
    terms = recipe.critic_terms(batch, {name: fake.detach() for name, fake in fakes.items()})
    terms |= recipe.generator_terms(batch, fakes)
    assert compiled and all(compiled)
    assert torch.stack(list(terms.values())).isfinite().all()
