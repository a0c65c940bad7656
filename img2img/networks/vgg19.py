"""VGG19 as a feature network: activations and their gradients, but no weights that learn (arXiv:1409.1556)."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import torch
from torch import Tensor, nn

from img2img.config.environment import named_path
from img2img.config.sections.perceptual import VGG19_CONVOLUTIONS, VGG19_LAYERS

from .tensor_files import fill, read_tensors
from .torchvision_weights import download

WEIGHTS_VARIABLE = "IMG2IMG_VGG19"
"""Environment variable that names a file with the weights."""

# ImageNet's mean and standard deviation of RGB in [0, 1], which torchvision's classifiers were trained with.
_MEAN, _STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


class VGG19(nn.Module):
    """The convolutional part of VGG19 up to the last of `layers`, frozen.

    (N, 1 or 3, H, W) in [-1, 1] -> {layer: (N, C, h, w)}. At least 16 px from conv5_1 on, 2 px less a pooling before.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, layers: Collection[str]) -> None:
        super().__init__()
        places = _places()
        self.wanted = {places[name]: name for name in sorted(layers, key=VGG19_LAYERS.index)}
        self.features = nn.Sequential(*_stack(self.wanted, last=max(self.wanted)))
        # In terms of [-1, 1]: x = (y + 1) / 2.
        self.register_buffer("mean", 2 * torch.tensor(_MEAN).view(3, 1, 1) - 1, persistent=False)
        self.register_buffer("std", 2 * torch.tensor(_STD).view(3, 1, 1), persistent=False)
        self.requires_grad_(False)
        self.eval()

    def forward(self, image: Tensor) -> dict[str, Tensor]:
        activation = (image - self.mean) / self.std  # grey becomes three equal channels here
        found: dict[str, Tensor] = {}
        for place, layer in enumerate(self.features):
            activation = layer(activation)
            if place in self.wanted:
                found[self.wanted[place]] = activation
        return found


def load_vgg19(layers: Collection[str], path: Path | None = None) -> VGG19:
    """VGG19 with trained weights: from `path`, else the file that $IMG2IMG_VGG19 names, else torchvision's download.

    A file is what torch.save makes of a dictionary with torchvision's keys, features.N.weight and features.N.bias, in
    any precision. Raises Refusal in one line for a file that does not do, or where nothing can be reached.
    """
    named = named_path(path, WEIGHTS_VARIABLE)
    network = VGG19(layers)
    weights, source = (read_tensors(named), str(named)) if named else (_download(), "torchvision's VGG19")
    fill(network, weights, source, "VGG19")
    return network


def _places() -> dict[str, int]:
    """The place of each layer in torchvision's `features`; a pooling follows each block."""
    places, place = {}, 0
    for block, convolutions in enumerate(VGG19_CONVOLUTIONS, start=1):
        for number in range(1, convolutions + 1):
            places[f"conv{block}_{number}"], places[f"relu{block}_{number}"] = place, place + 1
            place += 2
        place += 1
    return places


def _stack(wanted: Collection[int], last: int) -> list[nn.Module]:
    """Convolutions, ReLUs and poolings up to place `last`. A ReLU spares what is wanted from before it."""
    stack: list[nn.Module] = []
    channels = 3
    for block, convolutions in enumerate(VGG19_CONVOLUTIONS):
        width = min(64 * 2**block, 512)
        for _ in range(convolutions):
            stack.append(nn.Conv2d(channels, width, 3, padding=1))
            stack.append(nn.ReLU(inplace=len(stack) - 1 not in wanted))
            channels = width
        stack.append(nn.MaxPool2d(2))
    return stack[: last + 1]


def _download() -> dict[str, Tensor]:
    from torchvision.models import VGG19_Weights  # 2 s of import, needed for this alone

    return download(
        VGG19_Weights.IMAGENET1K_V1,
        "the perceptual term needs VGG19's weights",
        f"name a file of them with --vgg19 FILE or ${WEIGHTS_VARIABLE}, or do without: --perceptual 0",
    )
