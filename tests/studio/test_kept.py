"""Models stay loaded, few of them, and a run's newer weights are read."""

from __future__ import annotations

import os
from pathlib import Path

from support.upscalers import write_weights

from img2img.config.apply import InpaintConfig, UpscaleConfig
from img2img.config.toml import resolve
from img2img.studio.kept import MOST, KeptModels


def upscale(model: Path, scale: float | None = None) -> UpscaleConfig:
    options = {"model": {"model": str(model), "scale": scale}, "computing": {"device": "cpu"}}
    return resolve(UpscaleConfig, {"photos": {"sources": ("p.png",)}, **options})


def test_the_same_model_is_loaded_once_whatever_the_photo(tmp_path: Path) -> None:
    kept, weights = KeptModels(), write_weights(tmp_path / "a.safetensors")
    first = kept.get(upscale(weights))
    assert kept.get(upscale(weights)) is first
    assert kept.get(upscale(weights, 1.5)) is not first


def test_few_are_kept_the_last_used(tmp_path: Path) -> None:
    kept, weights = KeptModels(), write_weights(tmp_path / "a.safetensors")
    first = kept.get(upscale(weights))
    second = kept.get(upscale(weights, 1.1))
    for number in range(MOST - 1):
        kept.get(upscale(weights, 1.2 + number / 10))
        assert kept.get(upscale(weights)) is first
    assert kept.get(upscale(weights, 1.1)) is not second


def test_weights_that_have_changed_are_read_again(tmp_path: Path) -> None:
    kept, weights = KeptModels(), write_weights(tmp_path / "a.safetensors")
    first = kept.get(upscale(weights))
    write_weights(weights, seed=1)
    os.utime(weights, ns=(1, 1))
    assert kept.get(upscale(weights)) is not first


def test_another_hole_loads_nothing() -> None:
    kept = KeptModels()
    made = []
    for box in ("1,1,5,5", "2,2,6,6"):
        options = {"mask": {"box": (box,)}, "model": {"method": "telea"}}
        made.append(kept.get(resolve(InpaintConfig, {"photos": {"sources": ("p.png",)}, **options})))
    assert made[0].filling is made[1].filling and made[0].masking != made[1].masking
