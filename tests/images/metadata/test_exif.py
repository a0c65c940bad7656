"""Orientation, profile and EXIF: applied, kept, put right."""

import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import ExifTags, Image
from support.picture_files import SRGB, chunk, gradient, png, save

from img2img.images import Photo, probe, read_photo, read_training_image, to_pixels, to_samples, write_photo
from img2img.images.metadata.exif import ExifBlock

MAKER_NOTE = b"MAKR" + bytes(range(60))
FORMATS = ["JPEG", "PNG", "WEBP", "AVIF", "TIFF"]


def block(orientation: int = 1, order: str = "<") -> bytes:
    """EXIF with Make, orientation, an Exif folder (size, maker note) and a thumbnail directory."""

    def folder(*entries: tuple[int, int, int, bytes], following: int = 0) -> bytes:
        packed = b"".join(
            struct.pack(order + "HHI", tag, kind, count) + value for tag, kind, count, value in sorted(entries)
        )
        return struct.pack(order + "H", len(entries)) + packed + struct.pack(order + "I", following)

    def short(value: int) -> bytes:
        return struct.pack(order + "HH", value, 0)

    def place(value: int) -> bytes:
        return struct.pack(order + "I", value)

    second = 8 + 2 + 12 * 3 + 4
    note = second + 2 + 12 * 3 + 4
    third = note + len(MAKER_NOTE)
    data = (b"II*\0" if order == "<" else b"MM\0*") + place(8)
    first = [(0x010F, 2, 4, b"Acm\0"), (0x0112, 3, 1, short(orientation)), (0x8769, 4, 1, place(second))]
    data += folder(*first, following=third)
    exif = [(0xA002, 3, 1, short(13)), (0xA003, 4, 1, place(9)), (0x927C, 7, len(MAKER_NOTE), place(note))]
    data += folder(*exif) + MAKER_NOTE
    return b"Exif\0\0" + data + folder((0x0112, 3, 1, short(orientation)))


def stored(upright: Image.Image, orientation: int) -> Image.Image:
    """How a camera held at `orientation` stores a picture."""
    undo = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }[orientation]
    return upright if undo is None else upright.transpose(undo)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", FORMATS)
def test_orientation_is_applied_and_reset(kind: str, orientation: int, tmp_path: Path) -> None:
    array = np.zeros((20, 28, 3), np.uint8)  # four flat corners, which lossy formats keep
    array[:10, :14], array[:10, 14:], array[10:, :14] = (250, 20, 20), (20, 250, 20), (20, 20, 250)
    settings = {"quality": 100} if kind in ("JPEG", "WEBP", "AVIF") else {}
    data = save(stored(Image.fromarray(array), orientation), kind, exif=block(orientation), **settings)
    photo = read_photo(data)
    assert (photo.height, photo.width) == (20, 28)
    assert photo.orientation == (1 if kind == "TIFF" else orientation), "Pillow turns a TIFF by itself"
    corners = to_samples(photo.pixels, 8)[3::13, 3::21].astype(int)
    assert np.abs(corners - array[3::13, 3::21].astype(int)).max() < 60
    facts = probe(data)
    assert (facts.height, facts.width) == (20, 28)
    assert photo.exif is not None and ExifBlock(photo.exif).orientation == 1
    path = tmp_path / "a.bin"
    path.write_bytes(data)
    flat = read_training_image(path, 3)
    assert np.abs(flat[3::13, 3::21].astype(int) - array[3::13, 3::21]).max() < 60


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_of_sixteen_bit_png_behind_the_pixels(orientation: int) -> None:
    array = gradient(3, bits=16)
    held = {
        1: array,
        2: array[:, ::-1],
        3: array[::-1, ::-1],
        4: array[::-1],
        5: array.swapaxes(0, 1),
        6: np.rot90(array),
        7: array[::-1, ::-1].swapaxes(0, 1),
        8: np.rot90(array, -1),
    }[orientation]
    data = png(np.ascontiguousarray(held), 16, 2, after=chunk(b"eXIf", block(orientation)[6:]))
    np.testing.assert_array_equal(to_samples(read_photo(data).pixels, 16), array)
    assert (probe(data).height, probe(data).width) == array.shape[:2]


