from __future__ import annotations

import pytest
import torch
from torch import Tensor

from img2img.config.base import Refusal
from img2img.config.sections.data import Degradation
from img2img.data.damage.degrade import ALIKE, Degrade
from img2img.data.damage.matlab_resize import shrink, to_eight_bit

SHARES = [name for name in Degradation.model_fields if name.endswith("_share")]
NOTHING = dict.fromkeys(SHARES, 0.0)


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
@pytest.mark.parametrize("scale", [1, 2, 3, 4])
def test_low_resolutions_are_what_a_file_could_hold(way: str, channels: int, scale: int) -> None:
    given = batch(ALIKE + 1, channels) | {"depth": torch.zeros(3, 1, 48, 48)}
    shares = dict.fromkeys(SHARES, 1.0) | {"photo_fade_share": 0.0}
    found = Degrade(Degradation(degrade=way, **shares, photo_harsh=0.5), scale)(given)
    assert list(found) == ["high", "depth", "low"]
    assert found["high"] is given["high"]
    assert found["low"].shape == (ALIKE + 1, channels, 48 // scale, 48 // scale)
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


@pytest.mark.parametrize("scale", [1, 4])
@pytest.mark.parametrize("twice", [0.0, 1.0])
def test_milder_pictures_stay_closer_to_the_clean_low_resolution(twice: float, scale: int) -> None:
    given = batch(ALIKE * 6, channels=1)
    clean = shrink(given["high"], scale)
    ways = ({"photo_middle": 0.0, "photo_harsh": 0.0}, {"photo_middle": 1.0}, {"photo_harsh": 1.0})
    mild, middle, harsh = (
        (lows(Degradation(photo_twice=twice, photo_fade_share=0, **way), scale, given) - clean).abs().mean()
        for way in ways
    )
    assert 1.3 * mild < middle and 1.3 * middle < harsh
    assert mild < 0.06


def test_mild_damage_is_the_most_frequent() -> None:
    given = batch(ALIKE * 30, channels=1)
    options = Degradation(photo_twice=0, photo_fade_share=0, photo_share=1)
    errors = (lows(options, 4, given) - shrink(given["high"], 4)).abs().mean((1, 2, 3))
    assert errors.median() < 0.75 * errors.mean()
    assert (errors < errors.max() / 3).float().mean() > 0.6


@pytest.mark.parametrize("damage", [name for name in SHARES if name != "photo_fade_share"])
def test_each_damage_alone_changes_the_low_resolution(damage: str) -> None:
    given = batch(2 * ALIKE)
    options = Degradation(**(NOTHING | {damage: 1.0, "photo_twice": 0.0, "photo_harsh": 1.0}))
    clean = lows(Degradation(**(NOTHING | {"photo_twice": 0.0})), 4, given)
    assert ((lows(options, 4, given) - clean).abs().amax((1, 2, 3)) > 0).float().mean() > 0.5


@pytest.mark.parametrize("scale", [1, 4])
def test_nothing_but_a_resize_is_left_where_no_picture_has_its_share(scale: int) -> None:
    flat = {"high": torch.full((2, 3, 32, 32), 1 / 255)}
    for seed in range(6):
        found = lows(Degradation(**(NOTHING | {"photo_twice": 0.5})), scale, flat, seed)
        assert (found - 1 / 255).abs().max() < 1e-6


def test_a_picture_is_as_it_was_where_nothing_is_made_smaller() -> None:
    given = {"high": to_eight_bit(batch()["high"])}
    ranges = {"photo_blur": 0, "photo_noise": 0, "photo_photons": 1e6, "photo_grain": 0, "photo_blotches": 0}
    ranges |= {"photo_sharpen": 0, "photo_fade": 0, "photo_ringing_share": 0, "photo_dust_share": 0}
    low = lows(Degradation(**ranges, photo_twice=0, photo_jpeg=95), 1, given)
    assert (low - given["high"]).abs().mean() < 0.02  # JPEG of quality 95, colour at half the resolution
    found = lows(Degradation(**(NOTHING | {"photo_twice": 0.0})), 1, given)
    assert (found - given["high"]).abs().max() < 1e-6


@pytest.mark.parametrize("scale", [1, 4])
def test_high_and_low_fade_alike(scale: int) -> None:
    flat = torch.linspace(-0.9, 0.9, 20).view(20, 1, 1, 1).expand(20, 3, 32, 32)
    torch.manual_seed(0)
    found = Degrade(Degradation(**(NOTHING | {"photo_fade_share": 1.0, "photo_twice": 0.0})), scale)({"high": flat})
    assert ((found["high"] - flat).abs().amax((1, 2, 3)) > 0.01).float().mean() > 0.8
    assert (found["high"].mean((2, 3)) - found["low"].mean((2, 3))).abs().max() < 1.01 / 255  # half an 8-bit step


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
