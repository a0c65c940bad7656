"""A network that measures, and is not to learn from what it measures."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor, nn
from torch.func import functional_call


def held(network: nn.Module) -> Callable[[Tensor], Tensor]:
    """The network as it is: gradients pass through it, and none is for its weights."""
    weights = {name: weight.detach() for name, weight in network.named_parameters()}

    def call(pictures: Tensor) -> Tensor:
        given: Tensor = functional_call(network, weights, (pictures,))
        return given

    return call
