"""Weights between those of two files of one network: network interpolation (arXiv:1809.00219, section 3.4)."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn

from img2img.config.base import Refusal
from img2img.config.networks.spec import Spec
from img2img.networks.tensor_files import misfits

from .errors import WeightsError


@dataclass(frozen=True)
class Mixture:
    """What the weights are blended with.

    other: a name or a file; None: the shipped weights of the same network that invent nothing. strength: the weights'
    own share, 0 to 1; None: 1, or a half where `other` is named.
    """

    other: str | None = None
    strength: float | None = None

    @property
    def share(self) -> float:
        """The weights' own. Raises Refusal for one that is none."""
        share = (1.0 if self.other is None else 0.5) if self.strength is None else self.strength
        if not 0 <= share <= 1:
            raise Refusal(f"--strength {share:g}: allowed: 0 to 1")
        return share

    def __bool__(self) -> bool:
        return self.other is not None or self.share != 1


UNMIXED = Mixture()
"""Weights as they are."""


def blend(network: nn.Module, other: nn.Module, strength: float) -> None:
    """Make each weight of a network strength · its own + (1 - strength) · the other's, in place.

    strength: 1 and 0 leave the one or the other to the bit. What is no real number, such as counters, stays its own.
    """
    weights, others = network.state_dict(), other.state_dict()
    with torch.no_grad():
        for key, weight in weights.items():
            if weight.is_floating_point() and strength != 1:
                weight.copy_(others[key] if strength == 0 else torch.lerp(others[key], weight, strength))


def require_same_spec(spec: Spec, other: Spec, name: str, other_name: str) -> None:
    """Raise WeightsError, in one line that says what differs, unless two networks are built alike."""
    if spec == other:
        return
    own, theirs = spec.model_dump(), other.model_dump()
    differing = [
        f"{key} {theirs.get(key)}, not {own.get(key)}" for key in own | theirs if own.get(key) != theirs.get(key)
    ]
    raise WeightsError(
        f"{other_name} cannot be blended with {name}, as its network is built otherwise: {'; '.join(differing[:3])}; "
        f"--blend takes weights of the same network"
    )


def require_same_tensors(network: nn.Module, other: nn.Module, name: str, other_name: str) -> None:
    """Raise WeightsError, in one line, unless two networks have weights of the same names and shapes."""
    own, theirs = ({key: list(tensor.shape) for key, tensor in one.state_dict().items()} for one in (network, other))
    troubles = [*misfits(own, theirs), *(f"{key} is unexpected" for key in theirs.keys() - own.keys())]
    if troubles:
        raise WeightsError(
            f"{other_name} cannot be blended with {name}: {'; '.join(sorted(troubles)[:3])}; "
            f"--blend takes weights of the same network"
        )
