"""Unrolled critics: the generator plays against the critic of some steps ahead (arXiv:1611.02163, equations 7-9)."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.func import functional_call

Loss = Callable[[Callable[..., Tensor]], Tensor]


def unrolled(critic: nn.Module, loss: Loss, steps: int, rate: float) -> Callable[..., Tensor]:
    """The critic as it would be after `steps` gradient steps on `loss`, differentiable through those steps.

    loss: takes a critic's forward and returns the scalar that the critic minimises; the fakes in it stay attached, so
    that the generator feels how the critic will answer.
    """
    weights = {name: weight.detach().requires_grad_(True) for name, weight in critic.named_parameters()}

    def play(current: dict[str, Tensor]) -> Callable[..., Tensor]:
        return lambda *inputs: functional_call(critic, current, inputs)

    with torch.enable_grad():
        for _ in range(steps):
            gradients = torch.autograd.grad(loss(play(weights)), list(weights.values()), create_graph=True)
            weights = {
                name: weight - rate * gradient
                for (name, weight), gradient in zip(weights.items(), gradients, strict=True)
            }
    return play(weights)
