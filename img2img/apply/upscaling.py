"""From what `img2img upscale` is told to what enlarges photos: weights, a size, and how much may be invented."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import torch

from img2img.apply.conversion import ConvertedPhoto, Watch
from img2img.apply.engine.model import Model
from img2img.apply.engine.sizing import Sizing
from img2img.config.apply import Tile
from img2img.config.base import Refusal
from img2img.config.sections.run import PrecisionName
from img2img.images import Photo
from img2img.images.atomic import sha256
from img2img.weights.blend import UNMIXED, Mixture
from img2img.weights.find import resolve_path, upscalers

from .models import open_model, open_upscaler, resized


def open_upscaling(
    model: str | None,
    sizing: Sizing,
    *,
    device: torch.device,
    precision: PrecisionName = "auto",
    tile: Tile = "auto",
    mixture: Mixture = UNMIXED,
) -> Model | NearestUpscaler:
    """What enlarges photos to a size: the model, or for each photo the shipped weights that enlarge nearest to it.

    Raises as `open_upscaler`.
    """
    if sizing.scale is not None or not sizing:
        return open_upscaler(model, sizing.scale, device=device, precision=precision, tile=tile, mixture=mixture)
    if model is not None:
        opened = open_upscaler(model, None, device=device, precision=precision, tile=tile, mixture=mixture)
        return resized(opened, model, sizing)
    if mixture:
        raise Refusal(f"{sizing} takes the model that suits each photo: --blend and --strength want --model there")
    return NearestUpscaler(sizing, upscalers(), device, precision, tile)


@dataclass(frozen=True, eq=False)
class NearestUpscaler:
    """Enlarges to a size that each photo's own decides, with the weights that enlarge it least beyond that.

    names: {times: name of the shipped weights}. Weights are read when the first photo wants them.
    """

    sizing: Sizing
    names: Mapping[int, str]
    device: torch.device
    precision: PrecisionName
    tile: Tile
    _opened: dict[str, Model] = field(default_factory=dict)

    note = ""

    def __str__(self) -> str:
        return f"upscale, {self.sizing}, {', '.join(dict.fromkeys(self.names.values()))}, on {self.device}"

    @property
    def label(self) -> str:
        """What a result's name says the photo became."""
        return self.sizing.label

    @property
    def settings(self) -> Mapping[str, Any]:
        """For the manifest."""
        return {"task": "upscale", **self.sizing.settings, "precision": self.precision}

    @property
    def weights(self) -> str:
        """The SHA-256 of each weights file that may be taken."""
        return "+".join(sha256(resolve_path(name, "upscale")) for name in dict.fromkeys(self.names.values()))

    def size_of(self, width: int, height: int) -> tuple[int, int]:
        """(width, height) of the result for a photo of so many px. Raises SizeError where no weights have that."""
        return self.sizing.size(width, height, max(self.names))

    def convert(self, photo: Photo, bits: Literal[8, 16] | None = None, watch: Watch | None = None) -> ConvertedPhoto:
        """As `Model.convert`; the note says which weights were taken."""
        name, model = self._nearest(photo)
        made = model.convert(photo, bits, watch)
        return replace(made, note="; ".join(filter(None, [made.note, f"by the x{model.scale} of {name}"])))

    def convert_floats(self, photo: Photo) -> Photo:
        """As `Model.convert_floats`."""
        return self._nearest(photo)[1].convert_floats(photo)

    def _nearest(self, photo: Photo) -> tuple[str, Model]:
        times = self.sizing.times(photo.width, photo.height, max(self.names))
        name = self.names[min(scale for scale in self.names if scale >= times)]
        if name not in self._opened:
            opened = open_model(name, "upscale", device=self.device, precision=self.precision, tile=self.tile)
            self._opened[name] = replace(opened, sizing=self.sizing)
        return name, self._opened[name]
