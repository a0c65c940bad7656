"""The generators of super-resolution: what they take and give, how far they see, what they are before they learn."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from img2img.config.networks.upscalers import LightSRSpec, RRDBSpec, SRResNetSpec, UpscalerSpec
from img2img.networks import apply_mode, build
from img2img.networks.layers.upsampling import bicubic

SMALL = {
    "srresnet": SRResNetSpec(width=2, blocks=1),
    "srresnet without norm": SRResNetSpec(width=1, blocks=2, norm="none"),
    "rrdb": RRDBSpec(width=1, growth=1, blocks=1),
    "light": LightSRSpec(width=1, blocks=2),
    "light in steps": LightSRSpec(width=4, blocks=1, head="steps"),
}


@pytest.mark.parametrize("scale", [2, 3, 4])
@pytest.mark.parametrize("name", ["srresnet without norm", "rrdb", "light", "light in steps"])
def test_it_sees_exactly_as_far_as_its_spec_says(name: str, scale: int) -> None:
    spec = SMALL[name].model_copy(update={"scale": scale, "input_channels": 1, "output_channels": 1})
    network = build(spec).double()
    with torch.no_grad():  # all positive, so that no ReLU hides a path and no two cancel
        for parameter in network.parameters():
            parameter.fill_(1 / parameter[0].numel() if parameter.dim() == 4 else 0.5)
    radius, step = spec.needs.radius, spec.needs.multiple_of
    assert radius is not None
    side = -(-(2 * (radius + step) + 4) // step) * step
    low = torch.full((1, 1, side, side), 0.1, dtype=torch.float64, requires_grad=True)
    high = network(low)
    middle = side // 2 * scale
    # Which side reaches furthest depends on where in a low pixel, or a 2x2 square of them, an output lies.
    assert max(_reach(high, low, middle + offset, scale) for offset in range(step * scale)) == radius


def _reach(high: Tensor, low: Tensor, at: int, scale: int) -> int:
    """How far from the low pixel under row `at` the furthest one lies that the output there depends on, px."""
    (slope,) = torch.autograd.grad(high[0, 0, at, at], low, retain_graph=True)
    rows = slope[0].abs().sum((0, 2)).nonzero().flatten()
    assert rows.min() > 0 and rows.max() < low.shape[2] - 1, "the picture is too small to tell"
    return max(at // scale - int(rows.min()), int(rows.max()) - at // scale)


@pytest.mark.parametrize("scale", [2, 3, 4])
@pytest.mark.parametrize("name", SMALL)
def test_every_size_that_the_spec_allows_becomes_larger(name: str, scale: int) -> None:
    spec: UpscalerSpec = SMALL[name].model_copy(update={"scale": scale, "input_channels": 1, "output_channels": 2})
    network = apply_mode(build(spec))
    smallest, step = spec.needs.minimum, spec.needs.multiple_of
    for height, width in ((smallest, smallest), (smallest + step, 5 * step)):
        assert network(torch.randn(2, 1, height, width)).shape == (2, 2, height * scale, width * scale)


@pytest.mark.parametrize("name", SMALL)
def test_a_result_does_not_depend_on_the_rest_of_the_batch(name: str) -> None:
    torch.manual_seed(0)
    network = apply_mode(build(SMALL[name]))
    low = torch.rand(3, 3, 6, 8) * 2 - 1
    with torch.no_grad():
        torch.testing.assert_close(network(low)[1:2], network(low[1:2]), rtol=0, atol=1e-5)


@pytest.mark.parametrize("name", SMALL)
def test_its_gradients_survive_the_in_place_steps(name: str) -> None:
    torch.manual_seed(0)
    network = build(SMALL[name]).double()
    with torch.no_grad():  # away from the zeros that they may begin with
        for parameter in network.parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))
    low = torch.randn(1, 3, 4, 4, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(network, low, fast_mode=True)


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_bicubic_reproduces_parabolas(scale: int) -> None:
    """Cubic convolution with a = -1/2 is exact for them, with any other a it is not (Keys 1981, section IV)."""
    rows = torch.arange(12, dtype=torch.float64)
    low = (rows[:, None] ** 2 - 3 * rows[None, :])[None, None]
    places = (torch.arange(12 * scale, dtype=torch.float64) + 0.5) / scale - 0.5
    wanted = (places[:, None] ** 2 - 3 * places[None, :])[None, None]
    inner = slice(3 * scale, -3 * scale)
    torch.testing.assert_close(bicubic(low, scale)[..., inner, inner], wanted[..., inner, inner], rtol=0, atol=1e-9)


def test_the_light_one_begins_as_bicubic() -> None:
    low = torch.rand(2, 3, 5, 7) * 2 - 1
    torch.testing.assert_close(build(LightSRSpec(scale=3))(low), bicubic(low, 3), rtol=0, atol=0)


@pytest.mark.parametrize("scale", [1, 2, 3, 4])
def test_in_steps_it_begins_as_bicubic_and_what_is_flat_stays_flat(scale: int) -> None:
    torch.manual_seed(0)
    network = build(LightSRSpec(scale=scale, head="steps", width=8, blocks=1))
    low = torch.rand(2, 3, 5, 7) * 2 - 1
    wanted = low if scale == 1 else bicubic(low, scale)
    torch.testing.assert_close(network(low), wanted, rtol=0, atol=0)
    shuffling = build(LightSRSpec(scale=scale, width=8, blocks=1))
    spread = []
    for each in (network, shuffling):
        with torch.no_grad():
            for parameter in each.parameters():
                parameter.add_(0.2 * torch.randn_like(parameter))
            flat = each(torch.full((1, 3, 16, 16), 0.3))
        inner = flat[..., 6 * scale : -6 * scale, 6 * scale : -6 * scale]
        spread.append(float((inner - inner[..., :1, :1]).abs().max()))
    assert spread[0] < 1e-5 and (scale == 1 or spread[1] > 1e-2)
