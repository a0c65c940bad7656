"""Masks: of files that mark a hole in a photo, by `inpaint` and by training's folder of masks."""

from __future__ import annotations

import io
import warnings
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torture import Answer, Subject, or_refused
from torture_makings import encoded, smooth
from torture_mutators import MUTATORS
from torture_pictures import is_other_header

from img2img.apply.batch.plan import plan
from img2img.apply.batch.report import PhotoReport
from img2img.apply.batch.run import run_batch
from img2img.apply.inpaint.masking import Masking
from img2img.apply.models import open_inpainter
from img2img.config.base import Refusal
from img2img.data.masks.folder import MaskFolder
from img2img.images import ImageError

_SIDE = (48, 40)


def masks() -> Subject:
    """Of every kind that is understood."""
    return Subject(_whole(), _ask, {**MUTATORS, "other-values": other_values, "other-shape": other_shape})


def other_values(data: bytes, rng: np.random.Generator) -> bytes:
    """A picture of the same size that marks something else, or nothing: labels, a photo, one colour, soft edges."""
    marked = np.asarray(Image.open(io.BytesIO(data)).convert("L")) > 127
    low, high = (int(value) for value in rng.integers(0, 256, 2))
    ways = [
        np.where(marked, high, low).astype(np.uint8),
        rng.integers(0, 4, marked.shape).astype(np.uint8),
        np.full(marked.shape, low, np.uint8),
        smooth(*_SIDE, int(rng.integers(99))),
        np.where(marked[..., None], rng.integers(0, 256, 3), rng.integers(0, 256, 3)).astype(np.uint8),
    ]
    return encoded(Image.fromarray(ways[int(rng.integers(len(ways)))]), "PNG")


def other_shape(data: bytes, rng: np.random.Generator) -> bytes:
    """The mask scaled, turned, or cropped."""
    mask = Image.open(io.BytesIO(data))
    mask.load()
    if rng.random() < 0.5:
        return encoded(mask.resize(tuple(int(side) for side in rng.integers(1, 120, 2))), "PNG")
    return encoded(mask.resize((2 * _SIDE[0], 2 * _SIDE[1])) if rng.random() < 0.5 else mask.transpose(2), "PNG")


def _ask(path: Path, whole: bytes, mutator: str) -> Answer:
    photo, out = path.with_name("photo.png"), path.with_name("out.png")
    photo.write_bytes(encoded(Image.fromarray(smooth(*_SIDE)), "PNG"))
    drawn = or_refused(lambda: _from_folder(path), path)
    made = or_refused(lambda: _filled(photo, path, out), photo)
    if made is None:
        return "refused"
    before = path.with_name("whole")
    before.write_bytes(whole)
    if drawn is None:
        raise AssertionError("inpaint takes it, a folder of masks does not")
    hole = (made != smooth(*_SIDE)).any(axis=2)
    if drawn.shape == hole.shape and (hole & ~drawn).any():
        raise AssertionError("pixels beside the hole are others")
    if np.array_equal(drawn, _from_folder(before)):
        return "unharmed"
    checked = path.name.endswith((".png", ".tif")) and not is_other_header(path, whole)
    return "SILENT" if checked and mutator in MUTATORS else "changed"


def _from_folder(path: Path) -> np.ndarray:
    folder = path.with_name(f"{path.name}.masks")
    folder.mkdir()
    link = folder / f"mask{path.suffix or '.png'}"
    link.write_bytes(path.read_bytes())
    try:
        return MaskFolder(folder, "white").hole_of(0)
    except ImageError as error:
        raise ImageError(str(error).replace(str(link), str(path))) from None
    finally:
        link.unlink()
        folder.rmdir()


def _filled(photo: Path, mask: Path, out: Path) -> np.ndarray:
    """The photo, filled. Raises Refusal with what the report says of it."""
    model = open_inpainter(None, Masking(), method="telea", device=torch.device("cpu"))
    out.unlink(missing_ok=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        jobs = plan([photo], out, model.label, mask=mask)
        (report,) = run_batch(jobs, model, on_existing="overwrite", max_pixels=50_000_000)
    return _result(report)


def _result(report: PhotoReport) -> np.ndarray:
    if report.state == "failed":
        raise Refusal(report.error)
    return np.asarray(Image.open(report.job.target).convert("RGB"))


def _whole() -> dict[str, bytes]:
    hole = np.zeros(_SIDE[::-1], np.uint8)
    hole[10:22, 8:30] = 255
    grey = Image.fromarray(hole)
    alpha = Image.fromarray(np.dstack([np.zeros((*hole.shape, 3), np.uint8), hole]))
    return {
        "grey.png": encoded(grey, "PNG"),
        "bits.png": encoded(grey.convert("1"), "PNG"),
        "labels.png": encoded(Image.fromarray(hole // 255), "PNG"),
        "colour.png": encoded(grey.convert("RGB"), "PNG"),
        "alpha.png": encoded(alpha, "PNG"),
        "palette.png": encoded(grey.convert("P"), "PNG"),
        "soft.jpg": encoded(grey, "JPEG", quality=95),
        "lossless.webp": encoded(grey.convert("RGB"), "WEBP", lossless=True),
        "grey.bmp": encoded(grey, "BMP"),
        "fax.tif": encoded(grey.convert("1"), "TIFF", compression="group4"),
        "deflate.tif": encoded(grey, "TIFF", compression="tiff_adobe_deflate"),
    }
