"""Export to ONNX with a free batch, and free height and width of pictures; checked before the file appears."""

from __future__ import annotations

import copy
import importlib
from pathlib import Path
from typing import Any

import torch
from torch import nn

from img2img.config.card import METADATA_KEY, NetworkCard
from img2img.images.atomic import write_atomically
from img2img.networks import apply_mode

from .errors import WeightsError
from .onnx_inputs import Inputs, inputs_of

TOLERANCE = 1e-3
"""Largest difference to torch that an exported file may show: an eighth of an 8-bit step, of which [-1, 1] has 255."""


def export_onnx(network: nn.Module, card: NetworkCard, path: Path) -> float:
    """Write a generator as ONNX: `image` (N, C, H, W) float32 in [-1, 1] -> `output`, with N, H and W free.

    An inpainter takes the mask, 1 = hole, as one channel more, the last. H and W must still be multiples of
    `card.needs.multiple_of`, px, and are fixed where the network takes one size alone. A translator that is told
    something takes it beside the image: `label` (N,) int64, or `latent` (N, latent) float32. A generator from noise
    takes `latent` (N, latent) float32, drawn as `card.prior` says, and, where it has classes, `label` (N,) int64; what
    else it has of noise is that of the weights, as in `img2img sample`, and it does not truncate. The card is in the
    file's metadata. Returns the largest absolute difference between onnxruntime and torch at two sizes and batches.
    Raises WeightsError where the extra is missing, the network cannot be exported, the difference is above TOLERANCE,
    or the file cannot be written.
    """
    _require_extra()
    network = apply_mode(copy.deepcopy(network).cpu().float())
    inputs = inputs_of(card)
    program = _traced(network, inputs, path)
    program.model.metadata_props[METADATA_KEY] = card.model_dump_json()
    try:
        with write_atomically(path) as draft:
            program.save(draft, external_data=False)
            difference = _difference(network, inputs, draft)
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
            raise WeightsError(f"export to ONNX needs {module}: pip install 'img2img-gan[onnx]'") from error


def _traced(network: nn.Module, inputs: Inputs, path: Path) -> Any:
    try:
        return torch.onnx.export(
            network,
            inputs.example,
            input_names=inputs.names,
            output_names=["output"],
            dynamic_shapes=inputs.free,
            verbose=False,
        )
    except torch.onnx.OnnxExporterError as error:
        raise WeightsError(f"{path}: torch cannot export this network: {str(error).splitlines()[0]}") from error


@torch.no_grad()
def _difference(network: nn.Module, inputs: Inputs, path: Path) -> float:
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    worst = 0.0
    for trial in inputs.trials:
        fed = {name: values.numpy() for name, values in zip(inputs.names, trial, strict=True)}
        (result,) = session.run(None, fed)
        worst = max(worst, (torch.from_numpy(result) - network(*trial)).abs().max().item())
    return worst
