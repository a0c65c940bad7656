"""Where the weights of feature networks come from: a folder that the user names, or torchvision's download."""

from __future__ import annotations

from pathlib import Path

from torch import Tensor, nn

from img2img.config.base import Refusal
from img2img.config.environment import named_path

FOLDER_VARIABLE = "IMG2IMG_LPIPS"
"""Environment variable that names a folder with LPIPS's files."""


def weights_folder(named: Path | None) -> Path | None:
    """The folder named, else the environment's; None for neither. Raises Refusal where it is no folder."""
    folder = named_path(named, FOLDER_VARIABLE)
    if folder is not None and not folder.is_dir():
        option = "--lpips-weights" if named else f"${FOLDER_VARIABLE}"
        raise Refusal(f"{option} {folder}: {'is a file, not a folder' if folder.exists() else 'no such folder'}")
    return folder


def fill(network: nn.Module, tensors: dict[str, Tensor], source: str) -> None:
    """Load what the network wants of these tensors, as float32. Raises Refusal naming the first that does not fit."""
    wanted = network.state_dict()
    for key, tensor in wanted.items():
        if key not in tensors or tensors[key].shape != tensor.shape:
            found = f"is {list(tensors[key].shape)}" if key in tensors else "is missing"
            raise Refusal(f"{source}: not the weights of this network: {key} {found}, must be {list(tensor.shape)}")
    network.load_state_dict({key: tensors[key].float() for key in wanted})
