"""Other people's super-resolution weights: SRResNet; ESRGAN, Real-ESRGAN, Compact, SwinIR, … through spandrel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from img2img.config.card import METADATA_KEY
from img2img.config.networks import SizeNeeds
from img2img.config.printable import in_short, printable
from img2img.disk.regular import require_regular
from img2img.disk.utf8_path import utf8_path
from img2img.weights.importers.pickles import read_tensors

from .errors import WeightsError, no_safetensors
from .importers import srresnet

PICKLES = (".pth", ".pt", ".ckpt", ".tar", ".bin")
"""Suffixes of torch's checkpoints."""


@dataclass(frozen=True)
class ForeignCard:
    """What can be found out about weights that come without a card.

    channels: of the input, 1 or 3. half, brain: whether float16 and bfloat16 are known to work.
    """

    architecture: str
    channels: int
    scale: int
    needs: SizeNeeds
    half: bool
    brain: bool


class Foreign(nn.Module):
    """A network on [0, 1] as one of ours: (N, C, h, w) in [-1, 1] -> (N, C', h * scale, w * scale), not clamped."""

    def __init__(self, network: nn.Module, call: Callable[[nn.Module, Tensor], Tensor]) -> None:
        """call: how the network is called on a picture in [0, 1], which for some takes more than the picture."""
        super().__init__()
        self.network = network
        self._call = call

    def forward(self, low: Tensor) -> Tensor:
        return self._call(self.network, (low + 1) / 2) * 2 - 1


def is_foreign(path: Path) -> bool:
    """Whether a file is a torch checkpoint, or a safetensors file without our card."""
    if path.suffix.lower() in PICKLES:
        return True
    try:
        require_regular(path)
        with utf8_path(path) as named, safe_open(named, "pt") as file:
            return METADATA_KEY not in (file.metadata() or {})
    except (SafetensorError, OSError):
        return False


def load_foreign(path: Path, device: torch.device | str = "cpu") -> tuple[nn.Module, ForeignCard]:
    """The network in a .pth or .safetensors file, and what it takes. Code in the file is refused, never run.

    Raises WeightsError in one line: no spandrel, an unknown architecture, weights for another task, a broken file.
    """
    tensors = _tensors(path)
    network, card = _srresnet(path, tensors) if srresnet.fits(tensors) else _through_spandrel(path, tensors)
    return network.to(device).eval().requires_grad_(False), card


def _srresnet(path: Path, tensors: dict[str, Tensor]) -> tuple[nn.Module, ForeignCard]:
    try:
        network, call, scale, needs = srresnet.read(tensors)
    except (KeyError, IndexError, RuntimeError, ValueError) as error:
        raise WeightsError(
            f"{path}: almost an SRResNet, but its keys or shapes fit none ({in_short(error)})"
        ) from error
    channels = next(network.parameters()).shape[1]
    return Foreign(network, call), ForeignCard("SRResNet", channels, scale, needs, half=True, brain=True)


def _through_spandrel(path: Path, tensors: dict[str, Tensor]) -> tuple[nn.Module, ForeignCard]:
    spandrel = _spandrel(path)
    try:
        found = spandrel.ModelLoader(device="cpu").load_from_state_dict(tensors)
    except spandrel.UnsupportedModelError:
        some = ", ".join(printable(key[:60]).replace("\n", "\\n") for key in list(tensors)[:3])
        raise WeightsError(f"{path}: no architecture that spandrel knows has these weights ({some}, …)") from None
    except Exception as error:  # its guesses at the network's shape fail in many ways
        raise WeightsError(f"{path}: almost known weights, but they do not fit together ({in_short(error)})") from error
    card = _card(path, spandrel, found)
    # _call_fn, as its public call clamps, which would hide an overflow of float16 from the engine
    return Foreign(found.model, found._call_fn), card


def _card(path: Path, spandrel: Any, found: Any) -> ForeignCard:
    size = found.size_requirements
    name = found.architecture.name
    if not isinstance(found, spandrel.ImageModelDescriptor) or found.purpose not in ("SR", "Restoration"):
        raise WeightsError(f"{path}: {name} weights are for {found.purpose}; allowed: SR, Restoration")
    if size.square or found.input_channels not in (1, 3):
        shape = "square pictures" if size.square else f"{found.input_channels} channels"
        raise WeightsError(f"{path}: {name} weights for {shape}; allowed: pictures of any shape with 1 or 3 channels")
    # Nobody says how far these see; those that spandrel would rather not tile take statistics or attention of it all.
    needs = SizeNeeds(
        multiple_of=size.multiple_of,
        minimum=max(1, size.minimum),
        exact_tiling=found.tiling == spandrel.ModelTiling.SUPPORTED,
    )
    return ForeignCard(name, found.input_channels, found.scale, needs, found.supports_half, found.supports_bfloat16)


def _spandrel(path: Path) -> Any:
    try:
        import spandrel
    except ImportError:
        raise WeightsError(
            f"{path}: other people's weights need spandrel, which is missing; pip install 'img2img-gan[spandrel]'"
        ) from None
    return spandrel


def _tensors(path: Path) -> dict[str, Tensor]:
    if path.suffix.lower() in PICKLES:
        return read_tensors(path)
    try:
        require_regular(path)
        with utf8_path(path) as named, safe_open(named, "pt") as file:
            return {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118 (no mapping)
    except (SafetensorError, OSError) as error:
        raise no_safetensors(path, error) from error
