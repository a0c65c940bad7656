"""Export to ONNX with free batch, height and width, checked against torch before the file appears."""

from __future__ import annotations

import copy
import importlib
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.export import Dim

from img2img.config.card import METADATA_KEY, NetworkCard
from img2img.config.networks import SizeNeeds
from img2img.images.atomic import write_atomically
from img2img.networks import apply_mode

from .errors import WeightsError

TOLERANCE = 1e-3
"""Largest difference to torch that an exported file may show: an eighth of an 8-bit step, of which [-1, 1] has 255."""


def export_onnx(network: nn.Module, card: NetworkCard, path: Path) -> float:
    """Write a generator as ONNX: `image` (N, C, H, W) float32 in [-1, 1] -> `output`, with N, H and W free.

    H and W must still be multiples of `card.needs.multiple_of`, px; the card is in the file's metadata. Returns the
    largest absolute difference between onnxruntime and torch at two sizes and batches. Raises WeightsError where the
    extra is missing, the network cannot be exported, the difference is above TOLERANCE, or the file cannot be written.
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
    free = {0: Dim("batch"), 2: step * Dim("h"), 3: step * Dim("w")}
    # Neither one picture, nor a square, nor the smallest: the exporter takes a size of 1 and equal sizes for constants.
    example = _picture(card, 2, *_sides(card.needs, 2, 3))
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
    """Height and width that the network takes, as multiples of the smallest, px."""
    smallest = -(-needs.minimum // needs.multiple_of) * needs.multiple_of
    return tall * smallest, wide * smallest


def _picture(card: NetworkCard, pictures: int, height: int, width: int) -> Tensor:
    noise = torch.Generator().manual_seed(0)
    channels: int = getattr(card.spec, "input_channels", 3)
    return 2 * torch.rand(pictures, channels, height, width, generator=noise) - 1
