"""Holes filled by a network that is known: what is known stays to the last bit, whatever the photo and the hole."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from support.drawing import draw
from support.inpainters import SIDE, Constant, Known, box, filling, inpainting, marked
from torch import Tensor, nn

from img2img.apply.engine.forward import NotFiniteError
from img2img.apply.inpaint.inpainting import Inpainting
from img2img.apply.inpaint.masking import Masking
from img2img.images import ImageError, Photo, to_pixels

HOLES = {
    "one pixel": box(90, 110, (40, 41, 50, 51)),
    "several, at the borders": box(90, 110, (0, 9, 0, 9), (80, 90, 100, 110), (40, 50, 0, 3), (41, 52, 60, 71)),
    "larger than the network knows": box(90, 110, (20, 80, 30, 100)),
    "all but a rim": box(90, 110, (2, 88, 2, 108)),
    "all but a corner": 1 - box(90, 110, (0, 6, 0, 6)),
    "a thin line across": box(90, 110, (44, 46, 0, 110)),
}


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("bits", [8, 16])
def test_known_samples_come_back_bit_for_bit(channels: int, bits: int) -> None:
    samples = draw(0, 90, 110, channels, bits)
    if channels in (2, 4):
        samples[:20, :, -1] = 0  # what lies under full transparency, too
    for name, hole in HOLES.items():
        result = inpainting(Constant()).convert(marked(samples, hole))
        assert np.array_equal(result.samples[hole == 0], samples[hole == 0]), name
        assert result.samples.dtype == samples.dtype and (result.icc, result.exif) == (b"icc", b"exif")
        filled = (result.samples[..., :1] != samples[..., :1])[hole > 0]
        assert filled.any() or len(filled) == 1, name
        if channels in (2, 4):
            assert np.array_equal(result.samples[..., -1], samples[..., -1]), "transparency stays"


@pytest.mark.parametrize("bits", [8, 16])
def test_beyond_the_seam_a_hole_is_what_the_network_says(bits: int) -> None:
    hole = box(90, 110, (30, 50, 40, 60))
    made = inpainting(Constant(0.5)).convert(marked(draw(0, 90, 110, 3, bits), hole)).samples
    assert (made[38:42, 48:52] == round(0.75 * (2**bits - 1))).all()
    floats = Photo(to_pixels(draw(0, 90, 110, 3)), mask=marked(draw(0, 90, 110, 3), hole).mask)
    filled = inpainting(Constant(0.5)).convert_floats(floats).pixels
    assert torch.allclose(filled[:, 38:42, 48:52], torch.tensor(0.5))
    assert torch.equal(filled[:, torch.from_numpy(hole == 0)], floats.pixels[:, torch.from_numpy(hole == 0)])


@pytest.mark.parametrize("name", HOLES)
def test_a_flat_photo_comes_back_flat(name: str) -> None:
    """By a network that fills with the mean of what it sees: windows, tiles, low resolution and detail add nothing."""
    samples = np.full((90, 110, 3), (200, 90, 17), np.uint8)
    samples[HOLES[name] > 0] = 255
    made = inpainting(Known()).convert(marked(samples, HOLES[name])).samples
    assert np.abs(made.astype(int) - (200, 90, 17)).max() <= 1


@pytest.mark.parametrize("name", HOLES)
def test_what_the_hole_held_decides_nothing(name: str) -> None:
    samples, hole = draw(0, 90, 110, 3), HOLES[name][..., None]
    first, second = (
        inpainting(Known()).convert(marked(given, hole[..., 0])).samples
        for given in (samples, np.where(hole, 255 - samples, samples))
    )
    assert np.array_equal(first, second)


def test_the_network_sees_the_masked_picture_and_the_mask_in_its_squares() -> None:
    network, samples = Constant(), draw(0, 90, 110, 3)
    hole = box(90, 110, (40, 50, 50, 60))
    inpainting(network).convert(marked(samples, hole))
    (shown,) = network.shown
    assert shown.shape == (1, 4, SIDE, SIDE)
    mask = torch.from_numpy(hole[29:61, 39:71])
    assert torch.equal(shown[0, 3], mask.float()) and not shown[0, :3, mask > 0].any()
    assert torch.allclose(shown[0, :3, mask == 0], to_pixels(samples)[:, 29:61, 39:71][:, mask == 0])


def test_many_far_holes_in_a_large_photo_cost_their_windows() -> None:
    network = Constant()
    hole = box(
        1000, 1200, *((y, y + 5, x, x + 5) for y, x in ((3, 4), (500, 600), (990, 100), (100, 1190), (700, 900)))
    )
    shares: list[float] = []
    made = inpainting(network).convert(marked(np.zeros((1000, 1200, 1), np.uint8), hole), watch=shares.append)
    assert len(network.shown) == 5 and {tuple(shown.shape) for shown in network.shown} == {(1, 4, SIDE, SIDE)}
    assert shares == [0.2, 0.4, 0.6, 0.8, 1.0] and (made.samples[hole == 0] == 0).all()


def test_of_a_line_only_the_tiles_that_hold_it_are_run() -> None:
    network = Constant()
    line = np.eye(400, dtype=np.uint8)
    inpainting(network).convert(marked(draw(0, 400, 400, 3), line))
    assert len(network.shown) < 100, "of 33 x 33 tiles"


def test_a_large_hole_never_makes_the_network_see_more_than_its_square() -> None:
    network = Constant()
    inpainting(network).convert(marked(draw(0, 500, 700, 3), box(500, 700, (50, 450, 100, 600))))
    assert max(max(shown.shape[-2:]) for shown in network.shown) <= SIDE and len(network.shown) <= 9


class Mirrored(nn.Module):
    """Does the same to a picture and its mirror image, and depends on where things are."""

    def forward(self, masked: Tensor) -> Tensor:
        near = nn.functional.avg_pool2d(masked, 15, 1, 7)
        return near[:, :-1] / (1 - near[:, -1:]).clamp(min=0.05)


@pytest.mark.parametrize(
    "hole",
    [
        box(96, 128, (40, 42, 50, 52)),  # an odd hole would lie to one side of the middle of an even window
        box(96, 128, (0, 10, 0, 10), (86, 96, 118, 128), (40, 50, 0, 4), (41, 51, 60, 70)),
        box(96, 128, (20, 80, 30, 100)),
    ],
    ids=["small", "several, at the borders", "larger than the network knows"],
)
def test_the_mirror_image_becomes_the_mirror_image(hole: np.ndarray) -> None:
    samples = draw(0, 96, 128, 3)
    plain = inpainting(Mirrored()).convert(marked(samples, hole)).samples
    flipped = marked(np.ascontiguousarray(samples[:, ::-1]), np.ascontiguousarray(hole[:, ::-1]))
    mirrored = inpainting(Mirrored()).convert(flipped).samples[:, ::-1]
    difference = np.abs(plain.astype(int) - mirrored)
    assert difference.max() <= 1


def test_a_photo_of_one_pixel_and_one_smaller_than_the_square() -> None:
    with pytest.raises(ImageError, match="covers the whole photo"):
        inpainting(Constant()).convert(marked(draw(0, 1, 1, 3), np.ones((1, 1), np.uint8)))
    for height, width in ((1, 2), (2, 1), (5, 31), (32, 33)):
        hole = box(height, width, (0, 1, 0, 1))
        made = inpainting(Constant()).convert(marked(draw(0, height, width, 3), hole)).samples
        assert np.array_equal(made[hole == 0], draw(0, height, width, 3)[hole == 0])


def test_no_hole_is_an_error() -> None:
    network = Constant()
    with pytest.raises(ImageError, match="no hole in the mask"):
        inpainting(network).convert(marked(draw(0, 20, 30, 4), box(20, 30)))
    assert not network.shown


def test_transparency_as_the_mask_becomes_opaque() -> None:
    samples = draw(0, 40, 50, 4)
    samples[..., 3] = 255 * (1 - box(40, 50, (10, 20, 10, 30)))
    given = replace(marked(samples, box(40, 50)), mask=None)
    result = inpainting(Constant()).convert(given)
    assert result.samples.shape == (40, 50, 3)
    opaque = samples[..., 3] > 0
    assert np.array_equal(result.samples[opaque], samples[opaque][:, :3])
    assert (result.samples[~opaque] != samples[~opaque][:, :3]).any()


def test_sixteen_bits_written_as_eight_are_rounded() -> None:
    samples, hole = draw(0, 40, 50, 3, 16), box(40, 50, (10, 20, 10, 30))
    made = inpainting(Constant()).convert(marked(samples, hole), 8).samples
    assert made.dtype == np.uint8 and np.array_equal(made[hole == 0], (samples // 257).astype(np.uint8)[hole == 0])


def test_a_network_of_another_number_of_channels() -> None:
    hole = box(40, 50, (10, 30, 10, 40))
    for photo_channels, network_channels in ((1, 3), (3, 1)):
        network = Constant()
        made = Inpainting(filling(network, channels=network_channels), Masking())
        samples = draw(0, 40, 50, photo_channels)
        result = made.convert(marked(samples, hole)).samples
        assert np.array_equal(result[hole == 0], samples[hole == 0])
        assert network.shown[0].shape[1] == network_channels + 1


def test_photos_whole_where_asked() -> None:
    network = Constant()
    inpainting(network, side=None).convert(marked(draw(0, 90, 110, 3), HOLES["several, at the borders"]))
    assert [tuple(shown.shape[-2:]) for shown in network.shown] == [(96, 112)]


def test_a_fill_that_is_not_finite_is_an_error() -> None:
    with pytest.raises(NotFiniteError):
        inpainting(Constant(float("nan"))).convert(marked(draw(0, 40, 50, 3), box(40, 50, (10, 20, 10, 30))))
