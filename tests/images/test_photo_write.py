"""Tensors → files: every format, exact where it can be, whole or not at all."""

import io
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from support.picture_files import SRGB, gradient

from img2img.images import (
    DEEP_FORMATS,
    FORMATS,
    Encoding,
    ImageError,
    Photo,
    format_of,
    read_photo,
    to_alpha,
    to_pixels,
    to_samples,
    write_photo,
    write_samples,
)


def photo_of(array: np.ndarray) -> Photo:
    colours = 1 if array.shape[2] < 3 else 3
    alpha = to_alpha(array[..., colours:]) if array.shape[2] in (2, 4) else None
    return Photo(to_pixels(array[..., :colours]), alpha, 8 if array.dtype == np.uint8 else 16)


def samples(photo: Photo) -> np.ndarray:
    return to_samples(photo.pixels, photo.bits, photo.alpha)


@pytest.mark.parametrize("bits", [8, 16])
def test_every_value_survives_as_float(bits: int) -> None:
    values = np.arange(2**bits, dtype=np.uint8 if bits == 8 else np.uint16).reshape(-1, 16, 1)
    pixels = to_pixels(values)
    assert pixels.dtype == torch.float32 and pixels.min() == -1 and pixels.max() == 1
    np.testing.assert_array_equal(to_samples(pixels, 8 if bits == 8 else 16), values)
    np.testing.assert_array_equal(to_samples(pixels, 8 if bits == 8 else 16, to_alpha(values))[..., 1:], values)


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_lossless_round_trip(channels: int, bits: int, suffix: str, tmp_path: Path) -> None:
    array = np.random.default_rng(channels).integers(0, 2**bits, (301, 17, channels))
    array = array.astype(np.uint8 if bits == 8 else np.uint16)
    path = tmp_path / f"photo{suffix}"
    write_photo(photo_of(array), path)
    again = read_photo(path)
    if (channels, bits, suffix) == (2, 16, ".tif"):  # written as RGBA: no reader knows 16-bit grey with alpha
        array = array[..., [0, 0, 0, 1]]
    np.testing.assert_array_equal(samples(again), array)
    assert samples(again).dtype == array.dtype and again.bits == bits


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_sixteen_bit_files_are_read_by_opencv(channels: int, suffix: str, tmp_path: Path) -> None:
    import cv2

    array = gradient(channels, height=90, width=31, bits=16)
    path = tmp_path / f"photo{suffix}"
    write_photo(photo_of(array), path)
    other = np.atleast_3d(cv2.imread(str(path), cv2.IMREAD_UNCHANGED))
    np.testing.assert_array_equal(other[..., [0] if channels == 1 else [2, 1, 0, 3][:channels]], array)


@pytest.mark.parametrize("suffix", [".tif", ".png"])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_eight_bit_files_are_read_by_pillow(channels: int, suffix: str, tmp_path: Path) -> None:
    array = gradient(channels)
    path = tmp_path / f"photo{suffix}"
    write_photo(photo_of(array), path)
    with Image.open(path) as other:
        np.testing.assert_array_equal(np.atleast_3d(np.asarray(other)), array)


