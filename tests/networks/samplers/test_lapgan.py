"""LAPGAN: the pyramid is exact, the chain is its links one after another, each link is trained alone."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from img2img.config.networks.samplers import LapganSpec
from img2img.networks import build, count_parameters
from img2img.networks.layers.laplacian import pyramid, rebuilt, shrinking
from img2img.networks.layers.resample import doubled
from img2img.networks.samplers.lapgan import LapganGenerator

SPEC = LapganSpec(latent=7, size=32, width=2)


def generator(spec: LapganSpec = SPEC) -> LapganGenerator:
    torch.manual_seed(0)
    network = build(spec)
    assert isinstance(network, LapganGenerator)
    return network


@pytest.mark.parametrize("levels", [0, 1, 3])
def test_a_pyramid_is_rebuilt_exactly(levels: int) -> None:
    image = torch.rand(2, 3, 16, 24, dtype=torch.float64) * 2 - 1
    parts = pyramid(image, levels)
    assert [tuple(part.shape[2:]) for part in parts] == [(16 >> k, 24 >> k) for k in reversed(range(levels + 1))]
    torch.testing.assert_close(rebuilt(parts), image, rtol=0, atol=1e-14)


def test_a_flat_picture_has_no_details_and_a_pixel_is_the_mean_of_four() -> None:
    _, *details = pyramid(torch.full((1, 3, 16, 16), 0.7), 2)
    assert all(detail.abs().max() < 1e-6 for detail in details)
    image = torch.randn(1, 1, 4, 4)
    smallest = shrinking(image, 1)[0]
    torch.testing.assert_close(smallest[0, 0, 1, 0], image[0, 0, 2:4, 0:2].mean(), rtol=0, atol=1e-6)


@pytest.mark.parametrize("size", [16, 32, 64, 128, 256])
def test_sizes(size: int) -> None:
    spec = LapganSpec(latent=6, size=size, width=1)  # type: ignore[arg-type]
    with torch.no_grad():
        pictures = build(spec)(torch.randn(2, 6))
    assert pictures.shape == (2, 3, size, size) and pictures.abs().max() <= 1
    assert list(spec.critic_sides.values()) == [side for side in (8, 16, 32, 64, 128, 256) if side <= size]


def test_parameters_by_hand() -> None:
    # Of 7 numbers the links have 3, 2 and 2.
    smallest = (3 + 1) * 32 + 33 * 32 + 33 * 3 * 64
    convolutions = (4 * 25 + 1) * 2 + (2 * 25 + 1) * 2 + (2 * 25 + 1) * 3
    assert count_parameters(SPEC) == smallest + 3 * 16**2 + 3 * 32**2 + 2 * convolutions
    assert count_parameters(SPEC.model_copy(update={"classes": 5})) == count_parameters(SPEC) + 5 * (32 + 16**2 + 32**2)


def test_the_chain_is_its_links_on_their_own_pictures() -> None:
    network = generator()
    latent = torch.randn(4, 7)
    made = network(latent)
    # Shown the chain's own pictures as if they were real ones, each link answers as in the chain.
    smallest, *_ = network.fakes(
        latent, dict.fromkeys(network.critic_sides, torch.zeros(4, 3, 8, 8)) | seen(8, 16)
    ).values()
    middle = network.details[0](smallest, latent[:, 3:5])
    links = network.fakes(latent, {"px8": smallest, "px16": middle, "px32": made})
    torch.testing.assert_close(links["px16"], middle, rtol=0, atol=1e-6)
    torch.testing.assert_close(links["px32"].clamp(-1, 1), made, rtol=0, atol=1e-6)


def seen(*sides: int) -> dict[str, torch.Tensor]:
    return {f"px{side}": torch.randn(4, 3, side, side) for side in sides}


def test_links_hear_only_their_own_noise_and_see_only_the_picture_of_half_the_side() -> None:
    network = generator()
    reals = network.reals(torch.rand(4, 3, 32, 32) * 2 - 1)
    assert {name: tuple(image.shape) for name, image in reals.items()} == {
        name: (4, 3, side, side) for name, side in SPEC.critic_sides.items()
    }
    latent = torch.randn(4, 7)
    fakes = network.fakes(latent, reals)
    other = latent.clone()
    other[:, 3:5] += 1
    changed = {name for name, fake in network.fakes(other, reals).items() if not torch.equal(fake, fakes[name])}
    assert changed == {"px16"}
    moved = reals | {"px16": reals["px16"] + 0.1}
    changed = {name for name, fake in network.fakes(latent, moved).items() if not torch.equal(fake, fakes[name])}
    assert changed == {"px32"}


def test_details_are_added_to_the_enlarged_picture() -> None:
    details = generator().details[0]
    nn.init.zeros_(details.layers[-1].weight)
    nn.init.zeros_(details.layers[-1].bias)
    picture = torch.randn(2, 3, 8, 8)
    assert torch.equal(details(picture, torch.randn(2, 2)), doubled(picture))


def test_a_gradient_reaches_every_parameter() -> None:
    network = generator()
    fakes = network.fakes(torch.randn(4, 7), network.reals(torch.randn(4, 3, 32, 32)))
    torch.stack([fake.square().sum() for fake in fakes.values()]).sum().backward()
    assert [name for name, weight in network.named_parameters() if weight.grad is None or not weight.grad.any()] == []


def test_noise_must_serve_every_link() -> None:
    with pytest.raises(ValueError, match="3 links"):
        LapganSpec(latent=2, size=32)
