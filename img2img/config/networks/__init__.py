"""Specs: frozen, torch-free descriptions from which `img2img.networks.build` makes a network.

A spec also knows what arithmetic alone can tell: the picture sizes that its network accepts, and how far it sees. Each
file here has one family, and its union at the end; here they are joined.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from .content import ContentTranslatorSpec
from .critics import PictureCriticSpec
from .encoders import EncoderSpec
from .inpainters import InpainterSpec
from .samplers import SamplerSpec
from .spec import SizeNeeds, Spec
from .told_translators import ToldTranslatorSpec
from .translators import TranslatorSpec
from .upscalers import UpscalerSpec
from .vectors import VectorSpec
from .whole_critics import PairedCriticSpec

__all__ = ["AnySpec", "CriticSpec", "SizeNeeds", "Spec"]

CriticSpec = PictureCriticSpec | PairedCriticSpec | VectorSpec
AnySpec = Annotated[
    TranslatorSpec
    | ToldTranslatorSpec
    | ContentTranslatorSpec
    | EncoderSpec
    | UpscalerSpec
    | InpainterSpec
    | SamplerSpec
    | CriticSpec,
    Field(discriminator="network"),
]
