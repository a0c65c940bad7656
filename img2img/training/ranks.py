"""Several devices: the same weights on each, gradients averaged by hand.

Networks are not wrapped: a game charges a critic several times before one backward pass and differentiates its
gradients once more, which wrappers do not allow. Averaging one flat buffer after the backward pass is exact for all of
it, and files never carry a wrapper's `module.` prefix.
"""

from __future__ import annotations

import atexit
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn

from img2img.config.base import Refusal, UserError
from img2img.machine import choose_device


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

    @staticmethod
    def from_environment() -> Ranks:
        """As torchrun or `accelerate launch` has set it up; alone without one."""
        count = int(os.environ.get("WORLD_SIZE", "1"))
        if count == 1:
            return Ranks()
        return Ranks(int(os.environ["RANK"]), count, int(os.environ.get("LOCAL_RANK", "0")))

    @torch.no_grad()
    def average_gradients(self, weights: Sequence[nn.Parameter], votes: Tensor) -> Tensor:
        """Replaces each gradient by its mean over ranks; returns the mean of `votes`, 1-dim float32.

        In two messages: a byte a weight, by way of the CPU, and all gradients and votes.
        """
        if self.count == 1:
            return votes
        # What no rank has a gradient of, as in a phase in which it does not learn, is not stepped: zeros would be.
        present = torch.tensor([weight.grad is not None for weight in weights], dtype=torch.uint8)
        with _together():
            dist.all_reduce(present, op=dist.ReduceOp.MAX)
        learning = [weight for weight, somewhere in zip(weights, present.tolist(), strict=True) if somewhere]
        gradients = [torch.zeros_like(weight) if weight.grad is None else weight.grad for weight in learning]
        flat = votes.new_empty(sum(weight.numel() for weight in learning) + len(votes))
        *means, of_votes = _views(flat, [*learning, votes])
        torch._foreach_copy_([*means, of_votes], [*gradients, votes])
        with _together():
            dist.all_reduce(flat)
        flat.div_(self.count)
        for weight, mean in zip(learning, means, strict=True):
            weight.grad = mean  # a view: nothing is copied back
        return of_votes

    @torch.no_grad()
    def average_buffers(self, modules: Iterable[nn.Module]) -> None:
        """Replaces each float buffer by its mean over ranks: what ranks have seen of their own pictures.

        Batch norm's statistics, mean styles and lengths of paths, that is. Not while a backward pass is still to come
        that may need them.
        """
        buffers = [buffer for module in modules for buffer in module.buffers() if buffer.is_floating_point()]
        if self.count > 1 and buffers:
            self._replace_by_means(buffers)

    def _replace_by_means(self, tensors: list[Tensor]) -> None:
        flat = torch.cat([tensor.reshape(-1).float() for tensor in tensors])
        with _together():
            dist.all_reduce(flat)
        means = flat.div_(self.count).split([tensor.numel() for tensor in tensors])
        torch._foreach_copy_(tensors, [mean.view(tensor.shape) for tensor, mean in zip(tensors, means, strict=True)])

    def mean(self, value: Tensor) -> Tensor:
        """The mean over ranks."""
        if self.count == 1:
            return value
        value = value.clone()
        with _together():
            dist.all_reduce(value)
        return value / self.count

    @torch.no_grad()
    def share(self, modules: Iterable[nn.Module]) -> None:
        """Gives every rank the first one's weights and buffers."""
        if self.count == 1:
            return
        for module in modules:
            for tensor in [*module.parameters(), *module.buffers()]:
                with _together():
                    dist.broadcast(tensor.data, src=0)

    def gather(self, mine: Any) -> list[Any] | None:
        """Every rank's object, in order, on the first rank; None on the others."""
        if self.count == 1:
            return [mine]
        everyone: list[Any] | None = [None] * self.count if self.is_first else None
        with _together():
            dist.gather_object(mine, everyone)
        return everyone

    def everyones(self, mine: Any) -> list[Any]:
        """Every rank's object, in order, on every rank."""
        if self.count == 1:
            return [mine]
        everyone: list[Any] = [None] * self.count
        with _together():
            dist.all_gather_object(everyone, mine)
        return everyone

    def of_first(self, mine: Any) -> Any:
        """The first rank's object, on every rank."""
        if self.count == 1:
            return mine
        parcel = [mine]
        with _together():
            dist.broadcast_object_list(parcel, src=0)
        return parcel[0]

    def wait(self) -> None:
        """Until all ranks are here."""
        if self.count > 1:
            with _together():
                dist.barrier()


def _views(flat: Tensor, tensors: Sequence[Tensor]) -> list[Tensor]:
    """Parts of the flat tensor that lie one after another, each of the shape and layout of one of the tensors."""
    views, start = [], flat.storage_offset()
    for tensor in tensors:
        views.append(flat.as_strided(tensor.shape, tensor.stride(), start))
        start += tensor.numel()
    return views


class RankLost(UserError, RuntimeError):
    """Another rank has ended, and with it the run."""

    exit_code = 1


def device_of(ranks: Ranks, wanted: str) -> torch.device:
    """This rank's device: each has a GPU of its own, or all compute on CPUs. Raises Refusal where that cannot be."""
    if ranks.count > 1 and wanted.startswith("cuda:"):
        raise Refusal(
            f"--device {wanted}: {ranks.count} ranks would share one GPU; --device cuda gives each its own, of "
            f"those in CUDA_VISIBLE_DEVICES"
        )
    if ranks.count > 1 and wanted in ("auto", "cuda") and torch.cuda.is_available():
        here, gpus = int(os.environ.get("LOCAL_WORLD_SIZE", ranks.local + 1)), torch.cuda.device_count()
        if here > gpus:
            raise Refusal(
                f"{here} ranks on a machine where torch sees {gpus} CUDA devices; start {gpus} of them, or use "
                f"--device cpu"
            )
    device = choose_device(wanted, ranks.local)
    if ranks.count > 1 and device.type == "mps":
        raise Refusal(f"--device {wanted}: {ranks.count} ranks would share one GPU; use --device cpu, or one rank")
    return device


@contextmanager
def process_group(ranks: Ranks, device: torch.device) -> Iterator[None]:
    """Joins the other ranks, if any; `device` is where this one computes.

    Only what went well says good-bye: a rank that fails would wait for those that wait for it. It ends, and the others
    lose it.
    """
    if ranks.count == 1:
        yield
        return
    if device.type == "cuda":
        torch.cuda.set_device(device)
        dist.init_process_group("cpu:gloo,cuda:nccl", device_id=device)
    else:
        dist.init_process_group("gloo")
    try:
        yield
    except BaseException as error:
        code = error.exit_code if isinstance(error, UserError) else 130 if isinstance(error, KeyboardInterrupt) else 1
        atexit.register(_end_at_once, code)
        raise
    dist.destroy_process_group()


def _end_at_once(code: int) -> None:
    """Without the destructors of the process group, which may wait for ranks that are gone."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


@contextmanager
def _together() -> Iterator[None]:
    """One line for a message that another rank does not answer."""
    try:
        yield
    except RuntimeError as error:
        raise RankLost(f"another rank has ended; it has said why ({str(error).splitlines()[0]})") from None
