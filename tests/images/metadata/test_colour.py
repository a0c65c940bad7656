"""Colour that a file tells other than by an ICC profile: the result looks the same."""

import io
import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms
from support.picture_files import chunk, gradient, png, save

from img2img.images import Photo, read_photo, write_photo
from img2img.images.metadata.icc import BT709, SRGB_CURVE, gamma_curve, rgb_profile

LEVELS = np.stack(np.meshgrid(np.arange(0, 256, 5), np.arange(255, -1, -5)), -1).astype(np.uint8)[..., [0, 1, 0]]
GAMMA_1, WIDE = struct.pack(">I", 100_000), (0.3127, 0.3290, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06)


def seen(data: np.ndarray, icc: bytes | None) -> np.ndarray:
    """The levels of sRGB that a reader who minds profiles shows."""
    if icc is None:
        return data.astype(int)
    profile = ImageCms.ImageCmsProfile(io.BytesIO(icc))
    image = ImageCms.profileToProfile(Image.fromarray(data), profile, ImageCms.createProfile("sRGB"), outputMode="RGB")
    return np.asarray(image).astype(int)


def of_light(light: np.ndarray) -> np.ndarray:
    return 255 * np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "AVIF", "TIFF"])
@pytest.mark.parametrize("depth", [8, 16])
def test_a_picture_of_gamma_1_looks_the_same_in_every_format(kind: str, depth: int, tmp_path: Path) -> None:
    array = LEVELS if depth == 8 else LEVELS.astype(np.uint16) * 257
    photo = read_photo(png(array, depth, 2, before=chunk(b"gAMA", GAMMA_1)))
    path = tmp_path / "a.bin"
    assert write_photo(photo, path, format=kind, quality=100 if kind != "PNG" else None) == ""
    again = read_photo(path)
    assert np.abs(seen(LEVELS, again.icc) - of_light(LEVELS / 255)).max() < 1
    with Image.open(path) as other:
        told = other.info.get("icc_profile") or other.info.get("gamma") == 1.0
        assert told, "other programs are told, too"


def test_png_chunks_stay_what_they_were_in_a_png(tmp_path: Path) -> None:
    corners = struct.pack(">8I", *(round(value * 100_000) for value in WIDE))
    parts = {"gAMA": GAMMA_1, "cHRM": corners, "sRGB": b"\1", "cICP": bytes((12, 13, 0, 1))}
    for depth in (8, 16):
        for told in (["gAMA", "cHRM"], ["sRGB"], ["cICP"], ["gAMA"], ["cHRM"]):
            before = b"".join(chunk(name.encode(), parts[name]) for name in told)
            photo = read_photo(png(gradient(3, bits=depth), depth, 2, before=before))
            write_photo(photo, tmp_path / "a.png")
            written = (tmp_path / "a.png").read_bytes()
            for name in told:
                assert chunk(name.encode(), parts[name]) in written
            assert b"iCCP" not in written, "one way of saying it"


def test_primaries_and_srgb_become_profiles() -> None:
    corners = struct.pack(">8I", *(round(value * 100_000) for value in WIDE))
    wide = read_photo(png(LEVELS, 8, 2, before=chunk(b"cHRM", corners))).icc
    coded = read_photo(png(LEVELS, 8, 2, before=chunk(b"cICP", bytes((12, 13, 0, 1))))).icc
    assert np.abs(seen(LEVELS, wide) - seen(LEVELS, coded)).max() <= 1
    red = np.full((1, 1, 3), (200, 60, 60), np.uint8)
    assert seen(red, wide)[0, 0, 0] > 210, "a red of Display P3 is redder than that of sRGB"
    srgb = read_photo(png(LEVELS, 8, 2, before=chunk(b"sRGB", b"\0"))).icc
    assert np.abs(seen(LEVELS, srgb) - LEVELS).max() <= 1
    assert read_photo(png(LEVELS, 8, 2)).icc is None


def test_what_is_said_of_grey_and_by_two_at_once() -> None:
    grey = read_photo(png(gradient(1), 8, 0, before=chunk(b"gAMA", GAMMA_1))).icc
    assert grey is not None and grey[16:20] == b"GRAY"
    own = rgb_profile(BT709, [gamma_curve(1.8)])
    assert own is not None
    both = save(Image.fromarray(LEVELS), "PNG", icc_profile=own)
    with_gamma = both[:33] + chunk(b"gAMA", GAMMA_1) + both[33:]
    assert read_photo(with_gamma).icc == own, "a profile goes before gAMA"


@pytest.mark.parametrize(("transfer", "name"), [(16, "PQ"), (18, "HLG")])
def test_hdr_is_said(transfer: int, name: str, tmp_path: Path) -> None:
    photo = read_photo(png(LEVELS, 8, 2, before=chunk(b"cICP", bytes((9, transfer, 0, 1)))))
    assert f"HDR ({name})" in photo.note and photo.icc is not None
    write_photo(photo, tmp_path / "a.png")
    assert chunk(b"cICP", bytes((9, transfer, 0, 1))) in (tmp_path / "a.png").read_bytes()


def test_nclx_of_avif() -> None:
    data = save(Image.fromarray(LEVELS), "AVIF", quality=100, subsampling="4:4:4")
    assert read_photo(data).icc is None, "sRGB, as everything is that says nothing"
    place = data.find(b"colrnclx")
    assert place > 0
    wide = data[: place + 8] + struct.pack(">HH", 12, 13) + data[place + 12 :]
    icc = read_photo(wide).icc
    assert icc is not None and seen(np.full((1, 1, 3), (200, 60, 60), np.uint8), icc)[0, 0, 0] > 210
    hdr = data[: place + 8] + struct.pack(">HH", 9, 16) + data[place + 12 :]
    assert "HDR (PQ)" in read_photo(hdr).note
    assert read_photo(data[: place + 8] + b"\xff" * 4 + data[place + 12 :]).width == LEVELS.shape[1], "codes of nothing"


def test_primaries_of_tiff() -> None:
    out = io.BytesIO()
    tags = {318: WIDE[:2], 319: WIDE[2:], 301: tuple(round(65535 * k / 255) for k in range(256)) * 3}
    Image.fromarray(LEVELS).save(out, "TIFF", tiffinfo=tags)
    icc = read_photo(out.getvalue()).icc
    assert icc is not None
    linear = seen(LEVELS, icc)
    assert abs(linear[25, 25] - of_light(LEVELS[25, 25] / 255)).max() < 12


def test_nonsense_makes_no_profile_and_no_error() -> None:
    for parts in (
        chunk(b"gAMA", bytes(4)),
        chunk(b"gAMA", b"\xff" * 4),
        chunk(b"cHRM", bytes(32)),
        chunk(b"cHRM", b"\xff" * 32),
        chunk(b"cICP", b"\xff" * 4),
    ):
        photo = read_photo(png(LEVELS, 8, 2, before=parts))
        assert photo.icc is None or len(photo.icc) > 128


def test_profiles_do_not_depend_on_the_day() -> None:
    profile = rgb_profile(BT709, [SRGB_CURVE])
    assert profile is not None and profile[24:36] == struct.pack(">6H", 2000, 1, 1, 0, 0, 0)
    assert isinstance(read_photo(png(LEVELS, 8, 2)), Photo)
