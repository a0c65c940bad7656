"""From what `--model` says to a network that is ready to be applied."""

from __future__ import annotations

from dataclasses import replace
from math import ceil
from pathlib import Path
from typing import Any

import torch

from img2img.apply.engine.model import Model
from img2img.apply.engine.sizing import Sizing
from img2img.apply.engine.tiling import smallest_tile
from img2img.apply.inpaint.classical import ClassicalFilling
from img2img.apply.inpaint.exemplar import GUIDE_SIDE, ExemplarFilling
from img2img.apply.inpaint.filling import Blanked, NetworkFilling
from img2img.apply.inpaint.inpainting import Inpainting
from img2img.apply.inpaint.masking import Masking
from img2img.config.apply import Filler, Tile
from img2img.config.base import Refusal
from img2img.config.card import NetworkCard, Task
from img2img.config.networks import SizeNeeds
from img2img.config.sections.run import PrecisionName
from img2img.fastest import Work, fastest, layout_of
from img2img.machine import require_precision
from img2img.networks import apply_mode
from img2img.weights.blend import UNMIXED, Mixture, blend, require_same_spec, require_same_tensors
from img2img.weights.errors import WeightsError
from img2img.weights.files import load
from img2img.weights.find import (
    UPSCALERS,
    check_task,
    choose_network,
    default_inpainter,
    default_upscaler,
    faithful_upscaler,
    resolve_path,
)
from img2img.weights.foreign import is_foreign, load_foreign

from .ways import Way, going, in_styles, to_domains

UNKNOWN_SIDE = 256
"""Of the squares that an inpainter is shown whose card does not say what it was trained on, px."""


def open_model(
    model: str,
    task: Task,
    *,
    device: torch.device,
    to: str | None = None,
    noise: int | None = None,
    style: int = 0,
    precision: PrecisionName = "auto",
    tile: Tile = "auto",
) -> Model:
    """Load shipped weights by name, a weights file, a run's newest weights; to upscale, other people's weights too.

    to: the name of the target domain; needed where the file has several. noise: keep dropout on, with this seed.
    style: number of the style, for a network that is told one.
    Raises WeightsError in one line for a file of another task, an unknown name or an ambiguous target, Refusal for a
    precision that the device has not.
    """
    path = resolve_path(model, task)
    if task == "upscale" and is_foreign(path):
        opened = _open_foreign(path, device)
    else:
        networks, about = load(path, device=device)
        check_task(about, task, path)
        name = choose_network(about, to)
        card = about.networks[name]
        spec: Any = card.spec
        channels = int(spec.channels if task == "inpaint" else spec.input_channels)
        label = f"x{card.scale}" if task == "upscale" else card.target[:60].replace("/", "-").replace(" ", "-")
        settings = {"task": task, "network": name, **({} if noise is None else {"noise": noise})}
        network = apply_mode(networks[name], noise=noise is not None)
        opened = Model(
            network, task, channels, card.scale, card.needs, label, device, path,
            noise=noise, settings=settings, about=about,
        )  # fmt: skip
        if task == "translate" and card.is_told:
            opened = going(opened, _way(card, to, style))
    _check_precision(precision, device, opened)
    work: Work = "translate" if task == "translate" else "apply"
    computes_in = fastest(device, work)[0] if precision == "auto" else precision
    opened.network.to(memory_format=layout_of(device, work, computes_in))  # type: ignore[call-overload]
    settings = {**opened.settings, "precision": precision}
    if not opened.needs.exact_tiling:
        settings["tile"] = tile  # elsewhere tiles change nothing
    return replace(opened, precision=precision, tile=tile, settings=settings)


def _way(card: NetworkCard, to: str | None, style: int) -> Way:
    """What a translator is told. Raises WeightsError where it wants to know the domain."""
    if card.prior:
        return in_styles(card, [style], numbered=False)[0]
    if to is None:
        raise WeightsError(f"this model goes several ways; say --to with one of: {', '.join(card.classes)}")
    return to_domains(card, [to])[0]


def open_upscaler(
    model: str | None,
    scale: float | None,
    *,
    device: torch.device,
    precision: PrecisionName = "auto",
    tile: Tile = "auto",
    mixture: Mixture = UNMIXED,
) -> Model:
    """As `open_model`, to enlarge `scale` times; None is what the weights do, 4 without a model.

    Where weights enlarge more, their result is scaled down, and the model's note says so.
    Raises Refusal where they enlarge less, WeightsError where what is to be blended is not of one network.
    """
    if model is None and scale is not None and scale > max(UPSCALERS):
        raise Refusal(f"--scale {scale:g}: allowed: 1 to {max(UPSCALERS)} without --model")
    chosen = model or default_upscaler(ceil(scale or 4))
    opened = open_model(chosen, "upscale", device=device, precision=precision, tile=tile)
    if mixture:
        opened = _mixed(opened, chosen, mixture)
    if scale is None or scale == opened.scale:
        return opened
    if scale > opened.scale:
        raise Refusal(f"--scale {scale:g}: {chosen} enlarges {opened.scale} times; allowed: up to {opened.scale}")
    return resized(opened, chosen, Sizing.parse(scale, None, None, None))


