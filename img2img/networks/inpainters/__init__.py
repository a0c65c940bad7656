"""Generators that fill holes: a row each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import nn

from img2img.config.networks import Spec
from img2img.config.networks.inpainters import ContextEncoderSpec, GatedSpec, LightInpaintSpec

from .context_encoder import ContextEncoder
from .gated import GatedInpainter
from .light_inpaint import LightInpaint

INPAINTERS: dict[type[Spec], Callable[[Any], nn.Module]] = {
    ContextEncoderSpec: ContextEncoder,
    GatedSpec: GatedInpainter,
    LightInpaintSpec: LightInpaint,
}