@pytest.mark.parametrize("order", ["<", ">"])
def test_block_is_patched_in_place(order: str) -> None:
    photo = read_photo(save(Image.fromarray(gradient()), "JPEG", exif=block(6, order)))
    assert photo.exif is not None and len(photo.exif) == len(block(6, order))
    changed = [k for k, (a, b) in enumerate(zip(photo.exif, block(6, order), strict=True)) if a != b]
    assert len(changed) <= 1 + 4  # the orientation's byte, the thumbnail's place
    assert MAKER_NOTE in photo.exif
    exif = Image.Exif()
    exif.load(photo.exif)
    assert exif[0x010F] == "Acm" and exif[0x0112] == 1
    assert not exif.get_ifd(ExifTags.IFD.IFD1)


@pytest.mark.parametrize("kind", [*FORMATS, "PNG16", "TIFF16"])
def test_profile_and_exif_round_trip(kind: str, tmp_path: Path) -> None:
    bits = 16 if kind.endswith("16") else 8
    array = gradient(3, height=18, width=26, bits=bits)
    path = tmp_path / "out.bin"
    photo = Photo(to_pixels(array), bits=16 if bits == 16 else 8, icc=SRGB, exif=block())
    write_photo(photo, path, format=kind.removesuffix("16"))
    again = read_photo(path)
    assert again.icc == SRGB and again.bits == bits and again.note == ""
    assert again.exif is not None
    exif = Image.Exif()
    exif.load(again.exif)
    assert exif[0x010F] == "Acm" and exif.get(0x0112, 1) == 1
    sizes = exif.get_ifd(ExifTags.IFD.Exif)
    assert (sizes[0xA002], sizes[0xA003]) == (26, 18)  # the size that was written, not the 13 x 9 of the source
    assert bytes(sizes[0x927C]) == MAKER_NOTE
    with Image.open(path) as other:  # as others read it
        assert other.info["icc_profile"] == SRGB and other.getexif()[0x010F] == "Acm"


def test_profile_of_another_colour_space_is_left_out(tmp_path: Path) -> None:
    grey = Photo(to_pixels(gradient(1)), icc=SRGB)
    write_photo(grey, tmp_path / "a.png")
    assert read_photo(tmp_path / "a.png").icc is None
    grey_profile = SRGB[:16] + b"GRAY" + SRGB[20:]
    write_photo(Photo(grey.pixels, icc=grey_profile), tmp_path / "b.png")
    assert read_photo(tmp_path / "b.png").icc == grey_profile
    write_photo(Photo(to_pixels(gradient(3)), icc=grey_profile), tmp_path / "c.tif")
    assert read_photo(tmp_path / "c.tif").icc is None


def test_damaged_exif_is_left_out_and_said() -> None:
    for bad in (b"Exif\0\0II*\0", b"Exif\0\0nothing of the kind", block()[:30], b"Exif\0\0II*\0\xff\xff\xff\x7f"):
        photo = read_photo(save(Image.fromarray(gradient()), "JPEG", exif=bad))
        assert photo.exif is None and photo.note == "EXIF damaged, left out"


def test_exif_too_long_for_jpeg_is_left_out_and_said(tmp_path: Path) -> None:
    long = block() + bytes(70000)
    said = write_photo(Photo(to_pixels(gradient()), exif=long), tmp_path / "a.jpg")
    assert said == f"JPEG has no place for: {len(long)} bytes of EXIF"
    write_photo(Photo(to_pixels(gradient()), exif=long), tmp_path / "a.png")
    kept = read_photo(tmp_path / "a.png").exif
    assert kept is not None and len(kept) == len(long)


def test_imagemagicks_text_profile_is_understood() -> None:
    text = b"\nexif\n%8d\n" % len(block(3)) + block(3).hex().encode() + b"\n"
    data = png(gradient()[::-1, ::-1], 8, 2, before=chunk(b"tEXt", b"Raw profile type exif\0" + text))
    np.testing.assert_array_equal(to_samples(read_photo(data).pixels, 8), gradient())
