"""A step that is compiled as a whole does what the eager one does."""

from __future__ import annotations

import copy
from functools import partial
from typing import Any
from unittest import mock

import pytest
import torch
from support.playing import INPAINT, SRGAN, Play

from img2img.config.base import Refusal
from img2img.training import placement
from img2img.training.trainer import Trainer

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
