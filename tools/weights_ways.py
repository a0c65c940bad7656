"""What `tools/train_weights.py` has to know of a task: its command, what is said of a run, what is measured."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from img2img.config.networks import Spec
from img2img.config.train.inpaint import InpaintConfig
from img2img.config.train.srgan import SrganConfig
from img2img.recipes.inpaint import KIND as INPAINT_KIND
from img2img.recipes.kind import Kind
from img2img.recipes.srgan import KIND as SRGAN_KIND


@dataclass(frozen=True)
class Measure:
    """One call of `img2img evaluate`. name: what its figures are called by; arguments: but for model and format."""

    name: str
    arguments: list[str]


@dataclass(frozen=True)
class Way:
    """One task. kind: what its `img2img train` command is made of. spec: config -> the
    generator of colour pictures. settings: what a run was told, in a phrase.

    measures: (config of the run, folder of benchmarks) -> what its weights are measured by.
    """

    kind: Kind
    spec: Callable[[Any], Spec]
    settings: Callable[[Any], str]
    measures: Callable[[Any, Path], Iterator[Measure]]


def _of_both(config: SrganConfig | InpaintConfig) -> list[str]:
    """What is said of every run in two phases, behind what is its own."""
    objective, optimisation = config.objective, config.optimisation
    parts = []
    if objective.perceptual:
        some = f" on {objective.perceptual_share:g} of them" if objective.perceptual_share < 1 else ""
        parts.append(f"{objective.perceptual:g} VGG19 {objective.perceptual_layers}{some}")
    if config.teacher.teacher:
        counts = f"{config.teacher.teacher_weight:g} VGG19 and {config.teacher.teacher_pixel:g} pixels"
        parts.append(f"{counts} against a teacher's pictures in {config.teacher.teacher_share:g} of them")
    if objective.style:
        parts.append(f"{objective.style:g} style {objective.style_layers}")
    if objective.adversarial:
        parts.append(f"{objective.adversarial:g} {objective.game} against a {config.networks.critic} critic")
    if optimisation.pretrain_steps:
        parts.append(f"after {optimisation.pretrain_steps} steps of pixels alone at {optimisation.pretrain_lr:g}")
    return parts


def _rate(config: SrganConfig | InpaintConfig) -> str:
    return f"Adam {config.optimisation.lr:g}, {config.optimisation.schedule}"


def _upscaling(config: SrganConfig) -> str:
    objective, optimisation = config.objective, config.optimisation
    parts = [
        f"{config.degradation.degrade} degradation",
        f"{optimisation.batch_size} crops of {config.data.size} px a step",
        _rate(config),
        f"{objective.pixel:g} {objective.pixel_cost}",
        *([f"{objective.grid:g} grid"] if objective.grid else []),
    ]
    return ", ".join(parts + _of_both(config))


def _inpainting(config: InpaintConfig) -> str:
    data, objective = config.data, config.objective
    parts = [
        config.masks.in_words(),
        f"{config.optimisation.batch_size} windows of {data.size} px of {data.loaded_side} px ({data.fit}) a step",
        _rate(config),
        f"{objective.hole_pixels:g} {objective.pixel_cost} in the hole, {objective.known_pixels:g} outside of it",
    ]
    return ", ".join(parts + _of_both(config))


def _benchmarks_of_scale(config: SrganConfig, benchmarks: Path) -> Iterator[Measure]:
    """Every NAME/HR_xS with its NAME/LR_xS."""
    scale = config.networks.scale
    for high in sorted(benchmarks.glob(f"*/HR_x{scale}")):
        low = high.with_name(f"LR_x{scale}")
        given = ["--low", str(low)] if low.is_dir() else []
        yield Measure(f"{high.parent.name} x{scale}", ["sr", "--reference", str(high), *given])


def _benchmarks_with_holes(config: InpaintConfig, benchmarks: Path) -> Iterator[Measure]:
    """Every NAME/whole, with the masks of NAME/masks, or with drawn ones."""
    for whole in sorted(benchmarks.glob("*/whole")):
        masks = whole.with_name("masks")
        given = ["--mask", str(masks)] if masks.is_dir() else []
        yield Measure(whole.parent.name, ["inpaint", "--reference", str(whole), *given])


def _upscaler(config: SrganConfig) -> Spec:
    return config.networks.generator_spec(3)


def _inpainter(config: InpaintConfig) -> Spec:
    return config.networks.generator_spec(config.data.size, 3)


UPSCALE = Way(SRGAN_KIND, _upscaler, _upscaling, _benchmarks_of_scale)
INPAINT = Way(INPAINT_KIND, _inpainter, _inpainting, _benchmarks_with_holes)
