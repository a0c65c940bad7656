"""The mean absolute difference in half precision: as exact as its operands, with the right slope."""

from __future__ import annotations

import torch

from img2img.recipes.terms.mean_absolute import mean_absolute


def test_its_value_and_slope_are_l1s() -> None:
    found, wanted = torch.randn(2, 3, 5, 7, dtype=torch.float64, requires_grad=True), torch.randn(2, 3, 5, 7).double()
    assert abs(mean_absolute(found, wanted).item() - (found - wanted).abs().mean().item()) < 1e-6
    (slope,) = torch.autograd.grad(3 * mean_absolute(found, wanted), found)
    torch.testing.assert_close(slope, 3 * (found - wanted).sign() / found.numel(), rtol=1e-6, atol=0)


def test_in_bfloat16_it_is_summed_in_float32() -> None:
    found = (1 + torch.rand(1, 64, 64, 64)).bfloat16().requires_grad_()
    wanted = torch.rand(1, 64, 64, 64).bfloat16()
    exact = (found.float() - wanted.float()).abs().mean().item()
    made = mean_absolute(found, wanted)
    assert made.dtype == torch.float32 and abs(made.item() - exact) < 1e-3 * exact
    (slope,) = torch.autograd.grad(made, found)
    assert slope.dtype == torch.bfloat16 and abs(slope.float().abs().sum().item() - 1) < 0.01
