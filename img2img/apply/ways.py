"""The ways of a translator that is told something beside the photo: to which domain, or in which style."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from torch import Tensor, nn

from img2img.apply.engine.model import Model
from img2img.config.card import NetworkCard
from img2img.data.latents import draw
from img2img.images.names import same_form


@dataclass(frozen=True)
class Way:
    """What a translator is told. label: what results are called; told: one row, (1,) int64 or (1, Z) float32; settings:
    what the manifest says of it.
    """

    label: str
    told: Tensor
    settings: Mapping[str, Any] = field(default_factory=dict)


class Told(nn.Module):
    """A network that is told the same of every picture. (N, C, H, W) -> (N, C', H, W)."""

    told: Tensor

    def __init__(self, network: nn.Module, told: Tensor) -> None:
        super().__init__()
        self.network = network
        self.register_buffer("told", told)

    def forward(self, image: Tensor) -> Tensor:
        picture: Tensor = self.network(image, self.told.expand(image.shape[0], *self.told.shape[1:]))
        return picture


def to_domains(card: NetworkCard, names: Iterable[str]) -> list[Way]:
    """The ways to these domains, which are among the card's."""
    numbers = {same_form(name): number for number, name in enumerate(card.classes)}
    return [
        Way(card.classes[number], torch.tensor([number]), {"to": card.classes[number]})
        for number in (numbers[same_form(name)] for name in names)
    ]


def in_styles(card: NetworkCard, numbers: Iterable[int], *, numbered: bool) -> list[Way]:
    """The ways in the styles of these numbers, each of which alone decides its style, as of a sample.

    numbered: whether results are called by the number, too.
    """
    assert card.prior is not None
    return [
        Way(
            f"{card.target}-{number}" if numbered else card.target,
            draw(card.prior, 1, generator=torch.Generator().manual_seed(number)),
            {"style": number},
        )
        for number in numbers
    ]


def going(opened: Model, way: Way) -> Model:
    """The model, told so; whatever it was told before."""
    network = opened.network.network if isinstance(opened.network, Told) else opened.network
    assert isinstance(network, nn.Module)
    told = Told(network, way.told.to(opened.device)).eval()
    label = way.label[:60].replace("/", "-").replace(" ", "-")
    settings = {name: value for name, value in opened.settings.items() if name not in ("to", "style", "style_of")}
    return replace(opened, network=told, label=label, settings={**settings, **way.settings})
