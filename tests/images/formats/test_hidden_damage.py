"""Damage that a decoder passes over: found by checksums and warnings, and the same said by every reader."""

import io
import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from support.picture_files import chunk, png, save

from img2img.data.folders.check import _open
from img2img.images import ImageError, read_photo, read_training_image, to_samples, verify

BLOCKS = np.random.default_rng(0).integers(0, 256, (20, 30, 3)).astype(np.uint8)
SMOOTH = Image.fromarray(cv2.resize(BLOCKS, (480, 320), interpolation=cv2.INTER_CUBIC))
JPEGS = {
    "plain": save(SMOOTH, "JPEG"),
    "progressive": save(SMOOTH, "JPEG", progressive=True),
    "optimised": save(SMOOTH, "JPEG", optimize=True, quality=60, subsampling=2),
    "restarts": save(SMOOTH, "JPEG", restart_marker_rows=2),
    "grey": save(SMOOTH.convert("L"), "JPEG"),
    "cmyk": save(SMOOTH.convert("CMYK"), "JPEG"),
}


def zeroed(data: bytes, start: int, length: int) -> bytes:
    return data[:start] + bytes(length) + data[start + length :]


def of_height(data: bytes, height: int) -> bytes:
    start = max(data.find(b"\xff\xc0"), data.find(b"\xff\xc2"))
    return data[: start + 5] + struct.pack(">H", height) + data[start + 7 :]


def assert_damaged(data: bytes, tmp_path: Path, words: str = "damaged") -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(data)
    for reader in (read_photo, verify, lambda p: read_training_image(p, 3)):
        with pytest.raises(ImageError, match=words) as caught:
            reader(path)
        assert "\n" not in str(caught.value) and str(path) in str(caught.value)
    said = _open(path, decode=True)
    assert isinstance(said, str) and words in said, "the data check's verdict"


@pytest.mark.parametrize("kind", JPEGS)
def test_jpeg_data_that_end_too_early_or_too_late(kind: str, tmp_path: Path) -> None:
    data = JPEGS[kind]
    half, end = len(data) // 2, b"\xff\xd9"
    read_photo(data)
    assert_damaged(zeroed(data, half, 300), tmp_path)
    assert_damaged(zeroed(data, half, len(data) - half - 2), tmp_path)  # a zeroed tail, closed
    assert_damaged(data[:half], tmp_path)
    assert_damaged(data[:half] + end, tmp_path)
    assert_damaged(data[:-40] + end, tmp_path)
    assert_damaged(of_height(data, 2000), tmp_path)
    assert_damaged(of_height(data, 300), tmp_path)


@pytest.mark.parametrize("kind", JPEGS)
def test_a_jpeg_that_lacks_its_end_marker_alone_is_good(kind: str) -> None:
    whole = read_photo(JPEGS[kind])
    for cut in (1, 2):
        photo = read_photo(JPEGS[kind][:-cut])
        assert photo.note == "its end marker is missing, the picture is whole"
        assert photo.pixels.equal(whole.pixels)


def test_a_progressive_jpeg_cut_between_its_scans(tmp_path: Path) -> None:
    data = JPEGS["progressive"]
    scans = [place for place in range(len(data)) if data.startswith(b"\xff\xda", place)]
    tables = [data.rfind(b"\xff\xc4", 0, place) for place in scans]
    assert len(scans) > 5
    for place in (*scans[1:], *tables[2:]):
        assert_damaged(data[:place], tmp_path, "scans are missing")
        assert_damaged(data[:place] + b"\xff\xd9", tmp_path, "scans are missing")


def test_jpegs_of_odd_writers_are_good() -> None:
    data = JPEGS["plain"]
    assert read_photo(data + b"\0" * 5000).note == "", "what lies behind the end is nobody's"
    assert read_photo(data[:-2] + bytes(3) + data[-2:]).note == "", "filled up to four bytes"
    assert read_photo(data + data).note == "", "a second picture, as phones write them"
    broken_profile = data[:2] + b"\xff\xe2\0\x10ICC_PROFILE\0\7\1" + data[2:]
    assert to_samples(read_photo(broken_profile).pixels, 8).shape == (320, 480, 3)


