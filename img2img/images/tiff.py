"""TIFF of 8 and 16 bits: Pillow writes no 16-bit colour, OpenCV no profile (TIFF 6.0; deflate strips, predictor 2)."""

import zlib
from itertools import accumulate
from typing import BinaryIO

import numpy as np
from PIL import Image, TiffImagePlugin, TiffTags

from img2img.images.metadata.carrying import Carried
from img2img.images.metadata.exif import DESCRIPTIVE, EXIF_FOLDER, GPS_FOLDER
from img2img.images.photo import Metadata, Samples
from img2img.images.samples import with_channels

_WIDTH, _LENGTH, _BITS, _COMPRESSION, _PHOTOMETRIC = 256, 257, 258, 259, 262
_OFFSETS, _SAMPLES, _ROWS, _COUNTS, _PLANAR, _PREDICTOR, _EXTRA, _ICC = 273, 277, 278, 279, 284, 317, 338, 34675
_DESCRIPTION, _X_RESOLUTION, _Y_RESOLUTION, _RESOLUTION_UNIT, _XMP, _IPTC = 270, 282, 283, 296, 700, 33723
_DEFLATE, _HORIZONTAL, _UNASSOCIATED_ALPHA = 8, 2, 2
_STRIP_BYTES = 1 << 20
_LARGEST = (1 << 32) - (1 << 20)  # offsets have 32 bits


def write_tiff(samples: Samples, out: BinaryIO, what: Carried) -> str:
    """Write (H, W, C) uint8 or uint16 to a seekable file at its start.

    C = 1 to 4 (grey, grey + alpha, RGB, RGBA). 16-bit grey with alpha is written as RGBA, as no common reader knows it.
    Returns a note of metadata that could not be carried, or "". Raises ValueError above 4 GiB.
    """
    if samples.shape[2] == 2 and samples.dtype == np.uint16:
        samples = np.concatenate([with_channels(samples[..., :1], 3), samples[..., 1:]], axis=2)
    height, width, channels = samples.shape
    row_bytes = width * channels * samples.itemsize
    if height * row_bytes > _LARGEST:
        raise ValueError(f"{height * row_bytes} bytes of pixels; allowed in a TIFF: {_LARGEST}")
    rows = max(1, min(height, _STRIP_BYTES // row_bytes))
    folder = _describe(samples, rows, what)
    note = _carry_exif(what.exif, folder)
    _carry_more(what.more, folder)
    starts = range(0, height, rows)
    # Written twice: first to take up the room, then with the strips' true places. Its length does not change.
    first = _write_folder(folder, out, [0] * len(starts), [0] * len(starts))
    counts = []
    for start in starts:
        packed = _pack(samples[start : start + rows])
        counts.append(len(packed))
        out.write(packed)
    places = [0, *accumulate(counts[:-1])]
    out.seek(0)
    if _write_folder(folder, out, places, counts) != first:
        raise AssertionError("the TIFF directory changed its length")
    return note


def _write_folder(
    folder: TiffImagePlugin.ImageFileDirectory_v2, out: BinaryIO, places: list[int], counts: list[int]
) -> int:
    folder[_OFFSETS], folder[_COUNTS] = tuple(places), tuple(counts)
    folder.tagtype[_OFFSETS] = folder.tagtype[_COUNTS] = TiffTags.LONG
    return folder.save(out)  # adds its own end to the strips' places


def _describe(samples: Samples, rows: int, what: Carried) -> TiffImagePlugin.ImageFileDirectory_v2:
    height, width, channels = samples.shape
    folder = TiffImagePlugin.ImageFileDirectory_v2(prefix=b"II")
    folder[_WIDTH], folder[_LENGTH], folder[_ROWS] = width, height, rows
    folder[_BITS] = (samples.itemsize * 8,) * channels
    folder[_SAMPLES], folder[_PLANAR] = channels, 1
    folder[_PHOTOMETRIC] = 2 if channels > 2 else 1
    folder[_COMPRESSION], folder[_PREDICTOR] = _DEFLATE, _HORIZONTAL
    if channels in (2, 4):
        folder[_EXTRA] = _UNASSOCIATED_ALPHA
    if what.icc:
        folder[_ICC] = what.icc
    return folder


def _carry_more(more: Metadata, folder: TiffImagePlugin.ImageFileDirectory_v2) -> None:
    if more.dpi:
        folder[_X_RESOLUTION], folder[_Y_RESOLUTION], folder[_RESOLUTION_UNIT] = *more.dpi, 2
    for tag, content in ((_XMP, more.xmp), (_IPTC, more.iptc)):
        if content:
            folder[tag] = content
            folder.tagtype[tag] = TiffTags.BYTE if tag == _XMP else TiffTags.UNDEFINED
    if more.texts and _DESCRIPTION not in folder:
        folder[_DESCRIPTION] = more.texts[0][1].encode()  # as UTF-8, like most; Pillow would make ? of it


def _carry_exif(exif: bytes | None, folder: TiffImagePlugin.ImageFileDirectory_v2) -> str:
    if not exif:
        return ""
    try:
        block = Image.Exif()
        block.load(exif)
        tags = {tag: block[tag] for tag in DESCRIPTIVE if tag in block}
        tags |= {tag: block.get_ifd(tag) for tag in (EXIF_FOLDER, GPS_FOLDER) if tag in block}
        trial = TiffImagePlugin.ImageFileDirectory_v2(prefix=b"II")
        for tag, value in tags.items():
            trial[tag] = value
        trial.tobytes()
    except Exception as cause:  # Pillow raises what it likes on odd tags
        return f"EXIF left out, as it cannot be carried into a TIFF ({cause})"
    for tag, value in tags.items():
        folder[tag] = value
    return ""


def _pack(strip: Samples) -> bytes:
    difference = strip.astype(strip.dtype.newbyteorder("<"))
    difference[:, 1:] -= strip[:, :-1]
    return zlib.compress(difference.tobytes(), 6)
