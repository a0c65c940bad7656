"""TIFF of 8 and 16 bits: Pillow writes no 16-bit colour, OpenCV no profile (TIFF 6.0; deflate strips, predictor 2)."""

import warnings
import zlib
from itertools import accumulate
from typing import BinaryIO

import numpy as np
from PIL import Image, TiffImagePlugin, TiffTags

from img2img.images.decode import Samples
from img2img.images.exif import DESCRIPTIVE, EXIF_FOLDER, GPS_FOLDER
from img2img.images.samples import with_channels

_WIDTH, _LENGTH, _BITS, _COMPRESSION, _PHOTOMETRIC = 256, 257, 258, 259, 262
_OFFSETS, _SAMPLES, _ROWS, _COUNTS, _PLANAR, _PREDICTOR, _EXTRA, _ICC = 273, 277, 278, 279, 284, 317, 338, 34675
_DEFLATE, _HORIZONTAL, _UNASSOCIATED_ALPHA = 8, 2, 2
_STRIP_BYTES = 1 << 20
_LARGEST = (1 << 32) - (1 << 20)  # offsets have 32 bits


def write_tiff(samples: Samples, out: BinaryIO, icc: bytes | None, exif: bytes | None) -> None:
    """Write (H, W, C) uint8 or uint16 to a seekable file at its start.

    C = 1 to 4 (grey, grey + alpha, RGB, RGBA). 16-bit grey with alpha is written as RGBA, as no common reader knows it.
    Raises ValueError above 4 GiB.
    """
    if samples.shape[2] == 2 and samples.dtype == np.uint16:
        samples = np.concatenate([with_channels(samples[..., :1], 3), samples[..., 1:]], axis=2)
    height, width, channels = samples.shape
    row_bytes = width * channels * samples.itemsize
    if height * row_bytes > _LARGEST:
        raise ValueError(f"{height * row_bytes} bytes of pixels; allowed in a TIFF: {_LARGEST}")
    rows = max(1, min(height, _STRIP_BYTES // row_bytes))
    folder = _describe(samples, rows, icc, exif)
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


def _write_folder(
    folder: TiffImagePlugin.ImageFileDirectory_v2, out: BinaryIO, places: list[int], counts: list[int]
) -> int:
    folder[_OFFSETS], folder[_COUNTS] = tuple(places), tuple(counts)
    folder.tagtype[_OFFSETS] = folder.tagtype[_COUNTS] = TiffTags.LONG
    return folder.save(out)  # adds its own end to the strips' places


def _describe(
    samples: Samples, rows: int, icc: bytes | None, exif: bytes | None
) -> TiffImagePlugin.ImageFileDirectory_v2:
    height, width, channels = samples.shape
    folder = TiffImagePlugin.ImageFileDirectory_v2(prefix=b"II")
    _carry_exif(exif, folder)
    folder[_WIDTH], folder[_LENGTH], folder[_ROWS] = width, height, rows
    folder[_BITS] = (samples.itemsize * 8,) * channels
    folder[_SAMPLES], folder[_PLANAR] = channels, 1
    folder[_PHOTOMETRIC] = 2 if channels > 2 else 1
    folder[_COMPRESSION], folder[_PREDICTOR] = _DEFLATE, _HORIZONTAL
    if channels in (2, 4):
        folder[_EXTRA] = _UNASSOCIATED_ALPHA
    if icc:
        folder[_ICC] = icc
    return folder


def _carry_exif(exif: bytes | None, folder: TiffImagePlugin.ImageFileDirectory_v2) -> None:
    if not exif:
        return
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
        warnings.warn(f"EXIF cannot be carried into the TIFF: {cause}", stacklevel=2)
        return
    for tag, value in tags.items():
        folder[tag] = value


def _pack(strip: Samples) -> bytes:
    difference = strip.astype(strip.dtype.newbyteorder("<"))
    difference[:, 1:] -= strip[:, :-1]
    return zlib.compress(difference.tobytes(), 6)