def resized(opened: Model, name: str, sizing: Sizing) -> Model:
    """The model, named so, with its results scaled down to a size."""
    return replace(
        opened,
        sizing=sizing,
        label=sizing.label,
        settings={**opened.settings, **sizing.settings},
        note=f"{sizing.label} is made from the x{opened.scale} of {name}, scaled down (bicubic, antialiased)",
    )


def open_inpainter(
    model: str | None,
    masking: Masking,
    *,
    method: Filler = "auto",
    device: torch.device,
    precision: PrecisionName = "auto",
    tile: Tile = "auto",
) -> Inpainting:
    """A way to fill holes. model: as in `open_model`, None: the shipped one; not for the classical ones. method: of the
    fill.

    tile: side of the squares that the network sees, px; auto: what it was trained on, but to guide copies at most
    `GUIDE_SIDE`; off: photos whole. Raises WeightsError, Refusal in one line.
    """
    if method == "telea" or method == "navier-stokes":
        if model is not None:
            raise Refusal(f"--method {method} takes no --model")
        return Inpainting(ClassicalFilling(method), masking)
    most = None if method == "network" else GUIDE_SIDE
    network = _open_filling(model or default_inpainter(), device, precision, tile, most)
    if method == "network":
        return Inpainting(network, masking)
    return Inpainting(ExemplarFilling(network, choosing=method == "auto"), masking)


def _open_filling(
    model: str, device: torch.device, precision: PrecisionName, tile: Tile, most: int | None
) -> NetworkFilling:
    """most: side of the squares that it sees at most, px, where `tile` is auto."""
    opened = open_model(model, "inpaint", device=device, precision=precision, tile=tile)
    assert opened.about is not None
    (card,) = opened.about.networks.values()
    side = _side(opened.needs, card.size, tile, most)
    return NetworkFilling(replace(opened, network=Blanked(opened.network, opened.channels)), side)


def _side(needs: SizeNeeds, trained: int | None, tile: Tile, most: int | None) -> int | None:
    """Of the squares that an inpainter is shown, px; None: photos whole. Raises Refusal for what it does not take."""
    least = max(smallest_tile(0, needs.multiple_of), needs.minimum)
    if needs.maximum and tile != "auto" and (tile == "off" or tile > needs.maximum):
        raise Refusal(f"--tile {tile}: this network takes squares of up to {needs.maximum} px; auto is that")
    if isinstance(tile, int) and tile < least:
        raise Refusal(f"--tile {tile}: this network takes squares of {least} px or more")
    if tile == "off":
        return None
    known = trained or needs.maximum or UNKNOWN_SIDE
    if most:
        known = max(least, min(known, most))
    return (known if tile == "auto" else tile) // needs.multiple_of * needs.multiple_of


def _mixed(opened: Model, name: str, mixture: Mixture) -> Model:
    """The model with its weights blended with another's."""
    other_name = mixture.other or faithful_upscaler(opened.scale)
    other = open_model(other_name, "upscale", device=opened.device)
    if opened.about and other.about:
        (own,), (theirs,) = (about.networks.values() for about in (opened.about, other.about))
        require_same_spec(own.spec, theirs.spec, name, other_name)
    require_same_tensors(opened.network, other.network, name, other_name)
    blend(opened.network, other.network, mixture.share)
    return replace(opened, settings={**opened.settings, "blend": other.weights, "strength": mixture.share})


def _open_foreign(path: Path, device: torch.device) -> Model:
    network, card = load_foreign(path, device)
    precisions: list[PrecisionName] = ["fp32"]
    precisions += ["bf16"] if card.brain else []
    precisions += ["fp16"] if card.half else []
    return Model(
        network, "upscale", card.channels, card.scale, card.needs, f"x{card.scale}", device, path,
        precisions=tuple(precisions), settings={"task": "upscale", "network": card.architecture},
    )  # fmt: skip


def _check_precision(precision: PrecisionName, device: torch.device, model: Model) -> None:
    require_precision(precision, device)
    if precision != "auto" and precision not in model.precisions:
        raise Refusal(f"--precision {precision}: these weights work in {', '.join(model.precisions)}")
