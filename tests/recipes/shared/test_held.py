"""A network that measures and does not learn."""

from __future__ import annotations

import torch
from torch import nn

from img2img.recipes.shared.held import held


def test_gradients_pass_through_and_none_is_left_in_the_weights() -> None:
    network, picture = nn.Linear(3, 2), torch.rand(4, 3, requires_grad=True)
    given = held(network)(picture)
    assert torch.equal(given, network(picture))
    given.sum().backward()
    assert network.weight.grad is None and network.weight.requires_grad
    torch.testing.assert_close(picture.grad, network.weight.detach().sum(0).expand(4, 3))
