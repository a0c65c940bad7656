"""Teachers: networks that are only applied, behind one call for each task."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor

from img2img.apply.models import open_model, open_upscaler
from img2img.config.base import Refusal
from img2img.config.card import Task
from img2img.data.augment import MASK
from img2img.data.folders.find import HIGH
from img2img.images.samples import fit_channels

Teach = Callable[[Mapping[str, Tensor]], Tensor]
"""A batch of one picture with all its sides -> the teacher's (1, C, H, W), of the size and channels of "high"."""


def open_teacher(path: Path, task: Task, scale: int, device: torch.device) -> Teach:
    """The teacher in a file. scale: how many times it is to enlarge; one that enlarges more is scaled down.

    Raises WeightsError, Refusal in one line for a file that is none, or no teacher of this task.
    """
    if task == "upscale":
        return _upscaler(path, scale, device)
    if path.suffix.lower() == ".onnx":
        return _onnx_inpainter(path)
    return _inpainter(path, device)


def _upscaler(path: Path, scale: int, device: torch.device) -> Teach:
    model = open_upscaler(str(path), scale, device=device, tile="off")

    def teach(batch: Mapping[str, Tensor]) -> Tensor:
        high, (low,) = batch[HIGH], batch["low"]
        return fit_channels(model.run(fit_channels(low, model.channels)).clamp(-1, 1), high.shape[1])[None]

    return teach


def _inpainter(path: Path, device: torch.device) -> Teach:
    model = open_model(str(path), "inpaint", device=device, tile="off")

    def teach(batch: Mapping[str, Tensor]) -> Tensor:
        picture, mask = batch[HIGH], batch[MASK]
        known = fit_channels(picture[0], model.channels)
        made = model.run(torch.cat([known * (1 - mask[0]), mask[0]]))
        return _completed(picture, mask, fit_channels(made.clamp(-1, 1), picture.shape[1])[None])

    return teach


def _onnx_inpainter(path: Path) -> Teach:
    """MI-GAN's pipeline: a picture (1, 3, H, W) of uint8, a mask (1, 1, H, W) of uint8 with 0 = hole -> a picture."""
    session = _session(path)
    inputs = {given.name: given.type for given in session.get_inputs()}
    if set(inputs.values()) != {"tensor(uint8)"} or len(inputs) != 2 or len(session.get_outputs()) != 1:
        told = ", ".join(f"{name} {kind}" for name, kind in inputs.items())
        raise Refusal(f"--teacher {path}: takes {told}; wanted is MI-GAN's interface: a picture and a mask of uint8")
    picture_input, mask_input = inputs

    def teach(batch: Mapping[str, Tensor]) -> Tensor:
        picture, mask = batch[HIGH], batch[MASK]
        levels = ((picture.expand(-1, 3, -1, -1) + 1) * 127.5).round().clamp(0, 255).byte().numpy()
        known = ((1 - mask) * 255).byte().numpy()
        (made,) = session.run(None, {picture_input: np.ascontiguousarray(levels), mask_input: known})
        filled = fit_channels(torch.from_numpy(made[0]).float() / 127.5 - 1, picture.shape[1])[None]
        return _completed(picture, mask, filled)

    return teach


def _session(path: Path) -> Any:
    try:
        import onnxruntime
    except ImportError:
        raise Refusal(f"--teacher {path}: ONNX files need onnxruntime: pip install onnxruntime") from None
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # its errors have no base of their own
        raise Refusal(f"--teacher {path}: no ONNX file that can be run ({str(error).splitlines()[0]})") from None


def _completed(picture: Tensor, mask: Tensor, made: Tensor) -> Tensor:
    """The teacher's picture is the true one where that is known."""
    return cast(Tensor, picture * (1 - mask) + made * mask)
