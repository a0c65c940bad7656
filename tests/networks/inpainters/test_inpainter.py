"""What holds for every inpainter: sizes, what it may see, how far it sees, and that pictures of a batch do not meet."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from img2img.config.networks.inpainters import ContextEncoderSpec, GatedSpec, InpainterSpec, LightInpaintSpec
from img2img.networks import apply_mode, build, count_parameters
from img2img.networks.inpainters.inpainter import Inpainter

SMALL: dict[str, InpainterSpec] = {
    "context encoder": ContextEncoderSpec(width=2, size=32),
    "context encoder, dense": ContextEncoderSpec(width=2, size=16, bottleneck=8, upsample="deconv"),
    "gated": GatedSpec(width=4),
    "gated, without attention": GatedSpec(width=4, attention=False),
    "gated, coarse": GatedSpec(width=4, stages=1),
    "light": LightInpaintSpec(width=4, blocks=2, slope=0.2),
    "light, with noise": LightInpaintSpec(width=4, blocks=2, slope=0.2, noise=True),
}


def lively(name: str, channels: int = 3) -> Inpainter:
    """The network, at apply time, with nothing left at the zeros that it may begin with."""
    torch.manual_seed(0)
    network = build(SMALL[name].model_copy(update={"channels": channels}))
    assert isinstance(network, Inpainter)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))
    apply_mode(network)
    return network


def sizes(spec: InpainterSpec) -> list[tuple[int, int]]:
    """The smallest, and an oblong one where the spec allows any but the smallest."""
    least, step, most = spec.needs.minimum, spec.needs.multiple_of, spec.needs.maximum
    return [(least, least)] if most == least else [(least, least), (least + step, 5 * step)]


def pictures(height: int, width: int, count: int = 2, channels: int = 3) -> Tensor:
    """Random pictures, and beside each the mask of a rectangle in it."""
    masked = torch.rand(count, channels + 1, height, width) * 2 - 1
    masked[:, -1] = 0
    masked[:, -1, height // 4 : height // 2 + 1, width // 2 :] = 1
    return masked


@pytest.mark.parametrize("name", SMALL)
@pytest.mark.parametrize("channels", [1, 3])
def test_every_size_that_the_spec_allows_comes_back(name: str, channels: int) -> None:
    network = lively(name, channels)
    for height, width in sizes(SMALL[name]):
        masked = pictures(height, width, channels=channels)
        stages = network.stages(masked)
        assert {stage.shape for stage in stages} == {(2, channels, height, width)}
        assert len(stages) == (2 if isinstance(spec := SMALL[name], GatedSpec) and spec.stages == 2 else 1)
        assert torch.equal(network(masked), stages[-1])
        if not name.startswith("light"):
            assert max(stage.abs().max() for stage in stages) <= 1


@pytest.mark.parametrize("name", SMALL)
@pytest.mark.parametrize("hole", ["none", "some", "all"])
def test_nothing_of_the_hole_leaks(name: str, hole: str) -> None:
    network = lively(name)
    side = max(SMALL[name].needs.minimum, 16)
    masked = pictures(side, side)
    if hole != "some":
        masked[:, -1] = float(hole == "all")
    mask = masked[:, -1:]
    other = masked.clone()
    other[:, :-1] = torch.where(mask > 0, torch.rand_like(other[:, :-1]), other[:, :-1])
    with torch.no_grad():
        first, second = network.stages(masked), network.stages(other)
    assert all(torch.equal(one, two) and one.isfinite().all() for one, two in zip(first, second, strict=True))


@pytest.mark.parametrize("name", SMALL)
def test_the_known_part_and_the_mask_are_both_seen(name: str) -> None:
    network = lively(name)
    side = max(SMALL[name].needs.minimum, 16)
    masked = pictures(side, side).requires_grad_()
    mask = masked[:, -1] > 0
    (slope,) = torch.autograd.grad(network(masked)[:, 0][mask].sum(), masked)
    known = slope[:, :-1].abs().amax(1)
    assert not known[mask].any() and known[~mask].any()
    assert slope[:, -1][mask].any()


@pytest.mark.parametrize("name", SMALL)
def test_every_weight_learns(name: str) -> None:
    network = lively(name).train()
    side = SMALL[name].needs.maximum or 32
    torch.stack([stage.square().mean() for stage in network.stages(pictures(side, side))]).sum().backward()
    for label, parameter in network.named_parameters():
        assert parameter.grad is not None and parameter.grad.isfinite().all() and parameter.grad.any(), label


@pytest.mark.parametrize("name", SMALL)
def test_a_result_does_not_depend_on_the_rest_of_the_batch(name: str) -> None:
    network = lively(name)
    side = max(SMALL[name].needs.minimum, 16)
    masked = pictures(side, side, count=3)
    masked[0, -1, :4] = 1
    with torch.no_grad():
        torch.testing.assert_close(network(masked)[1:2], network(masked[1:2]), rtol=0, atol=1e-5)


@pytest.mark.parametrize("name", SMALL)
def test_its_gradients_survive_the_in_place_steps(name: str) -> None:
    network = lively(name, channels=1).double()
    side = max(SMALL[name].needs.minimum, 8)
    masked = pictures(side, side, count=1, channels=1).double()
    mask = masked[:, -1:].clone()
    picture = masked[:, :-1].clone().requires_grad_()
    assert torch.autograd.gradcheck(lambda it: network(torch.cat([it, mask], 1)), picture, fast_mode=True)


@pytest.mark.parametrize("stages", [1, 2])
def test_it_sees_exactly_as_far_as_its_spec_says(stages: int) -> None:
    spec = GatedSpec(channels=1, width=4, stages=stages, attention=False)
    network = build(spec).double()
    with torch.no_grad():  # all positive, so that no two ways cancel, and small, so that no gate saturates
        for parameter in network.parameters():
            parameter.fill_(1 / parameter[0].numel() if parameter.dim() == 4 else 0.0)
    radius, step = spec.needs.radius, spec.needs.multiple_of
    assert radius is not None
    side = -(-2 * (radius + step + 3) // step) * step
    masked = torch.full((1, 2, side, step), 0.1, dtype=torch.float64)
    masked[:, 1] = 0.5  # half open: the second stage sees the picture, and what the first one made of it
    masked.requires_grad_()
    result = network(masked)
    reaches = []
    for at in range(side // 2, side // 2 + step):  # which side reaches furthest depends on the place in a 4x4 square
        (slope,) = torch.autograd.grad(result[0, 0, at, 0], masked, retain_graph=True)
        rows = slope[0].abs().sum((0, 2)).nonzero().flatten()
        assert rows.min() > 0 and rows.max() < side - 1, "the picture is too small to tell"
        reaches.append(max(at - int(rows.min()), int(rows.max()) - at))
    assert max(reaches) == radius


def test_tiles_that_overlap_by_the_radius_give_what_the_whole_gives() -> None:
    spec = GatedSpec(channels=1, width=4, stages=1, attention=False)
    assert spec.needs.exact_tiling and spec.needs.radius == 153
    network = lively("gated, coarse", channels=1)
    masked = pictures(328, 8, count=1, channels=1)
    with torch.no_grad():
        whole, upper = network(masked), network(masked[:, :, :164])
    torch.testing.assert_close(upper[:, :, :8], whole[:, :, :8], rtol=0, atol=1e-6)
    assert (upper[:, :, -8:] - whole[:, :, 156:164]).abs().max() > 1e-4


@pytest.mark.parametrize(("name", "side"), [("context encoder", 32), ("context encoder, dense", 16), ("light", 256)])
def test_some_see_all_of_a_picture_and_say_so(name: str, side: int) -> None:
    assert SMALL[name].needs.radius is None and not SMALL[name].needs.exact_tiling
    masked = pictures(side, side, count=1)
    masked[:, -1] = 1
    masked[:, -1, -1, -1] = 0  # the one pixel that is known
    masked.requires_grad_()
    (slope,) = torch.autograd.grad(lively(name)(masked)[0, 0, 0, 0], masked)
    assert slope[0, :-1, -1, -1].any()


@pytest.mark.parametrize(
    ("spec", "millions"),
    [
        (GatedSpec(), 4.1),  # arXiv:1806.03589, section 4.2
        (LightInpaintSpec(), 2.0),
        (ContextEncoderSpec(bottleneck=4000), 70.0),
    ],
)
def test_networks_are_as_large_as_they_should_be(spec: InpainterSpec, millions: float) -> None:
    assert round(count_parameters(spec) / 1e6, 1) == millions
