"""Generators from noise, and the critics of whole pictures that are set against them: a row each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import nn

from img2img.config.networks import Spec
from img2img.config.networks.samplers import (
    DCGANSpec,
    InfoGANSpec,
    LapganSpec,
    MLPGeneratorSpec,
    ProgressiveSpec,
    SAGANSpec,
    SNDCGANSpec,
    SNGANSpec,
    StyleGANSpec,
)
from img2img.config.networks.whole_critics import (
    DCGANCriticSpec,
    InfoGANCriticSpec,
    MaxoutSpec,
    ProgressiveCriticSpec,
    SAGANCriticSpec,
    SNDCGANCriticSpec,
    SNGANCriticSpec,
    StyleGANCriticSpec,
)

from .dcgan import DCGANCritic, DCGANGenerator
from .infogan import InfoGANCritic, InfoGANGenerator
from .lapgan import LapganGenerator
from .mlp_gan import MaxoutCritic, MLPGenerator
from .progressive import ProgressiveCritic, ProgressiveGenerator
from .sagan import SAGANCritic, SAGANGenerator
from .sndcgan import SNDCGANCritic, SNDCGANGenerator
from .sngan import SNGANCritic, SNGANGenerator
from .stylegan import StyleGAN, StyleGANCritic

SAMPLERS: dict[type[Spec], Callable[[Any], nn.Module]] = {
    MLPGeneratorSpec: MLPGenerator,
    MaxoutSpec: MaxoutCritic,
    InfoGANSpec: InfoGANGenerator,
    InfoGANCriticSpec: InfoGANCritic,
    DCGANSpec: DCGANGenerator,
    DCGANCriticSpec: DCGANCritic,
    SNDCGANSpec: SNDCGANGenerator,
    SNDCGANCriticSpec: SNDCGANCritic,
    SNGANSpec: SNGANGenerator,
    SNGANCriticSpec: SNGANCritic,
    SAGANSpec: SAGANGenerator,
    SAGANCriticSpec: SAGANCritic,
    StyleGANSpec: StyleGAN,
    StyleGANCriticSpec: StyleGANCritic,
    LapganSpec: LapganGenerator,
    ProgressiveSpec: ProgressiveGenerator,
    ProgressiveCriticSpec: ProgressiveCritic,
}
