from __future__ import annotations

import pytest
import torch
from torch import Tensor

from img2img.config.base import Refusal
from img2img.config.sections.data import Degradation
from img2img.data.degrade import ALIKE, Degrade, resized
from img2img.data.matlab_resize import shrink


def batch(count: int = 4, channels: int = 3, side: int = 48) -> dict[str, Tensor]:
    torch.manual_seed(1)
    coarse = torch.rand(count, channels, 6, 6)
    high = torch.nn.functional.interpolate(coarse, (side, side), mode="bilinear")
    return {"high": high * 2 - 1}


def lows(options: Degradation, scale: int, given: dict[str, Tensor], seed: int = 0) -> Tensor:
    torch.manual_seed(seed)
    return Degrade(options, scale)(given)["low"]


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_bicubic_is_matlabs(scale: int) -> None:
    given = batch()
    assert torch.equal(lows(Degradation(degrade="bicubic"), scale, given), shrink(given["high"], scale, eight_bit=True))


@pytest.mark.parametrize("way", ["bicubic", "photo"])
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("scale", [2, 3, 4])
def test_low_resolutions_are_what_a_file_could_hold(way: str, channels: int, scale: int) -> None:
    given = batch(3, channels) | {"depth": torch.zeros(3, 1, 48, 48)}
    found = Degrade(Degradation(degrade=way, photo_twice=0.5), scale)(given)
    assert list(found) == ["high", "depth", "low"]
    assert found["high"] is given["high"]
    assert found["low"].shape == (3, channels, 48 // scale, 48 // scale)
    assert found["low"].dtype == torch.float32
    levels = (found["low"] + 1) * 127.5
    assert (levels - levels.round()).abs().max() < 1e-3
    assert levels.min() >= 0 and levels.max() <= 255


def test_photo_is_drawn_from_the_global_state_alone() -> None:
    given, options = batch(), Degradation()
    assert torch.equal(lows(options, 4, given, seed=3), lows(options, 4, given, seed=3))
    assert not torch.equal(lows(options, 4, given, seed=3), lows(options, 4, given, seed=4))


def test_every_picture_has_its_own_draws() -> None:
    same = {"high": batch(1)["high"].expand(2 * ALIKE, -1, -1, -1)}
    found = lows(Degradation(photo_share=1.0), 4, same)
    assert len(found.flatten(1).unique(dim=0)) == 2 * ALIKE


@pytest.mark.parametrize("twice", [0.0, 1.0])
def test_milder_options_stay_closer_to_the_clean_low_resolution(twice: float) -> None:
    given = batch(8, channels=1)  # JPEG halves the resolution of colour at any quality
    clean = shrink(given["high"], 4)
    mild = Degradation(photo_twice=twice, photo_noise=1, photo_photons=1e5, photo_blur=0.1, photo_jpeg=95)
    harsh = Degradation(photo_twice=twice, photo_noise=60, photo_photons=20, photo_blur=2, photo_jpeg=5, photo_share=1)
    far, near = ((lows(options, 4, given) - clean).abs().mean() for options in (harsh, mild))
    assert near < 0.04
    assert far > 2 * near


def test_nothing_but_a_resize_is_left_where_no_picture_has_its_share() -> None:
    flat = {"high": torch.full((2, 3, 32, 32), 1 / 255)}
    for seed in range(6):
        assert (lows(Degradation(photo_share=0.0, photo_twice=0.5), 4, flat, seed) - 1 / 255).abs().max() < 1e-6


def test_no_blur_is_allowed() -> None:
    assert torch.isfinite(lows(Degradation(photo_blur=0.0, photo_share=1.0), 4, batch())).all()


@pytest.mark.parametrize("side", [16, 12, 40, 32])
def test_resizes_keep_flat_pictures_flat(side: int) -> None:
    flat = torch.full((1, 3, 32, 32), 0.25)
    for seed in range(8):
        torch.manual_seed(seed)
        found = resized(flat, side)
        assert found.shape == (1, 3, side, side)
        assert (found - 0.25).abs().max() < 1e-6


def test_sizes_without_a_low_resolution_are_refused() -> None:
    with pytest.raises(Refusal, match="48 x 48 px cannot become 5 times smaller"):
        Degrade(Degradation(), 5)(batch())


def test_a_blur_is_as_wide_in_the_low_resolution_wherever_it_stands() -> None:
    """Before the resize to a quarter it is four times as wide. An edge's slope has the blur's variance."""
    edge = torch.full((8, 1, 128, 128), -1.0)
    edge[..., 64:] = 1.0
    only_blur = Degradation(
        photo_blur=2.0, photo_share=1, photo_twice=0, photo_noise=0, photo_photons=1e6, photo_jpeg=95
    )
    found = torch.cat([lows(only_blur, 4, {"high": edge}, seed) for seed in range(24)])
    slope = found.mean((1, 2)).diff(dim=1).clamp(min=0)
    slope, places = slope / slope.sum(1, keepdim=True), torch.arange(31.0)
    middle = (slope * places).sum(1, keepdim=True)
    variance = (slope * (places - middle).square()).sum(1).mean().item()
    # of a deviation that is uniform from 0.15 to 1 times 2 px: 4 E u² = 1.56; the resize adds about a tenth
    assert 1.35 < variance < 1.95
