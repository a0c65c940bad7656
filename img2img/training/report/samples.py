"""What a run shows of itself: its recipe's pictures of the same batch, again and again, as sample sheets."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import torch
from PIL import Image
from torch import Tensor

from img2img.machine import arithmetic
from img2img.recipes.recipe import Batch
from img2img.training.folder.run_folder import RunFolder
from img2img.training.step.placement import laid_out
from img2img.training.step.trainer import Trainer

from .sheets import save_sheet, sheet


class Samples:
    """The sample sheets of a run.

    fixed: the batch that they show, (N, C, H, W) in [-1, 1] for each side or domain.
    """

    def __init__(self, trainer: Trainer, folder: RunFolder, fixed: Mapping[str, Tensor]) -> None:
        self._trainer, self._folder = trainer, folder
        self._fixed = {name: images.to(trainer.device) for name, images in fixed.items()}

    @torch.no_grad()
    def save(self) -> Image.Image:
        """Writes the sheet of the step that the trainer is at, and returns it.

        Raises OSError, Refusal where a link has come into the folder.
        """
        self._folder.refuse_links()
        trainer, generators = self._trainer, self._trainer.best_generators
        was_training = generators.training
        generators.eval()
        with arithmetic(trainer.precision, trainer.device):
            shown = [trainer.recipe.show(generators, row) for row in self._rows()]
        generators.train(was_training)
        columns = [
            (shown[0][index][0], torch.cat([row[index][1].float().cpu() for row in shown]))
            for index in range(len(shown[0]))
        ]
        title = f"step {trainer.step:,} · {self._folder.path.name}"
        image = sheet(columns, title=title, across=_across(columns))
        save_sheet(image, self._folder.sample(trainer.step))
        return image

    def _rows(self) -> list[Batch]:
        """The fixed pictures one at a time: a sheet must not need more memory than a training step."""
        count = min(len(images) for images in self._fixed.values())
        rows = [{name: images[row : row + 1] for name, images in self._fixed.items()} for row in range(count)]
        return [laid_out(row, self._trainer.layout) for row in rows]


def _across(columns: Sequence[tuple[str, Tensor]]) -> int:
    """How many rows of a sheet stand beside each other, so that it is about square."""
    return max(1, round(math.sqrt(len(columns[0][1]) / len(columns))))
