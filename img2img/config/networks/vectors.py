"""Specs of the networks on vectors, which the toy problems are played with."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from .spec import Spec


class MLPSpec(Spec):
    """Fully connected network on vectors (N, inputs) -> (N, outputs): the toy problems' generator and critic."""

    network: Literal["mlp"] = "mlp"
    inputs: int = Field(2, ge=1)
    outputs: int = Field(1, ge=1)
    width: int = Field(128, ge=1)
    hidden_layers: int = Field(3, ge=1)
    norm: Literal["none", "spectral", "batch"] = "none"
    minibatch: Literal["none", "std", "discrimination"] = "none"


class AutoencoderMLPSpec(Spec):
    """Energy critic on vectors: s = -|x - AE(x)|^exponent (EBGAN arXiv:1609.03126; BEGAN arXiv:1703.10717)."""

    network: Literal["autoencoder-mlp"] = "autoencoder-mlp"
    inputs: int = Field(2, ge=1)
    code: int = Field(2, ge=1)
    width: int = Field(128, ge=1)
    hidden_layers: int = Field(2, ge=1)
    exponent: Literal[1, 2] = 2


VectorSpec = MLPSpec | AutoencoderMLPSpec
