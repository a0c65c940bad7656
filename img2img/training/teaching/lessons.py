"""From the teacher's options to the batches of a run that learns from it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from img2img.config.base import Refusal
from img2img.config.sections.teacher import Teacher
from img2img.data.augment import Augment
from img2img.data.derive import Derive
from img2img.data.loading.dataset import TrainingData
from img2img.recipes.kind import Kind
from img2img.recipes.recipe import Recipe
from img2img.training.ranks import Ranks

from .examples import Examples, make, named
from .taught import Taught, taught_of
from .teachers import open_teacher

SIDES = {"upscale": 96, "inpaint": 256}
"""Of the squares that a teacher is given unless said otherwise, px."""


def lessons(
    kind: Kind,
    config: Any,
    data: TrainingData,
    derive: Derive,
    recipe: Recipe,
    device: torch.device,
    ranks: Ranks,
    tell: Callable[[str], None],
) -> Taught | None:
    """The data with the teacher's examples among its rows, which are made where they are not there yet; None without
    --teacher. With --dry-run none are made.

    Raises Refusal for squares smaller than the run's own; as `open_teacher` for the teacher.
    """
    options: Teacher | None = getattr(config, "teacher", None)
    if options is None or options.teacher is None:
        return None
    if not options.teacher.is_file():
        raise Refusal(f"--teacher {options.teacher}: no such file")
    taught_of(options.teacher_share, config.optimisation.batch_size)  # said before examples are made
    (card,) = recipe.network_cards().values()
    given = options.teacher_size or SIDES[recipe.task]
    side, size = given * card.scale, config.data.size
    if side < size:
        raise Refusal(f"--teacher-size {given}: squares of {side} px are smaller than --size {size}")
    asked = config.model_copy(update={"data": _of_side(config.data, side)})
    opened = kind.open(asked.data, decode=False, tell=lambda summary: None)
    facts = {"task": recipe.task, "scale": card.scale, "seed": config.run.seed}
    folder = named(options.teacher_folder, options.teacher, asked, opened, facts)
    examples = Examples(folder, options.teacher_pictures)
    missing = examples.missing()
    tell(f"teacher: {options.teacher}, {options.teacher_pictures} pictures in {folder}, {len(missing)} to be made")
    if not config.run.dry_run:
        if own := missing[ranks.rank :: ranks.count]:
            teach = open_teacher(options.teacher, recipe.task, card.scale, device)
            augment = Augment(asked.data, paired=opened.paired)
            make(examples, own, opened, augment, kind.derive(asked), teach, config.run.seed, tell)
        ranks.wait()
    return Taught(data, examples, options.teacher_share, size, config.data.flip)


def _of_side(data: Any, side: int) -> Any:
    """The data's options for squares of another side, read one by one in this process."""
    enlarged = max(data.load_size, side) if data.load_size else None
    changes = {"size": side, "load_size": enlarged, "windows": 1, "workers": 0, "cache": "off"}
    return data.model_copy(update={name: value for name, value in changes.items() if name in type(data).model_fields})
