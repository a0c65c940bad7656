"""Files of options: of every kind of training, and of the commands that apply a model."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from torture import Answer, Subject, or_refused
from torture_mutators import MUTATORS
from torture_structures import odd_toml

from img2img.config.apply import InpaintConfig, SampleConfig, TranslateConfig, UpscaleConfig
from img2img.config.base import Config, Overrides
from img2img.config.toml import read_toml, resolve, to_toml
from img2img.training.call import RECIPES, kind_of

_PAIRS: Overrides = {"data": {"pairs": "pairs"}}
_DOMAINS: Overrides = {"data": {"a": "horses", "b": "zebras"}}
_NEEDED: Mapping[str, Overrides] = {
    **dict.fromkeys(("pix2pix", "bicyclegan"), _PAIRS),
    **dict.fromkeys(("cyclegan", "cut", "unit", "munit"), _DOMAINS),
    "upscale": {"photos": {"sources": ["photo.jpg"]}},
    "inpaint-photos": {"photos": {"sources": ["photo.jpg"]}, "mask": {"mask": "mask.png"}},
    "translate": {"photos": {"sources": ["photo.jpg"]}, "model": {"model": "m.safetensors"}},
    "sample": {"samples": {"model": "m.safetensors"}},
}
_IMAGES: Overrides = {"data": {"images": "photos"}}


def configs() -> Subject:
    """Each with every option, as a run writes it. What is taken must come back as it went."""
    kinds = _kinds()
    whole = {
        f"{name}.toml": to_toml(resolve(kind, _NEEDED.get(name, _IMAGES))).encode() for name, kind in kinds.items()
    }
    return Subject(whole, _ask, {**MUTATORS, "odd-value": odd_toml, "two-odd-values": two_odd_values})


def two_odd_values(data: bytes, rng: np.random.Generator) -> bytes:
    """Two places changed, where the first leaves something that can be read."""
    once = odd_toml(data, rng)
    try:
        return odd_toml(once, rng)
    except (ValueError, RecursionError):
        return once


def _kinds() -> dict[str, type[Config]]:
    training = {name: kind_of(name).config for name in RECIPES}
    applying = {"upscale": UpscaleConfig, "inpaint-photos": InpaintConfig, "translate": TranslateConfig}
    return {**training, **applying, "sample": SampleConfig}


def _ask(path: Path, whole: bytes, mutator: str) -> Answer:
    kinds = _kinds()
    kind = kinds[max((name for name in kinds if path.name.endswith(f"-{name}.toml")), key=len)]  # vae-gan is no gan
    found = or_refused(lambda: read_toml(path, kind), path)
    if found is None:
        return "refused"
    try:
        config = resolve(kind, found)
    except ValueError as error:  # names the option; whoever reads a file adds its name
        if "\n" in str(error) or len(str(error)) > 2000:
            raise AssertionError(f"no line: {str(error)[:500]!r}") from error
        return "refused"
    again = path.with_name("again.toml")
    again.write_text(to_toml(config), encoding="utf-8")
    if resolve(kind, read_toml(again, kind)) != config:
        raise AssertionError("what was written is not what is read back")
    before = path.with_name("whole.toml")
    before.write_bytes(whole)
    return "unharmed" if resolve(kind, read_toml(before, kind)) == config else "changed"
