"""Encoders that read numbers off pictures of any size: a row each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import nn

from img2img.config.networks import Spec
from img2img.config.networks.encoders import ResidualEncoderSpec, StyleEncoderSpec

from .residual_encoder import ResidualEncoder
from .style_encoder import StyleEncoder

ENCODERS: dict[type[Spec], Callable[[Any], nn.Module]] = {
    ResidualEncoderSpec: ResidualEncoder,
    StyleEncoderSpec: StyleEncoder,
}
