"""Photos to any size: exact for every kind of photo, by the weights that suit it; weights blended."""

from __future__ import annotations

import random
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from support.drawing import draw
from support.upscalers import CPU, lively, write_weights

from img2img.apply.engine.model import Model
from img2img.apply.engine.sizing import SizeError, Sizing
from img2img.apply.models import open_upscaler
from img2img.apply.upscaling import NearestUpscaler, open_upscaling
from img2img.config.base import Refusal
from img2img.config.networks.upscalers import LightSRSpec
from img2img.images import Photo, to_pixels
from img2img.weights import WeightsError
from img2img.weights.blend import Mixture


@pytest.fixture
def named(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A place for weights with names, and no other."""
    monkeypatch.setattr(sys.modules["img2img.weights.find"], "_folders", lambda: [home / "weights"])
    return home / "weights"


@pytest.fixture(scope="module")
def four(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(write_weights(tmp_path_factory.mktemp("weights") / "x4.safetensors", scale=4))


def photo(seed: int, height: int, width: int, channels: int = 3, alpha: bool = False) -> Photo:
    pixels = to_pixels(draw(seed, height, width, channels))
    return Photo(pixels, torch.rand(1, height, width) if alpha else None)


@pytest.mark.parametrize("seed", range(8))
def test_any_size_of_any_photo_is_exact_and_tiles_change_nothing(seed: int, four: str) -> None:
    chance = random.Random(seed)
    width, height = chance.randint(9, 70), chance.randint(9, 70)
    alpha, bits = chance.random() < 0.5, chance.choice([8, 16])
    sizing = chance.choice(
        [
            Sizing(scale=chance.uniform(1, 4)),
            Sizing(width=chance.randint(width, 4 * width)),
            Sizing(height=chance.randint(height, 4 * height)),
            Sizing(fit=(chance.randint(width, 4 * width), chance.randint(height, 4 * height))),
        ]
    )
    given = photo(seed, height, width, chance.choice([1, 3]), alpha)
    model = open_upscaling(four, sizing, device=CPU, tile=48)
    assert isinstance(model, Model)
    made = model.convert(given, bits).samples  # type: ignore[arg-type]
    wide, high = sizing.size(width, height, 4)
    assert made.shape == (high, wide, given.pixels.shape[0] + alpha) and made.dtype == f"uint{bits}"
    whole = replace(model, tile="off").convert(given, bits).samples  # type: ignore[arg-type]
    assert np.abs(made.astype(int) - whole.astype(int)).max() <= 1
    assert model.convert_floats(given).pixels.shape[1:] == (high, wide)


def test_a_plain_photo_stays_plain(four: str) -> None:
    model = open_upscaling(four, Sizing(width=61), device=CPU)
    with torch.no_grad():
        for weight in model.network.parameters():  # type: ignore[union-attr]
            weight.zero_()  # bicubic alone
    made = model.convert(Photo(torch.full((3, 20, 30), 0.25), torch.full((1, 20, 30), 1.0)), 16).samples
    assert made.shape == (41, 61, 4) and [len(np.unique(made[..., k])) for k in range(4)] == [1, 1, 1, 1]


def test_each_photo_gets_the_nearest_weights(named: Path) -> None:
    for name, scale in (("photo-x4", 4), ("light-x2", 2), ("photo-x1", 1)):
        write_weights(named / f"{name}.safetensors", scale=scale, seed=scale)
    model = open_upscaling(None, Sizing(width=100), device=CPU)
    assert isinstance(model, NearestUpscaler) and model.label == "w100" and model.weights.count("+") == 2
    for width, name in (
        (100, "x1 of photo-x1"),
        (60, "x2 of light-x2"),
        (50, "x2 of light-x2"),
        (30, "x4 of photo-x4"),
    ):
        made = model.convert(photo(width, 20, width))
        assert name in made.note and made.samples.shape[:2] == (round(20 * 100 / width), 100)
        assert model.size_of(width, 20) == (100, made.samples.shape[0])
    with pytest.raises(
        SizeError, match=r"--width 100 would make 100 x 100 px of 20 x 20 px; allowed: 1 to 4 times, up to"
    ):
        model.convert(photo(0, 20, 20))
    with pytest.raises(Refusal, match="want --model there"):
        open_upscaling(None, Sizing(width=100), device=CPU, mixture=Mixture(None, 0.3))


def test_a_fraction_takes_the_next_whole_scale(named: Path) -> None:
    for name, scale in (("photo-x4", 4), ("light-x2", 2)):
        write_weights(named / f"{name}.safetensors", scale=scale)
    assert [open_upscaler(None, scale, device=CPU).path.stem for scale in (1.5, 2, 2.5, None)] == [
        "light-x2",
        "light-x2",
        "photo-x4",
        "photo-x4",
    ]
    with pytest.raises(Refusal, match=r"--scale 4.5: allowed: 1 to 4 without --model"):
        open_upscaler(None, 4.5, device=CPU)


def test_strength_goes_from_the_faithful_weights_to_the_models_own(named: Path) -> None:
    write_weights(named / "photo-x2.safetensors", seed=1)
    write_weights(named / "psnr-x2.safetensors", seed=2)
    pixels = photo(0, 9, 9).pixels

    def made(mixture: Mixture, name: str = "photo-x2") -> torch.Tensor:
        return open_upscaler(name, None, device=CPU, mixture=mixture).run(pixels)

    ends = [made(Mixture(), name) for name in ("psnr-x2", "photo-x2")]
    assert torch.equal(made(Mixture(None, 0.0)), ends[0]) and torch.equal(made(Mixture(None, 1.0)), ends[1])
    half = made(Mixture(None, 0.5))
    assert not torch.equal(half, ends[0]) and torch.equal(half, made(Mixture("psnr-x2")))
    mixed = open_upscaler("photo-x2", 1.5, device=CPU, mixture=Mixture("psnr-x2", 0.3))
    assert mixed.settings["strength"] == 0.3 and len(mixed.settings["blend"]) == 64 and mixed.label == "x1.5"


def test_what_cannot_be_blended_is_said(named: Path) -> None:
    other = LightSRSpec(scale=2, width=6, blocks=1, head="steps")
    write_weights(named / "photo-x2.safetensors")
    with pytest.raises(WeightsError, match=r"no psnr-x2 is shipped that --strength could blend with; --blend names"):
        open_upscaler("photo-x2", None, device=CPU, mixture=Mixture(None, 0.5))
    write_weights(named / "psnr-x2.safetensors", lively(other), spec=other)
    with pytest.raises(WeightsError, match=r"psnr-x2 cannot be blended with photo-x2, .* head steps, not shuffle"):
        open_upscaler("photo-x2", None, device=CPU, mixture=Mixture(None, 0.5))
