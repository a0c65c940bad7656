"""SAGAN: SNGAN's residual networks with self-attention, spectral norm in both (arXiv:1805.08318)."""

from __future__ import annotations

from img2img.config.networks import SAGANCriticSpec

from .self_attention import SelfAttention
from .sngan import SNGANCritic


class SAGANCritic(SNGANCritic):
    """SNGAN's critic, which looks across the whole map once it is halved `attention` times.

    Shapes as there.
    """

    def __init__(self, spec: SAGANCriticSpec) -> None:
        super().__init__(spec)
        attentive = spec.attention
        self.blocks.insert(attentive, SelfAttention(spec.widths[attentive - 1], spec.norm))
