"""What is kept of a run beside its weights, small enough to be shipped: its critics, and Adam's second moments.

A run that begins with both goes on where the other one stopped, rather than against a critic that knows nothing.
Critics are kept in float16. Of a second moment v, log2 v is kept in 8 bits between its lowest and highest value in each
tensor. First moments are left out: they are new after about ten steps.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from img2img.config.base import Refusal, UserError
from img2img.training.folder.checkpoint import CheckpointError, load_checkpoint, save_checkpoint
from img2img.training.step.player import Player
from img2img.training.step.trainer import Trainer

LEVELS = 254
"""Steps between the lowest and the highest logarithm; level 0 stands for a moment of 0."""
FIRST, SECOND = "exp_avg", "exp_avg_sq"
"""Adam's names of its moments."""


def keep_state(path: Path, checkpoint: dict[str, Any]) -> None:
    """Writes what is kept of a checkpoint; of another optimiser than Adam, or an old checkpoint, the critics alone."""
    players = {side: _moments(state) for side, state in checkpoint["players"].items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    save_checkpoint(path, {"adversaries": _halved(checkpoint["adversaries"]), "players": players})


def begin_with(trainer: Trainer, path: Path) -> None:
    """Gives a run that begins the critics and the second moments that are kept in a file.

    The moments of weights that are not there in the same shape, as in another head, are left out.
    Raises CheckpointError for a file that is none, Refusal where its critics are others.
    """
    state = load_checkpoint(path)
    try:
        _begin(trainer, state, path)
    except (KeyError, ValueError, TypeError, AttributeError, RuntimeError) as error:
        if isinstance(error, UserError):
            raise
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise CheckpointError(f"{path}: does not hold what is kept of a run ({reason})") from None


def _begin(trainer: Trainer, state: dict[str, Any], path: Path) -> None:
    adversaries = trainer.critics.networks
    own = adversaries.state_dict()
    kept = {name: _single(value) for name, value in state["adversaries"].items()}
    faults = [
        name
        for name, value in own.items()
        if ".pool." not in name and (name not in kept or getattr(kept[name], "shape", 0) != getattr(value, "shape", 0))
    ]
    if faults or kept.keys() - own.keys():
        raise Refusal(
            f"--start-state {path}: its critics are others than this run's: {', '.join(faults[:2]) or 'more'}"
        )
    adversaries.load_state_dict({**own, **kept})
    _give(trainer.generators, state["players"]["generators"])
    _give(trainer.critics, state["players"]["critics"])


def packed(moment: Tensor) -> dict[str, Any]:
    """A second moment, (...) float32 of at least 0, in 8 bits a number."""
    positive = moment > 0
    logarithms = torch.where(positive, moment, 1.0).log2()
    low = float(logarithms[positive].min()) if positive.any() else 0.0
    high = float(logarithms[positive].max()) if positive.any() else 0.0
    levels = (logarithms - low) / max(high - low, 1e-9) * LEVELS + 1
    return {"levels": torch.where(positive, levels.round(), 0.0).byte(), "low": low, "high": high}


def unpacked(kept: dict[str, Any]) -> Tensor:
    """The second moment, float32: each number within half a step, a factor of 2^((high - low) / 508)."""
    levels: Tensor = kept["levels"]
    logarithms = kept["low"] + (levels.float() - 1) / LEVELS * (kept["high"] - kept["low"])
    return torch.where(levels > 0, torch.exp2(logarithms), 0.0)


def _moments(player: dict[str, Any]) -> dict[str, Any]:
    """{name of a weight: its steps and second moment} of a player's state."""
    states, names = player["optimiser"]["state"], player.get("names", [])
    return {
        names[place]: {"step": float(state["step"]), "second": packed(state[SECOND].float())}
        for place, state in states.items()
        if place < len(names) and SECOND in state
    }


def _give(player: Player, kept: dict[str, Any]) -> None:
    if not isinstance(
        player.optimiser, torch.optim.Adam
    ):  # others keep no such moments, and would save these as theirs
        return
    for name, weight in zip(player.names, player.weights, strict=True):
        if name in kept and kept[name]["second"]["levels"].shape == weight.shape:
            second = torch.empty_like(weight).copy_(unpacked(kept[name]["second"]))
            step = torch.tensor(kept[name]["step"], device=weight.device)
            player.optimiser.state[weight] = {"step": step, FIRST: torch.zeros_like(weight), SECOND: second}


def _halved(state: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value.half()
        if isinstance(value, Tensor) and value.is_floating_point() and math.prod(value.shape) > 1
        else value
        for name, value in state.items()
    }


def _single(value: Any) -> Any:
    return value.float() if isinstance(value, Tensor) and value.is_floating_point() else value
