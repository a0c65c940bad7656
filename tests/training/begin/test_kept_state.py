"""What is kept of a run beside its weights: small, and enough to go on with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from support.playing import SRGAN

from img2img.config.base import Refusal
from img2img.training.begin.kept_state import begin_with, keep_state, packed, unpacked
from img2img.training.folder.checkpoint import CheckpointError
from img2img.training.step.trainer import Trainer

OPTIONS: dict[str, Any] = {
    "optimisation": {"pretrain_steps": 0, "ema": 0.0, "lr": 1e-3},
    "objective": {"adversarial": 1.0},
}


def test_second_moments_in_8_bits() -> None:
    torch.manual_seed(0)
    moment = torch.exp(3 * torch.randn(40, 5, 3, 3) - 20)
    moment[0, 0] = 0
    kept = unpacked(packed(moment))
    assert packed(moment)["levels"].dtype == torch.uint8 and (kept[0, 0] == 0).all()
    ratio = (kept[moment > 0] / moment[moment > 0]).log2().abs()
    span = float(moment[moment > 0].log2().max() - moment[moment > 0].log2().min())
    assert ratio.max() < 1.01 * span / 508
    for odd in (torch.zeros(3), torch.full((2, 2), 1e-12)):
        torch.testing.assert_close(unpacked(packed(odd)), odd, rtol=1e-5, atol=0)


@pytest.fixture
def trained() -> Trainer:
    """Forty steps on ever new batches."""
    trainer = SRGAN.trainer(60, **OPTIONS)
    batches = trainer.batches(SRGAN)
    for _ in range(40):
        trainer.take_step(batches)
    return trainer


def begun(trained: Trainer, path: Path | None) -> Trainer:
    """A fresh run with the trained one's weights, and with what is kept in a file."""
    fresh = SRGAN.trainer(60, **OPTIONS)
    fresh.recipe.generators.load_state_dict(trained.recipe.generators.state_dict())
    if path:
        begin_with(fresh, path)
    fresh.step = trained.step  # so that both see the same batches
    return fresh


def losses(trainer: Trainer, steps: int = 5) -> list[float]:
    batches, found = trainer.batches(SRGAN), []
    for _ in range(steps):
        terms, _ = trainer.take_step(batches)
        found.append(sum(float(term) for term in terms.values()))
    return found


@pytest.mark.parametrize("optimiser", ["sgd", "rmsprop"])
def test_another_optimiser_is_given_the_critics_alone(optimiser: str, trained: Trainer, tmp_path: Path) -> None:
    state = trained.state_dict()
    assert state is not None
    keep_state(tmp_path / "state.safetensors", state)
    options = {"optimisation": OPTIONS["optimisation"] | {"optimiser": optimiser}, "objective": OPTIONS["objective"]}
    fresh, again = SRGAN.trainer(60, **options), SRGAN.trainer(60, **options)
    begin_with(fresh, tmp_path / "state.safetensors")
    kept, own = (run.critics.networks.state_dict() for run in (trained, fresh))
    weights = [name for name in own if "weight" in name and isinstance(own[name], torch.Tensor)]
    assert weights and all(torch.allclose(own[name], kept[name], atol=1e-3) for name in weights)
    fresh.take_step(fresh.batches(SRGAN))
    saved = fresh.state_dict()
    assert saved is not None
    again.load_state_dict(saved)


def test_a_fresh_run_goes_on_as_the_old_one_would(trained: Trainer, tmp_path: Path) -> None:
    state = trained.state_dict()
    assert state is not None
    keep_state(tmp_path / "kept/state.safetensors", state)
    fresh, blank = begun(trained, tmp_path / "kept/state.safetensors"), begun(trained, None)
    picture = SRGAN.batch()["high"]
    scores = [run.recipe.adversaries["high"].critic.eval()(picture) for run in (trained, fresh, blank)]
    for run in (trained, fresh, blank):
        run.critics.networks.train()
    assert (scores[0] - scores[1]).abs().max() < 2e-3 * scores[0].abs().max() < (scores[0] - scores[2]).abs().max()
    assert fresh.recipe.adversaries["high"].steps == 40
    on, again, anew = losses(trained), losses(fresh), losses(blank)
    assert abs(again[0] - on[0]) < 2e-2 * abs(on[0]) < abs(anew[0] - on[0])
    assert max(abs(a - b) for a, b in zip(again, on, strict=True)) < 0.3 * max(
        abs(a - b) for a, b in zip(anew, on, strict=True)
    )


def test_steps_are_as_long_as_they_were(trained: Trainer, tmp_path: Path) -> None:
    """Without second moments Adam's first step is the rate itself for every weight, however small its gradients are."""
    state = trained.state_dict()
    assert state is not None
    keep_state(tmp_path / "state.safetensors", state)
    moved = []
    for path in (tmp_path / "state.safetensors", None):
        run = begun(trained, path)
        before = torch.cat([weight.detach().flatten().clone() for weight in run.generators.weights])
        losses(run, 1)
        moved.append(
            (torch.cat([weight.detach().flatten() for weight in run.generators.weights]) - before).abs().mean()
        )
    assert moved[0] < 0.3 * moved[1]


def test_another_critic_is_refused_and_another_head_is_not(trained: Trainer, tmp_path: Path) -> None:
    state = trained.state_dict()
    assert state is not None
    keep_state(tmp_path / "state.safetensors", state)
    with pytest.raises(Refusal, match=r"--start-state .* its critics are others"):
        begin_with(SRGAN.trainer(4, **OPTIONS, networks={"critic_width": 8}), tmp_path / "state.safetensors")
    other = SRGAN.trainer(4, **OPTIONS, networks={"head": "steps"})
    begin_with(other, tmp_path / "state.safetensors")
    known = {name for name, weight in zip(other.generators.names, other.generators.weights, strict=True)
             if weight in other.generators.optimiser.state}  # fmt: skip
    assert "upscale.enter.weight" in known and "upscale.leave.weight" not in known
    assert losses(other, 1)
    with pytest.raises(CheckpointError):
        begin_with(other, tmp_path / "gone.safetensors")
