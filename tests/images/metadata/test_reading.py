"""Print resolution, XMP, IPTC, comments and texts: kept where the format has a place, else said."""

import io
import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, IptcImagePlugin, PngImagePlugin
from support.picture_files import gradient, save

from img2img.images import read_photo, write_photo
from img2img.images.metadata.exif import ExifBlock, with_resolution
from img2img.images.photo import Photo

KINDS = ["JPEG", "PNG", "WEBP", "AVIF", "TIFF"]
PICTURE = Image.fromarray(gradient(3, 18, 26))
DEEP = Photo(pixels=read_photo(save(PICTURE, "PNG")).pixels, bits=16)
XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/" xmlns:exif="http://ns.adobe.com/exif/1.0/" '
    b'tiff:Orientation="6" tiff:ImageWidth="26" exif:PixelXDimension="26" dc:title="Me &amp; you">'
    b"<tiff:ImageLength>18</tiff:ImageLength><exif:PixelYDimension>18</exif:PixelYDimension>"
    b"</rdf:Description></rdf:RDF></x:xmpmeta>"
)
IPTC = b"\x1c\x02\x78\0\x05Hello\x1c\x02\x19\0\x03cat"


def exif_of(dpi: float) -> bytes:
    block = with_resolution(None, (dpi, dpi))
    assert block is not None
    return block


def source(kind: str, dpi: float = 300) -> bytes:
    if kind in ("WEBP", "AVIF"):
        return save(PICTURE, kind, exif=exif_of(dpi))
    return save(PICTURE, kind, dpi=(dpi, dpi))


def resolution_of(path: Path) -> tuple[float, float]:
    """As Pillow reads it, without our reader."""
    with Image.open(path) as image:
        if image.format in ("WEBP", "AVIF"):
            exif = image.getexif()
            assert exif[0x0128] == 2
            return float(exif[0x011A]), float(exif[0x011B])
        return tuple(map(float, image.info["dpi"]))  # type: ignore[return-value]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("target", KINDS)
def test_300_dpi_stay_300_dpi(kind: str, target: str, tmp_path: Path) -> None:
    photo = read_photo(source(kind))
    assert photo.more.dpi == (300.0, 300.0)
    path = tmp_path / "a.bin"
    assert write_photo(photo, path, format=target) == ""
    assert resolution_of(path) == pytest.approx((300, 300), abs=0.01)
    assert read_photo(path).more.dpi == (300.0, 300.0)


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_and_in_16_bits(kind: str, tmp_path: Path) -> None:
    photo = read_photo(source("PNG", 240))
    deep = Photo(photo.pixels, bits=16, more=photo.more)
    write_photo(deep, tmp_path / "a.bin", format=kind)
    assert resolution_of(tmp_path / "a.bin") == pytest.approx((240, 240), abs=0.01)
    assert read_photo(tmp_path / "a.bin").bits == 16


def test_no_resolution_is_invented(tmp_path: Path) -> None:
    for kind in KINDS:
        photo = read_photo(save(PICTURE, kind))
        assert photo.more.dpi is None, kind
        write_photo(photo, tmp_path / "a.webp")
        assert read_photo(tmp_path / "a.webp").exif is None


def test_resolution_of_a_turned_picture_and_in_centimetres() -> None:
    turned = Image.Exif()
    turned[0x0112] = 6
    jpeg = save(PICTURE, "JPEG", dpi=(300, 150), exif=turned.tobytes())
    assert read_photo(jpeg).more.dpi == (150.0, 300.0)
    metric = bytearray(save(PICTURE, "JPEG", dpi=(118, 118)))
    place = metric.find(b"JFIF\0")
    metric[place + 7] = 2
    dpi = read_photo(bytes(metric)).more.dpi
    assert dpi == pytest.approx((299.72, 299.72))


@pytest.mark.parametrize("order", [b"II*\0", b"MM\0*"])
def test_resolution_joins_a_block_that_lacks_it(order: bytes) -> None:
    sign = "<" if order[:2] == b"II" else ">"
    block = order + struct.pack(sign + "IHHHIHHI", 8, 1, 0x0112, 3, 1, 1, 0, 0)
    joined = with_resolution(block, (300.0, 72.5))
    assert joined is not None
    exif = Image.Exif()
    exif.load(joined)
    assert (float(exif[0x011A]), float(exif[0x011B]), exif[0x0128], exif[0x0112]) == (300.0, 72.5, 2, 1)
    assert ExifBlock(joined).resolution == (300.0, 72.5)
    assert with_resolution(joined, (300.0, 72.5)) == joined


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("target", KINDS)
def test_xmp_goes_everywhere_with_its_numbers_put_right(kind: str, target: str, tmp_path: Path) -> None:
    if kind == "PNG":
        info = PngImagePlugin.PngInfo()
        info.add_itxt("XML:com.adobe.xmp", XMP.decode(), zip=True)
        data = save(PICTURE, kind, pnginfo=info)
    elif kind == "TIFF":
        data = save(PICTURE, kind, tiffinfo={700: XMP})
    else:
        data = save(PICTURE, kind, xmp=XMP)
    photo = read_photo(data)
    assert photo.more.xmp is not None and b'tiff:Orientation="1"' in photo.more.xmp
    larger = Photo(photo.pixels.repeat(1, 2, 2), more=photo.more)
    assert write_photo(larger, tmp_path / "a.bin", format=target) == ""
    with Image.open(tmp_path / "a.bin") as other:
        packet = other.info["xmp"]
    for part in (b'tiff:ImageWidth="52"', b'PixelXDimension="52"', b">36</tiff:ImageLength>", b">36</exif:PixelYD"):
        assert part in packet
    assert b"Me &amp; you" in packet


