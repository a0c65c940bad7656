"""From masks to holes: polarity, channel, threshold, orientation, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from support.inpainters import box

from img2img.apply.inpaint.masking import Masking
from img2img.config.base import Refusal
from img2img.images import ImageError, Photo
from img2img.images.samples import to_planes

HOLE = box(20, 30, (2, 9, 5, 25))


def photo(**facts: object) -> Photo:
    return Photo(torch.zeros(3, 20, 30, dtype=torch.uint8), **facts)  # type: ignore[arg-type]


def grey(values: np.ndarray) -> Photo:
    return Photo(to_planes(values[..., None].astype(np.uint8)))


def hole_of(mask: Photo | None, masking: Masking | None = None, **facts: object) -> tuple[np.ndarray, list[str]]:
    return (masking or Masking()).hole_of(photo(mask=mask, **facts))


def test_white_is_the_hole_unless_black_is() -> None:
    hole, notes = hole_of(grey(HOLE * 255))
    assert np.array_equal(hole, HOLE) and not notes
    black, _ = hole_of(grey((1 - HOLE) * 255), Masking("black"))
    assert np.array_equal(black, HOLE)


@pytest.mark.parametrize("bits", [8, 16])
def test_the_threshold_is_where_it_is_said_to_be(bits: int) -> None:
    top = 2**bits - 1
    values = np.zeros((20, 30, 1), f"uint{bits}")
    values[0, :3, 0] = (top // 2, top // 2 + 1, top)
    hole, (note,) = hole_of(Photo(to_planes(values), bits=bits))  # type: ignore[arg-type]
    assert hole[0, :3].tolist() == [0, 1, 1] and hole.sum() == 2
    assert "0.33% of the mask is neither black nor white: cut at 0.5" in note
    assert hole_of(Photo(to_planes(values)), Masking(threshold=1))[0].sum() == 1
    with pytest.raises(Refusal, match="--threshold 0: allowed: above 0, up to 1"):
        Masking(threshold=0)


def painted(alpha: np.ndarray, colours: np.ndarray) -> Photo:
    """Colours (H, W, 3) with transparency, 1 = opaque."""
    return Photo(to_planes(colours.astype(np.uint8)), torch.from_numpy(alpha.astype(np.float32))[None])


def test_which_channel_counts_is_seen_or_asked() -> None:
    red = np.zeros((20, 30, 3), np.uint8)
    red[..., 0] = 200
    layer = painted(HOLE, red * HOLE[..., None])
    assert np.array_equal(hole_of(layer)[0], HOLE), "paint on a transparent layer"
    drawn = painted(np.ones_like(HOLE), np.repeat(HOLE[..., None] * 255, 3, 2))
    assert np.array_equal(hole_of(drawn)[0], HOLE), "opaque: the colours"
    both = painted(HOLE, np.random.default_rng(0).integers(0, 256, (20, 30, 3)))
    with pytest.raises(ImageError, match="which of them counts"):
        hole_of(both)
    assert np.array_equal(hole_of(both, Masking(channel="alpha"))[0], HOLE)
    assert np.array_equal(hole_of(both, Masking("black", "alpha"))[0], 1 - HOLE), "erased"
    with pytest.raises(ImageError, match="--mask-channel alpha: its mask has no transparency"):
        hole_of(grey(HOLE), Masking(channel="alpha"))


def test_without_a_mask_what_is_transparent_is_the_hole() -> None:
    alpha = torch.from_numpy(1 - HOLE.astype(np.float32))[None]
    hole, notes = hole_of(None, alpha=alpha)
    assert np.array_equal(hole, HOLE) and not notes
    fading, (note,) = hole_of(None, alpha=alpha * 0.6)
    assert np.array_equal(fading, HOLE) and "of the transparency is neither" in note
    with pytest.raises(ImageError, match="no mask was given, and the photo has no transparency"):
        hole_of(None)


def test_another_size_is_refused_with_both() -> None:
    with pytest.raises(ImageError, match="its mask is 29 x 20 px, and the photo 30 x 20"):
        hole_of(grey(HOLE[:, 1:] * 255))
    with pytest.raises(ImageError, match="its mask is 20 x 30 px"):
        hole_of(grey(HOLE.T * 255))


@pytest.mark.parametrize(
    ("orientation", "stored"), [(5, lambda a: a.T), (6, lambda a: np.rot90(a)), (8, lambda a: np.rot90(a, 3))]
)
def test_a_mask_stored_like_the_unturned_photo_is_turned(orientation: int, stored: object) -> None:
    mask = grey(np.ascontiguousarray(stored(HOLE)) * 255)  # type: ignore[operator]
    hole, notes = hole_of(mask, orientation=orientation)
    assert np.array_equal(hole, HOLE) and "turned" in notes[0]
    upright, notes = hole_of(grey(HOLE * 255), orientation=orientation)
    assert np.array_equal(upright, HOLE) and not notes, "as the photo is seen"
    with pytest.raises(ImageError, match="its mask is 20 x 30 px"):
        hole_of(Photo(mask.pixels, orientation=6), orientation=orientation)  # turned once already, by its own EXIF


def test_one_on_its_head_has_the_same_size_and_counts_as_upright() -> None:
    assert np.array_equal(hole_of(grey(HOLE * 255), orientation=3)[0], HOLE)


def test_odd_amounts_are_told() -> None:
    with pytest.raises(ImageError, match="no hole in the mask: nothing of it is white; is --hole right"):
        hole_of(grey(HOLE * 0))
    with pytest.raises(ImageError, match="covers the whole photo"):
        hole_of(grey(np.full_like(HOLE, 255)))
    much = np.full_like(HOLE, 255)
    much[0, :5] = 0
    assert "warning: the hole is 99.167% of the photo" in hole_of(grey(much))[1][0]
    large = Photo(torch.zeros(1, 200, 200, dtype=torch.uint8), mask=grey(box(200, 200, (3, 4, 3, 5)) * 255))
    assert "warning: the hole is 0.005% of the photo" in Masking().hole_of(large)[1][0]
    fine = Photo(torch.zeros(1, 200, 200, dtype=torch.uint8), mask=grey(box(200, 200, (3, 5, 3, 6)) * 255))
    assert not Masking().hole_of(fine)[1], "0.015 %"


@pytest.mark.parametrize("value", [1, 2, 100])
def test_two_values_are_black_and_white(value: int) -> None:
    hole, (note,) = hole_of(grey(HOLE * value))
    assert np.array_equal(hole, HOLE) and f"0 and {value} of 255" in note
    assert np.array_equal(hole_of(grey((1 - HOLE) * value), Masking("black"))[0], HOLE)


def test_two_values_of_16_bits_are_black_and_white() -> None:
    values = HOLE[..., None].astype(np.uint16)
    assert np.array_equal(hole_of(Photo(to_planes(values), bits=16))[0], HOLE)


@pytest.mark.parametrize("colour", [(255, 0, 0), (128, 0, 0), (0, 255, 0), (0, 0, 200)])
def test_a_colour_on_black_is_the_hole(colour: tuple[int, int, int]) -> None:
    mask = Photo(to_planes(HOLE[..., None] * np.array(colour, np.uint8)))
    assert np.array_equal(hole_of(mask)[0], HOLE)


def test_a_colour_on_white_is_asked_about() -> None:
    paint = np.where(HOLE[..., None] > 0, np.array([255, 0, 0]), 255).astype(np.uint8)
    with pytest.raises(ImageError, match="colour on white: --hole black"):
        hole_of(Photo(to_planes(paint)))
    assert np.array_equal(hole_of(Photo(to_planes(paint)), Masking("black"))[0], HOLE)


def test_labels_without_black_name_the_option() -> None:
    labels = grey(HOLE + 1)
    with pytest.raises(ImageError, match=r"1 and 2 of 255.*--threshold 0\.00588"):
        hole_of(labels)
    assert np.array_equal(hole_of(labels, Masking(threshold=0.00588))[0], HOLE)


@pytest.mark.parametrize("kind", ["photo", "painted", "soft"])
def test_what_is_no_mask_is_refused_with_what_to_do(kind: str) -> None:
    samples = np.random.default_rng(0).integers(0, 256, (20, 30, 3), np.uint8)
    if kind == "painted":
        samples[HOLE > 0] = (255, 0, 0)
    if kind == "soft":
        samples[:] = np.linspace(0, 255, 30).astype(np.uint8)[None, :, None]
    with pytest.raises(ImageError, match=r"neither black nor white.*white on black.*--threshold"):
        hole_of(Photo(to_planes(samples)))
    assert hole_of(Photo(to_planes(samples)), Masking(threshold=0.5))[0].any()


@pytest.mark.parametrize("times", [2, 3, 0.5])
def test_a_mask_of_another_size_and_the_same_shape_is_scaled(times: float) -> None:
    size = (round(20 * times), round(30 * times))
    rows, columns = ((np.arange(new) / times).astype(int) for new in size)
    hole, notes = hole_of(grey(HOLE[rows][:, columns] * 255))
    assert f"scaled from {size[1]} x {size[0]} px" in notes[0]
    assert np.array_equal(hole, HOLE) if times > 1 else abs(int(hole.sum()) - int(HOLE.sum())) < 40


def test_nothing_transparent_is_no_hole() -> None:
    with pytest.raises(ImageError, match="nothing of the photo is transparent"):
        hole_of(None, alpha=torch.ones(1, 20, 30))
