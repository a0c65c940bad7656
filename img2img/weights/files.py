"""One safetensors file: networks as `<name>.<parameter>`, and the model card in its header."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import save_file
from torch import Tensor, nn

from img2img.config.card import METADATA_KEY, ModelCard
from img2img.images.atomic import write_atomically
from img2img.networks.bounded import TooManyTensors, built_within
from img2img.networks.tensor_files import misfits

from .errors import WeightsError
from .headers import card_in, opened
from .headers import count_parameters as count_parameters
from .headers import read_card as read_card


def save(path: Path, networks: Mapping[str, nn.Module], card: ModelCard, dtype: torch.dtype | None = None) -> None:
    """Write networks and their card to one file, whole or not at all.

    networks: by the names that the card gives them. dtype: store real numbers as this, float16 for half the size.
    Raises WeightsError where names differ from the card's, a value does not fit dtype, or the disk refuses.
    """
    if networks.keys() != card.networks.keys():
        raise WeightsError(f"{path}: the card describes {_listed(card.networks)}, not {_listed(networks)}")
    tensors = {
        f"{name}.{key}": _stored(tensor, dtype, f"{path}: {name}.{key}")
        for name, network in networks.items()
        for key, tensor in network.state_dict().items()
    }
    tensors = _each_its_own(tensors)
    metadata = {METADATA_KEY: card.model_dump_json(), "format": "pt"}
    try:
        with write_atomically(path) as draft:
            save_file(tensors, draft, metadata)
    except (OSError, SafetensorError) as error:
        raise WeightsError(f"{path}: cannot be written: {error}") from error


def load(path: Path, device: torch.device | str = "cpu") -> tuple[nn.ModuleDict, ModelCard]:
    """Networks as their card describes them, with their weights, in training mode.

    Half-precision files become float32. Raises WeightsError where the file is not one of ours, or does not hold
    exactly the weights that its card promises.
    """
    with opened(path, "pt") as file:
        card = card_in(file.metadata() or {}, path)
        found = {key: list(file.get_slice(key).get_shape()) for key in file.keys()}  # noqa: SIM118 (no mapping)
        networks = _promised(path, card, found)
        require_match(path, networks, found)
        # A copy, since what safetensors returns may still be backed by the file.
        tensors = {key: _loaded(file.get_tensor(key)).to(device, copy=True) for key in found}
    networks.load_state_dict(tensors, strict=True, assign=True)
    # A buffer that no file has would stay without memory, and convolutions take whatever lies there: NaN, at times.
    assert not any(buffer.is_meta for buffer in networks.buffers()), "buffers of networks in files are persistent"
    return networks, card


def require_match(path: Path, network: nn.Module, found: Mapping[str, list[int]]) -> None:
    """Raise WeightsError, in one line, unless the tensors found, {key: shape}, are the network's to the last one."""
    wanted = {key: list(tensor.shape) for key, tensor in network.state_dict().items()}
    troubles = [
        *misfits(wanted, found),
        *(f"{key} is unexpected" for key in found.keys() - wanted.keys()),
    ]
    if troubles:
        more = f"; and {len(troubles) - 3} more" if len(troubles) > 3 else ""
        raise WeightsError(f"{path}: not the weights of its network: {'; '.join(sorted(troubles)[:3])}{more}")


def _promised(path: Path, card: ModelCard, found: Mapping[str, object]) -> nn.ModuleDict:
    """The card's networks, without memory for their weights.

    Building stops where a network gets more tensors than the file has for it: a card may promise anything.
    """
    held = Counter(key.partition(".")[0] for key in found)
    if lacking := card.networks.keys() - held.keys():
        raise WeightsError(f"{path}: its card describes networks of which it holds nothing: {_listed(lacking)[:100]}")
    try:
        with torch.device("meta"):
            return nn.ModuleDict(
                {name: built_within(network.spec, held[name]) for name, network in card.networks.items()}
            )
    except TooManyTensors as error:
        raise WeightsError(f"{path}: not the weights of its network: {error}") from None
    except KeyError as error:  # ModuleDict's own attributes cannot be names
        raise WeightsError(f"{path}: its model card is not valid: a network cannot have this name: {error}") from error
    except (ValueError, TypeError, RuntimeError, OverflowError, MemoryError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise WeightsError(f"{path}: its model card describes no network that can be built ({reason})") from error


def _stored(tensor: Tensor, dtype: torch.dtype | None, what: str) -> Tensor:
    tensor = tensor.detach()
    if dtype is not None and tensor.is_floating_point():
        narrowed = tensor.to(dtype)
        if not torch.isfinite(narrowed[torch.isfinite(tensor)]).all():
            raise WeightsError(f"{what}: {tensor.abs().max():.3g} does not fit {str(dtype).removeprefix('torch.')}")
        tensor = narrowed
    return tensor.cpu().contiguous()


def _each_its_own(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Networks may have layers in common, and a file holds them for each."""
    held: set[int] = set()
    own: dict[str, Tensor] = {}
    for name, tensor in tensors.items():
        place = tensor.untyped_storage().data_ptr()
        own[name] = tensor.clone() if place in held else tensor
        held.add(place)
    return own


def _loaded(tensor: Tensor) -> Tensor:
    return tensor.float() if tensor.is_floating_point() else tensor


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "nothing"
