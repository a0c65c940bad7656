"""The data of `train gan`: a folder, or a standard set."""

from __future__ import annotations

from collections.abc import Callable

from img2img.config.train.gan import GanData
from img2img.data.folders.classes import find_classes
from img2img.data.folders.errors import DataError
from img2img.data.folders.summary import DataSummary
from img2img.data.loading.dataset import TrainingData, open_data

from .standard import open_standard


def open_gan_data(options: GanData, *, decode: bool, tell: Callable[[DataSummary], None]) -> TrainingData:
    """As `open_data`: the pictures that the options name, as the side "real", with their classes if they have any."""
    if options.dataset is None:
        return open_data(find_classes(options), options, decode=decode, tell=tell)
    if options.images is not None:
        raise DataError(f"give either --images {options.images} or --dataset {options.dataset}, not both")
    return open_standard(options, tell=tell)
