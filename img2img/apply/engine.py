"""The engine: photo → [-1, 1] → network → photo, whatever the photo's size, channels and transparency."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor, nn

from img2img.config.card import ModelCard, NetworkCard, Task
from img2img.images import Photo, bleed, run_whole
from img2img.networks import apply_mode
from img2img.weights.files import load
from img2img.weights.find import check_task, choose_network, find

LUMA = (0.299, 0.587, 0.114)
"""BT.601 weights of R, G, B."""


@dataclass(frozen=True)
class Model:
    """A network ready to be applied.

    noise: whether dropout stays on, as the pix2pix paper has it at test time.
    """

    network: nn.Module
    card: NetworkCard
    about: ModelCard
    device: torch.device
    path: Path

    @property
    def label(self) -> str:
        """What a result's name says it became."""
        return self.card.target.replace("/", "-").replace(" ", "-")

    def convert(self, photo: Photo) -> Photo:
        """The photo through the network: same size, transparency, profile and metadata."""
        pixels = photo.pixels if photo.alpha is None else bleed(photo.pixels, photo.alpha)
        shown = fit_channels(pixels, self.card.spec.input_channels)  # type: ignore[union-attr]
        result = run_whole(self._forward, shown, self.card.needs.multiple_of, self.card.needs.minimum)
        profile = photo.icc if result.shape[0] == photo.pixels.shape[0] else None
        return replace(photo, pixels=result.clamp(-1, 1), icc=profile)

    def _forward(self, batch: Tensor) -> Tensor:
        return self.network(batch.to(self.device)).float()


def open_model(model: str, task: Task, *, to: str | None, device: torch.device, noise: bool = False) -> Model:
    """Loads a shipped model by name, a weights file, or a run's newest weights.

    to: the name of the target domain; needed where the file has several.
    Raises WeightsError in one line for a file of another task, an unknown name or an ambiguous target.
    """
    path = find(model, task)
    networks, about = load(path, device=device)
    check_task(about, task, path)
    name = choose_network(about, to)
    network = networks[name]
    apply_mode(network, noise=noise)
    return Model(network, about.networks[name], about, device, path)


def fit_channels(pixels: Tensor, channels: int) -> Tensor:
    """(C, H, W) with C = 1 or 3 -> (channels, H, W): grey is repeated, colour becomes its luma (BT.601)."""
    if pixels.shape[0] == channels:
        return pixels
    if pixels.shape[0] == 1:
        return pixels.expand(channels, -1, -1)
    weights = torch.tensor(LUMA, dtype=pixels.dtype).view(3, 1, 1)
    return (pixels * weights).sum(0, keepdim=True)
