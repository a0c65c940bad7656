"""Networks that fill holes with what is known beforehand, and photos with holes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from img2img.apply.engine.model import Model
from img2img.apply.inpaint.filling import Blanked, NetworkFilling
from img2img.apply.inpaint.inpainting import Inpainting
from img2img.apply.inpaint.masking import Masking
from img2img.config.card import ModelCard, NetworkCard
from img2img.config.networks import SizeNeeds
from img2img.config.networks.inpainters import LightInpaintSpec
from img2img.images import Photo, to_alpha
from img2img.images.samples import to_planes
from img2img.networks import build
from img2img.weights.files import save

CPU = torch.device("cpu")
SIDE = 32
"""Of the squares that these networks are said to know, px."""


class Constant(nn.Module):
    """Fills with one value, and remembers what it was shown."""

    def __init__(self, value: float = 0.5) -> None:
        super().__init__()
        self.value = value
        self.shown: list[Tensor] = []

    def forward(self, masked: Tensor) -> Tensor:
        self.shown.append(masked.clone())
        return torch.full_like(masked[:, :-1], self.value)


class Known(nn.Module):
    """Fills with the mean of the known pixels that it is shown, channel by channel."""

    def forward(self, masked: Tensor) -> Tensor:
        picture, known = masked[:, :-1], 1 - masked[:, -1:]
        mean = (picture * known).sum((2, 3), keepdim=True) / known.sum((2, 3), keepdim=True)
        return mean.expand_as(picture)


def filling(network: nn.Module, side: int | None = SIDE, channels: int = 3, multiple_of: int = 8) -> NetworkFilling:
    """A network as `img2img inpaint` applies it."""
    needs = SizeNeeds(multiple_of=multiple_of, minimum=multiple_of, exact_tiling=False)
    model = Model(Blanked(network, channels), "inpaint", channels, 1, needs, "inpainted", CPU, Path(__file__))
    return NetworkFilling(model, side)


def inpainting(network: nn.Module, masking: Masking | None = None, side: int | None = SIDE) -> Inpainting:
    """The same, with masks whose holes are white."""
    return Inpainting(filling(network, side), masking or Masking())


def marked(samples: np.ndarray, hole: np.ndarray) -> Photo:
    """A photo of samples (H, W, C) and its mask, white where `hole` (H, W) is 1."""
    colours = 1 if samples.shape[2] < 3 else 3
    alpha = to_alpha(samples[..., colours:]) if samples.shape[2] > colours else None
    bits = 8 * samples.itemsize
    mask = Photo(to_planes((hole * 255).astype(np.uint8)[..., None]))
    return Photo(to_planes(samples[..., :colours]), alpha, bits, b"icc", b"exif", "PNG", mask=mask)  # type: ignore[arg-type]


def box(height: int, width: int, *boxes: tuple[int, int, int, int]) -> np.ndarray:
    """(H, W) uint8, 1 in boxes of (top, bottom, left, right)."""
    hole = np.zeros((height, width), np.uint8)
    for top, bottom, left, right in boxes:
        hole[top:bottom, left:right] = 1
    return hole


def write_inpainter(path: Path, change: Callable[[nn.Module], None] = lambda network: None) -> Path:
    """Weights of a tiny inpainter, of squares of `SIDE` px."""
    torch.manual_seed(0)
    spec = LightInpaintSpec(width=4, blocks=1)
    network = build(spec)
    change(network)
    path.parent.mkdir(parents=True, exist_ok=True)
    save(path, {"g": network}, ModelCard(task="inpaint", networks={"g": NetworkCard(spec=spec, size=SIDE)}))
    return path


def write_onnx_inpainter(path: Path, floats: bool = False) -> Path:
    """An ONNX file with MI-GAN's interface, picture and mask of uint8 with 0 = hole, that fills with 77.

    floats: takes float32 instead, which is another interface.
    """
    from onnx import TensorProto, helper, save_model

    kind = TensorProto.FLOAT if floats else TensorProto.UINT8
    given = [
        helper.make_tensor_value_info("image", kind, [1, 3, "h", "w"]),
        helper.make_tensor_value_info("mask", kind, [1, 1, "h", "w"]),
    ]
    made = helper.make_tensor_value_info("result", kind, [1, 3, "h", "w"])
    nodes = [
        helper.make_node("Cast", ["mask"], ["known"], to=TensorProto.BOOL),
        helper.make_node("Where", ["known", "image", "fill"], ["result"]),
    ]
    fill = helper.make_tensor("fill", kind, [1], [77])
    graph = helper.make_graph(nodes, "fill", given, [made], [fill])
    save_model(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
    return path
