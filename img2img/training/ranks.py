"""Several devices: the same weights on each, gradients averaged by hand.

Networks are not wrapped: a game charges a critic several times before one backward pass and differentiates its
gradients once more, which wrappers do not allow. Averaging one flat buffer after the backward pass is exact for all of
it, and files never carry a wrapper's `module.` prefix.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn


@dataclass(frozen=True)
class Ranks:
    """This process among those that train together."""

    rank: int = 0
    count: int = 1
    local: int = 0

    @property
    def is_first(self) -> bool:
        """Whether this is the process that writes files."""
        return self.rank == 0

    @torch.no_grad()
    def average_gradients(self, weights: Sequence[nn.Parameter], votes: Tensor) -> Tensor:
        """Replaces each gradient by its mean over ranks, in one message; returns the mean of `votes`, 1-dim float32."""
        if self.count == 1:
            return votes
        gradients = [torch.zeros_like(weight) if weight.grad is None else weight.grad for weight in weights]
        flat = torch.cat([part.reshape(-1).to(votes.dtype) for part in (*gradients, votes)])
        dist.all_reduce(flat)
        *means, votes = (flat / self.count).split([part.numel() for part in (*gradients, votes)])
        for weight, gradient, mean in zip(weights, gradients, means, strict=True):
            weight.grad = gradient.copy_(mean.view(gradient.shape))
        return votes

    def mean(self, value: Tensor) -> Tensor:
        """The mean over ranks."""
        if self.count == 1:
            return value
        value = value.clone()
        dist.all_reduce(value)
        return value / self.count

    @torch.no_grad()
    def share(self, modules: Iterable[nn.Module]) -> None:
        """Gives every rank the first one's weights and buffers."""
        if self.count == 1:
            return
        for module in modules:
            for tensor in [*module.parameters(), *module.buffers()]:
                dist.broadcast(tensor.data, src=0)

    def gather(self, mine: Any) -> list[Any] | None:
        """Every rank's object, in order, on the first rank; None on the others."""
        if self.count == 1:
            return [mine]
        everyone: list[Any] | None = [None] * self.count if self.is_first else None
        dist.gather_object(mine, everyone)
        return everyone

    def of_first(self, mine: Any) -> Any:
        """The first rank's object, on every rank."""
        if self.count == 1:
            return mine
        parcel = [mine]
        dist.broadcast_object_list(parcel, src=0)
        return parcel[0]

    def wait(self) -> None:
        """Until all ranks are here."""
        if self.count > 1:
            dist.barrier()


@contextmanager
def process_group() -> Iterator[Ranks]:
    """Joins the process group that torchrun or `accelerate launch` has set up in the environment; alone without one."""
    count = int(os.environ.get("WORLD_SIZE", "1"))
    if count == 1:
        yield Ranks()
        return
    rank, local = int(os.environ["RANK"]), int(os.environ.get("LOCAL_RANK", "0"))
    on_gpu = torch.cuda.is_available() and torch.cuda.device_count() > local
    if on_gpu:
        torch.cuda.set_device(local)
    dist.init_process_group("nccl" if on_gpu else "gloo")
    try:
        yield Ranks(rank, count, local)
    finally:
        dist.destroy_process_group()
