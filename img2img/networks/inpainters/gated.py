"""The inpainter of DeepFill v2: gated convolutions in two stages (arXiv:1806.03589, sections 3.1 and 3.3)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn.functional import elu, glu, max_pool2d

from img2img.config.networks.inpainters import GatedSpec
from img2img.networks.layers.contextual_attention import ContextualAttention
from img2img.networks.layers.upsampling import doubling

from .inpainter import Inpainter, blanked

DILATIONS = (2, 4, 8, 16)
"""Of the four convolutions at a quarter of the size: they see 120 px to each side."""

QUARTER = 4
"""How many times smaller the maps are in the middle."""

Activation = Callable[[Tensor], Tensor]


class GatedInpainter(Inpainter):
    """A coarse network fills the hole; a second one refines that, and copies from the known part where it can.

    (N, channels + 1, H, W) -> (N, channels, H, W) in [-1, 1]; H and W as `spec.needs` says.
    """

    def __init__(self, spec: GatedSpec) -> None:
        super().__init__()
        width = spec.width // 2
        self.coarse = nn.Sequential(
            _down(spec.channels + 1, width, 2 * width, 4 * width),
            _gated(4 * width, 4 * width),
            _dilated(4 * width),
            _up(4 * width, width, spec.channels),
        )
        self.refine = Refinement(spec) if spec.stages == 2 else None

    def stages(self, masked: Tensor) -> list[Tensor]:
        known, mask = blanked(masked)
        coarse = self.coarse(torch.cat([known, mask], dim=1))
        if self.refine is None:
            return [coarse]
        return [coarse, self.refine(known + coarse * mask, mask)]


class Refinement(nn.Module):
    """The second stage: a branch that invents, and one with contextual attention that copies, if the spec wants it.

    A filled picture (N, channels, H, W) and its mask (N, 1, H, W) -> (N, channels, H, W).
    """

    def __init__(self, spec: GatedSpec) -> None:
        super().__init__()
        width = spec.width // 2
        self.invent = nn.Sequential(
            _down(spec.channels + 1, width, width, 2 * width), _gated(4 * width, 4 * width), _dilated(4 * width)
        )
        self.copy = Copying(spec.channels + 1, width) if spec.attention else None
        self.up = _up((8 if spec.attention else 4) * width, width, spec.channels)

    def forward(self, filled: Tensor, mask: Tensor) -> Tensor:
        both = torch.cat([filled, mask], dim=1)
        features = self.invent(both)
        if self.copy is not None:
            features = torch.cat([features, self.copy(both)], dim=1)
        result: Tensor = self.up(features)
        return result


class Copying(nn.Module):
    """Features of a filled picture, those in its hole replaced by what resembles them outside.

    (N, inputs, H, W), the mask last -> (N, 4 * width, H / 4, W / 4).
    """

    def __init__(self, inputs: int, width: int) -> None:
        super().__init__()
        self.look = nn.Sequential(
            _down(inputs, width, width, 4 * width), _gated(4 * width, 4 * width, activation=torch.relu)
        )
        self.attention = ContextualAttention()
        self.leave = nn.Sequential(_gated(4 * width, 4 * width), _gated(4 * width, 4 * width))

    def forward(self, filled: Tensor) -> Tensor:
        touched = max_pool2d(filled[:, -1:], QUARTER)
        result: Tensor = self.leave(self.attention(self.look(filled), touched))
        return result


class Gated(nn.Module):
    """A layer half of whose channels open or close the other half: activation(features) * sigmoid(gates) (eq. 3).

    layer: gives features and gates, (N, 2 C, H, W); together (N, C, H, W).
    """

    def __init__(self, layer: nn.Module, activation: Activation) -> None:
        super().__init__()
        self.layer = layer
        self.activation = activation

    def forward(self, image: Tensor) -> Tensor:
        mixed = self.layer(image)
        if self.activation is elu and mixed.device.type not in ("cpu", "mps") and not torch.compiler.is_compiling():
            return elu_gated(mixed)
        features, gates = mixed.chunk(2, dim=1)
        return self.activation(features) * torch.sigmoid(gates)


def elu_gated(mixed: Tensor) -> Tensor:
    """elu(features) * sigmoid(gates) in five launches, backward pass included, in place of eight.

    mixed: features, then gates, (N, 2 C, H, W), overwritten -> (N, C, H, W). The gradient has no gradient.
    """
    result: Tensor = _EluGated.apply(mixed)[0]
    return result


class _EluGated(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, mixed: Tensor) -> tuple[Tensor, Tensor]:
        elu(_features(mixed), inplace=True)
        ctx.mark_dirty(mixed)
        ctx.set_materialize_grads(False)
        ctx.save_for_backward(mixed)
        return glu(mixed, dim=1), mixed

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, slope: Tensor, _: None) -> Tensor:
        (mixed,) = ctx.saved_tensors
        slopes = torch.empty_like(mixed)  # in its memory layout
        torch.ops.aten.glu_backward.grad_input(slope, mixed, 1, grad_input=slopes)
        features = _features(slopes)
        features.copy_(torch.ops.aten.elu_backward(features, 1, 1, 1, True, _features(mixed)))
        return slopes


def _features(mixed: Tensor) -> Tensor:
    return mixed.narrow(1, 0, mixed.shape[1] // 2)


def _gated(
    inputs: int, outputs: int, kernel: int = 3, stride: int = 1, dilation: int = 1, activation: Activation = elu
) -> Gated:
    padding = dilation * (kernel // 2)
    return Gated(nn.Conv2d(inputs, 2 * outputs, kernel, stride, padding, dilation), activation)


def _doubled(inputs: int, outputs: int) -> Gated:
    return Gated(doubling("resize", inputs, 2 * outputs, kernel=3, bias=True), elu)


def _down(inputs: int, width: int, half: int, quarter: int) -> nn.Sequential:
    """To a quarter of the size, 4 * width channels; half, quarter: channels of the two strided convolutions."""
    return nn.Sequential(
        _gated(inputs, width, kernel=5),
        _gated(width, half, stride=2),
        _gated(half, 2 * width),
        _gated(2 * width, quarter, stride=2),
        _gated(quarter, 4 * width),
    )


def _dilated(channels: int) -> nn.Sequential:
    return nn.Sequential(*(_gated(channels, channels, dilation=dilation) for dilation in DILATIONS))


def _up(inputs: int, width: int, channels: int) -> nn.Sequential:
    """From a quarter of the size to the picture."""
    return nn.Sequential(
        _gated(inputs, 4 * width),
        _gated(4 * width, 4 * width),
        _doubled(4 * width, 2 * width),
        _gated(2 * width, 2 * width),
        _doubled(2 * width, width),
        _gated(width, width // 2),
        nn.Conv2d(width // 2, channels, 3, padding=1),
        nn.Tanh(),
    )
