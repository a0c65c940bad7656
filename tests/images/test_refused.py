"""What is no photo, or would take the machine: told by the header, in one line."""

import io
import os
import socket
import struct
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from support.picture_files import chunk, gradient, save, tiff

from img2img.images import ImageError, probe, read_photo, recognise, to_samples, verify
from img2img.images.recognise import ending_of

PICTURE = Image.fromarray(gradient(3, 40, 60))
READERS = (read_photo, probe, verify)


def with_tag(data: bytes, tag: int, kind: int, value: int) -> bytes:
    """A little-endian TIFF with one more entry, in a copy of its directory at the end."""
    (place,) = struct.unpack("<I", data[4:8])
    (count,) = struct.unpack("<H", data[place : place + 2])
    entries = [data[place + 2 + 12 * k : place + 14 + 12 * k] for k in range(count)]
    entries = [entry for entry in entries if struct.unpack("<H", entry[:2])[0] != tag]
    entries.append(struct.pack("<HHII", tag, kind, 1, value))
    entries.sort(key=lambda entry: struct.unpack("<H", entry[:2])[0])
    end = data[place + 2 + 12 * count : place + 6 + 12 * count]
    folder = struct.pack("<H", len(entries)) + b"".join(entries) + end
    data += bytes(len(data) % 2)
    return data[:4] + struct.pack("<I", len(data)) + data[8:] + folder


RAW = {
    "dng": with_tag(save(PICTURE, "TIFF"), 50706, 1, 0x0401),
    "cfa": with_tag(save(PICTURE.convert("L"), "TIFF"), 262, 3, 32803),
    "nef": with_tag(save(PICTURE, "TIFF"), 259, 3, 34713),
    "cr2": b"II*\0\x10\0\0\0CR\2\0" + bytes(60),
    "cr3": b"\0\0\0\x18ftypcrx \0\0\0\1crx isom",
    "orf": b"IIRO\x08\0\0\0" + bytes(60),
    "raf": b"FUJIFILMCCD-RAW 0201" + bytes(60),
    "rw2": b"IIU\0\x08\0\0\0" + bytes(60),
}


