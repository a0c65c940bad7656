"""Generators from one domain of pictures to another: a row each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import nn

from img2img.config.networks import Spec
from img2img.config.networks.content import MunitSpec, UnitSpec
from img2img.config.networks.told_translators import BicycleSpec, StarGANSpec
from img2img.config.networks.translators import EnhancerSpec, ResnetSpec, UNetSpec

from .bicycle import Bicycle
from .content import ContentTranslator
from .enhancer import Enhancer
from .resnet import ResNet
from .stargan import StarGAN
from .unet import UNet

TRANSLATORS: dict[type[Spec], Callable[[Any], nn.Module]] = {
    UNetSpec: UNet,
    ResnetSpec: ResNet,
    EnhancerSpec: Enhancer,
    StarGANSpec: StarGAN,
    BicycleSpec: Bicycle,
    UnitSpec: ContentTranslator,
    MunitSpec: ContentTranslator,
}
