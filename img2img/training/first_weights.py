"""First weights from elsewhere: a run that goes on from what another one, or a shipped file, has learnt."""

from __future__ import annotations

from img2img.config.base import Refusal
from img2img.recipes.recipe import Recipe
from img2img.weights.files import load
from img2img.weights.find import find


def start_from(recipe: Recipe, model: str) -> None:
    """Gives the recipe's generators the weights of `model`: a file, a run's folder, or a shipped name.

    Raises Refusal, naming what differs, unless the networks are the same; WeightsError where there are none.
    """
    path = find(model, recipe.task)
    networks, card = load(path)
    wanted = recipe.network_cards()
    if card.networks.keys() != wanted.keys():
        raise Refusal(f"--start-from {path}: holds {', '.join(card.networks)}, and this run has {', '.join(wanted)}")
    for name, network in wanted.items():
        held, asked = card.networks[name].spec.model_dump(), network.spec.model_dump()
        faults = [f"{part} {held.get(part)}, not {value}" for part, value in asked.items() if held.get(part) != value]
        if faults:
            raise Refusal(f"--start-from {path}: its network {name} has {', '.join(faults)}")
    recipe.generators.load_state_dict(networks.state_dict())
