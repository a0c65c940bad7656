"""The models that a request may name: the shipped ones, and those of the runs; never a path."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

from img2img.config.base import UserError
from img2img.config.card import ModelCard
from img2img.config.shipped import SHIPPED
from img2img.weights.files import read_card
from img2img.weights.find import RUN_WEIGHTS, resolve_path, shipped

from .faults import Fault

TASKS = ("upscale", "inpaint", "translate")


@dataclass(frozen=True)
class Offer:
    """A model. name: what --model says. to: the domains that it leads to, where it has several. use: in a phrase."""

    name: str
    task: str
    to: tuple[str, ...]
    scale: int
    use: str


def offers(runs: Path) -> list[Offer]:
    """All of them, the shipped ones first, in the order of `weights list`. Weights that cannot be read are left out."""
    order = list(SHIPPED)
    names = sorted(shipped(), key=lambda name: (order.index(name) if name in SHIPPED else len(order), name))
    folders = sorted(str(path.parent) for path in runs.glob(f"*/{RUN_WEIGHTS}"))
    return [found for name in [*names, *folders] if (found := _offer(name))]


def require_offered(model: str | None, runs: Path) -> None:
    """Raises Fault 422 for what is no offer's name; None is the default, and always allowed."""
    names = [offer.name for offer in offers(runs)]
    if model is not None and model not in names:
        raise Fault(422, f"--model {model[:100]}: allowed here: {', '.join(names) or 'there are none'}")


def as_dicts(found: list[Offer]) -> list[dict[str, object]]:
    """For the page."""
    return [asdict(offer) for offer in found]


def _offer(name: str) -> Offer | None:
    try:
        card = read_card(resolve_path(name))
    except (UserError, OSError):
        return None
    if card.task not in TASKS:
        return None
    networks = list(card.networks.values())
    use = SHIPPED[name].use if name in SHIPPED else _words(card)
    to = tuple(network.target for network in networks) if card.task == "translate" else ()
    return Offer(name, card.task, to, networks[0].scale, use)


def _words(card: ModelCard) -> str:
    ways = [f"{network.source} → {network.target}" for network in card.networks.values() if network.target]
    return ", ".join(ways) if card.task == "translate" else card.note