@pytest.mark.parametrize("kind", RAW)
@pytest.mark.parametrize("suffix", [".tif", ".jpg", ""])
def test_raw_files_are_refused_whatever_they_are_called(kind: str, suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"a{suffix}"
    path.write_bytes(RAW[kind])
    for reader in READERS:
        with pytest.raises(ImageError, match="raw file is not read; develop it first"):
            reader(path)


def test_a_preview_in_a_raw_files_clothes_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.ARW").write_bytes(save(PICTURE, "TIFF"))
    with pytest.raises(ImageError, match="develop it first"):
        read_photo(tmp_path / "a.ARW")
    (tmp_path / "a.nef").write_bytes(save(PICTURE, "JPEG"))
    assert read_photo(tmp_path / "a.nef").format == "JPEG", "the content decides"


def pages(*sides: tuple[Image.Image, int], compression: str = "raw") -> bytes:
    out = io.BytesIO()
    first, *others = (image.copy() for image, _ in sides)
    for image, (_, kind) in zip((first, *others), sides, strict=True):
        image.encoderinfo = {"tiffinfo": {254: kind}}
    first.save(out, "TIFF", save_all=True, append_images=others, compression=compression, tiffinfo={254: sides[0][1]})
    return out.getvalue()


@pytest.mark.parametrize("compression", ["raw", "tiff_lzw", "tiff_adobe_deflate"])
def test_the_full_page_is_taken_and_not_the_thumbnail(compression: str) -> None:
    small = PICTURE.resize((15, 10))
    photo = read_photo(pages((small, 1), (PICTURE, 0), compression=compression))
    assert (photo.width, photo.height) == (60, 40) and photo.note.startswith("page 2 of 2")
    assert to_samples(photo.pixels, 8).tolist() == np.asarray(PICTURE).tolist()
    data = pages((small, 1), (PICTURE, 0))
    assert (probe(data).width, probe(data).height) == (60, 40)
    assert read_photo(pages((PICTURE, 0), (small, 1))).note == "first of 2 frames"


def test_where_every_page_is_called_a_thumbnail_the_largest_is_taken() -> None:
    photo = read_photo(pages((PICTURE.resize((15, 10)), 1), (PICTURE, 1)))
    assert photo.width == 60
    assert read_photo(pages((PICTURE, 1))).width == 60


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("channels", [1, 3])
def test_signed_samples_are_refused(bits: int, channels: int) -> None:
    array = gradient(channels, bits=bits).astype(f"int{bits}")
    for order in "<>":
        data = tiff(array, order, photometric=2 if channels == 3 else 1, sample_format=2)
        for reader in READERS:
            with pytest.raises(ImageError, match=f"{bits}-bit signed TIFF is not read"):
                reader(data)


def test_pipes_sockets_and_devices_are_refused_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe.png")
    Path("zero.jpg").symlink_to("/dev/zero")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket.png")
        for name, words in (("pipe.png", "a pipe"), ("zero.jpg", "a device"), ("socket.png", "a socket")):
            for reader in READERS:
                with pytest.raises(ImageError, match=f"{name}: is {words}, not a regular file"):
                    reader(Path(name))


def test_a_pipe_of_the_process_itself_is_read() -> None:
    reading, writing = os.pipe()
    with open(writing, "wb") as out:
        out.write(save(PICTURE, "PNG"))
    try:
        assert read_photo(f"/dev/fd/{reading}").width == 60
    finally:
        os.close(reading)


def test_a_stream_without_end_is_refused_by_its_start() -> None:
    with open("/dev/zero", "rb") as zero, pytest.raises(ImageError, match="no picture that can be read"):
        read_photo(zero)

    class Endless(io.RawIOBase):
        """A picture's head, then zeros for ever."""

        def __init__(self) -> None:
            self.given = 0

        def read(self, size: int = -1) -> bytes:
            self.given += size
            return save(PICTURE, "PNG")[:size] if self.given == size else bytes(size)

    endless = Endless()
    with pytest.raises(ImageError, match="more than a picture of --max-pixels 1000 takes"):
        read_photo(endless, max_pixels=1000)  # type: ignore[arg-type]
    assert endless.given < 1 << 28


def allocated(data: bytes) -> int:
    """Bytes at most, while it is refused."""
    tracemalloc.start()
    try:
        for reader in READERS:
            with pytest.raises(ImageError) as caught:
                reader(data)
            assert "\n" not in str(caught.value)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_small_files_take_no_more_than_they_are_worth() -> None:
    tiles = save(PICTURE, "TIFF", compression="tiff_adobe_deflate")
    for tag in (322, 323):
        tiles = with_tag(tiles, tag, 4, 46336)
    deep = struct.pack(">IIBBBBB", 14140, 14140, 16, 6, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", deep) + chunk(b"IDAT", bytes(1_500_000)) + chunk(b"IEND", b"")
    scans = save(PICTURE, "JPEG", progressive=True)
    scans = scans[:-2] + b"\xff\xda" * 2000 + scans[-2:]
    assert allocated(tiles) < 1 << 24
    assert allocated(bomb) < 1 << 24
    with pytest.raises(ImageError, match="more than 1000 scans"):
        read_photo(scans)


def test_what_lies_behind_a_pngs_end_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    with open(path, "wb") as file:
        file.write(save(PICTURE, "PNG"))
        file.write(struct.pack(">I4s", 120 << 20, b"eXIf"))
        file.truncate(120 << 20)
    tracemalloc.start()
    photo = read_photo(path)
    assert tracemalloc.get_traced_memory()[1] < 1 << 22
    tracemalloc.stop()
    assert photo.exif is None and photo.width == 60


def test_a_large_picture_of_one_colour_is_still_a_picture() -> None:
    data = save(Image.new("L", (12_000, 12_000), 128), "PNG")
    assert len(data) * 400 < 12_000**2
    assert probe(data).width == 12_000


def test_heic_needs_its_extra_and_is_read_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    head = b"\0\0\0\x18ftypheic\0\0\0\0heicmif1" + bytes(100)
    with monkeypatch.context() as without:
        without.setattr(recognise, "reads_heif", lambda: False)
        with pytest.raises(ImageError, match=r"an extra that is not installed: pip install 'img2img\[heif\]'"):
            read_photo(head)
    heif = pytest.importorskip("pillow_heif")
    out = io.BytesIO()
    heif.from_pillow(PICTURE).save(out, quality=-1, exif=exif_turned(), dpi=(300, 300))
    photo = read_photo(out.getvalue())
    assert photo.format == "HEIF" and {photo.width, photo.height} == {60, 40}
    assert np.abs(to_samples(photo.pixels, 8).mean() - np.asarray(PICTURE).mean()) < 6
    half = out.getvalue()[: len(out.getvalue()) // 2]
    with pytest.raises(ImageError):
        verify(half)


def exif_turned() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6
    return exif.tobytes()


def test_the_ending_of_a_result_is_the_contents(tmp_path: Path) -> None:
    for kind, name, ending in (
        ("PNG", "a.jpg", ".png"),
        ("JPEG", "a.JPEG", ".JPEG"),
        ("JPEG", "b.png", ".jpg"),
        ("TIFF", "c.png", ".tif"),
        ("GIF", "d.jpg", ".gif"),
    ):
        (tmp_path / name).write_bytes(save(PICTURE, kind))
        assert ending_of(tmp_path / name) == ending
    (tmp_path / "text.jpg").write_text("hello")
    assert ending_of(tmp_path / "text.jpg") == "" and ending_of(tmp_path / "none.jpg") == ""
