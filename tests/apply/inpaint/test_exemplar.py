"""Holes filled by copies: what repeats is restored, what is smooth stays smooth, what is known stays."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from support.inpainters import Constant, Known, box, filling, inpainting, marked
from support.upscalers import draw
from torch import nn

from img2img.apply.inpaint import exemplar
from img2img.apply.inpaint.exemplar import ExemplarFilling
from img2img.apply.inpaint.inpainting import Inpainting
from img2img.apply.inpaint.masking import Masking
from img2img.apply.models import open_inpainter
from img2img.config.apply import Filler, Tile
from img2img.config.card import ModelCard, NetworkCard
from img2img.config.networks.inpainters import LightInpaintSpec
from img2img.images import ImageError
from img2img.networks import build
from img2img.weights.files import save

HOLES = {
    "one pixel": box(90, 110, (40, 41, 50, 51)),
    "several, at the borders": box(90, 110, (0, 9, 0, 9), (80, 90, 100, 110), (40, 50, 0, 3), (41, 52, 60, 71)),
    "a thin line across": box(90, 110, (44, 46, 0, 110)),
    "half of it": box(90, 110, (0, 90, 50, 110)),
    "all but a rim": box(90, 110, (2, 88, 2, 108)),
    "all but a corner": 1 - box(90, 110, (0, 6, 0, 6)),
}


def copying(network: nn.Module | None = None, choosing: bool = False) -> Inpainting:
    """Copies guided by a network, with masks whose holes are white."""
    return Inpainting(ExemplarFilling(filling(network or Known()), choosing), Masking())


def periodic(height: int, width: int, kind: str = "uint8") -> np.ndarray:
    """(H, W, 3): noise that repeats every 16 px down and 20 px across."""
    tile = draw(3, 16, 20, 3, 16 if kind == "uint16" else 8)
    return np.tile(tile, (height // 16 + 1, width // 20 + 1, 1))[:height, :width]


@pytest.mark.parametrize("kind", ["uint8", "uint16"])
@pytest.mark.parametrize("place", [(60, 95, 60, 100), (0, 30, 70, 100), (120, 160, 130, 180)])
def test_a_texture_that_repeats_is_restored(kind: str, place: tuple[int, int, int, int]) -> None:
    samples = periodic(160, 180, kind)
    hole = box(160, 180, place)
    made = copying().convert(marked(np.where(hole[..., None], 0, samples).astype(kind), hole)).samples
    apart = np.abs(made.astype(float) - samples)[hole > 0] / np.iinfo(kind).max
    assert made.dtype == kind and np.array_equal(made[hole == 0], samples[hole == 0])
    assert apart.mean() < 0.004 and np.quantile(apart, 0.99) < 0.02


def test_a_gradient_stays_smooth() -> None:
    ramp = np.add.outer(np.arange(150), np.arange(170))[..., None].repeat(3, 2) * 200
    hole = box(150, 170, (50, 90, 60, 110))
    made = copying().convert(marked(ramp.astype(np.uint16), hole)).samples.astype(int)
    for axis in (0, 1):
        assert np.abs(np.diff(made, axis=axis) - 200).max() < 400, "steps are near the gradient's own"
    assert np.abs(made - ramp).max() < 0.02 * 65535


def test_a_hole_larger_than_a_square_is_filled_smaller_and_takes_detail_from_elsewhere() -> None:
    samples = draw(1, 640, 700, 3)
    samples[..., :] = np.tile(draw(4, 64, 64, 3), (10, 11, 1))[:640, :700]
    hole = box(640, 700, (200, 440, 220, 470))
    made = copying().convert(marked(samples, hole)).samples
    assert np.array_equal(made[hole == 0], samples[hole == 0])
    inner = box(640, 700, (230, 410, 250, 440)) > 0
    assert np.abs(made.astype(int) - samples)[inner].mean() < 0.25 * np.abs(samples[inner] - 127.0).mean()


@pytest.mark.parametrize("name", HOLES)
@pytest.mark.parametrize("choosing", [False, True])
def test_known_samples_come_back_bit_for_bit_and_the_hole_decides_nothing(name: str, choosing: bool) -> None:
    hole = HOLES[name]
    for channels, bits in ((1, 8), (3, 16), (4, 8)):
        samples = draw(0, 90, 110, channels, bits)
        other = samples.copy()
        colours = 1 if channels == 1 else 3
        other[hole > 0, :colours] = np.iinfo(samples.dtype).max - other[hole > 0, :colours]
        first, second = (copying(Known(), choosing).convert(marked(given, hole)).samples for given in (samples, other))
        assert np.array_equal(first[hole == 0], samples[hole == 0]) and first.dtype == samples.dtype
        if channels < 4:  # under full transparency colours are those of the nearest pixel, in the hole or not
            assert np.array_equal(first, second)
        else:
            assert np.array_equal(first[..., 3], samples[..., 3])


@pytest.mark.parametrize("name", HOLES)
def test_a_flat_photo_comes_back_flat(name: str) -> None:
    samples = np.full((90, 110, 3), (200, 90, 17), np.uint8)
    samples[HOLES[name] > 0] = 255
    made = copying().convert(marked(samples, HOLES[name])).samples
    assert np.abs(made.astype(int) - (200, 90, 17)).max() <= 1


def test_where_nothing_can_be_copied_the_guide_fills() -> None:
    samples, hole = draw(0, 90, 110, 3), HOLES["all but a corner"]
    made, plain = (way.convert(marked(samples, hole)).samples for way in (copying(), inpainting(Known())))
    assert np.array_equal(made, plain)


def test_an_empty_hole_is_no_hole() -> None:
    network, samples = Constant(), draw(0, 20, 30, 3)
    with pytest.raises(ImageError, match="no hole"):
        copying(network).convert(marked(samples, box(20, 30)))
    assert not network.shown


def test_holes_of_any_shape_are_cut_into_squares_that_cover_them_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exemplar, "CELL", 16)
    hole = np.maximum(np.eye(200, dtype=np.uint8), box(200, 200, (20, 60, 90, 160)))
    holes = exemplar.Holes(hole, exemplar.NEAR)
    covered = np.zeros_like(hole)
    for number in range(len(holes.boxes)):
        for square in exemplar._squares(holes, number):
            covered[slice(*square.seen[:2]), slice(*square.seen[2:])] += square.own
    assert np.array_equal(covered, hole)


def test_progress_ends_at_one() -> None:
    shares: list[float] = []
    copying().convert(marked(draw(0, 90, 110, 3), HOLES["several, at the borders"]), watch=shares.append)
    assert shares == sorted(shares) and shares[-1] == 1


@pytest.mark.parametrize(
    ("trained", "method", "tile", "side"),
    [
        (256, "auto", "auto", exemplar.GUIDE_SIDE),
        (256, "exemplar", "auto", exemplar.GUIDE_SIDE),
        (256, "network", "auto", 256),
        (64, "auto", "auto", 64),
        (256, "auto", 192, 192),
        (256, "auto", "off", None),
    ],
)
def test_a_guide_sees_smaller_squares_unless_told(
    tmp_path: Path, trained: int, method: Filler, tile: Tile, side: int | None
) -> None:
    spec = LightInpaintSpec(width=4, blocks=1)
    card = ModelCard(task="inpaint", networks={"inpaint": NetworkCard(spec=spec, size=trained)})
    save(tmp_path / "w.safetensors", {"inpaint": build(spec)}, card)
    opened = open_inpainter(
        str(tmp_path / "w.safetensors"), Masking(), method=method, device=torch.device("cpu"), tile=tile
    )
    assert opened.filling.settings["side"] == side
