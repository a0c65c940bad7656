"""How networks and pictures lie in a device's memory, and which networks are compiled."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from img2img.config.sections.run import Run
from img2img.fastest import Precision, layout_of, training
from img2img.recipes.recipe import Batch, Recipe


def memory_layout(run: Run, device: torch.device, precision: Precision, task: str) -> torch.memory_format:
    """The one asked for, else what trains fastest for the recipe's task on the device."""
    if run.channels_last is None:
        return layout_of(device, training(task), precision)
    return torch.channels_last if run.channels_last else torch.contiguous_format


def laid_out(batch: Mapping[str, Tensor], layout: torch.memory_format) -> Batch:
    """The batch with its pictures in this memory layout; labels and latents have none."""
    return {
        name: values.contiguous(memory_format=layout) if values.dim() == 4 else values for name, values in batch.items()
    }


def compile_in_place(recipe: Recipe) -> None:
    """torch.compile has no double backward: critics with a penalty or unrolling stay as they are."""
    for generator in recipe.generators.values():
        generator.compile()
    for adversary in recipe.adversaries.values():
        if not adversary.game.penalties and not adversary.stabilisers.unroll:
            adversary.critic.compile()
