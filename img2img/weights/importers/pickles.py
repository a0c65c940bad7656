"""The network's tensors out of a torch checkpoint, however its trainer wrapped them and named their keys."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from torch import Tensor

from img2img.config.base import Refusal
from img2img.config.printable import printable
from img2img.networks.pickle_bounds import require_held
from img2img.networks.tensor_files import read_checkpoint
from img2img.weights.errors import WeightsError
from img2img.weights.no_weights import require_weights

_WRAPPERS = ("model_state_dict", "state_dict", "params_ema", "params-ema", "params", "model", "net")
"""Keys under which trainers keep a network, in the order in which they are looked for."""

_PREFIXES = ("module.", "netG.", "_orig_mod.")
"""What DataParallel, a Lightning module and torch.compile put before each key."""


_DEEPEST = 20
"""Wrappers and prefixes around a network that are taken off; a dictionary can hold itself."""
_SHOWN, _SHOWN_LETTERS = 5, 60
"""Of the keys that a message lists."""


def read_tensors(path: Path) -> dict[str, Tensor]:
    """The network's tensors by their bare keys. Raises WeightsError where the file holds code or no tensors."""
    try:
        state = _unwrapped(read_checkpoint(require_weights(path)))
        if not state or not all(isinstance(key, str) and isinstance(value, Tensor) for key, value in state.items()):
            raise WeightsError(
                f"{path}: holds no network, that is, no dictionary of tensors; it holds {_listed(state)}"
            )
        require_held(path, state.values())
    except WeightsError:
        raise
    except Refusal as error:
        raise WeightsError(str(error)) from error
    return _bare(state)


def _listed(state: Mapping[Any, Any]) -> str:
    """The first keys that were found, in one line. Keys that are no text are not spelled out: tuples of tuples of
    the same one take a few bytes in a file, and gigabytes in words."""
    words = [key if isinstance(key, str) else f"a key of type {type(key).__name__}" for key in islice(state, _SHOWN)]
    keys = [printable(word[:_SHOWN_LETTERS]).replace("\n", "\\n") for word in words]
    return f"{', '.join(keys)}{', …' if len(state) > _SHOWN else ''}" if keys else "nothing"


def _unwrapped(content: Any) -> Mapping[Any, Any]:
    for _ in range(_DEEPEST):
        if not isinstance(content, Mapping):
            return {}
        inner = next((content[key] for key in _WRAPPERS if isinstance(content.get(key), Mapping)), None)
        if inner is None:
            return content
        content = inner
    return {}


def _bare(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    bare = dict(state)
    for _ in range(_DEEPEST):
        prefix = next((p for p in _PREFIXES if all(key.startswith(p) for key in bare)), None)
        if prefix is None:
            break
        bare = {key.removeprefix(prefix): value for key, value in bare.items()}
    return bare
