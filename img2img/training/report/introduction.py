"""What a run says before its first step: networks, lengths, and a measured estimate of memory and time."""

from __future__ import annotations

import copy
import time
from dataclasses import dataclass

import torch
from rich.console import Console
from rich.table import Table
from torch import nn

from img2img.data.loading.dataset import TrainingData
from img2img.machine import memory_gib
from img2img.training.folder.run_folder import RunFolder
from img2img.training.step.trainer import Trainer
from img2img.training.teaching.taught import Taught


def introduce(
    trainer: Trainer, data: TrainingData | Taught, folder: RunFolder, console: Console, *, measure: bool
) -> None:
    """Prints a table of the run; measure: take two throw-away steps, to say what a step costs."""
    rows = Table(show_header=False, box=None, pad_edge=False)
    kept = trainer.recipe.network_cards()
    for name, generator in trainer.recipe.generators.items():
        rows.add_row("generator" if name in kept else "beside it", f"{name}: {_parameters(generator):,} parameters")
    for name, adversary in trainer.recipe.adversaries.items():
        field = trainer.recipe.critics[name].receptive_field
        sees = f", sees {field} × {field} px" if field else ""
        rows.add_row("critic", f"{name}: {_parameters(adversary.critic):,} parameters{sees}")
    per_epoch = data.steps_per_epoch(trainer.images_per_step)
    rows.add_row("game", _game(trainer))
    rows.add_row("length", f"{trainer.total:,} steps = {trainer.total / per_epoch:.3g} epochs of {per_epoch:,} steps")
    if len(trainer.phases) > 1:
        rows.add_row("", ", then ".join(f"{phase.name}, {phase.length:,} steps" for phase in trainer.phases))
    where = f"{trainer.device}, {trainer.precision}"
    rows.add_row("computes on", where + (f", {trainer.ranks.count} ranks" if trainer.ranks.count > 1 else ""))
    if measure:
        rows.add_row("estimate", _in_words(probe(trainer, data), trainer))
    rows.add_row("writes to", str(folder.path))
    console.print(rows)


@dataclass(frozen=True)
class Probe:
    """What a step costs here: seconds in each phase; peak memory of the device (of the process, on a CPU), GiB."""

    seconds: tuple[float, ...]
    memory: float


def probe(trainer: Trainer, data: TrainingData | Taught) -> Probe:
    """Takes two steps of each phase on a copy of the run, times the second; nothing of the run is touched.

    They are the phase's last ones, for which a growing network is as large as it gets: its time is a bound.
    """
    trial = Trainer(
        copy.deepcopy(trainer.recipe),
        copy.deepcopy(trainer.augment),
        trainer.optimisation,
        trainer.run.model_copy(update={"compile": False, "execution": "eager"}),
        device=trainer.device,
        precision=trainer.precision,
        total=trainer.total,
        ranks=trainer.ranks,
    )
    batches = trial.batches(data)
    if trainer.device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(trainer.device)
    seconds = []
    for phase in trial.phases:
        trial.step = max(phase.first, phase.first + phase.length - 2)
        for _ in range(2):
            started = time.perf_counter()
            trial.take_step(batches)
            if trainer.device.type == "cuda":
                torch.cuda.synchronize(trainer.device)
            elapsed = time.perf_counter() - started
        seconds.append(elapsed)
    return Probe(tuple(seconds), memory_gib(trainer.device))


def _in_words(cost: Probe, trainer: Trainer) -> str:
    whole = sum(seconds * phase.length for seconds, phase in zip(cost.seconds, trainer.phases, strict=True))
    hours, minutes = int(whole // 3600), int(whole % 3600 // 60)
    lasts = f"{hours} h {minutes:02d} min" if hours else f"{minutes} min {int(whole % 60):02d} s"
    kind = "of the process" if trainer.device.type == "cpu" else "of the device"
    steps = " s, then ".join(f"{seconds:.3g}" for seconds in cost.seconds)
    return f"{steps} s a step, {lasts} in all; {cost.memory:.2f} GiB {kind}"


def _game(trainer: Trainer) -> str:
    steps = trainer.recipe.critic_steps
    return trainer.recipe.game + (f", {steps} critic steps for each generator step" if steps > 1 else "")


def _parameters(network: nn.Module) -> int:
    return sum(weight.numel() for weight in network.parameters())
