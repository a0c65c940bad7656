"""Others' checkpoints, read without running anything in them, as our networks."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import torch
from torch import Tensor, nn

from img2img import __version__
from img2img.config.card import ModelCard, NetworkCard
from img2img.config.networks import ResnetSpec, UNetSpec
from img2img.networks import build

from ..errors import WeightsError
from ..files import require_match
from . import resnet, unet
from .pickles import read_tensors

_LEAVES = ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")


def import_reference(
    path: Path, *, source: str, target: str, running_stats: bool = False
) -> tuple[nn.Module, ModelCard]:
    """A generator of pytorch-CycleGAN-and-pix2pix (`*_net_G*.pth`) with its spec read from keys and shapes.

    source, target: the domains it was trained from and to; the file does not say. running_stats: keep BatchNorm's
    running statistics in place of each picture's own, with which the papers' results were made. Returns the network
    and a card with it as `generator`. Raises WeightsError where the file is none, or holds code.
    """
    network, spec = read_generator(path, running_stats=running_stats)
    card = ModelCard(
        task="translate",
        networks={"generator": NetworkCard(spec=spec, source=source, target=target)},
        created_with=f"img2img {__version__}",
        note=f"imported from {path.name}, a checkpoint of pytorch-CycleGAN-and-pix2pix",
    )
    return network, card


def read_generator(path: Path, *, running_stats: bool = False) -> tuple[nn.Module, ResnetSpec | UNetSpec]:
    """The generator in a reference checkpoint and its spec; see `import_reference`."""
    state = read_tensors(path)
    layout = _layout(path, state)
    try:
        spec = layout.spec(state, running_stats=running_stats)
    except (KeyError, IndexError) as error:
        raise WeightsError(f"{path}: looks like a reference generator, but {error} is not where it should be") from error
    network = build(spec)
    ours = _renamed(state, layout.modules(spec), network.state_dict())
    require_match(path, network, {key: list(tensor.shape) for key, tensor in ours.items()})
    network.load_state_dict(ours)
    return network, spec


def _layout(path: Path, state: dict[str, Tensor]) -> type[resnet.Layout] | type[unet.Layout]:
    if any(key.endswith(".filt") for key in state):
        raise WeightsError(f"{path}: a generator with blurred sampling, as CUT trains them; these cannot be imported")
    for layout in (resnet.Layout, unet.Layout):
        if layout.fits(state):
            return layout
    some = ", ".join(list(state)[:3])
    raise WeightsError(f"{path}: neither a ResNet nor a U-Net generator of the reference; it begins with {some}")


def _renamed(
    state: dict[str, Tensor], modules: Iterable[tuple[str, str]], wanted: dict[str, Tensor]
) -> dict[str, Tensor]:
    """The tensors under our keys. What matches none of `modules`, (theirs, ours), keeps its key, to be refused."""
    rest = dict(state)
    ours: dict[str, Tensor] = {}
    for theirs, mine in modules:
        for leaf in _LEAVES:
            tensor = rest.pop(f"{theirs}.{leaf}", None)
            key = f"{mine}.{leaf}"
            if tensor is not None and (key in wanted or leaf in ("weight", "bias")):  # statistics may be left behind
                ours[key] = tensor.float() if tensor.is_floating_point() else tensor
            elif key in wanted and leaf in ("bias", "num_batches_tracked"):
                # The reference without norms has no biases; torch before 0.4.1 counted no batches.
                ours[key] = torch.zeros_like(wanted[key])
    return ours | rest
