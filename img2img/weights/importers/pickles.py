"""Tensors out of a torch checkpoint, through torch's restricted unpickler: code in the file is refused, never run."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ..errors import WeightsError

_WRAPPERS = ("model_state_dict", "state_dict", "params_ema", "params-ema", "params", "model", "net")
"""Keys under which trainers keep a network, in the order in which they are looked for."""

_PREFIXES = ("module.", "netG.", "_orig_mod.")
"""What DataParallel, a Lightning module and torch.compile put before each key."""


def read_tensors(path: Path) -> dict[str, Tensor]:
    """The network's tensors by their bare keys. Raises WeightsError where the file holds code or no tensors."""
    state = _bare(_unwrapped(_unpickled(path)))
    if not state or not all(isinstance(value, Tensor) for value in state.values()):
        raise WeightsError(f"{path}: holds no network, that is, no dictionary of tensors")
    return state


def _unpickled(path: Path) -> Any:
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Detected pickle protocol")  # what follows says enough
            return torch.load(path, map_location="cpu", weights_only=True)
    except OSError as error:
        raise WeightsError(f"{path}: cannot be read: {error.strerror or error}") from error
    # Broken and hostile files make the unpickler raise whatever they like.
    except Exception as error:
        raise WeightsError(f"{path}: {_reason(str(error))}") from error


def _reason(message: str) -> str:
    if named := re.search(r"GLOBAL (\S+)", message):
        return f"refused: reading it would run code in it ({named[1]}); ask for a file with the state_dict alone"
    if "Unsupported operand" in message:
        return "refused: a pickle with instructions that no state_dict needs and that could run code"
    if "TorchScript" in message:
        return "a TorchScript program, not a state_dict; it cannot be imported"
    return "not a torch checkpoint, or a broken one"


def _unwrapped(content: Any) -> dict[str, Any]:
    while isinstance(content, Mapping):
        inner = next((content[key] for key in _WRAPPERS if isinstance(content.get(key), Mapping)), None)
        if inner is None:
            return {str(key): value for key, value in content.items()}
        content = inner
    return {}


def _bare(state: dict[str, Any]) -> dict[str, Any]:
    while prefix := next((p for p in _PREFIXES if state and all(key.startswith(p) for key in state)), None):
        state = {key.removeprefix(prefix): value for key, value in state.items()}
    return state
