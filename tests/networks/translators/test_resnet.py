"""The residual generator: what it takes, how far it sees, and that pictures of a batch do not meet."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from img2img.config.networks.spec import Norm, Upsample
from img2img.config.networks.translators import ResnetSpec
from img2img.networks import apply_mode, build


@pytest.mark.parametrize("antialias", [False, True])
@pytest.mark.parametrize("upsample", ["deconv", "resize", "bilinear", "bilinear-zeros"])
@pytest.mark.parametrize(("downsamplings", "blocks"), [(0, 1), (1, 2), (2, 1)])
def test_it_sees_exactly_as_far_as_its_spec_says(
    upsample: Upsample, downsamplings: int, blocks: int, antialias: bool
) -> None:
    spec = ResnetSpec(
        width=1, blocks=blocks, downsamplings=downsamplings, norm="none", upsample=upsample, antialias=antialias
    )
    network = build(spec).double()
    with torch.no_grad():  # all positive, so that no ReLU hides a path, and small, so that tanh does not saturate
        for parameter in network.parameters():
            parameter.fill_(1 / parameter[0].numel() if parameter.dim() == 4 else 0.0)
    radius, step = spec.needs.radius, spec.needs.multiple_of
    assert radius is not None
    side = -(-2 * (radius + step + 3) // step) * step
    image = torch.full((1, 3, side, side), 0.1, dtype=torch.float64, requires_grad=True)
    result = network(image)
    middle = side // 2
    # Which side reaches furthest depends on where between two coarse pixels an output lies: try all places.
    reaches = [_reach(result, image, middle + offset) for offset in range(step)]
    assert max(reaches) == radius


def _reach(result: Tensor, image: Tensor, at: int) -> int:
    """How far from row `at` the furthest pixel lies that the output there depends on, px."""
    (slope,) = torch.autograd.grad(result[0, 0, at, at], image, retain_graph=True)
    rows = slope[0].abs().sum((0, 2)).nonzero().flatten()
    assert rows.min() > 0 and rows.max() < image.shape[2] - 1, "the picture is too small to tell"
    return max(at - int(rows.min()), int(rows.max()) - at)


@pytest.mark.parametrize("antialias", [False, True])
@pytest.mark.parametrize("upsample", ["deconv", "resize", "bilinear", "bilinear-zeros"])
def test_every_size_that_the_spec_allows_comes_back(upsample: Upsample, antialias: bool) -> None:
    spec = ResnetSpec(input_channels=1, output_channels=4, width=2, blocks=1, upsample=upsample, antialias=antialias)
    network = build(spec)
    smallest, step = spec.needs.minimum, spec.needs.multiple_of
    for height, width in ((smallest, smallest), (smallest + step, 5 * step)):
        result = network(torch.randn(2, 1, height, width))
        assert result.shape == (2, 4, height, width)
        assert result.abs().max() <= 1


@pytest.mark.parametrize("norm", ["none", "instance", "batch", "batch-stat"])
def test_a_result_does_not_depend_on_the_rest_of_the_batch(norm: Norm) -> None:
    torch.manual_seed(0)
    network = apply_mode(build(ResnetSpec(width=4, blocks=1, norm=norm)))
    images = torch.rand(3, 3, 16, 24) * 2 - 1
    with torch.no_grad():
        torch.testing.assert_close(network(images)[1:2], network(images[1:2]), rtol=0, atol=1e-5)


def test_its_gradients_survive_the_in_place_activations() -> None:
    torch.manual_seed(0)
    network = build(ResnetSpec(width=1, blocks=2, downsamplings=1, norm="batch-stat")).double()
    image = torch.randn(1, 3, 4, 4, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(network, image, fast_mode=True)
