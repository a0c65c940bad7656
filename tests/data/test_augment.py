from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from img2img.config.sections.data import ImageData, PairedData
from img2img.data.augment import Augment, SensorNoise, signed, unit

EVERYTHING: dict[str, Any] = {
    "rotate": 20.0,
    "zoom": 0.2,
    "colour": 0.4,
    "blur": 0.5,
    "sensor_noise": 0.5,
    "jpeg": 0.5,
    "erase": 0.5,
}
DAMAGE = {name: 1.0 for name in ("blur", "sensor_noise", "jpeg", "erase")}


def pictures(count: int = 4, channels: int = 3, side: int = 40) -> Tensor:
    """Smooth coloured pictures, uint8."""
    coarse = torch.rand(count, channels, 5, 5, generator=torch.Generator().manual_seed(count + channels))
    fine = torch.nn.functional.interpolate(coarse, (side, side), mode="bicubic").clamp(0, 1)
    return (fine * 255).round().to(torch.uint8)


def augmented(batch: dict[str, Tensor], paired: bool = True, seed: int = 0, **options: Any) -> dict[str, Tensor]:
    torch.manual_seed(seed)
    return Augment(PairedData(**{"size": 32, **options}), paired)(batch)


def test_bytes_to_signed() -> None:
    values = torch.tensor([0, 51, 255], dtype=torch.uint8)
    assert torch.allclose(unit(values), torch.tensor([0.0, 0.2, 1.0]), rtol=0, atol=1e-7)
    assert torch.allclose(signed(values), torch.tensor([-1.0, -0.6, 1.0]), rtol=0, atol=1e-7)
    assert torch.equal(signed(unit(values)), signed(values))


def test_crop_and_flip_keep_every_value() -> None:
    coordinates = torch.stack(torch.meshgrid(torch.arange(40), torch.arange(40), indexing="ij"))
    batch = {"a": coordinates.to(torch.uint8).expand(8, -1, -1, -1)}
    rows, columns = ((augmented(batch)["a"] + 1) * 127.5).unbind(dim=1)
    assert (rows - rows.round()).abs().max() < 1e-4
    assert ((rows.diff(dim=1) - 1).abs() < 1e-4).all()
    assert ((columns.diff(dim=2).abs() - 1).abs() < 1e-4).all()
    assert len(rows[:, 0, 0].round().unique()) > 2


def test_a_whole_picture_without_options_is_only_converted() -> None:
    batch = {"a": pictures(side=32)}
    assert torch.equal(augmented(batch, flip=False)["a"], signed(batch["a"]))


@pytest.mark.parametrize("paired", [True, False])
def test_the_same_seed_gives_the_same_batch(paired: bool) -> None:
    batch = {"a": pictures(), "b": pictures(channels=1)}
    first, again, other = (augmented(batch, paired, seed, **EVERYTHING) for seed in (1, 1, 2))
    for side, channels in (("a", 3), ("b", 1)):
        assert torch.equal(first[side], again[side])
        assert not torch.equal(first[side], other[side])
        assert first[side].shape == (4, channels, 32, 32)
        assert first[side].dtype == torch.float32
        assert first[side].min() >= -1
        assert first[side].max() <= 1


@pytest.mark.parametrize("option", ["flip", "rotate", "zoom", "colour"])
def test_geometry_and_colour_are_shared_by_a_pair_and_not_by_domains(option: str) -> None:
    options = {"size": 40, "flip": False, "load_size": 40} | {option: True if option == "flip" else 0.5}
    same = pictures(count=8)
    pair = augmented({"a": same, "b": same}, paired=True, **options)
    domains = augmented({"a": same, "b": same}, paired=False, **options)
    assert torch.equal(pair["a"], pair["b"])
    assert not torch.equal(domains["a"], domains["b"])
    assert not torch.equal(pair["a"], signed(same))


