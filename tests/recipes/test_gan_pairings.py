"""Every network with every game, by the settings that the two stand for: it can be played, with a step of each side."""

from __future__ import annotations

from typing import Any, get_args

import pytest
import torch
from torch import Tensor, nn

from img2img.config.networks.pairs import NetworkName
from img2img.config.sections.objective import GameName
from img2img.config.toml import resolve
from img2img.config.train.gan import GanConfig
from img2img.data.sides import Sides
from img2img.recipes.gan import Gan
from img2img.training.launch import initialise_all

SIZE = {"dcgan": 28}
"""Side of the pictures, px; 16 for those that are not here."""

EVERYTHING = [(network, game) for network in get_args(NetworkName) for game in get_args(GameName)]


def made(network: str, game: str = "non-saturating", width: int = 2, **options: Any) -> Gan:
    """The recipe on grey pictures, with networks so many channels wide; at least 8 where 2 are too few.

    SAGAN's attention has an eighth, and two units of a dense layer may both be off.
    """
    width = max(width, 8) if network in ("sagan", "mlp") else width
    asked: dict[str, dict[str, Any]] = {
        "data": {"size": SIZE.get(network, 16)},
        "networks": {"network": network, "width": width, "critic_width": width, "latent": 3},
        "objective": {"game": game},
        "optimisation": options,
    }
    config = resolve(GanConfig, GanConfig.starting_point(None, asked), asked)
    torch.manual_seed(0)
    recipe = Gan(config, Sides({"real": 1}))
    initialise_all(recipe, config.optimisation.initial_std)
    return recipe


def slopes(terms: dict[str, Tensor], network: nn.Module) -> list[Tensor]:
    found = torch.autograd.grad(sum(terms.values()), list(network.parameters()), allow_unused=True)  # type: ignore[arg-type]
    return [slope for slope in found if slope is not None]


@pytest.mark.parametrize(("network", "game"), EVERYTHING)
def test_every_network_plays_every_game(network: str, game: str) -> None:
    recipe = made(network, game)
    side = SIZE.get(network, 16)
    batch = {"real": torch.rand(4, 1, side, side) * 2 - 1, "latent": torch.randn(4, 3)}
    for terms, player in (
        (recipe.critic_terms(batch, recipe.play(batch)), nn.ModuleDict(recipe.adversaries)),
        (recipe.generator_terms(batch, recipe.play(batch)), recipe.generators),
    ):
        moved = slopes(terms, player)
        assert all(slope.isfinite().all() for slope in moved)
        assert any(slope.abs().max() > 0 for slope in moved)


@pytest.mark.parametrize(("network", "own"), [("dcgan", False), ("sndcgan", False), ("sngan", True), ("sagan", True)])
def test_first_weights_are_the_networks_papers(network: str, own: bool) -> None:
    """N(0, 0.02), or Glorot's, which is uniform: its largest weight is sqrt(3) standard deviations."""
    recipe = made(network, width=16)
    for part in (recipe.generators, nn.ModuleDict(recipe.adversaries)):
        convolutions = [m for m in part.modules() if isinstance(m, nn.Conv2d | nn.ConvTranspose2d)]
        convolution = max(convolutions, key=lambda layer: layer.weight.numel())
        bare = getattr(convolution, "parametrizations", None)
        weight = (bare.weight.original if bare else convolution.weight).detach()  # type: ignore[union-attr]
        spread = weight.std().item()
        if own:
            assert spread > 0.05 and weight.abs().max() <= 3**0.5 * 1.2 * spread
        else:
            assert spread == pytest.approx(0.02, rel=0.3) and weight.abs().max() > 3**0.5 * 1.2 * spread


def test_asking_for_first_weights_overrules_the_papers() -> None:
    recipe = made("sngan", initial_std=0.3)
    dense = next(m for m in recipe.generators.modules() if isinstance(m, nn.Linear))
    assert dense.weight.std().item() == pytest.approx(0.3, rel=0.3)
