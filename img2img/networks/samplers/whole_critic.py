"""Critics that see a picture whole: features from a trunk, a score from them, and what else can be read off them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn.functional import one_hot

from img2img.config.networks.whole_critics import WholeCriticSpec, WholeNorm
from img2img.networks.critics.critic import Critic
from img2img.networks.layers.minibatch import across_batch
from img2img.networks.layers.norms import constrained, dense_normalisation


class WholeCritic(Critic):
    """image: (N, C, size, size) in [-1, 1]; given: labels (N,) int64 where the spec has classes, codes (N, code) where
    it has a code -> scores (N, 1).

    A subclass has the `trunk`, whose last activation, flattened, is what the score is linear in, unless a code comes in
    between. width: length of it; dense: what linear layers behind it are.
    """

    def __init__(self, spec: WholeCriticSpec, width: int, dense: Dense = nn.Linear) -> None:
        super().__init__()
        self.classes = spec.classes
        self.joint = Joint(width, spec.code, spec.joint, spec.norm, dense) if spec.code else None
        self.minibatch, scored = across_batch(spec.minibatch, spec.joint if spec.code else width)
        self.score = constrained(dense(scored, 1), spec.norm)
        self.directions: nn.Module | None = None
        if spec.classes and spec.told == "projection":
            table = nn.Embedding(spec.classes, width)
            nn.init.xavier_uniform_(table.weight)
            self.directions = constrained(table, spec.norm)
        self.reader = constrained(nn.Linear(width, spec.readout), spec.norm) if spec.readout else None

    @abstractmethod
    def trunk(self, image: Tensor, label: Tensor | None) -> list[Tensor]:
        """Activations from the first layer to the features, each (N, ...).

        label: (N, classes) one-hot where the trunk is to see it beside the picture.
        """

    def features(self, image: Tensor, given: Tensor | None = None) -> list[Tensor]:
        if self.classes and given is None:
            raise ValueError(f"this critic knows {self.classes} classes: it takes a label for every picture")
        if self.joint is not None and given is None:
            raise ValueError("this critic judges pictures with their codes: it takes a code for every picture")
        beside = self.classes and self.directions is None
        label = one_hot(given, self.classes).to(image.dtype) if beside and given is not None else None
        found = self.trunk(image, label)
        last = found[-1].flatten(1)
        if self.joint is not None:
            last = self.joint(last, given)
            found.append(last)
        score: Tensor = self.score(self.minibatch(last))
        if self.directions is not None:
            score = score + (self.directions(given) * last).sum(dim=1, keepdim=True)
        return [*found, score]

    def read(self, features: list[Tensor]) -> Tensor:
        """What the further head makes of the activations of `features`: (N, readout)."""
        assert self.reader is not None, "a critic without readout reads nothing"
        read: Tensor = self.reader(features[-2].flatten(1))
        return read


def shared_input(spec: WholeCriticSpec) -> int:
    """Numbers of a label that the trunk sees beside the picture."""
    return spec.classes if spec.told == "input" else 0


def on_planes(image: Tensor, label: Tensor | None) -> Tensor:
    """The picture, and each number of its label as a plane: (N, C, H, W), (N, L) -> (N, C + L, H, W)."""
    if label is None:
        return image
    planes = label[:, :, None, None].expand(-1, -1, *image.shape[2:])
    return torch.cat([image, planes], dim=1)


Dense = Callable[[int, int], nn.Module]
"""(inputs, outputs) -> a linear layer."""


class Joint(nn.Module):
    """The code through a dense layer, then both through two: (N, width), (N, code) -> (N, joint).

    The critic's score is linear in what comes out, so that it can tell which code belongs to which picture: a sum of a
    score of each could not.
    """

    def __init__(self, width: int, code: int, joint: int, norm: WholeNorm, dense: Dense) -> None:
        super().__init__()
        self.enter = _layer(code, joint, norm, dense)
        self.together = nn.Sequential(_layer(width + joint, joint, norm, dense), _layer(joint, joint, norm, dense))

    def forward(self, features: Tensor, code: Tensor) -> Tensor:
        entered = self.enter(code.to(features.dtype))
        together: Tensor = self.together(torch.cat([features, entered.to(features.dtype)], dim=1))
        return together


def _layer(inputs: int, outputs: int, norm: WholeNorm, dense: Dense) -> nn.Sequential:
    return nn.Sequential(
        constrained(dense(inputs, outputs), norm), dense_normalisation(norm, outputs), nn.LeakyReLU(0.2, inplace=True)
    )
