"""Autocast of the pretended accelerator, with the lists that CUDA has: which ops compute in 16 bits, which in 32.

The lists of 16 bits and of the widest type are those of torch's documentation ("Autocast Op Reference"); every other op
for which this torch has something to do under CUDA's autocast computes in float32.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.utils._pytree import tree_leaves, tree_map

from support.accelerator import NAME

NARROW = frozenset({
    "__matmul__", "_convolution", "addbmm", "addmm", "addmv", "addr", "baddbmm", "bmm", "chain_matmul", "conv1d",
    "conv2d", "conv3d", "conv_tbc", "conv_transpose1d", "conv_transpose2d.input", "conv_transpose3d.input",
    "convolution", "einsum", "linalg_multi_dot", "linalg_vecdot", "linear", "matmul", "mm", "mv", "prelu",
    "scaled_dot_product_attention",
})  # fmt: skip
WIDEST = frozenset({
    "addcdiv", "addcmul", "atan2", "bilinear", "cross", "dot", "grid_sampler", "index_put", "scatter_add", "tensordot",
    "vdot",
})  # fmt: skip
LEFT = (
    "_cudnn",
    "_thnn",
    "cudnn_",
    "gru",
    "lstm",
    "rnn_",
    "_convolution.dep",
    "binary_cross_entropy",
    "rms_norm",
)
"""What no network here has, or what CUDA's autocast refuses."""

_KEYS = torch._C.DispatchKeySet(torch._C.DispatchKey.AutocastPrivateUse1)
_kept: list[torch.library.Library] = []
_casts: dict[int, tuple[Tensor, Tensor]] = {}
"""By a weight's id, the weight and its cast."""
_clear_torchs = torch.clear_autocast_cache


def register() -> int:
    """Teaches autocast of the accelerator what CUDA's does. Returns how many ops have a rule."""
    rest, rules = (
        torch.library.Library("_", "IMPL", "AutocastPrivateUse1"),
        torch.library.Library("aten", "IMPL", "AutocastPrivateUse1"),
    )
    rest.fallback(torch.library.fallthrough_kernel)
    torch.clear_autocast_cache = _clear
    _kept.extend([rest, rules])  # they forget their rules when they are let go
    known = 0
    for full in torch._C._dispatch_get_all_op_names():
        name = full.removeprefix("aten::")
        if name == full or name.startswith(LEFT) or not _cuda_has_a_rule(full):
            continue
        packet, _, overload = name.partition(".")
        op = getattr(getattr(torch.ops.aten, packet), overload or "default")
        rules.impl(name, _rule(op, _narrow if name in NARROW else _widest if name in WIDEST else _single))
        known += 1
    return known


def _cuda_has_a_rule(full: str) -> bool:
    return bool(torch._C._dispatch_has_kernel_for_dispatch_key(full, "AutocastCUDA"))


def _rule(op: Any, dtype_of: Callable[[list[Tensor]], torch.dtype]) -> Callable[..., Any]:
    def cast(*args: Any, **kwargs: Any) -> Any:
        with torch._C._ExcludeDispatchKeyGuard(_KEYS):
            floats = [leaf for leaf in tree_leaves((args, kwargs)) if _is_cast(leaf)]
            dtype = dtype_of(floats)
            args, kwargs = tree_map(lambda x: _in_type(x, dtype) if _is_cast(x) else x, (args, kwargs))
            return op(*args, **kwargs)

    return cast


def _in_type(value: Tensor, dtype: torch.dtype) -> Tensor:
    """Weights that learn are cast once, until the cache is cleared, as by torch's own rules."""
    if value.dtype == dtype:
        return value
    if not (
        value.requires_grad and value.is_leaf and value.dtype == torch.float32 and torch.is_autocast_cache_enabled()
    ):
        return value.to(dtype)
    if id(value) not in _casts:
        _casts[id(value)] = value, value.to(dtype)
    return _casts[id(value)][1]


def _clear() -> None:
    _casts.clear()
    _clear_torchs()


def _is_cast(value: Any) -> bool:
    return (
        isinstance(value, Tensor)
        and value.is_floating_point()
        and value.device.type == NAME
        and value.dtype != torch.float64
    )


def _narrow(floats: list[Tensor]) -> torch.dtype:
    return torch.get_autocast_dtype(NAME)


def _single(floats: list[Tensor]) -> torch.dtype:
    return torch.float32


def _widest(floats: list[Tensor]) -> torch.dtype:
    return torch.float32 if any(value.dtype == torch.float32 for value in floats) else torch.get_autocast_dtype(NAME)
