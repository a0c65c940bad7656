"""Every kind of samples that a photo file can hold, read exactly or refused."""

import io
import struct

import numpy as np
import pytest
from PIL import Image
from support.picture_files import chunk, cmyk_profile, gradient, png, save, tiff

from img2img.images import ImageError, Photo, probe, read_photo, read_training_image, to_samples


def samples(photo: Photo) -> np.ndarray:
    return to_samples(photo.pixels, photo.bits, photo.alpha)


def check(data: bytes, expected: np.ndarray, alpha: bool = False) -> Photo:
    """Read, compare exactly, and hold the header's promise against it."""
    photo = read_photo(data)
    got = samples(photo)
    assert got.shape == expected.shape and got.dtype == expected.dtype
    np.testing.assert_array_equal(got, expected)
    facts = probe(data)
    assert (facts.height, facts.width) == expected.shape[:2]
    assert (facts.channels, facts.bits, facts.alpha) == (photo.pixels.shape[0], photo.bits, photo.alpha is not None)
    assert facts.alpha == alpha
    return photo


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "BMP", "PPM"])
@pytest.mark.parametrize("channels", [1, 3])
def test_plain_samples_are_exact(kind: str, channels: int) -> None:
    array = gradient(channels)
    photo = check(save(Image.fromarray(array.squeeze()), kind), array)
    assert photo.format == kind and photo.note == ""


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
@pytest.mark.parametrize("channels", [2, 4])
def test_alpha_is_exact(kind: str, channels: int) -> None:
    array = gradient(channels)
    check(save(Image.fromarray(array), kind), array, alpha=True)


def test_all_256_values_survive_and_span_minus_one_to_one() -> None:
    array = np.arange(256, dtype=np.uint8).reshape(16, 16, 1)
    photo = check(save(Image.fromarray(array[..., 0]), "PNG"), array)
    assert photo.pixels.min() == -1 and photo.pixels.max() == 1


def test_one_bit_becomes_grey() -> None:
    array = (gradient(1) > 90) * np.uint8(255)
    image = Image.fromarray(array[..., 0]).convert("1", dither=Image.Dither.NONE)
    for kind in ("PNG", "TIFF", "BMP", "PPM"):
        check(save(image, kind), array)


