"""Tensors out of other people's checkpoints, by torch's restricted unpickler: code in a file is refused, never run."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from img2img.config.base import Refusal
from img2img.disk.regular import require_regular

from .pickle_bounds import require_bounded, require_held
from .zip_checksums import require_undamaged

PICKLE_STARTS = (b"PK\x03\x04", b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")
"""How files of torch.save begin: a zip of a pickle and its tensors, or, before torch 1.6, the pickle itself."""
NO_WEIGHTS = "not a file of weights that torch.save wrote, or a broken one"


def read_checkpoint(path: Path) -> Any:
    """Whatever of tensors, numbers and containers the file holds. Raises Refusal in one line, saying why it is none."""
    try:
        require_regular(path)
        require_bounded(path)
        require_undamaged(path)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of old protocols and odd tensors; what follows says enough
            return torch.load(path, map_location="cpu", weights_only=True)
    except Refusal:
        raise
    except OSError as error:
        raise Refusal(f"{path}: cannot be read: {error.strerror or error}") from error
    # Broken and hostile files make the unpickler raise whatever they like.
    except Exception as error:
        raise Refusal(f"{path}: {_reason(path, str(error))}") from error


def read_tensors(path: Path) -> dict[str, Tensor]:
    """The file's dictionary of tensors. Raises Refusal where it holds anything else."""
    content = read_checkpoint(path)
    if not isinstance(content, dict) or not all(isinstance(value, Tensor) for value in content.values()):
        raise Refusal(f"{path}: holds no dictionary of tensors")
    require_held(path, content.values())
    return content


def starts_as_pickle(path: Path) -> bool:
    """Whether a file begins as those of torch.save do."""
    with path.open("rb") as file:
        return file.read(4).startswith(PICKLE_STARTS)


def misfits(wanted: Mapping[str, Sequence[int]], found: Mapping[str, Sequence[int]]) -> list[str]:
    """Which of the wanted tensors are missing or of another shape, {key: shape} each; a phrase for each of them."""
    missing = [f"{key} is missing, must be {list(shape)}" for key, shape in wanted.items() if key not in found]
    return missing + [
        f"{key} is {list(found[key])}, must be {list(shape)}"
        for key, shape in wanted.items()
        if key in found and list(found[key]) != list(shape)
    ]


def fill(network: nn.Module, tensors: Mapping[str, Tensor], source: str, what: str = "this network") -> None:
    """Load what the network wants of these tensors, as float32. Raises Refusal naming the first that does not fit.

    source: where they are from; what: whose they should be, in words.
    """
    wanted = network.state_dict()
    if troubles := misfits({key: x.shape for key, x in wanted.items()}, {key: x.shape for key, x in tensors.items()}):
        raise Refusal(f"{source}: not the weights of {what}: {troubles[0]}")
    network.load_state_dict({key: tensors[key].float() for key in wanted})


def _reason(path: Path, message: str) -> str:
    if not starts_as_pickle(path):
        return NO_WEIGHTS  # the unpickler takes the first letter of a text for an instruction
    if named := re.search(r"GLOBAL (\S+)", message):
        return f"refused: reading it would run code in it ({named[1]}); ask for a file with the state_dict alone"
    if "Unsupported operand" in message:
        return "refused: a pickle with instructions that no state_dict needs and that could run code"
    if "TorchScript" in message:
        return "a TorchScript program, not a state_dict; it cannot be imported"
    return NO_WEIGHTS
