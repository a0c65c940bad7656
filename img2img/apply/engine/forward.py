"""One call of a network on a batch of windows: device, precision, and a second try where the result is not finite."""

import copy
import warnings
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from math import isfinite

import torch
from torch import Tensor, nn

from img2img.config.base import UserError
from img2img.images.samples import as_floats

from .arrival import Arrival, sent

Network = Callable[[Tensor], Tensor]
Notify = Callable[[str], None]


class NotFiniteError(UserError, ArithmeticError):
    """The network gives NaN or infinity even in float32."""

    exit_code = 1


class WrongShapeError(UserError, ValueError):
    """The network gives pictures of another size than its weights' card says."""

    exit_code = 1


class Forward:
    """Runs a network under inference mode on its own device; takes pictures of the CPU, gives float32 on the device.

    It takes uint8 and uint16, too: they become floats on the device, a window at a time.

    precision: the autocast type, torch.float32 for none, or None for whatever the caller has switched on.
    scale: the factor by which the network enlarges.
    """

    def __init__(self, net: Network, scale: int, precision: torch.dtype | None, report: Notify | None) -> None:
        self._net = net
        self._exact: Network | None = None
        self._scale = scale
        self._precision = precision
        self._report = report or warn
        self.device, self._dtype = _home(net)

    def report(self, line: str) -> None:
        """Tell the user."""
        self._report(line)

    def __call__(self, batch: Tensor, places: list[str]) -> Tensor:
        """(N, C, h, w) → (N, C', h * scale, w * scale).

        Raises NotFiniteError with the place of the window, WrongShapeError.
        """
        return self.start(batch, places)()

    @torch.inference_mode()
    def start(self, batch: Tensor, places: list[str]) -> Callable[[], Tensor]:
        """As a call, in two steps: what waits for the result and gives it. A GPU computes meanwhile."""
        with self._autocast():
            out = self._net(as_floats(sent(batch, self.device)).to(self._dtype))
        height, width = batch.shape[-2] * self._scale, batch.shape[-1] * self._scale
        if out.ndim != 4 or out.shape[0] != len(batch) or out.shape[-2:] != (height, width):
            raise WrongShapeError(
                f"the network turns {tuple(batch.shape)} into {tuple(out.shape)}; "
                f"allowed with scale {self._scale}: ({len(batch)}, C, {height}, {width})"
            )
        out = out.to(torch.float32)
        # A sum is finite only if all of its numbers are, and takes a third of the time of looking at each.
        return partial(self._finite, out, Arrival(out.sum((1, 2, 3))), batch, places)

    @torch.inference_mode()
    def _finite(self, out: Tensor, sums: Arrival, batch: Tensor, places: list[str]) -> Tensor:
        """The result, pictures that are not finite computed again."""
        doubtful = [number for number, total in enumerate(sums.wait().tolist()) if not isfinite(total)]
        for number in doubtful:
            if not bool(out[number].isfinite().all()):
                out[number] = self._again(batch[number : number + 1], places[number])[0]
        return out

    def _again(self, batch: Tensor, place: str) -> Tensor:
        if self._exact is None:
            self._report(f"result not finite at {place}: computed again in float32")
            self._exact = self._net
            if self._dtype != torch.float32 and isinstance(self._net, nn.Module):
                self._exact = copy.deepcopy(self._net).float()
        with torch.autocast(self.device.type, enabled=False):
            out = self._exact(as_floats(sent(batch, self.device)).to(torch.float32)).to(torch.float32)
        if not torch.isfinite(out).all():
            raise NotFiniteError(f"the network's result is not finite at {place}, in float32 neither")
        return out

    def _autocast(self) -> torch.autocast | nullcontext[None]:
        if self._precision is None:
            return nullcontext()
        return torch.autocast(self.device.type, self._precision, enabled=self._precision != torch.float32)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error is a lack of memory, on any device."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    text = str(error).lower()
    signs = ("out of memory", "can't allocate memory", "alloc_failed")
    return isinstance(error, RuntimeError) and any(sign in text for sign in signs)


def warn(line: str) -> None:
    """The report of callers that give none."""
    warnings.warn(line, RuntimeWarning, stacklevel=2)


def _home(net: Network) -> tuple[torch.device, torch.dtype]:
    if isinstance(net, nn.Module):
        for parameter in net.parameters():
            if parameter.is_floating_point():
                return parameter.device, parameter.dtype
    return torch.device("cpu"), torch.float32
