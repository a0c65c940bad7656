"""SAGAN: SNGAN's residual pair with self-attention, spectral norm in both (arXiv:1805.08318)."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from img2img.config.networks.samplers import SAGANSpec
from img2img.config.networks.whole_critics import SAGANCriticSpec
from img2img.networks.layers.self_attention import SelfAttention

from .sngan import SNGANCritic, SNGANGenerator


class SAGANGenerator(SNGANGenerator):
    """SNGAN's generator, which looks across the whole map where it has `attention` px."""

    def __init__(self, spec: SAGANSpec) -> None:
        super().__init__(spec)
        index = (spec.attention // 8).bit_length() - 1
        self.blocks[index] = Attentive(self.blocks[index], SelfAttention(spec.widths[index + 1], spec.norm))


class SAGANCritic(SNGANCritic):
    """SNGAN's critic, which looks across the whole map where it has `attention` px."""

    def __init__(self, spec: SAGANCriticSpec) -> None:
        super().__init__(spec)
        index = (spec.size // spec.attention).bit_length() - 2
        self.blocks[index] = Attentive(self.blocks[index], SelfAttention(spec.widths[index], spec.norm))


class Attentive(nn.Module):
    """A block, and then the attention on what it returns."""

    def __init__(self, block: nn.Module, attention: SelfAttention) -> None:
        super().__init__()
        self.block, self.attention = block, attention

    def forward(self, *inputs: Any) -> Tensor:
        looked: Tensor = self.attention(self.block(*inputs))
        return looked