@pytest.mark.parametrize(("direction", "source", "target"), [("a-to-b", "a", "b"), ("b-to-a", "b", "a")])
@pytest.mark.parametrize("damage", DAMAGE)
def test_damage_falls_on_the_input_alone(direction: str, source: str, target: str, damage: str) -> None:
    batch = {"a": pictures(), "b": pictures(channels=1)}
    clean = augmented(batch, rotate=20.0, colour=0.3, direction=direction)
    damaged = augmented(batch, rotate=20.0, colour=0.3, direction=direction, **{damage: 1.0})
    assert torch.equal(clean[target], damaged[target])
    assert all((clean[source][row] != damaged[source][row]).any() for row in range(4))


def test_damage_falls_on_both_domains() -> None:
    batch = {"a": pictures(), "b": pictures()}
    options = {"size": 40, "flip": False, "load_size": 40, **DAMAGE}
    damaged = augmented(batch, paired=False, **options)
    for side in batch:
        assert (damaged[side] - signed(batch[side])).abs().amax(dim=(1, 2, 3)).min() > 0.1


def test_each_picture_has_its_own_draw() -> None:
    one = pictures(count=1).expand(16, -1, -1, -1)
    for name, value in EVERYTHING.items():
        options = {"size": 40, "flip": False, "load_size": 40, name: value}
        assert len(augmented({"a": one}, **options)["a"].flatten(1).unique(dim=0)) > 4, name


def test_a_share_of_the_pictures_is_damaged() -> None:
    batch = {"a": pictures(count=200, side=32)}
    for name in DAMAGE:
        changed = augmented(batch, flip=False, load_size=32, **{name: 0.3})["a"] != signed(batch["a"])
        assert 35 < changed.flatten(1).any(dim=1).sum() < 85, name


def test_grey_is_jittered_like_grey_in_colour() -> None:
    grey = pictures(channels=1, side=32)
    options = {"flip": False, "load_size": 32, "colour": 0.5}
    one = augmented({"a": grey}, **options)["a"]
    three = augmented({"a": grey.expand(-1, 3, -1, -1)}, **options)["a"]
    assert (one - three).abs().max() < 1e-5
    assert (one - signed(grey)).abs().max() > 0.1


def test_a_mask_moves_with_its_picture_and_stays_binary() -> None:
    mask = (pictures(channels=1) > 127).to(torch.uint8) * 255
    batch = {"a": mask.expand(-1, 3, -1, -1), "mask": mask}
    moved = augmented(batch)
    assert torch.equal(moved["mask"], (moved["a"][:, :1] + 1) / 2)
    turned = augmented(batch, **EVERYTHING | dict.fromkeys(DAMAGE, 0.0) | {"colour": 0.0})
    assert set(turned["mask"].unique().tolist()) == {0.0, 1.0}
    agree = turned["mask"].bool() == (turned["a"][:, :1] > 0)
    assert agree.float().mean() > 0.97


def test_turning_a_picture_fills_it_by_reflection() -> None:
    flat = {"a": torch.full((4, 3, 40, 40), 200, dtype=torch.uint8)}
    turned = augmented(flat, rotate=45.0, zoom=0.5)["a"]
    assert (turned - signed(flat["a"])[:, :, :32, :32]).abs().max() < 1e-5


def test_floats_of_deep_pictures_are_taken_as_they_are() -> None:
    deep = torch.rand(2, 1, 32, 32)
    assert torch.equal(augmented({"a": deep}, flip=False, load_size=32)["a"], deep * 2 - 1)


def test_sensor_noise_has_the_deviation_that_it_draws() -> None:
    torch.manual_seed(0)
    noise = SensorNoise(share=1.0, most=0.05)(torch.zeros(400, 1, 32, 32))
    deviations = noise.flatten(1).std(dim=1)
    assert deviations.max() < 0.055
    assert abs(float(deviations.mean()) - 0.025) < 0.003  # uniform from 0 to 0.05: four standard errors
    assert abs(float(noise.mean())) < 3e-4


def test_plain_data_options_are_enough() -> None:
    assert Augment(ImageData(size=16), paired=False)({"a": pictures(side=20)})["a"].shape == (4, 3, 16, 16)
