"""The network's tensors out of a torch checkpoint, however its trainer wrapped them and named their keys."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import Tensor

from img2img.config.base import Refusal
from img2img.networks.tensor_files import read_checkpoint
from img2img.weights.errors import WeightsError

_WRAPPERS = ("model_state_dict", "state_dict", "params_ema", "params-ema", "params", "model", "net")
"""Keys under which trainers keep a network, in the order in which they are looked for."""

_PREFIXES = ("module.", "netG.", "_orig_mod.")
"""What DataParallel, a Lightning module and torch.compile put before each key."""


_SHOWN, _SHOWN_LETTERS = 5, 60
"""Of the keys that a message lists."""


def read_tensors(path: Path) -> dict[str, Tensor]:
    """The network's tensors by their bare keys. Raises WeightsError where the file holds code or no tensors."""
    state = _bare(_unwrapped(_unpickled(path)))
    if not state or not all(isinstance(value, Tensor) for value in state.values()):
        raise WeightsError(f"{path}: holds no network, that is, no dictionary of tensors; it holds {_listed(state)}")
    return state


def _listed(state: Mapping[str, Any]) -> str:
    """The first keys that were found."""
    keys = [key[:_SHOWN_LETTERS] for key in list(state)[:_SHOWN]]
    return f"{', '.join(keys)}{', …' if len(state) > _SHOWN else ''}" if keys else "nothing"


def _unpickled(path: Path) -> Any:
    try:
        return read_checkpoint(path)
    except Refusal as error:
        raise WeightsError(str(error)) from error


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
