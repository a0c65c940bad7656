"""What translates pictures for a measurement, in each direction of a model, and the pictures that it was not shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import torch
from torch import Tensor

from img2img.apply.engine.model import Model, fit_channels
from img2img.apply.models import open_model
from img2img.apply.ways import going, in_styles
from img2img.config.base import Refusal
from img2img.config.sections.data import PairedData
from img2img.data.folders.find import Picture, find_pairs
from img2img.data.folders.layout import held_out as held_out_part
from img2img.data.folders.layout import train_images
from img2img.data.loading.rows import part_of
from img2img.images import as_floats, list_images, read_training_image, to_samples
from img2img.images.samples import to_planes
from img2img.metrics import LPIPS
from img2img.metrics.eight_bit import PEAK
from img2img.metrics.lpips import Backbone
from img2img.metrics.picture_figures import Figures
from img2img.metrics.sets.folder import levels_of
from img2img.weights.find import check_task, resolve_path
from img2img.weights.headers import read_card

VARIANTS = range(5)
"""Styles whose pictures are compared with each other, by number: ten pairs of each picture."""

_SOURCES = {"b_to_a": "b"}
"""Network's name -> domain that it starts from, where that is not a: a model of one way may be called anything."""


@dataclass(frozen=True)
class Direction:
    """One direction of a model: from domain `source` to `target`, each a or b; name: in the model card's words."""

    name: str
    source: str
    target: str
    model: Model
    variants: tuple[Model, ...] = ()
    """The model in further styles, where it is told some; their distances are its diversity."""

    def translate(self, picture: Tensor) -> Tensor:
        """(3, H, W) uint8 -> the same of the other domain, as a file would hold it. Raises NotFiniteError."""
        return _translated(self.model, picture)


@dataclass(frozen=True)
class HeldOut:
    """Pictures of both domains, {"a": ..., "b": ...}; paired: whether picture i of one belongs to i of the other."""

    sides: Mapping[str, tuple[Picture, ...]]
    paired: bool


def open_directions(model: str, device: torch.device) -> list[Direction]:
    """Every direction of a model of `img2img train pix2pix` or `cyclegan`, whole and in float32, as figures want it.

    Raises WeightsError for what is no model to translate with, Refusal for one of several domains.
    """
    path = resolve_path(model, "translate")
    card = read_card(path)
    check_task(card, "translate", path)
    directions = []
    for name, network in card.networks.items():
        if not network.leads_to:
            continue
        if network.classes:
            raise Refusal(
                f"{path}: leads to several domains; measure each: img2img translate --to {network.classes[0]}, then "
                f"img2img evaluate images"
            )
        source = _SOURCES.get(name, "a")
        opened = open_model(model, "translate", to=network.target, device=device, precision="fp32", tile="off")
        styles = in_styles(network, VARIANTS, numbered=True) if network.prior else []
        target = "a" if source == "b" else "b"
        directions.append(
            Direction(
                f"{network.source} → {network.target}",
                source,
                target,
                opened,
                tuple(going(opened, way) for way in styles),
            )
        )
    return directions


def find_held_out(a: Path | None, b: Path | None, pairs: Path | None) -> HeldOut:
    """Two folders of pictures, or pairs as they are trained on: their val or test part where there is one,
    also where there is no other.

    Raises Refusal where neither or both are named or a folder is empty, DataError, ImageError.
    """
    if (pairs is None) == (a is None and b is None) or (pairs is None and None in (a, b)):
        raise Refusal("name the pictures by --a DIR and --b DIR, or by --pairs DIR where they are pairs")
    if pairs is not None:
        alone = held_out_part(pairs)
        found = find_pairs(PairedData(pairs=pairs if alone is None or train_images(pairs) else alone))
        return HeldOut(found.val if found.val["a"] else found.train, paired=True)
    sides = {}
    for name, folder in (("a", a), ("b", b)):
        assert folder is not None
        sides[name] = tuple(Picture(file) for file in list_images(folder))
        if not sides[name]:
            raise Refusal(f"--{name} {folder}: no images there")
    return HeldOut(sides, paired=False)


def read_held_out(picture: Picture) -> Tensor:
    """(3, H, W) uint8. Raises ImageError."""
    return levels_of(part_of(read_training_image(picture.path, 3), picture.part))


def translate_and_measure(
    place: int, direction: Direction, back: Direction | None, held_out: HeldOut, networks: Mapping[Backbone, LPIPS]
) -> tuple[Tensor, Figures]:
    """The translation of picture `place` of the direction's source, (3, H, W) uint8, and its figures: how far it is
    from its pair's other half, where it has one (l1, lpips_alex, lpips_vgg), and how far from the original what is
    translated `back` (cycle_l1); L1 in % of the range.

    Raises ImageError, NotFiniteError; Refusal for halves of two sizes.
    """
    original = read_held_out(held_out.sides[direction.source][place])
    made = direction.translate(original)
    figures = _diversity(direction, original, networks)
    if held_out.paired:
        true = read_held_out(held_out.sides[direction.target][place])
        figures["l1"] = _l1(made, true)
        for name, network in networks.items():
            device = next(network.parameters()).device
            figures[f"lpips_{name}"] = network(as_floats(made).to(device), as_floats(true).to(device)).item()
    if back:
        figures["cycle_l1"] = _l1(back.translate(made), original)
    return made, figures


def _translated(model: Model, picture: Tensor) -> Tensor:
    made = model.run(fit_channels(as_floats(picture), model.channels))
    return to_planes(to_samples(fit_channels(made, 3), 8))


def _diversity(direction: Direction, original: Tensor, networks: Mapping[Backbone, LPIPS]) -> Figures:
    """How far apart the variants of one picture are: the mean LPIPS of all pairs (arXiv:1711.11586, section 5.1)."""
    made = [as_floats(_translated(variant, original)) for variant in direction.variants]
    figures: Figures = {}
    for name, network in networks.items() if made else ():
        device = next(network.parameters()).device
        apart = [network(one.to(device), other.to(device)).item() for one, other in combinations(made, 2)]
        figures[f"diversity_{name}"] = sum(apart) / len(apart)
    return figures


def _l1(one: Tensor, other: Tensor) -> float:
    """Mean absolute difference of 8-bit levels, % of the range."""
    if one.shape != other.shape:
        sizes = " and ".join(f"{x.shape[-1]}x{x.shape[-2]}" for x in (one, other))
        raise Refusal(f"pictures of {sizes} cannot be compared")
    return 100 * (one.float() - other.float()).abs().mean().item() / PEAK
