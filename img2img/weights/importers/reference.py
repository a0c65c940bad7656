"""Generators of the papers' own PyTorch code, pytorch-CycleGAN-and-pix2pix, CUT and pix2pixHD: `*_net_G*.pth`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import torch
from torch import Tensor, nn

from img2img import __version__
from img2img.config.card import ModelCard, NetworkCard
from img2img.config.networks.translators import EnhancerSpec, TranslatorSpec
from img2img.networks import build
from img2img.weights.errors import WeightsError
from img2img.weights.files import require_match
from img2img.weights.importers import enhancer, resnet, unet

from .pickles import read_tensors

_LEARNT = ("weight", "bias")
_STATISTICS = ("running_mean", "running_var", "num_batches_tracked")


def import_reference(
    path: Path, *, source: str, target: str, running_stats: bool = False, labels: int = 0
) -> tuple[nn.Module, ModelCard]:
    """The generator in a reference checkpoint, and a card that has it as `generator`.

    source, target: the domains that it was trained from and to, which the file does not say. running_stats: keep
    BatchNorm's running statistics, in place of each picture's own, with which the papers' results were made. labels: of
    the label maps that it takes; a channel more is for the borders of instances.
    Raises WeightsError where the file holds no such generator, or holds code.
    """
    network, spec = read_generator(path, running_stats=running_stats, labels=labels)
    card = ModelCard(
        task="translate",
        networks={"generator": NetworkCard(spec=spec, source=source, target=target)},
        created_with=f"img2img {__version__}",
        note=f"imported from {path.name}, a checkpoint of pytorch-CycleGAN-and-pix2pix",
    )
    return network, card


def read_generator(path: Path, *, running_stats: bool = False, labels: int = 0) -> tuple[nn.Module, TranslatorSpec]:
    """The generator in a reference checkpoint, and its spec as keys and shapes tell it; see `import_reference`."""
    state = read_tensors(path)
    spec, modules = _understood(path, state, running_stats)
    if labels:
        spec = _with_labels(path, spec, labels)
    network = build(spec)
    wanted = network.state_dict()
    ours = _renamed(state, modules, wanted, biased=spec.norm != "none")
    if isinstance(spec, EnhancerSpec):
        ours = enhancer.absent(wanted) | ours
    require_match(path, network, {key: list(tensor.shape) for key, tensor in ours.items()})
    network.load_state_dict(ours)
    return network, spec


def _with_labels(path: Path, spec: TranslatorSpec, labels: int) -> TranslatorSpec:
    """The generator as one of label maps. Raises WeightsError where it is one of something else."""
    if spec.input_channels not in (labels, labels + 1):
        raise WeightsError(f"{path}: takes {spec.input_channels} channels, not {labels} labels, nor their borders, too")
    instances = spec.input_channels > labels
    return spec.model_copy(update={"labels": labels, "instances": instances, "input_channels": 3 if instances else 1})


def _understood(
    path: Path, state: dict[str, Tensor], running_stats: bool
) -> tuple[TranslatorSpec, Iterator[tuple[str, str]]]:
    """The generator's spec, and (theirs, ours) for each of its modules."""
    try:
        if enhancer.fits(state):
            local = enhancer.describe(state, running_stats)
            return local, enhancer.modules(local)
        if resnet.fits(state):
            residual = resnet.describe(state, running_stats)
            return residual, resnet.modules(residual)
        if unet.fits(state):
            nested = unet.describe(state, running_stats)
            return nested, unet.modules(nested)
    except (KeyError, IndexError, ValueError) as error:
        raise WeightsError(f"{path}: almost a reference generator, but its keys or shapes fit none") from error
    some = ", ".join(list(state)[:3])
    raise WeightsError(f"{path}: neither a ResNet nor a U-Net generator of the reference; it begins with {some}")


def _renamed(
    state: dict[str, Tensor], modules: Iterator[tuple[str, str]], wanted: dict[str, Tensor], *, biased: bool
) -> dict[str, Tensor]:
    """The tensors by our keys, without statistics that are not wanted; what else is left over keeps its own key.

    biased: False where the reference leaves biases out that ours have; they are 0.
    """
    rest = {key: tensor for key, tensor in state.items() if not key.endswith(resnet.FILTER)}
    ours: dict[str, Tensor] = {}
    for theirs, mine in modules:
        for leaf in (*_LEARNT, *_STATISTICS):
            tensor, key = rest.get(f"{theirs}.{leaf}"), f"{mine}.{leaf}"
            if key in wanted and tensor is not None:
                ours[key] = rest.pop(f"{theirs}.{leaf}")
            elif key in wanted and (leaf == "num_batches_tracked" or (leaf == "bias" and not biased)):
                ours[key] = torch.zeros_like(wanted[key])  # torch before 0.4.1 did not count batches
            elif leaf in _STATISTICS:
                rest.pop(f"{theirs}.{leaf}", None)
    return ours | rest
