"""Where and in which arithmetic a run computes."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Literal

import torch

from img2img.config.base import Refusal

Precision = Literal["fp32", "bf16", "fp16"]

_DTYPES = {"bf16": torch.bfloat16, "fp16": torch.float16}


def choose_device(wanted: str, local_rank: int = 0) -> torch.device:
    """The device named, or for `auto` the first there is of cuda, mps, cpu. Raises Refusal where it is not there."""
    if wanted == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda", local_rank)
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    try:
        device = torch.device(wanted)
    except RuntimeError:
        raise Refusal(f"--device {wanted}: no such device; auto, cpu, mps, cuda, cuda:0, cuda:1, ...") from None
    if device.type == "cuda" and (not torch.cuda.is_available() or (device.index or 0) >= torch.cuda.device_count()):
        raise Refusal(f"--device {wanted}: torch sees {torch.cuda.device_count()} CUDA devices here")
    if device.type == "mps" and not torch.backends.mps.is_available():
        raise Refusal("--device mps: torch sees no MPS device here")
    if device.type not in ("cpu", "cuda", "mps"):
        raise Refusal(f"--device {wanted}: allowed are auto, cpu, mps, cuda, cuda:0, cuda:1, ...")
    return torch.device("cuda", local_rank) if wanted == "cuda" else device


def choose_precision(wanted: Literal["auto", "fp32", "bf16", "fp16"], device: torch.device) -> Precision:
    """bf16 for `auto` on a CUDA device that has it, else fp32. Raises Refusal for fp16 on a CPU."""
    if wanted == "auto":
        return "bf16" if device.type == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False) else "fp32"
    if wanted == "fp16" and device.type == "cpu":
        raise Refusal("--precision fp16 needs a GPU: on a CPU use fp32 or bf16")
    return wanted


def arithmetic(precision: Precision, device: torch.device) -> AbstractContextManager[object]:
    """The autocast context of the networks' forward passes."""
    if precision == "fp32":
        return nullcontext()
    return torch.autocast(device.type, dtype=_DTYPES[precision])
