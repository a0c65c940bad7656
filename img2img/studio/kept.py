"""Models that stay loaded between jobs: a few, the last used."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import replace

from img2img.apply.conversion import Conversion
from img2img.apply.inpaint.inpainting import Inpainting
from img2img.apply.inpaint.masking import Masking
from img2img.apply.opening import ApplyConfig, open_conversion
from img2img.config.apply import InpaintConfig
from img2img.weights.find import resolve_path

MOST = 3
"""Models in memory."""


class KeptModels:
    """For one thread, the one that converts."""

    def __init__(self) -> None:
        self._models: OrderedDict[Hashable, Conversion] = OrderedDict()

    def get(self, config: ApplyConfig) -> Conversion:
        """What `open_conversion` gives, loaded before or now. Raises as that."""
        key = (type(config), config.model.model_dump_json(), config.computing.model_dump_json(), _version(config))
        found = self._models.pop(key, None) or open_conversion(config)
        self._models[key] = found
        while len(self._models) > MOST:
            self._models.popitem(last=False)
        if isinstance(config, InpaintConfig) and isinstance(found, Inpainting):
            return replace(found, masking=Masking.of(config.mask))  # how a hole is marked loads nothing
        return found


def _version(config: ApplyConfig) -> int:
    """A run's weights become others while it trains."""
    name = config.model.model
    return resolve_path(name).stat().st_mtime_ns if name else 0
