"""Checkpoints: the whole state of a run in one safetensors file, without pickle.

A nested state (dictionaries, lists, numbers, tensors) becomes a flat table of tensors and a JSON outline, in which
{"tensor": "12"} stands where tensor 12 belongs. A SHA-256 of both tells what a disk has changed: 0.11 s of one core for
200 MB, on one with instructions for it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from img2img.config.base import UserError
from img2img.disk.regular import require_regular
from img2img.disk.structure import parsed, validated
from img2img.disk.utf8_path import utf8_path
from img2img.images.atomic import write_atomically

OUTLINE, CHECKSUM = "outline", "sha256"
FORMAT = 1
DEEPEST = 50
"""Levels of an outline; an optimiser's state has about ten."""


class CheckpointError(UserError, ValueError):
    """A checkpoint that cannot be read, or that this run cannot go on from."""


class _Players(BaseModel):
    generators: dict[str, Any]
    critics: dict[str, Any]


class _State(BaseModel):
    """What every run's state has; what is in it, its networks check."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    step: int = Field(strict=True, ge=0, lt=2**53)
    skipped: int = Field(strict=True, ge=0, lt=2**53)
    generators: dict[str, Any]
    adversaries: dict[str, Any]
    average: dict[str, Any] | None
    players: _Players
    pools: list[dict[str, Any]]
    config: dict[str, dict[str, Any]]
    teachers: list[str] | None = None
    """Whom its networks learn from; of before it was kept, the weights' card alone tells."""


_STATE = TypeAdapter(_State)


def save_checkpoint(path: Path, state: dict[str, Any]) -> None:
    """Writes the state beside `path` and renames: at any moment the last whole checkpoint is what `path` holds."""
    tensors: dict[str, Tensor] = {}
    outline = json.dumps({"format": FORMAT, "state": _outline(state, tensors)})
    metadata = {OUTLINE: outline, CHECKSUM: _checksum(outline, tensors)}
    with write_atomically(path) as temporary:
        save_file(tensors, temporary, metadata=metadata)


def read_state(path: Path) -> dict[str, Any]:
    """A run's state, as its trainer gave it, and its "config". Raises CheckpointError naming the file."""
    state = load_checkpoint(path)
    try:
        validated(_STATE, state)
    except ValueError as error:
        raise CheckpointError(f"{path}: not the checkpoint of a run ({error})") from None
    return state


def load_checkpoint(path: Path) -> dict[str, Any]:
    """The state that was saved, tensors on the CPU. Raises CheckpointError naming the file."""
    try:
        require_regular(path)
        with utf8_path(path) as named, safe_open(named, framework="pt") as file:
            metadata = file.metadata() or {}
            if OUTLINE not in metadata:
                raise ValueError("no outline of a state in it")
            outline = parsed(metadata[OUTLINE])
            if not isinstance(outline, dict) or not isinstance(outline.get("state"), dict):
                raise ValueError("its outline is none of a state")
            if outline.get("format") != FORMAT:
                raise ValueError(f"checkpoint format {outline.get('format')!r:.20}; this version reads {FORMAT}")
            tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
        # Files of before there was a checksum are taken as they are.
        if metadata.get(CHECKSUM, "") not in ("", _checksum(metadata[OUTLINE], tensors)):
            raise ValueError("damaged: its content is not what was saved, by its checksum")
        state = _fill(outline["state"], tensors)
    except FileNotFoundError:
        raise CheckpointError(f"{path}: no checkpoint there") from None
    except OSError as error:
        raise CheckpointError(f"{path}: {error.strerror or error}") from None
    except (SafetensorError, ValueError, TypeError, KeyError) as error:
        reason = " ".join(str(error).split())[:200]
        raise CheckpointError(f"{path}: not a readable checkpoint ({reason})") from None
    if not isinstance(state, dict):
        raise CheckpointError(f"{path}: not a readable checkpoint (its outline is none of a state)")
    return state


def _checksum(outline: str, tensors: Mapping[str, Tensor]) -> str:
    """Of the outline and of each tensor's name, type, shape and bytes."""
    digest = hashlib.sha256(outline.encode())
    for name in sorted(tensors):
        tensor = tensors[name]
        digest.update(f"{name} {tensor.dtype} {list(tensor.shape)}".encode())
        if tensor.numel():
            digest.update(tensor.contiguous().reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()


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


def _fill(outline: Any, tensors: dict[str, Tensor], depth: int = 0) -> Any:
    """Raises ValueError, TypeError or KeyError for an outline that `_outline` does not give."""
    if depth > DEEPEST:
        raise ValueError("its outline is nested too deeply")
    if isinstance(outline, list):
        return [_fill(inner, tensors, depth + 1) for inner in outline]
    if isinstance(outline, dict):
        if "tensor" in outline:
            return tensors[outline["tensor"]]
        return {key: _fill(inner, tensors, depth + 1) for key, inner in outline["pairs"]}
    return outline


def to_device(value: Any, device: torch.device) -> Any:
    """The same nested state with its tensors on a device."""
    if isinstance(value, Tensor):
        return value.to(device)
    if isinstance(value, dict):
        return {key: to_device(inner, device) for key, inner in value.items()}
    return [to_device(inner, device) for inner in value] if isinstance(value, list) else value
