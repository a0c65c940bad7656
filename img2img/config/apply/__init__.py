"""Everything that the commands that apply a model can be told, a command a file."""

from .computing import Computing, Tile
from .inpaint import ClassicalMethod, Filler, InpaintConfig
from .mask import HoleMask, MaskConfig
from .photos import DEFAULT_MAX_PIXELS, OnExisting, Photos
from .sample import Neighbours, SampleConfig, SamplePicture
from .show import ShowConfig
from .translate import ALL, TranslateConfig, TranslateModel
from .upscale import UpscaleConfig

__all__ = [
    "ALL",
    "DEFAULT_MAX_PIXELS",
    "ClassicalMethod",
    "Computing",
    "Filler",
    "HoleMask",
    "InpaintConfig",
    "MaskConfig",
    "Neighbours",
    "OnExisting",
    "Photos",
    "SampleConfig",
    "SamplePicture",
    "ShowConfig",
    "Tile",
    "TranslateConfig",
    "TranslateModel",
    "UpscaleConfig",
]
