"""The translators by way of a content."""

from __future__ import annotations

from typing import Any

import torch

from img2img.config.networks.content import MunitSpec, UnitSpec
from img2img.networks import build


def test_a_style_scales_and_moves_every_map_of_the_decoder() -> None:
    """Its blocks' norms have mean and deviation of what the dense layers say: (arXiv:1703.06868, equation 8)."""
    torch.manual_seed(0)
    block: Any = build(MunitSpec(width=2, blocks=1)).decoder.blocks[0]
    slope, offset = torch.rand(1, 8) + 0.5, torch.randn(1, 8)
    made = block._normed(torch.randn(1, 8, 16, 16) * 3 + 1, torch.cat([slope, offset], dim=1))
    torch.testing.assert_close(made.mean(dim=(2, 3)), offset, rtol=0, atol=1e-4)
    torch.testing.assert_close(made.std(dim=(2, 3), correction=0), slope, rtol=1e-3, atol=0)


def test_the_whole_is_the_encoder_and_then_the_decoder() -> None:
    torch.manual_seed(0)
    network: Any = build(UnitSpec(width=2, blocks=1))
    picture = torch.rand(2, 3, 12, 20) * 2 - 1
    content = network.content(picture)
    assert content.shape == (2, 8, 3, 5)
    assert torch.equal(network(picture), network.decode(content)) and network(picture).shape == picture.shape
