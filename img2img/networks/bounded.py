"""Networks that somebody else's card describes: built no further than the tensors that came with it."""

from __future__ import annotations

from typing import Any

from torch import nn
from torch.nn.modules.module import (
    register_module_buffer_registration_hook,
    register_module_parameter_registration_hook,
)

from img2img.config.networks import AnySpec

from . import build


class TooManyTensors(Exception):
    """A network has more tensors than there are."""


def built_within(spec: AnySpec, most: int) -> nn.Module:
    """As `build`. Raises TooManyTensors as soon as the network gets more than eight times `most` parameters and
    buffers: spectral norm registers a weight six times, and some are not kept in files."""
    count = 0

    def registered(module: nn.Module, name: str, value: Any) -> None:
        nonlocal count
        count += value is not None
        if count > 8 * most + 64:
            raise TooManyTensors(f"its card describes more than the {most} tensors that it holds")

    hooks = [
        register_module_parameter_registration_hook(registered),
        register_module_buffer_registration_hook(registered),
    ]
    try:
        return build(spec)
    finally:
        for hook in hooks:
            hook.remove()
