"""Photo files → tensors."""

from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
from PIL import ImageFile

from img2img.images.decode import Samples, decode, turned
from img2img.images.layout import layout_of
from img2img.images.metadata import exif as exif_blocks
from img2img.images.metadata.colour import Colour, colour_of
from img2img.images.metadata.reading import metadata_of
from img2img.images.opening import OpenPicture, opened
from img2img.images.photo import DEFAULT_MAX_PIXELS, Photo
from img2img.images.samples import over_white, to_alpha, to_pixels, to_planes, with_channels
from img2img.images.sources import Source


def read_photo(source: Source, *, max_pixels: int = DEFAULT_MAX_PIXELS, integers: bool = False) -> Photo:
    """Read a photo from a path, bytes or a binary stream, upright and with all that its file says.

    Grey stays grey (a palette of greys too), 16-bit PNG and TIFF stay 16-bit, palettes are expanded, CMYK becomes sRGB
    through its profile. Of an animation the first frame is read, and the photo's note says so.
    Peak memory is about 15 bytes a pixel for 8-bit RGB, 12 of them the result; with `integers`, which leaves the pixels
    as uint8 or uint16, about 10, 3 of them the result.

    Raises ImageError: missing, empty or damaged file, more than `max_pixels` (px, read from the header before anything
    is decoded), samples that would have to be clipped (float, 32-bit).
    """
    with opened(source, max_pixels) as picture:
        layout = layout_of(picture)
        frames = _count_frames(picture)
        samples, note = decode(picture, layout)
        block, orientation, exif_note = _upright_exif(picture)
        colour = Colour(None) if picture.image.mode == "CMYK" else colour_of(picture, layout.channels)
        more, said = metadata_of(picture, block, orientation >= 5)
        kind, opening_note = picture.format, picture.note
    samples = turned(samples, orientation)
    frames_note = f"first of {frames} frames" if frames > 1 and not opening_note else ""
    notes = [opening_note, frames_note, layout.note, note, exif_note, colour.note, said]
    return Photo(
        pixels=(to_planes if integers else to_pixels)(samples[..., : layout.channels]),
        alpha=to_alpha(samples[..., layout.channels :]) if layout.alpha else None,
        bits=layout.bits,
        icc=colour.icc,
        exif=block,
        format=kind,
        note="; ".join(filter(None, notes)),
        orientation=orientation,
        more=replace(more, colour=colour.chunks),
    )


def read_training_image(path: Path, channels: Literal[1, 3], *, max_pixels: int = DEFAULT_MAX_PIXELS) -> Samples:
    """Read a picture for training: upright, alpha composited over white, grey or RGB as asked.

    Returns (H, W, channels) uint8, or uint16 for 16-bit files, contiguous and writable.
    Raises ImageError as `read_photo` does.
    """
    with opened(path, max_pixels) as picture:
        layout = layout_of(picture)
        samples, _ = decode(picture, layout)
        orientation = _orientation(picture)
    flat = turned(with_channels(over_white(samples), channels), orientation)
    return np.require(flat, requirements=["C", "W"])


def _orientation(picture: OpenPicture) -> int:
    return _upright_exif(picture)[1]


def _upright_exif(picture: OpenPicture) -> tuple[bytes | None, int, str]:
    """EXIF block with the orientation reset, the turn still to be done, and a note."""
    try:
        raw = exif_blocks.of_picture(picture)
        if raw is None:
            return None, 1, ""
        block = exif_blocks.ExifBlock(raw)
    except Exception:  # Pillow raises what it likes on damage; the pixels are good all the same
        return None, 1, "EXIF damaged, left out"
    orientation = block.orientation
    block.make_upright()
    return block.to_bytes(), orientation, ""


def _count_frames(picture: OpenPicture) -> int:
    """Frames in the file; a GIF's are counted on a second opening, as counting moves Pillow's place."""
    if picture.format == "TIFF":
        return picture.pages
    if picture.format != "GIF":
        return int(getattr(picture.image, "n_frames", 1))
    place = picture.handle.tell()
    counter: ImageFile.ImageFile = picture.again()
    try:
        return int(getattr(counter, "n_frames", 1))
    except Exception:  # a damaged later frame; the first one decides whether the file is good
        return 1
    finally:
        picture.handle.seek(place)
