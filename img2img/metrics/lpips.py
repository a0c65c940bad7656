"""Learned perceptual distance, LPIPS v0.1 (arXiv:1801.03924): how far apart two pictures are to a trained network."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn.functional import adaptive_avg_pool2d

from img2img.config.base import Refusal
from img2img.networks.tensor_files import fill, read_tensors
from img2img.networks.torchvision_weights import download

from .feature_files import FOLDER_VARIABLE, weights_folder

Backbone = Literal["alex", "vgg"]

FILES: dict[Backbone, tuple[str, str]] = {
    "alex": ("alexnet_features.pth", "lpips_lin_alex.pth"),
    "vgg": ("vgg16_features.pth", "lpips_lin_vgg.pth"),
}
"""The classifier's convolutions with torchvision's keys, and the linear layers as the authors published them."""

SMALLEST: dict[Backbone, int] = {"alex": 31, "vgg": 16}
"""Side from which the deepest layer has something to see, px."""

# What the published code subtracts and divides by, on [-1, 1]: nearly, but not quite, ImageNet's mean and deviation.
_SHIFT, _SCALE = (-0.030, -0.088, -0.188), (0.458, 0.448, 0.450)


class LPIPS(nn.Module):
    """Squared differences of unit-length activations of five layers, weighted by channel, averaged over places, summed.

    The sum over l of mean over (h, w) of |w_l * (y_hw - y0_hw)|² (equation 1), after the published code, where the
    weights are not squared. No weight learns; gradients reach the pictures.
    """

    shift: Tensor
    scale: Tensor

    def __init__(self, backbone: Backbone) -> None:
        super().__init__()
        self.backbone = backbone
        stack, self.heard = alexnet() if backbone == "alex" else vgg16()
        self.features = nn.Sequential(*stack)
        widths = [layer.out_channels for layer in stack if isinstance(layer, nn.Conv2d)]
        chosen = widths if backbone == "alex" else [64, 128, 256, 512, 512]
        self.linear = nn.ModuleList(nn.Conv2d(width, 1, 1, bias=False) for width in chosen)
        self.register_buffer("shift", torch.tensor(_SHIFT).view(3, 1, 1), persistent=False)
        self.register_buffer("scale", torch.tensor(_SCALE).view(3, 1, 1), persistent=False)
        self.requires_grad_(False)
        self.eval()

    def forward(self, images: Tensor, reference: Tensor, where: Tensor | None = None) -> Tensor:
        """images, reference: (N, C, H, W) or (C, H, W) in [-1, 1], C 1 or 3. Returns: (N,) or (), 0 for equal pictures.

        where: (N, 1, H, W) or (1, H, W), not negative, how much each place counts; for each layer it is averaged to its
        size. None: all alike.
        Raises: Refusal for sizes that differ or are too small.
        """
        if images.shape[-2:] != reference.shape[-2:] or min(images.shape[-2:]) < SMALLEST[self.backbone]:
            sizes = " and ".join(f"{x.shape[-1]}x{x.shape[-2]}" for x in (images, reference))
            raise Refusal(f"LPIPS takes two pictures of one size, from {SMALLEST[self.backbone]} px; these are {sizes}")
        one, other = (self._activations(x if x.dim() == 4 else x[None]) for x in (images, reference))
        differences = [(a - b).square() for a, b in zip(one, other, strict=True)]
        shares = None if where is None else where if where.dim() == 4 else where[None]
        heard = [_mean(line(x), shares) for line, x in zip(self.linear, differences, strict=True)]
        distance = torch.stack(heard).sum(0)
        return distance if images.dim() == 4 else distance[0]

    def _activations(self, images: Tensor) -> list[Tensor]:
        """Of each layer that counts, at unit length along the channels."""
        activation = (images - self.shift) / self.scale  # grey becomes three equal channels here
        found = []
        for place, layer in enumerate(self.features):
            activation = layer(activation)
            if place in self.heard:
                length = activation.square().sum(1, keepdim=True).sqrt()
                found.append(activation / (length + 1e-10))
        return found


def _mean(places: Tensor, where: Tensor | None) -> Tensor:
    """(N, 1, h, w) -> (N,), weighted by (N, 1, H, W)."""
    if where is None:
        return places.mean((1, 2, 3))
    weights = adaptive_avg_pool2d(where, (places.shape[-2], places.shape[-1]))
    return (places * weights).sum((1, 2, 3)) / weights.sum((1, 2, 3))


def alexnet() -> tuple[list[nn.Module], Sequence[int]]:
    """The convolutions of torchvision's AlexNet (arXiv:1404.5997), and which places are heard: its five ReLUs."""
    pool = nn.MaxPool2d(3, stride=2)
    stack: list[nn.Module] = [
        *(nn.Conv2d(3, 64, 11, stride=4, padding=2), nn.ReLU(), pool),
        *(nn.Conv2d(64, 192, 5, padding=2), nn.ReLU(), pool),
        *(nn.Conv2d(192, 384, 3, padding=1), nn.ReLU()),
        *(nn.Conv2d(384, 256, 3, padding=1), nn.ReLU()),
        *(nn.Conv2d(256, 256, 3, padding=1), nn.ReLU()),
    ]
    return stack, (1, 4, 7, 9, 11)


