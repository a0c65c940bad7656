"""Training called from Python, by the options of the command."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from img2img.config.base import section_of
from img2img.config.errors import Refusal
from img2img.config.meant import meant
from img2img.config.toml import Overrides
from img2img.recipes.kind import Kind

from .launch import launch

RECIPES = (
    "pix2pix",
    "cyclegan",
    "cut",
    "bicyclegan",
    "unit",
    "munit",
    "stargan",
    "srgan",
    "inpaint",
    "gan",
    "vae",
    "vae-gan",
    "bigan",
)
"""Each is `img2img train NAME`, and a module of `img2img.recipes` that ends with its kind."""


def train_by_options(
    recipe: str, options: Mapping[str, Any], preset: str | None = None, config: str | Path | None = None
) -> Path:
    """See `img2img.train`."""
    if recipe not in RECIPES:
        raise Refusal(f"train {recipe!r}: no such recipe; there are {', '.join(RECIPES)}{meant(recipe, RECIPES)}")
    kind = kind_of(recipe)
    presets = kind.config.presets
    if preset is not None and preset not in presets:
        raise Refusal(f"preset {preset!r}: allowed for {recipe}: {', '.join(presets)}{meant(preset, presets)}")
    if not isinstance(config, str | Path | None):
        raise Refusal(f"config: a TOML file's path is allowed, not {type(config).__name__}")
    outcome = launch(kind, _by_section(kind, options), preset, Path(config) if config else None)
    if outcome is None:
        raise Refusal("dry_run: nothing was trained")
    return outcome.folder.path


def kind_of(recipe: str) -> Kind:
    """What distinguishes the recipe of this name."""
    kind: Kind = import_module(f"img2img.recipes.{recipe.replace('-', '_')}").KIND
    return kind


def _by_section(kind: Kind, options: Mapping[str, Any]) -> Overrides:
    """The options that are given, None for one that is not. Raises Refusal for a name that no option has."""
    owner = section_of(kind.config)
    given: Overrides = {}
    for name, value in options.items():
        if name not in owner:
            raise Refusal(f"{name}: no option of `train {kind.name}`{meant(name, owner)}")
        if value is not None:
            given.setdefault(owner[name], {})[name] = value
    return given
