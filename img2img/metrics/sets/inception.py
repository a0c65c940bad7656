"""The Inception network whose features FID and its kin compare: torch-fidelity's, with the weights of 2015-12-05."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from io import BytesIO
from itertools import groupby
from pathlib import Path
from textwrap import shorten
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate

from img2img.config.base import Refusal
from img2img.networks.tensor_files import read_tensors

WEIGHTS_VARIABLE = "IMG2IMG_INCEPTION"
"""Environment variable that names a file with the weights."""

SIDE = 299
"""Of the squares that the network sees, px."""

Resize = Literal["clean", "tensorflow"]
"""clean: bicubic, antialiased, rounded to 8 bits (after arXiv:2104.11222). tensorflow: its bilinear of 2015, which
leaves out pixels where it shrinks; what papers used before."""


class Inception:
    """Pictures -> features. classifies: whether the weights have the class layer, without which logits are all 0.

    identity: of the weights, a hexadecimal hash.
    """

    def __init__(self, network: nn.Module, resize: Resize, device: torch.device) -> None:
        self.resize = resize
        weights: Any = network.state_dict()
        self.identity = _hash(weights)
        self.classifies = bool(weights["fc.weight"].any())
        self._device = device
        self._network = network.to(device)

    @torch.inference_mode()
    def __call__(self, pictures: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
        """(3, H, W) uint8 pictures of any sizes -> (N, 2048) features and (N, 1008) logits, float32, on the CPU.

        Logits are without the class layer's bias, as the Inception score has always been computed.
        """
        seen = [square(picture, SIDE) for picture in pictures] if self.resize == "clean" else pictures
        parts = [self._network(torch.stack(list(alike)).to(self._device)) for _, alike in groupby(seen, _size)]
        features, logits = (torch.cat(columns).cpu() for columns in zip(*parts, strict=True))
        return features, logits


def square(picture: Tensor, side: int) -> Tensor:
    """(3, H, W) uint8 -> (3, side, side) uint8: stretched, bicubic, antialiased where it shrinks."""
    if picture.shape[1:] == (side, side):
        return picture
    resized = interpolate(picture[None].float(), (side, side), mode="bicubic", antialias=True)
    return resized[0].round().clamp(0, 255).byte()


def load_inception(path: Path | None, resize: Resize, device: torch.device) -> Inception:
    """With weights from `path`, else the file that $IMG2IMG_INCEPTION names, else torch-fidelity's download.

    A file is a dictionary of tensors with torch-fidelity's keys, in any precision.
    Raises Refusal in one line where torch-fidelity is not installed, a file does not do, or nothing can be reached.
    """
    named = named_weights(path)
    return Inception(_from_file(named) if named else _downloaded(), resize, device)


def named_weights(path: Path | None) -> Path | None:
    """The file that is named, else the one that $IMG2IMG_INCEPTION names; None for neither."""
    value = os.environ.get(WEIGHTS_VARIABLE)
    return path or (Path(value) if value else None)


def _from_file(path: Path) -> nn.Module:
    # torch-fidelity would read the file without restrictions: it is given what our reader found in it instead.
    checked = BytesIO()
    torch.save(read_tensors(path), checked)
    checked.seek(0)
    try:
        return _network(checked)
    except RuntimeError as error:
        why = shorten(" ".join(str(error).split()), 160)
        raise Refusal(f"{path}: not Inception's weights in torch-fidelity's layout: {why}") from error


def _downloaded() -> nn.Module:
    try:
        return _network(None)
    except (OSError, RuntimeError) as error:  # no network, a full disk; a broken file
        raise Refusal(
            f"Inception's weights are needed, and torch-fidelity's download of them failed ({error}); name a file with "
            f"--inception FILE or ${WEIGHTS_VARIABLE}"
        ) from error


def _network(weights: BytesIO | None) -> nn.Module:
    try:
        from torch_fidelity import FeatureExtractorInceptionV3  # 1 s of import, needed for this alone
    except ImportError as error:
        raise Refusal("Inception's features need torch-fidelity: pip install 'img2img-gan[metrics]'") from error
    wanted = ["2048", "logits_unbiased"]
    network: nn.Module = FeatureExtractorInceptionV3(
        "inception-v3-compat", wanted, feature_extractor_weights_path=weights
    )
    return network


def _hash(weights: dict[str, Tensor]) -> str:
    found = hashlib.sha256()
    for key, tensor in sorted(weights.items()):
        found.update(key.encode())
        found.update(tensor.contiguous().numpy().tobytes())
    return found.hexdigest()


def _size(picture: Tensor) -> torch.Size:
    return picture.shape
