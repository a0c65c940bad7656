"""Export to ONNX with free batch, height and width, checked against torch before the file appears."""

from __future__ import annotations

import copy
import importlib
import math
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.export import Dim

from img2img.config.card import METADATA_KEY, NetworkCard
from img2img.config.networks import InpainterSpec, SizeNeeds
from img2img.images.atomic import write_atomically
from img2img.networks import apply_mode
from img2img.networks.smooth_fill import EXPORTED_LEVELS

from .errors import WeightsError

TOLERANCE = 1e-3
"""Largest difference to torch that an exported file may show: an eighth of an 8-bit step, of which [-1, 1] has 255."""

LARGE = 2 ** (EXPORTED_LEVELS + 1)
"""Side of the picture that networks are traced with, px, or a little more."""


def export_onnx(network: nn.Module, card: NetworkCard, path: Path) -> float:
    """Write a generator as ONNX: `image` (N, C, H, W) float32 in [-1, 1] -> `output`, with N, H and W free.

    An inpainter takes the mask, 1 = hole, as one channel more, the last. H and W must still be multiples of
    `card.needs.multiple_of`, px, and are fixed where the network takes one size alone; the card is in the file's
    metadata. Returns the largest absolute difference between onnxruntime and torch at two sizes and batches. Raises
    WeightsError where the extra is missing, the network cannot be exported, the difference is above TOLERANCE, or the
    file cannot be written.
    """
    _require_extra()
    network = apply_mode(copy.deepcopy(network).cpu().float())
    program = _traced(network, card, path)
    program.model.metadata_props[METADATA_KEY] = card.model_dump_json()
    try:
        with write_atomically(path) as draft:
            program.save(draft, external_data=False)
            difference = _difference(network, card, draft)
            if not difference <= TOLERANCE:
                raise WeightsError(f"{path}: onnxruntime and torch differ by {difference:.2g}, above {TOLERANCE:g}")
    except OSError as error:
        raise WeightsError(f"{path}: cannot be written: {error.strerror or error}") from error
    return difference


def _require_extra() -> None:
    for module in ("onnx", "onnxscript", "onnxruntime"):
        try:
            importlib.import_module(module)
        except ImportError as error:
            raise WeightsError(f"export to ONNX needs {module}: pip install 'img2img[onnx]'") from error


def _traced(network: nn.Module, card: NetworkCard, path: Path) -> Any:
    step = card.needs.multiple_of
    free = {0: Dim("batch")}
    if card.needs.maximum != card.needs.minimum:
        free |= {2: step * Dim("h"), 3: step * Dim("w")}
    # Neither one picture, nor a square, nor so small that a halving in the network leaves 1 px: the exporter takes a
    # size of 1 and equal sizes for constants. Nothing is computed of it, nor is its memory touched.
    tall = LARGE // _smallest(card.needs)
    example = torch.empty(2, _channels(card), *_sides(card.needs, tall + 1, tall + 2))
    try:
        return torch.onnx.export(
            network, (example,), input_names=["image"], output_names=["output"], dynamic_shapes=(free,), verbose=False
        )
    except torch.onnx.OnnxExporterError as error:
        raise WeightsError(f"{path}: torch cannot export this network: {str(error).splitlines()[0]}") from error


@torch.no_grad()
def _difference(network: nn.Module, card: NetworkCard, path: Path) -> float:
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    worst = 0.0
    for pictures, height, width in ((1, *_sides(card.needs, 1, 2)), (2, *_sides(card.needs, 3, 1))):
        image = _picture(card, pictures, height, width)
        (result,) = session.run(None, {"image": image.numpy()})
        worst = max(worst, (torch.from_numpy(result) - network(image)).abs().max().item())
    return worst


def _sides(needs: SizeNeeds, tall: int, wide: int) -> tuple[int, int]:
    """Height and width that the network takes: multiples of the smallest, or the largest; px."""
    smallest, largest = _smallest(needs), needs.maximum or math.inf
    return int(min(tall * smallest, largest)), int(min(wide * smallest, largest))


def _smallest(needs: SizeNeeds) -> int:
    return -(-needs.minimum // needs.multiple_of) * needs.multiple_of


def _picture(card: NetworkCard, pictures: int, height: int, width: int) -> Tensor:
    noise = torch.Generator().manual_seed(0)
    picture = 2 * torch.rand(pictures, _channels(card), height, width, generator=noise) - 1
    if isinstance(card.spec, InpainterSpec):
        picture[:, -1] = 0
        picture[:, -1, height // 4 : height // 2, width // 3 : width // 2] = 1
    return picture


def _channels(card: NetworkCard) -> int:
    return card.spec.channels + 1 if isinstance(card.spec, InpainterSpec) else getattr(card.spec, "input_channels", 3)