def test_xmp_of_what_the_result_lacks_is_left_out_and_said() -> None:
    packet = XMP.replace(b"tiff:Or", b'xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/" hdrgm:Version="1.0" tiff:Or')
    photo = read_photo(save(PICTURE, "JPEG", xmp=packet))
    assert photo.more.xmp is None and "gain map" in photo.note


@pytest.mark.parametrize("target", ["JPEG", "PNG", "TIFF"])
@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_iptc_is_kept(kind: str, target: str, tmp_path: Path) -> None:
    block = b"8BIM\x04\x04\0\0" + struct.pack(">I", len(IPTC)) + IPTC + bytes(len(IPTC) % 2)
    app13 = b"\xff\xed" + struct.pack(">H", 2 + 14 + len(block)) + b"Photoshop 3.0\0" + block
    data = save(PICTURE, "JPEG", extra=app13) if kind == "JPEG" else save(PICTURE, "TIFF", tiffinfo={33723: IPTC})
    photo = read_photo(data)
    assert photo.more.iptc == IPTC
    assert write_photo(photo, tmp_path / "a.bin", format=target) == ""
    assert read_photo(tmp_path / "a.bin").more.iptc == IPTC
    if target != "PNG":
        with Image.open(tmp_path / "a.bin") as other:
            assert (IptcImagePlugin.getiptcinfo(other) or {}).get((2, 120)) == b"Hello"


def test_iptc_without_a_place_is_said(tmp_path: Path) -> None:
    photo = read_photo(save(PICTURE, "TIFF", tiffinfo={33723: IPTC}))
    for kind in ("WEBP", "AVIF"):
        assert write_photo(photo, tmp_path / "a.bin", format=kind) == f"{kind} has no place for: IPTC"


def test_comments_and_texts(tmp_path: Path) -> None:
    info = PngImagePlugin.PngInfo()
    for key, text in (("Comment", "Grüße"), ("Author", "Me"), ("Title", "日本")):
        info.add_itxt(key, text) if key == "Title" else info.add_text(key, text)
    photo = read_photo(save(PICTURE, "PNG", pnginfo=info))
    assert dict(photo.more.texts) == {"Comment": "Grüße", "Author": "Me", "Title": "日本"}
    for bits in (8, 16):
        write_photo(Photo(photo.pixels, bits=bits, more=photo.more), tmp_path / "a.png")  # type: ignore[arg-type]
        with Image.open(tmp_path / "a.png") as other:
            other.load()
            assert {key: str(text) for key, text in other.text.items()} == dict(photo.more.texts)  # type: ignore[attr-defined]
    assert write_photo(photo, tmp_path / "a.jpg") == "JPEG has no place for: text (Author, Title)"
    with Image.open(tmp_path / "a.jpg") as other:
        assert other.info["comment"] == "Grüße".encode()
    assert dict(read_photo(tmp_path / "a.jpg").more.texts) == {"Comment": "Grüße"}
    assert write_photo(photo, tmp_path / "a.webp") == "WEBP has no place for: text (Comment, Author, Title)"
    write_photo(read_photo(tmp_path / "a.jpg"), tmp_path / "b.tif")
    with Image.open(tmp_path / "b.tif") as other:
        assert other.getexif()[270].encode("latin-1").decode() == "Grüße"


def test_damaged_metadata_spoil_no_picture() -> None:
    rng = np.random.default_rng(0)
    data = save(PICTURE, "JPEG", xmp=XMP, dpi=(300, 300), exif=exif_of(300))
    start = data.find(b"\xff\xdb")
    for _ in range(60):
        broken = bytearray(data)
        for place in rng.integers(24, start, 3):
            broken[place] = rng.integers(0, 256)
        try:
            read_photo(bytes(broken))
        except ValueError as error:
            assert "\n" not in str(error)


def test_transparency_that_a_jpeg_lacks_is_said() -> None:
    photo = read_photo(save(Image.fromarray(gradient(4)), "PNG"))
    assert write_photo(photo, io.BytesIO(), format="JPEG") == "transparency put on white, as JPEG has none"
