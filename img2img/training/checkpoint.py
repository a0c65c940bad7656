"""Checkpoints: the whole state of a run in one safetensors file, without pickle.

A nested state (dictionaries, lists, numbers, tensors) becomes a flat table of tensors and a JSON outline, in which
{"tensor": "12"} stands where tensor 12 belongs.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from img2img.config.base import UserError
from img2img.images.atomic import write_atomically

OUTLINE = "outline"
FORMAT = 1


class CheckpointError(UserError, ValueError):
    """A checkpoint that cannot be read, or that this run cannot go on from."""


def save_checkpoint(path: Path, state: dict[str, Any]) -> None:
    """Writes the state beside `path` and renames: at any moment the last whole checkpoint is what `path` holds."""
    tensors: dict[str, Tensor] = {}
    outline = json.dumps({"format": FORMAT, "state": _outline(state, tensors)})
    with write_atomically(path) as temporary:
        save_file(tensors, temporary, metadata={OUTLINE: outline})


def load_checkpoint(path: Path) -> dict[str, Any]:
    """The state that was saved, tensors on the CPU. Raises CheckpointError naming the file."""
    try:
        with safe_open(path, framework="pt") as file:
            outline = json.loads((file.metadata() or {})[OUTLINE])
            if outline["format"] != FORMAT:
                raise CheckpointError(f"{path}: checkpoint format {outline['format']}; this version reads {FORMAT}")
            return _fill(outline["state"], {key: file.get_tensor(key) for key in file.keys()})  # noqa: SIM118
    except FileNotFoundError:
        raise CheckpointError(f"{path}: no checkpoint there") from None
    except (SafetensorError, KeyError, json.JSONDecodeError, OSError) as error:
        raise CheckpointError(f"{path}: not a readable checkpoint ({error})") from None


def _outline(value: Any, tensors: dict[str, Tensor]) -> Any:
    if isinstance(value, Tensor):
        key = str(len(tensors))
        tensors[key] = value.detach().to("cpu", copy=True).contiguous()
        return {"tensor": key}
    if isinstance(value, dict):  # as pairs: JSON would turn the optimiser's integer keys into strings
        return {"pairs": [[key, _outline(inner, tensors)] for key, inner in value.items()]}
    if isinstance(value, list | tuple):
        return [_outline(inner, tensors) for inner in value]
    if value is None or isinstance(value, str | int | float | bool):
        return value
    raise TypeError(f"a checkpoint holds no {type(value).__name__}")


def _fill(outline: Any, tensors: dict[str, Tensor]) -> Any:
    if isinstance(outline, list):
        return [_fill(inner, tensors) for inner in outline]
    if isinstance(outline, dict):
        if "tensor" in outline:
            return tensors[outline["tensor"]]
        return {key: _fill(inner, tensors) for key, inner in outline["pairs"]}
    return outline


def to_device(value: Any, device: torch.device) -> Any:
    """The same nested state with its tensors on a device."""
    if isinstance(value, Tensor):
        return value.to(device)
    if isinstance(value, dict):
        return {key: to_device(inner, device) for key, inner in value.items()}
    return [to_device(inner, device) for inner in value] if isinstance(value, list) else value
