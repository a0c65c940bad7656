"""Weights of torchvision's classifiers, which it downloads once and checks by their hash."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch import Tensor

from img2img.config.base import Refusal

if TYPE_CHECKING:
    from torchvision.models import WeightsEnum


def download(weights: WeightsEnum, needs: str, instead: str) -> dict[str, Tensor]:
    """The tensors. Raises Refusal where they cannot be had: `needs` says for what they are, `instead` what helps."""
    try:
        tensors: dict[str, Tensor] = weights.get_state_dict(progress=False, check_hash=True)
    except (OSError, RuntimeError) as error:  # no network, a full disk; a hash that does not fit
        raise Refusal(f"{needs}, and torchvision's download failed ({error}); {instead}") from error
    return tensors
