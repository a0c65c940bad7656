"""Tiles of a network with instance norms: normalised alike, near to the whole, whatever kind of norm it has."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from img2img.apply.engine import model as engine
from img2img.apply.engine.given_statistics import has_instance_norms, keep_statistics, with_given_norms
from img2img.apply.engine.model import Model
from img2img.config.networks import SizeNeeds
from img2img.config.networks.spec import Spec
from img2img.config.networks.translators import ResnetSpec, UNetSpec
from img2img.images import Photo
from img2img.networks import build
from img2img.networks.layers.norms import PictureNorm

CPU = torch.device("cpu")
NORMS = {
    "ours": lambda: PictureNorm(6, affine=True),
    "torch's": lambda: nn.InstanceNorm2d(6, affine=True),
    "without weights": lambda: nn.InstanceNorm2d(6),
    "groups of one": lambda: nn.GroupNorm(6, 6),
}


def scene(height: int, width: int) -> Tensor:
    """Dark on the left, bright on the right, with detail: a tile's own statistics are far from the whole's."""
    torch.manual_seed(1)
    detail = nn.functional.interpolate(torch.rand(1, 3, height // 8, width // 8), (height, width), mode="bicubic")[0]
    return (torch.linspace(-1, 1, width) * 0.7 + detail * 0.6 - 0.3).clamp(-1, 1)


def translator(spec: ResnetSpec | UNetSpec, **more: object) -> Model:
    torch.manual_seed(0)
    network = build(spec).eval()
    return Model(network, "translate", 3, 1, spec.needs, "t", CPU, Path(), **more)  # type: ignore[arg-type]


def in_tiles(model: Model, pixels: Tensor) -> tuple[Tensor, list[str]]:
    notes: list[str] = []
    return torch.cat([band for _, band in model.bands(pixels, 16, notes.append)], dim=1), notes


@pytest.mark.parametrize("name", NORMS)
def test_any_instance_norm_takes_the_statistics_of_another_picture(name: str) -> None:
    torch.manual_seed(0)
    norm = NORMS[name]()
    network = nn.Sequential(nn.Conv2d(3, 6, 3), norm, nn.Conv2d(6, 3, 1)).eval()
    if norm.weight is not None:
        nn.init.uniform_(norm.weight)
    picture, half = scene(40, 48)[None], scene(40, 48)[None, :, :, :24]
    given = with_given_norms(network)
    assert has_instance_norms(network) and not has_instance_norms(given)
    assert (given(picture) - network(picture)).abs().max() < 1e-5
    keep_statistics(given)
    assert (given(half) - network(picture)[..., :22]).abs().max() < 1e-5
    assert (network(half) - network(picture)[..., :22]).abs().max() > 0.05, "else this could not fail"
    assert [id(one) for one in given.parameters()] == [id(one) for one in network.parameters()]


def test_a_norm_that_is_used_twice_has_statistics_for_each_time() -> None:
    class Twice(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.norm = PictureNorm(3, affine=False)

        def forward(self, image: Tensor) -> Tensor:
            return self.norm(self.norm(image).relu() * 3)

    network, picture = Twice(), scene(40, 48)[None]
    given = with_given_norms(network)
    given(picture)
    keep_statistics(given)
    for _ in range(2):
        assert (given(picture) - network(picture)).abs().max() < 1e-5


def test_without_instance_norms_there_is_nothing_to_give() -> None:
    spec: Spec
    for spec in (ResnetSpec(width=2, blocks=1, norm="batch"), UNetSpec(width=2, levels=2, norm="none")):
        assert not has_instance_norms(build(spec))  # type: ignore[arg-type]
    assert not has_instance_norms(nn.GroupNorm(2, 8)) and not has_instance_norms(lambda picture: picture)


def test_with_the_whole_pictures_statistics_tiles_are_the_whole() -> None:
    model, pixels = translator(ResnetSpec(width=3, blocks=1), tile=128), scene(150, 300)
    assert model.needs.radius is not None and 4 * model.needs.radius <= 128
    tiled, notes = in_tiles(model, pixels)
    assert (tiled - replace(model, tile="off").run(pixels)).abs().max() < 1e-4
    assert notes == [
        "in tiles of 128 px, normalised by statistics of a copy of 300 x 150 px: tones may differ a little from those "
        "of the whole"
    ]


@pytest.mark.parametrize("spec", [ResnetSpec(width=3, blocks=1), UNetSpec(width=3, levels=4)])
def test_where_the_whole_does_not_fit_a_reduced_copy_stands_for_it(
    spec: ResnetSpec | UNetSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, pixels = translator(spec), scene(288, 576)
    whole = replace(model, tile="off").run(pixels)
    assert in_tiles(model, pixels)[1] == []
    monkeypatch.setattr(engine, "free_bytes", lambda _: int(130**2 * model._bytes_per_pixel / 0.6))
    alike, notes = in_tiles(model, pixels)
    assert "normalised by statistics of a copy of 183 x 91 px" in notes[0] or "copy of 184 x 92 px" in notes[0], notes
    monkeypatch.setattr(engine, "has_instance_norms", lambda _: False)
    apart, notes = in_tiles(model, pixels)
    assert "statistics apart" in notes[0]
    assert alike.shape == apart.shape == whole.shape
    off, off_apart = ((made - whole).pow(2).mean().sqrt() for made in (alike, apart))
    assert off < 0.75 * off_apart


def test_a_photo_of_integers_and_of_one_channel_keeps_its_kind() -> None:
    spec = ResnetSpec(width=2, blocks=1, input_channels=1, output_channels=1)
    model = replace(translator(spec, tile=128), channels=1)
    photo = Photo((scene(150, 300)[:1] * 127 + 128).to(torch.uint8))
    made = model.convert(photo)
    assert made.samples.shape == (150, 300, 1) and "in tiles of 128 px" in made.note


def test_needs_of_the_network_hold_for_the_copy_too() -> None:
    model = translator(UNetSpec(width=2, levels=6), tile=64)
    assert model.needs == SizeNeeds(multiple_of=64, minimum=64, radius=None, exact_tiling=False)
    made, _ = in_tiles(model, scene(70, 700))
    assert made.shape == (3, 70, 700) and made.isfinite().all()
