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

from .critics.autoencoder import Autoencoder
from .critics.context_critic import ContextCritic
from .critics.global_local import GlobalLocalCritic
from .critics.patch import PatchGAN
from .critics.sn_patch import SNPatchGAN
from .critics.srgan_critic import SRGANCritic
from .critics.unet_critic import UNetCritic
from .inpainters.context_encoder import ContextEncoder
from .inpainters.gated import GatedInpainter
from .inpainters.light_inpaint import LightInpaint
from .layers.initialise import initialise
from .mlp import MLP, AutoencoderMLP
from .samplers.dcgan import DCGANCritic, DCGANGenerator
from .samplers.infogan import InfoGANCritic, InfoGANGenerator
from .samplers.lapgan import LapganGenerator
from .samplers.mlp_gan import MaxoutCritic, MLPGenerator
from .samplers.progressive import ProgressiveCritic, ProgressiveGenerator
from .samplers.sagan import SAGANCritic, SAGANGenerator
from .samplers.sndcgan import SNDCGANCritic, SNDCGANGenerator
from .samplers.sngan import SNGANCritic, SNGANGenerator
from .samplers.stylegan import StyleGAN, StyleGANCritic
from .translators.resnet import ResNet
from .translators.unet import UNet
from .upscalers.light_sr import LightSR
from .upscalers.rrdb import RRDBNet
from .upscalers.srresnet import SRResNet

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