@pytest.mark.parametrize("depth", [1, 2, 4, 8])
def test_grey_below_eight_bits_with_a_transparent_value(depth: int) -> None:
    top = 2**depth - 1
    array = np.arange(2**depth, dtype=np.uint8).reshape(1, -1, 1)
    file = png(array, depth, 0, before=chunk(b"tRNS", struct.pack(">H", top)))
    alpha = np.where(array == top, 0, 255).astype(np.uint8)
    check(file, np.concatenate([array * (255 // top), alpha], axis=2), alpha=True)


def test_rgb_with_a_transparent_colour() -> None:
    array = gradient(3)
    key = array[4, 5]
    file = png(array, 8, 2, before=chunk(b"tRNS", struct.pack(">3H", *key)))
    alpha = np.full((*array.shape[:2], 1), 255, np.uint8)
    alpha[4, 5] = 0
    check(file, np.concatenate([array, alpha], axis=2), alpha=True)


PALETTE = np.array([[255, 0, 0], [10, 200, 30], [0, 0, 250], [1, 2, 3]], np.uint8)
INDEX = np.arange(12, dtype=np.uint8).reshape(3, 4, 1) % 4


def palette_png(palette: np.ndarray, alphas: bytes = b"") -> bytes:
    more = chunk(b"tRNS", alphas) if alphas else b""
    return png(INDEX, 8, 3, before=chunk(b"PLTE", palette.tobytes()) + more)


def test_palette_is_expanded() -> None:
    check(palette_png(PALETTE), PALETTE[INDEX[..., 0]])


@pytest.mark.parametrize("alphas", [(255, 0, 255, 255), (0, 50, 100, 200)])
def test_palette_with_transparency(alphas: tuple[int, ...]) -> None:
    alpha = np.array(alphas, np.uint8)[INDEX]
    check(palette_png(PALETTE, bytes(alphas)), np.concatenate([PALETTE[INDEX[..., 0]], alpha], axis=2), alpha=True)


def test_palette_of_greys_stays_grey() -> None:
    greys = np.repeat(np.array([[5], [100], [180], [250]], np.uint8), 3, axis=1)
    check(palette_png(greys), greys[INDEX[..., 0]][..., :1])
    grey_and_alpha = np.concatenate([greys[INDEX[..., 0]][..., :1], np.array([0, 9, 99, 255], np.uint8)[INDEX]], axis=2)
    check(palette_png(greys, bytes((0, 9, 99, 255))), grey_and_alpha, alpha=True)


@pytest.mark.parametrize("kind", ["TIFF", "GIF", "BMP"])
def test_palettes_of_other_formats(kind: str) -> None:
    image = Image.fromarray(INDEX[..., 0]).convert("P")
    image.putpalette(PALETTE.tobytes())
    check(save(image, kind), PALETTE[INDEX[..., 0]])


def test_palette_with_alpha_channel() -> None:
    image = Image.fromarray(INDEX[..., 0]).convert("P")
    image.putpalette(PALETTE.tobytes())
    image = image.convert("PA")
    image.putalpha(Image.fromarray(INDEX[..., 0] * np.uint8(80)))
    expected = np.concatenate([PALETTE[INDEX[..., 0]], INDEX * np.uint8(80)], axis=2)
    check(save(image, "TIFF"), expected, alpha=True)


def test_gif_with_transparency() -> None:
    image = Image.fromarray(INDEX[..., 0]).convert("P")
    image.putpalette(PALETTE.tobytes())
    alpha = np.where(INDEX == 2, 0, 255).astype(np.uint8)
    got = read_photo(save(image, "GIF", transparency=2))
    assert got.alpha is not None
    np.testing.assert_array_equal(samples(got)[..., 3:], alpha)
    opaque = alpha[..., 0] > 0
    np.testing.assert_array_equal(samples(got)[..., :3][opaque], PALETTE[INDEX[..., 0]][opaque])


def test_premultiplied_alpha_of_tiff_is_divided_out() -> None:
    straight = np.array([[[200, 100, 50, 255], [200, 100, 50, 128], [0, 0, 0, 0]]], np.uint8)
    stored = straight.copy()
    stored[..., :3] = np.round(straight[..., :3] * (straight[..., 3:] / 255))
    got = samples(read_photo(tiff(stored, extra=1))).astype(int)
    assert np.abs(got - straight).max() <= 1


@pytest.mark.parametrize("compression", ["jpeg", "tiff_lzw"])  # Pillow 11.3 cannot read its own uncompressed one
def test_ycbcr_tiff(compression: str) -> None:
    image = Image.fromarray(np.full((16, 32, 3), (200, 40, 90), np.uint8))
    got = samples(read_photo(save(image.convert("YCbCr"), "TIFF", compression=compression))).astype(int)
    assert np.abs(got - (200, 40, 90)).max() <= 2


def cmyk(*ink: int) -> Image.Image:
    return Image.new("CMYK", (16, 16), ink)


def colour(data: bytes) -> np.ndarray:
    photo = read_photo(data)
    assert photo.icc is None and photo.pixels.shape[0] == 3
    return samples(photo)[8, 8].astype(int)


@pytest.mark.parametrize("kind", ["TIFF", "JPEG"])
def test_cmyk_without_profile(kind: str) -> None:
    assert np.abs(colour(save(cmyk(255, 0, 0, 0), kind)) - (0, 255, 255)).max() <= 3
    assert np.abs(colour(save(cmyk(0, 0, 0, 0), kind)) - 255).max() <= 3


def test_cmyk_jpeg_that_adobe_did_not_write_is_not_inverted() -> None:
    data = save(cmyk(255, 0, 0, 0), "JPEG")
    marker = data.index(b"\xff\xee")
    length = int.from_bytes(data[marker + 2 : marker + 4], "big")
    without = data[:marker] + data[marker + 2 + length :]
    # the stored samples are 0 for full ink as Adobe has it; read plainly they mean no cyan and full M, Y, K
    assert np.abs(colour(without) - 0).max() <= 3


@pytest.mark.parametrize("kind", ["TIFF", "JPEG"])
def test_cmyk_goes_through_its_profile(kind: str) -> None:
    red, green, blue = colour(save(cmyk(255, 0, 0, 0), kind, icc_profile=cmyk_profile()))
    assert red > 200 and green < 100 and blue < 100


def test_cmyk_with_a_broken_profile_says_so() -> None:
    photo = read_photo(save(cmyk(255, 0, 0, 0), "TIFF", icc_profile=b"no profile at all" * 20))
    assert "profile" in photo.note


@pytest.mark.parametrize("order", ["<", ">"])
def test_sixteen_bit_tiff(order: str) -> None:
    grey, rgb, rgba = gradient(1, bits=16), gradient(3, bits=16), gradient(4, bits=16)
    check(tiff(grey, order, photometric=1), grey)
    check(tiff(rgb, order), rgb)
    check(tiff(rgba, order, extra=2), rgba, alpha=True)
    check(tiff(rgba, order, extra=0), rgba[..., :3])


@pytest.mark.parametrize("order", ["<", ">"])
def test_sixteen_bit_premultiplied_tiff(order: str) -> None:
    straight = gradient(4, bits=16)
    straight[..., 3] = np.maximum(straight[..., 3], 20000)
    stored = straight.copy()
    stored[..., :3] = np.round(straight[..., :3] * (straight[..., 3:] / 65535))
    got = samples(read_photo(tiff(stored, order, extra=1))).astype(int)
    assert np.abs(got - straight).max() <= 2


def test_grey_where_white_is_zero_is_inverted() -> None:
    deep, shallow = gradient(1, bits=16), gradient(1)
    check(tiff(deep, photometric=0), 65535 - deep)
    check(tiff(shallow, photometric=0), 255 - shallow)


def test_twelve_bit_tiff_spans_sixteen_bits() -> None:
    values = np.array([[0, 1, 2048, 4095]], np.uint16)
    packed = np.array([[0x00, 0x00, 0x01, 0x80, 0x0F, 0xFF]], np.uint8)[..., None]
    got = samples(read_photo(tiff(packed, photometric=1, width=4, bits=12)))
    np.testing.assert_array_equal(got[..., 0], np.round(values * (65535 / 4095)))


def test_sixteen_bit_png() -> None:
    for channels, kind in ((1, 0), (2, 4), (3, 2), (4, 6)):
        array = gradient(channels, bits=16)
        check(png(array, 16, kind), array, alpha=channels in (2, 4))


def test_sixteen_bit_png_with_a_transparent_value() -> None:
    for channels, kind in ((1, 0), (3, 2)):
        array = gradient(channels, bits=16)
        key = chunk(b"tRNS", struct.pack(f">{channels}H", *array[2, 3]))
        alpha = np.full((*array.shape[:2], 1), 65535, np.uint16)
        alpha[2, 3] = 0
        check(png(array, 16, kind, before=key), np.concatenate([array, alpha], axis=2), alpha=True)


@pytest.mark.parametrize("channels", [3, 4])
@pytest.mark.parametrize("suffix", [".png", ".tiff"])
def test_sixteen_bit_colour_as_opencv_writes_it(channels: int, suffix: str) -> None:
    import cv2

    array = np.random.default_rng(0).integers(0, 65536, (70, 31, channels)).astype(np.uint16)
    file = cv2.imencode(suffix, array[..., [2, 1, 0, 3][:channels]])[1].tobytes()
    check(file, array, alpha=channels == 4)


def test_sixteen_bit_grey_ppm() -> None:
    array = gradient(1, bits=16)
    check(b"P5\n13 9\n65535\n" + array.astype(">u2").tobytes(), array)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (tiff(np.ones((2, 3, 1), np.float32), photometric=1, sample_format=3), "32-bit float TIFF"),
        (tiff(np.ones((2, 3, 1), np.uint32), photometric=1), "32-bit"),
        (tiff(np.ones((2, 3, 1), np.int32), photometric=1, sample_format=2), "32-bit"),
        (tiff(np.ones((2, 3, 1), np.int16), photometric=1, sample_format=2), "signed"),
        (tiff(np.ones((2, 3, 3), np.float32), sample_format=3), "float"),
        (tiff(np.ones((2, 3, 3), np.uint16), planar=2), "separate planes"),
        (save(Image.new("LAB", (3, 2)), "TIFF"), "mode LAB"),
        (b"P6\n1 1\n65535\n123456", "16-bit PPM"),
        (b"Pf\n1 1\n-1.0\n1234", "no picture"),
        (b"\0\0\0\x18ftypheic\0\0\0\0heicmif1", "HEI[CF]"),
    ],
)
def test_what_would_be_clipped_is_refused(data: bytes, words: str) -> None:
    for reader in (read_photo, probe):
        with pytest.raises(ImageError, match=words) as caught:
            reader(data)
        assert "<bytes>" in str(caught.value) and "\n" not in str(caught.value)


def test_first_frame_of_animations() -> None:
    frames = [Image.fromarray(np.full((6, 5, 3), value, np.uint8)) for value in (10, 120, 240)]
    for kind, settings in (("GIF", {}), ("PNG", {}), ("WEBP", {"lossless": True}), ("TIFF", {}), ("AVIF", {})):
        data = save(frames[0], kind, save_all=True, append_images=frames[1:], **settings)
        photo = read_photo(data)
        assert photo.note == "first of 3 frames", kind
        assert np.abs(samples(photo).astype(int) - 10).max() <= 3, kind


def test_training_images_are_flat_and_have_the_channels_asked_for(tmp_path) -> None:
    path = tmp_path / "é.png"
    rgba = np.array([[[200, 100, 50, 255], [200, 100, 50, 0], [200, 100, 50, 51]]], np.uint8)
    path.write_bytes(save(Image.fromarray(rgba), "PNG"))
    flat = read_training_image(path, 3)
    assert flat.flags.c_contiguous and flat.flags.writeable and flat.dtype == np.uint8
    np.testing.assert_array_equal(flat, [[[200, 100, 50], [255, 255, 255], [244, 224, 214]]])
    expected = np.asarray(Image.fromarray(flat).convert("L"))[..., None]
    np.testing.assert_array_equal(read_training_image(path, 1), expected)
    path.write_bytes(tiff(gradient(1, bits=16), photometric=1))
    np.testing.assert_array_equal(read_training_image(path, 3), np.repeat(gradient(1, bits=16), 3, axis=2))
    path.write_bytes(io.BytesIO(png(gradient(4, bits=16) | 0xFFFF, 16, 6)).getvalue())
    np.testing.assert_array_equal(read_training_image(path, 3), np.full((9, 13, 3), 65535, np.uint16))