@pytest.mark.parametrize("suffix", FORMATS)
def test_every_suffix_is_written_as_its_format(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / ("photo" + suffix.upper())
    smooth = np.linspace(0, 255, 40 * 50 * 3).reshape(40, 50, 3).astype(np.uint8)
    write_photo(photo_of(smooth), path)
    again = read_photo(path)
    assert again.format == FORMATS[suffix] == format_of(suffix)
    assert np.abs(samples(again).astype(int) - smooth).max() <= 12


def test_jpeg_has_quality_95_and_full_chroma(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    write_photo(photo_of(gradient(3)), path)
    reference = io.BytesIO()
    Image.fromarray(gradient(3)).save(reference, "JPEG", quality=95)
    with Image.open(path) as image, Image.open(reference) as expected:
        assert image.quantization == expected.quantization  # type: ignore[attr-defined]
        assert {layer[1:3] for layer in image.layer} == {(1, 1)}  # type: ignore[attr-defined]
    write_photo(photo_of(gradient(3)), path, quality=30)
    with Image.open(path) as image:
        assert image.quantization != expected.quantization  # type: ignore[attr-defined]


@pytest.mark.parametrize("suffix", [".jpg", ".webp", ".avif"])
def test_lower_quality_makes_smaller_files(suffix: str, tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3)).astype(np.uint8)
    sizes = []
    for quality in (20, 60, None, 100):
        write_photo(photo_of(noise), tmp_path / f"a{suffix}", quality=quality)
        sizes.append((tmp_path / f"a{suffix}").stat().st_size)
    assert sizes == sorted(sizes) and sizes[0] < sizes[-1]


def test_alpha_in_jpeg_goes_over_white(tmp_path: Path) -> None:
    array = np.full((16, 16, 4), (200, 0, 0, 255), np.uint8)
    array[:, 8:, 3] = 0
    write_photo(photo_of(array), tmp_path / "a.jpg")
    got = samples(read_photo(tmp_path / "a.jpg")).astype(int)
    assert np.abs(got[:, 15] - 255).max() <= 3 and np.abs(got[:, 0] - (200, 0, 0)).max() <= 3


@pytest.mark.parametrize("suffix", [".webp", ".avif"])
def test_alpha_is_kept_by_webp_and_avif(suffix: str, tmp_path: Path) -> None:
    array = np.full((16, 16, 4), (200, 100, 0, 255), np.uint8)
    array[:, 8:, 3] = 0
    write_photo(photo_of(array), tmp_path / f"a{suffix}")
    np.testing.assert_array_equal(samples(read_photo(tmp_path / f"a{suffix}"))[..., 3], array[..., 3])


def test_grey_stays_grey_in_jpeg_and_avif(tmp_path: Path) -> None:
    for suffix in (".jpg", ".avif", ".png", ".tif"):
        write_photo(photo_of(gradient(1)), tmp_path / f"a{suffix}")
        with Image.open(tmp_path / f"a{suffix}") as image:
            assert image.mode == "L" or suffix == ".avif"


def test_sixteen_bits_round_to_nearest_in_eight_bit_formats(tmp_path: Path) -> None:
    array = np.array([[[128], [129], [65535], [257 * 7 - 128], [257 * 7 + 129]]], np.uint16)
    for pixels in (photo_of(array).pixels, photo_of(array).pixels * 3):  # values beyond [-1, 1] are clamped
        write_photo(Photo(pixels, bits=8), tmp_path / "a.png")
    write_photo(Photo(photo_of(array).pixels, bits=8), tmp_path / "a.png")
    assert samples(read_photo(tmp_path / "a.png")).flatten().tolist() == [0, 1, 255, 7, 8]
    write_photo(photo_of(array), tmp_path / "a.jpg")
    assert read_photo(tmp_path / "a.jpg").bits == 8


def test_values_outside_are_clamped(tmp_path: Path) -> None:
    write_photo(Photo(torch.tensor([[[-7.0, 7.0, 0.0]]])), tmp_path / "a.png")
    assert samples(read_photo(tmp_path / "a.png")).flatten().tolist() == [0, 255, 128]


def test_streams(tmp_path: Path) -> None:
    for kind in sorted(set(FORMATS.values())):
        out = io.BytesIO()
        write_photo(replace(photo_of(gradient(3)), format=kind), out)
        assert read_photo(out.getvalue()).format == kind
    with pytest.raises(ImageError, match=r"format 'GIF' cannot be written; allowed: \.jpg"):
        write_photo(replace(photo_of(gradient(3)), format="GIF"), io.BytesIO())


def test_non_ascii_and_longest_names(tmp_path: Path) -> None:
    longest = "日" * 83 + "xy" + ".png"  # 255 bytes
    assert len(longest.encode()) == 255
    for name in ("größe 猫 🐈.png", longest):
        write_photo(photo_of(gradient(3)), tmp_path / name)
        np.testing.assert_array_equal(samples(read_photo(tmp_path / name)), gradient(3))


def bad_photo() -> Photo:
    pixels = torch.zeros(3, 4, 5)
    pixels[1, 2, 3] = float("nan")
    return Photo(pixels)


@pytest.mark.parametrize(
    ("photo", "name", "quality", "words"),
    [
        (bad_photo(), "a.png", None, r"a\.png: pixel x=3 y=2 is .*nan.*allowed: finite"),
        (photo_of(gradient(3)), "a.xyz", None, r"a\.xyz: format '.xyz' cannot be written; allowed: .jpg"),
        (photo_of(gradient(3)), "a", None, "cannot be written"),
        (photo_of(gradient(3)), "a.jpg", 101, "quality is 101; allowed: 0 to 100"),
        (Photo(torch.zeros(1, 1, 65501)), "a.jpg", None, "65501 x 1 px; allowed in JPEG: sides up to 65500 px"),
        (Photo(torch.zeros(1, 16384, 1)), "a.webp", None, "1 x 16384 px; allowed in WEBP: sides up to 16383 px"),
        (photo_of(gradient(3)), "none/a.png", None, "none: no such folder"),
    ],
)
def test_errors_name_file_value_and_what_is_allowed(
    photo: Photo, name: str, quality: int | None, words: str, tmp_path: Path
) -> None:
    with pytest.raises(ImageError, match=words) as caught:
        write_photo(photo, tmp_path / name, quality=quality)
    assert str(tmp_path / name) in str(caught.value) and "\n" not in str(caught.value)
    assert os.listdir(tmp_path) == []


def test_longest_sides_are_written(tmp_path: Path) -> None:
    for name, channels, height, width in (("a.jpg", 1, 1, 65500), ("a.webp", 3, 16383, 1)):
        write_photo(Photo(torch.zeros(channels, height, width)), tmp_path / name)
        with Image.open(tmp_path / name) as written:
            assert written.size == (width, height)


def test_failure_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.png"
    write_photo(photo_of(gradient(3)), path)
    before = path.read_bytes()

    def full_disk(self: Image.Image, out: io.BytesIO, *args: object, **settings: object) -> None:
        out.write(b"half a pic")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Image.Image, "save", full_disk)
    with pytest.raises(ImageError, match=r"a\.png: cannot be written as PNG \(No space left on device\)"):
        write_photo(photo_of(gradient(1)), path)
    assert path.read_bytes() == before and os.listdir(tmp_path) == ["a.png"]


