"""How networks and pictures lie in a device's memory, and which networks are compiled."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from img2img.config.base import Refusal
from img2img.config.sections.run import Run
from img2img.fastest import Precision, layout_of, training
from img2img.networks.entered import Entered
from img2img.recipes.recipe import Batch, Recipe, Terms


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
        _compile(generator)
    for adversary in recipe.adversaries.values():
        if not adversary.game.penalties and not adversary.stabilisers.unroll:
            _compile(adversary.critic)


def _compile(network: nn.Module) -> None:
    """Its call, and whatever else recipes call of it and of its parts."""
    network.compile()
    for part in network.modules():
        if isinstance(part, Entered):
            part.compile_entrances()


@dataclass(frozen=True)
class Parts:
    """What a step consists of, beside backward passes and optimisers; each a function of batches and weights."""

    play: Callable[[Batch], Terms]
    critic_terms: Callable[[Batch, Terms], Terms]
    generator_terms: Callable[[Batch, Terms], Terms]


def compiled_parts(recipe: Recipe, device: torch.device) -> Parts:
    """A recipe's, each compiled as a whole at its first call, with its backward pass; on CUDA recorded as graphs.

    What the recipe itself holds stays as it is. Raises Refusal where the CPU's compiler is missing.
    """
    if device.type == "cpu" and not cpp_compiler():
        raise Refusal("--execution compiled: torch.compile needs a C++ compiler: g++ or clang++, or one that CXX names")
    mode = "reduce-overhead" if device.type == "cuda" else "default"
    play, charge, pay = (
        torch.compile(part, mode=mode) for part in (recipe.play, recipe.critic_terms, recipe.generator_terms)
    )
    return Parts(play, charge, pay)


def cpp_compiler() -> str | None:
    """The C++ compiler that torch.compile would find for the CPU."""
    names = (os.environ.get("CXX"), "g++", "clang++", "cl")
    return next((name for name in names if name and shutil.which(name)), None)
