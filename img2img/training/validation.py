"""Looks at held-out pictures in the course of a run: one figure, by which the best weights are told."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Literal

import torch
from torch import Tensor

from img2img.config.base import Refusal
from img2img.config.environment import named_path
from img2img.config.sections.run import FigureName, Run
from img2img.machine import arithmetic
from img2img.metrics.feature_files import FOLDER_VARIABLE
from img2img.metrics.lpips import FILES, SMALLEST, load_lpips
from img2img.metrics.psnr import psnr
from img2img.metrics.sets.features import Gathering
from img2img.metrics.sets.fid import frechet_distance, gaussian_of
from img2img.metrics.sets.inception import WEIGHTS_VARIABLE, load_inception, named_weights
from img2img.metrics.sets.kid import kernel_distance
from img2img.recipes.recipe import Batch
from img2img.recipes.shared.compared import Compared, Measured, MeasuredByDomain
from img2img.training.step.placement import laid_out
from img2img.training.step.schedule import seed_noise
from img2img.training.step.trainer import Trainer

PICTURES_AT_ONCE = 8
"""That the networks are given; more than a training step's would need more memory than it."""
PAIRED: tuple[FigureName, ...] = ("lpips", "psnr")


class Figure(ABC):
    """A measure in the making: batches come one by one, then `value`."""

    better: ClassVar[Literal["lower", "higher"]] = "lower"

    @abstractmethod
    def add(self, compared: Sequence[Compared]) -> None:
        """One more batch, made pictures rounded to 8 bits."""

    @abstractmethod
    def value(self) -> float:
        """Of all batches since the last call."""


class MeanPsnr(Figure):
    """Mean PSNR over pairs, dB, of all channels."""

    better = "higher"

    def __init__(self) -> None:
        self._found: list[Tensor] = []

    def add(self, compared: Sequence[Compared]) -> None:
        # Of equal pictures it is infinite; 100 dB lies above what 8 bits can differ by.
        self._found += [psnr(pair.made.cpu(), pair.real.cpu(), channels="rgb").clamp(max=100) for pair in compared]

    def value(self) -> float:
        found, self._found = torch.cat(self._found), []
        return float(found.mean())


class MeanLpips(Figure):
    """Mean LPIPS (AlexNet) over pairs."""

    def __init__(self, folder: Path, device: torch.device) -> None:
        self._network = load_lpips("alex", folder).to(device)
        self._found: list[Tensor] = []

    def add(self, compared: Sequence[Compared]) -> None:
        self._found += [self._network(pair.made, pair.real).cpu() for pair in compared]

    def value(self) -> float:
        found, self._found = torch.cat(self._found), []
        return float(found.mean())


class SetDistance(Figure):
    """FID or KID between what was made and what is real; of several such pairs of sets the mean."""

    def __init__(self, kind: Literal["fid", "kid"], weights: Path | None, device: torch.device) -> None:
        self._kind = kind
        self._inception = load_inception(weights, "clean", device)
        self._sets: list[tuple[Gathering, Gathering]] = []

    def add(self, compared: Sequence[Compared]) -> None:
        if not self._sets:
            self._sets = [(self._gathering(), self._gathering()) for _ in compared]
        for (made, real), pair in zip(self._sets, compared, strict=True):
            for gathering, pictures in ((made, pair.made), (real, pair.real)):
                for picture in _bytes(pictures):
                    gathering.add(picture)

    def value(self) -> float:
        features = [tuple(half.whole().features for half in pair) for pair in self._sets]
        self._sets = []
        return sum(self._distance(made, real) for made, real in features) / len(features)

    def _distance(self, made: Tensor, real: Tensor) -> float:
        if self._kind == "kid":
            return kernel_distance(made, real, seed=0).mean
        return frechet_distance(gaussian_of(made), gaussian_of(real))

    def _gathering(self) -> Gathering:
        return Gathering(self._inception, PICTURES_AT_ONCE)


