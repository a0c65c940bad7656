"""Path length, where the derivative is known."""

from __future__ import annotations

import torch

from img2img.adversarial.path_length import path_length_cost, path_lengths


def test_of_an_orthonormal_map_it_is_the_noise_itself() -> None:
    torch.manual_seed(0)
    styles = torch.randn(500, 1, 64, requires_grad=True)
    turn, _ = torch.linalg.qr(torch.randn(64, 64))
    pictures = 3 * (styles[:, 0] @ turn).view(500, 1, 8, 8)
    lengths = path_lengths(pictures, styles)
    # 64 numbers of variance 1 / 64, turned: their length is 1 on the average of squares.
    assert lengths.shape == (500,)
    assert abs(lengths.square().mean().item() - 9) < 0.3


def test_layers_are_averaged() -> None:
    torch.manual_seed(0)
    styles = torch.randn(2000, 2, 1, requires_grad=True)
    # d/ds = (2, 4) times y, of variance 1: mean squares (4 + 16) / 2.
    pictures = (styles[:, 0] * 2 + styles[:, 1] * 4).view(-1, 1, 1, 1)
    assert abs(path_lengths(pictures, styles).square().mean().item() - 10) < 1


def test_the_cost_is_the_spread_around_a_running_mean() -> None:
    mean = torch.tensor(1.0)
    lengths = torch.tensor([2.0, 4.0], requires_grad=True)
    cost = path_length_cost(lengths, mean, decay=0.5)
    assert mean.item() == 2.0
    assert cost.item() == 2.0
    cost.backward()
    assert lengths.grad is not None and lengths.grad.tolist() == [0.0, 2.0]


def test_the_cost_reaches_the_weights_of_what_made_the_pictures() -> None:
    torch.manual_seed(0)
    weight = torch.randn(4, 9, requires_grad=True)
    styles = torch.randn(2, 1, 4, requires_grad=True)
    pictures = torch.tanh(styles[:, 0] @ weight).view(2, 1, 3, 3)
    path_length_cost(path_lengths(pictures, styles), torch.zeros(())).backward()
    assert weight.grad is not None and weight.grad.any()


def test_by_default_the_running_mean_moves_by_a_hundredth() -> None:
    mean = torch.tensor(1.0)
    path_length_cost(torch.tensor([2.0, 4.0]), mean)
    assert abs(mean.item() - 1.02) < 1e-6
