"""Networks by their specs: `build` makes one, `count_parameters` counts without making it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from img2img.config.networks import (
    AnySpec,
    AutoencoderMLPSpec,
    AutoencoderSpec,
    ContextCriticSpec,
    ContextEncoderSpec,
    DCGANCriticSpec,
    DCGANSpec,
    GatedSpec,
    GlobalLocalSpec,
    InfoGANCriticSpec,
    InfoGANSpec,
    LapganSpec,
    LightInpaintSpec,
    LightSRSpec,
    MaxoutSpec,
    MLPGeneratorSpec,
    MLPSpec,
    PatchSpec,
    ProgressiveCriticSpec,
    ProgressiveSpec,
    ResnetSpec,
    RRDBSpec,
    SAGANCriticSpec,
    SAGANSpec,
    SNDCGANCriticSpec,
    SNDCGANSpec,
    SNGANCriticSpec,
    SNGANSpec,
    SNPatchSpec,
    Spec,
    SRGANCriticSpec,
    SRResNetSpec,
    StyleGANCriticSpec,
    StyleGANSpec,
    UNetCriticSpec,
    UNetSpec,
)

from .autoencoder import Autoencoder
from .context_critic import ContextCritic
from .context_encoder import ContextEncoder
from .dcgan import DCGANCritic, DCGANGenerator
from .gated import GatedInpainter
from .global_local import GlobalLocalCritic
from .infogan import InfoGANCritic, InfoGANGenerator
from .initialise import initialise
from .lapgan import LapganGenerator
from .light_inpaint import LightInpaint
from .light_sr import LightSR
from .mlp import MLP, AutoencoderMLP
from .mlp_gan import MaxoutCritic, MLPGenerator
from .patch import PatchGAN
from .progressive import ProgressiveCritic, ProgressiveGenerator
from .resnet import ResNet
from .rrdb import RRDBNet
from .sagan import SAGANCritic, SAGANGenerator
from .sn_patch import SNPatchGAN
from .sndcgan import SNDCGANCritic, SNDCGANGenerator
from .sngan import SNGANCritic, SNGANGenerator
from .srgan_critic import SRGANCritic
from .srresnet import SRResNet
from .stylegan import StyleGAN
from .stylegan_critic import StyleGANCritic
from .unet import UNet
from .unet_critic import UNetCritic

__all__ = ["NETWORKS", "apply_mode", "build", "count_parameters", "initialise"]

NETWORKS: dict[type[Spec], Callable[[Any], nn.Module]] = {
    UNetSpec: UNet,
    ResnetSpec: ResNet,
    SRResNetSpec: SRResNet,
    RRDBSpec: RRDBNet,
    LightSRSpec: LightSR,
    ContextEncoderSpec: ContextEncoder,
    GatedSpec: GatedInpainter,
    LightInpaintSpec: LightInpaint,
    PatchSpec: PatchGAN,
    SRGANCriticSpec: SRGANCritic,
    UNetCriticSpec: UNetCritic,
    SNPatchSpec: SNPatchGAN,
    GlobalLocalSpec: GlobalLocalCritic,
    ContextCriticSpec: ContextCritic,
    AutoencoderSpec: Autoencoder,
    MLPSpec: MLP,
    AutoencoderMLPSpec: AutoencoderMLP,
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


def build(spec: AnySpec) -> nn.Module:
    """The network that a spec describes, in training mode, with torch's default first weights."""
    return NETWORKS[type(spec)](spec)


def count_parameters(spec: AnySpec) -> int:
    """Trainable numbers of the network that a spec describes; allocates none of them."""
    with torch.device("meta"):
        return sum(parameter.numel() for parameter in build(spec).parameters())


def apply_mode(network: nn.Module, noise: bool = False) -> nn.Module:
    """The same network, set to be applied: no dropout, unless `noise` asks for it, as the paper of pix2pix does."""
    network.eval()
    if noise:
        for module in network.modules():
            if isinstance(module, nn.Dropout):
                module.train()
    return network
