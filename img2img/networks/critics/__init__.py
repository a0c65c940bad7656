"""Critics of pictures of any size: a row each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import nn

from img2img.config.networks import Spec
from img2img.config.networks.critics import (
    AutoencoderSpec,
    ContextCriticSpec,
    DomainCriticSpec,
    GlobalLocalSpec,
    PatchSpec,
    SNPatchSpec,
    SRGANCriticSpec,
    StridedSpec,
    UNetCriticSpec,
)

from .autoencoder import Autoencoder
from .context_critic import ContextCritic
from .domain_critic import DomainCritic
from .global_local import GlobalLocalCritic
from .patch import PatchGAN
from .sn_patch import SNPatchGAN
from .srgan_critic import SRGANCritic
from .strided import Strided
from .unet_critic import UNetCritic

CRITICS: dict[type[Spec], Callable[[Any], nn.Module]] = {
    PatchSpec: PatchGAN,
    SRGANCriticSpec: SRGANCritic,
    UNetCriticSpec: UNetCritic,
    SNPatchSpec: SNPatchGAN,
    GlobalLocalSpec: GlobalLocalCritic,
    ContextCriticSpec: ContextCritic,
    DomainCriticSpec: DomainCritic,
    StridedSpec: Strided,
    AutoencoderSpec: Autoencoder,
}
