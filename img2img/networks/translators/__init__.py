"""Generators from one domain of pictures to another: a row each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import nn

from img2img.config.networks import Spec
from img2img.config.networks.translators import EnhancerSpec, ResnetSpec, UNetSpec

from .enhancer import Enhancer
from .resnet import ResNet
from .unet import UNet

TRANSLATORS: dict[type[Spec], Callable[[Any], nn.Module]] = {
    UNetSpec: UNet,
    ResnetSpec: ResNet,
    EnhancerSpec: Enhancer,
}
