"""What `img2img.load` returns: a model that is called like a function, on a file or on a picture in memory."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from img2img.apply.batch.plan import plan
from img2img.apply.batch.run import run_batch
from img2img.apply.engine.sizing import Sizing
from img2img.apply.inpaint.masking import Masking
from img2img.apply.sample.sampler import Sampler, open_sampler
from img2img.config.apply import Filler, OnExisting, Tile
from img2img.config.sections.run import PrecisionName
from img2img.images import ImageError, Photo, read_photo
from img2img.machine import choose_device
from img2img.weights.blend import Mixture
from img2img.weights.find import resolve_path
from img2img.weights.foreign import is_foreign
from img2img.weights.headers import read_card

from .conversion import Conversion
from .models import open_inpainter
from .picture_kinds import (
    Floats,
    Integers,
    KindError,
    convert_array,
    convert_image,
    convert_tensor,
    masks_of,
    pictures_of,
)
from .translating import open_translators
from .upscaling import open_upscaling

AnyPicture = TypeVar("AnyPicture", str, Path, Image.Image, np.ndarray, Tensor)


class _Conversions(NamedTuple):
    """The conversions of a photo whose samples are integers, and of one whose pixels are floats."""

    integers: Integers
    floats: Floats


class Converter:
    """A model that takes pictures of these kinds and returns its result as the same kind:

    | kind | what |
    |---|---|
    | path, str or Path | a photo's file; the result is written beside it, or to `out`, and its path returned |
    | PIL.Image.Image | mode 1, L, LA, P, RGB, RGBA, CMYK or I;16; upright by its EXIF; palettes and CMYK become RGB |
    | numpy.ndarray | (H, W) or (H, W, C), C = 1 to 4; uint8, uint16, or floating point in [0, 1] |
    | torch.Tensor | (C, H, W) or (N, C, H, W), C = 1 or 3; floating point in [-1, 1], or uint8; on any device |

    A result has the size that `size_of` says. Transparency is kept; grey stays grey. Large pictures are tiled.
    """

    def __init__(self, model: Conversion) -> None:
        self.model = model

    def size_of(self, width: int, height: int) -> tuple[int, int]:
        """(width, height) of the result for a picture of this size, px. Raises SizeError where there can be none."""
        return self.model.size_of(width, height)

    def __repr__(self) -> str:
        return f"<img2img {self.model}>"

    def __call__(
        self,
        picture: AnyPicture,
        out: str | Path | None = None,
        on_existing: OnExisting | None = None,
        *,
        mask: object = None,
    ) -> AnyPicture:
        """The picture, converted. out, on_existing: only for a path, as the command's options of these names.

        mask: where the hole is, for models that fill one. For a picture in memory a path, a Pillow image, or an array
        or tensor that is bool, integer or in [0, 1], (N, 1, H, W) for a batch; for a path a path. Without a mask the
        transparent part of the picture is the hole.
        Raises KindError for a picture of another kind, shape or range; ImageError for a file that cannot be read or
        written, PlanError where it may not be overwritten.
        """
        given: Any = picture
        made: Any
        if isinstance(given, str | Path):
            made = type(given)(self._file(Path(given), Path(out) if out else None, on_existing, mask))
        elif out is not None or on_existing is not None:
            raise KindError("out and on_existing are for paths: what is given in memory is given back in memory")
        elif isinstance(given, Image.Image):
            made = convert_image(given, self._conversions(mask)[0].integers)
        elif isinstance(given, np.ndarray):
            made = convert_array(given, *self._conversions(mask)[0])
        elif isinstance(given, Tensor):
            made = self._tensor(given, mask)
        else:
            raise KindError(f"a {type(given).__name__}; allowed: a path, a Pillow image, a numpy array, a torch tensor")
        return made

    def _file(self, source: Path, out: Path | None, on_existing: OnExisting | None, mask: object) -> Path:
        if source.is_dir():
            raise KindError(
                f"{source}: a folder; converted by img2img.apply.batch.run.run_batch, or the img2img command"
            )
        if mask is not None and not isinstance(mask, str | Path):
            raise KindError(f"a mask that is a {type(mask).__name__} for the path of a photo; allowed: a path")
        (job,) = plan([source], out, self.model.label, mask=Path(mask) if mask else None)
        (report,) = run_batch([job], self.model, on_existing=on_existing)
        if report.state == "failed":
            raise ImageError(report.error)
        return job.target

    def _tensor(self, given: Tensor, mask: object) -> Tensor:
        pictures = pictures_of(given)
        conversions = self._conversions(mask, len(pictures))
        made = torch.stack([convert_tensor(picture, *how) for picture, how in zip(pictures, conversions, strict=True)])
        return (made if given.ndim == 4 else made[0]).to(given.device)

    def _conversions(self, mask: object, count: int = 1) -> list[_Conversions]:
        """How each of `count` pictures is converted, with its mask."""
        if mask is None:
            return [_Conversions(self.model.convert, self.model.convert_floats)] * count
        if isinstance(mask, str | Path):
            return [self._with_mask(read_photo(mask, integers=True))] * count
        return [self._with_mask(mark) for mark in masks_of(mask, count)]

    def _with_mask(self, mask: Photo) -> _Conversions:
        """The conversions of photos that have this mask."""
        return _Conversions(
            lambda photo: self.model.convert(replace(photo, mask=mask)),
            lambda photo: self.model.convert_floats(replace(photo, mask=mask)),
        )


def open_converter(
    model: str | Path | None,
    task: str | None,
    *,
    to: str | None,
    seed: int,
    style_of: Path | None,
    sizing: Sizing,
    mixture: Mixture,
    method: Filler,
    masking: Masking,
    device: str | torch.device,
    precision: PrecisionName,
    tile: Tile,
) -> Converter | Sampler:
    """See `img2img.load`."""
    chosen = choose_device(str(device))
    name = None if model is None else str(model)
    if task is None:
        path = None if name is None else resolve_path(name)
        task = "upscale" if path is None or is_foreign(path) else read_card(path).task
    if task == "upscale":
        upscaling = open_upscaling(name, sizing, device=chosen, precision=precision, tile=tile, mixture=mixture)
        return Converter(upscaling)
    if task == "inpaint":
        filling = open_inpainter(name, masking, method=method, device=chosen, precision=precision, tile=tile)
        return Converter(filling)
    if task == "sample" and name is not None:
        return open_sampler(name, chosen)
    if task != "translate" or name is None:
        raise KindError(f"task {task!r} of {name}; allowed: translate, upscale, inpaint, sample")
    one, *others = open_translators(
        name, to=to, seed=seed, style_of=style_of, device=chosen, precision=precision, tile=tile
    )
    if others:
        raise KindError(f"to {to!r}: a converter makes one result; allowed: {', '.join(map(_label, (one, *others)))}")
    return Converter(one)


def _label(model: Conversion) -> str:
    return model.label
