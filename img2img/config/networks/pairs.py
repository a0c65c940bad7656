"""Generators from noise and the critics set against them: what `--network` names. A new pair is a row of PAIRS."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .samplers import (
    DCGANSpec,
    InfoGANSpec,
    LapganSpec,
    MLPGeneratorSpec,
    ProgressiveSpec,
    SAGANSpec,
    SamplerSpec,
    SNDCGANSpec,
    SNGANSpec,
    StyleGANSpec,
)
from .whole_critics import (
    DCGANCriticSpec,
    InfoGANCriticSpec,
    MaxoutSpec,
    ProgressiveCriticSpec,
    SAGANCriticSpec,
    SNDCGANCriticSpec,
    SNGANCriticSpec,
    StyleGANCriticSpec,
)

NetworkName = Literal["mlp", "infogan", "dcgan", "sndcgan", "sngan", "sagan", "stylegan", "lapgan", "progressive"]
CriticName = Literal[NetworkName, "autoencoder"]


PairedCriticSpec = (
    MaxoutSpec
    | InfoGANCriticSpec
    | DCGANCriticSpec
    | SNDCGANCriticSpec
    | SNGANCriticSpec
    | SAGANCriticSpec
    | StyleGANCriticSpec
    | ProgressiveCriticSpec
)


@dataclass(frozen=True)
class Pair:
    """A generator, and the critic that its paper sets against it."""

    generator: type[SamplerSpec]
    critic: type[PairedCriticSpec]


PAIRS: dict[NetworkName, Pair] = {
    "mlp": Pair(MLPGeneratorSpec, MaxoutSpec),
    "infogan": Pair(InfoGANSpec, InfoGANCriticSpec),
    "dcgan": Pair(DCGANSpec, DCGANCriticSpec),
    "sndcgan": Pair(SNDCGANSpec, SNDCGANCriticSpec),
    "sngan": Pair(SNGANSpec, SNGANCriticSpec),
    "sagan": Pair(SAGANSpec, SAGANCriticSpec),
    "stylegan": Pair(StyleGANSpec, StyleGANCriticSpec),
    # Two convolutions and a dense layer, like the paper's; one for each picture of the chain.
    "lapgan": Pair(LapganSpec, InfoGANCriticSpec),
    "progressive": Pair(ProgressiveSpec, ProgressiveCriticSpec),
}
