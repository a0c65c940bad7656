"""From what `img2img translate` is told to what translates photos: one way, or several for each photo."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import torch

from img2img.apply.engine.model import Model
from img2img.config.apply import ALL, Tile
from img2img.config.base import Refusal
from img2img.config.card import ModelCard
from img2img.config.sections.run import PrecisionName
from img2img.images.names import same_form
from img2img.weights.errors import WeightsError
from img2img.weights.files import read_card
from img2img.weights.find import find

from .models import open_model
from .style_photo import way_like
from .ways import going, in_styles, to_domains


def open_translators(
    model: str,
    *,
    device: torch.device,
    to: str | None = None,
    variants: int | None = None,
    seed: int = 0,
    style_of: Path | None = None,
    noise: bool = False,
    precision: PrecisionName = "auto",
    tile: Tile = "auto",
) -> list[Model]:
    """What makes one result each of a photo, with labels of their own.

    to: as in `open_model`, or all. variants: how many styles, those of the numbers seed, seed + 1, ...; None: the one
    of `seed`, whose label is the domain's name. style_of: a picture of the target domain, whose style is taken. noise:
    keep dropout on, with this seed.
    Raises WeightsError as `open_model`, ImageError for a picture that cannot be read, Refusal for variants or a style
    of a network that is told none.
    """
    path = find(model, "translate")
    about = read_card(path)
    opened = [
        open_model(
            str(path), "translate", to=domain, noise=seed if noise else None, style=seed,
            device=device, precision=precision, tile=tile,
        )
        for domain in _one_of_each_network(about, to, path)
    ]  # fmt: skip
    if style_of is not None:
        if variants is not None:
            raise Refusal(f"--style-of {style_of} and --variants {variants}: give one of them")
        return [going(one, way_like(path, about, one.settings["network"], style_of)) for one in opened]
    if variants is not None:
        return [way for one in opened for way in _variants(one, variants, seed)]
    if _wants_all(about, to):
        return [way for one in opened for way in _to_all(one)]
    return opened


def _wants_all(about: ModelCard, to: str | None) -> bool:
    return to is not None and same_form(to) == ALL and ALL not in _domains(about)


def _domains(about: ModelCard) -> list[str]:
    return [same_form(domain) for card in about.networks.values() for domain in card.leads_to]


def _one_of_each_network(about: ModelCard, to: str | None, path: Path) -> list[str | None]:
    """The domain to open each of the networks with that are to be used. Raises WeightsError for several of one name."""
    domains = _domains(about)
    if to is None and len(domains) > 1:
        raise WeightsError(f"this model goes several ways; say --to with one of: {', '.join(domains)}, or all")
    if not _wants_all(about, to):
        return [to]
    if len(set(domains)) < len(domains):
        raise WeightsError(f"{path}: --to all: several of its networks lead to a domain of the same name")
    return [card.leads_to[0] for card in about.networks.values() if card.leads_to]


def _to_all(opened: Model) -> list[Model]:
    """The model, to every domain that its network can be told."""
    assert opened.about is not None
    card = opened.about.networks[opened.settings["network"]]
    return [going(opened, way) for way in to_domains(card, card.classes)] if card.classes else [opened]


def _variants(opened: Model, count: int, seed: int) -> list[Model]:
    """The model in so many styles; with dropout as its only source of noise, with so many seeds."""
    assert opened.about is not None
    card = opened.about.networks[opened.settings["network"]]
    numbers = range(seed, seed + count)
    if card.prior:
        return [going(opened, way) for way in in_styles(card, numbers, numbered=True)]
    if opened.noise is None:
        raise Refusal(
            f"--variants {count}: {opened.path} makes one picture of a photo; a model of `train bicyclegan` or `munit` "
            f"makes several, and --noise those of pix2pix's dropout"
        )
    return [
        replace(opened, noise=number, label=f"{opened.label}-{number}", settings={**opened.settings, "noise": number})
        for number in numbers
    ]