class Validation:
    """A run's looks, and the best figure so far. The pictures are the same in every look.

    held_out: the batch, (N, C, H, W) in [-1, 1] for each side or domain. figure: None on all ranks but the first, which
    looks for all.
    """

    def __init__(
        self, trainer: Trainer, held_out: Mapping[str, Tensor], name: FigureName, figure: Figure | None
    ) -> None:
        self._trainer, self._figure = trainer, figure
        self._held_out = {side: images.cpu() for side, images in held_out.items()}
        self.name = name
        self.sign = -1.0 if name == "psnr" else 1.0
        self.best: float | None = None
        self.best_step = 0

    def look(self) -> tuple[float, bool]:
        """The figure of the generators that would be kept now, and whether it is the best. Every rank must call it."""
        ranks = self._trainer.ranks
        value = float(ranks.of_first(self._measured() if ranks.is_first else None))
        is_better = math.isfinite(value) and (self.best is None or self.sign * value < self.sign * self.best)
        if is_better:
            self.best, self.best_step = value, self._trainer.step
        return value, is_better

    def __str__(self) -> str:
        return f"{self.name} {self.best:.4g} at step {self.best_step:,}" if self.best is not None else ""

    def state_dict(self) -> dict[str, Any]:
        """What a resumed run needs."""
        return {"name": self.name, "best": self.best, "step": self.best_step}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Puts back what state_dict gave; the best of another figure is no best. Raises KeyError for anything else."""
        if state["name"] == self.name and state["best"] is not None:
            self.best, self.best_step = float(state["best"]), int(state["step"])

    @torch.no_grad()
    def _measured(self) -> float:
        trainer, figure = self._trainer, self._figure
        recipe, generators = trainer.recipe, trainer.best_generators
        assert figure is not None and isinstance(recipe, Measured)
        was_training = generators.training
        generators.eval()
        seed_noise(trainer.run.seed, 0, 0, draw=1 << 22)  # what is drawn is drawn alike in every look
        for batch in self._batches():
            with arithmetic(trainer.precision, trainer.device):
                compared = recipe.compared(generators, batch)
            figure.add([Compared(_rounded(pair.made), pair.real) for pair in compared])
        generators.train(was_training)
        return figure.value()

    def _batches(self) -> Iterator[Batch]:
        count, trainer = min(len(images) for images in self._held_out.values()), self._trainer
        for first in range(0, count, PICTURES_AT_ONCE):
            part = slice(first, min(first + PICTURES_AT_ONCE, count))
            rows = {side: images[part].to(trainer.device) for side, images in self._held_out.items()}
            yield laid_out(rows, trainer.layout)


def validation_of(trainer: Trainer, held_out: Mapping[str, Tensor], run: Run) -> Validation:
    """The looks that the options ask for.

    Raises Refusal, in a line, for a recipe that has nothing to measure, a figure that does not go with it, or a feature
    network that is not there.
    """
    name = _name(trainer, held_out, run)
    if name in ("fid", "kid"):
        recipe, smallest, where = trainer.recipe, 4, ""
        count = min(len(images) for images in held_out.values())
        if isinstance(recipe, MeasuredByDomain):
            count, where = recipe.fewest(held_out), " of each domain"
        if count < smallest:
            wanted = f"{smallest} held-out pictures or more{where}"
            raise Refusal(f"--validate-by {name}: needs {wanted}; there are {count}")
    return Validation(trainer, held_out, name, _figure(name, run, trainer) if trainer.ranks.is_first else None)


def _name(trainer: Trainer, held_out: Mapping[str, Tensor], run: Run) -> FigureName:
    recipe = trainer.recipe
    if not isinstance(recipe, Measured):
        raise Refusal(f"--validate-every: train {recipe.name} has no figure on held-out pictures")
    paired = recipe.compares == "pairs"
    wanted, side = run.validate_by, max(images.shape[-1] for images in held_out.values() if images.dim() == 4)
    large = side >= SMALLEST["alex"]
    if wanted == "auto":
        return (
            "kid" if not paired else "lpips" if large and named_path(run.validate_weights, FOLDER_VARIABLE) else "psnr"
        )
    if wanted in PAIRED and not paired:
        raise Refusal(f"--validate-by {wanted}: train {recipe.name} has no pairs to compare; it goes with kid and fid")
    if wanted == "lpips" and not large:
        raise Refusal(f"--validate-by lpips: takes pictures from {SMALLEST['alex']} px on; these have {side}")
    return wanted


def _figure(name: FigureName, run: Run, trainer: Trainer) -> Figure:
    if name == "psnr":
        return MeanPsnr()
    if name == "lpips":
        folder, linear = named_path(run.validate_weights, FOLDER_VARIABLE), FILES["alex"][1]
        if folder is None or not (folder / linear).is_file():
            where = f"not in {folder}" if folder else "no folder given"
            raise Refusal(
                f"--validate-by lpips needs LPIPS's {linear} ({where}): name its folder with --validate-weights or "
                f"${FOLDER_VARIABLE}"
            )
        return MeanLpips(folder, trainer.device)
    if named_weights(run.validate_weights) is None:
        raise Refusal(
            f"--validate-by {name} needs Inception's weights: name the file with --validate-weights or "
            f"${WEIGHTS_VARIABLE}"
        )
    return SetDistance(name, run.validate_weights, trainer.device)


def _rounded(pictures: Tensor) -> Tensor:
    """As a file of 8 bits would have them, (N, C, H, W) in [-1, 1]."""
    return ((pictures.float().clamp(-1, 1) + 1) * 127.5).round() / 127.5 - 1


def _bytes(pictures: Tensor) -> Tensor:
    """(N, C, H, W) in [-1, 1], C 1 or 3 -> (N, 3, H, W) uint8 on the CPU."""
    samples = ((pictures.float().clamp(-1, 1) + 1) * 127.5).round().byte().cpu()
    return samples if samples.shape[1] == 3 else samples.expand(-1, 3, -1, -1)
