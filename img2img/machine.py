"""The machine that a run computes on: its devices, their arithmetic, how much memory is free."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext, suppress
from pathlib import Path
from typing import Literal

import torch

from img2img.config.base import Refusal
from img2img.fastest import Precision, Work, fastest

DTYPES: Mapping[Precision, torch.dtype] = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}


def free_bytes(device: torch.device) -> int:
    """Bytes that the device can still take, this process's own unused blocks included."""
    if device.type == "cuda":
        free, _ = torch.cuda.mem_get_info(device)
        return free + torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
    if device.type == "mps":
        return torch.mps.recommended_max_memory() - torch.mps.driver_allocated_memory()
    return free_memory()


def memory_gib(device: torch.device) -> float:
    """The most memory that this process has held, GiB: of the CUDA device, else of the computer.

    On MPS what the driver holds now, which has no peak; 0 where the system does not tell (Windows).
    """
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device) / 2**30
    if device.type == "mps":
        return torch.mps.driver_allocated_memory() / 2**30
    if sys.platform == "win32":
        return 0.0
    import resource  # Unix only

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**30 if sys.platform == "darwin" else peak / 2**20  # bytes on macOS, KiB elsewhere


def choose_device(wanted: str, local_rank: int = 0) -> torch.device:
    """The device named, or for `auto` the first there is of cuda, mps, cpu; a CUDA device is made ready.

    Raises Refusal where it is not there.
    """
    device = _found_device(wanted, local_rank)
    if device.type == "cuda":
        torch.cuda.set_device(device)  # or pinned memory and questions without a device go to the first one
        # TF32's 10 bits of mantissa are no float32: penalties, metrics, 16-bit photos. cuDNN's is on by default, that
        # of matrix products in NVIDIA's containers.
        torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = False
    return device


def _found_device(wanted: str, local_rank: int) -> torch.device:
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


def choose_precision(
    wanted: Literal["auto", "fp32", "bf16", "fp16"], device: torch.device, work: Work = "train"
) -> Precision:
    """What a run computes in; for `auto` what trains fastest on the device. Raises Refusal for fp16 on a CPU."""
    if wanted == "auto":
        return fastest(device, work)[0]
    require_precision(wanted, device)
    return wanted


def require_precision(wanted: str, device: torch.device) -> None:
    """Raises Refusal for fp16 on a CPU."""
    if wanted == "fp16" and device.type == "cpu":
        raise Refusal("--precision fp16 needs a GPU: on a CPU use fp32 or bf16")


def arithmetic(precision: Precision, device: torch.device) -> AbstractContextManager[object]:
    """The autocast context of the networks' forward passes."""
    if precision == "fp32":
        return nullcontext()
    return torch.autocast(device.type, dtype=DTYPES[precision])


def cached_casts(device: torch.device) -> AbstractContextManager[object]:
    """A context in which `arithmetic` casts each weight once, however often it is entered.

    Whoever changes a weight in it calls torch.clear_autocast_cache().
    """
    return torch.autocast(device.type, enabled=False)


ASSUMED = 4 * 2**30
"""Bytes taken to be free where the system does not say."""

CGROUP = Path("/sys/fs/cgroup")


def free_memory(cgroup: Path = CGROUP) -> int:
    """Bytes that a process can still take: what the machine has free, and what a container's limit leaves of it."""
    free = _free_of_machine()
    with suppress(OSError, ValueError):  # no cgroup, or "max": no limit
        limit = int((cgroup / "memory.max").read_text())
        free = min(free, limit - int((cgroup / "memory.current").read_text()))
    return max(free, 0)


def _free_of_machine() -> int:
    with suppress(OSError):
        for line in Path("/proc/meminfo").read_text().splitlines():
            name, _, value = line.partition(":")
            if name == "MemAvailable":
                return int(value.split()[0]) * 1024
    with suppress(AttributeError, ValueError, OSError):  # no sysconf on Windows, and no such name on some systems
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2
    return ASSUMED