@pytest.mark.parametrize("bits", [8, 16])
def test_png_checksums(bits: int, tmp_path: Path) -> None:
    array = np.asarray(SMOOTH).astype(f"uint{bits}")
    data = png(array, bits, 2)
    read_photo(data)
    place = data.find(b"IDAT") + len(data) // 3
    assert_damaged(zeroed(data, place, 200), tmp_path, "checksum of a IDAT chunk")
    assert_damaged(zeroed(data, place, len(data) - place), tmp_path)
    flipped = bytearray(data)
    flipped[place] ^= 1
    assert_damaged(bytes(flipped), tmp_path, "checksum of a IDAT chunk")
    assert_damaged(data[: len(data) // 2], tmp_path, "ends in the middle of a IDAT chunk")


def test_png_pixels_that_are_too_few_though_every_checksum_is_right(tmp_path: Path) -> None:
    array = np.asarray(SMOOTH)
    raw = b"".join(b"\0" + row.tobytes() for row in array)
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 480, 320, 8, 2, 0, 0, 0))
    for packed in (zlib.compress(raw)[:-500], zlib.compress(raw[: len(raw) // 2])):
        data = b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", packed) + chunk(b"IEND", b"")
        assert_damaged(data, tmp_path)


def test_a_png_that_lacks_its_end_alone_is_good() -> None:
    data = save(SMOOTH, "PNG")
    for cut in (1, 4, 12):
        assert to_samples(read_photo(data[:-cut]).pixels, 8).tolist() == np.asarray(SMOOTH).tolist()
    assert read_photo(data + bytes(100_000)).note == ""


@pytest.mark.parametrize("kind", [b"zTXt", b"iTXt", b"iCCP"])
def test_large_texts_and_profiles_do_not_spoil_a_png(kind: bytes) -> None:
    heads = {b"zTXt": b"Comment\0\0", b"iTXt": b"Comment\0\1\0\0\0", b"iCCP": b"profile\0\0"}
    packed = heads[kind] + zlib.compress(bytes(3 << 20), 9)
    data = png(np.asarray(SMOOTH), 8, 2, before=chunk(kind, packed))
    assert to_samples(read_photo(data).pixels, 8).tolist() == np.asarray(SMOOTH).tolist()
    huge = heads[kind] + np.random.default_rng(0).bytes(17 << 20)
    photo = read_photo(png(np.asarray(SMOOTH), 8, 2, before=chunk(kind, huge)))
    assert photo.note == f"too long and left out: {kind.decode()}"
    verify(data)


@pytest.mark.parametrize("compression", ["tiff_adobe_deflate", "jpeg", "tiff_lzw", "zstd", "packbits", "lzma"])
def test_tiff_streams(compression: str, tmp_path: Path) -> None:
    data = save(SMOOTH, "TIFF", compression=compression)
    verify(data)
    if compression in ("tiff_adobe_deflate", "jpeg"):
        for place in (len(data) // 3, len(data) // 2):
            assert_damaged(zeroed(data, place, 400), tmp_path)
    assert_damaged(data[: len(data) // 2], tmp_path)


@pytest.mark.parametrize("predictor", [1, 2])
@pytest.mark.parametrize("bits", [8, 16])
def test_deflated_tiffs_with_one_wrong_bit(predictor: int, bits: int, tmp_path: Path) -> None:
    array = np.asarray(SMOOTH).astype(f"uint{bits}") * (257 if bits == 16 else 1)
    ok, encoded = cv2.imencode(".tif", array, [cv2.IMWRITE_TIFF_COMPRESSION, 8, cv2.IMWRITE_TIFF_PREDICTOR, predictor])
    assert ok
    data = encoded.tobytes()
    verify(data)
    rng, found = np.random.default_rng(1), 0
    for place in rng.integers(len(data) // 4, len(data) // 2, 20):
        broken = bytearray(data)
        broken[place] ^= 4
        try:
            read_photo(bytes(broken))
        except ImageError:
            found += 1
    assert found == 20


@pytest.mark.parametrize("kind", ["WEBP", "AVIF", "GIF", "BMP"])
def test_other_formats_cut_short(kind: str, tmp_path: Path) -> None:
    data = save(SMOOTH, kind)
    for share in (0.3, 0.6, 0.95):
        assert_damaged(data[: int(len(data) * share)], tmp_path)


WEBPS = {
    "lossy": save(SMOOTH, "WEBP", quality=90),
    "lossless": save(SMOOTH, "WEBP", lossless=True),
    "alpha": save(SMOOTH.convert("RGBA"), "WEBP", quality=90),
}


@pytest.mark.parametrize("kind", WEBPS)
def test_zeros_in_a_webp(kind: str, tmp_path: Path) -> None:
    """It has no checksum; that its last bytes are not needed any more tells most of it."""
    data = WEBPS[kind]
    read_photo(data)
    assert_damaged(zeroed(data, len(data) // 2, len(data) - len(data) // 2), tmp_path)
    assert_damaged(zeroed(data, len(data) * 2 // 5, 300), tmp_path)


@pytest.mark.parametrize("quality", [1, 50, 100])
@pytest.mark.parametrize("lossless", [False, True])
@pytest.mark.parametrize("size", [(1, 1), (2, 300), (64, 64)])
def test_whole_webps_of_any_kind_are_good(size: tuple[int, int], lossless: bool, quality: int) -> None:
    for picture in (Image.new("RGB", size, "navy"), SMOOTH.resize(size)):
        read_photo(save(picture, "WEBP", quality=quality, lossless=lossless))


def test_checksums_are_checked_on_streams_too() -> None:
    data = save(SMOOTH, "PNG")
    with pytest.raises(ImageError, match="checksum"):
        read_photo(io.BytesIO(zeroed(data, len(data) // 2, 100)))
