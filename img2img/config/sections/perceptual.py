"""Perceptual options: by which activations of VGG19 pictures are compared, and how (arXiv:1603.08155, section 3.2)."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator

from img2img.config.base import Section, weighted_list

VGG19_CONVOLUTIONS = (2, 2, 4, 4, 4)
"""Convolutions of each block of VGG19 (arXiv:1409.1556, table 1, column E)."""

VGG19_LAYERS = tuple(
    f"{kind}{block}_{number}"
    for block, convolutions in enumerate(VGG19_CONVOLUTIONS, start=1)
    for number in range(1, convolutions + 1)
    for kind in ("conv", "relu")
)
"""Names of the activations, first to last: convX_Y before the ReLU, reluX_Y after it."""


def layer_weights(layers: str) -> dict[str, float]:
    """{layer: weight} of a list such as `conv5_4` or `conv1_2:0.1,relu3_4`; a weight left out is 1.

    Raises ValueError for a layer that VGG19 does not have, a weight that is no positive number, a layer named twice.
    """
    weights = weighted_list(layers)
    for name in weights:
        if name not in VGG19_LAYERS:
            raise ValueError(
                f"{name!r} is no layer of VGG19: conv1_1 to conv5_4 before, relu1_1 to relu5_4 after the ReLU"
            )
    return weights


class Perceptual(Section):
    """objective"""

    perceptual: float = Field(1.0, ge=0)
    """Weight of the perceptual term, the distance of VGG19's activations; 0: off. Without --style, too, VGG19 is not
    needed."""
    perceptual_layers: str = "relu1_2:0.1,relu2_2:0.1,relu3_4,relu4_4,relu5_4"
    """Which activations: convX_Y before the ReLU, reluX_Y after it, each with its weight if that is not 1."""
    perceptual_cost: Literal["l1", "mse"] = "l1"
    """How activations are compared."""
    feature_scale: float = Field(1.0, gt=0)
    """Factor on the activations before they are compared; 1/12.75 in the paper of SRGAN."""
    perceptual_share: float = Field(1.0, gt=0, le=1)
    """Share of a batch's pictures that VGG19 sees, other ones in each step: half of them take half the time."""
    style: float = Field(0.0, ge=0)
    """Weight of the style term, the squared distance of the correlations between VGG19's activations; 0: off."""
    style_layers: str = "relu1_2,relu2_2,relu3_4,relu4_4"
    """Which activations, each with its weight if that is not 1."""
    vgg19: Path | None = None
    """File with VGG19's weights, torchvision's keys [default: $IMG2IMG_VGG19, else torchvision's download]."""

    @field_validator("perceptual_layers", "style_layers")
    @classmethod
    def _are_layers(cls, value: str) -> str:
        layer_weights(value)
        return value
