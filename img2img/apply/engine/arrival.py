"""Tensors on their way from the device to the host: asked for early, waited for late."""

from __future__ import annotations

import torch
from torch import Tensor


def computes_apart(device: torch.device) -> bool:
    """Whether the host may go on while the device computes, and copies run beside."""
    return device.type not in ("cpu", "mps")


def sent(batch: Tensor, device: torch.device) -> Tensor:
    """A tensor of the host on the device, through pinned memory where that lets the host go on."""
    if device.type == "cuda":
        batch = batch.pin_memory()  # the allocator keeps such memory for the next one, and until the copy is done
    return batch.to(device, non_blocking=computes_apart(device))


class Arrival:
    """A tensor that is asked for when this is made, and is there when `wait` returns."""

    def __init__(self, tensor: Tensor) -> None:
        self._tensor = tensor
        self._event: torch.cuda.Event | None = None
        if tensor.device.type == "cuda":
            self._tensor = torch.empty(tensor.shape, dtype=tensor.dtype, pin_memory=True)
            self._tensor.copy_(tensor, non_blocking=True)
            self._event = torch.cuda.Event()
            self._event.record(torch.cuda.current_stream(tensor.device))

    def wait(self) -> Tensor:
        """The tensor, on the host; a CPU's own is not copied."""
        if self._event is not None:
            self._event.synchronize()
        return self._tensor.cpu()
