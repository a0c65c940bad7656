"""Encoders that read numbers off pictures of any size."""

from __future__ import annotations

import pytest
import torch

from img2img.config.networks.encoders import EncoderSpec, ResidualEncoderSpec, StyleEncoderSpec
from img2img.networks import build


@pytest.mark.parametrize(
    "spec", [ResidualEncoderSpec(width=2, halvings=3, codes=6), StyleEncoderSpec(width=2, halvings=3, codes=6)]
)
def test_an_encoder_reads_pictures_of_any_size_that_halves(spec: EncoderSpec) -> None:
    torch.manual_seed(0)
    encoder = build(spec)
    assert encoder(torch.zeros(2, 3, 8, 24)).shape == (2, 6)
    one, other = encoder(torch.rand(2, 3, 16, 16))
    assert not torch.equal(one, other)
