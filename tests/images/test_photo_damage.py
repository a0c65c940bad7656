"""Files that are no photos, no longer photos, or too large to be taken for one."""

import io
import os
import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from support.picture_files import chunk, png, save, tiff

from img2img.images import ImageError, probe, read_photo, read_training_image, verify

NOISE = Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 48, 3)).astype(np.uint8))
DEEP = np.random.default_rng(1).integers(0, 65536, (64, 48, 3)).astype(np.uint16)
WHOLE = {
    "jpeg": save(NOISE, "JPEG"),
    "progressive": save(NOISE, "JPEG", progressive=True),
    "png": save(NOISE, "PNG"),
    "webp": save(NOISE, "WEBP"),
    "avif": save(NOISE, "AVIF"),
    "tiff": save(NOISE, "TIFF"),
    "tiff_deflate": save(NOISE, "TIFF", compression="tiff_adobe_deflate"),
    "gif": save(NOISE, "GIF"),
    "bmp": save(NOISE, "BMP"),
    "ppm": save(NOISE, "PPM"),
    "png16": png(DEEP, 16, 2),
    "tiff16": tiff(DEEP),
    "ppm16": b"P5\n48 64\n65535\n" + DEEP[..., :1].tobytes(),
}


@pytest.mark.parametrize("kind", WHOLE)
def test_truncated_files_are_refused_with_one_line(kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"träume.{kind}"
    path.write_bytes(WHOLE[kind])
    verify(path)
    for share in (0.02, 0.5, 0.9):
        path.write_bytes(WHOLE[kind][: int(len(WHOLE[kind]) * share)])
        for reader in (read_photo, verify, lambda p: read_training_image(p, 3)):
            with pytest.raises(ImageError) as caught:
                reader(path)
            assert str(path) in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "words"), [(b"", "empty"), (b"Dear reader, this is text.\n", "no picture"), (b"\xff\xd8\xff", "JPEG")]
)
def test_files_that_are_no_pictures(content: bytes, words: str, tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(content)
    for reader in (read_photo, probe, verify):
        with pytest.raises(ImageError, match=words):
            reader(path)


def test_missing_file_and_folder(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match=r"nothing\.png: no such file"):
        read_photo(tmp_path / "nothing.png")
    with pytest.raises(ImageError, match="is a folder"):
        read_photo(tmp_path)


def webp_of(width: int, height: int) -> bytes:
    body = b"WEBPVP8X" + struct.pack("<I", 10) + bytes(4) + (width - 1).to_bytes(3, "little")
    return b"RIFF" + struct.pack("<I", 400) + body + (height - 1).to_bytes(3, "little") + bytes(400)


def test_decompression_bombs_are_refused_by_their_header() -> None:
    head = struct.pack(">IIBBBBB", 40000, 30000, 8, 2, 0, 0, 0)
    frame = b"," + struct.pack("<HHHHB", 0, 0, 40000, 30000, 0) + b"\x08\x02ab\0;"
    wide = struct.pack("<HHII", 256, 4, 1, 40000)
    low, high = (struct.pack("<HHII", 257, 4, 1, rows) for rows in (1, 30000))
    bombs = {
        "png": b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", b"x"),
        "webp": webp_of(40000, 30000),
        "ppm": b"P6 40000 30000 255\n",
        "bmp": b"BM" + struct.pack("<IIIIiiHHIIiiII", 0, 0, 54, 40, 40000, 30000, 1, 24, 0, 0, 0, 0, 0, 0),
        "gif": b"GIF89a" + struct.pack("<HHBBB", 40000, 30000, 0, 0, 0) + frame,
        "tiff": tiff(np.ones((1, 1, 3), np.uint8)).replace(struct.pack("<HHII", 256, 4, 1, 1), wide).replace(low, high),
    }
    for kind, bomb in bombs.items():
        for reader in (read_photo, probe, verify):
            with pytest.raises(ImageError, match=r"40000 x 30000 = 1200000000 pixels.*--max-pixels 200000000"):
                reader(bomb)
        assert kind


@pytest.mark.parametrize("kind", WHOLE)
def test_max_pixels_is_exact(kind: str) -> None:
    read_photo(WHOLE[kind], max_pixels=64 * 48)
    with pytest.raises(ImageError, match="3072 pixels, more than --max-pixels 3071"):
        read_photo(WHOLE[kind], max_pixels=64 * 48 - 1)


@pytest.mark.parametrize("kind", ["jpeg", "png", "avif", "tiff", "tiff_deflate", "bmp", "ppm", "png16", "tiff16"])
def test_pillows_own_limit_neither_stands_in_the_way_nor_moves(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)
    read_photo(WHOLE[kind])
    assert Image.MAX_IMAGE_PIXELS == 10


def test_streams_and_pipes() -> None:
    assert read_photo(io.BytesIO(WHOLE["png"])).width == 48
    reading, writing = os.pipe()
    with open(writing, "wb") as out:
        out.write(WHOLE["png16"][:60000])
    with open(reading, "rb") as pipe:
        assert read_photo(pipe).bits == 16


def test_random_damage_gives_a_photo_or_an_image_error() -> None:
    rng = np.random.default_rng(2)
    for kind, whole in WHOLE.items():
        for _ in range(6):
            broken = np.frombuffer(whole, np.uint8).copy()
            where = rng.integers(0, min(len(broken), 400), 4)
            broken[where] = rng.integers(0, 256, 4)
            try:
                photo = read_photo(broken.tobytes(), max_pixels=1_000_000)
            except ImageError as error:
                assert "\n" not in str(error), kind
            else:
                assert photo.pixels.isfinite().all()
