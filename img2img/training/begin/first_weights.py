"""First weights from elsewhere: a run that goes on from what another one, or a shipped file, has learnt."""

from __future__ import annotations

from torch import nn

from img2img.config.base import Refusal
from img2img.config.card import NetworkCard
from img2img.recipes.recipe import Recipe
from img2img.weights.files import load
from img2img.weights.find import find

ENOUGH = 1 / 3
"""Share of a network's numbers that have to come from the file: its body, where the head is another one."""


def start_from(recipe: Recipe, model: str) -> str:
    """Gives the recipe's generators the weights of `model`: a file, a run's folder, or a shipped name.

    What fits in name and shape is taken, the rest stays as it is. Returns what that is, in a line; "" for nothing.
    Raises Refusal, naming what differs, where less than a third of a network fits; WeightsError where there is no file.
    """
    path = find(model, recipe.task)
    networks, card = load(path)
    wanted = recipe.network_cards()
    if card.networks.keys() != wanted.keys():
        raise Refusal(f"--start-from {path}: holds {', '.join(card.networks)}, and this run has {', '.join(wanted)}")
    left_out: list[str] = []
    for name, network in wanted.items():
        own, others = recipe.generators[name], networks[name]
        fits, numbers = _fitting(own, others)
        if numbers < ENOUGH * sum(tensor.numel() for tensor in own.state_dict().values()):
            faults = ", ".join(_differences(card.networks[name], network))
            raise Refusal(f"--start-from {path}: its network {name} has {faults}")
        held = others.state_dict()
        own.load_state_dict({key: held[key] for key in fits}, strict=False)
        left_out += [f"{name}.{key}" for key in own.state_dict() if key not in fits]
    return f"--start-from {path} has nothing that fits {', '.join(left_out)}: drawn anew" if left_out else ""


def _fitting(own: nn.Module, others: nn.Module) -> tuple[set[str], int]:
    """The tensors that both have in the same shape, and how many numbers they are."""
    held, asked = others.state_dict(), own.state_dict()
    fits = {key for key, tensor in asked.items() if key in held and held[key].shape == tensor.shape}
    return fits, sum(asked[key].numel() for key in fits)


def _differences(card: NetworkCard, wanted: NetworkCard) -> list[str]:
    held, asked = card.spec.model_dump(), wanted.spec.model_dump()
    return [f"{part} {held.get(part)}, not {value}" for part, value in asked.items() if held.get(part) != value]
