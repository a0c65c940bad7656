"""What `auto` stands for: the arithmetic and the memory layout that are fastest, by machine and work."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Literal

import torch

Precision = Literal["fp32", "bf16", "fp16"]
Work = Literal["train", "train translate", "train upscale", "train inpaint", "apply", "translate"]
"""By task where a machine has a row for it; else what is trained goes by `train`, what is applied by `apply`."""
Machine = Literal["cuda", "cuda without bf16", "mps", "cpu with bf16", "cpu"]

NHWC, NCHW = torch.channels_last, torch.contiguous_format

FASTEST: Mapping[tuple[Machine, Work], Mapping[Precision, torch.memory_format]] = {
    ("cuda", "train"): {"bf16": NHWC, "fp32": NHWC},
    # float16 comes closer than bfloat16: photo-x4 is off by 0.01 against 0.08 levels of 255 in the mean.
    ("cuda", "apply"): {"fp16": NHWC, "bf16": NHWC, "fp32": NHWC},
    ("cuda without bf16", "train"): {"fp32": NHWC},
    ("cuda without bf16", "apply"): {"fp16": NHWC, "fp32": NHWC},
    ("mps", "train"): {"fp32": NHWC},
    ("mps", "apply"): {"fp32": NHWC},
    # CPU s of one thread against fp32 NHWC, AMD EPYC (Zen 4), torch 2.14, one step: gan at 64 px bf16 NCHW 1.78, NHWC
    # 1.81, fp32 NCHW 0.95. So bf16 pays, but no whole run from noise was compared.
    ("cpu with bf16", "train"): {"fp32": NHWC, "bf16": NCHW},
    # As above, tools/bench_train.py at 256 px: bf16 NCHW 1.72 in pix2pix, 2.1 in CycleGAN. Runs end alike, by
    # tools/compare_precisions.py, 64 px, 200 to 300 steps, 3 seeds: of one seed, PSNR on held-out pictures is 0.02 dB
    # apart in pix2pix (0.13 between the seeds of fp32) and 0.05 in CycleGAN (0.12), all losses less than seeds; LPIPS
    # 0.003 (0.010) and 0.007 (0.005, the one figure of 18 beyond; the means are 0.465 and, of fp32, 0.462).
    ("cpu with bf16", "train translate"): {"bf16": NCHW, "fp32": NHWC},
    # tools/first_gpu_minutes.py --only layouts: bf16 NHWC 1.45 in pixels, 1.54 with a critic, NCHW 1.39 and 1.41, fp32
    # NCHW 0.93 and 0.95. Runs as above, of 2 seeds: 0.04 dB apart (0.04), LPIPS 0.0001 (0.015), losses less than seeds.
    ("cpu with bf16", "train upscale"): {"bf16": NHWC, "fp32": NHWC},
    # As above: bf16 NCHW 1.33 and 1.37, NHWC 1.25 and 1.23, fp32 NCHW 1.04 and 1.18. Runs of 3 seeds: the mean PSNR is
    # 20.37 dB in both, of one seed 0.115 apart (0.107), LPIPS 0.001 (0.006), all losses within those of seeds.
    ("cpu with bf16", "train inpaint"): {"bf16": NCHW, "fp32": NCHW},
    # CPU s against fp32 NHWC: photo-x4 bf16 NHWC 2.25, NCHW 1.86, fp32 NCHW 0.74; light-x4 1.82, 1.48, 0.70;
    # photo-inpaint 1.69, 1.38, 0.90; pix2pix's U-Net 1.30, 1.19, 0.80. In levels of 255 photo-x4 moves by 0.13 rms,
    # light-x4 by 0.04, the U-Net, untrained, by 0.84.
    ("cpu with bf16", "apply"): {"bf16": NHWC, "fp32": NHWC},
    # No trained translator was looked at in bf16.
    ("cpu with bf16", "translate"): {"fp32": NHWC, "bf16": NHWC},
    ("cpu", "train"): {"fp32": NHWC},
    ("cpu", "apply"): {"fp32": NHWC},
}
"""Precisions in order of preference, each with its layout; `auto` is the first that the network takes."""


def training(task: str) -> Work:
    """The work of a training for this task; that of generators from noise has no name of its own."""
    works: Mapping[str, Work] = {
        "translate": "train translate",
        "upscale": "train upscale",
        "inpaint": "train inpaint",
    }
    return works.get(task, "train")


def machine_of(device: torch.device) -> Machine:
    """The row of a device."""
    if device.type == "cuda":
        return "cuda" if torch.cuda.is_bf16_supported(including_emulation=False) else "cuda without bf16"
    if device.type == "mps":
        return "mps"
    return "cpu with bf16" if _cpu_has_bf16() else "cpu"


def fastest(device: torch.device, work: Work) -> tuple[Precision, ...]:
    """Precisions that pay on this device, the best first; fp32 is the last."""
    return tuple(_row(device, work))


def layout_of(device: torch.device, work: Work, precision: Precision) -> torch.memory_format:
    """The memory layout of networks and pictures; NHWC where nothing was measured."""
    return _row(device, work).get(precision, NHWC)


def _row(device: torch.device, work: Work) -> Mapping[Precision, torch.memory_format]:
    machine = machine_of(device)
    return FASTEST.get((machine, work)) or FASTEST[machine, "train" if work.startswith("train") else "apply"]


def _cpu_has_bf16() -> bool:
    """AVX512-BF16, which CPUs with AMX have, too. ARM's BF16 was not measured, so that it counts as none."""
    with suppress(AttributeError):  # get_capabilities is younger than the oldest torch that we take
        in_use = torch.backends.cpu.get_cpu_capability() == "AVX512" and torch.backends.mkldnn.is_available()
        return in_use and bool(torch.cpu.get_capabilities().get("avx512_bf16"))
    return False
