"""Networks that recipes call by more than their forward pass."""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from torch import nn


class Entered(nn.Module):
    """A network some of whose methods, `entrances`, are called by themselves, and so are compiled by themselves:
    `nn.Module.compile` compiles the call of a network alone.
    """

    entrances: ClassVar[tuple[str, ...]] = ()

    def compile_entrances(self) -> None:
        """Compiles each at its first call, with its backward pass."""
        for name in self.entrances:
            setattr(self, name, torch.compile(getattr(self, name)))

    def __getstate__(self) -> dict[str, Any]:
        """A copy has them as they were: the compiled ones are this network's, with its weights."""
        state: dict[str, Any] = super().__getstate__()
        return {name: value for name, value in state.items() if name not in self.entrances}