def test_samples_are_written_as_they_are(tmp_path: Path) -> None:
    array = gradient(4, bits=16)
    write_samples(array, tmp_path / "a.tif", Encoding("TIFF", icc=SRGB))
    np.testing.assert_array_equal(samples(read_photo(tmp_path / "a.tif")), array)
    with pytest.raises(ImageError, match="JPEG has 8 bits; 16-bit formats: PNG, TIFF"):
        write_samples(array, tmp_path / "a.jpg", Encoding("JPEG"))
    write_samples(array, str(tmp_path / "b.png"), Encoding("PNG"))
    np.testing.assert_array_equal(samples(read_photo(str(tmp_path / "b.png"))), array)
    with pytest.raises(ImageError, match="float64"):
        write_samples(array.astype(float), tmp_path / "a.png", Encoding("PNG"))
    assert set(DEEP_FORMATS) <= set(FORMATS.values())


def test_photos_of_wrong_shape_are_refused() -> None:
    with pytest.raises(ImageError, match=r"\(2, 4, 4\); allowed: \(1, H, W\) or \(3, H, W\)"):
        Photo(torch.zeros(2, 4, 4))
    with pytest.raises(ImageError, match="alpha has shape"):
        Photo(torch.zeros(3, 4, 4), torch.zeros(1, 4, 5))
