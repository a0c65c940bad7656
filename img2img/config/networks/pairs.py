"""Generators from noise and the critics set against them: what `--network` names. A new pair is a row of PAIRS."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

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
    PairedCriticSpec,
    ProgressiveCriticSpec,
    SAGANCriticSpec,
    SNDCGANCriticSpec,
    SNGANCriticSpec,
    StyleGANCriticSpec,
)


@dataclass(frozen=True)
class Pair:
    """A generator, and the critic that its paper sets against it."""

    generator: type[SamplerSpec]
    critic: type[PairedCriticSpec]


PAIRS: dict[str, Pair] = {
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

if TYPE_CHECKING:
    NetworkName = str
    CriticName = str
else:
    NetworkName = Literal[tuple(PAIRS)]
    CriticName = Literal[tuple(PAIRS) + ("autoencoder",)]