def vgg16() -> tuple[list[nn.Module], Sequence[int]]:
    """The convolutions of VGG16 (arXiv:1409.1556), and which places are heard: the last ReLU of each block."""
    stack: list[nn.Module] = []
    heard = []
    channels = 3
    for block, convolutions in enumerate((2, 2, 3, 3, 3)):
        if block:
            stack.append(nn.MaxPool2d(2))
        for _ in range(convolutions):
            stack += [nn.Conv2d(channels, min(64 * 2**block, 512), 3, padding=1), nn.ReLU()]
            channels = min(64 * 2**block, 512)
        heard.append(len(stack) - 1)
    return stack, heard


def load_lpips(backbone: Backbone = "alex", folder: Path | None = None) -> LPIPS:
    """LPIPS with trained weights from a folder: `folder`, else the one that $IMG2IMG_LPIPS names.

    The linear layers must lie there; the classifier's convolutions are downloaded by torchvision where they do not.
    Raises: Refusal in one line for what is missing or does not fit.
    """
    network = LPIPS(backbone)
    features, linear = FILES[backbone]
    found = weights_folder(folder)
    if found is None or not (found / linear).is_file():
        where = f"not in {found}" if found else "no folder given"
        raise Refusal(
            f"LPIPS-{backbone} needs {linear} ({where}): the file {backbone}.pth of LPIPS v0.1, from "
            f"github.com/richzhang/PerceptualSimilarity; name its folder with --lpips-weights DIR or ${FOLDER_VARIABLE}"
        )
    lines = read_tensors(found / linear)
    bare = {key.removeprefix("lin").replace(".model.1.", "."): tensor for key, tensor in lines.items()}
    fill(network.linear, bare, str(found / linear))
    if (found / features).is_file():
        fill_features(network, read_tensors(found / features), str(found / features))
    else:
        fill_features(network, downloaded(backbone), "torchvision's download")
    return network


def fill_features(network: LPIPS, tensors: dict[str, Tensor], source: str) -> None:
    """The classifier's convolutions, by torchvision's keys."""
    prefix = "features."
    fill(
        network.features,
        {key.removeprefix(prefix): value for key, value in tensors.items() if key.startswith(prefix)},
        source,
    )


def downloaded(backbone: Backbone) -> dict[str, Tensor]:
    """torchvision's classifier, trained on ImageNet. Raises Refusal where it cannot be reached."""
    from torchvision.models import AlexNet_Weights, VGG16_Weights  # 2 s of import, needed for this alone

    weights = AlexNet_Weights.IMAGENET1K_V1 if backbone == "alex" else VGG16_Weights.IMAGENET1K_V1
    classifier, heads = FILES[backbone]
    return download(weights, f"LPIPS-{backbone} needs {classifier}", f"put the file beside {heads}")
