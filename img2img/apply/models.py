"""From what `--model` says to a network that is ready to be applied."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import nn

from img2img.apply.engine.model import Model
from img2img.apply.engine.rescale import Reduced
from img2img.apply.engine.tiling import smallest_tile
from img2img.apply.inpaint.classical import ClassicalFilling
from img2img.apply.inpaint.exemplar import ExemplarFilling
from img2img.apply.inpaint.filling import Blanked, NetworkFilling
from img2img.apply.inpaint.inpainting import Inpainting
from img2img.apply.inpaint.masking import Masking
from img2img.config.apply import Filler, Tile
from img2img.config.base import Refusal
from img2img.config.card import Task
from img2img.config.networks import SizeNeeds
from img2img.config.sections.run import PrecisionName
from img2img.machine import require_precision
from img2img.networks import apply_mode
from img2img.weights.files import load
from img2img.weights.find import check_task, choose_network, default_inpainter, default_upscaler, resolve_path
from img2img.weights.foreign import is_foreign, load_foreign

UNKNOWN_SIDE = 256
"""Of the squares that an inpainter is shown whose card does not say what it was trained on, px."""


def open_model(
    model: str,
    task: Task,
    *,
    device: torch.device,
    to: str | None = None,
    noise: int | None = None,
    precision: PrecisionName = "auto",
    tile: Tile = "auto",
) -> Model:
    """Load shipped weights by name, a weights file, a run's newest weights; to upscale, other people's weights too.

    to: the name of the target domain; needed where the file has several. noise: keep dropout on, with this seed.
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
    _check_precision(precision, device, opened)
    _lay_out(opened.network)
    settings = {**opened.settings, "precision": precision}
    if not opened.needs.exact_tiling:
        settings["tile"] = tile  # elsewhere tiles change nothing
    return replace(opened, precision=precision, tile=tile, settings=settings)


def open_upscaler(
    model: str | None,
    scale: int | None,
    *,
    device: torch.device,
    precision: PrecisionName = "auto",
    tile: Tile = "auto",
) -> Model:
    """As `open_model`, to enlarge `scale` times; None is what the weights do, 4 without --model.

    Where weights enlarge more, their result is scaled down again, and the model's note says so.
    Raises Refusal where they enlarge less.
    """
    chosen = model or default_upscaler(scale or 4)
    opened = open_model(chosen, "upscale", device=device, precision=precision, tile=tile)
    if scale is None or scale == opened.scale:
        return opened
    if scale > opened.scale:
        raise Refusal(f"--scale {scale}: {chosen} enlarges {opened.scale} times; allowed: up to {opened.scale}")
    return replace(
        opened,
        network=Reduced(opened.network, scale),
        scale=scale,
        label=f"x{scale}",
        settings={**opened.settings, "scale": scale},
        note=f"x{scale} is made from the x{opened.scale} of {chosen}, scaled down (bicubic, antialiased)",
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

    tile: side of the squares that the network sees, px; auto: what it was trained on; off: photos whole.
    Raises WeightsError, Refusal in one line.
    """
    if method == "telea" or method == "navier-stokes":
        if model is not None:
            raise Refusal(f"--method {method} takes no --model")
        return Inpainting(ClassicalFilling(method), masking)
    network = _open_filling(model or default_inpainter(), device, precision, tile)
    if method == "network":
        return Inpainting(network, masking)
    return Inpainting(ExemplarFilling(network, choosing=method == "auto"), masking)


def _open_filling(model: str, device: torch.device, precision: PrecisionName, tile: Tile) -> NetworkFilling:
    opened = open_model(model, "inpaint", device=device, precision=precision, tile=tile)
    assert opened.about is not None
    (card,) = opened.about.networks.values()
    side = _side(opened.needs, card.size, tile)
    return NetworkFilling(replace(opened, network=Blanked(opened.network, opened.channels)), side)


def _side(needs: SizeNeeds, trained: int | None, tile: Tile) -> int | None:
    """Of the squares that an inpainter is shown, px; None: photos whole. Raises Refusal for what it does not take."""
    least = max(smallest_tile(0, needs.multiple_of), needs.minimum)
    if needs.maximum and tile != "auto" and (tile == "off" or tile > needs.maximum):
        raise Refusal(f"--tile {tile}: this network takes squares of up to {needs.maximum} px; auto is that")
    if isinstance(tile, int) and tile < least:
        raise Refusal(f"--tile {tile}: this network takes squares of {least} px or more")
    if tile == "off":
        return None
    known = trained or needs.maximum or UNKNOWN_SIDE
    return (known if tile == "auto" else tile) // needs.multiple_of * needs.multiple_of


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


def _lay_out(network: nn.Module) -> None:
    """NHWC, which tensor cores and CPUs prefer: SRResNet on a CPU is 1.3 to 1.7 times as fast."""
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
