from __future__ import annotations

import pytest
import torch

from img2img.data.damage.filters import blurred, convolved_circularly, filtered, gaussians, ringing, sharpened, sincs


def column(*values: float) -> torch.Tensor:
    return torch.tensor(values).view(-1, 1, 1, 1)


@pytest.fixture(autouse=True)
def _seed() -> None:
    torch.manual_seed(0)


def test_kernels_have_the_deviations_asked_for() -> None:
    kernels = gaussians(column(2.0, 1.0), column(1.0, 3.0), column(0.0, torch.pi / 2), radius=12).double()
    places = torch.arange(-12.0, 13.0, dtype=torch.float64)
    across, down = kernels.sum(2)[:, 0], kernels.sum(3)[:, 0]
    assert (kernels.sum((1, 2, 3)) - 1).abs().max() < 1e-6
    assert ((across * places**2).sum(1) - torch.tensor([4.0, 9.0])).abs().max() < 0.02  # turned by 90 degrees
    assert ((down * places**2).sum(1) - torch.tensor([1.0, 1.0])).abs().max() < 0.02


def test_each_picture_has_its_own_kernel() -> None:
    kernels = torch.zeros(2, 1, 3, 3)
    kernels[0, 0, 1, 1] = 1  # itself
    kernels[1, 0, 1, 0] = 1  # moved to the left
    pictures = torch.rand(2, 3, 6, 6)
    found = filtered(pictures, kernels)
    assert (found[0] - pictures[0]).abs().max() < 1e-6
    assert (found[1, :, :, :-1] - pictures[1, :, :, 1:]).abs().max() < 1e-6
    assert (found[1, :, :, -1] - pictures[1, :, :, -1]).abs().max() < 1e-6


def test_blur_smooths_and_keeps_the_mean() -> None:
    point = torch.zeros(20, 1, 31, 31)
    point[:, :, 15, 15] = 1
    found = blurred(point, torch.linspace(0.2, 1, 20).view(-1, 1, 1, 1), most=2.0)
    assert (found.sum((1, 2, 3)) - 1).abs().max() < 1e-5
    peaks = found.amax((1, 2, 3))
    assert peaks.max() < 1 and len(peaks.unique()) == 20
    symmetric = (found - found.mT).abs().amax((1, 2, 3)) < 1e-6
    assert 3 <= symmetric.sum() <= 17  # half of them are isotropic


def test_no_amount_is_no_blur_and_more_is_more() -> None:
    pictures = torch.rand(6, 3, 17, 23)
    assert (blurred(pictures, torch.zeros(6, 1, 1, 1), most=2.0) - pictures).abs().max() < 1e-6
    little, much = (blurred(pictures, torch.full((6, 1, 1, 1), amount), most=2.0).std() for amount in (0.2, 1.0))
    assert much < little < pictures.std()


@pytest.mark.parametrize("radius", [3, 10])
def test_a_sinc_lets_the_mean_pass_and_stops_what_is_finer(radius: int) -> None:
    kernels = sincs(column(torch.pi, torch.pi / 3), radius).double()
    assert (kernels.sum((1, 2, 3)) - 1).abs().max() < 1e-6
    assert (kernels - kernels.mT).abs().max() < 1e-7
    assert kernels[1].min() < 0  # what rings
    middle = kernels[1, 0, radius, radius] / kernels[1, 0, radius, radius + 1]
    closed = (torch.pi / 3) / 2 / torch.special.bessel_j1(torch.tensor(torch.pi / 3, dtype=torch.float64))
    assert abs(middle - closed) < 1e-3  # c J1(c r) / r tends to c c / 2
    stripes = torch.ones(1, 1, 48, 48)
    stripes[..., ::2] = -1
    if radius == 10:
        assert filtered(stripes, kernels[1:].float())[..., 12:-12, 12:-12].abs().max() < 0.05


def test_ringing_leaves_rings_beside_an_edge() -> None:
    edge = torch.full((1, 3, 40, 40), 0.25)
    edge[..., 20:] = 0.75
    found = ringing(edge, column(1.0), lowest=0.35)
    assert found.max() > 0.76 and found.min() < 0.24
    assert (ringing(edge, column(1.0), 0.9) - edge).abs().mean() < (found - edge).abs().mean()


def test_sharpening_leaves_the_flat_and_overshoots_edges() -> None:
    flat = torch.full((2, 3, 20, 20), 0.3)
    assert (sharpened(flat, column(1.0, 0.5), most=1.5, widest=2.0) - flat).abs().max() < 1e-6
    edge = torch.full((1, 1, 40, 40), 0.25)
    edge[..., 20:] = 0.75
    found = sharpened(edge, column(1.0), most=1.0, widest=0.5)
    beside = torch.exp(torch.tensor([-2.0, -8.0, -18.0]))  # a Gaussian of 0.5 px at the distances 1, 2, 3 px
    weight = float(beside.sum() / (1 + 2 * beside.sum()))
    assert abs(found.max() - (0.75 + 0.5 * weight)) < 1e-3  # the share of the kernel over the edge
    assert torch.equal(found.clamp(0.1, 0.9).argmax(-1).unique(), torch.tensor([20]))
    assert (sharpened(edge, column(0.0), most=1.5, widest=2.0) - edge).abs().max() < 1e-6


@pytest.mark.parametrize("side", [16, 15, 3])
def test_a_kernel_goes_around_only_where_it_is_asked_to(side: int) -> None:
    kernel = torch.zeros(1, 1, 5, 5)
    kernel[..., 2, 0] = 1  # moved two to the left
    pictures = torch.rand(1, 2, side, side)
    around_side = torch.nn.functional.pad(pictures, (0, -side % 16, 0, -side % 16))
    assert (convolved_circularly(pictures, kernel) - around_side.roll(-2, 3)[..., :side, :side]).abs().max() < 1e-6
    inside = filtered(pictures, kernel)
    assert (inside[..., -2:] - pictures[..., -1:]).abs().max() < 1e-6
